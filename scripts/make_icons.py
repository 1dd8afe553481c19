#!/usr/bin/env python3
"""Draws the icon in all sizes.

    make_icons.py FOLDER

FOLDER holds harmonium.svg and harmonium-small.svg (up to 32 pixels, where the first would be a blur).
Beside them come harmonium-SIZE.png, harmonium.ico for Windows and harmonium.icns for macOS.
Wants resvg_py and Pillow; scripts/icons.sh gets them.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import resvg_py
from PIL import Image

# What freedesktop's hicolor theme has folders for.
PNG_SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 24, 32, 48, 64, 128, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)
LARGEST_SMALL = 32


def draw(folder: Path, size: int) -> Image.Image:
    source = folder / ("harmonium-small.svg" if size <= LARGEST_SMALL else "harmonium.svg")
    png = resvg_py.svg_to_bytes(svg_path=str(source), width=size, height=size)
    return Image.open(io.BytesIO(bytes(png))).convert("RGBA")


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    drawn = {size: draw(folder, size) for size in sorted({*PNG_SIZES, *ICO_SIZES, *ICNS_SIZES})}
    for size in PNG_SIZES:
        drawn[size].save(folder / f"harmonium-{size}.png", optimize=True)
    # Pillow takes the picture of each size where it is given one, and shrinks the largest otherwise.
    for name, sizes in (("harmonium.ico", ICO_SIZES), ("harmonium.icns", ICNS_SIZES)):
        largest, *others = [drawn[size] for size in reversed(sizes)]
        options = {"sizes": [(size, size) for size in sizes]} if name.endswith(".ico") else {}
        largest.save(folder / name, append_images=others, **options)
    print(f"{len(PNG_SIZES)} PNG files, harmonium.ico, harmonium.icns in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
