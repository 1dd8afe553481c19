#!/usr/bin/env python3
"""Renews the pictures in docs/: the real window under a virtual display, led through a scenario by its keys.

usage: gallery.py EXECUTABLE [--out docs/gallery] [--only NAME,NAME]

Every step goes through the command palette (Ctrl+K), the keyboard or the pointer, as a person's would. A picture is
kept only when the window shows something; a step that does not come about ends the script with its name.
Needs Xvfb, xdotool and ImageMagick's import, which `make screenshots` installs.
"""

import argparse
import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEMO = ROOT / "assets/demo"
HANG_SECONDS = 120
# A plain surface packs into a few kilobytes.
LEAST_BYTES = 20_000


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("executable", type=pathlib.Path)
    arguments.add_argument("--out", type=pathlib.Path, default=ROOT / "docs/gallery")
    arguments.add_argument("--only", default="")
    options = arguments.parse_args()
    wanted = {name for name in options.only.split(",") if name}
    options.out.mkdir(parents=True, exist_ok=True)
    with display() as screen:
        for scene in SCENES:
            if not wanted or scene.__name__ in wanted:
                print(f"gallery: {scene.__name__} …", file=sys.stderr)
                with Studio(options.executable.resolve(), screen, options.out) as studio:
                    scene(studio)


# --- scenes: each begins with a new start of the program -----------------------------------------------------------


def first_start(studio):
    studio.start()
    studio.shoot("first-start")


def importing(studio):
    many = studio.folder / "many songs"
    many.mkdir()
    for copy in range(150):
        for song in DEMO.glob("*.mid"):
            shutil.copy(song, many / f"{song.stem} {copy:03}.mid")
    studio.start_without_tour()
    studio.key("ctrl+shift+o")
    time.sleep(2)
    studio.type(str(many))
    studio.key("Return", pause=0.5)
    studio.shoot("importing", settle=0)


def training(studio):
    studio.start_without_tour(DEMO)
    for _ in range(3):
        studio.do("Train one epoch")
        time.sleep(1.5)
    studio.shoot("training-epoch-3")
    studio.do("Preset: Quick look")
    studio.do("epochs 120")
    studio.do("Reset the run")
    studio.key("ctrl+t")
    studio.wait_for_epoch(100)
    studio.key("ctrl+t")
    studio.shoot("training-epoch-100")


def runs(studio):
    studio.start_without_tour(DEMO)
    studio.train("Preset: Quick look")
    studio.train("Preset: Recommended")
    studio.key("ctrl+r", pause=2)
    # One after the other: the click chooses the current run and the one below.
    studio.click(420, 239)
    studio.click(420, 270)
    studio.shoot("two-runs")


def sweep(studio):
    studio.start_without_tour(DEMO)
    studio.do("Preset: Quick look")
    studio.do("epochs 20")
    studio.do("Try a range of settings")
    studio.shoot("sweep-draft")
    # "Start the sweep".
    studio.click(916, 607)
    studio.wait_for(lambda: "%" in studio.title(), "the sweep")
    time.sleep(45)
    studio.shoot("sweep")


def live(studio):
    studio.start_without_tour(DEMO)
    studio.do("Live audition")
    studio.key("ctrl+t")
    studio.wait_for_epoch(12)
    studio.move(340, 480)
    studio.shoot("filters", settle=2)
    studio.move(20, 880)
    studio.shoot("live-audition", settle=1)


def music(studio):
    project = studio.train_on_the_command_line("Evening", "--preset", "recommended")
    studio.start_without_tour(project)
    studio.key("ctrl+g")
    time.sleep(12)
    studio.shoot("piece")
    studio.do("Theme: light")
    studio.shoot("light")
    studio.do("Theme: high contrast")
    studio.shoot("high-contrast")
    studio.do("Theme: dark")
    studio.resize(1000, 640)
    studio.shoot("small-window")
    studio.resize(1440, 900)
    for _ in range(5):
        studio.key("ctrl+plus")
    studio.shoot("zoom-200")


def composing(studio):
    project = studio.train_on_the_command_line("Evening", "--preset", "recommended")
    studio.start_without_tour(project)
    studio.key("ctrl+g")
    time.sleep(12)
    studio.click(1180, 248)
    studio.drag((405, 751), (730, 751))
    studio.do("Regenerate inside")
    time.sleep(12)
    studio.click(300, 725)
    studio.shoot("composing", settle=2)


def trouble(studio):
    broken = studio.folder / "broken.harmonium"
    broken.write_bytes(b"no project")
    studio.start_without_tour()
    studio.key("ctrl+o")
    time.sleep(2)
    studio.type(str(broken))
    studio.key("Return")
    studio.shoot("error", settle=1.5)


SCENES = [first_start, importing, training, runs, sweep, live, music, composing, trouble]


# --- the stage -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def display():
    """A virtual display that picks its own number."""
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1440x900x24", "+extension", "GLX", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writer], stderr=subprocess.DEVNULL)
    os.close(writer)
    with os.fdopen(reader) as number:
        name = f":{number.readline().strip()}"
    try:
        yield name
    finally:
        server.kill()
        server.wait()


