# The control plane: its network, its certificates, etcd, API server, controllers and scheduler.
# shellcheck shell=bash disable=SC2154 # its variables come from `cluster`

address=10.88.0.1

# Places on the machine that kubelet, containerd and the network plugins write to whatever they are told.
mount_private() {
    local place
    for place in /run/containerd /var/lib/cni /var/lib/kubelet /var/log/containers /var/log/pods; do
        mkdir -p "$place"
        mount -t tmpfs -o mode=755 cluster "$place"
    done
    # Whoever enters finds Services by the names that pods know them by.
    printf 'nameserver 10.96.0.10\nsearch svc.cluster.local cluster.local\n' >"$dir/resolv.conf"
    mount --bind "$dir/resolv.conf" /etc/resolv.conf
}

network() { # ADDRESS
    ip link set lo up
    ip link add cni0 type bridge
    ip address add "$1/16" dev cni0
    ip link set cni0 up
    # Service addresses need a route before kube-proxy rewrites them.
    ip route add default dev cni0
    forwarding
}
# Answers of a Service's pod to a pod on the same bridge must pass the tables too, or nothing translates them back.
forwarding() {
    sysctl --quiet --write net.ipv4.ip_forward=1
    sysctl --quiet --write net.bridge.bridge-nf-call-iptables=1
}

control_plane() {
    authority
    certificate apiserver /CN=kube-apiserver
    certificate admin /O=system:masters/CN=admin
    certificate controllers /CN=system:kube-controller-manager
    certificate scheduler /CN=system:kube-scheduler
    certificate proxy /CN=system:kube-proxy
    kubeconfig admin "$dir/kubeconfig"
    audit_policy
    start_etcd
    start_apiserver
    wait_for 60 "the API server" kubectl get --raw /readyz
    start_controllers
    start_scheduler
    start_provisioner
}

authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/ca.key" -subj /CN=kubernetes \
        -days 30 -out "$pki/ca.crt" 2>/dev/null
    openssl genrsa -out "$pki/accounts.key" 2048 2>/dev/null
}

certificate() { # NAME SUBJECT [SUBJECT-ALTERNATIVE-NAME...]
    local name=$1 subject=$2 names="DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc"
    shift 2
    names+=$(printf ',%s' IP:127.0.0.1 IP:10.96.0.1 "IP:$address" "$@")
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$name.key" -subj "$subject" \
        -out "$pki/$name.csr" 2>/dev/null
    openssl x509 -req -in "$pki/$name.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 15)" \
        -days 30 -out "$pki/$name.crt" -extfile <(echo "subjectAltName=$names") 2>/dev/null
    kubeconfig "$name" "$pki/$name.conf"
}

kubeconfig() { # CERTIFICATE FILE
    (
        umask 077
        cat >"$2" <<YAML
apiVersion: v1
kind: Config
clusters:
- {name: newleaf, cluster: {server: "https://$address:6443", certificate-authority: $pki/ca.crt}}
users:
- {name: $1, user: {client-certificate: $pki/$1.crt, client-key: $pki/$1.key}}
contexts:
- {name: newleaf, context: {cluster: newleaf, user: $1}}
current-context: newleaf
YAML
    )
}

# Who asked for what, without bodies: they hold keys.
audit_policy() {
    cat >"$dir/audit.yaml" <<YAML
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: Metadata
YAML
}

# spawn NAME COMMAND...: beside us, with a log that a restart continues.
spawn() {
    local name=$1
    shift
    setsid "$@" >>"$log/$name.log" 2>&1 </dev/null &
    echo $! >"$dir/run/$name.pid"
}

start_etcd() { spawn etcd "$dir/bin/etcd" --data-dir "$dir/etcd"; }

start_apiserver() {
    spawn apiserver "$dir/bin/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
        --advertise-address "$address" --secure-port 6443 --service-cluster-ip-range 10.96.0.0/16 \
        --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
        --service-account-key-file "$pki/accounts.key" --service-account-signing-key-file "$pki/accounts.key" \
        --service-account-issuer https://kubernetes.default.svc \
        --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged=true \
        --audit-policy-file "$dir/audit.yaml" --audit-log-path "$log/audit.log" \
        --kubelet-preferred-address-types InternalIP \
        --kubelet-client-certificate "$pki/admin.crt" --kubelet-client-key "$pki/admin.key"
}

start_controllers() {
    spawn controllers "$dir/bin/kube-controller-manager" --kubeconfig "$pki/controllers.conf" \
        --authentication-kubeconfig "$pki/controllers.conf" --authorization-kubeconfig "$pki/controllers.conf" \
        --use-service-account-credentials --leader-elect=false --root-ca-file "$pki/ca.crt" \
        --service-account-private-key-file "$pki/accounts.key" \
        --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key"
}

start_scheduler() {
    spawn scheduler "$dir/bin/kube-scheduler" --kubeconfig "$pki/scheduler.conf" \
        --authentication-kubeconfig "$pki/scheduler.conf" --authorization-kubeconfig "$pki/scheduler.conf" --leader-elect=false
}

# Makes a volume for each claim of the default storage class: a folder.
start_provisioner() {
    spawn provisioner "$dir/bin/provisioner" --kubeconfig "$dir/kubeconfig" --dir "$dir/volumes"
}
