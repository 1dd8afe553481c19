#!/usr/bin/env bash
# Makes assets/fonts/ anew from Debian's fonts-inter and fonts-dejavu-core.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

inter=${INTER:-/usr/share/fonts/opentype/inter}
dejavu=${DEJAVU:-/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf}
if [ ! -e "$inter/Inter-Regular.otf" ] || [ ! -e "$dejavu" ]; then
    stop "Inter or DejaVu Sans is not here. On Debian and Ubuntu:
  sudo apt-get install fonts-inter fonts-dejavu-core
  Elsewhere: INTER=FOLDER DEJAVU=FILE scripts/fonts.sh"
fi
# Systems refuse a bare pip install; what a script needs lives in an environment of its own.
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --requirement scripts/fonts.txt
.venv/bin/python scripts/make_fonts.py "$inter" "$dejavu" assets/fonts
