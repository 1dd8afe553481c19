#!/usr/bin/env python3
"""Measures every way of composing, and writes docs/composing.md.

    composing_figures.py --harmonium PATH [--demo assets/demo] [--pop FOLDER] [--work FOLDER] [--only PART …]

Each part leaves its figures as JSON in the work folder; the page is written of all that lie there. Needs what
scripts/music-requirements.txt names. docs/composing.md defines the measures.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from composing import gap, modes, seams, steering
from composing.common import Program
from composing.page import page

PARTS = {
    "gap": lambda program, options: gap.measure(program, options.demo, options.pop),
    "seams": lambda program, options: seams.measure(program, options.demo),
    "density": lambda program, options: steering.density(program, options.demo),
    "entropy": lambda program, options: steering.entropy(program, options.demo),
    "modes": lambda program, options: modes.measure(program, options.demo),
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harmonium", required=True, help="the program")
    parser.add_argument("--demo", type=Path, default=Path("assets/demo"))
    parser.add_argument("--pop", type=Path, help="a second set of songs to fill gaps of, named 'title - part.midi'")
    parser.add_argument("--work", type=Path, default=Path("target/composing-figures"), help="where projects and figures are left")
    parser.add_argument("--keep-models", action="store_true", help="use models again that lie in the work folder")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS), help="the parts to measure anew")
    parser.add_argument("--out", type=Path, default=Path("docs/composing.md"))
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    program = Program(options.harmonium, options.work, options.keep_models)
    for part in options.only:
        figures = PARTS[part](program, options)
        (options.work / f"{part}.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")
    missing = [part for part in PARTS if not (options.work / f"{part}.json").exists()]
    if missing:
        print(f"not yet measured: {', '.join(missing)}; the page waits for them", file=sys.stderr)
        return 1
    figures = {part: json.loads((options.work / f"{part}.json").read_text(encoding="utf-8")) for part in PARTS}
    options.out.write_text(page(figures), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
