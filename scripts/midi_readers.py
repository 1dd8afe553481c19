#!/usr/bin/env python3
"""Reads MIDI files with mido and pretty_midi and compares them with what they should hold.

    midi_readers.py EXPECTED.json

EXPECTED.json is a list of objects: file, seconds, beats_per_minute, metre ([4, 4]), fifths (of the key
signature, or null), is_minor, tracks (objects with name, program, volume (or null), is_drums, notes).
Ends with 1 and a line for each difference. Wants: pip install mido pretty_midi
"""

from __future__ import annotations

import json
import sys
import warnings

import mido

warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
import pretty_midi  # noqa: E402

# The names of key signatures by fifths, as mido spells them.
MAJOR = ["Cb", "Gb", "Db", "Ab", "Eb", "Bb", "F", "C", "G", "D", "A", "E", "B", "F#", "C#"]
MINOR = ["Abm", "Ebm", "Bbm", "Fm", "Cm", "Gm", "Dm", "Am", "Em", "Bm", "F#m", "C#m", "G#m", "D#m", "A#m"]
DRUMS = 9


def with_mido(expected: dict) -> list[str]:
    file = mido.MidiFile(expected["file"])
    wrong = []
    if file.type != 1:
        wrong.append(f"type {file.type}")
    conductor, *tracks = file.tracks
    of = {message.type: message for message in conductor if message.is_meta}
    tempo = mido.tempo2bpm(of["set_tempo"].tempo)
    if abs(tempo - expected["beats_per_minute"]) > 0.01:
        wrong.append(f"tempo {tempo}")
    metre = [of["time_signature"].numerator, of["time_signature"].denominator]
    if metre != expected["metre"]:
        wrong.append(f"metre {metre}")
    if expected["fifths"] is not None:
        names = MINOR if expected["is_minor"] else MAJOR
        if of["key_signature"].key != names[expected["fifths"] + 7]:
            wrong.append(f"key {of['key_signature'].key}")
    if abs(file.length - expected["seconds"]) > 0.002:
        wrong.append(f"{file.length} s")
    channels = []
    for track, wanted in zip(tracks, expected["tracks"], strict=True):
        wrong += [f"{wanted['name']}: {words}" for words in track_with_mido(track, wanted)]
        channels.append({message.channel for message in track if not message.is_meta})
    if any(len(channel) != 1 for channel in channels) or len(set.union(*channels)) != len(channels):
        wrong.append(f"channels {channels}")
    return wrong


def track_with_mido(track: mido.MidiTrack, wanted: dict) -> list[str]:
    wrong, sounding, n_notes = [], set(), 0
    if track.name != wanted["name"]:
        wrong.append(f"it is called {track.name}")
    programs = [message.program for message in track if message.type == "program_change"]
    if programs != [wanted["program"]]:
        wrong.append(f"programmes {programs}")
    volumes = [message.value for message in track if message.is_cc(7)]
    if volumes != ([] if wanted["volume"] is None else [wanted["volume"]]):
        wrong.append(f"volumes {volumes}")
    for message in track:
        if message.type not in ("note_on", "note_off"):
            continue
        if (message.channel == DRUMS) != wanted["is_drums"]:
            wrong.append(f"a note on channel {message.channel + 1}")
        note = (message.channel, message.note)
        if message.type == "note_on" and message.velocity > 0:
            n_notes += 1
            if note in sounding:
                wrong.append(f"{note} is struck while it sounds")
            sounding.add(note)
        elif note in sounding:
            sounding.discard(note)
        else:
            wrong.append(f"{note} ends and does not sound")
    if sounding:
        wrong.append(f"open notes: {sorted(sounding)}")
    if n_notes != wanted["notes"]:
        wrong.append(f"{n_notes} notes")
    return wrong


def with_pretty_midi(expected: dict) -> list[str]:
    file = pretty_midi.PrettyMIDI(expected["file"])
    wrong = []
    _, tempi = file.get_tempo_changes()
    if len(tempi) != 1 or abs(tempi[0] - expected["beats_per_minute"]) > 0.01:
        wrong.append(f"tempi {tempi}")
    found = sorted((i.name, i.program, i.is_drum, len(i.notes)) for i in file.instruments)
    wanted = sorted((t["name"], t["program"], t["is_drums"], t["notes"]) for t in expected["tracks"] if t["notes"])
    if found != wanted:
        wrong.append(f"instruments {found} instead of {wanted}")
    last = max((note.end for instrument in file.instruments for note in instrument.notes), default=0.0)
    if last > expected["seconds"] + 0.05:
        wrong.append(f"a note ends at {last} s")
    if any(note.end <= note.start for instrument in file.instruments for note in instrument.notes):
        wrong.append("a note of no length")
    return wrong


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        pieces = json.load(file)
    n_wrong = 0
    for expected in pieces:
        for reader in (with_mido, with_pretty_midi):
            for words in reader(expected):
                n_wrong += 1
                print(f"{expected['file']}: {reader.__name__}: {words}")
    print(f"{len(pieces)} files read by mido {mido.version_info} and pretty_midi; {n_wrong} differences")
    sys.exit(n_wrong > 0)


if __name__ == "__main__":
    main()
