#!/usr/bin/env python3
"""The licences of the crates that Harmonium is built from.

    crate_licences.py check          exit 1 when a crate has a licence that deny.toml does not allow
    crate_licences.py collect FILE   write every crate's licence texts into one file, for packages

Standard library only; wants cargo.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = "x86_64-unknown-linux-gnu"
TEXT_NAME = re.compile(r"(licen[cs]e|copying|notice|unlicense|ofl|ufl)", re.IGNORECASE)
NOT_A_TEXT = re.compile(r"\.(rs|py|toml|json|ttf|otf|h|c|cpp|sh)$", re.IGNORECASE)


def crates() -> list[dict]:
    """What is compiled into the program or runs while it is compiled; tests' own crates are left out."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]
    answer = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)
    needs = {
        node["id"]: [
            need["pkg"] for need in node["deps"] if any(kind["kind"] != "dev" for kind in need["dep_kinds"])
        ]
        for node in answer["resolve"]["nodes"]
    }
    reached, waiting = set(), [answer["resolve"]["root"]]
    while waiting:
        crate = waiting.pop()
        if crate not in reached:
            reached.add(crate)
            waiting += needs[crate]
    ours = answer["resolve"]["root"]
    found = [package for package in answer["packages"] if package["id"] in reached and package["id"] != ours]
    return sorted(found, key=lambda package: (package["name"], package["version"]))


def allowed() -> tuple[set[str], dict[str, set[str]]]:
    """The two lists of deny.toml, whose form is ours: so a pattern does, and old Pythons need no TOML reader."""
    text = re.sub(r"#.*", "", (ROOT / "deny.toml").read_text(encoding="utf-8"))
    general = re.search(r"^allow = \[(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    single = re.findall(r'crate = "([^"]+)", allow = \[([^\]]*)\]', text)
    if general is None:
        sys.exit("deny.toml: the list of licences was not found")
    quoted = re.compile(r'"([^"]+)"')
    return set(quoted.findall(general[1])), {name: set(quoted.findall(names)) for name, names in single}


def is_allowed(expression: str, names: set[str]) -> bool:
    """Evaluates an SPDX expression; the slash of old manifests means OR."""
    tokens = re.findall(r"[()]|[\w.+-]+(?: WITH [\w.-]+)?", expression.replace("/", " OR "))

    def alternatives() -> bool:
        holds = conjunction()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            holds = conjunction() or holds
        return holds

    def conjunction() -> bool:
        holds = single()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            holds = single() and holds
        return holds

    def single() -> bool:
        token = tokens.pop(0)
        if token != "(":
            return token in names
        holds = alternatives()
        tokens.pop(0)
        return holds

    return alternatives()


def check() -> int:
    general, single = allowed()
    refused = 0
    found = crates()
    for crate in found:
        expression = crate["license"] or ""
        names = general | single.get(crate["name"], set())
        if not expression or not is_allowed(expression, names):
            refused += 1
            print(f"{crate['name']} {crate['version']}: licence {expression or 'not stated'!r} is not in deny.toml")
    print(f"licences of {len(found)} crates: {refused} not allowed")
    return 1 if refused else 0


def all_texts() -> str:
    """Every crate with its licence, and below the texts, each once."""
    texts: dict[str, list[str]] = {}
    lines = ["The crates that Harmonium is built from, and their licences; the texts follow below.\n\n"]
    for crate in crates():
        label = f"{crate['name']} {crate['version']}"
        authors = ", ".join(re.sub(r"\s*<[^>]*>", "", author) for author in crate["authors"])
        lines.append(f"{label}: {crate['license']}{' (' + authors + ')' if authors else ''}\n")
        folder = Path(crate["manifest_path"]).parent
        for path in sorted(folder.rglob("*")):
            if path.is_file() and TEXT_NAME.search(path.name) and not NOT_A_TEXT.search(path.name):
                text = path.read_text(encoding="utf-8", errors="replace").strip()
                texts.setdefault(text, []).append(f"{label}, {path.relative_to(folder)}")
    for text, names in texts.items():
        lines.append("\n" + "=" * 100 + "\n" + "\n".join(names) + "\n" + "-" * 100 + "\n" + text + "\n")
    return "".join(lines)


def main() -> int:
    if sys.argv[1:] == ["check"]:
        return check()
    if len(sys.argv) == 3 and sys.argv[1] == "collect":
        Path(sys.argv[2]).write_text(all_texts(), encoding="utf-8")
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
