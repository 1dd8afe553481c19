#!/usr/bin/env python3
"""Lays out what ships: the one tree that the .deb, the .rpm, the portable archive and `make install` share.

    stage.py GOAL             below GOAL, which plays the prefix (/usr, /usr/local, ~/.local)
    stage.py --linked GOAL    the same with links to the executables and libraries, for tests
    stage.py --list           only say what it would lay out, one path a line

    bin/harmonium             the program; it finds the rest from where it lies
    lib/harmonium/            libtorch, and the program that tries SoundFonts
    share/harmonium/          SoundFont, demo set
    share/…                   desktop entry, icons, MIME type, AppStream, manual pages, completions
    share/doc/harmonium/      licences, notices, the source that the LGPL asks for

Compiles nothing. Standard library only. LIBTORCH and CARGO_TARGET_DIR are honoured, and SOURCE_DATE_EPOCH.
"""

from __future__ import annotations

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import crate_licences
import metainfo

ROOT = Path(__file__).resolve().parent.parent
# What the program is loaded with on any machine. CUDA's libraries are found at run time where they are.
LIBRARIES = ("libtorch_cpu.so", "libc10.so", "libgomp.so.1", "libcudart.so.13", "libcupti.so.13")
TORCH_TEXTS = ("torch-LICENSE", "torch-NOTICE", "nvidia-cuda-runtime-License.txt", "nvidia-cuda-cupti-License.txt")
DOC = "share/doc/harmonium"


@dataclass(frozen=True)
class Item:
    """A file of the tree: where it goes, and its bytes or the file that they are in."""

    goal: str
    source: Path | bytes
    is_program: bool = False
    is_elf: bool = False


def stop(words: str) -> None:
    sys.exit(f"harmonium: {words}")


def release_dir() -> Path:
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


def libtorch() -> Path:
    folder = Path(os.environ.get("LIBTORCH", ROOT / ".libtorch"))
    if not (folder / "lib/libtorch_cpu.so").exists():
        stop("libtorch is not here yet; run make build first.")
    return folder.resolve()


