#!/usr/bin/env bash
# Type-checks the whole program for Windows and macOS on this machine: no linker, no libtorch and no C compiler of
# theirs. Says nothing about whether it links or runs there.
#
#   scripts/check_elsewhere.sh [TARGET]…
#
# Build scripts compile C on the way, which a check never looks at: a stand-in takes their place that makes empty
# files. torch-sys leaves its own out with the feature that documentation is built with.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

# The synthesiser has ready-made bindings for Intel's Macs only; Rust's own code sees no difference.
targets=("${@:-x86_64-pc-windows-gnu}")
[ $# -gt 0 ] || targets+=(x86_64-apple-darwin)

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/cc" <<'CC'
#!/bin/sh
# Asked what it is, it is clang; asked to compile, it leaves an empty object.
while [ $# -gt 0 ]; do
    case $1 in
        -E) echo 'clang'; exit 0 ;;
        -o) shift; : >"$1" ;;
        -o*) : >"${1#-o}" ;;
    esac
    shift
done
CC
cat >"$work/ar" <<'AR'
#!/bin/sh
for word; do
    case $word in
        *.a | *.lib) printf '!<arch>\n' >"$word" ;;
    esac
done
AR
chmod +x "$work/cc" "$work/ar"

export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$root/target}/elsewhere
for target in "${targets[@]}"; do
    if have rustup && ! rustup target list --installed | grep -qx "$target"; then
        rustup target add "$target"
    fi
    name=${target//-/_}
    say "== $target"
    env "CC_$name=$work/cc" "CXX_$name=$work/cc" "AR_$name=$work/ar" SDKROOT="$work" \
        cargo check --release --locked --target "$target" --lib --bins \
        --features tch/doc-only,torch-sys/doc-only,window-launcher
done
