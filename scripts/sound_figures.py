#!/usr/bin/env python3
"""How well, how fast and with how much memory Harmonium renders sound.

    sound_figures.py HARMONIUM [MIDI …]

Each piece (by default ten of the demo set, cut to 30 s) is rendered dry by `harmonium render` and by
Debian's `fluidsynth` (-R 0 -C 0 -g 0.2) with the shipped SoundFont, and compared: correlation of the
log spectra, level, and the onsets of single notes against the score's own times. Then an hour is rendered
for speed and memory. Wants: apt install fluidsynth; pip install numpy mido
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FONT = ROOT / "soundfonts/harmonium-gm.sf3"
RATE = 44_100
SECONDS = 30
N_FFT, HOP = 2048, 512
# Three times fluidsynth's usual gain: what `render` does by itself.
OUR_GAIN = 0.6
THEIR_GAIN = 0.2

try:
    import mido
    import numpy as np
except ImportError as error:
    sys.exit(f"skipped: {error} (pip install numpy mido)")


def read_wav(path: Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE and file.getsampwidth() == 2
        samples = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
    return samples.reshape(-1, 2).mean(axis=1) / 32768.0


def ours(harmonium: str, midi: Path, out: Path) -> np.ndarray:
    gain = 20 * np.log10(THEIR_GAIN / OUR_GAIN)
    dry = ["--reverb", "off", "--chorus", "off", "--gain", f"{gain:.6f}"]
    subprocess.run([harmonium, "render", midi, "--out", out, *dry], check=True, stdout=subprocess.DEVNULL)
    return read_wav(out)


def theirs(midi: Path, out: Path) -> np.ndarray:
    options = ["-ni", "-R", "0", "-C", "0", "-g", str(THEIR_GAIN), "-r", str(RATE), "-T", "wav", "-O", "s16"]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["fluidsynth", *options, "-F", out, FONT, midi], check=True, **silent)
    return read_wav(out)


def cut(source: Path, out: Path) -> None:
    """The first seconds of a piece, every note of them ended."""
    file, kept = mido.MidiFile(source), mido.MidiFile(type=1)
    kept.ticks_per_beat = file.ticks_per_beat
    tempo = next((m.tempo for m in mido.merge_tracks(file.tracks) if m.type == "set_tempo"), 500_000)
    last = round(mido.second2tick(SECONDS, file.ticks_per_beat, tempo))
    for track in file.tracks:
        new, now, at, sounding = mido.MidiTrack(), 0, 0, set()
        for message in track:
            now += message.time
            if now > last:
                break
            new.append(message.copy(time=now - at))
            at = now
            if message.type in ("note_on", "note_off"):
                key = (message.channel, message.note)
                (sounding.add if message.type == "note_on" and message.velocity else sounding.discard)(key)
        for channel, note in sorted(sounding):
            new.append(mido.Message("note_off", channel=channel, note=note, time=last - at))
            at = last
        kept.tracks.append(new)
    kept.save(out)


def aligned(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Both from the same moment on: fluidsynth begins a block of 64 frames earlier or later."""
    n = min(len(a), len(b), RATE * 10)
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(a[:n], size) * np.conj(np.fft.rfft(b[:n], size))
    correlation = np.fft.irfft(spectrum, size)
    lag = int(np.argmax(correlation))
    lag = lag - size if lag > size // 2 else lag
    a, b = (a[lag:], b) if lag >= 0 else (a, b[-lag:])
    n = min(len(a), len(b))
    return a[:n], b[:n], lag


def log_spectrum(sound: np.ndarray) -> np.ndarray:
    frames = np.lib.stride_tricks.sliding_window_view(sound, N_FFT)[::HOP] * np.hanning(N_FFT)
    return np.log10(np.abs(np.fft.rfft(frames, axis=1)) + 1e-4)


def compare(harmonium: str, midi: Path, folder: Path) -> dict:
    short = folder / "short.mid"
    cut(midi, short)
    a, b = ours(harmonium, short, folder / "ours.wav"), theirs(short, folder / "theirs.wav")
    a, b, lag = aligned(a, b)
    spectra = log_spectrum(a).ravel(), log_spectrum(b).ravel()
    level = 20 * np.log10(np.sqrt(np.mean(a**2)) / np.sqrt(np.mean(b**2)))
    return {"piece": midi.stem, "correlation": np.corrcoef(*spectra)[0, 1], "level_db": level, "lag_frames": lag}