def version() -> str:
    found = re.search(r'^version = "(.*)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        stop("Cargo.toml names no version")
    return found[1]


def git(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout


def epoch() -> int:
    """Seconds since 1970 that files inside archives carry: the same sources give the same bytes."""
    return int(os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or 0)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=9, mtime=0)


# ---- the parts ---------------------------------------------------------------------------------


def programs() -> list[Item]:
    items = []
    for goal in ("bin/harmonium", "lib/harmonium/harmonium-font-probe"):
        built = release_dir() / Path(goal).name
        if not built.exists():
            stop(f"{built} is not there; run make build first.")
        items.append(Item(goal, built, is_program=True, is_elf=True))
    return items


def libraries() -> list[Item]:
    here = libtorch()
    items = []
    for name in LIBRARIES:
        # The second place is where pip's own layout has NVIDIA's libraries.
        places = [here / "lib" / name, *sorted((here / "../nvidia").glob(f"**/{name}"))]
        found = next((place for place in places if place.exists()), None)
        if found is None:
            stop(f"{name} is not in {here}")
        items.append(Item(f"lib/harmonium/{name}", found.resolve(), is_elf=True))
    return items


def data() -> list[Item]:
    """What the program reads when it runs. Its fonts are inside it; their licences stay beside the rest."""
    files = [*(ROOT / "soundfonts").iterdir(), *(ROOT / "assets").rglob("*")]
    return [
        Item(f"share/harmonium/{path.relative_to(ROOT)}", path)
        for path in files
        if path.is_file() and path.suffix != ".ttf"
    ]


def desktop() -> list[Item]:
    here = ROOT / "packaging/linux"
    icons = "share/icons/hicolor"
    items = [
        Item("share/applications/harmonium.desktop", here / "harmonium.desktop"),
        Item("share/mime/packages/harmonium.xml", here / "harmonium-mime.xml"),
        Item(f"share/metainfo/{metainfo.IDENTITY}.metainfo.xml", metainfo.text(version(), epoch()).encode()),
        Item(f"{icons}/scalable/apps/harmonium.svg", ROOT / "packaging/icons/harmonium.svg"),
    ]
    for picture in (ROOT / "packaging/icons").glob("harmonium-*.png"):
        size = picture.stem.removeprefix("harmonium-")
        items.append(Item(f"{icons}/{size}x{size}/apps/harmonium.png", picture))
    return items


def shell_files() -> list[Item]:
    """Manual pages and completions, as the program itself writes them."""
    with tempfile.TemporaryDirectory() as made:
        command = [str(release_dir() / "harmonium"), "shell-files", made]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        read = {path.relative_to(made).as_posix(): path.read_bytes() for path in Path(made).rglob("*") if path.is_file()}
    items = [
        Item(f"share/man/man1/{Path(name).name}.gz", packed(text))
        for name, text in read.items()
        if name.startswith("man/")
    ]
    items.append(Item("share/bash-completion/completions/harmonium", read["bash/harmonium"]))
    items.append(Item("share/fish/vendor_completions.d/harmonium.fish", read["fish/harmonium.fish"]))
    # zsh looks into the first, but Debian's into the second.
    for folder in ("site-functions", "vendor-completions"):
        items.append(Item(f"share/zsh/{folder}/_harmonium", read["zsh/_harmonium"]))
    return items


def documents() -> list[Item]:
    items = [Item(f"{DOC}/{name}", ROOT / name) for name in ("README.md", "THIRD-PARTY-NOTICES.md")]
    items += [Item(f"{DOC}/{name}", ROOT / name) for name in ("LICENSE-MIT", "LICENSE-APACHE")]
    items.append(Item(f"{DOC}/copyright", ROOT / "packaging/linux/copyright"))
    items.append(Item(f"{DOC}/changelog.gz", packed((ROOT / "CHANGELOG.md").read_bytes())))
    items += [Item(f"{DOC}/licences/{path.name}", path) for path in (ROOT / "licences").iterdir()]
    items.append(Item(f"{DOC}/licences/crates.txt.gz", packed(crate_licences.all_texts().encode())))
    texts = libtorch() / "licences"
    if texts.is_dir():
        items += [Item(f"{DOC}/licences/{name}", texts / name) for name in TORCH_TEXTS]
    else:
        # A libtorch of the person's own: its texts are wherever it came from.
        print(f"note: {texts} is missing; add the licence texts of that libtorch before you pass this on.", file=sys.stderr)
    return items


def source() -> list[Item]:
    """The LGPL wants FluidLite's source at hand, and Harmonium's, so that the two can be linked anew."""
    cache = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo")) / "registry/cache"
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    items = []
    for crate in ("fluidlite", "fluidlite-sys"):
        number = re.search(rf'^name = "{crate}"\nversion = "(.*)"', lock, re.MULTILINE)
        name = f"{crate}-{number[1] if number else '?'}.crate"
        found = next(cache.glob(f"*/{name}"), None)
        if found is None:
            stop(f"the source of {name} is not in Cargo's cache; run cargo fetch.")
        items.append(Item(f"{DOC}/source/{name}", found))
    items.append(Item(f"{DOC}/source/harmonium-{version()}.tar.gz", own_source()))
    return items


def own_source() -> bytes:
    """All that git knows but pictures and recordings; where there is no git, what lies here."""
    listed = git("ls-files", "--cached", "--others", "--exclude-standard", "-z")
    if listed is None:
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        names = [path.as_posix() for path in found if path.parts[0] not in {"target", "dist", ".libtorch", ".venv", ".git"}]
    else:
        names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    left_out = ("docs/listening/", "tests/snapshots/", "soundfonts/harmonium-gm.sf3")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in sorted(name for name in names if not name.startswith(left_out)):
            info = archive.gettarinfo(str(ROOT / name), f"harmonium-{version()}/{name}")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mtime = epoch()
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            with (ROOT / name).open("rb") as file:
                archive.addfile(info, file)
    return packed(plain.getvalue())


def plan() -> list[Item]:
    """Everything that ships, in the order of its paths."""
    parts = (programs, libraries, data, desktop, shell_files, documents, source)
    return sorted((item for part in parts for item in part()), key=lambda item: item.goal)


# ---- laying it out -----------------------------------------------------------------------------


def lay(item: Item, goal: Path, is_linked: bool) -> None:
    path = goal / item.goal
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(item.source, bytes):
        path.write_bytes(item.source)
    elif is_linked and item.is_elf:
        path.unlink(missing_ok=True)
        path.symlink_to(item.source)
        return
    else:
        # Never written through: it may be a running program, or a link of an earlier --linked.
        path.unlink(missing_ok=True)
        shutil.copyfile(item.source, path)
    path.chmod(0o755 if item.is_program else 0o644)
    if item.is_elf:
        # Line tables make up most of the program; a panic still names its place without them.
        if shutil.which("strip"):
            subprocess.run(["strip", "--strip-debug" if item.is_program else "--strip-unneeded", path], check=True)
        subprocess.run([sys.executable, ROOT / "scripts/clean_elf.py", path], check=True)


def main() -> int:
    arguments = sys.argv[1:]
    is_linked = arguments[:1] == ["--linked"]
    if arguments == ["--list"]:
        print("\n".join(item.goal for item in plan()))
        return 0
    if len(arguments) != 1 + is_linked or arguments[-1].startswith("--"):
        print(__doc__, file=sys.stderr)
        return 2
    os.umask(0o022)
    goal = Path(arguments[-1])
    for item in plan():
        lay(item, goal, is_linked)
    return 0


if __name__ == "__main__":
    sys.exit(main())
