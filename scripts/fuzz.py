#!/usr/bin/env python3
"""Feeds the readers of the program with what libFuzzer thinks up, and counts (make fuzz ARGS="--seconds 600 midi").

    fuzz.py [--seconds N] [TARGET ...]

Each target of fuzz/ runs for so long (default: a minute), from the seeds in fuzz/seeds and what earlier times found.
It ends at the first input that crashes, takes more than 5 s or 1 GiB, and names the file that holds it. How many inputs
there have been stands in fuzz/record.json, from which scripts/reliability.py takes them.

The compiler is the usual one: the flags below are those of cargo-fuzz without a sanitizer.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
RECORD = FUZZ / "record.json"
# Those of the second list need the whole library.
LIGHT = ["midi", "soundfont"]
TARGETS = [*LIGHT, "project", "settings", "command_line", "session"]
# What reads, by crate; its counters lead libFuzzer.
COVERED = [
    "harmonium",
    *TARGETS,
    *("midly", "safetensors", "serde", "serde_core", "serde_json"),
    *("toml", "toml_datetime", "toml_parser", "winnow"),
    *("clap_builder", "clap_lex"),
]
COVERAGE = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
]
EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(TARGETS))
    options = parser.parse_args()
    unknown = [target for target in options.targets if target not in TARGETS]
    if unknown:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    work = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "fuzz"
    targets = options.targets or TARGETS
    programs = build(targets, work)
    failed = [target for target in targets if not fuzz(target, programs, work, options.seconds)]
    if failed:
        print(f"fuzz: failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def build(targets: list[str], work: Path) -> Path:
    host = re.search(r"^host: (.*)$", subprocess.check_output(["rustc", "-vV"], text=True), re.MULTILINE)[1]
    environment = {
        **os.environ,
        "RUSTC_WRAPPER": str(ROOT / "scripts/fuzz_rustc.sh"),
        "FUZZ_COVERED": " ".join(COVERED),
        "FUZZ_FLAGS": " ".join(COVERAGE),
        "RUSTFLAGS": "--cfg=fuzzing",
        "CARGO_INCREMENTAL": "0",
    }
    # A target by name, so that what only builds (build scripts, macros) is built as usual.
    command = [str(ROOT / "scripts/cargo.sh"), "build", "--release", "--manifest-path", "fuzz/Cargo.toml"]
    command += [word for target in targets for word in ("--bin", target)]
    command += [] if set(targets) <= set(LIGHT) else ["--features", "library"]
    subprocess.run([*command, "--target", host, "--target-dir", str(work)], env=environment, cwd=ROOT, check=True)
    return work / host / "release"


def fuzz(target: str, programs: Path, work: Path, seconds: int) -> bool:
    """Runs one target, and adds what it did to the record. Whether nothing was found."""
    corpus, found = work / "corpus" / target, work / "artifacts" / target
    for folder in (corpus, found):
        folder.mkdir(parents=True, exist_ok=True)
    command = [str(programs / target), str(corpus), str(FUZZ / "seeds" / target), f"-max_total_time={seconds}"]
    # Room for a project that grows; the others keep to the size of their seeds.
    command += ["-max_len=65536"] if target == "project" else []
    command += ["-timeout=5", "-rss_limit_mb=1024", "-print_final_stats=1", f"-artifact_prefix={found}/"]
    start = time.monotonic()
    done = subprocess.run(command, env=surroundings(), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    seconds = round(time.monotonic() - start)
    executed = EXECUTED.search(done.stderr)
    n_executed = int(executed[1]) if executed else 0
    note(target, n_executed, seconds, done.returncode != 0)
    print(f"{target}: {n_executed} inputs in {seconds} s, {'FAILED' if done.returncode else '0 failed'}", flush=True)
    if done.returncode != 0:
        print(done.stderr[-3000:], file=sys.stderr)
    return done.returncode == 0 and n_executed > 0


def surroundings() -> dict[str, str]:
    """Where libtorch lies, which some of them load; and where files are written quickest, thousands a second."""
    folder = Path(os.environ.get("LIBTORCH", ROOT / ".libtorch")) / "lib"
    before = os.environ.get("LD_LIBRARY_PATH")
    path = f"{folder}:{before}" if before else str(folder)
    memory = Path("/dev/shm")
    quickest = {"TMPDIR": str(memory)} if os.access(memory, os.W_OK) else {}
    return {**os.environ, **quickest, "LD_LIBRARY_PATH": path}


def note(target: str, executed: int, seconds: int, has_failed: bool) -> None:
    record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    before = record.get(target, {"executions": 0, "seconds": 0, "failed": 0})
    record[target] = {
        "executions": before["executions"] + executed,
        "seconds": before["seconds"] + seconds,
        # Of the newest time: what was found before is mended.
        "failed": int(has_failed),
        "date": datetime.date.today().isoformat(),
    }
    RECORD.write_text(json.dumps(record, indent=2, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
