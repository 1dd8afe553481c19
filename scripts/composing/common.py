"""What the figures share: the program's calls, songs as notes, bootstrap intervals, cells of tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import mido
import numpy as np
from safetensors import safe_open

from music_figures import BAR, LOW, Roll, read_midi, run

BOOTSTRAPS = 10_000


@dataclass
class Program:
    """The executable, and where projects and pieces are left."""

    harmonium: str
    work: Path
    # A model that lies in the work folder is used again.
    keeps_models: bool = False
    trained: list[Path] = field(default_factory=list)

    def train(self, name: str, songs: Sequence[Path], *options: str) -> Path:
        """A model of these songs, all of which are learned from, by the Recommended preset."""
        folder, project = self.work / "songs" / name, self.work / f"{name}.harmonium"
        if self.keeps_models and project.exists():
            return project
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for song in songs:
            shutil.copy(song, folder)
        common = ["--preset", "recommended", "--set", "held_out_share=0", "--seed", "1", "--device", "cpu", "--threads", "1"]
        run([self.harmonium, "train", str(folder), "--out", str(project), *common, *options, "--json"])
        return project

    def of_all(self, songs: Sequence[Path]) -> Path:
        """The one model of all songs, made once."""
        project = self.work / "all.harmonium"
        if project not in self.trained:
            self.trained.append(self.train("all", songs))
        return project

    def generate(self, project: Path, *options: str | Path) -> list[Roll]:
        """The pieces that one call of `generate` makes, in their order."""
        folder = self.work / "pieces"
        shutil.rmtree(folder, ignore_errors=True)
        told = [str(option) for option in options]
        lines, _ = run([self.harmonium, "generate", str(project), "--out", str(folder), "--device", "cpu", "--json", *told])
        return [read_midi(Path(line["file"])) for line in lines]


@dataclass
class Song:
    path: Path
    roll: Roll
    steps_per_bar: int

    @property
    def bars(self) -> int:
        return -(-len(self.roll) // self.steps_per_bar)


def read_song(path: Path) -> Song:
    metres = [message for track in mido.MidiFile(path).tracks for message in track if message.type == "time_signature"]
    steps = 16 * metres[0].numerator // metres[0].denominator if metres else BAR
    return Song(path, read_midi(path), steps)


@dataclass(frozen=True, order=True)
class Note:
    start: int
    pitch: int
    steps: int


def notes_of(roll: Roll, start: int = 0, end: int | None = None) -> list[Note]:
    """The notes that begin in these steps, counted from the first of them; each as long as it is in the whole roll."""
    end = len(roll) if end is None else end
    notes = []
    for step, column in zip(*np.nonzero(roll.onset[start:end])):
        last = start + int(step) + 1
        while last < len(roll) and roll.hold[last, column] and not roll.onset[last, column]:
            last += 1
        notes.append(Note(int(step), LOW + int(column), last - start - int(step)))
    return notes


def write_midi(notes: Sequence[Note], steps: int, steps_per_bar: int, path: Path) -> Path:
    """One track at 120 beats a minute, as long as the steps say; a bar of sixteenths."""
    ticks = 120  # of a sixteenth
    events = [(note.start, 1, note.pitch) for note in notes] + [(note.start + note.steps, 0, note.pitch) for note in notes]
    track = mido.MidiTrack([mido.MetaMessage("time_signature", numerator=steps_per_bar, denominator=16)])
    now = 0
    for step, is_on, pitch in sorted(events):
        track.append(mido.Message("note_on" if is_on else "note_off", note=pitch, velocity=80 * is_on, time=(step - now) * ticks))
        now = step
    track.append(mido.MetaMessage("end_of_track", time=max(steps - now, 0) * ticks))
    mido.MidiFile(type=1, ticks_per_beat=4 * ticks, tracks=[track]).save(path)
    return path


def parameters(project: Path) -> tuple[dict, dict]:
    """The tensors of a project, and its document."""
    with safe_open(project, "np") as file:
        names = ("weights", "visible_bias", "hidden_bias", "learner_chains")
        return {name: file.get_tensor(name) for name in names}, json.loads(file.metadata()["harmonium"])


def interval(
    groups: int, statistic: Callable[[np.ndarray], np.ndarray | float], share: float = 0.95, times: int = BOOTSTRAPS
) -> tuple[np.ndarray, np.ndarray]:
    """Percentile bootstrap (Efron 1979) of a statistic of groups drawn with replacement, such as songs."""
    random = np.random.default_rng(1)
    values = np.array([statistic(random.integers(groups, size=groups)) for _ in range(times)])
    low, high = np.quantile(values, [(1 - share) / 2, (1 + share) / 2], axis=0)
    return low, high


def of_mean(values: np.ndarray, share: float = 0.95) -> tuple[float, float]:
    low, high = interval(len(values), lambda drawn: values[drawn].mean(), share)
    return float(low), float(high)


def table(head: Sequence[str], rows: Sequence[Sequence[str]], words: int = 1) -> str:
    """A table whose first columns are words, and the others figures."""
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * words + " ---: |" * (len(head) - words)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])
