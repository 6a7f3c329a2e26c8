#!/usr/bin/env bash
# Everything a change has to pass: bash tests/run.sh
# Formatting, lints, all tests (the real program in a real window among them), documentation.
# On Debian and Ubuntu it installs the system packages that are missing. Needs a Rust toolchain.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=packaging/common.sh
source packaging/common.sh
# shellcheck source=packaging/linux/packages.sh
source packaging/linux/packages.sh

# A screen without a monitor, hands for it and eyes; the other ends of a conversation; Vulkan in software for pictures
# of the window; a Chinese input method, the bus and the locale that it needs.
test_packages=(
    xvfb openbox xdotool xclip imagemagick x11-utils
    netcat-openbsd python3
    mesa-vulkan-drivers
    fcitx5 fcitx5-chinese-addons dbus locales
)

step "packages"
need_cargo
install_missing "${build_packages[@]}" "${window_packages[@]}" "${command_packages[@]}" "${test_packages[@]}"
if [[ $(uname) == Linux ]] && ! locale -a | grep --ignore-case --fixed-strings --line-regexp zh_CN.utf8 >/dev/null; then
    as_root=()
    ((EUID)) && as_root=(sudo)
    ${as_root[@]+"${as_root[@]}"} localedef -i zh_CN -f UTF-8 zh_CN.UTF-8
fi
cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
cargo clippy --version >/dev/null 2>&1 || rustup component add clippy

if [[ ${CI:-} == true ]]; then
    # Built once and thrown away: nothing to add to later, nobody to look at it with a debugger.
    export CARGO_PROFILE_DEV_DEBUG=0 CARGO_INCREMENTAL=0
fi

# All crates of the lock file, those of other systems too: the check of the licences reads them, and asks for nothing.
cargo fetch --locked

step "formatting"
cargo fmt --all --check
cargo fmt --manifest-path tests/fuzz/Cargo.toml --check
step "lints"
cargo clippy --locked --all-targets -- -D warnings
step "tests"
# All of them, also after one that failed: one run tells everything. What failed beside the others gets one trial alone: on a
# machine with a load of its own, seconds can pass where a test allows one. What fails alone too has failed.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! cargo test --locked --no-fail-fast 2>&1 | tee "$log"; then
    failed=$(sed -n 's/^test \(.*\) \.\.\. FAILED$/\1/p' "$log")
    # What did not build, or was killed, has no result.
    [[ $failed && $(grep --count '^    `-' "$log") == $(grep --count '^test result: FAILED' "$log") ]] || exit 1
    while read -r name; do
        step "alone: $name"
        cargo test --locked "$name" -- --exact --test-threads 1 </dev/null 2>&1 | tee "$log"
        grep --extended-regexp --quiet '^test result: ok\. [1-9]' "$log"
    done <<<"$failed"
    printf 'These failed beside the others and passed alone:\n%s\n' "$failed"
fi
# What a machine has that builds for Windows: the target, and a C compiler for SQLite. Not installed for this: without what an
# earlier run has left, it takes some minutes.
windows=x86_64-pc-windows-gnu
if [[ -d $(rustc --print sysroot)/lib/rustlib/$windows/lib ]] && command -v x86_64-w64-mingw32-gcc >/dev/null; then
    step "for Windows"
    cargo check --locked --all-targets --target "$windows"
fi
step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps
step "all is well"
