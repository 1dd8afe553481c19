#!/usr/bin/env python3
"""Uses the window like a person with a long evening, and watches what the process holds.

    soak.py EXECUTABLE [--minutes 15] [--settle 3]

Round after round: a new project, the demo set, training, pieces, playing, exporting, saving, opening the saved one.
At the same place of each round it reads the process's resident memory, threads and open files. After the minutes of
settling, memory may grow by less than 1 MB a minute (least squares), and no thread or file may stay behind.
Needs Xvfb and xdotool. Prints a table and ends with 1 where something grows.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import time

from gallery import DEMO, Studio, display

MOST_MB_A_MINUTE = 1.0
# Threads and files come and go with the sound device and the pool; a leak of one a round is far more than this.
MOST_MORE = 3


class Soak:
    def __init__(self, studio: Studio):
        self.studio = studio
        self.process = pathlib.Path(f"/proc/{studio.program.pid}")
        self.samples: list[tuple[float, float, int, int]] = []
        self.start = time.monotonic()

    def minutes(self) -> float:
        return (time.monotonic() - self.start) / 60

    def answer(self, keys: str, path: pathlib.Path) -> None:
        """A key that asks for a path, and the path."""
        self.studio.key(keys, pause=2.0)
        self.studio.type(str(path))
        self.studio.key("Return")

    def round(self, number: int) -> None:
        studio = self.studio
        self.answer("ctrl+shift+o", DEMO)
        studio.wait_for(lambda: "*" in studio.title(), "the demo set")
        studio.train("Quick look")
        studio.key("ctrl+g", pause=4.0)
        studio.key("space", pause=4.0)
        studio.key("space")
        song = studio.folder / f"round-{number}.mid"
        self.answer("ctrl+e", song)
        studio.wait_for(song.exists, "the exported piece")
        project = studio.folder / f"round-{number}.harmonium"
        self.answer("ctrl+s", project)
        studio.wait_for(lambda: project.exists() and "*" not in studio.title(), "the saved project")
        studio.do("New project")
        self.answer("ctrl+o", project)
        studio.wait_for(lambda: project.stem in studio.title(), "the opened project")
        studio.do("New project")
        studio.wait_for(lambda: project.stem not in studio.title(), "a new project")
        time.sleep(2)
        for file in (song, project):
            file.unlink()
        self.look()

    def look(self) -> None:
        status = dict(line.split(":", 1) for line in (self.process / "status").read_text().splitlines())
        resident_mb = int(status["VmRSS"].split()[0]) / 1024
        threads, files = int(status["Threads"]), len(list((self.process / "fd").iterdir()))
        self.samples.append((self.minutes(), resident_mb, threads, files))
        print(f"{self.minutes():6.1f} min  {resident_mb:8.1f} MB  {threads:3} threads  {files:3} files", flush=True)

    def verdict(self, settle: float) -> list[str]:
        settled = [sample for sample in self.samples if sample[0] >= settle]
        if len(settled) < 4:
            return [f"only {len(settled)} rounds after settling: too few to say"]
        slope = least_squares([sample[0] for sample in settled], [sample[1] for sample in settled])
        print(f"{len(settled)} rounds after {settle:g} minutes: memory {slope:+.2f} MB a minute")
        wrong = [f"memory grows by {slope:.2f} MB a minute"] if slope >= MOST_MB_A_MINUTE else []
        for place, what in ((2, "threads"), (3, "open files")):
            first, last = settled[0][place], settled[-1][place]
            print(f"{what}: {first} at first, {last} at last")
            if last - first > MOST_MORE:
                wrong.append(f"{what} stay behind: {first} at first, {last} at last")
        return wrong


def least_squares(xs: list[float], ys: list[float]) -> float:
    """The slope of the line through the points."""
    x_mean, y_mean = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - x_mean) ** 2 for x in xs)
    return sum((x - x_mean) * (y - y_mean) for x, y in zip(xs, ys)) / spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--settle", type=float, default=3)
    options = parser.parse_args()
    with display() as screen, Studio(options.executable.resolve(), screen, pathlib.Path(".")) as studio:
        studio.start_without_tour()
        soak = Soak(studio)
        number = 0
        while soak.minutes() < options.minutes:
            number += 1
            soak.round(number)
        wrong = soak.verdict(options.settle)
    if wrong:
        sys.exit("soak: " + "; ".join(wrong))
    print(f"soak: {number} rounds, nothing grows")


if __name__ == "__main__":
    main()
