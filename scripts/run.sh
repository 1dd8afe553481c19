#!/usr/bin/env bash
# Opens the window. Looks for a display first: nobody should wait for a build to hear there is none.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

if [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    stop "there is no display here (DISPLAY and WAYLAND_DISPLAY are empty), so the window cannot open.
  make demo       does the main job without a window
  make build      leaves the program at target/release/harmonium; its command line needs no display"
fi
scripts/setup.sh run
exec cargo run --release --locked -- "$@"
