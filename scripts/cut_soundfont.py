#!/usr/bin/env python3
"""Cuts chosen presets out of a SoundFont (SF2 or SF3) into a smaller one.

    cut_soundfont.py SOURCE GOAL --name NAME --presets 0:0,0:4,128:0 [--kit-keys 35-59]
    cut_soundfont.py SOURCE --sizes

Samples are copied as they are, so what is kept sounds bit for bit like the source. Presets are numbered
BANK:PROGRAM. --kit-keys keeps only these keys of the drum kits (bank 128). --sizes lists the presets
with the bytes that each needs alone. The licence text in the INFO chunk (ICMT) stays; the name changes.
Standard library only; the same source gives the same bytes.
"""

from __future__ import annotations

import argparse
import struct
import sys
from pathlib import Path

INSTRUMENT, KEY_RANGE, SAMPLE_ID = 41, 43, 53  # the generators that this script must know
COMPRESSED = 0x10  # flag in a sample's type: an Ogg stream (SF3), its offsets count bytes
RIGHT, LEFT = 2, 4
RECORD = {"phdr": 38, "pbag": 4, "pmod": 10, "pgen": 4, "inst": 22, "ibag": 4, "imod": 10, "igen": 4, "shdr": 46}


def u16(record: bytes, offset: int) -> int:
    return struct.unpack_from("<H", record, offset)[0]


def chunks(data: bytes, start: int, end: int):
    while start + 8 <= end:
        size = struct.unpack_from("<I", data, start + 4)[0]
        yield data[start : start + 4].decode("latin-1"), start + 8, start + 8 + size
        start += 8 + size
        # RIFF pads to even places; some SF3 writers do not after the samples.
        if size & 1 and data[start : start + 1] == b"\0":
            start += 1


class SoundFont:
    """The parts of a SoundFont as lists of raw records."""

    def __init__(self, path: Path) -> None:
        data = path.read_bytes()
        if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
            sys.exit(f"{path}: not a SoundFont")
        lists: dict[str, list[tuple[str, bytes]]] = {}
        for name, start, end in chunks(data, 12, len(data)):
            if name == "LIST":
                kind = data[start : start + 4].decode("latin-1")
                lists[kind] = [(n, data[a:b]) for n, a, b in chunks(data, start + 4, end)]
        self.info = lists["INFO"]
        self.samples = dict(lists["sdta"])["smpl"]
        tables = dict(lists["pdta"])
        for name, size in RECORD.items():
            table = tables[name]
            setattr(self, name, [table[i : i + size] for i in range(0, len(table) - size + 1, size)])

    def presets(self) -> list[tuple[tuple[int, int], str, int]]:
        """(bank, program), name, place; the last record only ends the list."""
        return [
            ((u16(h, 22), u16(h, 20)), h[:20].split(b"\0")[0].decode("latin-1"), i)
            for i, h in enumerate(self.phdr[:-1])
        ]

    def preset_zones(self, place: int) -> range:
        return range(u16(self.phdr[place], 24), u16(self.phdr[place + 1], 24))

    def instrument_zones(self, place: int) -> range:
        return range(u16(self.inst[place], 20), u16(self.inst[place + 1], 20))

    def preset_generators(self, zone: int) -> list[bytes]:
        return self.pgen[u16(self.pbag[zone], 0) : u16(self.pbag[zone + 1], 0)]

    def instrument_generators(self, zone: int) -> list[bytes]:
        return self.igen[u16(self.ibag[zone], 0) : u16(self.ibag[zone + 1], 0)]

    def instruments_of(self, preset: int) -> set[int]:
        zones = self.preset_zones(preset)
        return {u16(g, 2) for z in zones for g in self.preset_generators(z) if u16(g, 0) == INSTRUMENT}


