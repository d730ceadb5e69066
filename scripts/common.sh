# Sourced by the scripts beside it: where the project is, and how a step is told and timed.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
started=$SECONDS

# The comment at the top of the calling script is its help.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

wrong_usage()
{
    printf '%s: %s\nTry %s --help\n' "${0##*/}" "$1" "$0" >&2
    exit 2
}

took() { printf '%d s' $((SECONDS - $1)); }

# step LOG WHAT COMMAND...: run COMMAND with its output in file LOG and say what it was and how
# long it took; if it fails, show the end of LOG and return its status.
step()
{
    local log=$1 what=$2 begin=$SECONDS status=0
    shift 2

    printf '%-44s ' "$what" >&2
    mkdir -p "$(dirname "$log")"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [ "$status" -eq 0 ]; then
        printf '%s\n' "$(took "$begin")" >&2
        return 0
    fi
    printf 'failed after %s (exit %d)\n' "$(took "$begin")" "$status" >&2
    printf 'The command was: %.300s\nThe end of its output, all of it in %s:\n' "$*" "$log" >&2
    tail -n 40 "$log" | sed 's/^/    /' >&2
    return "$status"
}

# build_in DIR SETUP_OPTION...: set DIR up where that has not been done, and build in it.
build_in()
{
    local dir=$1
    shift

    if [ ! -f "$root/$dir/build.ninja" ]; then
        step "$root/$dir/setup.log" "Configure $dir/" meson setup "$@" "$root/$dir" "$root"
    fi
    step "$root/$dir/ninja.log" "Build $dir/" ninja --quiet -k 0 -C "$root/$dir"
}
