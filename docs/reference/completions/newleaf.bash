_newleaf() {
    local i cur prev opts cmd
    COMPREPLY=()
    if [[ "${BASH_VERSINFO[0]}" -ge 4 ]]; then
        cur="$2"
    else
        cur="${COMP_WORDS[COMP_CWORD]}"
    fi
    prev="$3"
    cmd=""
    opts=""

    for i in "${COMP_WORDS[@]:0:COMP_CWORD}"
    do
        case "${cmd},${i}" in
            ",$1")
                cmd="newleaf"
                ;;
            newleaf,bootstrap)
                cmd="newleaf__subcmd__bootstrap"
                ;;
            newleaf,completion)
                cmd="newleaf__subcmd__completion"
                ;;
            newleaf,explain)
                cmd="newleaf__subcmd__explain"
                ;;
            newleaf,help)
                cmd="newleaf__subcmd__help"
                ;;
            newleaf,man)
                cmd="newleaf__subcmd__man"
                ;;
            newleaf,manifests)
                cmd="newleaf__subcmd__manifests"
                ;;
            newleaf,plan)
                cmd="newleaf__subcmd__plan"
                ;;
            newleaf,reference)
                cmd="newleaf__subcmd__reference"
                ;;
            newleaf,rotate)
                cmd="newleaf__subcmd__rotate"
                ;;
            newleaf,schema)
                cmd="newleaf__subcmd__schema"
                ;;
            newleaf,status)
                cmd="newleaf__subcmd__status"
                ;;
            newleaf,verify)
                cmd="newleaf__subcmd__verify"
                ;;
            newleaf__subcmd__help,bootstrap)
                cmd="newleaf__subcmd__help__subcmd__bootstrap"
                ;;
            newleaf__subcmd__help,completion)
                cmd="newleaf__subcmd__help__subcmd__completion"
                ;;
            newleaf__subcmd__help,explain)
                cmd="newleaf__subcmd__help__subcmd__explain"
                ;;
            newleaf__subcmd__help,help)
                cmd="newleaf__subcmd__help__subcmd__help"
                ;;
            newleaf__subcmd__help,man)
                cmd="newleaf__subcmd__help__subcmd__man"
                ;;
            newleaf__subcmd__help,manifests)
                cmd="newleaf__subcmd__help__subcmd__manifests"
                ;;
            newleaf__subcmd__help,plan)
                cmd="newleaf__subcmd__help__subcmd__plan"
                ;;
            newleaf__subcmd__help,reference)
                cmd="newleaf__subcmd__help__subcmd__reference"
                ;;
            newleaf__subcmd__help,rotate)
                cmd="newleaf__subcmd__help__subcmd__rotate"
                ;;
            newleaf__subcmd__help,schema)
                cmd="newleaf__subcmd__help__subcmd__schema"
                ;;
            newleaf__subcmd__help,status)
                cmd="newleaf__subcmd__help__subcmd__status"
                ;;
            newleaf__subcmd__help,verify)
                cmd="newleaf__subcmd__help__subcmd__verify"
                ;;
            *)
                ;;
        esac
    done

    case "${cmd}" in
        newleaf)
            opts="-o -q -v -d -n -h -V --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help --version bootstrap rotate plan status verify manifests explain completion schema man reference help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 1 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__bootstrap)
            opts="-o -q -v -d -n -h --adopt --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__completion)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help bash elvish fish powershell zsh"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__explain)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help)
            opts="bootstrap rotate plan status verify manifests explain completion schema man reference help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__bootstrap)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__completion)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__explain)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__help)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__man)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__manifests)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__plan)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__reference)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__rotate)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__schema)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__status)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__help__subcmd__verify)
            opts=""
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 3 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__man)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__manifests)
            opts="-o -q -v -d -n -h --image --schedule --admission-policy --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --image)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --schedule)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --admission-policy)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__plan)
            opts="-o -q -v -d -n -h --now --authority --id --job --exit-code --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --job)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__reference)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__rotate)
            opts="-o -q -v -d -n -h --now --authority --id --job --adopt --local --yes --wait --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --id)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --job)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --wait)
                    COMPREPLY=($(compgen -W "true false" -- "${cur}"))
                    return 0
                    ;;
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__schema)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__status)
            opts="-o -q -v -d -n -h --exit-code --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
        newleaf__subcmd__verify)
            opts="-o -q -v -d -n -h --config --output --color --quiet --verbose --log-format --log-filter --kubeconfig --context --as --as-group --pod --directory --namespace --authority-secret --authority-name --authority-algorithm --authority-lifetime --authority-renew-before --authority-certificate --authority-key --authority-chain --leaf-lifetime --leaf-rotate-after --leaf-backdate --leaf-algorithm --server-names --server-secret --server-keys-certificate --server-keys-key --server-keys-bundle --server-files-owner --server-files-group --server-files-key-mode --server-files-certificate-mode --client-name --client-secret --client-keys-certificate --client-keys-key --client-keys-bundle --client-files-owner --client-files-group --client-files-key-mode --client-files-certificate-mode --consumers --database-endpoints --database-user --database-name --database-server-name --deadlines-step --deadlines-run --deadlines-projection --help"
            if [[ ${cur} == -* || ${COMP_CWORD} -eq 2 ]] ; then
                COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
                return 0
            fi
            case "${prev}" in
                --config)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --output)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                -o)
                    COMPREPLY=($(compgen -W "table json yaml" -- "${cur}"))
                    return 0
                    ;;
                --color)
                    COMPREPLY=($(compgen -W "auto always never" -- "${cur}"))
                    return 0
                    ;;
                --log-format)
                    COMPREPLY=($(compgen -W "text json" -- "${cur}"))
                    return 0
                    ;;
                --log-filter)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --kubeconfig)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --context)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --as-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --pod)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --directory)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -d)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --namespace)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                -n)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-renew-before)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --authority-chain)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-lifetime)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-rotate-after)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-backdate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --leaf-algorithm)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-names)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --server-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-secret)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-certificate)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-key)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-keys-bundle)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-owner)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-group)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-key-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --client-files-certificate-mode)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --consumers)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-endpoints)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-user)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --database-server-name)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-step)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-run)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                --deadlines-projection)
                    COMPREPLY=($(compgen -f "${cur}"))
                    return 0
                    ;;
                *)
                    COMPREPLY=()
                    ;;
            esac
            COMPREPLY=( $(compgen -W "${opts}" -- "${cur}") )
            return 0
            ;;
    esac
}

if [[ "${BASH_VERSINFO[0]}" -eq 4 && "${BASH_VERSINFO[1]}" -ge 4 || "${BASH_VERSINFO[0]}" -gt 4 ]]; then
    complete -F _newleaf -o nosort -o bashdefault -o default newleaf
else
    complete -F _newleaf -o bashdefault -o default newleaf
fi
