"""Filling a gap: held-out songs with two bars made anew, against what else could stand there.

Cross-validation: the songs are dealt out like cards, so that every song is filled by a model that never saw it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from music_figures import BAR, COUNT, LOW

from .common import Note, Program, Song, notes_of, read_song

FOLDS, SEEDS, GAP_BARS = 10, 5, 2
FILL, SAMPLED, UNHELD = "filled by the model", "the same, the last step sampled", "chain that holds nothing"
DRAWN, LIKELIEST = "independent notes", "the likeliest independent notes"
BAR_BEFORE, BARS_BEFORE = "bar before, twice", "two bars before"
WAYS = [FILL, SAMPLED, UNHELD, DRAWN, LIKELIEST, BAR_BEFORE, BARS_BEFORE]


@dataclass
class Gap:
    """Steps of a song: two bars in its middle."""

    song: Song
    first_bar: int  # counted from 0

    @classmethod
    def of(cls, song: Song) -> Gap:
        return cls(song, song.bars // 2)

    @property
    def start(self) -> int:
        return self.first_bar * self.song.steps_per_bar

    @property
    def end(self) -> int:
        return self.start + GAP_BARS * self.song.steps_per_bar

    def bars(self) -> str:
        return f"{self.first_bar + 1}-{self.first_bar + GAP_BARS}"


def f1(truth: Sequence[Note], guess: Sequence[Note], with_length: bool) -> float:
    """2·right / (notes of the song + notes of the fill); a note is right with the same pitch and start step."""
    key = (lambda note: note) if with_length else (lambda note: (note.start, note.pitch))
    right = len({key(note) for note in truth} & {key(note) for note in guess})
    return 2 * right / (len(truth) + len(guess)) if truth or guess else 1.0


class Rates:
    """How often a note starts at each place (the step modulo 16, as the model sees it) and pitch of the training songs."""

    def __init__(self, songs: Sequence[Song]) -> None:
        self.starts = np.zeros((BAR, COUNT))
        steps = np.zeros((BAR, 1))
        self.lengths: dict[int, list[int]] = {}
        for song in songs:
            places = np.arange(len(song.roll)) % BAR
            np.add.at(self.starts, places, song.roll.onset)
            np.add.at(steps, places, 1)
            for note in notes_of(song.roll):
                self.lengths.setdefault(note.pitch, []).append(note.steps)
        self.starts /= steps

    def drawn(self, gap: Gap, random: np.random.Generator) -> list[Note]:
        rates = self.starts[np.arange(gap.start, gap.end) % BAR]
        return [self._note(step, column, random) for step, column in zip(*np.nonzero(random.random(rates.shape) < rates))]

    def likeliest(self, gap: Gap, random: np.random.Generator) -> list[Note]:
        """As many notes as expected, the likeliest ones: what the model's own last step, the likeliest bits, is to a sample."""
        rates = self.starts[np.arange(gap.start, gap.end) % BAR]
        best = np.argsort(-rates, axis=None, kind="stable")[: round(rates.sum())]
        return [self._note(step, column, random) for step, column in zip(*np.unravel_index(best, rates.shape))]

    def _note(self, step: int, column: int, random: np.random.Generator) -> Note:
        pitch = LOW + int(column)
        return Note(int(step), pitch, int(random.choice(self.lengths[pitch])))


def repeated(gap: Gap, bars: int) -> list[Note]:
    """The last bars before the gap again, until it is full."""
    length = bars * gap.song.steps_per_bar
    before = notes_of(gap.song.roll, gap.start - length, gap.start)
    times = GAP_BARS // bars
    return [Note(note.start + time * length, note.pitch, note.steps) for time in range(times) for note in before]


def fills(program: Program, project: Path, gap: Gap, rates: Rates) -> dict[str, list[list[Note]]]:
    """What each way puts into the gap, once a seed."""
    file, few = ["--infill", gap.song.path], ["--count", SEEDS, "--seed", 1]
    made = {
        FILL: program.generate(project, *file, "--bars-free", gap.bars(), *few),
        SAMPLED: program.generate(project, *file, "--bars-free", gap.bars(), *few, "--sample"),
        UNHELD: program.generate(project, *file, "--bars-free", f"1-{gap.song.bars}", *few),
    }
    random = np.random.default_rng(1)
    ways = {name: [notes_of(roll, gap.start, gap.end) for roll in rolls] for name, rolls in made.items()}
    ways[DRAWN] = [rates.drawn(gap, random) for _ in range(SEEDS)]
    ways[LIKELIEST] = [rates.likeliest(gap, random) for _ in range(SEEDS)]
    ways[BAR_BEFORE], ways[BARS_BEFORE] = [repeated(gap, 1)], [repeated(gap, 2)]
    return ways


def scores(gap: Gap, ways: dict[str, list[list[Note]]]) -> dict:
    truth = notes_of(gap.song.roll, gap.start, gap.end)
    both = {}
    for name, with_length in (("f1", False), ("f1_with_length", True)):
        both[name] = {way: float(np.mean([f1(truth, guess, with_length) for guess in guesses])) for way, guesses in ways.items()}
    # Each bar of the gap by itself: does it matter which of its neighbours is a held one?
    steps = gap.song.steps_per_bar
    by_bar = []
    for bar in range(GAP_BARS):
        own = [note for note in truth if note.start // steps == bar]
        guessed = {way: [[note for note in guess if note.start // steps == bar] for guess in guesses] for way, guesses in ways.items()}
        by_bar.append({way: float(np.mean([f1(own, guess, False) for guess in guesses])) for way, guesses in guessed.items()})
    notes = {way: float(np.mean([len(guess) for guess in guesses])) for way, guesses in ways.items()}
    return {**both, "by_bar": by_bar, "notes": notes, "truth": len(truth), "song": gap.song.path.stem}


def of_songs(program: Program, name: str, files: Sequence[Path], asked: Sequence[Path], fold_of: Sequence[int]) -> list[dict]:
    """Fills the songs that are asked for; `fold_of` says for each file which model does not see it."""
    songs = {path: read_song(path) for path in files}
    results = []
    for fold in sorted(set(fold_of)):
        training = [path for path, number in zip(files, fold_of) if number != fold]
        project = program.train(f"{name}-{fold}", training)
        rates = Rates([songs[path] for path in training])
        for path in (path for path, number in zip(files, fold_of) if number == fold and path in set(asked)):
            gap = Gap.of(songs[path])
            results.append(scores(gap, fills(program, project, gap, rates)))
            print(f"{name} {fold} {path.stem}: {results[-1]['f1'][FILL]:.2f}, {results[-1]['f1'][BAR_BEFORE]:.2f}", flush=True)
    return sorted(results, key=lambda result: result["song"])


def measure(program: Program, demo: Path, pop: Path | None) -> dict:
    files = sorted(demo.glob("*.mid"))
    found = {"demo": of_songs(program, "demo", files, files, [number % FOLDS for number in range(len(files))])}
    if pop is not None and pop.is_dir():
        # Verse and chorus of one song share a model; one of them stands for the song.
        files = sorted(pop.glob("*.midi"))
        titles = sorted({title(path) for path in files})
        fold_of = [titles.index(title(path)) % FOLDS for path in files]
        asked = [next(path for path in files if title(path) == name) for name in titles][:50]
        found["pop"] = of_songs(program, "pop", files, asked, fold_of)
    return found


def title(path: Path) -> str:
    return path.stem.split(" - ")[0].strip().lower()
