#!/usr/bin/env bash
# Installs the programs that the benches compare Harmonium with into an environment of their own, .venv/peers.
#
# One list of pinned packages for each peer stands in benches/peers/requirements/; a list that was installed
# before is not asked for again. A peer that cannot be had is left out with a message: the benches go on
# without its rows. About 2 GB are downloaded once, nearly all of it PyTorch.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

environment=.venv/peers
if [ ! -x $environment/bin/pip ]; then
    python3 -m venv $environment || {
        say "No Python environment could be made (python3 -m venv); the peers are left out."
        exit 0
    }
fi
for list in benches/peers/requirements/*.txt; do
    peer=$(basename "$list" .txt)
    cmp -s "$list" "$environment/installed-$peer.txt" && continue
    say "Installing $peer for the benches …"
    if $environment/bin/pip install --quiet --disable-pip-version-check --no-deps -r "$list"; then
        cp "$list" "$environment/installed-$peer.txt"
    else
        say "$peer could not be installed (see above); its rows are left out."
    fi
done
