#!/usr/bin/env python3
"""Takes the build machine's folders out of an executable's library search path; what starts with $ORIGIN stays.

    set_runpath.py EXECUTABLE

A build for development also searches the libtorch that it was built with. Rewriting those few bytes spares
packages a second compile. Standard library only; 64-bit little-endian ELF.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

DYNAMIC, DYNSYM = 6, 11  # types of sections
NEEDED, STRTAB, SONAME, RPATH, RUNPATH = 1, 5, 14, 15, 29  # tags of the dynamic section


def main() -> int:
    path = Path(sys.argv[1])
    data = bytearray(path.read_bytes())
    if data[:6] != b"\x7fELF\x02\x01":
        sys.exit(f"{path}: not a 64-bit little-endian ELF file")
    at, size, count = struct.unpack_from("<Q", data, 40)[0], *struct.unpack_from("<HH", data, 58)
    sections = [struct.unpack_from("<IIQQQQIIQQ", data, at + i * size) for i in range(count)]
    dynamic = next(s for s in sections if s[1] == DYNAMIC)
    strings = sections[dynamic[6]][4]
    entries = list(struct.iter_unpack("<QQ", data[dynamic[4] : dynamic[4] + dynamic[5]]))
    uses = {value for tag, value in entries if tag in (NEEDED, SONAME)}
    for section in sections:
        if section[1] == DYNSYM:
            table = data[section[4] : section[4] + section[5]]
            uses |= {name for name, *_ in struct.iter_unpack("<IBBHQQ", table)}
    for tag, value in entries:
        if tag not in (RPATH, RUNPATH):
            continue
        start = strings + value
        end = data.index(b"\0", start)
        old = data[start:end].decode()
        new = ":".join(folder for folder in old.split(":") if folder.startswith("$ORIGIN"))
        # Linkers let strings share their ends; then nothing may be overwritten.
        if any(value < use < value + len(old) for use in uses):
            sys.exit(f"{path}: the search path shares its bytes with a name; build with HARMONIUM_RELEASE=1 instead")
        data[start:end] = new.encode().ljust(end - start, b"\0")
        print(f"{path.name}: searches {new}")
    path.write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
