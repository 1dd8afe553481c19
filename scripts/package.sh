#!/usr/bin/env bash
# Makes dist/harmonium-VERSION-linux-x86_64.tar.zst (or .tar.gz): a folder that runs from anywhere,
# without Python, Rust or a network. It computes on the CPU; with an NVIDIA GPU, build from source.
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source=scripts/release_files.sh
source "$(dirname "$0")/release_files.sh"

name=harmonium-$(package_version)-linux-x86_64
folder=dist/$name
rm -rf "$folder"
mkdir -p "$folder/source"

put_executables "$folder"
put_libraries "$folder/lib"
put_data "$folder"
put_licences "$folder"
for text in README.md CHANGELOG.md; do
    [ ! -e "$text" ] || install -m 644 "$text" "$folder/"
done
python3 scripts/crate_licences.py collect "$folder/licences/crates.txt"

# The LGPL wants FluidLite's source at hand, and Harmonium's, so that the two can be linked anew.
for crate in fluidlite fluidlite-sys; do
    version=$(grep -A 1 "^name = \"$crate\"$" Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p')
    found=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$crate-$version.crate" | head -n 1)
    [ -n "$found" ] || stop "the source of $crate $version is not in Cargo's cache; run cargo fetch."
    install -m 644 "$found" "$folder/source/"
done
tar_flags=(--sort=name --owner=0 --group=0 --numeric-owner "--mtime=@${SOURCE_DATE_EPOCH:-$(date +%s)}")
sources=()
for path in .cargo Cargo.toml Cargo.lock Makefile assets build.rs src tests benches scripts licences LICENSE-* *.md *.toml; do
    [ ! -e "$path" ] || sources+=("$path")
done
mapfile -t sources < <(printf '%s\n' "${sources[@]}" | sort -u)
tar "${tar_flags[@]}" --exclude=__pycache__ --transform "s|^|harmonium-$(package_version)/|" \
    -czf "$folder/source/harmonium-$(package_version).tar.gz" "${sources[@]}"

# It must start with nothing but itself.
if ! answer=$(env -i "$folder/harmonium" --version); then
    stop "the packaged program does not start."
fi
say "$answer starts from $folder"

if have zstd; then
    archive=dist/$name.tar.zst
    tar "${tar_flags[@]}" -C dist -cf - "$name" | zstd --quiet --force -T0 -9 -o "$archive"
else
    archive=dist/$name.tar.gz
    tar "${tar_flags[@]}" -C dist -czf "$archive" "$name"
fi
(cd dist && sha256sum "${archive#dist/}" >"${archive#dist/}.sha256")
say "$archive: $(du -h "$archive" | cut -f1), unpacked $(du -sh "$folder" | cut -f1)"
