#!/usr/bin/env bash
# Remakes the fonts of this folder, byte for byte, from packages of Debian 12 (bookworm), which it fetches and does not
# install. Needs Debian 12 itself, with python3-venv.
#
#   bash resources/fonts/make-subset.sh [folder to write to; this one unless given]
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(realpath "${1:-$here}")

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(
    cd "$work"
    apt-get --quiet download \
        fonts-noto-cjk=1:20220127+repack1-1 fonts-noto-core=20201225-1 fonts-inter-variable=4.0~beta7+ds-1
    for package in ./*.deb; do
        dpkg --extract "$package" .
    done
)
fonts=$work/usr/share/fonts
noto=$fonts/opentype/noto
symbols=$fonts/truetype/noto/NotoSansSymbols2-Regular.ttf
sans=$fonts/truetype/noto/NotoSans-Regular.ttf
inter=$fonts/truetype/inter-vf/Inter-roman.var.ttf

sha256sum --check --quiet <<EOF || { echo "The source fonts are not those of Debian 12, so the result would differ" >&2; exit 1; }
b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a  $noto/NotoSansCJK-Regular.ttc
faa5f3656a78b2e2d450d27fe8382c778bc2b6bb5ea29c986664a6a435056ceb  $noto/NotoSansCJK-Bold.ttc
459fb40d1d555bc6cbc944de94a8c400fdb5126fc325753dfa027d5555583bbd  $inter
876598db5f1e3bef2bc77c4d94c5b0d5d2c1620be4878a06f18fb5434e331688  $symbols
89c3c497f618fdaa0b2d1e98fef93582f28c71debd2c4a8cdf41f190ced2909d  $sans
EOF

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check fonttools==4.68.0

"$work/venv/bin/python" - "$noto" "$inter" "$symbols" "$sans" "$out" <<'PYTHON'
import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

noto, inter, symbols, sans, out = sys.argv[1:]
SIMPLIFIED_CHINESE = 2  # the collection holds JP, KR, SC, TC and HK, in this order


def gb2312(rows):
    """The characters of these rows of the GB2312 table, 94 to a row."""
    found = set()
    for row in rows:
        for cell in range(1, 95):
            try:
                found.add(ord(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    return found


def ranges(*pairs):
    return {code for first, last in pairs for code in range(first, last + 1)}


def cut(path, codes, name, *, number=-1, features=(), before=None, after=None):
    options = subset.Options()
    options.font_number = number
    options.layout_features = list(features)
    options.name_IDs = ["*"]
    options.notdef_outline = True
    # Vertical writing, which the window has not, and the signature of the whole font.
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "DSIG"]
    if not features:
        options.drop_tables += ["GSUB", "GPOS", "GDEF"]
    font = subset.load_font(path, options)
    if before:
        before(font)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    if after:
        after(font)
    font.save(f"{out}/{name}")


def digits_of_one_width(font):
    """The digits of the feature `tnum` in place of the usual ones, so that a number that changes does not jump."""
    tabular = {}
    gsub = font["GSUB"].table
    for feature in gsub.FeatureList.FeatureRecord:
        if feature.FeatureTag == "tnum":
            for index in feature.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    tabular.update(getattr(table, "ExtSubTable", table).mapping)
    for table in font["cmap"].tables:
        for digit in range(ord("0"), ord("9") + 1):
            if digit in getattr(table, "cmap", {}):
                # Two tables may share one map, and a digit of one width has no other.
                table.cmap[digit] = tabular.get(table.cmap[digit], table.cmap[digit])


def regular_to_semibold(font):
    instancer.instantiateVariableFont(font, {"wght": (400, 400, 600)}, inplace=True)


# Rows 4 and 5 are kana; 8 holds the letters of Pinyin and Bopomofo; 16 to 55 the common hanzi, 56 to 87 the others.
CHINESE = gb2312([4, 5, 8, *range(16, 88)])
COMMON_HANZI = gb2312(range(16, 56))
SYMBOLS = gb2312([1, 2, 3, 6, 7, 9]) | ranges(
    (0x2010, 0x2027),  # dashes, quotes, dots
    (0x2190, 0x21FF),  # arrows
    (0x2300, 0x243F),  # technical
    (0x2460, 0x25FF),  # enclosed, box drawing, blocks, geometric shapes
    (0x2700, 0x27BF),  # dingbats
    (0x3000, 0x303F),  # Chinese punctuation
    (0xFE30, 0xFE4F),  # vertical forms of it
    (0xFF00, 0xFFEF),  # full width, half width
)
LATIN = ranges(
    (0x0020, 0x052F),  # Latin, IPA, combining marks, Greek, Cyrillic
    (0x1E00, 0x1FFF),  # Latin and Greek with more marks
    (0x2000, 0x27BF),  # punctuation, currency, arrows, mathematics, shapes, ticks and crosses
)

regular, bold = f"{noto}/NotoSansCJK-Regular.ttc", f"{noto}/NotoSansCJK-Bold.ttc"
cut(regular, CHINESE, "NotoSansSC-GB2312.otf", number=SIMPLIFIED_CHINESE)
cut(regular, SYMBOLS, "NotoSansSC-Symbols.otf", number=SIMPLIFIED_CHINESE)
cut(bold, COMMON_HANZI, "NotoSansSC-Bold-GB2312-1.otf", number=SIMPLIFIED_CHINESE)
cut(symbols, ranges((0x2400, 0x2424)), "NotoSansSymbols2-Control.ttf")
cut(sans, {0xFFFD}, "NotoSans-Replacement.ttf")
# Not `calt`: it draws "->" as an arrow, and a message is shown as it was sent.
marks = ["kern", "mark", "mkmk", "ccmp", "locl"]
cut(inter, LATIN, "Inter.ttf", features=marks, before=digits_of_one_width, after=regular_to_semibold)
PYTHON
ls -l "$out"
