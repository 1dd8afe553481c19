"""Seams: where new music was joined to what stood, against the same places inside an excerpt.

The model sees two bars. A long piece is made by sliding: bars 1 and 2 together, then a bar further at a time. Of the bar that
both excerpts see, the first half stands and is held; the second half is made together with the bar after it. So the line
between two bars always lies inside an excerpt, and what is joined is the middle of a bar.
A second model, of four bars and a stride of two, makes two bars at a time: there joins take turns with middles of bars
that lie inside an excerpt.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from music_figures import BAR, Roll, read_midi

from .common import Program, notes_of, read_song, write_midi

PIECES, BARS, SEEDS = 200, 12, (1, 1001)
MOST = 12  # semitones; larger intervals count as this
BEAT = 4
HALF = BAR // 2


def top_intervals(roll: Roll, line: int) -> np.ndarray:
    """The step from the last top note that starts in the half bar before the line to the first one in that after it."""
    before, after = roll.onset[line - HALF : line], roll.onset[line : line + HALF]
    counts = np.zeros(2 * MOST + 1)
    if before.any() and after.any():
        last = np.flatnonzero(before.any(axis=1))[-1]
        first = np.flatnonzero(after.any(axis=1))[0]
        step = int(np.flatnonzero(after[first])[-1]) - int(np.flatnonzero(before[last])[-1])
        counts[np.clip(step, -MOST, MOST) + MOST] = 1
    return counts


def class_intervals(roll: Roll, line: int) -> np.ndarray:
    """Intervals modulo 12 of every note that sounds just before the line to every one that sounds just after it."""
    before, after = np.flatnonzero(roll.hold[line - 1]), np.flatnonzero(roll.hold[line])
    return np.bincount(((after[None] - before[:, None]) % 12).ravel(), minlength=12).astype(float)


def counts_at(roll: Roll, line: int) -> np.ndarray:
    """Onsets in the beat before the line, at the line, in the rest of its beat, in the next beat;
    notes before it, and those that ring on."""
    ringing = roll.hold[line - 1] & roll.hold[line] & ~roll.onset[line]
    onsets = roll.onset
    spans = [(line - BEAT, line), (line, line + 1), (line + 1, line + BEAT), (line + BEAT, line + 2 * BEAT)]
    return np.array([*(onsets[start:end].sum() for start, end in spans), roll.hold[line - 1].sum(), ringing.sum()], float)


def summed(rolls: Sequence[Roll], lines: Callable[[Roll], Sequence[int]]) -> np.ndarray:
    """One row a piece: the sums over its lines, and how many they are."""
    rows = []
    for roll in rolls:
        at = lines(roll)
        parts = [np.concatenate([counts_at(roll, line), top_intervals(roll, line), class_intervals(roll, line), [1.0]]) for line in at]
        if parts:
            rows.append(np.sum(parts, axis=0))
    return np.array(rows)


TOP, CLASSES = slice(6, 6 + 2 * MOST + 1), slice(6 + 2 * MOST + 1, 6 + 2 * MOST + 1 + 12)


def statistics(rows: np.ndarray) -> np.ndarray:
    """Onsets a step before, at, after and far from the line; the share that rings on; both histograms as shares."""
    sums = rows.sum(axis=0)
    lines = sums[-1]
    head = [sums[0] / lines / BEAT, sums[1] / lines, sums[2] / lines / (BEAT - 1), sums[3] / lines / BEAT, sums[5] / max(sums[4], 1)]
    return np.concatenate([head, sums[TOP] / max(sums[TOP].sum(), 1), sums[CLASSES] / max(sums[CLASSES].sum(), 1)])


FAR = "for comparison, further on: onsets a step in the next beat"
HEADS = [
    "onsets a step in the beat before the line",
    "onsets at the line",
    "onsets a step in the rest of its beat",
    FAR,
    "notes that ring on over the line",
]
N_HEADS = len(HEADS)
TOP_BINS, CLASS_BINS = slice(N_HEADS, N_HEADS + 2 * MOST + 1), slice(N_HEADS + 2 * MOST + 1, None)


def off(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a - b).sum() / 2)


def compared(within: np.ndarray, joins: np.ndarray, drawn: int) -> dict:
    """The joins beside the 99 % bootstrap interval of lines within, of as many pieces as made the joins."""
    got, inner = statistics(joins), statistics(within)
    random = np.random.default_rng(1)
    samples = np.array([statistics(within[random.integers(len(within), size=drawn)]) for _ in range(2000)])
    low, high = np.quantile(samples, [0.005, 0.995], axis=0)
    found = {"heads": {name: [float(x) for x in (inner[i], low[i], high[i], got[i])] for i, name in enumerate(HEADS)}, "bins": {}, "off": {}}
    for name, bins in (("melodic intervals", TOP_BINS), ("intervals of pitch classes", CLASS_BINS)):
        inside = (low[bins] <= got[bins]) & (got[bins] <= high[bins])
        limit = float(np.quantile([off(sample[bins], inner[bins]) for sample in samples], 0.99))
        found["off"][name] = [off(got[bins], inner[bins]), limit]
        found["bins"][name] = {key: [float(v) for v in value[bins]] for key, value in (("within", inner), ("low", low), ("high", high), ("joins", got))}
        found["bins"][name]["inside"] = int(inside.sum())
    return found


def of_sliding(whole: Sequence[Roll], long: Sequence[Roll]) -> dict:
    """Pieces of one excerpt against long ones, whose excerpts move on by a bar; the last one is made to its end."""
    last = (BARS - 1) * BAR
    return {
        "joins": compared(summed(whole, lambda roll: [HALF, BAR + HALF]), summed(long, lambda roll: range(BAR + HALF, last, BAR)), len(whole)),
        "bar lines": compared(summed(whole, lambda roll: [BAR]), summed(long, lambda roll: range(2 * BAR, BARS * BAR, BAR)), len(whole)),
    }


def of_four_bars(program: Program, files: Sequence[Path]) -> dict:
    project = program.train("four-bars", with_later_starts(files, program.work / "later"), "--set", "steps_per_excerpt=64", "--set", "stride_steps=32")
    whole, long = (program.generate(project, "--count", PIECES, "--bars", bars, "--seed", 1) for bars in (4, BARS))
    middles = [bar * BAR + HALF for bar in range(BARS)]
    # The first excerpt is whole to the middle of bar 4, each further one to the middle two bars later.
    within, joins = middles[4:-2:2], middles[3:-2:2]
    return {
        "joins": compared(summed(long, lambda roll: within), summed(long, lambda roll: joins), PIECES),
        "places": compared(summed(whole, lambda roll: middles[1:2]), summed(whole, lambda roll: middles[3:4]), PIECES),
    }


def measure(program: Program, demo: Path) -> dict:
    files = sorted(demo.glob("*.mid"))
    project = program.of_all(files)
    songs = [song.roll for song in map(read_song, files) if song.steps_per_bar == BAR]
    found = {"songs": statistics(summed(songs, lambda roll: range(BAR, len(roll) - BAR, BAR))).tolist()}
    for seed in SEEDS:
        whole, long = (program.generate(project, "--count", PIECES, "--bars", bars, "--seed", seed) for bars in (2, BARS))
        found[f"seed {seed}"] = of_sliding(whole, long)
    found["four bars"] = of_four_bars(program, files)
    return found


def with_later_starts(files: Sequence[Path], folder: Path) -> list[Path]:
    """The songs, and each once more without its first bar: songs have phrases of two bars, and a model that moves on by
    two bars would know odd lines from even ones; so it cannot."""
    folder.mkdir(parents=True, exist_ok=True)
    later = []
    for path in files:
        roll = read_midi(path)
        rest = roll.part(BAR, len(roll) - BAR)
        later.append(write_midi(notes_of(rest), len(rest), BAR, folder / f"later {path.name}"))
    return [*files, *later]
