#!/usr/bin/env python3
"""Makes assets/fonts/ out of Inter and DejaVu Sans as Debian installs them. Wants fonttools (scripts/fonts.sh).

    make_fonts.py INTER_FOLDER DEJAVU_FILE GOAL_FOLDER

The toolkit that draws the window shapes text but cannot switch OpenType features on. So the figures of equal
width, which Inter has as the feature tnum, are moved to the place of the ordinary ones in fonts of their own.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont, newTable

WEIGHTS = ["Regular", "Medium", "SemiBold"]
# Latin with all its extensions, Greek, Cyrillic, punctuation, currencies, arrows, mathematics, shapes.
TEXT = [
    (0x0020, 0x024F), (0x02B0, 0x036F), (0x0370, 0x03FF), (0x0400, 0x052F), (0x1E00, 0x1EFF), (0x2000, 0x206F),
    (0x2070, 0x20CF), (0x2100, 0x22FF), (0x2300, 0x23FF), (0x25A0, 0x27BF), (0xFB00, 0xFB06), (0xFFFD, 0xFFFD),
]
# What stands among numbers: so much that a line with figures is one run of one font.
FIGURES = [(0x0020, 0x00FF), (0x2000, 0x206F), (0x2070, 0x209F), (0x2190, 0x2199), (0x2212, 0x2212), (0x2248, 0x2265)]
MUSIC = [(0x2669, 0x266F), (0x2715, 0x2715)]  # ♩♪♫♬♭♮♯ and ✕, which Inter lacks
KEPT_FEATURES = ["kern", "mark", "mkmk", "ccmp", "locl"]  # calt would turn -> into an arrow


def codes(ranges: list[tuple[int, int]]) -> list[int]:
    return [code for first, last in ranges for code in range(first, last + 1)]


def cut(font: TTFont, ranges: list[tuple[int, int]], features: list[str]) -> None:
    options = subset.Options()
    options.layout_features = features
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14, 16, 17]
    options.hinting = False
    options.desubroutinize = True
    options.notdef_outline = True
    options.recalc_timestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes(ranges))
    subsetter.subset(font)


def equal_figures(font: TTFont) -> None:
    """Gives 0 to 9 the outlines of the feature tnum."""
    features = font["GSUB"].table.FeatureList.FeatureRecord
    lookups = font["GSUB"].table.LookupList.Lookup
    indices = next(f.Feature.LookupListIndex for f in features if f.FeatureTag == "tnum")
    swaps: dict[str, str] = {}
    for index in indices:
        for table in lookups[index].SubTable:
            swaps.update(getattr(table, "ExtSubTable", table).mapping)
    names = dict(font.getBestCmap())
    for table in font["cmap"].tables:
        for figure in map(ord, "0123456789"):
            if figure in table.cmap:
                table.cmap[figure] = swaps[names[figure]]
    names = font.getBestCmap()
    width = max(font["hmtx"][names[ord(figure)]][0] for figure in "0123456789")
    for figure in "0123456789\u2007":
        # In some weights they differ by 2 units of 2816: a slip of rounding, but then columns drift.
        own, bearing = font["hmtx"][names[ord(figure)]]
        if width - own > 4:
            sys.exit(f"the figure {figure!r} is {own} wide, others {width}")
        font["hmtx"][names[ord(figure)]] = (width, bearing)


def to_quadratic(font: TTFont) -> None:
    """Turns CFF outlines into TrueType ones, which every toolkit reads."""
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    outlines = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        # One unit of 2816 an em: a hundredth of a pixel at the sizes of a screen.
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        outlines[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder = order
    glyf.glyphs = outlines
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in (
        "maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
        "maxStackElements", "maxSizeOfInstructions", "maxComponentElements",
    ):
        setattr(maxp, field, 1 if field == "maxZones" else 0)
    font["post"].formatType = 3.0  # without glyph names
    font["head"].glyphDataFormat = 0
    del font["CFF "]
    if "VORG" in font:
        del font["VORG"]
    font.sfntVersion = "\000\001\000\000"


def rename(font: TTFont, family: str, weight: str) -> None:
    full = f"{family} {weight}"
    postscript = f"{family.replace(' ', '')}-{weight}"
    texts = {1: full if weight != "Regular" else family, 2: "Regular", 3: postscript, 4: full, 6: postscript, 16: family, 17: weight}
    for record in font["name"].names:
        if record.nameID in texts:
            record.string = texts[record.nameID]


def save(font: TTFont, goal: Path) -> None:
    font.recalcTimestamp = False
    font.save(goal)
    print(f"{goal}: {goal.stat().st_size} bytes, {len(font.getBestCmap())} characters")


def main() -> None:
    inter, dejavu, goal = map(Path, sys.argv[1:4])
    for weight in WEIGHTS:
        for family, ranges in (("Inter", TEXT), ("Inter Tabular", FIGURES)):
            font = TTFont(inter / f"Inter-{weight}.otf")
            if family == "Inter Tabular":
                equal_figures(font)
            cut(font, ranges, KEPT_FEATURES)
            to_quadratic(font)
            rename(font, family, weight)
            save(font, goal / f"{family.replace(' ', '-')}-{weight}.ttf")
    font = TTFont(dejavu)
    cut(font, MUSIC, [])
    rename(font, "Harmonium Symbols", "Regular")
    save(font, goal / "Harmonium-Symbols.ttf")


if __name__ == "__main__":
    main()
