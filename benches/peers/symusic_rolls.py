"""symusic's contender: every MIDI file of a folder read, put on a grid of four steps a beat and made a roll.

usage: symusic_rolls.py FOLDER SECONDS

A round goes through the folder again and again for at least so long. One roll a track and plane (frame and
onset); the files' names are known beforehand.
"""

import pathlib
import sys
import time

from symusic import Score
from worker import serve


def main():
    files = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if path.suffix in (".mid", ".midi"))
    at_least = float(sys.argv[2])

    def passes():
        start, n_files = time.perf_counter(), 0
        while time.perf_counter() - start < at_least:
            for path in files:
                Score(path).resample(4).pianoroll(modes=["frame", "onset"])
            n_files += len(files)
        return n_files

    serve(passes)


main()
