#!/usr/bin/env bash
# Installs what is missing, obtains libtorch and links it into the checkout.
#
#   scripts/setup.sh build    what compiling needs
#   scripts/setup.sh run      also what the window needs
#   scripts/setup.sh test     also what the tests need
#
# It asks what is there before it installs anything, so that a second run needs no network.
# TORCH_FLAVOR=cpu|cuda chooses the libtorch. LIBTORCH=FOLDER uses that one and downloads nothing.
# SYSTEM_PACKAGES=skip leaves the system's packages alone.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

purpose=${1:-run}
libtorch_version=2.11.0

# ---- the machine ---------------------------------------------------------------------------------

check_machine() {
    local system machine
    system=$(uname -s)
    machine=$(uname -m)
    if [ "$system" != Linux ] || [ "$machine" != x86_64 ]; then
        stop "this set-up knows Linux on x86_64; here is $system on $machine.
  Elsewhere: put libtorch $libtorch_version in place, set LIBTORCH to it, and use cargo directly."
    fi
    # The libraries of the wheels are linked against glibc 2.28.
    local glibc
    glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | sed 's/glibc //' || true)
    if [ -z "$glibc" ] || [ "$(printf '%s\n2.28\n' "$glibc" | sort -V | head -n 1)" != 2.28 ]; then
        stop "libtorch needs glibc 2.28 or later; here is ${glibc:-another C library}."
    fi
}

check_rust() {
    have cargo || stop "cargo is missing. Install Rust (rustup, or the packages rustc and cargo), then run this again."
    local want got
    want=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    got=$(cargo --version | awk '{ print $2 }')
    if [ "$(printf '%s\n%s\n' "$want" "${got%%-*}" | sort -V | head -n 1)" != "$want" ]; then
        stop "Rust $want or later is needed; here is $got. With rustup: rustup update stable"
    fi
}

# ---- the system's packages -----------------------------------------------------------------------

libraries=
has_library() {
    if [ -z "$libraries" ]; then
        libraries=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null || true)
    fi
    case $libraries in *"$1 ("*x86-64*) return 0 ;; *) return 1 ;; esac
}

