#!/usr/bin/env bash
# Makes dist/ out of what `make build` left: a .deb, an .rpm and a portable .tar.zst, all of the one tree that
# scripts/stage.py lays out. Offline, once scripts/release_tools.sh has built the two packing tools.
#
#   scripts/package.sh [deb|rpm|portable]…     all three without words
set -euo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

wanted=${*:-deb rpm portable}
version=$(package_version)
portable=harmonium-$version-linux-x86_64
: "${SOURCE_DATE_EPOCH:=$(git log -1 --format=%ct 2>/dev/null || date +%s)}"
export SOURCE_DATE_EPOCH

tools=$(scripts/release_tools.sh package)
rm -rf dist
mkdir -p dist/tree
say "Laying out dist/tree …"
python3 scripts/stage.py dist/tree/usr
find dist/tree -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" '{}' +

# It must start with nothing but itself.
if ! answer=$(env -i dist/tree/usr/bin/harmonium --version); then
    stop "the packaged program does not start."
fi
say "$answer starts from dist/tree"

# pack TOOL OPTION…: in a manifest and a target folder of its own; nothing is compiled.
pack() {
    CARGO_TARGET_DIR=$root/dist/manifest/target CARGO_NET_OFFLINE=true PATH=$tools:$PATH \
        "$tools/$1" "${@:2}"
}

# Its slower compression takes minutes and saves a tenth.
make_deb() {
    have dpkg-shlibdeps || stop "a .deb wants dpkg-shlibdeps (package dpkg-dev); scripts/package.sh rpm portable goes without."
    pack cargo-deb deb --quiet --manifest-path dist/manifest/Cargo.toml --no-build --no-strip \
        --fast --output dist/
}

make_rpm() {
    (cd dist/manifest && pack cargo-generate-rpm generate-rpm --source-date "$SOURCE_DATE_EPOCH" \
        --payload-compress zstd --output "$root/dist/")
}

make_portable() {
    have zstd || stop "a .tar.zst wants zstd; scripts/package.sh deb rpm goes without."
    local folder=dist/$portable
    mkdir "$folder"
    # Links on the disk, copies in the archive.
    cp -al dist/tree/usr/. "$folder/"
    install -m 755 packaging/linux/install.sh "$folder/install.sh"
    install -m 644 packaging/linux/PORTABLE.md "$folder/README.md"
    ln -s bin/harmonium "$folder/harmonium"
    tar --sort=name --owner=0 --group=0 --numeric-owner "--mtime=@$SOURCE_DATE_EPOCH" --hard-dereference \
        -C dist -cf - "$portable" | zstd --quiet --force -T0 -12 -o "$folder.tar.zst"
    rm -rf "$folder"
}

python3 scripts/package_manifest.py dist/tree dist/manifest
for kind in $wanted; do
    say "Packing $kind …"
    "make_$kind"
done
rm -rf dist/manifest/target
cd dist
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS
say "dist/:"
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%s %P\n' | sort -k 2 |
    awk '{ printf "  %-48s %6.1f MB\n", $2, $1 / 1e6 }' >&2
say "  unpacked $(du -sm --apparent-size tree | cut -f1) MiB"
