# What a cluster is made of, built once and kept outside the checkout under a hash of what it is made from.
# shellcheck shell=bash disable=SC2154 # its variables come from `cluster`

kubernetes=v1.37.0
stamp=k8s.io/component-base/version

# made PART: the folder that holds it. key PART: the hash of what it is made from.
made() { echo "$cache/$1-$(key "$1")"; }
key() {
    (cd "$here" && {
        case $1 in
            node) cat node/*; declare -p kubernetes stamp; declare -f make_node ;;
            images) declare -f make_images; for part in pause coredns postgres backstage; do key "$part"; done ;;
            pause) cat pause.c image.py; declare -f pack make_pause ;;
            newleaf) cd ../.. && cat Dockerfile Cargo.* .cargo/* && find src -type f -print0 | sort --zero-terminated | xargs --null cat ;;
            coredns) cat dns/main.go dns/go.* image.py; declare -f pack make_coredns ;;
            *) cat "$1"/* image.py; declare -f pack "make_$1" ;;
        esac
    }) | sha256sum | cut -c 1-16
}

# Builds what is absent. The one that takes long goes beside those that wait for the network.
build() {
    mkdir -p "$cache"
    exec 8>"$cache/.lock"
    flock 8
    local part failed=0 jobs=()
    for part in node pause coredns postgres backstage; do
        [ -e "$(made "$part")" ] || jobs+=("$part")
    done
    [ ${#jobs[@]} = 0 ] || "$here/../../.ci/setup" cluster >&2
    for part in "${jobs[@]}"; do make_one "$part" & done
    for _ in "${jobs[@]}"; do wait -n || failed=1; done
    [ $failed = 0 ] || fail "not everything could be built"
    [ -e "$(made images)" ] || make_one images
    case ${NEWLEAF_CLUSTER_PROGRAM:-} in
        none) ;;
        "") [ -e "$(made newleaf)" ] || make_one newleaf ;;
        *) wrap_newleaf ;;
    esac
    touch "$(made node)" "$(made images)" # what nobody used for two weeks makes room
    find "$cache" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
    exec 8>&-
}

make_one() {
    local part=$1 began=$SECONDS to
    to=$(made "$part")
    say "building $part; $cache/$part.log"
    rm -rf "$to.partial"
    mkdir "$to.partial"
    if ! (cd "$to.partial" && set -x && "make_$part") >"$cache/$part.log" 2>&1; then
        tail --lines 20 "$cache/$part.log" >&2
        fail "$part could not be built"
    fi
    mv "$to.partial" "$to"
    say "built $part in $((SECONDS - began)) s"
}

# One program, of which the first argument or the name chooses the component. Without the stamps the server calls itself
# v0.0.0 and clients stumble.
make_node() {
    local minor=${kubernetes#v1.}
    local set="-X $stamp.gitVersion=$kubernetes -X $stamp.gitMajor=1 -X $stamp.gitMinor=${minor%.*} -X $stamp.gitTreeState=clean"
    CGO_ENABLED=0 go build -C "$here/node" -trimpath -ldflags "-s -w $set" -o "$PWD/node" .
}

# The programs of this instance: names for the one program, so that `ps` tells them apart.
programs() {
    local node name
    node=$(made node)/node
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl; do
        ln -sf "$node" "$dir/bin/$name"
    done
}
kubectl() { "$dir/bin/kubectl" --kubeconfig "$dir/kubeconfig" "$@"; }