class Studio:
    """The program on its stage: a home of its own, so that the pictures show Harmonium and not its user."""

    def __init__(self, executable, screen, out):
        self.executable, self.out = executable, out
        self.home = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.home.name)
        self.environment = {
            **os.environ,
            "DISPLAY": screen,
            "HOME": self.home.name,
            **{f"XDG_{kind}_HOME": f"{self.home.name}/{kind.lower()}" for kind in ("CONFIG", "DATA", "STATE")},
        }
        self.environment["ALSA_CONFIG_PATH"] = self.sound_device()
        self.environment.pop("WAYLAND_DISPLAY", None)
        self.environment.pop("DBUS_SESSION_BUS_ADDRESS", None)
        self.program = self.window = None

    def sound_device(self):
        """A device that plays into a file in real time, so that the window looks as it does where there is sound."""
        capture = ROOT / "scripts/capture"
        text = (capture / "asound.conf.in").read_text()
        for place, value in (("@PACE@", capture / "pace.py"), ("@OUT@", self.folder / "sound.raw"), ("@RATE@", 48_000)):
            text = text.replace(place, str(value))
        path = self.folder / "asound.conf"
        path.write_text(text)
        return str(path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.program:
            self.program.kill()
            self.program.wait()
        self.home.cleanup()

    def start(self, *files):
        log = open(self.folder / "log", "w")
        self.program = subprocess.Popen([self.executable, *files], env=self.environment, stderr=log)
        self.window = self.wait_for(lambda: self.xdotool("search", "--onlyvisible", "--name", "Harmonium").split("\n")[0], "the window")
        self.resize(1440, 900)
        self.xdotool("windowfocus", "--sync", self.window)
        time.sleep(4)

    def start_without_tour(self, *files):
        self.start(*files)
        self.key("Escape")

    def xdotool(self, *arguments):
        done = subprocess.run(["xdotool", *map(str, arguments)], env=self.environment, capture_output=True, text=True)
        return done.stdout.strip()

    def resize(self, width, height):
        self.xdotool("windowmove", self.window, 0, 0, "windowsize", self.window, width, height)
        self.size = (width, height)
        time.sleep(1.5)

    def key(self, keys, pause=0.6):
        self.xdotool("key", keys)
        time.sleep(pause)

    def move(self, x, y):
        self.xdotool("mousemove", x, y)
        time.sleep(0.6)

    def click(self, x, y):
        self.move(x, y)
        self.xdotool("click", 1)
        time.sleep(0.6)

    def drag(self, start, end):
        self.move(*start)
        self.xdotool("mousedown", "1")
        for share in (0.3, 0.6, 1.0):
            self.move(*(round(a + share * (b - a)) for a, b in zip(start, end)))
            time.sleep(0.1)
        self.xdotool("mouseup", "1")
        time.sleep(0.5)

    def type(self, text):
        self.key("ctrl+a")
        self.xdotool("type", "--delay", "15", text)
        time.sleep(0.5)

    def do(self, title):
        """A command by its name, or a setting with its value."""
        self.key("ctrl+k")
        self.type(title)
        self.key("Return")

    def train(self, preset):
        self.do(preset)
        self.key("ctrl+t")
        self.wait_for(lambda: "%" in self.title(), f"training with {preset}")
        self.wait_for(lambda: "%" not in self.title(), f"the end of training with {preset}")
        time.sleep(1)

    def train_on_the_command_line(self, name, *arguments):
        project = self.folder / f"{name}.harmonium"
        command = [self.executable, "train", DEMO, "--out", project, "--seed", "1", "--json", *arguments]
        subprocess.run(command, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return project

    def title(self):
        return self.xdotool("getwindowname", self.window)

    def wait_for_epoch(self, epoch):
        def is_reached():
            found = re.search(r"Epoch (\d+)/", self.title())
            return found and int(found[1]) >= epoch

        self.wait_for(is_reached, f"epoch {epoch}")

    def wait_for(self, condition, what):
        deadline = time.monotonic() + HANG_SECONDS
        while time.monotonic() < deadline:
            if self.program.poll() is not None:
                sys.exit(f"gallery: the program ended: {(self.folder / 'log').read_text()[-2000:]}")
            if found := condition():
                return found
            time.sleep(0.05)
        sys.exit(f"gallery: {what} did not come; the title says {self.title()!r}")

    def shoot(self, name, settle=6.0):
        """Takes the picture once notices have gone."""
        time.sleep(settle)
        picture = self.out / f"{name}.png"
        width, height = self.size
        command = ["import", "-window", "root", "-crop", f"{width}x{height}+0+0", "+repage", picture]
        subprocess.run(list(map(str, command)), env=self.environment, check=True)
        if picture.stat().st_size < LEAST_BYTES:
            sys.exit(f"gallery: {picture} is blank; is the window drawn?")


if __name__ == "__main__":
    main()
