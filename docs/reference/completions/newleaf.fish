# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_newleaf_global_optspecs
    string join \n config= o/output= color= q/quiet v/verbose log-format= log-filter= kubeconfig= context= as= as-group= pod= d/directory= n/namespace= authority-secret= authority-name= authority-algorithm= authority-lifetime= authority-renew-before= authority-certificate= authority-key= authority-chain= leaf-lifetime= leaf-rotate-after= leaf-backdate= leaf-algorithm= server-names= server-secret= server-keys-certificate= server-keys-key= server-keys-bundle= server-files-owner= server-files-group= server-files-key-mode= server-files-certificate-mode= client-name= client-secret= client-keys-certificate= client-keys-key= client-keys-bundle= client-files-owner= client-files-group= client-files-key-mode= client-files-certificate-mode= consumers= database-endpoints= database-user= database-name= database-server-name= deadlines-step= deadlines-run= deadlines-projection= h/help V/version
end

function __fish_newleaf_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_newleaf_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_newleaf_using_subcommand
    set -l cmd (__fish_newleaf_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c newleaf -n "__fish_newleaf_needs_command" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_needs_command" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_needs_command" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_needs_command" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_needs_command" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_needs_command" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_needs_command" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_needs_command" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_needs_command" -s V -l version -d 'Print version'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "bootstrap" -d 'Make what is missing, mend what is broken'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "rotate" -d 'Replace what is due, or what is forced'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "plan" -d 'Show what rotate would do, and why'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "status" -d 'Show certificates, consumers and what is wrong'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "verify" -d 'Prove that what is stored works and is in use'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "manifests" -d 'Print what a cluster needs to run newleaf by itself'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "explain" -d 'Explain an error code, or list them all'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "completion" -d 'Write the completion script of a shell to standard output'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "schema" -d 'Write the JSON Schema of the configuration file to standard output'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "man" -d 'Write the manual pages into a directory'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "reference" -d 'Write the generated reference into a directory, and the manifests beside it'
complete -c newleaf -n "__fish_newleaf_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -l adopt -d 'Take over Secrets that somebody else made, for good'
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand bootstrap" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l id -d 'Identity of this rotation: asking twice with the same one rotates once [default: the UID of the Job that it runs in, or a random one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l job -d 'The Job that this process belongs to: the default of --id, so that all tries of a Job are one rotation' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l wait -d 'From outside of a cluster: wait for the Job, and end with its exit code' -r -f -a "true\t''
false\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l now -d 'Replace both leaves now, due or not'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l authority -d 'Replace the authority, and with it both leaves'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l adopt -d 'Take over Secrets that somebody else made, for good'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l local -d 'From outside of a cluster: work here, with your own rights, instead of in a Job there'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -l yes -d 'With --local: agree to what the configuration in the cluster touches outside of its namespace'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l id -d 'Identity of this rotation: asking twice with the same one rotates once [default: the UID of the Job that it runs in, or a random one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l job -d 'The Job that this process belongs to: the default of --id, so that all tries of a Job are one rotation' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l now -d 'Replace both leaves now, due or not'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l authority -d 'Replace the authority, and with it both leaves'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -l exit-code -d 'End with 3 when something would be done'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -l exit-code -d 'End with 3 when something is to be done'
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l image -d 'Container image' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l schedule -d 'When the CronJob starts, as cron has it; daily is right, as the age of a leaf decides' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l admission-policy -d 'Whether to print the admission policies that confine the accounts: they belong to the whole cluster, and need an administrator of it' -r -f -a "true\t''
false\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand manifests" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l config -d 'Configuration file [default: newleaf.yaml in the directory, if it is there]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s o -l output -d 'Form of the result on standard output' -r -f -a "table\t'For people'
json\t'For machines'
yaml\t'For machines and people'"
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l color -d 'When to use colours; `NO_COLOR` is respected' -r -f -a "auto\t''
always\t''
never\t''"
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l log-format -d 'Form of the log on standard error' -r -f -a "text\t'For people'
json\t'One JSON object a line'"
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l log-filter -d 'What is logged, as tracing directives: newleaf=debug. Libraries log nothing unless they are named here, and may then log whole answers of the API server, values of environments among them' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l kubeconfig -d 'Kubeconfig file [default: KUBECONFIG, then ~/.kube/config; in a pod its service account]' -r -F
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l context -d 'Context of the kubeconfig [default: its current one]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l as -d 'User to impersonate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l pod -d 'The pod that this process is: newleaf\'s manifests say it, so that no further Job is started from there' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s d -l directory -d 'Directory that holds authority and leaves' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s n -l namespace -d 'Namespace of the Secrets, on Kubernetes [default: the one of the kubeconfig\'s context, or of the pod]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-secret -d 'Secret that holds the authority, on Kubernetes [default: newleaf-authority]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-name -d 'Start of the authority\'s common name [default: newleaf]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-algorithm -d 'Key algorithm of the authority; under ed25519 every login of libpq with a password over TLS fails (SCRAM channel binding) [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-lifetime -d 'How long an authority is valid [default: 3650d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-renew-before -d 'How long before its end an authority gets a successor [default: 180d, or leaf.lifetime where that is longer]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-certificate -d 'File, or key of the Secret, with the certificate of an authority that someone else keeps; newleaf then makes none' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-key -d 'File, or key of the Secret, with the private key of that authority' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l authority-chain -d 'File, or key of the Secret, with the certificates between that authority and its root, root last' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l leaf-lifetime -d 'How long a leaf is valid [default: 45d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l leaf-rotate-after -d 'Age at which a leaf is replaced [default: 30d]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l leaf-backdate -d 'How far before its issue a leaf\'s validity starts, for peers whose clock is behind [default: 1h]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l leaf-algorithm -d 'Key algorithm of the leaves [default: ecdsa-p256]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-names -d 'Names and addresses that clients reach the server by [default: this machine\'s fully qualified host name, where it has one, localhost, 127.0.0.1 and ::1; on Kubernetes each form of the endpoints\' names]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-secret -d 'Secret that holds the server\'s leaf, on Kubernetes [default: postgres-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-keys-certificate -d 'Key of the server\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-keys-key -d 'Key of the server\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-keys-bundle -d 'Key of the server\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-files-owner -d 'Owner of the server\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-files-group -d 'Group of the server\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-files-key-mode -d 'Mode of the server\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l server-files-certificate-mode -d 'Mode of the server\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-name -d 'Common name of the client\'s leaf: the database role [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-secret -d 'Secret that holds the client\'s leaf, on Kubernetes [default: backstage-tls]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-keys-certificate -d 'Key of the client\'s certificate in its Secret [default: tls.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-keys-key -d 'Key of the client\'s private key in its Secret [default: tls.key]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-keys-bundle -d 'Key of the client\'s trust bundle in its Secret [default: ca.crt]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-files-owner -d 'Owner of the client\'s files, by name or number [default: the user of the process]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-files-group -d 'Group of the client\'s files, by name or number [default: the owner\'s group]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-files-key-mode -d 'Mode of the client\'s key [default: 0600]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l client-files-certificate-mode -d 'Mode of the client\'s certificate and trust bundle [default: 0644]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l consumers -d 'Workloads that load the leaves, in pick-up order, as a YAML list [default: none]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l database-endpoints -d 'Every HOST or HOST:PORT behind the database\'s name; each must show the new certificate' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l database-user -d 'Role to log in as [default: the value of client.name]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l database-name -d 'Database to log in to [default: postgres]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l database-server-name -d 'Name to verify the server\'s certificate by [default: the host of each endpoint]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l deadlines-step -d 'How long one step may take [default: 3m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l deadlines-run -d 'How long a run may take, the wait for the lock included [default: 10m]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -l deadlines-projection -d 'How long a kubelet may take to bring a changed Secret into a pod; consumers with pickup login are waited for so long [default: 150s]' -r
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s q -l quiet -d 'Only the result and errors'
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s v -l verbose -d 'More of newleaf\'s own log: -v information, -vv details, -vvv everything'
complete -c newleaf -n "__fish_newleaf_using_subcommand reference" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "bootstrap" -d 'Make what is missing, mend what is broken'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "rotate" -d 'Replace what is due, or what is forced'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "plan" -d 'Show what rotate would do, and why'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "status" -d 'Show certificates, consumers and what is wrong'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "verify" -d 'Prove that what is stored works and is in use'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "manifests" -d 'Print what a cluster needs to run newleaf by itself'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "explain" -d 'Explain an error code, or list them all'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "completion" -d 'Write the completion script of a shell to standard output'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "schema" -d 'Write the JSON Schema of the configuration file to standard output'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "man" -d 'Write the manual pages into a directory'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "reference" -d 'Write the generated reference into a directory, and the manifests beside it'
complete -c newleaf -n "__fish_newleaf_using_subcommand help; and not __fish_seen_subcommand_from bootstrap rotate plan status verify manifests explain completion schema man reference help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
