#!/usr/bin/env python3
"""Import speed: MIDI files into piano rolls, Harmonium against symusic; and ten thousand files at once.

usage: import.py [--rounds N] [--files 10000] [--clock wall|cpu]

First the pop songs, over and over, from the page cache: symusic on one core, Harmonium on one core with one
thread and on two cores with two. Then copies of them under other names in a temporary folder, on two cores:
the import itself, and `harmonium inspect --json`, which starts the program and lists every file besides.
"""

import argparse
import itertools
import pathlib
import shutil
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
    rate,
    ratios,
    rounds,
    spread,
    table,
)

ROUND_SECONDS = 1.0


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--files", type=int, default=10_000)
    arguments.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: for a look on a busy machine")
    options = arguments.parse_args()
    bench, program = bench_executable("import"), harmonium_executable()
    rates = side_by_side(bench, options)
    seconds = many_files(bench, program, options)
    text = f"{machine()} {options.rounds} rounds, {options.clock} time.\n\n" + rate_table(rates) + "\n"
    lines = [[what, spread(values, "{:.2f}")] for what, values in seconds.items()]
    text += table([f"{options.files} files on {len(cores()[:2])} cores", "seconds"], lines)
    publish("import", text, {"files a second": rates, "seconds": seconds})


def side_by_side(bench, options):
    ours = [bench, "--bench", pop_folder(), ROUND_SECONDS]
    commands = {"Harmonium": ours}
    if python := peer_python("symusic", ["symusic"]):
        commands["symusic"] = [python, HERE / "symusic_rolls.py", pop_folder(), ROUND_SECONDS]
    with contenders(commands, cores()[:1]) as on_one, contenders({"two": ours}, cores()[:2]) as on_two:
        rates = rounds(on_one, options.rounds, options.clock)
        rates["Harmonium, two threads"] = [on_two["two"].round()[0] for _ in range(options.rounds)]
    return rates


def rate_table(rates):
    lines = [["Harmonium, one thread", rate(rates["Harmonium"]), ""]]
    if "symusic" in rates:
        times = spread(ratios(rates["Harmonium"], rates["symusic"]), "{:.1f}") + " ×"
        lines = [["Harmonium, one thread", rate(rates["Harmonium"]), times], ["symusic", rate(rates["symusic"]), ""]]
    lines.append(["Harmonium, two threads", rate(rates["Harmonium, two threads"]), ""])
    return table(["into rolls", "files/s", "against symusic"], lines)


def many_files(bench, program, options):
    songs = sorted(path for path in pop_folder().iterdir() if path.is_file())
    with tempfile.TemporaryDirectory() as folder:
        for number, song in zip(range(options.files), itertools.cycle(songs)):
            shutil.copyfile(song, pathlib.Path(folder) / f"{number:05} {song.name}")
        with contenders({"import": [bench, "--bench", folder, 0]}, cores()[:2]) as started:
            done = rounds(started, options.rounds, "wall")["import"]
        command = ["taskset", "-c", ",".join(map(str, cores()[:2])), program, "inspect", folder, "--json"]
        listing = []
        for _ in range(options.rounds):
            start = time.perf_counter()
            lines = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.count(b"\n")
            listing.append(time.perf_counter() - start)
            assert lines == options.files + 1, f"{lines} lines for {options.files} files"
    return {"parsed and encoded": [options.files / rate for rate in done], "`harmonium inspect --json`, all of it": listing}


main()
