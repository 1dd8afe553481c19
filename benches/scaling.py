#!/usr/bin/env python3
"""Time and memory against the size of the work: seconds an epoch for more songs and more hidden units, and the
most memory that a run with 10 million steps of songs takes.

usage: scaling.py [--part time|memory] [--steps 10000000]

The songs are made here: bars of a chord and a melody of eighths, drawn by chance from 200, no two songs alike.
Time: the Recommended preset on one thread bound to one core, the median of three epochs after the first, the
measures of each epoch included. Memory: a whole `harmonium train` with one epoch, from the import to the saved
project, with two threads; the peak resident set as the system counts it. Standard library only.
"""

import argparse
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent / "peers"))
from harness import cores, harmonium_executable, machine, publish, say, table

TICKS_PER_BEAT, STEPS_PER_BAR, TICKS_PER_STEP = 96, 16, 24
STEPS_PER_LONG_SONG = 10_000


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--part", choices=("time", "memory"))
    arguments.add_argument("--steps", type=int, default=10_000_000)
    options = arguments.parse_args()
    program = harmonium_executable()
    text, raw = machine() + "\n\n", {}
    with tempfile.TemporaryDirectory() as folder:
        if options.part != "memory":
            text += time_part(program, pathlib.Path(folder), raw)
        if options.part != "time":
            text += memory_part(program, pathlib.Path(folder), options.steps, raw)
    publish("scaling" if not options.part else f"scaling-{options.part}", text, raw)


def time_part(program, folder, raw):
    sizes = (100, 200, 400, 800)
    for n_songs in sizes:
        write_songs(folder / f"{n_songs}", n_songs, 1_000)
    by_songs = {n: epoch_seconds(program, folder / f"{n}", 100) for n in sizes}
    by_units = {n: epoch_seconds(program, folder / "200", n) for n in (50, 100, 200, 400, 800)}
    raw["seconds an epoch, by songs"], raw["seconds an epoch, by hidden units"] = by_songs, by_units
    text = table(["songs of 1 000 steps, 100 hidden", "seconds an epoch", "ms a song"], lines(by_songs, 1e3))
    return text + "\n" + table(["hidden units, 200 songs", "seconds an epoch", "ms a unit"], lines(by_units, 1e3)) + "\n"


def lines(seconds, scale):
    return [[n, f"{s:.2f}", f"{s / n * scale:.2f}"] for n, s in seconds.items()]


def epoch_seconds(program, songs, n_hidden):
    with tempfile.TemporaryDirectory() as folder:
        command = ["taskset", "-c", cores()[0], program, "train", songs, "--out", f"{folder}/run.harmonium"]
        command += ["--hidden", n_hidden, "--epochs", 4, "--threads", 1, "--checkpoint-seconds", 100_000, "--json"]
        done = subprocess.run([*map(str, command)], stdout=subprocess.PIPE, text=True, check=True, stderr=subprocess.DEVNULL)
    epochs = [json.loads(line) for line in done.stdout.splitlines()]
    ends = [epoch["seconds"] for epoch in epochs if "seconds" in epoch]
    seconds = statistics.median(after - before for before, after in zip(ends, ends[1:]))
    say(f"{songs.name} songs, {n_hidden} hidden units: {seconds:.2f} s an epoch")
    return seconds


def memory_part(program, folder, n_steps, raw):
    n_songs = n_steps // STEPS_PER_LONG_SONG
    say(f"writing {n_songs} songs of {STEPS_PER_LONG_SONG} steps …")
    write_songs(folder / "long", n_songs, STEPS_PER_LONG_SONG)
    found = {}
    for what, command in {
        "imported and listed (`inspect`)": ["inspect", folder / "long"],
        "trained for an epoch, saved (`train`)": ["train", folder / "long", "--out", folder / "long.harmonium", "--epochs", 1],
    }.items():
        process = subprocess.Popen([str(part) for part in [program, *command, "--json"]], stdout=subprocess.PIPE, text=True)
        last = process.stdout.read().splitlines()[-1]
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"harmonium {command[0]} failed")
        found[what] = usage.ru_maxrss / 2**20  # KiB
        say(f"{what}: {found[what]:.2f} GiB; {last}")
    raw["GiB at the most"] = found
    return table([f"{n_songs * STEPS_PER_LONG_SONG:,} steps of songs".replace(",", " "), "GiB at the most"], [[w, f"{g:.2f}"] for w, g in found.items()])


def write_songs(folder, n_songs, n_steps):
    """MIDI files of format 0, each a row of bars drawn from the same 200."""
    folder.mkdir()
    chance = random.Random(n_songs)
    bars = [bar(chance) for _ in range(200)]
    header = b"MThd\0\0\0\6\0\0\0\1" + TICKS_PER_BEAT.to_bytes(2, "big")
    for number in range(n_songs):
        body = b"".join(chance.choices(bars, k=n_steps // STEPS_PER_BAR)) + b"\0\xff\x2f\0"
        (folder / f"{number:05}.mid").write_bytes(header + b"MTrk" + len(body).to_bytes(4, "big") + body)


def bar(chance):
    """A triad through the bar and eight eighths above it; ends at its last tick with every note off."""
    root = chance.randrange(36, 60)
    chord = [root, root + chance.choice((3, 4)), root + 7]
    events = b"".join(b"\0" + bytes((0x90, pitch, 80)) for pitch in chord)
    for _ in range(8):
        pitch = chance.randrange(67, 96)
        events += b"\0" + bytes((0x90, pitch, 90)) + bytes((2 * TICKS_PER_STEP,)) + bytes((0x80, pitch, 0))
    return events + b"".join(b"\0" + bytes((0x80, pitch, 0)) for pitch in chord)


main()
