#!/usr/bin/env bash
# Makes dist/Harmonium.app on macOS out of what cargo built. NOT TRIED on a Mac: written after Apple's documents.
#
#   LIBTORCH=FOLDER packaging/macos/bundle.sh
#
# The program finds libtorch in @executable_path/../Frameworks and its data in ../Resources.
set -euo pipefail
cd "$(dirname "$0")/../.."

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
built=${CARGO_TARGET_DIR:-target}/release
torch=${LIBTORCH:-.libtorch}
app=dist/Harmonium.app/Contents
rm -rf dist/Harmonium.app
mkdir -p "$app/MacOS" "$app/Resources" "$app/Frameworks"

sed "s/@VERSION@/$version/" packaging/macos/Info.plist >"$app/Info.plist"
cp packaging/icons/harmonium.icns "$app/Resources/"
cp "$built/harmonium" "$built/harmonium-font-probe" "$app/MacOS/"
cp -R soundfonts assets "$app/Resources/"
rm -rf "$app/Resources/assets/fonts"
for library in libtorch_cpu.dylib libc10.dylib libomp.dylib; do
    cp "$torch/lib/$library" "$app/Frameworks/"
done
cp LICENSE-* THIRD-PARTY-NOTICES.md CHANGELOG.md "$app/Resources/"
cp -R licences "$app/Resources/licences"

if [ "$(uname -s)" != Darwin ]; then
    echo "The folder is laid out; search paths and signature can only be made on macOS." >&2
    exit 0
fi
# The folders that it was built with go, the bundle's own comes.
otool -l "$app/MacOS/harmonium" | awk '/LC_RPATH/ { getline; getline; print $2 }' |
    while read -r folder; do install_name_tool -delete_rpath "$folder" "$app/MacOS/harmonium"; done
install_name_tool -add_rpath @executable_path/../Frameworks "$app/MacOS/harmonium"
# Without a signature of some kind Apple's processors start nothing; for others to open it, sign with a
# certificate of yours and have it notarised instead.
codesign --force --deep --sign "${SIGNATURE:--}" dist/Harmonium.app
"$app/MacOS/harmonium" selftest
(cd dist && ditto -c -k --keepParent Harmonium.app "harmonium-$version-macos-$(uname -m).zip")
