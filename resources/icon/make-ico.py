#!/usr/bin/env python3
"""Puts the pictures into one file for Windows, which takes them as PNG."""

import pathlib
import struct

FOLDER = pathlib.Path(__file__).parent
SIZES = (16, 24, 32, 48, 64, 128, 256)

pictures = [(FOLDER / f"sockhop-{size}.png").read_bytes() for size in SIZES]
file = struct.pack("<HHH", 0, 1, len(pictures))
offset = len(file) + 16 * len(pictures)
for size, picture in zip(SIZES, pictures):
    # 256 does not fit and is written as 0.
    file += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), offset)
    offset += len(picture)
(FOLDER / "sockhop.ico").write_bytes(file + b"".join(pictures))
