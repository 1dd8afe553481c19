#!/usr/bin/env python3
"""Installs a package of dist/ in a bare system, uses it there, takes it away, and compares what is left.

    try_package.py deb|portable|rpm [--suite bookworm] [--fresh]

The system is a debootstrap'ed root with nothing else, from the mirror that this machine's apt is configured with
(for a suite of Ubuntu, from the same mirror's folder `ubuntu`). In it, as a person of its own:

- the package is installed (apt; install.sh in a folder that was moved; rpm --nodeps) and `env -i harmonium selftest` runs;
- a project file is recognised, by its name and by its contents;
- the window opens by the desktop entry's Exec line, and does the main job with keys: demo set, train, generate, play
  (what is heard is recorded), export MIDI and WAV, save;
- the package is taken away, and every file and folder that was not there before is named. Only the person's own may be
  left, and after an .rpm, empty folders that all packages share (in Debian no package keeps them for rpm's).

Wants root, debootstrap, Xvfb, xdotool and ImageMagick. Everything is mounted in a mount namespace of its own, so that
nothing stays mounted however this ends.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

from gallery import Studio, display

ROOT = pathlib.Path(__file__).resolve().parent.parent
PERSON = "mara"
UBUNTU = {"jammy", "noble", "questing", "resolute"}
# What a desktop has anyway: the two refreshers of menus and types, the theme of icons, and GLib's eyes for file types.
DESKTOP_BITS = ("desktop-file-utils", "shared-mime-info", "hicolor-icon-theme", "libglib2.0-bin")
# What apt and dpkg write down about themselves, logs, and caches that their own programs keep.
BOOKKEEPING = re.compile(
    r"^/(var/(lib/(dpkg|apt|rpm|systemd|ucf|pam)|log|cache)|etc/(ld\.so\.cache|alternatives|\.pwd\.lock|mailcap)"
    r"|run|tmp|proc|dev|sys|root/\.rpmdb)(/|$)"
)
# Folders of all packages: on RPM distributions `filesystem` brings them along and keeps them. In a Debian root nobody
# does, so that the first .rpm makes them and none takes them away. Only empty ones are forgiven.
SHARED = re.compile(
    r"^/usr/share/(applications|metainfo|mime(/packages)?|icons(/hicolor(/[a-z0-9]+(/apps)?)?)?|man(/man1)?"
    r"|bash-completion(/completions)?|fish(/vendor_completions\.d)?|zsh(/site-functions)?)$"
)


def say(words: str) -> None:
    print(f"try_package: {words}", flush=True)


def stop(words: str) -> None:
    sys.exit(f"try_package: {words}")


def mirror() -> str:
    """The archive that apt here takes Debian's packages from."""
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Component: main"]
    answer = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    found = next((address for address in answer if address.rstrip("/").endswith("/debian")), None)
    if found is None:
        stop("apt here is configured with no Debian archive")
    return found


