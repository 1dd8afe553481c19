#!/usr/bin/env python3
"""Draws a training run as SVG from what `harmonium train --json` prints.

    plot.py TRAINING.jsonl GOAL.svg

Standard library only.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

WIDTH, HEIGHT, LEFT, BOTTOM, EDGE = 800, 420, 72, 48, 24
CURVES = [("reconstruction_error", "training", "#f0b24a"), ("held_out_error", "held out", "#4cc4b4")]


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    lines = [json.loads(line) for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines() if line.strip()]
    epochs = [line for line in lines if "epoch" in line and not line.get("summary")]
    points = {key: [(e["epoch"], e[key]) for e in epochs if e.get(key) is not None] for key, _, _ in CURVES}
    everything = [point for curve in points.values() for point in curve]
    if not everything:
        print(f"{sys.argv[1]} holds no epochs", file=sys.stderr)
        return 1
    first, last = min(x for x, _ in everything), max(x for x, _ in everything)
    top = max(y for _, y in everything) * 1.05 or 1.0

    def across(epoch: float) -> float:
        return LEFT + (epoch - first) / max(last - first, 1) * (WIDTH - LEFT - EDGE)

    def up(error: float) -> float:
        return HEIGHT - BOTTOM - error / top * (HEIGHT - BOTTOM - EDGE)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="Inter, sans-serif" '
        f'font-size="12" fill="#96949c">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#141416"/>',
    ]
    for part in range(5):
        error = top * part / 4
        out.append(f'<path d="M{LEFT} {up(error):.1f}H{WIDTH - EDGE}" stroke="#2e2e36"/>')
        out.append(f'<text x="{LEFT - 8}" y="{up(error) + 4:.1f}" text-anchor="end">{error:.4f}</text>')
        epoch = first + (last - first) * part / 4
        out.append(f'<text x="{across(epoch):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{epoch:.0f}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - EDGE) / 2}" y="{HEIGHT - 10}" text-anchor="middle">epoch</text>')
    out.append(f'<text x="{LEFT}" y="16">reconstruction error (mean squared)</text>')
    for place, (key, label, colour) in enumerate(curve for curve in CURVES if points[curve[0]]):
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points[key])
        out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        out.append(f'<text x="{WIDTH - EDGE}" y="{16 + 16 * place}" text-anchor="end" fill="{colour}">{label}</text>')
    out.append("</svg>")
    Path(sys.argv[2]).write_text("\n".join(out) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
