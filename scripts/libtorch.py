#!/usr/bin/env python3
"""Obtains libtorch 2.11.0 once, through pip, into a cache that outlives checkouts and `cargo clean`.

    libtorch.py dir   FLAVOUR      print where it lies or would lie
    libtorch.py check FLAVOUR      exit 0 when it is there and whole, 3 when not
    libtorch.py get   FLAVOUR      obtain it if need be and print where it lies

FLAVOUR is cpu or cuda. Only the files that Harmonium builds and runs with are unpacked. The wheels are
named and pinned by hash in libtorch-FLAVOUR.txt; a wheel's Python tag does not matter, because the libraries
that are kept do not depend on Python. Standard library only.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

VERSION = "2.11.0"
BUILD = f"{VERSION}+cu130"  # what torch-sys compares with its own version
PYTHON_TAG = "3.11"
PLATFORMS = [
    "manylinux_2_28_x86_64",
    "manylinux_2_27_x86_64",
    "manylinux_2_25_x86_64",
    "manylinux_2_18_x86_64",
    "manylinux2014_x86_64",
]
OLDEST_PIP = (21, 1)  # the first that takes --platform several times
STAMP = "harmonium-libtorch.json"

# wheel -> (what the CPU flavour takes from it, what the CUDA flavour takes besides)
LIBRARIES = {
    "torch": (
        ["libtorch.so", "libtorch_cpu.so", "libc10.so", "libgomp.so.1"],
        ["libtorch_cuda.so", "libc10_cuda.so", "libtorch_nvshmem.so"],
    ),
    "nvidia-cuda-runtime": (["libcudart.so.13"], []),
    "nvidia-cuda-cupti": (["libcupti.so.13"], []),
    "nvidia-cublas": ([], ["libcublas.so.13", "libcublasLt.so.13"]),
    "nvidia-cudnn-cu13": ([], ["libcudnn.so.9"]),
    "nvidia-cufft": ([], ["libcufft.so.12"]),
    "nvidia-nccl-cu13": ([], ["libnccl.so.2"]),
    "nvidia-cusparselt-cu13": ([], ["libcusparseLt.so.0"]),
    "nvidia-cusparse": ([], ["libcusparse.so.12"]),
    "nvidia-nvshmem-cu13": ([], ["libnvshmem_host.so.3"]),
    "nvidia-curand": ([], ["libcurand.so.10"]),
    "nvidia-nvjitlink": ([], ["libnvJitLink.so.13"]),
    "nvidia-cufile": ([], ["libcufile.so.0"]),
}
HEADER = "include/torch/csrc/api/include/torch/torch.h"
# Megabytes (download, unpacked): what the messages promise and what the disk must hold.
SIZES = {"cpu": (544, 520), "cuda": (2222, 2800)}


class Trouble(Exception):
    """Something that a person can do something about; the text says what."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def cache_root() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The XDG rules ask for an absolute path and say to ignore anything else.
    root = Path(base) if base.startswith("/") else Path.home() / ".cache"
    return root / "harmonium"


def home_of(flavour: str) -> Path:
    return cache_root() / f"libtorch-{VERSION}-{flavour}"


def wanted_wheels(flavour: str) -> dict[str, tuple[str, str]]:
    """wheel -> (requirement, hash), as the pinned list gives them."""
    wheels = {}
    text = (Path(__file__).parent / f"libtorch-{flavour}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            requirement, digest = line.split(" --hash=sha256:")
            wheels[requirement.split("==")[0]] = (requirement, digest)
    return wheels


def wanted_libraries(wheel: str, flavour: str) -> list[str]:
    always, with_cuda = LIBRARIES[wheel]
    return always + (with_cuda if flavour == "cuda" else [])


def all_files(flavour: str) -> list[str]:
    libraries = [name for wheel in wanted_wheels(flavour) for name in wanted_libraries(wheel, flavour)]
    return [f"lib/{name}" for name in libraries] + [HEADER, "build-version", "licences/torch-LICENSE"]


def hashes(flavour: str) -> dict[str, str]:
    return {requirement: digest for requirement, digest in wanted_wheels(flavour).values()}


def sizes_in(folder: Path, flavour: str) -> dict[str, int]:
    return {name: (folder / name).stat().st_size for name in all_files(flavour)}


def write_stamp(folder: Path, flavour: str) -> None:
    stamp = {"wheels": hashes(flavour), "sizes": sizes_in(folder, flavour)}
    aside = folder / (STAMP + ".new")
    aside.write_text(json.dumps(stamp, indent=1) + "\n", encoding="utf-8")
    aside.replace(folder / STAMP)


def is_whole(flavour: str) -> bool:
    folder = home_of(flavour)
    try:
        stamp = json.loads((folder / STAMP).read_text(encoding="utf-8"))
        return stamp == {"wheels": hashes(flavour), "sizes": sizes_in(folder, flavour)}
    except (OSError, ValueError):
        return False


def adopt(flavour: str) -> bool:
    """Takes over a folder that was filled by hand: every file is there, only the stamp is not."""
    folder = home_of(flavour)
    if (folder / STAMP).exists() or not all((folder / name).is_file() for name in all_files(flavour)):
        return False
    if (folder / "build-version").read_text(encoding="utf-8").strip() != BUILD:
        return False
    write_stamp(folder, flavour)
    return True


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def pip_version(command: list[str]) -> tuple[int, ...] | None:
    try:
        answer = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True, timeout=60)
        return tuple(int(part) for part in answer.stdout.split()[1].split(".")[:2])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return None


