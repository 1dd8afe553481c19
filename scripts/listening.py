#!/usr/bin/env python3
"""Makes docs/listening/ anew: ten pieces by the order of their seeds, as MIDI and Ogg Vorbis, and the table of its README.

    listening.py --harmonium PATH [--demo assets/demo] [--out docs/listening] [--rolls]

Trains the preset Recommended on the demo set, generates seeds 1 to 10 and renders them with the SoundFont that ships.
`--rolls` only prints the pieces that are there as text. What is written by hand in the README stays; where a piece
is no longer the one that it was written about, the script says so. Needs what scripts/music-requirements.txt names.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

from music_figures import BAR, COUNT, LOW, Roll, percent, read_midi, roll_as_text, run

PIECES, BARS = 10, 8
RENDER = ["--quality", "3", "--gain", "9"]
BEGIN, END = "<!-- table: made by scripts/listening.py -->", "<!-- end of the table -->"
NAMES = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
MAJOR, MINOR = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10)


def key_of(roll: Roll) -> tuple[str, float]:
    """The major or natural minor scale that holds most of the sound; of relatives, the one whose tonic triad sounds more."""
    weights = np.zeros(12)
    np.add.at(weights, (LOW + np.arange(COUNT)) % 12, roll.hold.sum(axis=0))
    best = []
    for name, scale, third in (("major", MAJOR, 4), ("minor", MINOR, 3)):
        for tonic in range(12):
            inside = sum(weights[(tonic + step) % 12] for step in scale)
            triad = sum(weights[(tonic + step) % 12] for step in (0, third, 7))
            best.append((inside, triad, f"{NAMES[tonic]} {name}"))
    inside, _, name = max(best)
    return name, inside / weights.sum()


def chords(roll: Roll) -> str:
    """For each bar the major or minor triad that holds most of the sound."""
    names = []
    for start in range(0, len(roll), BAR):
        weights = np.zeros(12)
        np.add.at(weights, (LOW + np.arange(COUNT)) % 12, roll.hold[start : start + BAR].sum(axis=0))
        fits = []
        for tonic in range(12):
            for kind, third in (("", 4), ("m", 3)):
                inside = sum(weights[(tonic + step) % 12] for step in (0, third, 7))
                fits.append((inside, weights[tonic], kind == "", NAMES[tonic] + kind))
        names.append(max(fits)[-1] if weights.any() else "-")
    return " ".join(names)


def alike(roll: Roll) -> str:
    """The two bars that are most alike, and their distance."""
    bars = [roll.bits()[start : start + BAR] for start in range(0, len(roll), BAR)]
    pairs = [
        (1 - 2 * (a & b).sum() / max(a.sum() + b.sum(), 1), first + 1, first + second + 2)
        for first, a in enumerate(bars)
        for second, b in enumerate(bars[first + 1 :])
    ]
    distance, first, second = min(pairs)
    return f"{first} and {second}, {distance:.2f}"


def pitch_name(pitch: int) -> str:
    return f"{NAMES[pitch % 12]}{pitch // 12 - 1}"


def row(number: int, roll: Roll, line: dict, ogg: Path) -> str:
    columns = np.flatnonzero(roll.hold.any(axis=0))
    key, inside = key_of(roll)
    silent = int((~roll.hold.any(axis=1)).sum())
    cells = [
        f"[{number:02}.ogg]({number:02}.ogg), [MIDI]({number:02}.mid)",
        f"{key}, {percent(inside, 0)}",
        str(int(roll.onset.sum())),
        f"{roll.hold.sum() / len(roll):.1f}",
        f"{pitch_name(LOW + columns[0])} to {pitch_name(LOW + columns[-1])}",
        percent(silent / len(roll), 0),
        chords(roll),
        alike(roll),
        f"{line['nearest_song']}, {line['nearest_distance']:.2f}",
        f"{ogg.stat().st_size // 1000} kB",
    ]
    return "| " + " | ".join(cells) + " |"


def table(rows: list[str]) -> str:
    head = ["seed", "key, notes in it", "notes", "sounding a step", "range", "silence", "main chord of each bar", "bars most alike", "nearest song, distance", "size"]
    return "\n".join(["| " + " | ".join(head) + " |", "| --- | --- | ---: | ---: | --- | ---: | --- | --- | --- | ---: |", *rows])


def make(options: argparse.Namespace, work: Path) -> list[str]:
    project = work / "demo.harmonium"
    common = ["--seed", "1", "--device", "cpu"]
    _, seconds = run([options.harmonium, "train", str(options.demo), "--out", str(project), "--preset", "recommended", "--threads", "1", *common, "--json"])
    print(f"trained in {seconds:.0f} s of one processor core")
    lines, _ = run([options.harmonium, "generate", str(project), "--out", str(work), "--count", str(PIECES), "--bars", str(BARS), *common, "--json"])
    rows = []
    for number, line in enumerate(lines, start=1):
        midi, ogg = options.out / f"{number:02}.mid", options.out / f"{number:02}.ogg"
        if midi.exists() and midi.read_bytes() != Path(line["file"]).read_bytes():
            print(f"{midi} has changed: what the README says of it has to be written anew", file=sys.stderr)
        shutil.copy(line["file"], midi)
        run([options.harmonium, "render", str(midi), "--out", str(ogg), *RENDER, "--json"])
        rows.append(row(number, read_midi(midi), line, ogg))
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harmonium", help="the program")
    parser.add_argument("--demo", type=Path, default=Path("assets/demo"))
    parser.add_argument("--out", type=Path, default=Path("docs/listening"))
    parser.add_argument("--rolls", action="store_true", help="print the pieces as text")
    options = parser.parse_args()
    if options.rolls:
        for midi in sorted(options.out.glob("*.mid")):
            roll = read_midi(midi)
            print(f"{midi.name}\n{roll_as_text(roll, 0, 4)}\n\n{roll_as_text(roll, 4, 4)}\n")
        return 0
    if not options.harmonium:
        parser.error("--harmonium is wanted")
    with tempfile.TemporaryDirectory() as work:
        rows = make(options, Path(work))
    readme = options.out / "README.md"
    text = readme.read_text(encoding="utf-8") if readme.exists() else f"{BEGIN}\n{END}\n"
    new = re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n\n{table(rows)}\n\n{END}", text, flags=re.DOTALL)
    readme.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
