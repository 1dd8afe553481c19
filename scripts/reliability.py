#!/usr/bin/env python3
"""Tries every promise of docs/reliability.md as often as the page says, and writes the page.

    reliability.py [--only WORDS] [--skip-soak] [--out docs/reliability.md]

Each row has one command. A test that counts for itself prints "reliability: WHAT: N tried, M failed (MORE)"; the others
are scenarios, counted here. With --only the page keeps what it says of the other rows. What fails is named at the end.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COUNTED = re.compile(r"reliability: [^:\n]+: ([\d ]+) tried, (\d+) failed(?: \(([^)\n]*)\))?")
RAN = re.compile(r"^test result: ok\. (\d+) passed", re.MULTILINE)


@dataclass(frozen=True)
class Row:
    promise: str
    # The test program and the names of tests, as cargo takes them; or a script.
    test: str
    # How often, where the test does not say it.
    tried: str = ""

    def command(self) -> str:
        if self.test.startswith("scripts/"):
            return f"make {Path(self.test.split()[0]).stem}"
        program, names = self.test.split(" ", 1)
        which = "--lib" if program == "lib" else "--test it"
        return f"HARMONIUM_RELIABILITY=full cargo test --release {which} -- {names}"


SECTIONS: dict[str, list[Row]] = {
    "Projects, autosaves, settings": [
        Row("Saving refused at any step, or after half of the bytes: the old file stays whole, its backup too, nothing stray; cut off at any step: the old file or the new one", "lib project::atomic", "each of 10 steps, 3 ways: 30"),
        Row("Killed (SIGKILL) while it saves without pause: whole, never a step back, the lock free, strays tidied up", "it saving"),
        Row("A run that is killed goes on to the same weights, bit for bit", "it resuming", "24 kills"),
        Row("One writer for a project, also under contention; a dead one's lock is free", "lib project::lock", "2 000 takes by 4 threads"),
        Row("A second start hands its files over, whatever their names; a stuck window, a dead socket and a folder that others can write stop nobody", "lib platform::instance", "7 scenarios"),
        Row("Two starts, a crash while training, recovery, a clean end: in real windows", "it two_windows", "1 scenario"),
        Row("Open elsewhere: read-only. Work comes back after a crash: never saved, saved, several sessions, twice in a row; gone once it is saved or not wanted. Damaged autosaves are kept aside; after two failed starts the next is safe", "lib life_tests", "14 scenarios"),
        Row("Damaged settings are named and kept aside, the program starts; unreadable ones are not written over", "lib preferences", "4 kinds of damage"),
        Row("Damaged project files open or are refused with words, never a panic", "it a_damaged_project"),
        Row("A file of each version opens; a newer one is refused with words; unknown fields survive; sizes are checked before anything is allocated; a file that was cut is refused", "it project_files", "1 version, 9 places, 10 impossible sizes, each 97th place to cut"),
        Row("A place that vanishes, fills up, lets nothing be written or has a file in its place, while the window is open: saving, checkpoints, exports and settings say so with path and remedy, the old file stays, nothing stray, training goes on; all is kept again once the place is well", "lib disk_tests", "4 kinds of trouble in 4 places"),
        Row("A disk without room: every command names the file and the reason, the old file stays, nothing is left beside it", "it full_disk", "6 commands"),
    ],
    "Bad input": [
        Row("Damaged MIDI files: no crash, no second of processor time for one, less than 1 GiB", "it mutations::damaged"),
        Row("Damaged SoundFonts are refused, or all of them plays", "lib audio::mutation_tests::damaged"),
        Row("Odd MIDI files, each with a defect that has a name: read as other programs read them, or refused with words", "lib midi::odd_files", "all that the file names"),
        Row("Links that loop, pipes, unreadable folders, names that are not Unicode", "lib dataset::import_tests", "all that the file names"),
        Row("A folder of 100 000 files is read to its end, or given up at a word", "it many_files"),
        Row("Names that are not Unicode, and addresses as file managers hand them, on the command line", "it odd_names", "all that the file names"),
        Row("Damaged window settings are read, mended or put aside", "lib a_damaged_settings_file"),
        Row("Autosaves whose note says what no session ever wrote are listed and drawn", "lib app::autosave_note_tests", "7 defects"),
        Row("Sizes that a file, a setting or a wish names are checked before memory is taken for them; files without an end are not read to it", "lib impossible_sizes notes_that_hold_one_pitch chains_that_do_not_fit a_state_that_does_not_fit a_piece_that_no_project_could_keep is_not_read_to_its_end", "all that the tests name"),
        Row("A SoundFont that crashes, refuses or never ends is named, in a process that loads no libtorch", "lib audio::probe", "4 kinds"),
    ],
    "Training and the window": [
        Row("A panic, a run that diverges or cannot start ends the run and not the program; the last good model stays", "it engine_session::endings", "all that the file names"),
        Row("No memory, or CUDA gone, in the middle of a run: it stands as it last stood well, is marked, and goes on with half the batch or on the processor at a press; it also ends before the system ends the program", "it machine_fails", "3 scenarios"),
        Row("The same through the window", "lib a_run_that_finds_no_memory a_run_that_loses_cuda", "2 scenarios"),
        Row("An error of the program's own leaves a report and a log, and the real window saves and closes", "it an_error_of_the_programs_own", "1 scenario"),
        Row("Random presses, clicks and drags: no panic, nothing stuck", "lib monkey", "20 000 events"),
    ],
    "Sound": [
        Row("No device, a lost one, one that stays away, stalls, hangs or comes back, another default: the place is kept, nothing freezes (a device that the test plays)", "lib audio::player_tests", "all that the file names"),
        Row("A real sound server that is not there, killed, stopped, has another default, loses a sink: noticed within 2 s, the music goes on by itself where it was, heard in a recording (needs PulseAudio; skipped without)", "it sound_server"),
        Row("Play, seek, loop, tempo and font change: no gap of 10 ms, no jump above what the notes make", "lib audio::session_tests", "all that the file names"),
    ],
    "Over time, and privacy": [
        Row("15 minutes of training, generating, playing, exporting, saving and opening: memory grows by less than 1 MB a minute, no thread or file stays behind", "scripts/soak.py"),
        Row("No socket but to the display, the sound, the session and the program's own other start", "it privacy", "command line and window"),
    ],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="try the rows whose test holds these words; the others stay as they were")
    parser.add_argument("--skip-soak", action="store_true", help="leave the 15 minutes out; the page says so")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/reliability.md")
    options = parser.parse_args()
    failed, lines, before = [], [], rows_of(options.out)
    for section, rows in SECTIONS.items():
        lines += ["", f"## {section}", "", "| promise | test | tried | failed | date |", "|---|---|---|---|---|"]
        for row in rows:
            if options.only not in row.test:
                # As it was tried last.
                lines += [f"| {row.promise} | {before[row.command()]}"] if row.command() in before else []
                continue
            start = time.monotonic()
            skips = options.skip_soak and row.test.startswith("scripts/")
            tried, n_failed = ("not tried this time", "–") if skips else attempt(row)
            print(f"{row.test}: {tried}, {n_failed} failed, {time.monotonic() - start:.0f} s", flush=True)
            if n_failed not in ("0", "–"):
                failed.append(row.test)
            date = datetime.date.today().isoformat()
            lines.append(f"| {row.promise} | `{row.command()}` | {tried} | {n_failed} | {date} |")
    options.out.write_text(HEAD + "\n".join(lines + fuzzed()) + "\n", encoding="utf-8")
    if failed:
        print(f"reliability: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def rows_of(page: Path) -> dict[str, str]:
    """What a page says of each row, after the promise, by its command."""
    if not page.exists():
        return {}
    rows = [line.split(" | ", 1)[1] for line in page.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    return {row.split("`")[1]: row for row in rows if row.startswith("`")}


def fuzzed() -> list[str]:
    """What `make fuzz` has tried so far, by its own record."""
    if not (ROOT / "fuzz/record.json").exists():
        return []
    record = json.loads((ROOT / "fuzz/record.json").read_text(encoding="utf-8"))
    lines = ["", "## Fuzzing", "", FUZZING, "", "| what is read | test | tried | failed | date |", "|---|---|---|---|---|"]
    for target, done in record.items():
        tried = f"{done['executions']:,}".replace(",", " ") + f" in {done['seconds'] / 60:.0f} min"
        test = f"`make fuzz ARGS={target}`"
        lines.append(f"| {READ_BY[target]} | {test} | {tried} | {done['failed']} | {done['date']} |")
    return lines


def attempt(row: Row) -> tuple[str, str]:
    """How often it was tried, and how often it failed, in words."""
    environment = {**os.environ, "HARMONIUM_RELIABILITY": "full"}
    if row.test.startswith("scripts/"):
        target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
        command = [sys.executable, str(ROOT / row.test), f"{target}/release/harmonium"]
    else:
        program, names = row.test.split(" ", 1)
        which = ["--lib"] if program == "lib" else ["--test", "it"]
        command = [str(ROOT / "scripts/cargo.sh"), "test", "--release", "--locked", *which, "--", *names.split(), "--nocapture"]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, errors="replace")
    counted = COUNTED.search(done.stdout)
    passed = [int(n) for n in RAN.findall(done.stdout)]
    if done.returncode != 0:
        print(done.stdout[-3000:], done.stderr[-3000:], file=sys.stderr)
        return (row.tried or "see above", "some")
    if row.test.startswith("scripts/"):
        return ("; ".join(done.stdout.strip().splitlines()[-4:]), "0")
    if not any(passed):
        return ("nothing ran", "some")
    if counted and not row.tried:
        n_tried = f"{int(counted[1].replace(' ', '')):,}".replace(",", " ")
        return (n_tried + (f": {counted[3]}" if counted[3] else ""), counted[2])
    skipped = re.search(r"skipped: (.*)", done.stdout)
    if skipped and not row.tried:
        return (f"not tried: {skipped[1]}", "–")
    n_tests = "1 test" if passed == [1] else f"{sum(passed)} tests"
    return (f"{row.tried} ({n_tests})", "0")


FUZZING = "libFuzzer makes inputs up, led by which code they reach. Inputs and minutes are sums since the record was begun, failures of the newest time. Projects, settings and command lines are also changed by what knows their form (fuzz/mutation). Before it was begun one was found, a MIDI note of no length at the end of a file that reached beyond its score; it is mended."
READ_BY = {
    "command_line": "command lines: understood, and what they mean checked",
    "midi": "MIDI files, turned into a score and written again",
    "project": "projects and autosaves: saved and opened again, their pieces played, their runs taken up and heard",
    "session": "what killed sessions and other starts leave: locks, autosaves, messages, in any order",
    "settings": "settings as files and as single values, written and read again",
    "soundfont": "SoundFonts: the check, and what passes is played",
}

HEAD = """<!-- Made by scripts/reliability.py; change that, not this. -->
# What is promised, and how often it was tried

`make reliability` tries all of it and writes this page; `make test` tries a tenth of each count. Every row has one
command.
"""

if __name__ == "__main__":
    sys.exit(main())
