#!/bin/sh
# Removes what install.sh put in place, and nothing else: sh uninstall.sh
# Your settings and conversations stay; where they are is said at the end.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
list=$here/installed
if [ ! -f "$list" ]; then
    # As it lies in the archive, it removes what was installed into ~/.local.
    list=$HOME/.local/lib/sockhop/installed
fi
[ -f "$list" ] || {
    echo "Nothing is installed here: there is no $list" >&2
    exit 1
}

copy=$(mktemp)
trap 'rm -f "$copy"' EXIT
cp "$list" "$copy"
while IFS= read -r path; do
    case $path in
    */) ;;
    *) rm -f "$path" ;;
    esac
done <"$copy"
# Folders that the installation made, the inner ones first, if nobody has put anything there since.
sort -r "$copy" | while IFS= read -r path; do
    case $path in
    */) rmdir "$path" 2>/dev/null || true ;;
    esac
done

[ "${1:-}" = --quiet ] || {
    echo "Sockhop is removed."
    data=${XDG_DATA_HOME:-$HOME/.local/share}/sockhop
    [ ! -d "$data" ] || echo "Your settings and conversations are still in $data"
}
