#!/usr/bin/env bash
# Lays out below DESTDIR and PREFIX what `make build` left (scripts/stage.py names the folders); compiles
# nothing, so that root may run it. `install.sh uninstall` removes those files again.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

goal=${DESTDIR:-}${PREFIX:-/usr/local}
case ${1:-} in
    '')
        python3 scripts/stage.py "$goal"
        say "Installed $goal/bin/harmonium"
        ;;
    uninstall)
        while IFS= read -r path; do
            rm -f "$goal/$path"
        done < <(python3 scripts/stage.py --list)
        # Only the folders that are ours alone.
        find "$goal/lib/harmonium" "$goal/share/harmonium" "$goal/share/doc/harmonium" \
            -depth -type d -empty -delete 2>/dev/null || true
        say "Removed $goal/bin/harmonium and what came with it"
        ;;
    *) stop "scripts/install.sh takes nothing or uninstall, not '$1'." ;;
esac
# A packager's tree is not the system; its own tools do this there.
[ -z "${DESTDIR:-}" ] || exit 0
for refresh in "update-desktop-database $goal/share/applications" "update-mime-database $goal/share/mime"; do
    read -ra words <<<"$refresh"
    [ ! -d "${words[1]}" ] || ! have "${words[0]}" || "${words[@]}" 2>/dev/null || true
done