def find_pip() -> list[str]:
    """The system's pip if it will do (downloading is allowed on managed systems), else one of our own."""
    system = [sys.executable, "-m", "pip"]
    version = pip_version(system)
    if version and version >= OLDEST_PIP:
        return system
    environment = cache_root() / "venv"
    own = [str(environment / "bin" / "python"), "-m", "pip"]
    if (pip_version(own) or (0,)) >= OLDEST_PIP:
        return own
    say("Making a virtual environment for pip …")
    shutil.rmtree(environment, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(environment)], capture_output=True, text=True)
    if made.returncode == 0:
        version = pip_version(own) or (0,)
        if version < OLDEST_PIP:
            subprocess.run([*own, "install", "--quiet", "--upgrade", "pip"], check=False)
        if (pip_version(own) or (0,)) >= OLDEST_PIP:
            return own
    raise Trouble(
        "Python has no usable pip, and a virtual environment could not be made.\n"
        "  Install the packages python3-pip and python3-venv and run this again,\n"
        f"  or set LIBTORCH to a folder with libtorch {VERSION} (include/ and lib/)."
    )


def explain(requirement: str, errors: str) -> Trouble:
    if "DO NOT MATCH THE HASHES" in errors:
        return Trouble(
            f"the wheel {requirement} that the package index sent is not the one that is pinned (its hash differs).\n"
            "  Nothing of it was kept. A mirror or proxy may serve something else; try again without it."
        )
    if "No space left on device" in errors:
        return Trouble(f"the disk is full: {requirement} could not be stored.\n  Make room and run this again.")
    last = "\n".join("    " + line for line in errors.strip().splitlines()[-4:])
    return Trouble(
        f"pip could not obtain {requirement}:\n{last}\n"
        "  Is there a network, and may pip reach its package index? What was finished is kept, so run this again later.\n"
        f"  Without a network: set LIBTORCH to a folder with libtorch {VERSION} (include/ and lib/),\n"
        f"  or put the wheels that scripts/libtorch-*.txt lists into {cache_root() / 'downloads'}."
    )


def run_pip(pip: list[str], requirement: str, digest: str, target: Path) -> None:
    listed = target / "requirement.txt"
    listed.write_text(f"{requirement} --hash=sha256:{digest}\n", encoding="utf-8")
    command = [*pip, "download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", PYTHON_TAG, "--no-cache-dir", "--disable-pip-version-check"]
    for platform in PLATFORMS:
        command += ["--platform", platform]
    on_terminal = sys.stderr.isatty()
    command += ["--dest", str(target), "--requirement", str(listed)] + ([] if on_terminal else ["--quiet"])
    # pip's bar goes to its standard output, which must not mix with ours: the caller reads that.
    pip_process = subprocess.run(
        command,
        stdout=sys.stderr,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env={**os.environ, "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_INPUT": "1"},
    )
    if pip_process.returncode != 0:
        raise explain(requirement, pip_process.stderr)


def kept_wheel(downloads: Path, requirement: str, digest: str) -> Path | None:
    """A wheel that an earlier, interrupted run (or a person) left; one that is cut short has another hash."""
    stem = requirement.replace("-", "_").replace("==", "-") + "-"
    for path in sorted(downloads.glob("*.whl")):
        if path.name.startswith(stem) and digest_of(path) == digest:
            return path
    return None


