#!/usr/bin/env bash
# Builds the packages and tries them under Wine: bash packaging/windows/test-wine.sh [--no-build]
# Installs silently, talks to Python both ways, in the terminal and in the window, upgrades and removes. Keeps pictures of the
# window in target/wine/. --no-build takes the packages that are there.
# On Debian and Ubuntu it installs the system packages that are missing. A part of Windows that Wine does not have is not
# tested by this.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
# shellcheck source=packaging/common.sh
source packaging/common.sh
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh

install_missing wine wine64 gcc-mingw-w64-x86-64 xvfb openbox xdotool xclip imagemagick mesa-vulkan-drivers python3 unzip
case "${1:-}" in
    '') bash "$here/build.sh" ;;
    --no-build) ;;
    *) echo "Not an option: $1" >&2; exit 1 ;;
esac
target=${CARGO_TARGET_DIR:-$root/target}
exec python3 -u "$here/test_wine.py" "$target/packages/sockhop-$(package_version)-windows-x64" "$target/wine"
