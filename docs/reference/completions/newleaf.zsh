#compdef newleaf

autoload -U is-at-least

_newleaf() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'-V[Print version]' \
'--version[Print version]' \
":: :_newleaf_commands" \
"*::: :->newleaf" \
&& ret=0
    case $state in
    (newleaf)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:newleaf-command-$line[1]:"
        case $line[1] in
            (bootstrap)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'--adopt[Take over Secrets that somebody else made, for good]' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
'--id=[Identity of this rotation\: asking twice with the same one rotates once \[default\: the UID of the Job that it runs in, or a random one\]]:ID:_default' \
'--job=[The Job that this process belongs to\: the default of --id, so that all tries of a Job are one rotation]:UID:_default' \
'(--local)--wait=[From outside of a cluster\: wait for the Job, and end with its exit code]:BOOL:(true false)' \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'--now[Replace both leaves now, due or not]' \
'--authority[Replace the authority, and with it both leaves]' \
'--adopt[Take over Secrets that somebody else made, for good]' \
'--local[From outside of a cluster\: work here, with your own rights, instead of in a Job there]' \
'--yes[With --local\: agree to what the configuration in the cluster touches outside of its namespace]' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
'--id=[Identity of this rotation\: asking twice with the same one rotates once \[default\: the UID of the Job that it runs in, or a random one\]]:ID:_default' \
'--job=[The Job that this process belongs to\: the default of --id, so that all tries of a Job are one rotation]:UID:_default' \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'--now[Replace both leaves now, due or not]' \
'--authority[Replace the authority, and with it both leaves]' \
'--exit-code[End with 3 when something would be done]' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'--exit-code[End with 3 when something is to be done]' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(manifests)
_arguments "${_arguments_options[@]}" : \
'--image=[Container image]:IMAGE:_default' \
'--schedule=[When the CronJob starts, as cron has it; daily is right, as the age of a leaf decides]:SCHEDULE:_default' \
'--admission-policy=[Whether to print the admission policies that confine the accounts\: they belong to the whole cluster, and need an administrator of it]:BOOL:(true false)' \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::code -- The code, for example NL0407:_default' \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- The shell:(bash elvish fish powershell zsh)' \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':target -- The directory:_files' \
&& ret=0
;;
(reference)
_arguments "${_arguments_options[@]}" : \
'--config=[Configuration file \[default\: newleaf.yaml in the directory, if it is there\]]:FILE:_files' \
'-o+[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--output=[Form of the result on standard output]:FORMAT:((table\:"For people"
json\:"For machines"
yaml\:"For machines and people"))' \
'--color=[When to use colours; \`NO_COLOR\` is respected]:WHEN:(auto always never)' \
'--log-format=[Form of the log on standard error]:FORMAT:((text\:"For people"
json\:"One JSON object a line"))' \
'--log-filter=[What is logged, as tracing directives\: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them]:DIRECTIVES:_default' \
'--kubeconfig=[Kubeconfig file \[default\: KUBECONFIG, then ~/.kube/config; in a pod its service account\]]:FILE:_files' \
'--context=[Context of the kubeconfig \[default\: its current one\]]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'--pod=[The pod that this process is\: newleaf'\''s manifests say it, so that no further Job is started from there]:NAME:_default' \
'-d+[Directory that holds authority and leaves]:DIR:_default' \
'--directory=[Directory that holds authority and leaves]:DIR:_default' \
'-n+[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--namespace=[Namespace of the Secrets, on Kubernetes \[default\: the one of the kubeconfig'\''s context, or of the pod\]]:NAMESPACE:_default' \
'--authority-secret=[Secret that holds the authority, on Kubernetes \[default\: newleaf-authority\]]:NAME:_default' \
'--authority-name=[Start of the authority'\''s common name \[default\: newleaf\]]:NAME:_default' \
'--authority-algorithm=[Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--authority-lifetime=[How long an authority is valid \[default\: 3650d\]]:DURATION:_default' \
'--authority-renew-before=[How long before its end an authority gets a successor \[default\: 180d, or leaf.lifetime where that is longer\]]:DURATION:_default' \
'--authority-certificate=[File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none]:FILE:_default' \
'--authority-key=[File, or key of the Secret, with the private key of that authority]:FILE:_default' \
'--authority-chain=[File, or key of the Secret, with the certificates between that authority and its root, root last]:FILE:_default' \
'--leaf-lifetime=[How long a leaf is valid \[default\: 45d\]]:DURATION:_default' \
'--leaf-rotate-after=[Age at which a leaf is replaced \[default\: 30d\]]:DURATION:_default' \
'--leaf-backdate=[How far before its issue a leaf'\''s validity starts, for peers whose clock is behind \[default\: 1h\]]:DURATION:_default' \
'--leaf-algorithm=[Key algorithm of the leaves \[default\: ecdsa-p256\]]:ALGORITHM:_default' \
'--server-names=[Names and addresses that clients reach the server by \[default\: this machine'\''s fully qualified host name, where it has one, localhost, 127.0.0.1 and \:\:1; on Kubernetes each form of the endpoints'\'' names\]]:NAMES:_default' \
'--server-secret=[Secret that holds the server'\''s leaf, on Kubernetes \[default\: postgres-tls\]]:NAME:_default' \
'--server-keys-certificate=[Key of the server'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--server-keys-key=[Key of the server'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--server-keys-bundle=[Key of the server'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--server-files-owner=[Owner of the server'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--server-files-group=[Group of the server'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--server-files-key-mode=[Mode of the server'\''s key \[default\: 0600\]]:MODE:_default' \
'--server-files-certificate-mode=[Mode of the server'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--client-name=[Common name of the client'\''s leaf\: the database role \[default\: postgres\]]:NAME:_default' \
'--client-secret=[Secret that holds the client'\''s leaf, on Kubernetes \[default\: backstage-tls\]]:NAME:_default' \
'--client-keys-certificate=[Key of the client'\''s certificate in its Secret \[default\: tls.crt\]]:KEY:_default' \
'--client-keys-key=[Key of the client'\''s private key in its Secret \[default\: tls.key\]]:KEY:_default' \
'--client-keys-bundle=[Key of the client'\''s trust bundle in its Secret \[default\: ca.crt\]]:KEY:_default' \
'--client-files-owner=[Owner of the client'\''s files, by name or number \[default\: the user of the process\]]:USER:_default' \
'--client-files-group=[Group of the client'\''s files, by name or number \[default\: the owner'\''s group\]]:GROUP:_default' \
'--client-files-key-mode=[Mode of the client'\''s key \[default\: 0600\]]:MODE:_default' \
'--client-files-certificate-mode=[Mode of the client'\''s certificate and trust bundle \[default\: 0644\]]:MODE:_default' \
'--consumers=[Workloads that load the leaves, in pick-up order, as a YAML list \[default\: none\]]:YAML:_default' \
'--database-endpoints=[Every HOST or HOST\:PORT behind the database'\''s name; each must show the new certificate]:ENDPOINTS:_default' \
'--database-user=[Role to log in as \[default\: the value of client.name\]]:ROLE:_default' \
'--database-name=[Database to log in to \[default\: postgres\]]:NAME:_default' \
'--database-server-name=[Name to verify the server'\''s certificate by \[default\: the host of each endpoint\]]:NAME:_default' \
'--deadlines-step=[How long one step may take \[default\: 3m\]]:DURATION:_default' \
'--deadlines-run=[How long a run may take, the wait for the lock included \[default\: 10m\]]:DURATION:_default' \
'--deadlines-projection=[How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long \[default\: 150s\]]:DURATION:_default' \
'(-v --verbose)-q[Only the result and errors]' \
'(-v --verbose)--quiet[Only the result and errors]' \
'*-v[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'*--verbose[More of newleaf'\''s own log\: -v information, -vv details, -vvv everything]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':target -- The directory, usually docs:_files' \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
":: :_newleaf__subcmd__help_commands" \
"*::: :->help" \
&& ret=0

    case $state in
    (help)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:newleaf-help-command-$line[1]:"
        case $line[1] in
            (bootstrap)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(rotate)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(plan)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(status)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(verify)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(manifests)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(explain)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(schema)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(man)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(reference)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
(help)
_arguments "${_arguments_options[@]}" : \
&& ret=0
;;
        esac
    ;;
esac
;;
        esac
    ;;
esac
}

(( $+functions[_newleaf_commands] )) ||
_newleaf_commands() {
    local commands; commands=(
'bootstrap:Make what is missing, mend what is broken' \
'rotate:Replace what is due, or what is forced' \
'plan:Show what rotate would do, and why' \
'status:Show certificates, consumers and what is wrong' \
'verify:Prove that what is stored works and is in use' \
'manifests:Print what a cluster needs to run newleaf by itself' \
'explain:Explain an error code, or list them all' \
'completion:Write the completion script of a shell to standard output' \
'schema:Write the JSON Schema of the configuration file to standard output' \
'man:Write the manual pages into a directory' \
'reference:Write the generated reference into a directory, and the manifests beside it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'newleaf commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__bootstrap_commands] )) ||
_newleaf__subcmd__bootstrap_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf bootstrap commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__completion_commands] )) ||
_newleaf__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf completion commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__explain_commands] )) ||
_newleaf__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf explain commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help_commands] )) ||
_newleaf__subcmd__help_commands() {
    local commands; commands=(
'bootstrap:Make what is missing, mend what is broken' \
'rotate:Replace what is due, or what is forced' \
'plan:Show what rotate would do, and why' \
'status:Show certificates, consumers and what is wrong' \
'verify:Prove that what is stored works and is in use' \
'manifests:Print what a cluster needs to run newleaf by itself' \
'explain:Explain an error code, or list them all' \
'completion:Write the completion script of a shell to standard output' \
'schema:Write the JSON Schema of the configuration file to standard output' \
'man:Write the manual pages into a directory' \
'reference:Write the generated reference into a directory, and the manifests beside it' \
'help:Print this message or the help of the given subcommand(s)' \
    )
    _describe -t commands 'newleaf help commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__bootstrap_commands] )) ||
_newleaf__subcmd__help__subcmd__bootstrap_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help bootstrap commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__completion_commands] )) ||
_newleaf__subcmd__help__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help completion commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__explain_commands] )) ||
_newleaf__subcmd__help__subcmd__explain_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help explain commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__help_commands] )) ||
_newleaf__subcmd__help__subcmd__help_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help help commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__man_commands] )) ||
_newleaf__subcmd__help__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help man commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__manifests_commands] )) ||
_newleaf__subcmd__help__subcmd__manifests_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help manifests commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__plan_commands] )) ||
_newleaf__subcmd__help__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help plan commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__reference_commands] )) ||
_newleaf__subcmd__help__subcmd__reference_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help reference commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__rotate_commands] )) ||
_newleaf__subcmd__help__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help rotate commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__schema_commands] )) ||
_newleaf__subcmd__help__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help schema commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__status_commands] )) ||
_newleaf__subcmd__help__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help status commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__help__subcmd__verify_commands] )) ||
_newleaf__subcmd__help__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf help verify commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__man_commands] )) ||
_newleaf__subcmd__man_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf man commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__manifests_commands] )) ||
_newleaf__subcmd__manifests_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf manifests commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__plan_commands] )) ||
_newleaf__subcmd__plan_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf plan commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__reference_commands] )) ||
_newleaf__subcmd__reference_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf reference commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__rotate_commands] )) ||
_newleaf__subcmd__rotate_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf rotate commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__schema_commands] )) ||
_newleaf__subcmd__schema_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf schema commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__status_commands] )) ||
_newleaf__subcmd__status_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf status commands' commands "$@"
}
(( $+functions[_newleaf__subcmd__verify_commands] )) ||
_newleaf__subcmd__verify_commands() {
    local commands; commands=()
    _describe -t commands 'newleaf verify commands' commands "$@"
}

if [ "$funcstack[1]" = "_newleaf" ]; then
    _newleaf "$@"
else
    compdef _newleaf newleaf
fi
