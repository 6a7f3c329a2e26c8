#!/usr/bin/env bash
# Runs all measurements that have a goal, and writes the table and the picture of the README: bash tests/bench/all.sh
# It takes about half an hour, and the machine should do nothing else meanwhile. Linux alone has the screen that it needs.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
table=$(mktemp)
trap 'rm -f "$table"' EXIT
export SOCKHOP_TABLE=$table

# The program as it is packaged: what is built with a bench has what tests switch on in its crates, and draws by Vulkan. It
# would lie in the same place, so this one is put aside.
cargo build --locked --release --bin sockhop
SOCKHOP=$(mktemp)
export SOCKHOP
trap 'rm -f "$table" "$SOCKHOP"' EXIT
cp target/release/sockhop "$SOCKHOP"

cargo bench --locked --bench window
cargo bench --locked --bench net
cargo bench --locked --bench history
cargo bench --locked --bench history -- search --messages 10000000
cargo bench --locked --bench lan
cargo bench --locked --bench window -- growth resources/pictures/growth.svg

python3 - "$table" <<'PYTHON'
import re, sys
rows = open(sys.argv[1], encoding="utf-8").read()
table = "| measure | ours | bare | ratio | goal | reached |\n| --- | --- | --- | --- | --- | --- |\n" + rows
readme = open("README.md", encoding="utf-8").read()
marks = r"(<!-- measured -->\n).*?(<!-- end of what is measured -->)"
changed, times = re.subn(marks, lambda found: found[1] + table + found[2], readme, flags=re.DOTALL)
if times != 1:
    sys.exit("README.md has no place for the table")
open("README.md", "w", encoding="utf-8").write(changed)
PYTHON
