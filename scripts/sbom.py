#!/usr/bin/env python3
"""Writes the bill of materials of a release, as CycloneDX.

    sbom.py FILE    wants cargo-cyclonedx (scripts/release_tools.sh check)

cargo-cyclonedx lists the crates with version, licence and checksum. What it cannot know is added: the libraries that
ship beside the program, as they are pinned in scripts/libtorch-cpu.txt, and the SoundFont. The folder of the checkout,
which it takes for a name, gives way to the package's.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import stage

ROOT = Path(__file__).resolve().parent.parent
NAME = "harmonium-sbom"
# The wheel that each library comes from, and its licence.
LICENCES = {
    "torch": "BSD-3-Clause",
    "nvidia-cuda-runtime": "LicenseRef-NVIDIA-CUDA-EULA",
    "nvidia-cuda-cupti": "LicenseRef-NVIDIA-CUDA-EULA",
}


def component(kind: str, name: str, version: str, licence: str, source: Path | None = None) -> dict:
    made = {"type": kind, "bom-ref": f"bundled/{name}", "name": name, "version": version, "scope": "required"}
    made["licenses"] = [{"expression": licence}] if not licence.startswith("LicenseRef") else [{"license": {"name": licence}}]
    if source is not None:
        made["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(source.read_bytes()).hexdigest()}]
    return made


def bundled() -> list[dict]:
    pins = re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "scripts/libtorch-cpu.txt").read_text(), re.MULTILINE)
    parts = []
    for name, version in pins:
        parts.append(component("library", name, version, LICENCES[name]))
        parts[-1]["purl"] = f"pkg:pypi/{name}@{version}"
    torch = dict(pins)["torch"]
    parts.append(component("library", "libgomp", f"as in torch {torch}", "GPL-3.0-or-later WITH GCC-exception-3.1"))
    font = ROOT / "soundfonts/harmonium-gm.sf3"
    parts.append(component("data", "FluidR3Mono_GM", "cut by scripts/cut_soundfont.py", "MIT", font))
    return parts


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    made = ROOT / f"{NAME}.json"
    environment = {**os.environ, "CARGO_NET_OFFLINE": "true", "SOURCE_DATE_EPOCH": str(stage.epoch())}
    command = ["cargo", "cyclonedx", "--format", "json", "--spec-version", "1.5", "--quiet"]
    command += ["--target", "x86_64-unknown-linux-gnu", "--override-filename", NAME]
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        text = made.read_text(encoding="utf-8").replace(f"path+file://{ROOT}", "pkg:cargo/harmonium")
    finally:
        made.unlink(missing_ok=True)
    bill = json.loads(text)
    bill["components"] += bundled()
    names = {part["name"] for part in bill["components"]}
    if missing := {"tch", "egui", "fluidlite", "midly", "torch"} - names:
        sys.exit(f"not in the bill of materials: {missing}")
    if str(ROOT) in text:
        sys.exit("the bill of materials names the folder that it was made in")
    Path(sys.argv[1]).write_text(json.dumps(bill, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
