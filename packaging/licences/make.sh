#!/usr/bin/env bash
# Writes resources/licences.txt, the licences of all crates and fonts in the program: bash packaging/licences/make.sh
# For whenever tests/packaging.rs says that it is out of date. Needs Python and cargo-about: cargo install --locked cargo-about --features cli
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
{
    printf 'What is in Sockhop beside its own code, and under which terms. Made from Cargo.lock by packaging/licences/make.sh.\n\n'
    cargo about generate --locked --offline --config packaging/licences/about.toml packaging/licences/licences.hbs
    printf -- '--------------------------------------------------------------------------------\nThe fonts in resources/fonts\n\n'
    sed '/^## How they were made/,$d' resources/fonts/README.md
    cat resources/fonts/OFL.txt
} | tr --delete "\r" | python3 packaging/licences/group.py >resources/licences.txt.new
mv resources/licences.txt.new resources/licences.txt
