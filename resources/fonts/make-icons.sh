#!/usr/bin/env bash
# Makes MaterialSymbols-Used.ttf: of the icons in the crate egui_material_icons, those that src names. To be run when
# tests/fonts.rs says that one is missing. Needs python3 with fonttools, and the crate unpacked (cargo fetch).
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
crate=$(cargo metadata --locked --format-version 1 | python3 -c '
import json, os, sys
for package in json.load(sys.stdin)["packages"]:
    if package["name"] == "egui_material_icons":
        print(os.path.dirname(package["manifest_path"]))')
python3 - "$crate" <<'PYTHON'
import pathlib, re, sys

from fontTools import subset
from fontTools.ttLib import TTFont

crate = pathlib.Path(sys.argv[1])
names = set()
for source in pathlib.Path("src").rglob("*.rs"):
    names |= set(re.findall(r"\bICON_[A-Z0-9_]+\b", source.read_text()))
codes = dict(re.findall(r'pub const (ICON_\w+): .*new\("\\u\{(\w+)\}"\)', (crate / "src/icons.rs").read_text()))
options = subset.Options()
options.layout_features = []
options.notdef_outline = True
options.recalc_timestamp = False
font = TTFont(crate / "MaterialSymbolsRounded-Regular.ttf", recalcTimestamp=False)
cutter = subset.Subsetter(options)
cutter.populate(unicodes=[int(codes[name], 16) for name in names])
cutter.subset(font)
font.save("resources/fonts/MaterialSymbols-Used.ttf")
print(len(names), "icons")
PYTHON
ls -l resources/fonts/MaterialSymbols-Used.ttf
