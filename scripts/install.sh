#!/usr/bin/env bash
# Lays out below DESTDIR and PREFIX what `make build` left; compiles nothing, so that root may run it.
#   PREFIX/bin/harmonium                the program; it finds the rest from where it lies
#   PREFIX/bin/harmonium-font-probe     tries SoundFonts for it
#   PREFIX/lib/harmonium/               libtorch
#   PREFIX/share/harmonium/             SoundFont, demo set
#   PREFIX/share/doc/harmonium/         licences
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=scripts/release_files.sh
source "$(dirname "$0")/release_files.sh"

goal=${DESTDIR:-}${PREFIX:-/usr/local}
put_executables "$goal/bin"
put_libraries "$goal/lib/harmonium"
put_data "$goal/share/harmonium"
put_licences "$goal/share/doc/harmonium"
say "Installed $goal/bin/harmonium"
