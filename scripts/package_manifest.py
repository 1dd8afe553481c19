#!/usr/bin/env python3
"""Writes the manifest by which cargo-deb and cargo-generate-rpm pack a tree that scripts/stage.py laid out.

    package_manifest.py TREE FOLDER    TREE holds usr/; FOLDER/Cargo.toml is written, for both tools

A manifest of its own, because what the packages depend on is computed: of libraries that the linker knows, from
the executables; of those that are opened while it runs, from packaging/linux/libraries.txt.
Wants dpkg-shlibdeps for the .deb; without it (RPM systems) the field says so and only the .rpm can be made.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from email.utils import format_datetime
from pathlib import Path

from clean_elf import Elf
from metainfo import manifest
from stage import epoch

ROOT = Path(__file__).resolve().parent.parent
MAINTAINER = "The Harmonium developers"
# What Debian's checker finds and why it is right so; it looks for this file in the package.
OVERRIDES = ROOT / "packaging/linux/lintian-overrides"
# Dialogs ask the desktop's portal, else zenity; sound goes to ALSA, which these connect to the desktop's sound server.
DEB_RECOMMENDS = (
    "xdg-desktop-portal-gtk | xdg-desktop-portal-backend | zenity",
    "libgl1-mesa-dri | libgl1-nvidia-glvnd-glx",
    "pipewire-alsa | libasound2-plugins",
)
RPM_RECOMMENDS = ("xdg-desktop-portal", "mesa-dri-drivers")
SUMMARY = "Train a model on your MIDI files and play what it dreams"
DESCRIPTION = (
    "Harmonium is a studio that learns from your MIDI files and plays what it dreams. Pick folders, turn knobs, watch "
    "the reconstruction error fall while a restricted Boltzmann machine trains, let it generate, listen, and take the "
    "music away as MIDI, WAV, FLAC or Ogg. Everything runs on your own machine.\n\n"
    "This package has libtorch for the processor, a General MIDI SoundFont and a demo set with it."
)


def executables(tree: Path) -> list[Path]:
    return [tree / "usr/bin/harmonium", *sorted((tree / "usr/lib/harmonium").iterdir())]


def opened_libraries() -> list[tuple[str, str]]:
    """Name and Debian package."""
    lines = (ROOT / "packaging/linux/libraries.txt").read_text(encoding="utf-8").splitlines()
    return [(line.split()[0], line.split()[1]) for line in lines if line and not line.startswith("#")]


def deb_depends(tree: Path) -> list[str]:
    """As dpkg-shlibdeps finds them, and those that it cannot see."""
    with tempfile.TemporaryDirectory() as work:
        (Path(work) / "debian").mkdir()
        (Path(work) / "debian/control").touch()
        own = tree / "usr/lib/harmonium"
        command = ["dpkg-shlibdeps", "-O", f"-l{own.absolute()}", "--ignore-missing-info"]
        command += [str(path.absolute()) for path in executables(tree)]
        try:
            answer = subprocess.run(command, cwd=work, check=True, capture_output=True, text=True)
        except FileNotFoundError:
            return []
        except subprocess.CalledProcessError as error:
            sys.exit(f"dpkg-shlibdeps failed:\n{error.stderr}")
    found = re.search(r"^shlibs:Depends=(.*)$", answer.stdout, re.MULTILINE)
    if found is None:
        sys.exit(f"dpkg-shlibdeps did not say what the programs depend on:\n{answer.stdout}{answer.stderr}")
    computed = set(found[1].split(", "))
    # Found by name in the system, too; ours is the one that is loaded.
    computed = {package for package in computed if not package.startswith("libgomp1")}
    return sorted({*computed, *(package for _, package in opened_libraries())})


def rpm_requires(tree: Path) -> list[str]:
    """Libraries by their names, which every RPM distribution provides, and the C library's version."""
    ours = {path.name for path in executables(tree)}
    needed = {name for path in executables(tree) for name in Elf(path).needed()} - ours
    needed |= {name for name, _ in opened_libraries()}
    requires = {f"{name}()(64bit)" for name in needed if not name.startswith("ld-linux")}
    for library, prefix in (("libc.so.6", "GLIBC"), ("libstdc++.so.6", "GLIBCXX")):
        requires.add(f"{library}({prefix}_{newest_symbol(tree, prefix)})(64bit)")
    return sorted(requires)


def newest_symbol(tree: Path, prefix: str) -> str:
    found = set()
    for path in executables(tree):
        found |= set(re.findall(rb"\0" + prefix.encode() + rb"_(\d+(?:\.\d+)+)(?=\0)", path.read_bytes()))
    return max((text.decode() for text in found), key=lambda text: [int(part) for part in text.split(".")])


