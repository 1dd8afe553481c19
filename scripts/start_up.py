#!/usr/bin/env python3
"""How soon the window of a package is there, and what it holds at rest.

    start_up.py EXECUTABLE [--starts 7]

From starting the process to its second frame (the first that is on the screen), under Xvfb, which draws in software:
warm (it was started before), cold (as root: after the kernel has dropped its caches, which the display's own files
suffer from as well), and how long `--version` takes, which is loading alone. Then, five seconds after the start, with
nothing to do and again with the demo set in: resident memory, what is private to the process, what is shared with files.
Needs Xvfb and xdotool; figures go to docs/packaging.md by hand.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import statistics
import subprocess
import time

from gallery import Studio, display

DROP = pathlib.Path("/proc/sys/vm/drop_caches")


def drop_caches() -> None:
    os.sync()
    DROP.write_text("3\n")


def seconds_to_window(executable: pathlib.Path, screen: str) -> float:
    """One start; the window is closed again."""
    with Studio(executable, screen, pathlib.Path(".")) as studio:
        log = studio.folder / "frames.csv"
        begun = time.time()
        studio.program = subprocess.Popen([executable, "--frame-log", log], env=studio.environment, stderr=subprocess.DEVNULL)
        find = lambda: studio.xdotool("search", "--onlyvisible", "--name", "Harmonium").split("\n")[0]
        studio.window = studio.wait_for(find, "the window")
        studio.xdotool("windowfocus", "--sync", studio.window)
        time.sleep(2)
        studio.key("ctrl+q", pause=0.1)
        studio.program.wait(timeout=30)
        lines = log.read_text().splitlines()
        return float(lines[2].split(",")[0]) - begun


def memory(pid: int) -> dict[str, float]:
    """MB of a process, by what the kernel counts."""
    kb = {}
    for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        kb[name] = int(value.split()[0])
    return {
        "resident": kb["Rss"] * 1024 / 1e6,
        "private": (kb["Private_Clean"] + kb["Private_Dirty"]) * 1024 / 1e6,
        "private, written": kb["Private_Dirty"] * 1024 / 1e6,
        "proportional": kb["Pss"] * 1024 / 1e6,
    }


def words(values: list[float]) -> str:
    return f"median {statistics.median(values):.2f} s, slowest {max(values):.2f} s of {len(values)}"


def loading(executable: pathlib.Path) -> float:
    begun = time.time()
    subprocess.run([executable, "--version"], check=True, stdout=subprocess.DEVNULL, env={})
    return time.time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("executable", type=pathlib.Path)
    parser.add_argument("--starts", type=int, default=7)
    options = parser.parse_args()
    executable = options.executable.resolve()
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with display() as screen:
        loading(executable)
        seconds_to_window(executable, screen)
        print("--version, warm:", words([loading(executable) for _ in range(options.starts)]))
        print("window, warm:   ", words([seconds_to_window(executable, screen) for _ in range(options.starts)]))
        if os.access(DROP, os.W_OK):
            cold = []
            for _ in range(max(3, options.starts // 2)):
                drop_caches()
                cold.append(seconds_to_window(executable, screen))
            print("window, cold:   ", words(cold))
        with Studio(executable, screen, pathlib.Path(".")) as studio:
            studio.start_without_tour()
            time.sleep(5)
            report("at rest", studio)
            studio.do("Add the demo set")
            time.sleep(5)
            report("with the demo set", studio)


def report(what: str, studio: Studio) -> None:
    parts = ", ".join(f"{name} {value:.0f} MB" for name, value in memory(studio.program.pid).items())
    print(f"{what}: {parts}")


if __name__ == "__main__":
    main()
