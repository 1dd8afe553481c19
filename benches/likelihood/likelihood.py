#!/usr/bin/env python3
"""Frame models of the four benchmark sets, against the RBM of Boulanger-Lewandowski, Bengio & Vincent (2012).

usage: likelihood.py [--sets jsb_chorales,nottingham] [--data FOLDER] [--keep FOLDER] [--program FILE]
       [--threads N|auto]
       likelihood.py --tune KEY=VALUE,KEY=VALUE … [--sets …] [--ais]

Makes MIDI files of the sets and goes through the command line as a person would: `harmonium train train/
--held-out valid/`, then `harmonium evaluate P.harmonium test/ --ais`, excerpts of one step, one step a beat,
the hold plane alone, 88 pitches from 21. The figure is the mean log-likelihood of a time step in nats, by the
pessimistic end of annealed importance sampling forward and reverse; it counts when the two lie within 0.1 nats.

The settings below were chosen by valid/ alone. --tune trains with the settings below but for those named (one
run for each group of settings), measures on valid/ and never on test/. The data is looked for in
HARMONIUM_BENCHMARKS, then beside the checkout in ../shared/data/benchmarks. Standard library only.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "peers"))
from harness import ROOT, harmonium_executable, machine, publish, say, table
from rolls_to_midi import write_folders

# A step is the whole of what the model sees.
ENCODING = {
    "encoding": "musical",
    "planes": "hold",
    "steps_per_beat": 1,
    "steps_per_excerpt": 1,
    "stride_steps": 0,
    "pitch_low": 21,
    "pitch_count": 88,
    "min_rows": 1,
}
# Chosen on valid/. A small decay of the weights keeps the chains of PCD near the model in long runs: JSB
# without it (batches of 20, 400 epochs) came out at -9.8, forward and reverse 0.5 nats apart; with three times
# as much of it at -7.6. Tempering at ten temperatures gained 0.04 nats over PCD-5 for three times the time.
COMMON = {
    "algorithm": "pcd",
    "statistics": "probabilities",
    "centered": "true",
    "gibbs_steps": 5,
    "chains": 100,
    "batch_size": 100,
    "hidden_units": 100,
    "learning_rate": 0.5,
    "learning_rate_schedule": "linear",
    "momentum": 0,
    "momentum_start_epochs": 0,
    "weight_decay": 1e-4,
    "dropout": 0,
    "visible_bias_from_data": "true",
    "shuffle": "true",
    "batches_within_songs": "false",
    "skip_first_excerpt": "false",
    "seed": 1,
}
# name -> (title, settings of its own, the paper's RBM row: mean log-likelihood of a step of test/ in nats)
SETS = {
    # The smallest set: small batches give more updates. 200 hidden units and more came out lower.
    "jsb_chorales": ("JSB chorales", {"epochs": 300, "batch_size": 30}, -7.43),
    # Few chords, each seen often, make deep modes: more steps for the chains.
    "nottingham": ("Nottingham", {"epochs": 60, "hidden_units": 150, "gibbs_steps": 10}, -5.25),
    # 250 hidden units gave the same, -10.09; 40 epochs at half the rate or less 0.02 to 0.07 less.
    "musedata": ("MuseData", {"epochs": 50, "hidden_units": 150, "learning_rate": 1.0, "weight_decay": 5e-5}, -9.56),
    # It memorises first: 150 hidden units with twice or three times the decay gave the same, -10.39; 8 epochs
    # of the songs and their copies moved by up to 5 semitones, without decay, -10.8.
    "piano_midi_de": ("Piano-midi.de", {"epochs": 80, "batch_size": 50}, -10.17),
}


def main():
    options = parsed()
    data = data_folder(options.data)
    if data is None:
        return
    program = options.program or harmonium_executable()
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(options.keep or temporary)
        for name in options.sets:
            prepare(program, data, folder, name)
        if options.tune:
            for group in options.tune:
                for name in options.sets:
                    tune(program, folder / name, name, group, options)
            return
        results = {name: final(program, folder / name, name, options) for name in options.sets}
    publish("likelihood", machine() + "\n\n" + likelihood_table(results), results)


def parsed():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--sets", type=lambda text: text.split(","), default=list(SETS))
    arguments.add_argument("--data", help="folder with NAME.json")
    arguments.add_argument("--keep", help="folder for the MIDI files and projects, to keep them")
    arguments.add_argument("--program", help="a harmonium executable; without, it is built")
    arguments.add_argument("--threads", default="auto")
    arguments.add_argument("--tune", nargs="+", metavar="KEY=VALUE,…", help="try settings on valid/")
    arguments.add_argument("--ais", action="store_true", help="with --tune: the likelihood too, not only the cheap measures")
    return arguments.parse_args()


def data_folder(chosen):
    chosen = chosen or os.environ.get("HARMONIUM_BENCHMARKS")
    folder = pathlib.Path(chosen) if chosen else ROOT.parent / "shared/data/benchmarks"
    if all((folder / f"{name}.json").is_file() for name in SETS):
        return folder
    say(f"The benchmark sets are not in {folder}; the likelihoods are left out. HARMONIUM_BENCHMARKS=FOLDER names them.")
    return None


def prepare(program, data, folder, name):
    """MIDI files, and proof that they give every step back: as many excerpts as the rolls have steps."""
    n_steps = write_folders(data / f"{name}.json", folder / name)
    for part, expected in n_steps.items():
        found = harmonium(program, ["inspect", folder / name / part, *settings(ENCODING), "--json"])[-1]["excerpts"]
        if found != expected:
            sys.exit(f"{name}/{part} has {expected} steps, but harmonium finds {found} excerpts")


def tune(program, folder, name, group, options):
    chosen = dict(pair.split("=", 1) for pair in group.split(",") if pair != "-")
    project, seconds, _ = train(program, folder, name, chosen, options)
    measured = evaluate(program, project, folder / "valid", options, with_ais=options.ais)
    kept = ("log_likelihood_per_step", "log_z", "log_z_reverse", "pseudo_log_likelihood", "reconstruction_error")
    print(json.dumps({"set": name, **chosen, "seconds": round(seconds), **{key: measured[key] for key in kept if key in measured}}), flush=True)


def final(program, folder, name, options):
    project, seconds, processor_seconds = train(program, folder, name, {}, options)
    valid, test = (evaluate(program, project, folder / part, options, with_ais=True) for part in ("valid", "test"))
    times = {"train seconds": seconds, "train processor seconds": processor_seconds}
    return {**times, "valid": valid, "test": test, "settings": {**COMMON, **SETS[name][1]}}


def train(program, folder, name, chosen, options):
    project = folder / "run.harmonium"
    project.unlink(missing_ok=True)
    values = {**ENCODING, **COMMON, **SETS[name][1], **chosen}
    command = ["train", folder / "train", "--held-out", folder / "valid", "--out", project, *settings(values)]
    start, spent = time.perf_counter(), processor_seconds()
    harmonium(program, [*command, "--threads", options.threads, "--checkpoint-seconds", 120, "--json"])
    return project, time.perf_counter() - start, processor_seconds() - spent


def processor_seconds():
    """Of the programs run so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def evaluate(program, project, songs, options, with_ais):
    command = ["evaluate", project, songs, "--threads", options.threads, "--json"]
    return harmonium(program, command + ["--ais"] * with_ais)[-1]


