#!/usr/bin/env python3
"""Writes the benchmark piano rolls as MIDI files.

usage: rolls_to_midi.py NAME.json OUT_FOLDER

Makes OUT_FOLDER/{train,valid,test}/NNNN.mid: format 0, 96 ticks a quarter note, one roll step = one quarter note,
every note of a step struck at the step and released at the next one, so that a grid of one step a beat and the
hold plane alone give the roll back exactly. The end-of-track event stands at the end of the last step, so
trailing rests survive. Standard library only.
"""

import json
import pathlib
import sys

TICKS = 96
TEMPO_120 = b"\xff\x51\x03\x07\xa1\x20"
FOUR_FOUR = b"\xff\x58\x04\x04\x02\x18\x08"


def variable_length(value):
    out = [value & 0x7F]
    while value := value >> 7:
        out.append((value & 0x7F) | 0x80)
    return bytes(reversed(out))


def track(steps):
    events = [(0, TEMPO_120), (0, FOUR_FOUR)]
    for number, notes in enumerate(steps):
        start, end = number * TICKS, (number + 1) * TICKS
        for pitch in notes:
            events.append((start, bytes((0x90, pitch, 64))))
            events.append((end, bytes((0x80, pitch, 0))))
    # At one tick: metas, then note-offs, then note-ons.
    rank = {0xFF: 0, 0x80: 1, 0x90: 2}
    events.sort(key=lambda e: (e[0], rank[e[1][0]]))
    events.append((len(steps) * TICKS, b"\xff\x2f\x00"))
    out, now = b"", 0
    for tick, data in events:
        out += variable_length(tick - now) + data
        now = tick
    return out


def write_folders(source, target):
    """Gives the number of steps in each of the three parts."""
    rolls = json.loads(pathlib.Path(source).read_text())
    for part in ("train", "valid", "test"):
        folder = pathlib.Path(target) / part
        folder.mkdir(parents=True, exist_ok=True)
        for number, steps in enumerate(rolls[part]):
            body = track(steps)
            head = b"MThd" + b"".join(n.to_bytes(size, "big") for n, size in ((6, 4), (0, 2), (1, 2), (TICKS, 2)))
            (folder / f"{number:04}.mid").write_bytes(head + b"MTrk" + len(body).to_bytes(4, "big") + body)
    return {part: sum(map(len, rolls[part])) for part in ("train", "valid", "test")}


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    for part, n_steps in write_folders(*sys.argv[1:]).items():
        print(part, n_steps, "steps")
