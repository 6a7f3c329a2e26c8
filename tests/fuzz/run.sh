#!/usr/bin/env bash
# Looks for inputs that break what the properties hold: bash tests/fuzz/run.sh SECONDS [TARGET...]
# Each target runs for that long, all of them if none is named. It goes on from what earlier runs found worth keeping
# (corpus, not committed) and from seeds. Exits with 1 if something was found, and says where the input is.
# Needs rustup and a C++ compiler; installs the nightly toolchain and cargo-fuzz if they are missing.
set -euo pipefail

if [[ ! ${1:-} =~ ^[0-9]+$ ]]; then
    echo "usage: $0 SECONDS [TARGET...]" >&2
    exit 2
fi
seconds=$1
shift
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$PWD
# AddressSanitizer finds what unsafe code does, of which there is none here, and slows all else down. Assertions are on
# by the profile.
fuzz=(--fuzz-dir tests/fuzz --sanitizer none --release)
# Outside of tests/fuzz if the caller says so.
[[ -n ${CARGO_TARGET_DIR:-} ]] && fuzz+=(--target-dir "$CARGO_TARGET_DIR")

cargo +nightly --version >/dev/null 2>&1 || rustup toolchain install nightly --profile minimal
cargo fuzz --version >/dev/null 2>&1 || cargo install --locked cargo-fuzz

targets=("$@")
if ((${#targets[@]} == 0)); then
    mapfile -t targets < <(cargo fuzz list --fuzz-dir tests/fuzz)
fi
cargo +nightly fuzz build "${fuzz[@]}"

# A target may write files: without a disk, where there is such a folder. No target needs much memory.
[[ -d /dev/shm ]] && export TMPDIR=/dev/shm

found=()
for target in "${targets[@]}"; do
    printf '\n== %s, for %s s\n' "$target" "$seconds"
    mkdir -p "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target"
    cargo +nightly fuzz run "${fuzz[@]}" "$target" "tests/fuzz/corpus/$target" "tests/fuzz/seeds/$target" -- \
        -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -len_control=20 -verbosity=0 -print_final_stats=1 || found+=("$target")
done

if ((${#found[@]})); then
    printf '\n'
    for target in "${found[@]}"; do
        echo "$target failed; its input is the newest in $root/tests/fuzz/artifacts/$target:"
        ls -t "tests/fuzz/artifacts/$target" 2>/dev/null | head -n 1
    done
    exit 1
fi
printf '\n== nothing found\n'