def settings(values):
    return [part for key, value in values.items() for part in ("--set", f"{key}={value}")]


def harmonium(program, arguments):
    """Runs the program; gives the JSON objects that it prints."""
    done = subprocess.run([str(part) for part in [program, *arguments]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"harmonium {arguments[0]} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def likelihood_table(results):
    lines = []
    for name, result in results.items():
        title, _, published = SETS[name]
        valid, test, used = result["valid"], result["test"], result["settings"]
        forward, reverse = test["log_z"], test["log_z_reverse"]
        mark = "" if abs(forward - reverse) <= 0.1 else " (does not count)"
        ours = test["log_likelihood_per_step"]
        how = f"{used['hidden_units']} hidden, {used['algorithm']}-{used['gibbs_steps']}, batch {used['batch_size']}, {used['epochs']} epochs"
        times = f"{result['train seconds']:.0f} s ({result['train processor seconds']:.0f} s of a core)"
        figures = [f"{valid['log_likelihood_per_step']:.2f}", f"**{ours:.2f}**", f"{forward:.2f} / {reverse:.2f}{mark}", f"{published:.2f}", f"{ours - published:+.2f}"]
        lines.append([title, how, times, *figures])
    return table(["set", "settings", "training", "valid", "test", "log Z forward / reverse", "paper's RBM", "ours better by"], lines)


main()
