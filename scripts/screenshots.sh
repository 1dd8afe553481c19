#!/usr/bin/env bash
# Renews docs/screenshot.png: the real window under a virtual display, with a run on the demo set in it.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

harmonium=$(realpath "$(release_dir)/harmonium")
work=$(mktemp -d)
children=()
finish() {
    for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

# The picture must show Harmonium, not its user: settings and projects of its own.
export XDG_CONFIG_HOME=$work/config XDG_DATA_HOME=$work/data XDG_STATE_HOME=$work/state
"$harmonium" train assets/demo --out "$work/Evening.harmonium" --seed 1 --json >/dev/null

# The server picks a free display and says which.
Xvfb -displayfd 3 -screen 0 1440x900x24 +extension GLX -nolisten tcp 3>"$work/display" 2>"$work/xvfb.log" &
children+=($!)
for _ in $(seq 100); do
    [ ! -s "$work/display" ] || break
    sleep 0.1
done
[ -s "$work/display" ] || stop "Xvfb did not start: $(tail -n 3 "$work/xvfb.log")"
DISPLAY=:$(head -n 1 "$work/display")
export DISPLAY
unset WAYLAND_DISPLAY

"$harmonium" "$work/Evening.harmonium" 2>"$work/harmonium.log" &
program=$!
children+=("$program")
window=
for _ in $(seq 150); do
    window=$(xdotool search --onlyvisible --name Harmonium 2>/dev/null | head -n 1 || true)
    [ -z "$window" ] || break
    kill -0 "$program" 2>/dev/null || stop "the program ended: $(tail -n 5 "$work/harmonium.log")"
    sleep 0.2
done
[ -n "$window" ] || stop "the window did not open within half a minute: $(tail -n 5 "$work/harmonium.log")"
xdotool windowmove "$window" 0 0 windowsize "$window" 1440 900
xdotool windowfocus --sync "$window"
# Software drawing takes a moment, and the libraries are still being opened behind the first frame.
sleep "${SETTLE:-4}"
# Pieces to look at; the notice that they are there goes by itself.
xdotool key ctrl+g
sleep "${GENERATE:-20}"
mkdir -p docs
import -window root "$work/screenshot.png"
# A plain surface packs into a few kilobytes.
[ "$(stat -c %s "$work/screenshot.png")" -gt 20000 ] || stop "the picture is blank; is the window drawn? (SETTLE=10 waits longer)"
mv "$work/screenshot.png" docs/screenshot.png
say "docs/screenshot.png"