def fetch(flavour: str) -> list[tuple[str, Path]]:
    downloads = cache_root() / "downloads"
    downloads.mkdir(exist_ok=True)
    wheels = wanted_wheels(flavour)
    pip: list[str] = []
    found = []
    for place, (name, (requirement, digest)) in enumerate(wheels.items(), start=1):
        heading = f"[{place}/{len(wheels)}] {requirement}"
        wheel = kept_wheel(downloads, requirement, digest)
        if wheel is None:
            say(f"{heading}: downloading …")
            started = time.monotonic()
            pip = pip or find_pip()
            part = downloads / "part"
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir()
            run_pip(pip, requirement, digest, part)
            (arrived,) = part.glob("*.whl")
            wheel = downloads / arrived.name
            arrived.replace(wheel)
            shutil.rmtree(part, ignore_errors=True)
            megabytes = wheel.stat().st_size / 1e6
            say(f"{heading}: {megabytes:.1f} MB in {time.monotonic() - started:.0f} s")
        else:
            say(f"{heading}: kept from an earlier run")
        found.append((name, wheel))
    return found


def place_in(member: str, wheel: str, libraries: set[str]) -> str | None:
    """Where a member of a wheel goes, or None when it is not needed."""
    parts = member.split("/")
    if not parts[-1]:
        return None
    if parts[:2] == ["torch", "include"]:
        return "/".join(parts[1:])
    if parts[-2:-1] == ["lib"] and parts[-1] in libraries:
        return f"lib/{parts[-1]}"
    is_notice = parts[-1].upper().startswith(("LICENSE", "LICENCE", "NOTICE", "COPYING"))
    if is_notice and (parts[0].endswith(".dist-info") or (parts[0] == "nvidia" and len(parts) == 3)):
        return f"licences/{wheel}-{parts[-1]}"
    return None


def unpack(wheels: list[tuple[str, Path]], flavour: str) -> None:
    part = cache_root() / f"part-{flavour}"
    shutil.rmtree(part, ignore_errors=True)
    for name, path in wheels:
        say(f"Unpacking {path.name} …")
        missing = set(wanted_libraries(name, flavour))
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                place = place_in(member, name, set(wanted_libraries(name, flavour)))
                if place is None:
                    continue
                goal = part / place
                goal.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, goal.open("wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                missing.discard(goal.name)
        if missing:
            raise Trouble(f"{path.name} lacks {', '.join(sorted(missing))}: libtorch-{flavour}.txt names a wrong wheel.")
    (part / "build-version").write_text(BUILD, encoding="utf-8")
    write_stamp(part, flavour)
    goal = home_of(flavour)
    if goal.exists():
        say(f"Replacing {goal}, which was not whole.")
        shutil.rmtree(goal)
    part.replace(goal)


def check_room(flavour: str) -> None:
    download, unpacked = SIZES[flavour]
    kept = sum(path.stat().st_size for path in (cache_root() / "downloads").glob("*.whl")) / 1e6
    # pip holds a wheel in its temporary folder before it moves it, most often on the same disk.
    largest = 531
    need = download - min(kept, download) + unpacked + largest
    free = shutil.disk_usage(cache_root()).free / 1e6
    if free < need:
        raise Trouble(
            f"{cache_root()} has {free:.0f} MB free; libtorch ({flavour}) needs {need:.0f} MB for a while "
            f"and {unpacked} MB afterwards.\n  Make room, or set XDG_CACHE_HOME to a folder on a larger disk."
        )


@contextlib.contextmanager
def alone():
    """One run at a time in this cache: two checkouts may be set up at once."""
    cache_root().mkdir(parents=True, exist_ok=True)
    with (cache_root() / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another set-up is filling the same cache; waiting for it …")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def get(flavour: str) -> None:
    with alone():
        if is_whole(flavour) or adopt(flavour):
            return
        check_room(flavour)
        download, _ = SIZES[flavour]
        say(f"Obtaining libtorch {VERSION} ({flavour}, {download} MB, once) for {cache_root()} …")
        unpack(fetch(flavour), flavour)
        for requirement, digest in wanted_wheels(flavour).values():
            wheel = kept_wheel(cache_root() / "downloads", requirement, digest)
            if wheel:
                wheel.unlink()


def main() -> int:
    if len(sys.argv) != 3 or sys.argv[1] not in ("dir", "check", "get") or sys.argv[2] not in SIZES:
        say(__doc__ or "")
        return 2
    verb, flavour = sys.argv[1:]
    try:
        if verb == "check":
            return 0 if is_whole(flavour) or adopt(flavour) else 3
        if verb == "get":
            get(flavour)
        print(home_of(flavour))
        return 0
    except Trouble as trouble:
        say(f"harmonium: {trouble}")
    except PermissionError as error:
        say(f"harmonium: {error.filename} may not be written.\n  Set XDG_CACHE_HOME to a folder of your own.")
    except OSError as error:
        say(f"harmonium: {error}")
    except KeyboardInterrupt:
        say("\nharmonium: stopped; what was finished is kept for the next run.")
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main())
