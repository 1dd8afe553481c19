#!/bin/sh
# Installs the Harmonium of this folder for one person, without administrator rights.
#
#   ./install.sh                      into ~/.local
#   ./install.sh --prefix FOLDER      elsewhere, e.g. /opt/harmonium or, as root, /usr/local
#   ./install.sh --uninstall          take it away again (--prefix as when it was installed)
#
# It writes down what it laid where, in PREFIX/share/harmonium/installed.txt, and uninstalling removes exactly
# that. Projects, settings and music of yours are never touched.
set -eu

fail() {
    printf 'install.sh: %s\n' "$*" >&2
    exit 1
}

here=$(cd "$(dirname "$0")" && pwd -P)
prefix=
uninstalls=
while [ $# -gt 0 ]; do
    case $1 in
        --prefix)
            [ $# -ge 2 ] || fail "--prefix wants a folder"
            prefix=$2
            shift
            ;;
        --uninstall) uninstalls=yes ;;
        -h | --help)
            sed -n '2,10s/^# \{0,1\}//p' "$0"
            exit 0
            ;;
        *) fail "unknown option $1 (--help names them)" ;;
    esac
    shift
done
# The copy that an installation keeps knows where it lies: PREFIX/share/harmonium/uninstall.sh.
if [ "$(basename "$0")" = uninstall.sh ]; then
    uninstalls=yes
    [ -n "$prefix" ] || prefix=$(cd "$here/../.." && pwd -P)
fi
if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || fail "HOME is not set; say where to with --prefix FOLDER"
    prefix=$HOME/.local
fi
case $prefix in
    /*) ;;
    *) prefix=$(pwd -P)/$prefix ;;
esac
# A desktop entry gives these a meaning of their own.
case $prefix in
    *[\"\\\$\`%]* | *'
'*) fail "the folder $prefix has a character in its name that a desktop entry cannot hold" ;;
esac
list=$prefix/share/harmonium/installed.txt

# Menus and file managers read caches. Which of these programs there are is the desktop's matter.
refresh() {
    applications=$prefix/share/applications
    mime=$prefix/share/mime
    if [ -d "$applications" ] && command -v update-desktop-database >/dev/null 2>&1; then
        update-desktop-database -q "$applications" 2>/dev/null || true
    fi
    if [ -d "$mime/packages" ] && command -v update-mime-database >/dev/null 2>&1; then
        update-mime-database "$mime" >/dev/null 2>&1 || true
    fi
    if [ -d "$prefix/share/icons/hicolor" ]; then
        touch "$prefix/share/icons/hicolor" 2>/dev/null || true
    fi
}

# Caches that describe nothing any more, where ours was the only entry.
forget_caches() {
    if [ -d "$prefix/share/applications" ] && ! ls "$prefix/share/applications/"*.desktop >/dev/null 2>&1; then
        rm -f "$prefix/share/applications/mimeinfo.cache"
    fi
    mime=$prefix/share/mime
    if [ -d "$mime/packages" ] && ! ls "$mime/packages/"*.xml >/dev/null 2>&1; then
        for name in XMLnamespaces aliases generic-icons globs globs2 icons magic mime.cache subclasses treemagic \
            types version; do
            rm -f "$mime/$name"
        done
        rm -f "$mime/application/x-harmonium.xml"
    fi
}

uninstall() {
    [ -f "$list" ] || fail "there is no Harmonium in $prefix that this script installed (no $list)"
    # The list goes last: who is interrupted can begin again.
    while IFS= read -r line; do
        case $line in
            'file '*) rm -f "$prefix/${line#file }" ;;
        esac
    done <"$list"
    refresh
    forget_caches
    LC_ALL=C sort -r "$list" >"$list.folders"
    rm -f "$list"
    # Longer paths first; only folders that the installation made, and only when nobody else uses them.
    while IFS= read -r line; do
        case $line in
            'folder '*)
                folder=$prefix/${line#folder }
                folder=${folder%/.}
                [ "$folder" != "$prefix/share/harmonium" ] || rm -f "$list.folders"
                rmdir "$folder" 2>/dev/null || true
                ;;
        esac
    done <"$list.folders"
    rm -f "$list.folders"
}

# What is in the archive below bin, lib and share, and the folders that are not there yet.
write_list() {
    (cd "$here" && find bin lib share ! -type d | sed 's/^/file /'
        printf 'file share/harmonium/uninstall.sh\n'
        find bin lib share -type d | while IFS= read -r folder; do
            [ -d "$prefix/$folder" ] || printf 'folder %s\n' "$folder"
        done
        # Made by the refreshing of caches.
        for folder in . share/mime/application; do
            [ -d "$prefix/$folder" ] || printf 'folder %s\n' "$folder"
        done)
}

lay() {
    written=$(write_list) || return 1
    mkdir -p "$prefix/share/harmonium" || fail "$prefix cannot be written to"
    printf '%s\n' "$written" >"$list" || fail "$list cannot be written"
    (cd "$here" && cp -R bin lib share "$prefix/") || return 1
    cp "$here/install.sh" "$prefix/share/harmonium/uninstall.sh" || return 1
    chmod 755 "$prefix/share/harmonium/uninstall.sh"
    # Sessions need not have PREFIX/bin in their PATH.
    entry=$prefix/share/applications/harmonium.desktop
    sed -e "s|^Exec=harmonium|Exec=\"$(escaped "$prefix")/bin/harmonium\"|" \
        -e "s|^TryExec=.*|TryExec=$(escaped "$prefix")/bin/harmonium|" \
        "$here/share/applications/harmonium.desktop" >"$entry"
}

# For the right side of sed's s|…|…|.
escaped() { printf '%s' "$1" | sed 's/[&|\\]/\\&/g'; }

if [ -n "$uninstalls" ]; then
    uninstall
    printf 'Harmonium is gone from %s. Your projects, settings and music are where they were.\n' "$prefix"
    exit 0
fi
[ -x "$here/bin/harmonium" ] || fail "bin/harmonium is not beside this script; unpack the whole archive"
[ "$here" != "$prefix" ] || fail "$prefix is this folder itself; Harmonium runs from here as it is (./harmonium)"
# An update: what an earlier version had and this one has not must not stay.
if [ -f "$list" ]; then
    uninstall
fi
if ! lay; then
    uninstall
    fail "it could not be written to $prefix (is the disk full?); what was begun is removed again"
fi
refresh
"$prefix/bin/harmonium" --version
printf 'Installed in %s. It is in the menu of your desktop; to remove it: %s\n' "$prefix" \
    "$prefix/share/harmonium/uninstall.sh"
case ":${PATH:-}:" in
    *":$prefix/bin:"*) ;;
    *) printf 'For the command line, add %s to your PATH.\n' "$prefix/bin" ;;
esac
