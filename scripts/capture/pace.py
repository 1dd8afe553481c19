#!/usr/bin/env python3
"""A sound card for machines without one: takes sound from a pipe as fast as it would be played, and keeps it.

    pace.py OUT RATE CHANNELS BITS

asound.conf.in beside this file lets ALSA write into it. OUT becomes raw interleaved sound. Standard library only.
"""

import fcntl
import os
import signal
import sys
import time

SET_PIPE_SIZE = 1031  # Linux: F_SETPIPE_SZ, which Python's fcntl has from 3.10 on
BLOCKS_A_SECOND = 50


def main() -> None:
    out, rate, channels, bits = sys.argv[1], *map(int, sys.argv[2:5])
    bytes_a_second = rate * channels * bits // 8
    # Who interrupts the player must not lose the end of what it played: the pipe's end ends this.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        # An ordinary pipe holds a third of a second, which the player would be ahead of what is heard.
        fcntl.fcntl(0, SET_PIPE_SIZE, 4096)
    except OSError:
        pass
    taken = 0
    started = None
    with open(out, "wb", buffering=0) as kept:
        while block := os.read(0, bytes_a_second // BLOCKS_A_SECOND):
            if started is None:
                started = time.monotonic()
            kept.write(block)
            taken += len(block)
            early = started + taken / bytes_a_second - time.monotonic()
            if early > 0:
                time.sleep(early)
            elif early < -0.5:
                started -= early  # the player paused; it must not catch up in a rush


if __name__ == "__main__":
    main()
