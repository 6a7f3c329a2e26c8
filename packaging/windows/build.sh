#!/usr/bin/env bash
# Builds Sockhop for Windows, on Linux: bash packaging/windows/build.sh [--debian]
# Gives in target/packages/ an installer, a .zip that needs no installing, and their checksums. Takes about ten minutes the
# first time. Uses rustup's target for Windows where it can be had, else (or with --debian) Debian's Rust and its source.
# On Debian and Ubuntu it installs the system packages that are missing.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$root"
# shellcheck source=packaging/common.sh
source packaging/common.sh
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh

windows=x86_64-pc-windows-gnu
# A linker, a C compiler for SQLite, and what makes the packages.
windows_packages=(gcc-mingw-w64-x86-64 g++-mingw-w64-x86-64 nsis zip)
# The standard library is not there for Windows, so it is built too.
debian_rust=(rustc-web cargo-web rust-web-src)

fail() { echo "$1" >&2; exit 1; }

case "${1:-}" in
    '') ;;
    --debian) debian=yes ;;
    *) fail "Not an option: $1" ;;
esac

step "tools"
install_missing "${windows_packages[@]}"
PATH="$PATH:$HOME/.cargo/bin"
if [[ -z ${debian:-} ]] && command -v rustup >/dev/null; then
    # Does nothing where it is there.
    rustup target add "$windows" || debian=yes
else
    debian=yes
fi

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}
packages=$CARGO_TARGET_DIR/packages
build=(build --locked --release --manifest-path "$root/Cargo.toml" --target "$windows" --bin sockhop)
# The program tells nobody in which folders it was built.
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}/registry/src=crates \
--remap-path-prefix=$root=sockhop"

step "program"
if [[ ${debian:-} ]]; then
    install_missing "${build_packages[@]}" "${debian_rust[@]}"
    # What cargo made with one compiler, another can't use.
    export CARGO_TARGET_DIR=$CARGO_TARGET_DIR/debian
    # -Zbuild-std is for nightly compilers; Debian's is told to be one, for this alone.
    PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 cargo "${build[@]}" -Zbuild-std=std,panic_abort
else
    cargo "${build[@]}"
fi
program=$CARGO_TARGET_DIR/$windows/release/sockhop.exe

step "what it needs"
# Of these Windows 10 has all. Any other would be missing on the user's computer.
of_windows='advapi32|api-ms-win-[a-z0-9-]+|bcrypt|bcryptprimitives|combase|comctl32|comdlg32|crypt32|d3d11|d3d12|d3dcompiler_47|dcomp|dwmapi|dwrite|dxgi|gdi32|imm32|iphlpapi|kernel32|msvcrt|ntdll|ole32|oleaut32|opengl32|propsys|psapi|secur32|setupapi|shell32|shlwapi|uiautomationcore|user32|userenv|uxtheme|version|winmm|ws2_32'
imports=$(x86_64-w64-mingw32-objdump --private-headers "$program" | sed -n 's/^\s*DLL Name: //p' | tr '[:upper:]' '[:lower:]' | sort -u)
[[ $imports ]] || fail "no imports found in $program"
foreign=$(grep --invert-match --extended-regexp --line-regexp "($of_windows)\.dll" <<<"$imports" || true)
[[ -z $foreign ]] || fail "Not part of Windows: ${foreign//$'\n'/ }"
echo "${imports//$'\n'/ }"

step "packages"
version=$(package_version)
name=sockhop-$version-windows-x64
stage=$packages/$name
rm -rf "$stage"
mkdir -p "$stage/licenses"
# The same program twice: a console opens for the one and not for the other. A shell finds the .com first and waits for
# it; the start menu opens the .exe.
cp "$program" "$stage/sockhop.com"
x86_64-w64-mingw32-objcopy --subsystem windows "$program" "$stage/sockhop.exe"
cp "$root/LICENSE-MIT" "$root/LICENSE-APACHE" "$stage/licenses/"
cp "$root/resources/licences.txt" "$stage/licenses/of-what-is-in-it.txt"

setup=$packages/$name-setup.exe
zip=$packages/$name.zip
rm -f "$setup" "$zip"
makensis -V2 -INPUTCHARSET UTF8 "-DVERSION=$version" "-DSTAGE=$stage" "-DOUT=$setup" \
    "-DICON=$root/resources/icon/sockhop.ico" "$here/installer.nsi"
(cd "$packages" && zip --quiet --recurse-paths -9 "$zip" "$name")
rm -rf "$stage"
(cd "$packages" && sha256sum "$name-setup.exe" "$name.zip" | tee "$name.sha256")
ls -l --human-readable "$setup" "$zip"
step "done"