def onsets(harmonium: str, folder: Path) -> float:
    """The latest start of sixty single short notes against the score's own times, in seconds."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.Message("program_change", program=0, time=0)])
    starts, now = [], 0.0
    for number in range(60):
        pause = 400 + number * 7
        track.append(mido.Message("note_on", note=60, velocity=127, time=pause))
        track.append(mido.Message("note_off", note=60, time=40))
        now += pause
        starts.append(now / 960)
        now += 40
    file.tracks.append(track)
    midi = folder / "onsets.mid"
    file.save(midi)
    sound = ours(harmonium, midi, folder / "onsets.wav")
    alone = ours_single(harmonium, folder)
    # Where a note's own beginning fits best.
    head = alone[: RATE // 50]
    worst = 0.0
    for start in starts:
        begin = round(start * RATE) - 200
        part = sound[begin : begin + 400 + len(head)]
        fits = np.correlate(part, head, "valid")
        norms = np.sqrt(np.convolve(part**2, np.ones(len(head)), "valid")) + 1e-9
        worst = max(worst, abs(int(np.argmax(fits / norms)) - 200) / RATE)
    return worst


def ours_single(harmonium: str, folder: Path) -> np.ndarray:
    """A note that begins with the file."""
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack([mido.Message("program_change", program=0, time=0)])
    track.append(mido.Message("note_on", note=60, velocity=127, time=0))
    track.append(mido.Message("note_off", note=60, time=40))
    file.tracks.append(track)
    midi = folder / "single.mid"
    file.save(midi)
    return ours(harmonium, midi, folder / "single.wav")


def repeated(source: Path, out: Path, seconds: float) -> None:
    """A piece again and again."""
    file = mido.MidiFile(source)
    length = max(sum(m.time for m in track) for track in file.tracks)
    for place, track in enumerate(file.tracks):
        body = [m for m in track if m.type != "end_of_track"]
        rest = length - sum(m.time for m in body)
        new = mido.MidiTrack()
        for number in range(int(seconds / file.length) + 1):
            for index, message in enumerate(body):
                more = rest if number and index == 0 else 0
                new.append(message.copy(time=message.time + more))
        file.tracks[place] = new
    file.save(out)


def timed(harmonium: str, midi: Path, out: Path, more: list[str]) -> tuple[float, float, float]:
    """Seconds of sound, seconds of work, and MiB of memory at most."""
    before = time.monotonic()
    command = [harmonium, "render", midi, "--out", out, "--json", *more]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    words = process.stdout.read()
    _, _, usage = os.wait4(process.pid, 0)
    sound = json.loads(words)["seconds"]
    return sound, time.monotonic() - before, usage.ru_maxrss / 1024


def main() -> None:
    harmonium, *named = sys.argv[1:]
    if not FONT.exists():
        sys.exit("skipped: the SoundFont is not there")
    pieces = [Path(name) for name in named] or sorted((ROOT / "assets/demo").glob("*.mid"))[::5][:10]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        worst = onsets(harmonium, folder)
        print(f"onsets of 60 notes: at most {worst * 1000:.2f} ms from the score's times")
        if shutil.which("fluidsynth") is None:
            print("skipped: no fluidsynth to compare with (apt install fluidsynth)")
        else:
            rows = [compare(harmonium, piece, folder) for piece in pieces]
            for row in rows:
                print(
                    f"{row['piece'][:40]:40}  correlation {row['correlation']:.4f}  level {row['level_db']:+.2f} dB"
                )
            lowest = min(row["correlation"] for row in rows)
            loudest = max(abs(row["level_db"]) for row in rows)
            print(f"of {len(rows)} pieces: correlation at least {lowest:.4f}, level within {loudest:.2f} dB")
        dry = ["--reverb", "off", "--chorus", "off"]
        for minutes in (6, 60):
            midi = folder / "long.mid"
            repeated(pieces[0], midi, minutes * 60)
            for words, more in (("dry", dry), ("with effects", [])):
                sound, work, memory = timed(harmonium, midi, folder / "long.wav", more)
                print(
                    f"{sound / 60:.1f} minutes {words}: {sound / work:.0f} times real time, {memory:.0f} MiB"
                )


if __name__ == "__main__":
    main()
