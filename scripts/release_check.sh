#!/usr/bin/env bash
# Everything that must hold before dist/ is passed on. It goes on after a fault and names them all; 1 if there is one.
# Offline, once scripts/release_tools.sh has built its tools. Run it after `make package`.
set -uo pipefail
# shellcheck source=scripts/common.sh
source "$(dirname "$0")/common.sh"

version=$(package_version)
tools=$(scripts/release_tools.sh check) || exit 1
export PATH=$tools:$PATH
faults=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# check WORDS COMMAND…: says how it went, and what the command said if it failed.
check() {
    local words=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        say "ok      $words"
    else
        faults=$((faults + 1))
        say "FAILED  $words"
        head -n 20 "$work/said" | sed 's/^/          /' >&2
    fi
}

is_clean() {
    local changed
    changed=$(git status --porcelain) && [ -z "$changed" ] || { printf '%s\n' "$changed"; return 1; }
}

# Cargo.toml says the version, Cargo.lock repeats it, and nobody else knows it.
has_one_version() {
    grep -A 1 '^name = "harmonium"$' Cargo.lock | grep -qx "version = \"$version\"" ||
        { echo "Cargo.lock has another version of harmonium than Cargo.toml: $version"; return 1; }
    ! git grep -nF "$version" -- src scripts packaging build.rs Makefile
}

has_changelog_entry() {
    grep -Eq "^## \[${version//./\\.}\] - [0-9]{4}-[0-9]{2}-[0-9]{2}$" CHANGELOG.md ||
        { echo "CHANGELOG.md has no line '## [$version] - YEAR-MONTH-DAY'; its entries stand under Unreleased"; return 1; }
}

# Advisories need a database from the network, so that this is not asked here.
has_good_licences() {
    python3 scripts/crate_licences.py check && cargo deny --offline check --hide-inclusion-graph licenses bans sources
}

# expected FOLDER: the list that is committed, as the paths of a package that goes without that folder.
expected() { sed "s/@VERSION@/$version/" packaging/contents.txt | grep -v "^$1/" | LC_ALL=C sort; }

# compare FILE [FOLDER]: a package's paths, one a line, relative to the prefix. Zsh's completions stand in two folders,
# of which Debian's zsh reads one and everybody else's the other (scripts/package_manifest.py).
compare() { diff <(expected "${2:-none}") <(LC_ALL=C sort "$1"); }

the_one() {
    local found
    found=$(find dist -maxdepth 1 -name "$1")
    [ -n "$found" ] && [ "$(wc -l <<<"$found")" = 1 ] || { echo "dist/ should hold one $1; it holds: $found"; return 1; }
    printf '%s\n' "$found"
}

deb_has_what_it_should() {
    local package
    package=$(the_one '*.deb') || { echo "$package"; return 1; }
    dpkg-deb --fsys-tarfile "$package" | tar -tf - | sed -n 's|^\./usr/\(.*[^/]\)$|\1|p' >"$work/deb" &&
        sed -i -e '/^share\/lintian\/overrides\/harmonium$/d' -e '/^share\/doc\/harmonium\/changelog.Debian.gz$/d' "$work/deb" &&
        compare "$work/deb" share/zsh/site-functions
}

rpm_has_what_it_should() {
    local package
    package=$(the_one '*.rpm') || { echo "$package"; return 1; }
    rpm -qp --qf '[%{FILEMODES:perms}%{FILENAMES}\n]' "$package" 2>/dev/null | sed -n 's|^-[^/]*/usr/||p' >"$work/rpm" &&
        compare "$work/rpm" share/zsh/vendor-completions
}

portable_has_what_it_should() {
    local package
    package=$(the_one '*.tar.zst') || { echo "$package"; return 1; }
    tar --zstd -tf "$package" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' |
        grep -vx -e install.sh -e README.md -e harmonium >"$work/portable" && compare "$work/portable"
}

keeps_the_budget() {
    local what most size status=0
    while read -r what most; do
        case $what in
            '' | '#'*) continue ;;
            unpacked) size=$(du -s --bytes dist/tree | cut -f1) ;;
            program) size=$(stat -c %s dist/tree/usr/bin/harmonium) ;;
            *) size=$(stat -c %s "$(the_one "*.$what")") || return 1 ;;
        esac
        awk -v what="$what" -v size="$size" -v most="$most" 'BEGIN { printf "%s %.1f of %s MB\n", what, size / 1e6, most }' |
            tee -a "$work/sizes"
        [ "$size" -le $((most * 1000000)) ] || status=1
    done <packaging/budget.txt
    return $status
}

# Twice: by our own reader, and by readelf, which knows nothing of it.
names_no_build_machine() {
    local file
    python3 scripts/clean_elf.py --check dist/tree/usr/bin/harmonium dist/tree/usr/lib/harmonium/* || return 1
    for file in dist/tree/usr/bin/harmonium dist/tree/usr/lib/harmonium/*; do
        readelf -d "$file" | sed -n 's/.*R\(UN\)\?PATH.*\[\(.*\)\]$/\2/p' | tr : '\n' | grep -v '^\$ORIGIN\(/\|$\)' &&
            { echo "$file searches there"; return 1; }
    done
    ! grep -lF -e "$root/" -e "${CARGO_HOME:-$HOME/.cargo}/" dist/tree/usr/bin/harmonium dist/tree/usr/lib/harmonium/*
}

describes_itself() {
    desktop-file-validate dist/tree/usr/share/applications/harmonium.desktop &&
        appstreamcli validate --no-net --strict dist/tree/usr/share/metainfo/*.metainfo.xml
}

# Debian's and RPM's own checkers, where they are installed. What is right as it is stands in packaging/linux with reasons.
pleases_lintian() {
    have lintian || { echo "lintian is not installed: apt-get install lintian"; return 1; }
    lintian --allow-root --fail-on error,warning "$(the_one '*.deb')"
}

pleases_rpmlint() {
    have rpmlint || { echo "rpmlint is not installed: apt-get install rpmlint"; return 1; }
    rpmlint -c packaging/linux/rpmlint.toml "$(the_one '*.rpm')"
}

# For those who must know what is inside: everything with version, licence and checksum.
writes_bill_of_materials() {
    python3 scripts/sbom.py "dist/harmonium-$version.cdx.json" &&
        (cd dist && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum >SHA256SUMS)
}

check "the tree is clean" is_clean
check "$version stands in Cargo.toml alone" has_one_version
check "CHANGELOG.md has an entry for $version" has_changelog_entry
check "licences, bans, sources of all crates (advisories: NOT checked, they need a network)" has_good_licences
check "the .deb has what packaging/contents.txt lists" deb_has_what_it_should
check "the .rpm has it" rpm_has_what_it_should
check "the portable archive has it" portable_has_what_it_should
check "sizes keep packaging/budget.txt" keeps_the_budget
[ ! -e "$work/sizes" ] || sed 's/^/          /' "$work/sizes" >&2
check "search paths begin with \$ORIGIN, no folder of this machine is inside" names_no_build_machine
check "desktop entry and AppStream are valid" describes_itself
check "lintian finds nothing in the .deb" pleases_lintian
check "rpmlint finds nothing in the .rpm" pleases_rpmlint
check "bill of materials: dist/harmonium-$version.cdx.json" writes_bill_of_materials
say
if [ "$faults" -gt 0 ]; then
    say "$faults faults: not to be released."
    exit 1
fi
say "Ready to be released: dist/"
