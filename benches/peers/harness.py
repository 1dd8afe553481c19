"""What the benches share: building our side, workers bound to cores, interleaved rounds, tables.

A contender is a process of its own that prepares its data, then waits; on the line "go" it does a round
and answers with the items it went through and its wall time (worker.py, benches/*.rs). One contender works
at a time, each does its n-th round before any does its n + 1-th, and contenders are compared within a round:
a machine that slows down for a while slows both. Standard library only.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from functools import cache
from signal import SIGCONT, SIGSTOP

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = ROOT / "benches" / "peers"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")


def say(text):
    print(text, file=sys.stderr, flush=True)


def bench_executable(name):
    """Builds benches/NAME.rs and says where it lies."""
    return _build(["bench", "--no-run", "--bench", name], name)


def harmonium_executable():
    """Builds the program and says where it lies."""
    return _build(["build", "--release", "--bin", "harmonium"], "harmonium")


def _build(arguments, target):
    command = [ROOT / "scripts/cargo.sh", *arguments, "--locked", "--message-format=json-render-diagnostics"]
    lines = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()
    messages = [json.loads(line) for line in lines]
    built = [m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == target]
    return built[-1]


@cache
def pop_folder():
    """The MIDI files to measure with: HARMONIUM_POP, the study's pop songs beside the checkout, or the demo set."""
    chosen = os.environ.get("HARMONIUM_POP")
    pop = pathlib.Path(chosen) if chosen else ROOT.parent / "shared/data/pop"
    if pop.is_dir():
        return pop
    if chosen:
        sys.exit(f"HARMONIUM_POP is {chosen}, which is no folder; name one with MIDI files")
    say("There are no pop songs beside the checkout; measuring with the demo set. HARMONIUM_POP=FOLDER names another.")
    return ROOT / "assets/demo"


def peer_python(peer, modules):
    """The interpreter of the peers' environment, or None (with a message) when the peer is not in it."""
    python = ROOT / ".venv/peers/bin/python"
    check = [python, "-c", f"import {', '.join(modules)}"]
    if python.exists() and subprocess.run(check, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return python
    say(f"{peer} is not installed (scripts/peers.sh installs it); its rows are left out")
    return None


def cores():
    """The cores that may be used, the last one first: the first tends to serve interrupts."""
    return sorted(os.sched_getaffinity(0), reverse=True)


class Contender:
    """A worker process, bound to cores."""

    def __init__(self, name, command, on_cores):
        self.name = name
        environment = {**os.environ, **{variable: str(len(on_cores)) for variable in THREAD_VARIABLES}}
        self.process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, on_cores),
        )

    def wait_until_ready(self):
        self._answer()

    def round(self):
        """(items a second, share of the wall time that its threads ran)"""
        before = self._cpu_seconds()
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        answer = self._answer()
        return answer["items"] / answer["seconds"], (self._cpu_seconds() - before) / answer["seconds"]

    def peak_mebibytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM"))

    def close(self):
        self.process.stdin.close()
        self.process.wait()

    def _answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name} ended (status {self.process.wait()}); its message stands above")
        return json.loads(line)

    def _cpu_seconds(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


@contextmanager
def contenders(commands, on_cores):
    """Starts {name: command}, one after the other; those that fail to start are left out with a message."""
    started = {}
    with ExitStack() as stack:
        for name, command in commands.items():
            contender = Contender(name, command, on_cores)
            stack.callback(contender.close)
            try:
                contender.wait_until_ready()
            except RuntimeError as error:
                say(f"left out: {error}")
                continue
            contender.round()  # warm-up
            started[name] = contender
        yield started


def rounds(started, n_rounds, clock="wall"):
    """{name: [items a second, one a round]}, interleaved; says when the machine is not quiet.

    The clock "cpu" counts the seconds that the contender's threads ran instead: for a look on a busy machine.
    """
    rates, shares = {name: [] for name in started}, []
    for _ in range(n_rounds):
        for name, contender in started.items():
            rate, share = contender.round()
            rates[name].append(rate / share if clock == "cpu" else rate)
            shares.append(share)
    if min(shares) < 0.9:
        n_poor = sum(share < 0.9 for share in shares)
        say(f"the machine is not quiet: in {n_poor} of {len(shares)} rounds the core was shared (down to {min(shares):.0%})")
    return rates


@contextmanager
def spinner(on_cores):
    """A process that keeps cores busy between its start() and its stop()."""
    busy = subprocess.Popen(
        [sys.executable, "-c", "while True: pass"], preexec_fn=lambda: os.sched_setaffinity(0, on_cores)
    )
    busy.send_signal(SIGSTOP)
    try:
        yield (lambda: busy.send_signal(SIGCONT)), (lambda: busy.send_signal(SIGSTOP))
    finally:
        busy.kill()
        busy.wait()


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs, strict=True)]


def spread(values, form="{:.2f}"):
    """Median [lowest..highest]"""
    show = form.format
    return f"**{show(statistics.median(values))}** [{show(min(values))}..{show(max(values))}]"


def rate(values):
    """The median of rates, with thin spaces between thousands."""
    return f"{statistics.median(values):,.0f}".replace(",", " ")


def table(head, lines):
    """A Markdown table."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows) + "\n"


def publish(name, text, raw):
    """Prints a bench's tables and keeps them with the raw figures under target/benches/."""
    folder = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "benches"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.md").write_text(text)
    (folder / f"{name}.json").write_text(json.dumps(raw, indent=1))
    print(text, flush=True)
    say(f"kept in {folder / name}.md and .json")


def machine():
    """One line about the machine."""
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(cores())} cores of {model}, {memory:.0f} GiB; load before the run {os.getloadavg()[0]:.2f}."
