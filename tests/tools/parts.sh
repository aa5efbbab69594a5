# Parts: what is downloaded or compiled once and kept outside the checkout, in a folder NAME-KEY each. The key is a hash of
# what the part is made from: another version is another folder. A part is made beside its place and moved there whole, so
# a folder that exists is complete and is used without a lock.
#
# The script that sources this says with `made_from PART` what goes into the key, makes the part with `make_part PART` in an
# empty folder, and calls the function that its first argument names: make_parts and make_part are called so.
# shellcheck shell=bash

parts=${XDG_CACHE_HOME:-$HOME/.cache}/newleaf/parts
itself=$(realpath "$0")

say() { echo "${0##*/}: $*" >&2; }

# made PART: its folder, be it there or not.
made() { echo "$parts/$1-$(made_from "$1" | sha256sum | cut -c 1-16)"; }

# where PART: its folder; fails where it is absent.
where() {
    local to
    to=$(made "$1")
    [ -e "$to" ] || { say "$1 is not there; \`.ci/setup\` and \`make cluster\` install things, or say why they cannot"; return 1; }
    echo "$to"
}

# absent PART...: those that are not there. What is there is in use: see make_parts.
absent() {
    local part
    for part in "$@"; do
        touch --no-create "$(made "$part")"
        [ -e "$(made "$part")" ] || echo "$part"
    done
}

# alone COMMAND...: while no other caller installs or makes anything. A caller that is alone already goes on.
alone() {
    mkdir -p "$parts"
    if [ -n "${NEWLEAF_ALONE:-}" ]; then "$@"; else NEWLEAF_ALONE=1 flock --close "$parts/.lock" "$@"; fi
}

# provide PART...: makes those that are absent, all at once.
provide() {
    local parts_absent
    mapfile -t parts_absent < <(absent "$@")
    [ ${#parts_absent[@]} = 0 ] || alone "$itself" make_parts "${parts_absent[@]}"
}

# Alone, and called by provide: another caller may have made some of them since it looked.
make_parts() {
    local part failed=0 jobs=()
    umask 022 # a server of PostgreSQL's user reads them, too
    mapfile -t jobs < <(absent "$@")
    for part in "${jobs[@]}"; do make_one "$part" & done
    for _ in "${jobs[@]}"; do wait -n || failed=1; done
    # What was not used for two weeks makes room.
    find "$parts" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -rf {} +
    return $failed
}

make_one() {
    local part=$1 began=$SECONDS to
    to=$(made "$part")
    say "making $part; $parts/$part.log"
    rm -rf "$to.partial"
    mkdir "$to.partial"
    # A process of its own: a shell does not stop at failures inside of an `if`.
    if ! env --chdir="$to.partial" bash "$itself" make_part "$part" >"$parts/$part.log" 2>&1; then
        rm -rf "$to.partial"
        say "$part could not be made: $(tail --lines 20 "$parts/$part.log")"
        return 1
    fi
    mv "$to.partial" "$to"
    say "made $part in $((SECONDS - began)) s"
}