class System:
    """A bare root, and what can be done in it."""

    def __init__(self, root: pathlib.Path, suite: str, is_fresh: bool):
        self.root, self.suite = root, suite
        self.home = root / "home" / PERSON
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "harmonium/roots"
        kept = cache / f"{suite}.tar"
        if is_fresh or not kept.exists():
            self.bootstrap(kept)
        subprocess.run(["tar", "-xpf", kept, "-C", root, "--numeric-owner"], check=True)
        # A temporary folder is its owner's alone.
        root.chmod(0o755)
        for kind, goal in (("proc", "proc"), ("tmpfs", "dev/shm"), ("tmpfs", "tmp")):
            (root / goal).mkdir(exist_ok=True)
            subprocess.run(["mount", "-t", kind, kind, root / goal], check=True)
        for goal in ("tmp", "dev/shm"):
            (root / goal).chmod(0o1777)
        # Its names for hosts are ours, so that apt finds the mirror.
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        # No service is started in it.
        policy = root / "usr/sbin/policy-rc.d"
        policy.write_text("#!/bin/sh\nexit 101\n")
        policy.chmod(0o755)
        self.run("useradd", "--create-home", PERSON)

    def bootstrap(self, kept: pathlib.Path) -> None:
        archive = mirror()
        options = ["--variant=minbase"]
        if self.suite in UBUNTU:
            archive = re.sub(r"debian/?$", "ubuntu/", archive)
            keys = pathlib.Path("/usr/share/keyrings/ubuntu-archive-keyring.gpg")
            if not keys.exists():
                stop("Ubuntu's keys are missing: apt-get install ubuntu-keyring (or ubuntu-archive-keyring)")
            options += [f"--keyring={keys}", "--components=main,universe"]
        say(f"making a bare {self.suite} (kept for later at {kept}) …")
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir="/var/tmp") as work:
            script = pathlib.Path("/usr/share/debootstrap/scripts") / self.suite
            rest = [] if script.exists() else [str(script.with_name("gutsy" if self.suite in UBUNTU else "sid"))]
            command = ["debootstrap", *options, self.suite, work, archive, *rest]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                stop(f"debootstrap failed:\n{(done.stdout + done.stderr)[-1500:]}")
            subprocess.run(["chroot", work, "apt-get", "clean"], check=True)
            subprocess.run(["tar", "-cpf", f"{kept}.part", "-C", work, "--numeric-owner", "."], check=True)
        pathlib.Path(f"{kept}.part").rename(kept)

    def run(self, *command: object, person: str | None = None, may_fail: bool = False) -> str:
        """A command in the root, with an environment that has nothing but what apt wants."""
        who = [f"--userspec={person}"] if person else []
        bare = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8"]
        words = ["chroot", *who, str(self.root), *bare, *map(str, command)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode and not may_fail:
            stop(f"{shlex.join(map(str, command))} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout + done.stderr

    def install(self, *packages: object) -> None:
        self.run("apt-get", "install", "-y", "--no-install-recommends", *packages)

    def files(self) -> dict[str, tuple]:
        """Every file and folder with its kind, size and content's age, but for bookkeeping."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            inside = "/" + os.path.relpath(folder, self.root).removeprefix(".").removeprefix("/")
            folders[:] = [name for name in folders if not BOOKKEEPING.match(os.path.join(inside, name))]
            for name in [*folders, *names]:
                path = os.path.join(inside, name)
                status = os.lstat(os.path.join(folder, name))
                is_folder = os.path.isdir(os.path.join(folder, name))
                found[path] = ("folder",) if is_folder else (status.st_mode, status.st_size)
        return {path: what for path, what in found.items() if not BOOKKEEPING.match(path)}

    def differences(self, before: dict[str, tuple]) -> tuple[list[str], list[str]]:
        """The person's own files, and everything else that is not as it was."""
        now = self.files()
        changed = [f"+ {path}" for path in now.keys() - before.keys()]
        changed += [f"- {path}" for path in before.keys() - now.keys()]
        changed += [f"* {path}" for path in now.keys() & before.keys() if now[path] != before[path]]
        is_own = re.compile(rf"^[+*] /home/{PERSON}(/|$)")
        return sorted(c for c in changed if is_own.match(c)), sorted(c for c in changed if not is_own.match(c))

    def is_shared(self, change: str) -> bool:
        """Whether it is a folder with nothing in it, even below, that belongs to everybody."""
        path = change.removeprefix("+ ")
        here = self.root / path.lstrip("/")
        if not SHARED.match(path) or not here.is_dir():
            return False
        return not any(names for _, _, names in os.walk(here))


# ---- ways of installing --------------------------------------------------------------------------


def newest(pattern: str) -> pathlib.Path:
    found = sorted((ROOT / "dist").glob(pattern), key=lambda path: path.stat().st_mtime)
    if not found:
        stop(f"there is no {pattern} in dist/; make package first")
    return found[-1]


class Deb:
    """apt finds what it depends on, and takes that away with it."""

    program, entry = "/usr/bin/harmonium", "/usr/share/applications/harmonium.desktop"

    def prepare(self, system: System) -> None:
        pass

    def install(self, system: System) -> None:
        package = newest("*.deb")
        shutil.copy(package, system.root / "tmp")
        system.install(f"/tmp/{package.name}")

    def uninstall(self, system: System) -> None:
        system.run("apt-get", "purge", "-y", "--autoremove", "harmonium")


class Rpm:
    """In a Debian root: rpm unpacks, lists and erases; that the names of its requirements fit is not tried."""

    program, entry = Deb.program, Deb.entry

    def prepare(self, system: System) -> None:
        system.install("rpm", *Portable.libraries(system))

    def install(self, system: System) -> None:
        package = newest("*.rpm")
        shutil.copy(package, system.root / "tmp")
        say(system.run("rpm", "-qip", f"/tmp/{package.name}"))
        say("requires:\n" + system.run("rpm", "-qp", "--requires", f"/tmp/{package.name}"))
        system.run("rpm", "-i", "--nodeps", "--force-debian", f"/tmp/{package.name}")
        self.refresh(system)

    def uninstall(self, system: System) -> None:
        system.run("rpm", "-e", "--nodeps", "--force-debian", "harmonium")
        self.refresh(system)

    def refresh(self, system: System) -> None:
        """What the file triggers of RPM distributions do; Debian's, which wait for dpkg, do not see rpm."""
        system.run("update-mime-database", "/usr/share/mime")
        system.run("update-desktop-database", "/usr/share/applications")


class Portable:
    """The archive, unpacked in one folder, moved to another, installed from there for one person."""

    program = f"/home/{PERSON}/.local/bin/harmonium"
    entry = f"/home/{PERSON}/.local/share/applications/harmonium.desktop"

    @staticmethod
    def libraries(system: System) -> list[str]:
        """A desktop has these; they are what the .deb depends on."""
        lines = (ROOT / "packaging/linux/libraries.txt").read_text().splitlines()
        names = [line.split()[1] for line in lines if line and not line.startswith("#")]
        sound = "libasound2" if system.suite in {"bullseye", "bookworm", "jammy"} else "libasound2t64"
        return [*names, sound, "libstdc++6"]

    def prepare(self, system: System) -> None:
        system.install(*self.libraries(system))

    def install(self, system: System) -> None:
        archive = newest("*.tar.zst")
        first, moved = system.root / "tmp/first", system.root / "tmp/moved there"
        first.mkdir()
        subprocess.run(["tar", "--zstd", "-xf", archive, "-C", first, "--no-same-owner"], check=True)
        next(first.iterdir()).rename(moved)
        words = system.run("env", "-i", "/tmp/moved there/harmonium", "selftest", person=PERSON)
        say("from the unpacked folder, moved, an empty environment:\n" + words)
        say(system.run("env", f"HOME=/home/{PERSON}", "/tmp/moved there/install.sh", person=PERSON))
        shutil.rmtree(moved)

    def uninstall(self, system: System) -> None:
        script = f"/home/{PERSON}/.local/share/harmonium/uninstall.sh"
        say(system.run("env", "-i", "PATH=/usr/bin:/bin", script, person=PERSON))


KINDS = {"deb": Deb, "rpm": Rpm, "portable": Portable}


# ---- using it ------------------------------------------------------------------------------------


class Recorder:
    """Takes what the program plays at the pace of a sound card: 48 kHz, 16 bit, two channels."""

    RATE = 48_000 * 4

    def __init__(self, pipe: pathlib.Path):
        os.mkfifo(pipe, 0o666)
        pipe.chmod(0o666)
        self.loudest, self.seconds = 0, 0.0
        threading.Thread(target=self.listen, args=(pipe,), daemon=True).start()

    def listen(self, pipe: pathlib.Path) -> None:
        while pipe.exists():
            with pipe.open("rb") as sound:
                while block := sound.read(self.RATE // 20 & ~1):
                    samples = memoryview(block[: len(block) & ~1]).cast("h")
                    self.loudest = max(self.loudest, max(map(abs, samples)))
                    self.seconds += len(block) / self.RATE
                    time.sleep(0.05)


class Guest(Studio):
    """The window in the bare root: the program runs there, the display and the hands are outside."""

    def __init__(self, system: System, screen: str, out: pathlib.Path):
        super().__init__(pathlib.Path("/"), screen, out)
        self.system, self.screen = system, screen
        sockets = system.root / "tmp/.X11-unix"
        sockets.mkdir()
        subprocess.run(["mount", "--bind", "/tmp/.X11-unix", sockets], check=True)
        self.recorder = Recorder(system.root / "tmp/sound")
        (system.home / ".asoundrc").write_text(
            'pcm.!default { type plug slave { pcm "taken" rate 48000 channels 2 format S16_LE } }\n'
            'pcm.taken { type file slave.pcm "null" format "raw" file "| cat >/tmp/sound" }\n'
        )

    def start(self, *words: str) -> None:
        bare = ["env", "-i", f"HOME=/home/{PERSON}", f"DISPLAY={self.screen}", "PATH=/usr/bin:/bin"]
        command = ["chroot", f"--userspec={PERSON}", self.system.root, *bare, "sh", "-c", 'cd "$HOME" && exec "$@"', "sh"]
        log = open(self.folder / "log", "w")
        self.program = subprocess.Popen([*map(str, command), *words], stderr=log, stdout=log)
        find = lambda: self.xdotool("search", "--onlyvisible", "--name", "Harmonium").split("\n")[0]
        self.window = self.wait_for(find, "the window")
        self.resize(1440, 900)
        self.xdotool("windowfocus", "--sync", self.window)
        time.sleep(4)
        self.key("Escape")

    def answer(self, keys: str, path: str) -> None:
        self.key(keys, pause=2.0)
        self.type(path)
        self.key("Return")


def exec_line(system: System, entry: str) -> list[str]:
    """The words that a desktop would start, without files."""
    text = (system.root / entry.lstrip("/")).read_text()
    line = re.search(r"^Exec=(.*)$", text, re.MULTILINE)
    return [word for word in shlex.split(line[1]) if not word.startswith("%")]


def main_job(system: System, entry: str, out: pathlib.Path) -> None:
    words = exec_line(system, entry)
    say(f"the desktop entry starts {shlex.join(words)}")
    with display() as screen, Guest(system, screen, out) as guest:
        guest.start(*words)
        guest.do("Add the demo set")
        guest.wait_for(lambda: "*" in guest.title(), "the demo set")
        guest.train("Quick look")
        guest.key("ctrl+g", pause=8.0)
        guest.key("space", pause=6.0)
        guest.shoot(f"window-{system.suite}", settle=0.0)
        guest.key("space")
        home = f"/home/{PERSON}"
        made = {"piece.mid": "ctrl+e", "piece.wav": "ctrl+shift+e", "first.harmonium": "ctrl+s"}
        for name, keys in made.items():
            guest.answer(keys, f"{home}/{name}")
            guest.wait_for((system.home / name).exists, name)
        time.sleep(2)
        guest.key("ctrl+q", pause=3.0)
        if guest.program.poll() is None:
            stop("the window does not close")
        if guest.program.returncode:
            stop(f"the window ended with {guest.program.returncode}: {(guest.folder / 'log').read_text()}")
        heard = guest.recorder
    begins = {"piece.mid": b"MThd", "piece.wav": b"RIFF"}
    for name, mark in begins.items():
        if not (system.home / name).read_bytes().startswith(mark):
            stop(f"{name} is not what it should be")
    if heard.loudest < 1000:
        stop(f"nothing was heard (loudest sample {heard.loudest} in {heard.seconds:.1f} s)")
    sizes = ", ".join(f"{name} {(system.home / name).stat().st_size} bytes" for name in made)
    say(f"demo set, training, pieces, playing ({heard.seconds:.1f} s heard, loudest sample {heard.loudest}), {sizes}")


def recognise(system: System) -> None:
    """By its name, by its contents alone, and a MIDI file still as what it was."""
    (system.home / "unnamed").write_bytes((system.home / "first.harmonium").read_bytes())
    wanted = {"first.harmonium": "application/x-harmonium", "unnamed": "application/x-harmonium", "piece.mid": "audio/midi"}
    for name, kind in wanted.items():
        words = system.run(
            "env", f"HOME=/home/{PERSON}", "gio", "info", "-a", "standard::content-type", f"/home/{PERSON}/{name}",
            person=PERSON,
        )
        if f"content-type: {kind}" not in words:
            stop(f"{name} is not recognised as {kind}: {words}")
    say("projects are recognised by name and by contents, MIDI files are still audio/midi")
    default = system.run("env", f"HOME=/home/{PERSON}", "gio", "mime", "application/x-harmonium", person=PERSON)
    say(default.strip())


def trial(kind: str, suite: str, is_fresh: bool, out: pathlib.Path) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="harmonium-root-", ignore_cleanup_errors=True) as folder:
        system = System(pathlib.Path(folder), suite, is_fresh)
        try:
            system.run("apt-get", "update")
            system.run("apt-get", "install", "-y", "--no-install-recommends", *DESKTOP_BITS)
            way = KINDS[kind]()
            way.prepare(system)
            before = system.files()
            way.install(system)
            say(f"installed in {suite}; env -i {way.program} selftest:")
            say(system.run("env", "-i", way.program, "selftest", person=PERSON))
            main_job(system, way.entry, out)
            recognise(system)
            way.uninstall(system)
            own, other = system.differences(before)
            say("left of the person's own:\n  " + "\n  ".join(own))
            shared = [change for change in other if kind == "rpm" and system.is_shared(change)]
            if shared:
                say("left of what all packages share, empty:\n  " + "\n  ".join(shared))
            other = [change for change in other if change not in shared]
            if other or any("/.local/" in path and "/state" not in path for path in own):
                stop("these are not as they were:\n  " + "\n  ".join(other or own))
            say(f"{kind} in {suite}: nothing else is left")
        finally:
            for mounted in ("tmp/.X11-unix", "tmp", "dev/shm", "proc"):
                subprocess.run(["umount", "-l", system.root / mounted], stderr=subprocess.DEVNULL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--suite", default="bookworm")
    parser.add_argument("--fresh", action="store_true", help="make the bare root anew")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "dist/trial", help="where pictures go")
    options = parser.parse_args()
    if os.geteuid():
        stop("this wants root, for chroot and mounts")
    for tool in ("debootstrap", "Xvfb", "xdotool", "import"):
        if not shutil.which(tool) and not shutil.which(f"/usr/sbin/{tool}"):
            stop(f"{tool} is missing; on Debian: apt-get install debootstrap xvfb xdotool imagemagick")
    if os.environ.get("HARMONIUM_TRIAL") != "inside":
        command = ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv]
        os.environ["HARMONIUM_TRIAL"] = "inside"
        os.execvp("unshare", command)
    options.out.mkdir(parents=True, exist_ok=True)
    trial(options.kind, options.suite, options.fresh, options.out)


if __name__ == "__main__":
    main()
