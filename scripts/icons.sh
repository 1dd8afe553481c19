#!/usr/bin/env bash
# Makes the PNG, .ico and .icns files in packaging/icons anew from the two SVG files there.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

# Systems refuse a bare pip install; what a script needs lives in an environment of its own.
[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --requirement scripts/icons.txt
.venv/bin/python scripts/make_icons.py packaging/icons
