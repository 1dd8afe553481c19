#!/usr/bin/env python3
"""Draws the manual's own pictures (SVG, and PNG for the window) and makes small copies of the gallery's.

    manual_pictures.py

Wants rsvg-convert and ImageMagick's convert. Standard library only. Nothing is drawn by chance: each number comes
from a generator with a seed.
"""

from __future__ import annotations

import math
import random
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = ROOT / "docs/manual/pictures"
WIDTH = 720
GROUND, CARD, LINE, TEXT, QUIET = "#1b1b1f", "#222228", "#3a3a44", "#e8e6e1", "#a9a7af"
AMBER, TEAL, BLUE, VIOLET = "#f0b24a", "#4cc4b4", "#5aa9ff", "#8a86ff"

# What the window's pages show of the gallery, under the name that they use.
GALLERY = {
    "first-start": "first-start",
    "training": "training-epoch-100",
    "piece": "piece",
    "filters": "filters",
    "composing": "composing",
    "sweep": "sweep",
}

# A bar of a simple tune: row from the top, first step, steps.
TUNE = [(1, 0, 4), (3, 4, 4), (0, 8, 4), (1, 12, 4), (6, 0, 8), (8, 0, 8), (5, 8, 8), (8, 8, 8)]
ROWS, STEPS = 10, 16


def text(x: float, y: float, words: str, size: int = 15, fill: str = TEXT, anchor: str = "middle") -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{words}</text>'


def rect(x: float, y: float, w: float, h: float, fill: str, radius: float = 2, opacity: float = 1.0) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{radius}" fill="{fill}" '
        f'fill-opacity="{opacity:.2f}"/>'
    )


def arrow(x1: float, y1: float, x2: float, y2: float, color: str = QUIET) -> str:
    angle = math.atan2(y2 - y1, x2 - x1)
    tips = [(x2 - 9 * math.cos(angle + turn), y2 - 9 * math.sin(angle + turn)) for turn in (0.45, -0.45)]
    head = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(x2, y2), *tips])
    return (
        f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{color}" stroke-width="2"/>'
        f'<polygon points="{head}" fill="{color}"/>'
    )


def grid(x: float, y: float, cell: float, cells: dict[tuple[int, int], tuple[str, float]]) -> str:
    """A piano roll; `cells` says colour and strength of those that are on."""
    parts = [rect(x - 4, y - 4, STEPS * cell + 8, ROWS * cell + 8, GROUND, 4)]
    for row in range(ROWS):
        for step in range(STEPS):
            color, strength = cells.get((row, step), (LINE, 0.35))
            parts.append(rect(x + step * cell + 0.5, y + row * cell + 0.5, cell - 1, cell - 1, color, 1, strength))
    return "".join(parts)


def tune_cells() -> dict[tuple[int, int], tuple[str, float]]:
    return {
        (row, step): (AMBER, 1.0) for row, start, steps in TUNE for step in range(start, start + steps)
    }


def notes(x: float, y: float, cell: float) -> str:
    parts = [rect(x - 4, y - 4, STEPS * cell + 8, ROWS * cell + 8, GROUND, 4)]
    for row, start, steps in TUNE:
        parts.append(rect(x + start * cell + 1, y + row * cell + 1, steps * cell - 2, cell - 2, AMBER, 3))
    return "".join(parts)


def excerpt() -> tuple[int, str]:
    cell = 12
    parts = [notes(28, 40, cell), text(124, 186, "a bar of music"), arrow(236, 100, 262, 100)]
    parts += [grid(274, 40, cell, tune_cells()), text(370, 186, "as a grid of cells"), arrow(482, 100, 508, 100)]
    cells = tune_cells()
    for row in range(8):
        line = "".join("1" if (row, step) in cells else "0" for step in range(STEPS))
        parts.append(
            f'<text x="520" y="{50 + 15 * row}" font-size="13" font-family="monospace" fill="{QUIET}">{line}</text>'
        )
    parts.append(text(596, 186, "as a list of yes and no"))
    return 204, "".join(parts)


def layers() -> tuple[int, str]:
    dice = random.Random(3)
    hidden = [(130 + 92 * n, 66) for n in range(6)]
    visible = [(60 + 50 * n, 226) for n in range(13)]
    parts = []
    for hx, hy in hidden:
        for vx, vy in visible:
            weight = dice.gauss(0, 1)
            color, strength = (AMBER, weight) if weight > 0 else (BLUE, -weight)
            parts.append(
                f'<line x1="{hx}" y1="{hy}" x2="{vx}" y2="{vy}" stroke="{color}" '
                f'stroke-width="{0.4 + 1.4 * min(strength, 2):.2f}" stroke-opacity="{min(0.1 + 0.28 * strength, 0.8):.2f}"/>'
            )
    for n, (x, y) in enumerate(hidden):
        on = n in (1, 4)
        parts.append(
            f'<circle cx="{x}" cy="{y}" r="17" fill="{TEAL if on else CARD}" stroke="{TEAL}" stroke-width="2"/>'
        )
    for n, (x, y) in enumerate(visible):
        on = n in (0, 3, 4, 8, 11)
        parts.append(rect(x - 13, y - 13, 26, 26, AMBER if on else "#33333c", 4))
    parts.append(text(360, 30, "hidden units: what the model has found in your songs"))
    parts.append(text(360, 274, "visible units: the cells of an excerpt"))
    parts.append(text(28, 150, "calls for", 13, AMBER, "start") + text(28, 168, "forbids", 13, BLUE, "start"))
    return 292, "".join(parts)


