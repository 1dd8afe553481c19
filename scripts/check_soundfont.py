#!/usr/bin/env python3
"""Checks the structure of SoundFonts strictly: every size, index and range that a player will trust.

    check_soundfont.py FILE…

Exit code 1 when any file is refused. The program has the same check of its own (src/audio); this one is for
fonts that scripts make. Standard library only.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

RECORD = {"phdr": 38, "pbag": 4, "pmod": 10, "pgen": 4, "inst": 22, "ibag": 4, "imod": 10, "igen": 4, "shdr": 46}
INSTRUMENT, SAMPLE_ID, LAST_GENERATOR = 41, 53, 58
ROM_SAMPLE = 0x8000


class Refused(Exception):
    """Why a player should not open this file."""


def demand(condition: bool, why: str) -> None:
    if not condition:
        raise Refused(why)


def chunks(data: bytes, start: int, end: int):
    while start + 8 <= end:
        name = data[start : start + 4].decode("latin-1")
        size = struct.unpack_from("<I", data, start + 4)[0]
        demand(start + 8 + size <= end, f"chunk {name!r} runs over its end")
        yield name, start + 8, start + 8 + size
        start += 8 + size
        if size & 1 and data[start : start + 4] not in (b"LIST", b"sm24"):
            start += 1  # some SF3 writers leave the padding out


class Checked:
    """A SoundFont whose structure holds; the constructor refuses any other."""

    def __init__(self, data: bytes) -> None:
        demand(data[:4] == b"RIFF" and data[8:12] == b"sfbk", "not a SoundFont")
        size = struct.unpack_from("<I", data, 4)[0]
        demand(size + 8 <= len(data), "cut short")
        lists = {}
        for name, start, end in chunks(data, 12, 8 + size):
            if name == "LIST":
                kind = data[start : start + 4].decode("latin-1")
                lists[kind] = {n: (a, b) for n, a, b in chunks(data, start + 4, end)}
        for kind in ("INFO", "sdta", "pdta"):
            demand(kind in lists, f"no {kind}")
        demand("ifil" in lists["INFO"], "no version")
        self.data = data
        self.major = struct.unpack_from("<H", data, lists["INFO"]["ifil"][0])[0]
        self.samples = lists["sdta"].get("smpl", (0, 0))
        self.tables = lists["pdta"]
        self.count = {}
        for name, step in RECORD.items():
            demand(name in self.tables, f"no {name}")
            start, end = self.tables[name]
            demand((end - start) % step == 0 and end - start >= step, f"{name} has a wrong size")
            self.count[name] = (end - start) // step
        self.check_order()
        self.check_references()
        self.check_zones()
        self.check_samples()

    def read(self, table: str, place: int, offset: int) -> int:
        return struct.unpack_from("<H", self.data, self.tables[table][0] + RECORD[table] * place + offset)[0]

    def check_order(self) -> None:
        for table, offset, into in (
            ("phdr", 24, "pbag"), ("inst", 20, "ibag"), ("pbag", 0, "pgen"),
            ("ibag", 0, "igen"), ("pbag", 2, "pmod"), ("ibag", 2, "imod"),
        ):
            before = 0
            for place in range(self.count[table]):
                index = self.read(table, place, offset)
                demand(before <= index <= self.count[into] - 1, f"{table} record {place} points outside {into}")
                before = index

    def check_references(self) -> None:
        for table, own, alien, into in (("pgen", INSTRUMENT, SAMPLE_ID, "inst"), ("igen", SAMPLE_ID, INSTRUMENT, "shdr")):
            for place in range(self.count[table] - 1):
                kind = self.read(table, place, 0)
                demand(kind <= LAST_GENERATOR, f"{table} record {place} is of unknown kind {kind}")
                demand(kind != alien, f"{table} record {place} belongs into the other table")
                if kind == own:
                    demand(self.read(table, place, 2) < self.count[into] - 1, f"{table} record {place} points outside {into}")

    def check_zones(self) -> None:
        """Only the first zone of a preset or instrument may be global, and what a zone plays stands last in it."""
        for owner, offset, bag, generators, last in (
            ("phdr", 24, "pbag", "pgen", INSTRUMENT), ("inst", 20, "ibag", "igen", SAMPLE_ID),
        ):
            for place in range(self.count[owner] - 1):
                first = self.read(owner, place, offset)
                for zone in range(first, self.read(owner, place + 1, offset)):
                    kinds = [self.read(generators, g, 0) for g in range(self.read(bag, zone, 0), self.read(bag, zone + 1, 0))]
                    demand(last not in kinds[:-1], f"{bag} zone {zone} goes on after what it plays")
                    demand(zone == first or kinds[-1:] == [last], f"{owner} {place} has a second global zone")

    def check_samples(self) -> None:
        start, end = self.samples
        demand(end > start, "no samples")
        frames = (end - start) // 2 if self.major < 3 else end - start
        for place in range(self.count["shdr"] - 1):
            at = self.tables["shdr"][0] + RECORD["shdr"] * place
            first, last, loop_first, loop_last, rate = struct.unpack_from("<5I", self.data, at + 20)
            if self.read("shdr", place, 44) & ROM_SAMPLE:
                continue
            demand(first < last <= frames, f"sample {place} lies outside the samples")
            if self.major < 3:
                demand(first <= loop_first <= loop_last <= last + 8, f"sample {place} has a wrong loop")
            demand(400 <= rate <= 192_000, f"sample {place} has a rate of {rate} Hz")


def main() -> int:
    refused = 0
    for name in sys.argv[1:]:
        try:
            font = Checked(Path(name).read_bytes())
            print(f"{name}: sound ({font.count['phdr'] - 1} presets, {font.count['shdr'] - 1} samples)")
        except (Refused, struct.error, OSError) as why:
            refused += 1
            print(f"{name}: REFUSED: {why}")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
