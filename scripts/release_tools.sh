#!/usr/bin/env bash
# The tools that make and check packages, at the versions below, in a folder of the project's own
# (the cache, beside libtorch; nobody's ~/.cargo/bin). Once they are there, nothing is downloaded.
#
#   scripts/release_tools.sh package    cargo-deb, cargo-generate-rpm
#   scripts/release_tools.sh check      also cargo-deny, cargo-cyclonedx
#
# Prints the folder that holds them.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

folder=$(cache_dir)/release-tools

# obtain NAME VERSION
obtain() {
    local here=$folder/$1-$2
    if [ ! -x "$here/bin/$1" ]; then
        say "Building $1 $2 (once) …"
        # A target folder of its own: the checkout's is not for other people's programs.
        CARGO_TARGET_DIR=$folder/build cargo install --quiet --locked --version "$2" --root "$here" "$1" >&2 ||
            stop "$1 $2 could not be built; without a network it must be in $here already."
        rm -rf "$folder/build"
    fi
    mkdir -p "$folder/bin"
    ln -sfn "../$1-$2/bin/$1" "$folder/bin/$1"
}

case ${1:-} in
    package | check) ;;
    *) stop "scripts/release_tools.sh takes package or check, not '${1:-}'." ;;
esac
obtain cargo-deb 3.8.0
obtain cargo-generate-rpm 0.21.1
if [ "$1" = check ]; then
    obtain cargo-deny 0.20.2
    obtain cargo-cyclonedx 0.5.9
fi
printf '%s\n' "$folder/bin"
