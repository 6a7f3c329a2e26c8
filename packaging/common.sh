# shellcheck shell=bash
# Sourced by the scripts that build, package and release, on every system; they are in the project's folder then.

step() { printf '\n== %s (%s s)\n' "$1" "$SECONDS"; }

# Puts cargo in reach; it may have been installed after this shell was started.
need_cargo() {
    command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
    command -v cargo >/dev/null || { echo "No Rust toolchain here: see https://rustup.rs" >&2; return 1; }
}

# The version in Cargo.toml, the one place that says it.
package_version() { sed -n '/^\[package\]/,/^\[/ s/^version = "\(.*\)"$/\1/p' Cargo.toml; }

# changes_of VERSION: what CHANGELOG.md says of it, without the heading. Nothing if it has no such heading.
changes_of() {
    awk -v version="$1" '
        /^## / { mine = ($2 == version || $2 == version ","); next }
        mine && NF' CHANGELOG.md
}

# What is said before the program is built: cargo itself says nothing of how long it will take.
announce_build() {
    step "the program: some minutes the first time (6 on two cores that do nothing else), seconds when all is built"
}
