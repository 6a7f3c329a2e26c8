#!/usr/bin/env bash
# Draws sockhop.svg in every size an icon is asked for, and puts them into one for Windows. Needs librsvg2-bin and python3.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
for size in 16 24 32 48 64 128 256 512; do
    rsvg-convert --width $size --height $size sockhop.svg --output sockhop-$size.png
done
python3 make-ico.py