has_gl_driver() {
    # A pattern that matches nothing stays as it is, and then is no file.
    local driver
    for driver in /usr/lib/x86_64-linux-gnu/dri/*_dri.so /usr/lib64/dri/*_dri.so /usr/lib/dri/*_dri.so; do
        [ ! -e "$driver" ] || return 0
    done
    has_library libGLX_nvidia.so.0
}

has_pip() {
    python3 -m pip --version >/dev/null 2>&1 || python3 -c 'import ensurepip, venv' >/dev/null 2>&1
}

has_accessibility_bus() { [ -e /usr/share/dbus-1/services/org.a11y.Bus.service ]; }

# The distribution's own Python, not one of a person's.
has_gi() { /usr/bin/python3 -c 'import gi' >/dev/null 2>&1; }

# Is the thing there? "command x", "library x.so.1", "pkgconfig x" or one of the functions above.
is_there() {
    case $1 in
        command) have "$2" ;;
        library) has_library "$2" ;;
        pkgconfig) pkg-config --exists "$2" 2>/dev/null ;;
        *) "$1" ;;
    esac
}

# what to ask for | Debian, Ubuntu | Fedora | Arch | openSUSE
build_needs='command c++|g++|gcc-c++|gcc|gcc-c++
command pkg-config|pkg-config|pkgconf-pkg-config|pkgconf|pkgconf-pkg-config
pkgconfig alsa|libasound2-dev|alsa-lib-devel|alsa-lib|alsa-devel
command python3|python3|python3|python|python3'
pip_needs='has_pip|python3-pip|python3-pip|python-pip|python3-pip'
run_needs='library libGL.so.1|libgl1|libglvnd-glx|libglvnd|libglvnd
library libEGL.so.1|libegl1|libglvnd-egl|libglvnd|libglvnd
has_gl_driver|libgl1-mesa-dri|mesa-dri-drivers|mesa|Mesa-dri
library libX11.so.6|libx11-6|libX11|libx11|libX11-6
library libX11-xcb.so.1|libx11-xcb1|libX11-xcb|libx11|libX11-xcb1
library libXcursor.so.1|libxcursor1|libXcursor|libxcursor|libXcursor1
library libXi.so.6|libxi6|libXi|libxi|libXi6
library libXrandr.so.2|libxrandr2|libXrandr|libxrandr|libXrandr2
library libxkbcommon.so.0|libxkbcommon0|libxkbcommon|libxkbcommon|libxkbcommon0
library libxkbcommon-x11.so.0|libxkbcommon-x11-0|libxkbcommon-x11|libxkbcommon-x11|libxkbcommon-x11-0
library libwayland-client.so.0|libwayland-client0|libwayland-client|wayland|libwayland-client0
library libwayland-egl.so.1|libwayland-egl1|libwayland-egl|wayland|libwayland-egl1
library libdbus-1.so.3|libdbus-1-3|dbus-libs|dbus|libdbus-1-3'
test_needs='command Xvfb|xvfb|xorg-x11-server-Xvfb|xorg-server-xvfb|xorg-x11-server-Xvfb
command xdotool|xdotool|xdotool|xdotool|xdotool
command strace|strace|strace|strace|strace
command import|imagemagick|ImageMagick|imagemagick|ImageMagick
command xwininfo|x11-utils|xwininfo|xorg-xwininfo|xwininfo
command desktop-file-validate|desktop-file-utils|desktop-file-utils|desktop-file-utils|desktop-file-utils
command appstreamcli|appstream|appstream|appstream|AppStream
command dbus-run-session|dbus|dbus-daemon|dbus|dbus-1
has_accessibility_bus|at-spi2-core|at-spi2-core|at-spi2-core|at-spi2-core
has_gi|python3-gi|python3-gobject|python-gobject|python3-gobject'

# The package manager's column in the lists above and its command.
find_package_manager() {
    if have apt-get; then
        column=2 install=(apt-get install -y --no-install-recommends)
    elif have dnf; then
        column=3 install=(dnf install -y)
    elif have pacman; then
        column=4 install=(pacman -S --needed --noconfirm)
    elif have zypper; then
        column=5 install=(zypper --non-interactive install)
    else
        column=0 install=()
    fi
}

# How root is reached without asking anybody for a password; empty words mean "is root already".
find_root() {
    if [ "$(id -u)" = 0 ]; then
        as_root=()
    elif have sudo && sudo -n true 2>/dev/null; then
        as_root=(sudo -n)
    else
        return 1
    fi
}

install_missing() {
    local need what words packages=() missing=()
    find_package_manager
    while IFS= read -r need; do
        what=${need%%|*}
        read -ra words <<<"$what"
        if ! is_there "${words[@]}"; then
            missing+=("$what")
            [ "$column" = 0 ] || packages+=("$(cut -d'|' -f"$column" <<<"$need")")
        fi
    done <<<"$1"
    [ "${#missing[@]}" -gt 0 ] || return 0

    if [ "$column" = 0 ]; then
        stop "these are missing, and no package manager was found that this set-up knows:
$(printf '  %s\n' "${missing[@]}")
  Install them, or set SYSTEM_PACKAGES=skip to go on without them."
    fi
    mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
    if ! find_root; then
        stop "these system packages are missing and need an administrator:

  sudo ${install[*]} ${packages[*]}

  Run that, then this again (SYSTEM_PACKAGES=skip goes on without them)."
    fi
    say "Installing ${packages[*]} …"
    local log
    log=$(mktemp)
    if [ "$column" = 2 ]; then
        # A fresh machine has no package lists yet, and old ones name files that are gone.
        "${as_root[@]}" apt-get update >"$log" 2>&1 || true
        install=(env DEBIAN_FRONTEND=noninteractive "${install[@]}")
    fi
    if ! "${as_root[@]}" "${install[@]}" "${packages[@]}" >>"$log" 2>&1 </dev/null; then
        tail -n 15 "$log" >&2
        stop "the package manager failed (above; the whole of it in $log). The command was:
  ${install[*]} ${packages[*]}"
    fi
    rm -f "$log"
    libraries=
}

# ---- libtorch ------------------------------------------------------------------------------------

flavour() {
    case ${TORCH_FLAVOR:-} in
        cpu | cuda) printf '%s\n' "$TORCH_FLAVOR" ;;
        '') if [ -e /proc/driver/nvidia/version ] || { have nvidia-smi && nvidia-smi -L >/dev/null 2>&1; }; then
            echo cuda
        else
            echo cpu
        fi ;;
        *) stop "TORCH_FLAVOR is '$TORCH_FLAVOR'; it may be cpu or cuda." ;;
    esac
}

is_libtorch() { [ -e "$1/lib/libtorch_cpu.so" ] && [ -d "$1/include/torch" ]; }

# A libtorch that the person chose: named in the environment, or linked in by hand.
chosen_libtorch() {
    if [ -n "${LIBTORCH:-}" ]; then
        is_libtorch "$LIBTORCH" || [ -n "${LIBTORCH_USE_PYTORCH:-}${LIBTORCH_INCLUDE:-}${LIBTORCH_LIB:-}" ] ||
            stop "LIBTORCH is '$LIBTORCH', but there is no include/torch and lib/libtorch_cpu.so in it.
  It must be libtorch $libtorch_version; without LIBTORCH it is downloaded."
        # So that a cargo call without the variable works too.
        if ! is_libtorch .libtorch && { [ -L .libtorch ] || [ ! -e .libtorch ]; }; then
            ln -sfn "$(realpath "$LIBTORCH")" .libtorch
        fi
        return 0
    fi
    [ -z "${LIBTORCH_USE_PYTORCH:-}" ] || return 0
    if [ -z "${TORCH_FLAVOR:-}" ] && is_libtorch .libtorch; then
        case $(realpath .libtorch)/ in "$cache"/*) ;; *) return 0 ;; esac
    fi
    return 1
}

obtain_libtorch() {
    local target
    target=$(python3 scripts/libtorch.py get "$1")
    if [ -e .libtorch ] && [ ! -L .libtorch ]; then
        stop ".libtorch is in the way: it should be a link to $target. Move it away and run this again."
    fi
    [ "$(readlink .libtorch || true)" = "$target" ] || ln -sfn "$target" .libtorch
}

# ---- all of it -----------------------------------------------------------------------------------

case $purpose in
    build) needs=$build_needs ;;
    run) needs=$build_needs$'\n'$run_needs ;;
    test) needs=$build_needs$'\n'$run_needs$'\n'$test_needs ;;
    *) stop "scripts/setup.sh takes build, run or test, not '$purpose'." ;;
esac

check_machine
check_rust

wants_libtorch=
cache=$(cache_dir)
if ! chosen_libtorch; then
    wants_libtorch=$(flavour)
    if ! { have python3 && python3 scripts/libtorch.py check "$wants_libtorch"; }; then
        needs=$needs$'\n'$pip_needs
    fi
fi
[ "${SYSTEM_PACKAGES:-}" = skip ] || install_missing "$needs"
have c++ || have g++ || stop "a C++ compiler is missing: install g++."
[ -z "$wants_libtorch" ] || obtain_libtorch "$wants_libtorch"
