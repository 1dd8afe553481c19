"""The worker's side of a bench: prepares once, then does a round for every line "go" on stdin.

A worker answers each round with one JSON line: the number of `items` (examples, files, updates) it went
through and the `seconds` of wall time it took. See harness.py for the other side.
"""

import json
import sys
import time


def serve(work):
    """Runs `work()` for every "go"; it returns the number of items."""
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        if line.strip() != "go":
            return
        start = time.perf_counter()
        items = work()
        seconds = time.perf_counter() - start
        print(json.dumps({"items": items, "seconds": seconds}), flush=True)
