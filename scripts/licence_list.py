#!/usr/bin/env python3
"""Writes licences/crates.tsv, the list that Help → About shows: every crate of Cargo.lock with its licence.

    licence_list.py          write it
    licence_list.py check    exit 1 when it is not as it would be written

A line a crate: name, version, licence, and "program" when it is part of the program on Linux (or runs while that is
compiled), else "other" (other systems, tests). Offline once the crates are fetched. Standard library only; wants cargo.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from crate_licences import ROOT, crates

GOAL = ROOT / "licences" / "crates.tsv"


def text() -> str:
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1"]
    answer = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    in_program = {package["id"] for package in crates()}
    ours = answer["resolve"]["root"]
    packages = sorted(answer["packages"], key=lambda package: (package["name"], package["version"]))
    lines = [
        "\t".join(
            [
                package["name"],
                package["version"],
                (package["license"] or "not stated").replace("/", " OR "),
                "program" if package["id"] in in_program else "other",
            ]
        )
        for package in packages
        if package["id"] != ours
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    if sys.argv[1:] == ["check"]:
        if GOAL.read_text(encoding="utf-8") == text():
            return 0
        print(f"{GOAL} is not as scripts/licence_list.py would write it", file=sys.stderr)
        return 1
    if sys.argv[1:]:
        print(__doc__, file=sys.stderr)
        return 2
    Path(GOAL).write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
