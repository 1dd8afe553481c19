#!/usr/bin/env bash
# The main job without a window: the demo set in; MIDI, WAV and a plot out.
#   scripts/demo.sh [FOLDER]
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

scripts/setup.sh build
cargo build --release --locked
harmonium=$(release_dir)/harmonium
out=${1:-$(release_dir)/../demo}
mkdir -p "$out"
out=$(realpath "$out")

say "== training on assets/demo"
"$harmonium" train assets/demo --out "$out/demo.harmonium" --preset quick --seed 1 --json >"$out/training.jsonl"
say "== generating four pieces of eight bars"
rm -rf "$out/pieces"
"$harmonium" generate "$out/demo.harmonium" --out "$out/pieces" --count 4 --bars 8 --seed 1
say "== rendering them"
for piece in "$out"/pieces/*.mid; do
    "$harmonium" render "$piece" --out "${piece%.mid}.wav"
done
python3 scripts/plot.py "$out/training.jsonl" "$out/training.svg"
say "The project, the pieces (MIDI and WAV) and the plot are in $out"