# Each looks for zsh's completions in one of two folders; the other package would make a folder that nobody reads.
LEFT_OUT = {"deb": "usr/share/zsh/site-functions", "rpm": "usr/share/zsh/vendor-completions"}


def files(tree: Path, kind: str) -> list[str]:
    """Paths below the tree of what a kind of package has."""
    found = (path.relative_to(tree).as_posix() for path in (tree / "usr").rglob("*") if path.is_file())
    return sorted(path for path in found if not path.startswith(LEFT_OUT[kind] + "/"))


# rpm takes away the folders that a package lists, and cargo-generate-rpm 0.21.1 cannot list any (it hands them to rpm's
# library as files, which refuses them). So a script takes ours; $1 is 0 when no other version is left. Folders that
# others share belong to `filesystem` and hicolor-icon-theme: no package should list them.
RPM_AFTER_ERASING = """[ "$1" != 0 ] || for folder in /usr/lib/harmonium /usr/share/harmonium /usr/share/doc/harmonium; do
    [ ! -d "$folder" ] || find "$folder" -depth -type d -empty -delete
done
"""


def quoted(value: object) -> str:
    """A value of TOML; its strings and lists are written like JSON's."""
    return json.dumps(value, ensure_ascii=False)


def mode(path: Path) -> str:
    return f"{path.stat().st_mode & 0o777:o}"


def deb_asset(tree: Path, path: str) -> str:
    source = tree.absolute() / path
    return f"{{ source = {quoted(str(source))}, dest = {quoted(path)}, mode = {quoted(mode(source))} }}"


def rpm_asset(tree: Path, path: str) -> str:
    source = tree.absolute() / path
    is_doc = ", doc = true" if path.startswith(("usr/share/doc/", "usr/share/man/")) else ""
    return f"{{ source = {quoted(str(source))}, dest = {quoted(f'/{path}')}, mode = {quoted(mode(source))}{is_doc} }}"


def deb_changelog() -> str:
    """Debian's own, about the package; what is new in the program stands in CHANGELOG.md."""
    when = format_datetime(datetime.fromtimestamp(epoch(), timezone.utc))
    head = f"harmonium ({manifest('version')}-1) unstable; urgency=medium"
    return f"{head}\n\n  * Made from Harmonium's own tree; changelog.gz says what is new.\n\n -- {MAINTAINER} <>  {when}\n"


def text(tree: Path) -> str:
    homepage = manifest("homepage")
    lines = [
        "[package]",
        'name = "harmonium"',
        f"version = {quoted(manifest('version'))}",
        'edition = "2024"',
        f"description = {quoted(SUMMARY)}",
        f"license = {quoted(manifest('license'))}",
        *([f"homepage = {quoted(homepage)}"] if homepage else []),
        "",
        "[workspace]",
        "",
        "[package.metadata.deb]",
        f"maintainer = {quoted(MAINTAINER)}",
        f"copyright = {quoted('2026 The Harmonium developers')}",
        'section = "sound"',
        'priority = "optional"',
        f"extended-description = {quoted(DESCRIPTION)}",
        f"depends = {quoted(', '.join(deb_depends(tree)))}",
        f"recommends = {quoted(', '.join(DEB_RECOMMENDS))}",
        'changelog = "changelog"',
        "assets = [",
        *(f"    {deb_asset(tree, path)}," for path in files(tree, "deb")),
        f'    {{ source = {quoted(str(OVERRIDES))}, dest = "usr/share/lintian/overrides/harmonium", mode = "644" }},',
        "]",
        "",
        "[package.metadata.generate-rpm]",
        f"summary = {quoted(SUMMARY)}",
        'release = "1"',
        'auto-req = "no"',
        f"post_uninstall_script = {quoted(RPM_AFTER_ERASING)}",
        "assets = [",
    ]
    paths = files(tree, "rpm")
    lines += [f"    {rpm_asset(tree, path)}," for path in paths]
    lines += ["]", "", "[package.metadata.generate-rpm.requires]"]
    # The second owns the folders of our icons.
    lines += [f'{quoted(name)} = "*"' for name in [*rpm_requires(tree), "hicolor-icon-theme"]]
    lines += ["", "[package.metadata.generate-rpm.recommends]"]
    lines += [f'{quoted(name)} = "*"' for name in RPM_RECOMMENDS]
    return "\n".join(lines) + "\n"


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[2])
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "src/lib.rs").touch()
    (folder / "changelog").write_text(deb_changelog(), encoding="utf-8")
    (folder / "Cargo.toml").write_text(text(Path(sys.argv[1])), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
