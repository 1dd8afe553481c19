#!/usr/bin/env bash
# Measures: scripts/bench.sh [NAME …]
#
#   window, frames, drawing  how fluid the window is
#   training, report         training speed side by side with the peers
#   import                   reading MIDI files side by side with the peers
#   scaling                  time and memory against songs and hidden units
#   likelihood               the four sets of the literature (an hour and more; only when named)
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

[ $# -gt 0 ] || set -- window frames drawing training report import scaling
peers_are_ready=
for name in "$@"; do
    case $name in
        window | frames | drawing) scripts/cargo.sh bench --locked --bench "$name" ;;
        training | report | import)
            [ -n "$peers_are_ready" ] || scripts/peers.sh
            peers_are_ready=yes
            python3 "benches/peers/$name.py"
            ;;
        scaling) python3 benches/scaling.py ;;
        sound) scripts/cargo.sh build --release --locked && python3 scripts/sound_figures.py "${CARGO_TARGET_DIR:-target}/release/harmonium" ;;
        likelihood) python3 benches/likelihood/likelihood.py ;;
        *) stop "there is no bench $name; the names stand in scripts/bench.sh" ;;
    esac
done
