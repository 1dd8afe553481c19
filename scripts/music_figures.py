#!/usr/bin/env python3
"""Measures the music that the model makes from the demo set, and writes docs/music.md.

    music_figures.py --harmonium PATH [--demo assets/demo] [--out docs/music.md] [--work FOLDER]

Trains the presets with the command line, generates 100 pieces of 8 bars (by seed, none is chosen), and compares them
with the training set and with independent notes. Needs what scripts/music-requirements.txt names. Everything is
measured on the grid of sixteenths; docs/music.md defines the measures.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import textwrap
from dataclasses import dataclass
from pathlib import Path

import mido
import numpy as np
from safetensors import safe_open

LOW, COUNT, BAR = 24, 78, 16  # the pitches of the encoding, the steps of a bar
N_PIECES, N_BARS, SEED = 100, 8, 1
DIATONIC = np.array([[(pitch_class - tonic) % 12 in (0, 2, 4, 5, 7, 9, 11) for pitch_class in range(12)] for tonic in range(12)])
MELODY_FROM = 67  # G4: the chords of the set lie below it
# Two bars with at most this distance are copies: a tenth of their bits differ, less than a quarter note moved elsewhere.
COPY_DISTANCE = 0.05


# --- piano rolls: two planes of booleans, steps × pitches ---------------------------------------------------------


@dataclass
class Roll:
    hold: np.ndarray
    onset: np.ndarray

    def __len__(self) -> int:
        return len(self.hold)

    def part(self, start: int, length: int) -> Roll:
        return Roll(self.hold[start : start + length], self.onset[start : start + length])

    def bits(self) -> np.ndarray:
        return np.concatenate([self.hold, self.onset], axis=1)


def read_midi(path: Path) -> Roll:
    """As the musical encoding reads: drums left out, tracks joined, rounded to sixteenths, no note shorter than one."""
    file = mido.MidiFile(path)
    notes, last_tick = [], 0
    for track in file.tracks:
        tick, sounding = 0, {}
        for message in track:
            tick += message.time
            if message.type not in ("note_on", "note_off") or message.channel == 9:
                continue
            key = (message.channel, message.note)
            if key in sounding:
                notes.append((message.note, sounding.pop(key), tick))
            if message.type == "note_on" and message.velocity > 0:
                sounding[key] = tick
        notes += [(pitch, start, tick) for (_, pitch), start in sounding.items()]
        last_tick = max(last_tick, tick)

    def step(tick: int) -> int:
        return (2 * tick * 4 + file.ticks_per_beat) // (2 * file.ticks_per_beat)

    spans = [(pitch - LOW, step(start), max(step(end), step(start) + 1)) for pitch, start, end in notes]
    n_steps = max([step(last_tick)] + [end for _, _, end in spans])
    roll = Roll(np.zeros((n_steps, COUNT), bool), np.zeros((n_steps, COUNT), bool))
    for column, start, end in spans:
        if 0 <= column < COUNT:
            # A pitch that several tracks hold is struck whenever one of them strikes it.
            roll.hold[start:end, column] = True
            roll.onset[start, column] = True
    return roll


def repaired(roll: Roll) -> Roll:
    """The notes that the bits make: none without hold; a hold after silence begins one."""
    before = np.vstack([np.zeros((1, COUNT), bool), roll.hold[:-1]])
    return Roll(roll.hold, roll.hold & (roll.onset | ~before))


def note_lengths(roll: Roll) -> np.ndarray:
    lengths = []
    for column in np.flatnonzero(roll.onset.any(axis=0)):
        hold, onset = roll.hold[:, column], roll.onset[:, column]
        for start in np.flatnonzero(onset):
            end = start + 1
            while end < len(hold) and hold[end] and not onset[end]:
                end += 1
            lengths.append(end - start)
    return np.array(lengths, int)


def pitch_class_sets(roll: Roll) -> np.ndarray:
    """The sounding pitch classes of each step as a number of twelve bits."""
    sets = np.zeros(len(roll), int)
    for column in range(COUNT):
        sets |= roll.hold[:, column].astype(int) << ((LOW + column) % 12)
    return sets


def pieces_of(rolls: list[Roll]) -> list[Roll]:
    """Songs cut into pieces as long as the generated ones; a rest of at least half that length is one too."""
    length = N_BARS * BAR
    cuts = [roll.part(start, length) for roll in rolls for start in range(0, len(roll), length)]
    return [cut for cut in cuts if len(cut) >= length // 2 and cut.hold.any()]


# --- measures -----------------------------------------------------------------------------------------------------


def in_key(pieces: list[Roll], length: int) -> float:
    """Share of the sound (notes × steps) in the major or natural minor scale that holds most of it, a span at a time."""
    inside = total = 0.0
    for piece in pieces:
        for start in range(0, len(piece), length):
            weights = np.zeros(12)
            np.add.at(weights, (LOW + np.arange(COUNT)) % 12, piece.part(start, length).hold.sum(axis=0))
            inside += (DIATONIC @ weights).max()
            total += weights.sum()
    return float(inside / max(total, 1))


def distribution(counts: np.ndarray) -> np.ndarray:
    return counts / max(counts.sum(), 1)


def measure(pieces: list[Roll], known_sets: np.ndarray) -> dict:
    steps = sum(len(piece) for piece in pieces)
    sets = np.concatenate([pitch_class_sets(piece) for piece in pieces])
    sounding = sets[sets > 0]
    chords = sounding[[bin(s).count("1") >= 2 for s in sounding]]
    places = sum(place_counts(piece) for piece in pieces)
    lengths = np.concatenate([note_lengths(piece) for piece in pieces])
    bars = [piece.part(b, BAR).bits() for piece in pieces for b in range(0, len(piece) - BAR + 1, BAR)]
    return {
        "notes_a_step": sum(int(piece.hold.sum()) for piece in pieces) / steps,
        "starts_a_step": sum(int(piece.onset.sum()) for piece in pieces) / steps,
        "in_key": in_key(pieces, N_BARS * BAR),
        "in_local_key": in_key(pieces, 2 * BAR),
        "known_sets": float(np.isin(sounding, known_sets).mean()),
        "known_chords": float(np.isin(chords, known_sets).mean()),
        "places": distribution(places),
        "mean_length": float(lengths.mean()),
        "lengths": distribution(np.bincount(np.minimum(lengths, 32), minlength=33)[1:]),
        "melody": float(np.mean(np.concatenate([p.hold[:, MELODY_FROM - LOW :].any(axis=1) for p in pieces]))),
        "silent_steps": float((sets == 0).mean()),
        "silent_bars": float(np.mean([not bar.any() for bar in bars])),
        "distinct_bars": len({bar.tobytes() for bar in bars}) / len(bars),
    }


def place_counts(piece: Roll) -> np.ndarray:
    counts = np.zeros(BAR, int)
    np.add.at(counts, np.arange(len(piece)) % BAR, piece.onset.sum(axis=1))
    return counts


def variation(a: np.ndarray, b: np.ndarray) -> float:
    """Total variation distance: the share that would have to move."""
    return float(np.abs(a - b).sum() / 2)


def windows(rolls: list[Roll], hop: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """All bars' worth of steps from every hop-th step on, as rows of bits, and the song that each is from."""
    rows, songs = [], []
    for song, roll in enumerate(rolls):
        bits = roll.bits()
        for start in range(0, len(bits) - BAR + 1, hop):
            window = bits[start : start + BAR]
            if window.any():
                rows.append(window.reshape(-1))
                songs.append(song)
    return np.array(rows, np.float32), np.array(songs)


