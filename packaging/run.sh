#!/usr/bin/env bash
# Builds Sockhop and starts it, with the arguments given: bash packaging/run.sh [argument...]
# On Debian and Ubuntu it installs the system packages that are missing. Needs a Rust toolchain.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=packaging/common.sh
source "$root/packaging/common.sh"
# shellcheck source=packaging/linux/packages.sh
source "$root/packaging/linux/packages.sh"

need_cargo
if [[ $(uname) == Linux ]]; then
    install_missing "${build_packages[@]}" "${window_packages[@]}" "${command_packages[@]}"
fi
announce_build >&2
# What the folder sets for its builds is read from there.
(cd "$root" && cargo build --release --locked --bin sockhop)
step "Sockhop starts" >&2
exec "${CARGO_TARGET_DIR:-$root/target}/release/sockhop" "$@"
