#!/usr/bin/env python3
"""Takes what is only true of the build machine out of an executable or library.

    clean_elf.py FILE…            change the files
    clean_elf.py --check FILE…    change nothing; exit 1 when a search path or a build folder is left

Two things are cleaned. Of the library search path, what starts with $ORIGIN stays (a build for development
also searches the libtorch that it was built with), without the places that pip's layout has. And the build's
folders, which panics and C++ exceptions name as the place of their source, give way to a name of equal length:
"/build/////…/src/lib.rs". Rewriting those bytes spares packages a second compile of everything, as other compiler
flags (--remap-path-prefix) would mean. Standard library only; 64-bit little-endian ELF.
"""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DYNAMIC, DYNSYM = 6, 11  # types of sections
NEEDED, STRTAB, SONAME, RPATH, RUNPATH = 1, 5, 14, 15, 29  # tags of the dynamic section
NEUTRAL = b"/build"


class Elf:
    """The dynamic section of a file's bytes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = bytearray(path.read_bytes())
        if self.data[:6] != b"\x7fELF\x02\x01":
            sys.exit(f"{path}: not a 64-bit little-endian ELF file")
        at = struct.unpack_from("<Q", self.data, 40)[0]
        size, count = struct.unpack_from("<HH", self.data, 58)
        self.sections = [struct.unpack_from("<IIQQQQIIQQ", self.data, at + i * size) for i in range(count)]
        dynamic = next(s for s in self.sections if s[1] == DYNAMIC)
        self.strings = self.sections[dynamic[6]][4]
        self.entries = list(struct.iter_unpack("<QQ", self.data[dynamic[4] : dynamic[4] + dynamic[5]]))

    def string(self, value: int) -> str:
        start = self.strings + value
        return self.data[start : self.data.index(b"\0", start)].decode()

    def search_paths(self) -> list[tuple[int, str]]:
        """Offset in the table of strings, and text."""
        return [(value, self.string(value)) for tag, value in self.entries if tag in (RPATH, RUNPATH)]

    def needed(self) -> list[str]:
        return [self.string(value) for tag, value in self.entries if tag == NEEDED]

    def used_strings(self) -> set[int]:
        """Offsets of the strings that something else refers to."""
        uses = {value for tag, value in self.entries if tag in (NEEDED, SONAME)}
        for section in self.sections:
            if section[1] == DYNSYM:
                table = self.data[section[4] : section[4] + section[5]]
                uses |= {name for name, *_ in struct.iter_unpack("<IBBHQQ", table)}
        return uses


def kept(search_path: str) -> str:
    """The part of a search path that is true on any machine."""
    folders = [folder for folder in search_path.split(":") if folder.startswith("$ORIGIN")]
    return ":".join(folder for folder in folders if "/nvidia/" not in folder)


def clean_search_path(elf: Elf) -> None:
    for value, old in elf.search_paths():
        new = kept(old)
        if new == old:
            continue
        # Linkers let strings share their ends; then nothing may be overwritten.
        if any(value < use < value + len(old) for use in elf.used_strings()):
            sys.exit(f"{elf.path}: the search path shares its bytes with a name; build with HARMONIUM_RELEASE=1 instead")
        start = elf.strings + value
        elf.data[start : start + len(old)] = new.encode().ljust(len(old), b"\0")


def build_folders() -> list[bytes]:
    """The folders that this build read sources from, each with what must follow, the longest first.

    Only whole, telling beginnings are named: "/root" alone is also the end of one D-Bus name and "/org" the
    beginning of the next.
    """
    cargo = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    found = {str(folder) for folder in (cargo / "registry/src").glob("*")}
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    torch = Path(os.environ.get("LIBTORCH", ROOT / ".libtorch"))
    found |= {f"{folder}/include" for folder in (torch.absolute(), torch.resolve())}
    # A target folder may have been made elsewhere and moved: cargo wrote down where.
    targets = {str(target.absolute()), str(target.resolve())}
    for note in (target / "release/build").glob("*/root-output"):
        targets.add(note.read_text(encoding="utf-8").split("/release/build/")[0])
    for folder in targets:
        found.add(f"{folder}/release")
        if folder.endswith("/target"):
            found |= {folder.removesuffix("target") + name for name in (".libtorch", "src")}
    found |= {f"{ROOT}/{name}" for name in ("src", "target", ".libtorch")}
    return [folder.encode() for folder in sorted(found, key=len, reverse=True)]


def clean_folders(data: bytearray, folders: list[bytes]) -> bytes:
    text = bytes(data)
    for folder in folders:
        if len(folder) > len(NEUTRAL):
            text = re.sub(re.escape(folder) + b"(?=/)", NEUTRAL.ljust(len(folder), b"/"), text)
    return text


def faults(elf: Elf, folders: list[bytes]) -> list[str]:
    left = [f"searches {old}" for _, old in elf.search_paths() if kept(old) != old]
    for folder in folders:
        count = len(re.findall(re.escape(folder) + b"(?=/)", elf.data))
        if count:
            left.append(f"names {folder.decode()} {count} times")
    return left


def main() -> int:
    names = [name for name in sys.argv[1:] if name != "--check"]
    if not names:
        print(__doc__, file=sys.stderr)
        return 2
    folders = build_folders()
    wrong = 0
    for name in names:
        elf = Elf(Path(name))
        if "--check" not in sys.argv:
            clean_search_path(elf)
            elf.path.write_bytes(clean_folders(elf.data, folders))
            continue
        for fault in faults(elf, folders):
            wrong += 1
            print(f"{name}: {fault}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
