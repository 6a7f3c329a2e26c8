#!/bin/sh
# Installs Sockhop for you alone, without an administrator: sh install.sh [FOLDER]
# Into ~/.local, or into FOLDER. What an earlier installation put there is removed first; what you wrote and kept is not.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
into=${1:-$HOME/.local}
mkdir -p "$into"
into=$(cd "$into" && pwd)
kept=$into/lib/sockhop

[ ! -f "$kept/uninstall.sh" ] || sh "$kept/uninstall.sh" --quiet

# What is to be removed one day: each file, and each folder that was not there before.
list=$(mktemp)
trap 'rm -f "$list"' EXIT
make_folder() {
    [ ! -d "$1" ] || return 0
    make_folder "$(dirname "$1")"
    mkdir "$1"
    printf '%s/\n' "$1" >>"$list"
}

cd "$here"
find bin share -type f | while IFS= read -r file; do
    make_folder "$into/$(dirname "$file")"
    # Not written over: a program that runs can't be written to, but its name can be given to another.
    rm -f "$into/$file"
    cp -p "$file" "$into/$file"
    printf '%s\n' "$into/$file" >>"$list"
done

# The desktop may have been started before this folder was among those searched for programs.
sed "s|^Exec=sockhop|Exec=\"$into/bin/sockhop\"|" share/applications/sockhop.desktop >"$into/share/applications/sockhop.desktop"

make_folder "$kept"
cp uninstall.sh "$kept/uninstall.sh"
printf '%s\n' "$kept/uninstall.sh" "$kept/installed" >>"$list"
cp "$list" "$kept/installed"

echo "Sockhop is installed, and among your applications. To start it here: $into/bin/sockhop"
echo "To remove it: sh $kept/uninstall.sh"
case ":$PATH:" in
*":$into/bin:"*) ;;
*) echo "To start it as 'sockhop', log in again, or add $into/bin to PATH." ;;
esac
