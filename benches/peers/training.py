#!/usr/bin/env python3
"""Training speed side by side: Harmonium against PyTorch, scikit-learn and rbms; one thread against two.

usage: training.py [--rounds N] [--hidden 50,500] [--part peers|threads] [--clock wall|cpu]

2 340 visible units (the excerpts of the reference encoding), batches of 100, 12 800 excerpts a round, float32.
Each contender is bound to one core with one thread; what is compared is the same algorithm with the same
statistics, round by round (harness.py). `make bench` installs the peers and runs this.
"""

import argparse
import statistics
import subprocess
import tempfile

from harness import (
    HERE,
    bench_executable,
    contenders,
    cores,
    machine,
    peer_python,
    pop_folder,
    publish,
    rate,
    ratios,
    rounds,
    say,
    spinner,
    spread,
    table,
)

OURS = {
    "cd_samples": "CD-1, sampled reconstruction",
    "pcd": "PCD-1, 100 chains",
    "cd_probabilities": "CD-1, probabilities for the reconstruction",
    "pcd_centered": "PCD-1, 100 chains, centered",
}
# (peer, its algorithm, what the table says, which of ours it is compared with)
PEERS = [
    ("torch", "cd_samples", "PyTorch eager, CD-1, sampled reconstruction", "cd_samples"),
    ("torch", "pcd", "PyTorch eager, PCD-1", "pcd"),
    ("torch", "cd_probabilities", "PyTorch eager, CD-1, probabilities", "cd_probabilities"),
    ("sklearn", "dense", "scikit-learn `BernoulliRBM.fit` (PCD-1), dense", "pcd"),
    ("sklearn", "csr", "scikit-learn `BernoulliRBM.fit` (PCD-1), CSR", "pcd"),
    ("rbms", "centered", "rbms, PCD-1 as it comes (centered)", "pcd_centered"),
    ("rbms", "plain", "rbms, PCD-1 with --no_center", "pcd"),
    ("torch", "products", "the dense products alone, torch: ours CD-1, sampled", "cd_samples"),
    ("torch", "products", "the same: ours PCD-1", "pcd"),
    ("torch", "products", "the same: ours CD-1, probabilities", "cd_probabilities"),
]
SCRIPTS = {"torch": ("torch_rbm.py", ["torch"]), "sklearn": ("sklearn_rbm.py", ["sklearn"]), "rbms": ("rbms_pcd.py", ["rbms", "torch"])}


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--hidden", default="50,500")
    arguments.add_argument("--part", choices=("peers", "threads"))
    arguments.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="cpu: for a look on a busy machine")
    options = arguments.parse_args()
    sizes = [int(size) for size in options.hidden.split(",")]
    ours = bench_executable("training")
    text, raw = machine() + f" {options.rounds} rounds, {options.clock} time.\n\n", {}
    if options.part != "threads":
        text += peers(ours, sizes, options, raw)
    if options.part != "peers":
        text += threads(ours, sizes, options.rounds, raw)
    publish("training" if not options.part else f"training-{options.part}", text, raw)


def peers(ours, sizes, options, raw):
    pythons = {peer: peer_python(peer, modules) for peer, (_, modules) in SCRIPTS.items()}
    rates = {}
    with tempfile.NamedTemporaryFile(suffix=".npy") as excerpts:
        export(ours, excerpts.name)
        for hidden in sizes:
            commands = {name: learn(ours, name, hidden, 1) for name in OURS}
            for peer, algorithm, _, _ in PEERS:
                if python := pythons[peer]:
                    commands[f"{peer} {algorithm}"] = [python, HERE / SCRIPTS[peer][0], excerpts.name, hidden, algorithm]
            say(f"{hidden} hidden units: {len(commands)} contenders")
            with contenders(commands, cores()[:1]) as started:
                rates[hidden] = rounds(started, options.rounds, options.clock)
    raw["peers"] = rates
    head = ["against", *(f"{hidden} hidden" for hidden in sizes), *(f"examples/s, {hidden}: ours, theirs" for hidden in sizes)]
    lines = []
    for peer, algorithm, what, same in PEERS:
        name = f"{peer} {algorithm}"
        done = [rates[hidden] for hidden in sizes if name in rates[hidden]]
        if len(done) == len(sizes):
            line = [spread(ratios(r[same], r[name])) + " ×" for r in done]
            lines.append([what, *line, *(f"{rate(r[same])}, {rate(r[name])}" for r in done)])
    return table(head, lines) + "\n"


def threads(ours, sizes, n_rounds, raw):
    """Two threads against one, while the other core is idle and while it is busy."""
    if len(cores()) < 2:
        say("there is only one core; two threads are not measured")
        return ""
    one, two = cores()[:1], cores()[:2]
    head = ["two threads against one", *(f"{hidden} hidden, other core {state}" for hidden in sizes for state in ("idle", "busy"))]
    lines = {name: [what] for name, what in OURS.items()}
    for hidden in sizes:
        rates = {state: {name: ([], []) for name in OURS} for state in ("idle", "busy")}
        single = {name: learn(ours, name, hidden, 1) for name in OURS}
        double = {name: learn(ours, name, hidden, 2) for name in OURS}
        with contenders(single, one) as singles, contenders(double, two) as doubles, spinner(two[1:]) as (start, stop):
            for _ in range(n_rounds):
                for state, before in (("idle", stop), ("busy", start)):
                    before()
                    for name in OURS:
                        rates[state][name][0].append(singles[name].round()[0])
                        rates[state][name][1].append(doubles[name].round()[0])
        for name in OURS:
            for state, done in rates.items():
                single_rates, double_rates = done[name]
                lines[name].append(spread(ratios(double_rates, single_rates)) + " ×")
                raw[f"threads, {hidden}, {state}, {name}"] = {
                    "one": statistics.median(single_rates), "two": statistics.median(double_rates)
                }
    return table(head, lines.values()) + "\n"


def learn(ours, algorithm, hidden, n_threads):
    return [ours, "--bench", "learn", pop_folder(), algorithm, hidden, n_threads]


def export(ours, file):
    subprocess.run([ours, "--bench", "export", pop_folder(), file], check=True, stdout=subprocess.DEVNULL)


main()
