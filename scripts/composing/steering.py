"""Density asked against density got, and how uncertain the bits are at each temperature."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from music_figures import BAR, COUNT, excerpts, read_midi

from .common import Program, of_mean, parameters

MULTIPLES, TEMPERATURES = [0.5, 0.75, 1.0, 1.5, 2.0], [1.0, 1.4]
PIECES, BARS, BURN_IN = 50, 10, 2  # 400 bars after the first two of each piece
ENTROPY_TEMPERATURES = [0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0]


def density(program: Program, demo: Path) -> dict:
    """Sounding notes a step of the generated bars, as a multiple of the excerpts that the model learned from."""
    files = sorted(demo.glob("*.mid"))
    project = program.of_all(files)
    encoding = parameters(project)[1]["model"]["run"]["settings"]["encoding"]
    cuts = excerpts([read_midi(path) for path in files], encoding["steps_per_excerpt"], encoding["stride_steps"])
    data = float(cuts[:, :, :COUNT].sum(axis=2).mean())
    common = ["--count", PIECES, "--bars", BARS, "--seed", 1]

    def got(*options: object) -> list[float]:
        rolls = program.generate(project, *common, *options)
        each = np.array([roll.hold[BURN_IN * BAR :].sum() / (len(roll) - BURN_IN * BAR) for roll in rolls]) / data
        return [float(each.mean()), *of_mean(each)]

    rows = []
    for temperature in TEMPERATURES:
        for last in ([], ["--sample"]):
            kind = ["--temperature", temperature, *last]
            asked = {str(multiple): got("--density", multiple, *kind) for multiple in MULTIPLES}
            rows.append({"temperature": temperature, "last": "a sample" if last else "the likeliest bits", "asked": asked, "free": got(*kind)})
            print(rows[-1], flush=True)
    return {"data": data, "rows": rows}


def entropy(program: Program, demo: Path) -> dict:
    """Mean entropy of p(v | h) a visible unit, in bits, of chains of our own from the weights, at the density of the songs.

    A bias on all visible units is corrected at each step until the expected bits are as many as the songs have; then the
    mean over 100 steps of 50 chains is taken. The same without the bias beside it.
    """
    files = sorted(demo.glob("*.mid"))
    tensors, document = parameters(program.of_all(files))
    encoding = document["model"]["run"]["settings"]["encoding"]
    cuts = excerpts([read_midi(path) for path in files], encoding["steps_per_excerpt"], encoding["stride_steps"])
    wanted = float(cuts.mean())
    rows = []
    for temperature in ENTROPY_TEMPERATURES:
        led = chain_entropy(tensors, temperature, wanted)
        rows.append({"temperature": temperature, "equal": led, "free": chain_entropy(tensors, temperature, None)})
        print(rows[-1], flush=True)
    return {"data": wanted, "rows": rows}


def chain_entropy(tensors: dict, temperature: float, wanted: float | None) -> dict:
    weights, n_visible = tensors["weights"], len(tensors["visible_bias"])
    bits = np.unpackbits(tensors["learner_chains"])
    visible = bits[: len(bits) // n_visible * n_visible].reshape(-1, n_visible)[:50].astype(np.float32)
    random, bias = np.random.default_rng(1), 0.0
    entropies, rates = [], []

    def chance(logits: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-np.clip(logits / temperature, -60, 60)))

    for step in range(400):
        hidden = chance(visible @ weights + tensors["hidden_bias"])
        hidden = (random.random(hidden.shape) < hidden).astype(np.float32)
        # As in the program, the bias is added after the temperature.
        logits = (hidden @ weights.T + tensors["visible_bias"]) / temperature + bias
        p = 1 / (1 + np.exp(-np.clip(logits.astype(np.float64), -60, 60)))
        visible = (random.random(p.shape) < p).astype(np.float32)
        if wanted is not None:
            bias += np.log(wanted / p.mean()) / (1 + step / 20)
        if step >= 300:
            entropies.append(float(-np.mean(p * np.log2(np.clip(p, 1e-12, 1)) + (1 - p) * np.log2(np.clip(1 - p, 1e-12, 1)))))
            rates.append(float(p.mean()))
    return {"bits": float(np.mean(entropies)), "rate": float(np.mean(rates)), "nats": float(bias)}
