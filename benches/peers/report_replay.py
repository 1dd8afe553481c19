#!/usr/bin/env python3
"""The 2016 report's whole training run, replayed in NumPy: the yardstick of the Report preset.

usage: report_replay.py FOLDER_OF_MIDI [--seed S] [--epochs N] [--init intended|as_written] [--serve]

Prints one JSON object at each of epochs 1, 5, 20, 50, 100, 200: the reconstruction error over all excerpts and
the seconds that the updates took so far; then the mean number of bits that one Gibbs step from silence gives
(1 000 chains). With --serve it is a worker of report.py: a round is the training loop alone. Needs numpy and
mido; one thread with OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1.
"""

import argparse
import json
import pathlib
import time

import mido
import numpy as np
from worker import serve

LOW, HIGH, STEPS = 24, 102, 15  # pitches LOW..HIGH-1; rows in an excerpt
PITCHES = HIGH - LOW
HIDDEN, BATCH, RATE = 50, 100, 0.005


def read_rows(path):
    """Rows × 156 of 0 and 1, read event by event as the report's code does: 78 hold columns, then 78 onset columns."""
    midi = mido.MidiFile(path)
    sixteenth, half = midi.ticks_per_beat // 4, midi.ticks_per_beat // 8
    events = []
    for number, track in enumerate(midi.tracks):
        tick = 0
        for order, message in enumerate(track):
            tick += message.time
            events.append((tick, number, order, message))
    events.sort(key=lambda e: e[:3])
    hold, onset = np.zeros(PITCHES, np.uint8), np.zeros(PITCHES, np.uint8)
    rows, tick, last = [[hold, onset]], 0, events[-1][0]
    index = 0
    while tick <= last:
        if tick % sixteenth == half:
            hold, onset = hold.copy(), np.zeros(PITCHES, np.uint8)
            rows.append([hold, onset])
        while index < len(events) and events[index][0] == tick:
            message = events[index][3]
            index += 1
            if message.type == "time_signature" and message.numerator not in (2, 4):
                return np.array(rows).reshape(len(rows), -1)
            if message.type in ("note_on", "note_off") and LOW <= message.note < HIGH:
                on = message.type == "note_on" and message.velocity > 0
                hold[message.note - LOW] = onset[message.note - LOW] = on
        tick += 1
    return np.array(rows).reshape(len(rows), -1)


def read_songs(folder):
    """The excerpts of each song that has more than 50 rows."""
    songs = []
    for path in sorted(folder.glob("*.mid*")):
        rows = read_rows(path)
        if len(rows) > 50:
            whole = len(rows) // STEPS * STEPS
            songs.append(rows[:whole].reshape(-1, STEPS * 2 * PITCHES).astype(np.float32))
    return songs


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


class Run:
    def __init__(self, seed, init):
        self.rng = np.random.default_rng(seed)
        mean, deviation = (0.0, 0.01) if init == "intended" else (0.01, 1.0)
        n_visible = STEPS * 2 * PITCHES
        self.w = self.rng.normal(mean, deviation, (n_visible, HIDDEN)).astype(np.float32)
        self.bh, self.bv = np.zeros((1, HIDDEN), np.float32), np.zeros((1, n_visible), np.float32)

    def sample(self, p):
        return (self.rng.random(p.shape, dtype=np.float32) < p).astype(np.float32)

    def epoch(self, songs):
        """CD-1 in batches within a song, its first excerpt left out; gives the number of updates."""
        w, bh, bv, sample = self.w, self.bh, self.bv, self.sample
        updates = 0
        for song in songs:
            for i in range(1, len(song), BATCH):
                v0 = song[i : i + BATCH]
                p0 = sigmoid(v0 @ w + bh)
                v1 = sample(sigmoid(sample(p0) @ w.T + bv))
                h0, h1 = sample(p0), sample(sigmoid(v1 @ w + bh))
                step = np.float32(RATE / len(v0))
                w += step * (v0.T @ h0 - v1.T @ h1)
                bv += step * (v0 - v1).sum(0, keepdims=True)
                bh += step * (h0 - h1).sum(0, keepdims=True)
                updates += 1
        return updates

    def reconstruct(self, v):
        return sigmoid(self.sample(sigmoid(v @ self.w + self.bh)) @ self.w.T + self.bv)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--epochs", type=int, default=200)
    arguments.add_argument("--init", choices=("intended", "as_written"), default="intended")
    arguments.add_argument("--serve", action="store_true")
    options = arguments.parse_args()
    np.seterr(over="ignore")
    songs = read_songs(options.folder)
    if options.serve:

        def whole_run():
            run = Run(options.seed, options.init)
            return sum(run.epoch(songs) for _ in range(options.epochs))

        return serve(whole_run)
    report(Run(options.seed, options.init), songs, options.epochs)


def report(run, songs, epochs):
    everything = np.vstack(songs)
    bits = round(float(everything.sum(1).mean()), 2)
    print(json.dumps({"songs": len(songs), "excerpts": len(everything), "bits_per_excerpt": bits}))
    seconds = 0.0
    for epoch in range(1, epochs + 1):
        start = time.perf_counter()
        run.epoch(songs)
        seconds += time.perf_counter() - start
        if epoch in (1, 5, 20, 50, 100, 200, epochs):
            error = float(((everything - run.reconstruct(everything)) ** 2).mean())
            print(json.dumps({"epoch": epoch, "reconstruction_error": round(error, 5), "seconds": round(seconds, 2)}), flush=True)
    dreamt = run.sample(run.reconstruct(np.zeros((1000, everything.shape[1]), np.float32)))
    print(json.dumps({"bits_from_silence": round(float(dreamt.sum(1).mean()), 2)}))


if __name__ == "__main__":
    main()
