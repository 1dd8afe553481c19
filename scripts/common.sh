# shellcheck shell=bash
# What all scripts share. Sourced, never run.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# Some service accounts and containers have none.
: "${HOME:=$(getent passwd "$(id -u)" | cut -d: -f6)}"
export HOME

say() { printf '%s\n' "$*" >&2; }
stop() {
    printf 'harmonium: %s\n' "$*" >&2
    exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# rustup puts cargo where only a login shell looks.
if ! have cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
fi

# The name and version that Cargo.toml gives, for archives and messages.
package_version() { sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1; }

# The cache that outlives checkouts; the XDG rules say to ignore a path that is not absolute.
cache_dir() {
    case ${XDG_CACHE_HOME:-} in
        /*) realpath -m "$XDG_CACHE_HOME/harmonium" ;;
        *) realpath -m "$HOME/.cache/harmonium" ;;
    esac
}

# Where cargo leaves the executable.
release_dir() { printf '%s/release\n' "${CARGO_TARGET_DIR:-target}"; }
