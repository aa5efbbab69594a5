# What a cluster is made of.
# shellcheck shell=bash disable=SC2154 # its variables come from `cluster`

kubernetes=v1.37.0
stamp=k8s.io/component-base/version
# Those that do not change with newleaf's sources.
images=(pause coredns skipper postgres backstage)

made_from() {
    cd "$here" || exit
    case $1 in
        node) cat node/*; declare -p kubernetes stamp; declare -f make_node ;;
        images) declare -f make_images; for part in "${images[@]}"; do made "$part"; done ;;
        pause) cat pause.c image.py; declare -f pack make_pause ;;
        # The program does not depend on the deployer.
        newleaf) cd ../.. && cat Dockerfile Cargo.* .cargo/* && find src -type f ! -path 'src/deploy/*' ! -path 'src/stack/*' -print0 | sort --zero-terminated | xargs --null cat ;;
        skipper) cat skipper/main.go skipper/go.* image.py; declare -f pack make_skipper ;;
        deployer) cd ../.. && cat Dockerfile Cargo.* .cargo/* && find src -type f -print0 | sort --zero-terminated | xargs --null cat ;;
        coredns) cat dns/main.go dns/go.* image.py; declare -f pack make_coredns ;;
        *) cat "$1"/* image.py; declare -f pack "make_$1" ;;
    esac
}
make_part() { "make_$1"; }

# What is absent: compiled beside what waits for the network.
build() {
    local needed=(node "${images[@]}")
    case ${NEWLEAF_CLUSTER_PROGRAM:-} in
        none) ;;
        "") needed+=(newleaf) ;;
        *) wrap_newleaf ;;
    esac
    [ -z "$(absent "${needed[@]}")" ] || "$here/../../.ci/setup" cluster image
    provide "${needed[@]}"
    provide images
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
    for name in etcd kube-apiserver kube-controller-manager kube-scheduler kube-proxy kubelet kubectl provisioner policies; do
        ln -sf "$node" "$dir/bin/$name"
    done
}
kubectl() { "$dir/bin/kubectl" --kubeconfig "$dir/kubeconfig" "$@"; }
