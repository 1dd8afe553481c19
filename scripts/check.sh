#!/usr/bin/env bash
# Everything that must hold before a change lands, cheapest first.
#
# The lints run inside the compile that builds the tests: clippy's driver takes the compiler's place
# for our own package only. `cargo clippy` would make a second, check-mode copy of every dependency.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

skipped=()

has_component() { cargo "$1" --version >/dev/null 2>&1; }

# rustup's minimal profile comes without these two.
for component in fmt clippy; do
    if ! has_component "$component" && have rustup; then
        say "Adding ${component/fmt/rustfmt} …"
        rustup component add "${component/fmt/rustfmt}" >/dev/null 2>&1 || true
    fi
done

# Tests must not see the settings, projects or clock zone of the person who runs them.
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
export XDG_CONFIG_HOME=$sandbox/config XDG_DATA_HOME=$sandbox/data XDG_STATE_HOME=$sandbox/state
export TZ=UTC LC_ALL=C.UTF-8
unset OMP_NUM_THREADS OMP_WAIT_POLICY GOMP_SPINCOUNT GOMP_CPU_AFFINITY

if has_component fmt; then
    say "== formatting"
    cargo fmt --check
else
    skipped+=("formatting (rustfmt is not installed)")
fi

if has_component clippy; then
    if have rustup; then driver=$(rustup which clippy-driver); else driver=$(command -v clippy-driver); fi
    export RUSTC_WORKSPACE_WRAPPER=$driver
    # This is how cargo-clippy hands its arguments to the driver: each followed by the mark.
    export CLIPPY_ARGS='-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__'
else
    skipped+=("lints (clippy is not installed)")
fi

say "== licences of the crates"
python3 scripts/crate_licences.py check

say "== without the window (nothing below the interface may need it)"
# Checked, not built: other features would compile a tenth of the dependencies anew and replace the executable.
cargo check --release --locked --no-default-features --lib --bins

say "== lints and tests"
log=$sandbox/tests.log
cargo test --release --locked --all-targets | tee "$log"
cargo test --release --locked --doc | tee -a "$log"

for what in "${skipped[@]}"; do
    say "NOT checked: $what"
done
# One line over all test programs, each of which closes with its own.
sed -n 's/^test result: ok\. \([0-9]*\) passed; \([0-9]*\) failed.*/\1 \2/p' "$log" |
    awk '{ passed += $1; failed += $2 } END { printf "total: %d passed, %d failed\n", passed, failed }'
