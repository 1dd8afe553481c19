#!/usr/bin/env python3
"""The AppStream metainfo, which software centres show: packaging/linux/metainfo.xml with what changes filled in.

    metainfo.py FILE    write it

The releases are those of CHANGELOG.md; the version of Cargo.toml, if it has no date there yet, is a development release.
Screenshots and the home page need an address on the web: they are in it once Cargo.toml has a `homepage` (or the
environment a HOMEPAGE), below which the pictures of docs/gallery must then lie. Standard library only.
"""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Chosen before there was an address of Harmonium's own. Never change it after the first publication.
IDENTITY = "org.harmonium_studio.harmonium"
PICTURES = (
    ("piece.png", "Songs, training and generated pieces over the piano roll"),
    ("filters.png", "What the hidden units have learned"),
    ("composing.png", "Bars of a piece made anew"),
    ("light.png", "The light theme"),
)


def manifest(key: str) -> str:
    text = (ROOT / "Cargo.toml").read_text(encoding="utf-8").split("\n[", 1)[0]
    found = re.search(rf'^{key} = "(.*)"', text, re.MULTILINE)
    return found[1] if found else ""


def releases(version: str, epoch: int) -> list[str]:
    log = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    dated = re.findall(r"^## \[(\d[^\]]*)\] - (\d{4}-\d{2}-\d{2})", log, re.MULTILINE)
    lines = [f'<release version="{number}" date="{day}" type="stable"/>' for number, day in dated]
    if version not in {number for number, _ in dated}:
        day = time.strftime("%Y-%m-%d", time.gmtime(epoch))
        lines.insert(0, f'<release version="{version}" date="{day}" type="development"/>')
    return lines


def screenshots(homepage: str) -> list[str]:
    lines = ["<screenshots>"]
    for place, (name, caption) in enumerate(PICTURES):
        kind = ' type="default"' if place == 0 else ""
        lines += [f"  <screenshot{kind}>", f"    <caption>{caption}</caption>"]
        lines += [f"    <image>{homepage}/docs/gallery/{name}</image>", "  </screenshot>"]
    return [*lines, "</screenshots>"]


def text(version: str, epoch: int) -> str:
    homepage = (os.environ.get("HOMEPAGE") or manifest("homepage")).rstrip("/")
    parts = {
        "IDENTITY": [IDENTITY],
        "RELEASES": ["<releases>", *(f"  {line}" for line in releases(version, epoch)), "</releases>"],
        "HOMEPAGE": [f'<url type="homepage">{homepage}</url>'] if homepage else [],
        "SCREENSHOTS": screenshots(homepage) if homepage else [],
    }
    lines = []
    for line in (ROOT / "packaging/linux/metainfo.xml").read_text(encoding="utf-8").splitlines():
        alone = re.fullmatch(r"(\s*)@(\w+)@", line)
        if alone:
            lines += [alone[1] + part for part in parts[alone[2]]]
        else:
            lines.append(line.replace("@IDENTITY@", IDENTITY))
    return "\n".join(lines) + "\n"


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    now = int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())
    Path(sys.argv[1]).write_text(text(manifest("version"), now), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
