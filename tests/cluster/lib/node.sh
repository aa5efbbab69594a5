# A node: containerd, kubelet, kube-proxy, enforcement of NetworkPolicies. The first one shares the control plane's namespaces; each other has its own
# network and mounts, its bridge joined to the first one's, so that pods of all nodes are neighbours.
# shellcheck shell=bash disable=SC2154 # its variables come from `cluster`

# prepare_node NAME ADDRESS [TAINT]: everything that need not wait for the API server.
prepare_node() {
    local home=$dir/nodes/$1
    mkdir -p "$home/kubelet" "$home/cni" "$log/pods-$1"
    echo "$2" >"$home/address"
    certificate_of_node "$1" "$2"
    share_images "$home/containerd"
    network_configuration "$1"
    containerd_configuration "$1"
    control_group "$1"
    kubelet_configuration "$1" "${3:-}"
    start_containerd "$1"
    wait_for 20 containerd ctr --address "$home/containerd.sock" version
    load_newleaf "$1"
}

certificate_of_node() {
    wait_for 10 "the authority" test -s "$pki/accounts.key"
    certificate "kubelet-$1" "/O=system:nodes/CN=system:node:$1" "DNS:$1" "IP:$2"
}

join_node() {
    start_kubelet "$1"
    start_proxy "$1"
    wait_for 60 "node $1" kubectl wait --for=condition=Ready "node/$1" --timeout=5s
    start_policies "$1"
}

network_configuration() {
    local home=$dir/nodes/$1 own
    own=$(cat "$home/address")
    cat >"$home/cni/10-bridge.conflist" <<JSON
{"cniVersion": "0.4.0", "name": "bridge", "plugins": [
  {"type": "bridge", "bridge": "cni0", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "dataDir": "$home/addresses", "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[
     {"subnet": "10.88.0.0/16", "rangeStart": "10.88.${own##*.}.1", "rangeEnd": "10.88.${own##*.}.254", "gateway": "$own"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}]}
JSON
}

containerd_configuration() {
    local home=$dir/nodes/$1
    cat >"$home/containerd.toml" <<TOML
version = 2
root = "$home/containerd"
state = "$home/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "$home/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  # Without CAP_SYS_RESOURCE runc cannot lower the score, and every sandbox fails.
  restrict_oom_score_adj = true
  # A profile would be loaded into the machine's kernel.
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$home/cni"
TOML
}

# A group of its own in each hierarchy: kubelets remove the groups of pods that they do not know.
control_group() {
    local hierarchy file
    for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/*; do
        [ -e "$hierarchy/cgroup.procs" ] || continue
        mkdir -p "$hierarchy/$group/$1"
        [ -e "$hierarchy/cpuset.sched_load_balance" ] || continue
        for file in cpuset.cpus cpuset.mems; do # cgroup v1 starts them empty, and then nothing may enter
            cat "$hierarchy/$file" >"$hierarchy/$group/$file"
            cat "$hierarchy/$file" >"$hierarchy/$group/$1/$file"
        done
    done
    [ ! -e /sys/fs/cgroup/cgroup.controllers ] || for hierarchy in /sys/fs/cgroup "/sys/fs/cgroup/$group"; do
        sed 's/[^ ]*/+&/g' "$hierarchy/cgroup.controllers" >"$hierarchy/cgroup.subtree_control"
    done
}

kubelet_configuration() {
    local home=$dir/nodes/$1 taints=
    # From the start: nothing may land there in between.
    [ -z "$2" ] || taints="{key: ${2%%=*}, value: ${2#*=}, effect: NoSchedule}"
    cat >"$home/kubelet.yaml" <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
cgroupRoot: /$group/$1
containerRuntimeEndpoint: unix://$home/containerd.sock
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet-$1.crt
tlsPrivateKeyFile: $pki/kubelet-$1.key
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
resolvConf: /dev/null
podLogsDir: $log/pods-$1
syncFrequency: ${NEWLEAF_CLUSTER_SYNC:-10s}
failSwapOn: false
# The machine's disk is not ours to watch: no image is ever pulled again.
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi}
registerWithTaints: [$taints]
YAML
}

start_containerd() { on_node "$1" containerd containerd --config "$dir/nodes/$1/containerd.toml"; }

start_kubelet() {
    local home=$dir/nodes/$1
    on_node "$1" kubelet "$dir/bin/kubelet" --config "$home/kubelet.yaml" --kubeconfig "$pki/kubelet-$1.conf" \
        --hostname-override "$1" --node-ip "$(cat "$home/address")" --root-dir "$home/kubelet" --cert-dir "$home/kubelet/pki"
}

start_proxy() {
    on_node "$1" proxy "$dir/bin/kube-proxy" --kubeconfig "$pki/proxy.conf" --hostname-override "$1" \
        --cluster-cidr 10.88.0.0/16 --proxy-mode nftables --conntrack-max-per-core 0
}

# kube-router's firewall. It asks for its node once, at its start.
start_policies() {
    on_node "$1" policies "$dir/bin/policies" --kubeconfig "$dir/kubeconfig" --hostname-override "$1" \
        --enable-ipv6=false --service-cluster-ip-range 10.96.0.0/16
}

# on_node NODE COMPONENT COMMAND...: in the node's namespaces.
on_node() {
    local node=$1 name=$2 enter=()
    shift 2
    if [ "$node" != node1 ]; then
        name=$name@$node
        enter=(nsenter --net --mount --target "$(cat "$dir/run/node@$node.pid")" --)
    fi
    spawn "$name" "${enter[@]}" "$@"
}

# add_node NAME [TAINT]: from outside.
add_node() {
    running || fail "no cluster in $dir: cluster up"
    [ ! -e "$dir/nodes/$1" ] || fail "there is a node $1 already"
    inside "$here/cluster" connect_node "$@"
}

# From inside: makes the namespaces, and a cable from the first node's bridge into them.
connect_node() {
    local node=$1 taint=${2:-} own number
    number=$(find "$dir/nodes" -mindepth 1 -maxdepth 1 | wc -l)
    own=10.88.0.$((number + 1))
    spawn "node@$node" unshare --net --mount "$here/cluster" hold_node "$node" "$own"
    wait_for 20 "the network of $node" test -e "$dir/run/waiting@$node"
    ip link add "node$number" type veth peer name uplink netns "$(cat "$dir/run/node@$node.pid")"
    ip link set "node$number" master cni0 up
    wait_for 20 "the bridge of $node" test -e "$dir/run/connected@$node"
    prepare_node "$node" "$own" "$taint"
    join_node "$node"
}

# Holds the namespaces of a further node.
hold_node() {
    touch "$dir/run/waiting@$1"
    wait_for 20 "the cable of $1" ip link show uplink
    mount_private
    network "$2"
    ip link set uplink master cni0 up
    touch "$dir/run/connected@$1"
    exec sleep infinity
}
