# shellcheck shell=bash
# What package.sh and install.sh both lay out. Sourced after common.sh.

# The five libraries that the program is loaded with on any machine. CUDA's are found at run time where they are.
release_libraries=(libtorch_cpu.so libc10.so libgomp.so.1 libcudart.so.13 libcupti.so.13)

# The libtorch of this checkout: named in the environment, or linked in by set-up.
libtorch_folder() {
    local folder=${LIBTORCH:-.libtorch}
    [ -e "$folder/lib/libtorch_cpu.so" ] || stop "libtorch is not here yet; run make build first."
    realpath "$folder"
}

# put_executables FOLDER: the program, and the one that it has SoundFonts tried by.
put_executables() {
    local name built
    for name in harmonium harmonium-font-probe; do
        built=$(release_dir)/$name
        [ -x "$built" ] || stop "$built is not there; run make build first."
        install -D -m 755 "$built" "$1/$name"
        # Line tables make up most of the file; a panic still names its place without them.
        ! have strip || strip --strip-debug "$1/$name"
        python3 scripts/set_runpath.py "$1/$name" >/dev/null
    done
}

# put_libraries FOLDER
put_libraries() {
    local from name found
    from=$(libtorch_folder)
    for name in "${release_libraries[@]}"; do
        # The second place is where pip's own layout has NVIDIA's libraries.
        found=$(find -L "$from/lib" "$from/../nvidia" -maxdepth 3 -name "$name" 2>/dev/null | head -n 1 || true)
        [ -n "$found" ] || stop "$name is not in $from"
        install -D -m 644 "$found" "$1/$name"
    done
    ! have strip || strip --strip-unneeded "$1/libtorch_cpu.so"
}

# put_data FOLDER: what the program reads when it runs. The fonts are inside it; their licences stay beside the rest.
put_data() {
    mkdir -p "$1/soundfonts"
    install -m 644 soundfonts/* "$1/soundfonts/"
    find assets -type f ! -name '*.ttf' -exec install -D -m 644 '{}' "$1/{}" ';'
}

# put_licences FOLDER
put_licences() {
    local from
    from=$(libtorch_folder)
    mkdir -p "$1/licences"
    install -m 644 LICENSE-MIT LICENSE-APACHE THIRD-PARTY-NOTICES.md "$1/"
    install -m 644 licences/* "$1/licences/"
    if [ -d "$from/licences" ]; then
        for text in torch-LICENSE torch-NOTICE nvidia-cuda-runtime-License.txt nvidia-cuda-cupti-License.txt; do
            install -m 644 "$from/licences/$text" "$1/licences/"
        done
    else
        # A libtorch of the person's own: its texts are wherever it came from.
        say "note: $from has no licences/ folder; add the licence texts of that libtorch before you pass this on."
    fi
}
