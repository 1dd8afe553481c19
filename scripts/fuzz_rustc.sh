#!/usr/bin/env sh
# The compiler for scripts/fuzz.py (RUSTC_WRAPPER): libFuzzer's counters go into what reads, by the names of the crates
# in FUZZ_COVERED. Counted everywhere, each input would cost a look at counters of libtorch's bindings, of decoders and
# of threads that no input reaches, and where those stand would be noise.
set -eu

name=
for_target=
before=
for word in "$@"; do
    case $before in --crate-name) name=$word ;; esac
    case $word in --target | --target=*) for_target=yes ;; esac
    before=$word
done
# What only builds (build scripts, macros) has no --target.
case " $FUZZ_COVERED " in
    *" $name "*) [ -z "$for_target" ] || exec "$@" $FUZZ_FLAGS ;;
esac
exec "$@"
