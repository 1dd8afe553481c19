#!/usr/bin/env python3
"""The report's whole run: Harmonium's Report preset against the same run in NumPy (report_replay.py).

usage: report.py [--rounds N] [--epochs 200] [--clock wall|cpu]

24 400 updates in 200 epochs on the pop songs, one thread bound to one core; the training loop alone on both
sides. Beside it `harmonium train --preset report` as a person starts it, which also imports, measures after
each epoch and saves. --epochs 20 gives a quick look.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile
import time

from harness import (
    HERE,
    bench_executable,
    contenders,
    cores,
    harmonium_executable,
    machine,
    peer_python,
    pop_folder,
    publish,
    ratios,
    rounds,
    spread,
    table,
)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=5)
    arguments.add_argument("--epochs", type=int, default=200)
    arguments.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: for a look on a busy machine")
    options = arguments.parse_args()
    bench, program = bench_executable("training"), harmonium_executable()
    commands = {"ours": [bench, "--bench", "report", pop_folder(), options.epochs, 1]}
    if python := peer_python("the replay in NumPy", ["numpy", "mido"]):
        commands["numpy"] = [python, HERE / "report_replay.py", pop_folder(), "--epochs", options.epochs, "--serve"]
    with contenders(commands, cores()[:1]) as started:
        rates = rounds(started, options.rounds, options.clock)
    # The number of updates follows from the songs; a whole run's seconds are what a person waits for.
    n_updates = updates(program, options.epochs)
    seconds = {name: [n_updates / rate for rate in done] for name, done in rates.items()}
    seconds["whole command"] = [whole_command(program, options.epochs) for _ in range(options.rounds)]
    lines = [["Harmonium, the training loop", spread(seconds["ours"], "{:.2f}")]]
    if "numpy" in seconds:
        lines.append(["NumPy, the training loop", spread(seconds["numpy"], "{:.2f}")])
        lines.append(["Harmonium's share of NumPy's time", spread(ratios(seconds["ours"], seconds["numpy"]))])
    lines.append(["`harmonium train --preset report`, all of it", spread(seconds["whole command"], "{:.2f}")])
    title = f"{machine()} {n_updates} updates in {options.epochs} epochs, {options.rounds} rounds, {options.clock} time.\n\n"
    publish("report", title + table(["what", "seconds"], lines), seconds)


def updates(program, epochs):
    """A batch for every 100 excerpts of a song, its first left out."""
    command = [program, "inspect", pop_folder(), "--encoding", "reference", "--set", "min_rows=51", "--set", "steps_per_excerpt=15", "--json"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    excerpts = [json.loads(line).get("excerpts") for line in lines[:-1]]
    return epochs * sum(-(-(n - 1) // 100) for n in excerpts if n)


def whole_command(program, epochs):
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "report.harmonium"
        command = ["taskset", "-c", cores()[0], program, "train", pop_folder(), "--out", out, "--preset", "report"]
        start = time.perf_counter()
        subprocess.run([*map(str, command), "--threads", "1", "--epochs", str(epochs), "--json"], check=True, capture_output=True)
        return time.perf_counter() - start


main()