def nearest(bars: np.ndarray, training: np.ndarray, excluded: np.ndarray | None = None, songs: np.ndarray | None = None) -> np.ndarray:
    """For each bar the smallest distance 1 − 2·|common bits| / (|bits| + |bits|): 0 the same, 1 nothing in common."""
    sizes = training.sum(axis=1)
    result = []
    for index, bar in enumerate(np.array_split(bars, max(len(bars) // 64, 1))):
        distance = 1 - 2 * (bar @ training.T) / (bar.sum(axis=1)[:, None] + sizes[None])
        if excluded is not None:
            first = sum(len(r) for r in result)
            distance[excluded[first : first + len(bar), None] == songs[None]] = 1
        result.append(distance.min(axis=1))
    return np.concatenate(result)


def nearness(pieces: list[Roll], training: tuple[np.ndarray, np.ndarray], own_song: np.ndarray | None = None) -> dict:
    """`own_song` names for each piece the song of the training set that it is from and that does not count."""
    bars, owner = windows(pieces, BAR)
    excluded = None if own_song is None else own_song[owner]
    distances = nearest(bars, training[0], excluded, training[1])

    def copies(bound: float) -> float:
        return float(np.mean([(distances[owner == piece] <= bound).mean() >= 0.5 for piece in np.unique(owner)]))

    return {
        "distance": float(np.median(distances)),
        "copied_bars": float((distances <= COPY_DISTANCE).mean()),
        "copies": copies(COPY_DISTANCE),
        "loose_copies": copies(2 * COPY_DISTANCE),
    }


def unlikeness(pieces: list[Roll], random: np.random.Generator) -> float:
    """Mean distance between bars of two different pieces, drawn at random."""
    bars, owner = windows(pieces, BAR)
    a, b = random.integers(len(bars), size=(2, 4000))
    a, b = a[owner[a] != owner[b]], b[owner[a] != owner[b]]
    return float(np.mean(1 - 2 * (bars[a] * bars[b]).sum(axis=1) / (bars[a].sum(axis=1) + bars[b].sum(axis=1))))


# --- independent notes --------------------------------------------------------------------------------------------


def independent(rates: np.ndarray, random: np.random.Generator) -> list[Roll]:
    """Pieces whose bits are drawn one by one; `rates` is steps × bits and is repeated over the piece."""
    tiled = np.tile(rates, (-(-N_BARS * BAR // len(rates)), 1))[: N_BARS * BAR]
    bits = [random.random(tiled.shape) < tiled for _ in range(N_PIECES)]
    return [Roll(b[:, :COUNT], b[:, COUNT:]) for b in bits]


# --- the program --------------------------------------------------------------------------------------------------


def run(command: list[str]) -> tuple[list[dict], float]:
    """The JSON lines and the processor seconds of one command; one thread, as everywhere by default."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [json.loads(line) for line in done.stdout.splitlines()], seconds


@dataclass
class Model:
    pieces: list[Roll]
    raw: list[Roll]
    settings: dict
    generate: dict
    train_seconds: float
    generate_seconds: float
    last_epoch: dict


def make(harmonium: str, demo: Path, preset: str, work: Path) -> Model:
    project, folder = work / f"{preset}.harmonium", work / preset
    shutil.rmtree(folder, ignore_errors=True)
    device = ["--device", "cpu"]
    train = [harmonium, "train", str(demo), "--out", str(project), "--preset", preset, "--seed", str(SEED), "--json", *device]
    epochs, train_seconds = run(train)
    generate = [harmonium, "generate", str(project), "--out", str(folder), "--json", "--seed", str(SEED), *device]
    _, generate_seconds = run(generate + ["--count", str(N_PIECES), "--bars", str(N_BARS)])
    with safe_open(project, "np") as file:
        document = json.loads(file.metadata()["harmonium"])
        tensors = {name: file.get_tensor(name) for name in ("weights", "visible_bias", "hidden_bias", "learner_chains")}
    return Model(
        pieces=[read_midi(path) for path in sorted(folder.glob("*.mid"))],
        raw=raw_excerpts(tensors, document["generate"]),
        settings=document["model"]["run"]["settings"],
        generate=document["generate"],
        train_seconds=train_seconds,
        generate_seconds=generate_seconds,
        last_epoch=epochs[-2],
    )


def raw_excerpts(tensors: dict, settings: dict) -> list[Roll]:
    """Excerpts as the chains leave them, before they are read as notes: MIDI cannot hold an onset without a hold."""
    weights, n_visible = tensors["weights"], len(tensors["visible_bias"])
    bits = np.unpackbits(tensors["learner_chains"])
    chains = bits[: len(bits) // n_visible * n_visible].reshape(-1, n_visible)
    visible = chains[np.arange(N_PIECES) % len(chains)].astype(np.float32)
    random = np.random.default_rng(SEED)

    def sigmoid(logits: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-np.clip(logits / settings["temperature"], -60, 60)))

    for _ in range(settings["gibbs_steps"]):
        hidden = sigmoid(visible @ weights + tensors["hidden_bias"])
        hidden = (random.random(hidden.shape) < hidden).astype(np.float32)
        probabilities = sigmoid(hidden @ weights.T + tensors["visible_bias"])
        visible = (random.random(probabilities.shape) < probabilities).astype(np.float32)
    final = probabilities > 0.5 if settings["is_last_step_likeliest"] else visible > 0
    return [Roll(excerpt[:, :COUNT], excerpt[:, COUNT:]) for excerpt in final.reshape(N_PIECES, -1, 2 * COUNT)]


def onsets_with_hold(rolls: list[Roll]) -> float:
    return sum(int((roll.hold & roll.onset).sum()) for roll in rolls) / max(sum(int(roll.onset.sum()) for roll in rolls), 1)


def held_out(paths: list[Path], share: float, seed: int) -> list[bool]:
    """The songs that training leaves out: the program's lottery (src/dataset/split.rs) over songs that are not related."""
    mask = (1 << 64) - 1

    def number(path: Path) -> int:
        content = int.from_bytes(hashlib.sha256(path.read_bytes()).digest()[:8], "little")
        state, words = (content ^ (seed << 32 | seed >> 32) ^ seed) & mask, []
        for _ in range(4):  # SplitMix64 seeds xoshiro256++
            state = (state + 0x9E3779B97F4A7C15) & mask
            word = ((state ^ state >> 30) * 0xBF58476D1CE4E5B9) & mask
            word = ((word ^ word >> 27) * 0x94D049BB133111EB) & mask
            words.append(word ^ word >> 31)
        total = (words[0] + words[3]) & mask
        return ((total << 23 | total >> 41) + words[0]) & mask

    n_chosen = min(max(int(share * len(paths) + 0.5), 1), len(paths) - 1) if share > 0 else 0
    chosen = sorted(paths, key=number)[:n_chosen]
    return [path in chosen for path in paths]


def excerpts(rolls: list[Roll], length: int, stride: int) -> np.ndarray:
    cuts = []
    for roll in rolls:
        bits = roll.bits()
        for start in range(0, max(len(bits) - length // 2, 0) + 1, stride):
            cut = bits[start : start + length]
            if len(cut) == length or start == 0 or cut[length - stride :].any():
                cuts.append(np.vstack([cut, np.zeros((length - len(cut), 2 * COUNT), bool)]))
    return np.array(cuts)


# --- the page -----------------------------------------------------------------------------------------------------


def roll_as_text(roll: Roll, first_bar: int, n_bars: int) -> str:
    part = roll.part(first_bar * BAR, n_bars * BAR)
    names = ["C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"]
    lines = []
    for column in reversed(np.flatnonzero(part.hold.any(axis=0))):
        pitch = LOW + int(column)
        cells = ["#" if o else "=" if h else "." if step % 4 == 0 else " " for step, (h, o) in enumerate(zip(part.hold[:, column], part.onset[:, column]))]
        bars = "|".join("".join(cells[bar : bar + BAR]) for bar in range(0, len(cells), BAR))
        lines.append(f"{names[pitch % 12] + str(pitch // 12 - 1):>4} |{bars}|")
    return "\n".join(lines)


def percent(value: float, digits: int = 1) -> str:
    return f"{100 * value:.{digits}f} %"


def figures(pieces: list[Roll], raw: list[Roll], known_sets: np.ndarray, training: tuple, own_song: np.ndarray | None = None) -> dict:
    return {
        **measure(pieces, known_sets),
        **nearness(pieces, training, own_song),
        "hold": onsets_with_hold(raw),
        "unlikeness": unlikeness(pieces, np.random.default_rng(SEED)),
    }


def way(key: str, model: dict, chance: dict, training: dict) -> float:
    """How far the model came from independent notes (0) to the training set (1)."""
    if isinstance(training[key], np.ndarray):
        return 1 - variation(model[key], training[key]) / variation(chance[key], training[key])
    return (model[key] - chance[key]) / (training[key] - chance[key])


ROWS = [  # words, key, how it is written, whether the way is told
    ("notes a step", "notes_a_step", "{:.2f}", False),
    ("note starts a step", "starts_a_step", "{:.2f}", False),
    ("**onsets with hold**", "hold", "%", True),
    ("mean length of a note, in steps", "mean_length", "{:.2f}", False),
    ("**lengths of notes**, off the training set by", "lengths", "off", True),
    ("**notes in the best-fitting key** of the piece", "in_key", "%", True),
    ("the same, two bars at a time", "in_local_key", "%", True),
    ("**steps whose pitch-class set the training set has**", "known_sets", "%", True),
    ("the same, steps with two pitch classes or more", "known_chords", "%", True),
    ("**onsets by place in the bar**, off the training set by", "places", "off", True),
    ("steps with a note from G4 upwards (melody)", "melody", "%", False),
    ("silent bars", "silent_bars", "%", False),
    ("bars that differ from all others", "distinct_bars", "%", False),
    ("distance between bars of two pieces, mean", "unlikeness", "{:.2f}", False),
    ("distance to the nearest training bar, median", "distance", "{:.2f}", False),
    ("bars that copy one", "copied_bars", "%", False),
    ("**pieces that are copies**", "copies", "%", False),
    ("the same, if twice as much may differ", "loose_copies", "%", False),
]
JUDGED = ["hold", "in_key", "known_sets", "places"]
SHORT = {"hold": "hold", "in_key": "key", "known_sets": "pitch-class sets", "places": "places in the bar"}


def table(columns: dict[str, dict]) -> str:
    training, chance = columns["training set"], columns["independent notes"]
    lines = ["| | " + " | ".join(columns) + " | way |", "| --- |" + " ---: |" * (len(columns) + 1)]
    for words, key, form, has_way in ROWS:
        cells = []
        for column in columns.values():
            value = variation(column[key], training[key]) if form == "off" else column[key]
            cells.append(percent(value) if form in ("%", "off") else form.format(value))
        share = way(key, columns["Recommended"], chance, training) if has_way else None
        cells.append("" if share is None else "all" if share >= 1 else percent(share, 0))
        lines.append(f"| {words} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def places_table(columns: dict[str, dict]) -> str:
    lines = ["| place | " + " | ".join(str(place + 1) for place in range(BAR)) + " |", "| --- |" + " ---: |" * BAR]
    for name, column in columns.items():
        lines.append(f"| {name} | " + " | ".join(f"{100 * share:.1f}" for share in column["places"]) + " |")
    return "\n".join(lines)


def verdict(columns: dict[str, dict]) -> str:
    training, chance, model = columns["training set"], columns["independent notes"], columns["Recommended"]
    lines = []
    for key in JUDGED:
        share = way(key, model, chance, training)
        told = "all the way, and past it" if share > 1 else percent(share, 0) + " of the way"
        lines.append(f"- {SHORT[key]}: {told} ({'reached' if share >= 0.75 else '**not reached**'}; wanted 75 %)")
    reached = "reached" if model["copies"] < 0.05 else "**not reached**"
    lines.append(f"- copies: {percent(model['copies'], 0)} of the pieces ({reached}; wanted fewer than 5 %)")
    gap = training["in_key"] - chance["in_key"]
    if abs(gap) < 0.02:
        lines.append(
            f"\nThe key says little here: all pieces of the set stand in C major or A minor, so independent notes fit a key\n"
            f"almost as well as the set itself ({percent(abs(gap))} between them). The line below it in the table, two bars at a\n"
            f"time, leaves room for pieces that pass through other keys."
        )
    return "\n".join(lines)


def settings_lines(model: Model) -> str:
    settings = {**model.settings["encoding"], **model.settings}
    names = ["steps_per_excerpt", "stride_steps", "hidden_units", "algorithm", "gibbs_steps", "chains", "learning_rate"]
    names += ["learning_rate_schedule", "momentum", "batch_size", "epochs", "weight_decay", "held_out_share"]
    told = "; ".join(f"{name}={settings[name]}" for name in names)
    seconds = max(5, 5 * round(model.train_seconds / 5))
    return "\n  ".join(textwrap.wrap(f"{told}. About {seconds} s of one processor core.", 114))


def page(columns: dict[str, dict], models: dict[str, Model], counts: dict) -> str:
    main_model = models["Recommended"]
    generate = main_model.generate
    last = "the likeliest bits" if generate["is_last_step_likeliest"] else "a sample"
    return f"""<!-- Made by scripts/music_figures.py; change that, not this. -->
# What the music is like

{N_PIECES} pieces of {N_BARS} bars (seeds {SEED} to {SEED + N_PIECES - 1}, all of them, none chosen) from a machine trained on the demo set
with the preset Recommended, beside the songs it was trained on, songs of the same set it never saw, and independent
notes. The aim is three quarters of the way from independent notes to the training set, and fewer than 5 % copies.
What is made of a piece (a gap filled, a melody harmonised, a variation) is measured in [composing.md](composing.md); ten
pieces to hear are in [listening](listening/README.md).

{verdict(columns)}

{table(columns)}

*Way*: (Recommended − independent) / (training − independent); for distributions, the share of the independent notes'
distance to the training set that is gone. *All*: the model lies beyond the training set's figure.

What is missing: the melody is there in {percent(columns['Recommended']['melody'], 0)} of the steps, against {percent(columns['training set']['melody'], 0)} in the training set, because the
likeliest bits leave out notes that the model leaves open; and the machine sees two bars at a time, so that a piece has
harmony, metre and accompaniment, but neither sections nor a planned ending. The bound for a copy is a choice: at twice
the distance {percent(columns['Recommended']['loose_copies'])} of the pieces count, beside {percent(columns['training set']['loose_copies'])} of the training set's own, as simple tunes share bars of
accompaniment. The machine stays close to what it learned: the median distance to the nearest training bar is {columns['Recommended']['distance']:.2f},
where a bar of the training set has {columns['training set']['distance']:.2f} to the nearest one of the other songs.

## Onsets by place in the bar, in percent

{places_table({name: columns[name] for name in ("training set", "Recommended", "independent notes")})}

## The first piece

Seed {SEED}; `#` a note starts, `=` it goes on; four bars a line.

```
{roll_as_text(main_model.pieces[0], 0, 4)}

{roll_as_text(main_model.pieces[0], 4, 4)}
```

## How it is measured

- The grid is of sixteenths, {COUNT} pitches from {LOW}. All files are read as MIDI by the script, the generated ones too.
- **Training set**: the {counts['training']} songs of `assets/demo` that the run learns from, cut into {counts['pieces']} pieces of
  {N_BARS * BAR} steps. **Held-out songs**: the {counts['held_out']} that it leaves out; what people's music unknown to the model
  would get.
- **Independent notes**: {N_PIECES} pieces in which every bit is drawn by itself at its rate in the training excerpts, each place
  of the two bars with rates of its own. That is what the machine would play with biases alone. Read as notes by the
  same rule: an onset without hold is no note, a hold after silence begins one.
- **Onsets with hold**: of the raw onset bits, those whose hold bit is set too. MIDI cannot hold the others, so for the
  model this is measured on {N_PIECES} excerpts drawn in NumPy from the same weights, chains and settings.
- **Lengths of notes**, **onsets by place in the bar**: distributions, compared by total variation, the share that would
  have to move. A place is the step modulo {BAR} from the start of the file, as the model sees it, also in 3/4.
- **Best-fitting key**: the major or natural minor scale that holds most of the sound (notes × steps) of a piece.
- **Pitch-class sets**: of the steps with sound, those whose set of sounding pitch classes occurs at some step of the
  training set ({counts['sets']} sets).
- **Distance of two bars**: 1 − 2·common / (bits of one + bits of the other) over hold and onset bits; 0 is the same bar,
  1 has nothing in common. The nearest training bar is sought among {counts['windows']} stretches of {BAR} steps that begin at any
  step of any training song. A bar **copies** one at a distance of {COPY_DISTANCE} or less (a tenth of the bits differ, less
  than one quarter note at another pitch); a piece is a **copy** when at least half of its bars do. For the training set
  itself, the other songs count.

## Settings

- Recommended: {settings_lines(main_model)}
- Quick look: {settings_lines(models['Quick look'])}
- Generation: start from the persistent chains, {generate['gibbs_steps']} Gibbs steps for each two bars, temperature {generate['temperature']}, {last} of the last
  step; each window slides by a bar and keeps the first half of the one before; from bar 3 on it starts from one of the chains that
  share most with what is kept.
- Seed {SEED} throughout. The figures hold for this seed; another gives slightly different ones, copies most of all
  (with {N_PIECES} pieces, a share of 3 % is uncertain by about 2 %).

Repeat it with `scripts/music_figures.py --harmonium target/release/harmonium` in an environment that has what
`scripts/music-requirements.txt` names.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--harmonium", required=True, help="the program")
    parser.add_argument("--demo", type=Path, default=Path("assets/demo"))
    parser.add_argument("--out", type=Path, default=Path("docs/music.md"))
    parser.add_argument("--work", type=Path, help="where projects and pieces are left; else they are removed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        work.mkdir(parents=True, exist_ok=True)
        presets = {"Recommended": "recommended", "Quick look": "quick"}
        models = {name: make(options.harmonium, options.demo, preset, work) for name, preset in presets.items()}
    encoding = models["Recommended"].settings["encoding"]
    paths = sorted(options.demo.glob("*.mid"))
    is_held_out = held_out(paths, encoding["held_out_share"], encoding["split_seed"])
    training = [read_midi(path) for path, is_out in zip(paths, is_held_out) if not is_out]
    unseen = [read_midi(path) for path, is_out in zip(paths, is_held_out) if is_out]
    cuts = excerpts(training, encoding["steps_per_excerpt"], encoding["stride_steps"])
    trained_on = models["Recommended"].last_epoch["examples"]
    if len(cuts) != trained_on:
        print(f"the split differs: {len(cuts)} excerpts here, {trained_on} in the run", file=sys.stderr)
        return 1
    known_sets = np.unique(np.concatenate([pitch_class_sets(roll) for roll in training]))
    bars = windows(training)
    pieces = pieces_of(training)
    own_song = np.concatenate([np.full(len(pieces_of([roll])), song) for song, roll in enumerate(training)])
    chance = independent(cuts.mean(axis=0), np.random.default_rng(SEED))
    columns = {
        "training set": figures(pieces, pieces, known_sets, bars, own_song),
        "held-out songs": figures(pieces_of(unseen), unseen, known_sets, bars),
        "Recommended": figures(models["Recommended"].pieces, models["Recommended"].raw, known_sets, bars),
        "Quick look": figures(models["Quick look"].pieces, models["Quick look"].raw, known_sets, bars),
        "independent notes": figures([repaired(piece) for piece in chance], chance, known_sets, bars),
    }
    counts = {"training": len(training), "held_out": len(unseen), "pieces": len(pieces)}
    counts |= {"sets": int((known_sets > 0).sum()), "windows": len(bars[0])}
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page(columns, models, counts), encoding="utf-8")
    print(verdict(columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
