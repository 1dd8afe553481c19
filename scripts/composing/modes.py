"""A figure for every other way of composing, on songs that the model never saw.

The models are those of the cross-validation (gap.py); of each of the first folds the songs held out are taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from music_figures import BAR, COUNT, LOW, Roll, pitch_class_sets

from .common import Note, Program, Song, notes_of, of_mean, read_song, write_midi
from .gap import FOLDS

TAKEN_FOLDS, SEEDS, GIVEN_BARS, NEW_BARS = 3, 5, 8, 4
AMOUNTS = [0.0, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0]
STEPS_BETWEEN = 9
KEYS = [("D", "major", 2, (0, 2, 4, 5, 7, 9, 11)), ("E", "minor", 4, (0, 2, 3, 5, 7, 8, 10)), ("Bb", "dorian", 10, (0, 2, 3, 5, 7, 9, 10))]


@dataclass
class Case:
    """The first bars of a song, all songs by a bar of its own metre, and a model that never saw it."""

    project: Path
    song: Song
    notes: list[Note]
    steps: int
    file: Path
    known_sets: np.ndarray

    @property
    def bar(self) -> int:
        return self.song.steps_per_bar


def cases(program: Program, demo: Path) -> list[Case]:
    files = sorted(demo.glob("*.mid"))
    found = []
    for fold in range(TAKEN_FOLDS):
        training = [path for number, path in enumerate(files) if number % FOLDS != fold]
        project = program.work / f"demo-{fold}.harmonium"
        if not project.exists():
            program.train(f"demo-{fold}", training)
        known = np.unique(np.concatenate([pitch_class_sets(read_song(path).roll) for path in training]))
        for path in files[fold::FOLDS]:
            song = read_song(path)
            steps = GIVEN_BARS * song.steps_per_bar
            # A note that would ring on beyond the cut ends there.
            notes = [Note(n.start, n.pitch, min(n.steps, steps - n.start)) for n in notes_of(song.roll, 0, steps)]
            file = write_midi(notes, steps, song.steps_per_bar, program.work / f"given {path.stem}.mid")
            found.append(Case(project, song, notes, steps, file, known))
    return found


# --- small measures -----------------------------------------------------------------------------------------------


def kept(given: Sequence[Note], roll: Roll, shift: int = 0) -> float:
    """Share of the given notes that are there with start, pitch and length."""
    there = set(notes_of(roll))
    return float(np.mean([Note(note.start + shift, note.pitch, note.steps) in there for note in given]))


def chroma(roll: Roll, start: int, end: int) -> np.ndarray:
    """How long each pitch class sounds in these steps."""
    weights = np.zeros(12)
    np.add.at(weights, (LOW + np.arange(COUNT)) % 12, roll.hold[start:end].sum(axis=0))
    return weights


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-9))


def distance(a: Roll, b: Roll) -> float:
    """1 − 2·common / (bits of one + bits of the other), as in docs/music.md, over the whole piece."""
    steps = max(len(a), len(b))
    bits = [np.vstack([roll.bits(), np.zeros((steps - len(roll), 2 * COUNT), bool)]) for roll in (a, b)]
    return float(1 - 2 * (bits[0] & bits[1]).sum() / max(bits[0].sum() + bits[1].sum(), 1))


def bar_distance(a: np.ndarray, b: np.ndarray) -> float:
    length = min(len(a), len(b))
    a, b = a[:length], b[:length]
    return float(1 - 2 * (a & b).sum() / max(a.sum() + b.sum(), 1))


def in_known_sets(roll: Roll, known: np.ndarray, start: int = 0, end: int | None = None) -> float:
    sets = pitch_class_sets(roll)[start:end]
    sounding = sets[sets > 0]
    return float(np.isin(sounding, known).mean()) if len(sounding) else 1.0


def outside(notes: Sequence[Note], tonic: int, scale: Sequence[int]) -> float:
    return float(np.mean([(note.pitch - tonic) % 12 not in scale for note in notes])) if notes else 0.0


def told(values: Sequence[float]) -> list[float]:
    """The mean with its 95 % interval over songs."""
    values = np.array(values)
    return [float(values.mean()), *of_mean(values)]


# --- one function a mode; each gives figures by name --------------------------------------------------------------


def next_to(program: Program, all_cases: Sequence[Case], way: str) -> dict:
    """Going on from a piece, or leading up to it: is the new bar that touches the given one like it, more than a new bar made
    for another song of the same fold is?"""
    is_lead = way == "--lead-up-to"
    made, keeps, own, other, differ = {}, [], [], [], []
    for number, case in enumerate(all_cases):
        made[number] = program.generate(case.project, way, case.file, "--bars", NEW_BARS, "--count", SEEDS, "--seed", 1)
        shift = NEW_BARS * case.bar if is_lead else 0
        keeps += [kept(case.notes, roll, shift) for roll in made[number]]
        differ.append(different([new_part(roll, case, is_lead) for roll in made[number]]))
    for number, case in enumerate(all_cases):
        mine = given_bar(case, is_lead)
        own.append(np.mean([bar_distance(mine, touching(roll, case, is_lead)) for roll in made[number]]))
        rest = [n for n, one in enumerate(all_cases) if n != number and one.project == case.project and one.bar == case.bar]
        if rest:
            other.append(np.mean([bar_distance(mine, touching(roll, all_cases[n], is_lead)) for n in rest for roll in made[n]]) - own[-1])
    return {"kept": told(keeps), "own": told(own), "other minus own": told(other), "differ": told(differ)}


def new_part(roll: Roll, case: Case, is_lead: bool) -> Roll:
    return roll.part(0, NEW_BARS * case.bar) if is_lead else roll.part(case.steps, NEW_BARS * case.bar)


def given_bar(case: Case, is_lead: bool) -> np.ndarray:
    start = 0 if is_lead else case.steps - case.bar
    return case.song.roll.bits()[start : start + case.bar]


def touching(roll: Roll, case: Case, is_lead: bool) -> np.ndarray:
    start = (NEW_BARS - 1) * case.bar if is_lead else case.steps
    return roll.bits()[start : start + case.bar]


def different(rolls: Sequence[Roll]) -> float:
    """Share of the pairs of seeds whose music differs."""
    pairs = [(a, b) for number, a in enumerate(rolls) for b in rolls[number + 1 :]]
    return float(np.mean([a.bits().tobytes() != b.bits().tobytes() for a, b in pairs]))


def region(program: Program, all_cases: Sequence[Case], around: bool) -> dict:
    """Bars 3 and 4 made anew, or all around them."""
    keeps, differ = [], []
    for case in all_cases:
        first, end = 2 * case.bar, 4 * case.bar
        options = ["--infill", case.file, "--bars-free", "3-4", *(["--around"] if around else [])]
        rolls = program.generate(case.project, *options, "--count", SEEDS, "--seed", 1)
        held = [note for note in case.notes if (first <= note.start < end) == around]
        keeps += [kept(held, roll) for roll in rolls]
        free = [[note for note in notes_of(roll) if (first <= note.start < end) != around] for roll in rolls]
        differ.append(float(np.mean([a != b for n, a in enumerate(free) for b in free[n + 1 :]])))
    return {"kept": told(keeps), "differ": told(differ)}


def top_line(notes: Sequence[Note]) -> list[Note]:
    """The notes above which no other sounds when they begin."""
    return [n for n in notes if not any(o.start <= n.start < o.start + o.steps and o.pitch > n.pitch for o in notes)]


def harmonise(program: Program, all_cases: Sequence[Case]) -> dict:
    keeps, above, known, known_song, own, other, new, chromas = [], [], [], [], [], [], [], []
    made = []
    for case in all_cases:
        melody = top_line(case.notes)
        rolls = program.generate(case.project, "--harmonise", case.file, "--count", SEEDS, "--seed", 1)
        keeps += [kept(melody, roll) for roll in rolls]
        for roll in rolls:
            new.append(len(notes_of(roll)) / max(len(melody), 1))
            above.append(sum(top_at(roll, n.start) > n.pitch for n in melody) / len(melody))
        known.append(np.mean([in_known_sets(roll, case.known_sets) for roll in rolls]))
        known_song.append(in_known_sets(case.song.roll.part(0, case.steps), case.known_sets))
        made.append([harmony(roll, melody) for roll in rolls])
        chromas.append(harmony(case.song.roll.part(0, case.steps), melody))
    for number, case in enumerate(all_cases):
        own.append(agreement(made[number], chromas[number], case.bar))
        rest = [n for n, one in enumerate(all_cases) if n != number and one.project == case.project]
        other.append(own[-1] - np.mean([agreement(made[n], chromas[number], case.bar) for n in rest]))
    names = ("kept", "above", "voices", "known", "known in the song", "own", "own minus other")
    return {name: told(values) for name, values in zip(names, (keeps, above, new, known, known_song, own, other))}


def top_at(roll: Roll, step: int) -> int:
    sounding = np.flatnonzero(roll.hold[step])
    return LOW + int(sounding[-1]) if len(sounding) else -1


def harmony(roll: Roll, melody: Sequence[Note]) -> Roll:
    """What sounds besides the melody."""
    rest = Roll(roll.hold.copy(), roll.onset.copy())
    for note in melody:
        rest.hold[note.start : note.start + note.steps, note.pitch - LOW] = False
        rest.onset[note.start, note.pitch - LOW] = False
    return rest


def agreement(made: Sequence[Roll], song: Roll, bar: int) -> float:
    """Mean cosine of how long each pitch class sounds, bar by bar; bars silent in either are left out."""
    values = []
    for roll in made:
        for start in range(0, min(len(song), len(roll)) - bar + 1, bar):
            a, b = chroma(roll, start, start + bar), chroma(song, start, start + bar)
            if a.any() and b.any():
                values.append(cosine(a, b))
    return float(np.mean(values)) if values else 0.0


def melody_for(program: Program, all_cases: Sequence[Case]) -> dict:
    keeps, voices, below, in_chord, chance, bars = [], [], [], [], [], []
    for case in all_cases:
        melody = set(top_line(case.notes))
        chords = [note for note in case.notes if note not in melody]
        if not chords:
            continue
        file = write_midi(chords, case.steps, case.bar, program.work / "chords.mid")
        rolls = program.generate(case.project, "--melody-for", file, "--count", SEEDS, "--seed", 1)
        for roll in rolls:
            keeps.append(kept(chords, roll))
            given = {(n.start, n.pitch) for n in chords}
            new = [n for n in notes_of(roll) if (n.start, n.pitch) not in given]
            sounding = np.zeros(len(roll), int)
            for n in new:
                sounding[n.start : n.start + n.steps] += 1
            voices.append(float((sounding > 1).mean()))
            below.append(np.mean([any(c.start <= n.start < c.start + c.steps and c.pitch > n.pitch for c in chords) for n in new]) if new else 0.0)
            bars.append(np.mean([sounding[start : start + case.bar].any() for start in range(0, case.steps, case.bar)]))
            hits = [({c.pitch % 12 for c in chords if c.start <= n.start < c.start + c.steps}, n.pitch % 12) for n in new]
            hits = [(chord, pitch) for chord, pitch in hits if chord]
            if hits:
                pitches = [pitch for _, pitch in hits]
                in_chord.append(np.mean([pitch in chord for chord, pitch in hits]))
                chance.append(np.mean([pitch in chord for chord, _ in hits for pitch in pitches]))
    gain = np.array(in_chord) - np.array(chance)
    names = ("kept", "two at a time", "below the chords", "bars with a melody", "in the chord", "in the chord minus shuffled")
    return {name: told(values) for name, values in zip(names, (keeps, voices, below, bars, in_chord, gain))}


def vary(program: Program, all_cases: Sequence[Case]) -> dict:
    strayed = []
    for case in all_cases:
        given = case.song.roll.part(0, case.steps)
        away = []
        for amount in AMOUNTS:
            rolls = program.generate(case.project, "--vary", case.file, "--amount", amount, "--count", SEEDS, "--seed", 1)
            away.append(np.mean([distance(roll, given) for roll in rolls]))
        strayed.append(away)
    strayed = np.array(strayed)
    return {
        "amounts": {str(amount): told(strayed[:, n]) for n, amount in enumerate(AMOUNTS)},
        "monotone": float(np.mean([np.all(np.diff(row) >= -1e-9) for row in strayed])),
    }


def interpolate(program: Program, all_cases: Sequence[Case]) -> dict:
    """From each song to the next one of its fold and metre."""
    to_first, to_second = [], []
    for number, case in enumerate(all_cases):
        later = [one for one in all_cases[number + 1 :] if one.project == case.project and one.bar == case.bar]
        if not later:
            continue
        other = later[0]
        rolls = program.generate(case.project, "--interpolate", case.file, other.file, "--count", STEPS_BETWEEN, "--seed", 1)
        ends = [one.song.roll.part(0, one.steps) for one in (case, other)]
        to_first.append([distance(roll, ends[0]) for roll in rolls])
        to_second.append([distance(roll, ends[1]) for roll in rolls])
    a, b = np.array(to_first), np.array(to_second)
    steps = np.arange(STEPS_BETWEEN)
    return {
        "pairs": len(a),
        "to the first": a.mean(axis=0).tolist(),
        "to the second": b.mean(axis=0).tolist(),
        "rises": told([np.corrcoef(steps, row)[0, 1] for row in a]),
        "falls": told([np.corrcoef(steps, row)[0, 1] for row in b]),
    }


def led(program: Program, demo: Path) -> dict:
    """Keys, range, voices and rhythm, on new pieces of the model of all songs."""
    project = program.of_all(sorted(demo.glob("*.mid")))

    def notes(*options: object) -> list[Note]:
        rolls = program.generate(project, "--count", 50, "--bars", 8, "--seed", 1, *options)
        return [note for roll in rolls for note in notes_of(roll)]

    free, found = notes(), {"keys": []}
    for tonic, name, number, scale in KEYS:
        forced, favoured = (notes("--key", tonic, "--scale", name, *more) for more in ([], ["--favour-key"]))
        shares = [outside(one, number, scale) for one in (free, favoured, forced)]
        found["keys"].append({"key": f"{tonic} {name}", "outside": shares, "notes": [len(free), len(favoured), len(forced)]})
    ranged = notes("--pitch-range", "C4-C6")
    beyond = lambda some: float(np.mean([not 60 <= note.pitch <= 84 for note in some]))
    found["range"] = {"outside": beyond(ranged), "free": beyond(free)}
    most = lambda *options: max(max_voices(roll) for roll in program.generate(project, "--count", 50, "--bars", 8, "--seed", 1, *options))
    found["voices"] = {"most": most("--polyphony", 3), "free": most()}
    on_beat = lambda some: float(np.mean([note.start % 4 == 0 for note in some]))
    found["rhythm"] = {str(value): on_beat(notes("--rhythm", value)) for value in (-1, -0.5, 0, 0.5, 1)}
    return found


def max_voices(roll: Roll) -> int:
    return int(roll.hold.sum(axis=1).max())


def form(program: Program, demo: Path) -> dict:
    """A A B A, two bars a letter: the notes that start in each section, but for the beat before the next one; and for the first
    step, where a note may ring over from the section before instead of being struck."""
    project = program.of_all(sorted(demo.glob("*.mid")))
    rolls = program.generate(project, "--form", "AABA", "--count", 100, "--bars", 8, "--seed", 1)

    def starts(roll: Roll, section: int, after: int) -> set[tuple[int, int]]:
        first = section * 2 * BAR
        return {(n.start, n.pitch) for n in notes_of(roll, first, first + 2 * BAR - 4) if n.start >= after}

    def same(a: int, b: int, after: int = 1) -> float:
        return float(np.mean([starts(roll, a, after) == starts(roll, b, after) for roll in rolls]))

    found = {"pieces": len(rolls), "second A": same(0, 1), "last A": same(0, 3), "B": same(0, 2)}
    return {**found, "second A, first step too": same(0, 1, 0), "last A, first step too": same(0, 3, 0)}


def locks(program: Program, demo: Path) -> dict:
    """Notes drawn at random, locked in new pieces of four bars."""
    project = program.of_all(sorted(demo.glob("*.mid")))
    random, keeps = np.random.default_rng(1), []
    for number in range(20):
        taken, notes = np.zeros((4 * BAR, COUNT), bool), []
        for _ in range(12):
            start, pitch, steps = int(random.integers(4 * BAR - 8)), int(random.integers(36, 90)), int(random.integers(1, 9))
            if not taken[max(start - 1, 0) : start + steps + 1, pitch - LOW].any():
                taken[start : start + steps, pitch - LOW] = True
                notes.append(Note(start, pitch, steps))
        file = write_midi(notes, 4 * BAR, BAR, program.work / "locked.mid")
        keeps += [kept(notes, roll) for roll in program.generate(project, "--lock", file, "--count", SEEDS, "--bars", 4, "--seed", 100 * number)]
    return {"kept": told(keeps), "pieces": len(keeps)}


def measure(program: Program, demo: Path) -> dict:
    some = cases(program, demo)
    parts = {
        "continue": lambda: next_to(program, some, "--continue"),
        "lead up": lambda: next_to(program, some, "--lead-up-to"),
        "inside": lambda: region(program, some, False),
        "around": lambda: region(program, some, True),
        "harmonise": lambda: harmonise(program, some),
        "melody": lambda: melody_for(program, some),
        "vary": lambda: vary(program, some),
        "interpolate": lambda: interpolate(program, some),
        "led": lambda: led(program, demo),
        "form": lambda: form(program, demo),
        "locks": lambda: locks(program, demo),
    }
    found = {"songs": len(some)}
    for name, part in parts.items():
        found[name] = part()
        print(name, found[name], flush=True)
    return found