def gibbs() -> tuple[int, str]:
    cell, goal = 9, tune_cells()
    parts = []
    for place, (noise, words) in enumerate([(1.0, "noise"), (0.45, "10 steps"), (0.16, "50 steps"), (0.0, "100 steps")]):
        dice = random.Random(11)
        cells = {}
        for row in range(ROWS):
            for step in range(STEPS):
                is_on = (row, step) in goal
                if dice.random() < noise:
                    is_on = dice.random() < 0.3
                if is_on:
                    cells[row, step] = (AMBER, 1.0)
        x = 24 + place * 175
        parts.append(grid(x, 36, cell, cells) + text(x + 72, 156, words))
        if place:
            parts.append(arrow(x - 24, 80, x - 8, 80))
    return 176, "".join(parts)


def learning() -> tuple[int, str]:
    cell = 9
    dice = random.Random(5)
    dream = {
        cell_: (VIOLET, 1.0)
        for cell_ in [*tune_cells(), *((dice.randrange(ROWS), dice.randrange(STEPS)) for _ in range(30))]
        if dice.random() < 0.75
    }
    parts = [grid(40, 60, cell, tune_cells()), text(112, 186, "your songs"), text(112, 38, "what goes together here…", 13, QUIET)]
    parts += [grid(536, 60, cell, dream), text(608, 186, "its dreams"), text(608, 38, "…and here", 13, QUIET)]
    parts += [rect(274, 78, 172, 66, CARD, 8), text(360, 106, "weights"), text(360, 128, "change by the difference", 13, QUIET)]
    parts += [arrow(196, 104, 266, 104, AMBER), text(231, 92, "stronger", 13, AMBER)]
    parts += [arrow(524, 104, 454, 104, VIOLET), text(489, 92, "weaker", 13, VIOLET)]
    return 206, "".join(parts)


def energy() -> tuple[int, str]:
    def height(x: float) -> float:
        valleys = [(150, 62, 90), (330, 48, 55), (540, 70, 100)]
        level = 86 + 10 * math.sin(x / 23) + 6 * math.sin(x / 11 + 1)
        return level + sum(depth * math.exp(-(((x - at) / width) ** 2)) for at, width, depth in valleys)

    points = [(x, height(x)) for x in range(20, 701, 4)]
    line = " ".join(f"{x},{y:.1f}" for x, y in points)
    parts = [f'<polygon points="20,236 {line} 700,236" fill="{CARD}"/>']
    parts.append(f'<polyline points="{line}" fill="none" stroke="{QUIET}" stroke-width="2.5"/>')
    for x, words in [(150, "your songs"), (540, "your songs"), (330, "music like them")]:
        parts.append(text(x, height(x) + 30, words, 13, AMBER))
    for x, strength in [(404, 0.3), (388, 0.5), (370, 0.75), (352, 1.0)]:
        parts.append(f'<circle cx="{x}" cy="{height(x) - 11:.1f}" r="9" fill="{TEAL}" fill-opacity="{strength}"/>')
    parts.append(text(412, 44, "a chain rolls downhill, shaken by chance", 13, TEAL))
    parts.append(arrow(30, 60, 30, 26) + text(42, 40, "energy", 13, QUIET, "start"))
    return 248, "".join(parts)


def draw(name: str, height: int, body: str) -> None:
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" font-family="Inter, DejaVu Sans, sans-serif">'
        f"{rect(0, 0, WIDTH, height, GROUND, 10)}{body}</svg>\n"
    )
    source = GOAL / f"{name}.svg"
    source.write_text(svg, encoding="utf-8")
    large = GOAL / f"{name}.png"
    subprocess.run(["rsvg-convert", "--zoom", "2", "-o", large, source], check=True)
    shrink(large, large, [])


def shrink(source: Path, goal: Path, scale: list[str]) -> None:
    """Few colours are enough here, and a quarter of the bytes."""
    command = ["convert", source, *scale, "-strip", "-dither", "None", "-colors", "96"]
    subprocess.run([*command, "-define", "png:compression-level=9", f"PNG8:{goal}"], check=True)


def main() -> None:
    GOAL.mkdir(parents=True, exist_ok=True)
    for name, picture in [
        ("excerpt", excerpt),
        ("layers", layers),
        ("gibbs", gibbs),
        ("learning", learning),
        ("energy", energy),
    ]:
        draw(name, *picture())
    for name, source in GALLERY.items():
        shrink(ROOT / f"docs/gallery/{source}.png", GOAL / f"{name}.png", ["-resize", "1080x"])


if __name__ == "__main__":
    main()