class Cut:
    """Collects what the chosen presets need, numbered anew."""

    def __init__(self, source: SoundFont, kit_keys: tuple[int, int] | None) -> None:
        self.source = source
        self.kit_keys = kit_keys
        self.tables: dict[str, list[bytes]] = {name: [] for name in RECORD}
        self.samples = bytearray()
        self.instrument_place: dict[int, int] = {}
        self.sample_place: dict[int, int] = {}
        kits = [place for (bank, _), _, place in source.presets() if bank == 128]
        self.kit_instruments = {i for place in kits for i in source.instruments_of(place)}

    def add_sample(self, index: int) -> int:
        if index in self.sample_place:
            return self.sample_place[index]
        record = bytearray(self.source.shdr[index])
        start, end, loop_start, loop_end = struct.unpack_from("<4I", record, 20)
        kind = u16(record, 44)
        if kind & COMPRESSED:
            # Here the loop counts frames from the start of this sample, so it stays.
            at = len(self.samples)
            self.samples += self.source.samples[start:end]
            struct.pack_into("<4I", record, 20, at, at + end - start, loop_start, loop_end)
        else:
            # The format asks for 46 silent frames after every sample.
            at = len(self.samples) // 2
            self.samples += self.source.samples[2 * start : 2 * end] + bytes(92)
            struct.pack_into("<4I", record, 20, at, at + end - start, at + loop_start - start, at + loop_end - start)
        if kind & 0xF in (RIGHT, LEFT):
            # The other half may be missing now. The zones keep their own panning.
            struct.pack_into("<HH", record, 42, 0, (kind & ~0xF) | 1)
        self.sample_place[index] = len(self.tables["shdr"])
        self.tables["shdr"].append(bytes(record))
        return self.sample_place[index]

    def is_wanted_zone(self, instrument: int, generators: list[bytes]) -> bool:
        if self.kit_keys is None or instrument not in self.kit_instruments:
            return True
        ranges = [g for g in generators if u16(g, 0) == KEY_RANGE]
        lowest, highest = self.kit_keys
        return not ranges or (ranges[0][3] >= lowest and ranges[0][2] <= highest)

    def add_instrument(self, index: int) -> int:
        if index in self.instrument_place:
            return self.instrument_place[index]
        source, tables = self.source, self.tables
        self.instrument_place[index] = len(tables["inst"])
        tables["inst"].append(source.inst[index][:20] + struct.pack("<H", len(tables["ibag"])))
        for zone in source.instrument_zones(index):
            generators = source.instrument_generators(zone)
            if not self.is_wanted_zone(index, generators):
                continue
            tables["ibag"].append(struct.pack("<HH", len(tables["igen"]), len(tables["imod"])))
            for generator in generators:
                if u16(generator, 0) == SAMPLE_ID:
                    generator = struct.pack("<HH", SAMPLE_ID, self.add_sample(u16(generator, 2)))
                tables["igen"].append(generator)
            tables["imod"] += source.imod[u16(source.ibag[zone], 2) : u16(source.ibag[zone + 1], 2)]
        return self.instrument_place[index]

    def add_preset(self, place: int) -> None:
        source, tables = self.source, self.tables
        header = source.phdr[place]
        tables["phdr"].append(header[:24] + struct.pack("<H", len(tables["pbag"])) + header[26:])
        for zone in source.preset_zones(place):
            tables["pbag"].append(struct.pack("<HH", len(tables["pgen"]), len(tables["pmod"])))
            for generator in source.preset_generators(zone):
                if u16(generator, 0) == INSTRUMENT:
                    generator = struct.pack("<HH", INSTRUMENT, self.add_instrument(u16(generator, 2)))
                tables["pgen"].append(generator)
            tables["pmod"] += source.pmod[u16(source.pbag[zone], 2) : u16(source.pbag[zone + 1], 2)]

    def close(self) -> None:
        """Every table ends in a record that only marks the end."""
        tables = self.tables
        ends = {
            "phdr": b"EOP".ljust(20, b"\0") + struct.pack("<HHHIII", 0, 0, len(tables["pbag"]), 0, 0, 0),
            "pbag": struct.pack("<HH", len(tables["pgen"]), len(tables["pmod"])),
            "pmod": bytes(10),
            "pgen": bytes(4),
            "inst": b"EOI".ljust(20, b"\0") + struct.pack("<H", len(tables["ibag"])),
            "ibag": struct.pack("<HH", len(tables["igen"]), len(tables["imod"])),
            "imod": bytes(10),
            "igen": bytes(4),
            "shdr": b"EOS".ljust(46, b"\0"),
        }
        for name, record in ends.items():
            tables[name].append(record)
        if len(self.samples) & 1:
            self.samples.append(0)

    def write(self, goal: Path, name: str) -> int:
        def chunk(kind: str, body: bytes) -> bytes:
            return kind.encode("latin-1") + struct.pack("<I", len(body)) + body + bytes(len(body) & 1)

        info = b""
        for kind, body in self.source.info:
            if kind == "INAM":
                body = name.encode("ascii") + b"\0"
                body += bytes(len(body) & 1)
            info += chunk(kind, body)
        tables = b"".join(chunk(kind, b"".join(self.tables[kind])) for kind in RECORD)
        body = b"sfbk" + chunk("LIST", b"INFO" + info)
        body += chunk("LIST", b"sdta" + chunk("smpl", bytes(self.samples)))
        body += chunk("LIST", b"pdta" + tables)
        goal.write_bytes(chunk("RIFF", body))
        return len(body) + 8


def range_of(text: str) -> tuple[int, int]:
    lowest, highest = text.split("-")
    return int(lowest), int(highest)


def preset_of(text: str) -> tuple[int, int]:
    bank, program = text.split(":")
    return int(bank), int(program)


def list_sizes(source: SoundFont) -> None:
    for (bank, program), name, place in sorted(source.presets()):
        alone = Cut(source, None)
        alone.add_preset(place)
        print(f"{bank:3}:{program:<3} {name:20} {len(alone.samples):9}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("goal", type=Path, nargs="?")
    parser.add_argument("--name", default="Cut")
    parser.add_argument("--presets", default="0:0", help="BANK:PROGRAM,…")
    parser.add_argument("--kit-keys", type=range_of, help="LOWEST-HIGHEST")
    parser.add_argument("--sizes", action="store_true")
    wanted = parser.parse_args()
    source = SoundFont(wanted.source)
    if wanted.sizes or wanted.goal is None:
        list_sizes(source)
        return
    keep = [preset_of(text) for text in wanted.presets.split(",")]
    places = {number: (place, name) for number, name, place in source.presets()}
    missing = [f"{bank}:{program}" for bank, program in keep if (bank, program) not in places]
    if missing:
        sys.exit(f"{wanted.source} has no preset {', '.join(missing)}")
    cut = Cut(source, wanted.kit_keys)
    # Some players take the first preset for the default one: 0:0 must stand first.
    for number in sorted(keep):
        place, name = places[number]
        cut.add_preset(place)
        print(f"{number[0]:3}:{number[1]:<3} {name}")
    cut.close()
    size = cut.write(wanted.goal, wanted.name)
    print(f"{wanted.goal}: {size} bytes, {len(keep)} presets, {len(cut.sample_place)} samples")


if __name__ == "__main__":
    main()
