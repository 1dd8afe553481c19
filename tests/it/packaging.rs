//! What ships, and what it says about itself: the tree that every package is made of, the portable
//! archive's installer, desktop entry, metainfo, icons, manual pages and completions.
//!
//! Whole packages are tried by `make try-package` (scripts/try_package.py); nothing here packs one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use clap::CommandFactory as _;
use harmonium::cli::Arguments;

use crate::world::write_trained;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A command that sees the executables under test.
fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let built = Path::new(env!("CARGO_BIN_EXE_harmonium"));
    let target = built.ancestors().nth(2).expect("a target folder");
    let mut command = Command::new(program);
    command.current_dir(root()).env("CARGO_TARGET_DIR", target).env("LC_ALL", "C.UTF-8");
    command.env_remove("HOMEPAGE");
    command
}

fn succeeds(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed:\n{said}{complained}");
    output
}

fn is_there(tool: &str) -> bool {
    let found = Command::new(tool).arg("--help").output().is_ok();
    if !found {
        println!("not tried: {tool} is not installed");
    }
    found
}

/// Files and links below a folder with their contents; folders with none.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in fs::read_dir(&next).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            let name = path.strip_prefix(folder).unwrap().to_owned();
            if kind.is_dir() {
                found.insert(name, Vec::new());
                waiting.push(path);
            } else if kind.is_symlink() {
                found.insert(
                    name,
                    fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes(),
                );
            } else {
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn what_ships_is_what_the_list_says() {
    let listed = fs::read_to_string(root().join("packaging/contents.txt")).unwrap();
    let listed = listed.replace("@VERSION@", env!("CARGO_PKG_VERSION"));
    let staged = succeeds(command("python3").args(["scripts/stage.py", "--list"])).stdout;
    let staged = String::from_utf8(staged).unwrap();
    let (listed, staged): (Vec<&str>, Vec<&str>) =
        (listed.lines().collect(), staged.lines().collect());
    let missing: Vec<_> = listed.iter().filter(|path| !staged.contains(path)).collect();
    let more: Vec<_> = staged.iter().filter(|path| !listed.contains(path)).collect();
    assert!(
        missing.is_empty() && more.is_empty(),
        "packaging/contents.txt lists {missing:?}, which do not ship; these ship and are not listed: \
         {more:?}. If that is meant: make contents"
    );
}

#[test]
fn installing_for_one_person_and_uninstalling_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("unpacked");
    succeeds(command("python3").args(["scripts/stage.py", "--linked"]).arg(&archive));
    fs::copy(root().join("packaging/linux/install.sh"), archive.join("install.sh")).unwrap();

    // A home with things in it, some of them where Harmonium's go, and a name with a space.
    let home = folder.path().join("some body");
    let own = [".local/share/applications/other.desktop", ".local/bin/tool", "song.harmonium"];
    for name in own {
        fs::create_dir_all(home.join(name).parent().unwrap()).unwrap();
        fs::write(home.join(name), "[Desktop Entry]\nType=Application\nName=O\nExec=o\n").unwrap();
    }
    let before = tree(&home);
    let prefix = home.join(".local");
    let install = || {
        let mut shell = Command::new("sh");
        shell.arg(archive.join("install.sh")).current_dir("/").env("HOME", &home);
        shell
    };
    succeeds(&mut install());
    // Again, as an update does.
    succeeds(&mut install());

    let said = succeeds(Command::new(prefix.join("bin/harmonium")).arg("--version").env_clear());
    assert!(String::from_utf8_lossy(&said.stdout).contains(env!("CARGO_PKG_VERSION")));
    let entry = fs::read_to_string(prefix.join("share/applications/harmonium.desktop")).unwrap();
    let program = prefix.join("bin/harmonium");
    assert!(entry.contains(&format!("Exec=\"{}\" %F", program.display())), "{entry}");
    assert!(entry.contains(&format!("Exec=\"{}\" --new-window", program.display())), "{entry}");
    if is_there("desktop-file-validate") {
        let entry = prefix.join("share/applications/harmonium.desktop");
        succeeds(Command::new("desktop-file-validate").arg(entry));
    }
    for relative in
        ["share/harmonium/soundfonts/harmonium-gm.sf3", "lib/harmonium/harmonium-font-probe"]
    {
        assert!(prefix.join(relative).exists(), "{relative} is missing");
    }

    succeeds(Command::new(prefix.join("share/harmonium/uninstall.sh")).current_dir("/"));
    let after = tree(&home);
    // A cache of the entries of others is theirs.
    let is_cache = |path: &Path| path.ends_with("mimeinfo.cache");
    let left: Vec<_> =
        after.keys().filter(|path| !before.contains_key(*path) && !is_cache(path)).collect();
    assert!(left.is_empty(), "left behind: {left:?}");
    for (path, contents) in &before {
        assert_eq!(after.get(path), Some(contents), "{} is not as it was", path.display());
    }
}

#[test]
fn the_installer_refuses_what_it_cannot_do_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let script = root().join("packaging/linux/install.sh");
    let cases: [(&[&str], &str); 4] = [
        (&["--prefix", "/nowhere/at all", "--uninstall"], "there is no Harmonium in"),
        (&["--prefix", "/tmp/a$b"], "cannot hold"),
        (&["--sideways"], "unknown option --sideways"),
        (&[], "unpack the whole archive"),
    ];
    for (arguments, words) in cases {
        let output = Command::new("sh")
            .arg(&script)
            .args(arguments)
            .env("HOME", folder.path())
            .output()
            .unwrap();
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success(), "{arguments:?}");
        assert!(complained.contains(words), "{arguments:?}: {complained}");
    }
    assert!(tree(folder.path()).is_empty());
}

/// The value of a key of the desktop entry.
fn entry_value(key: &str) -> String {
    let entry = fs::read_to_string(root().join("packaging/linux/harmonium.desktop")).unwrap();
    let line = entry.lines().find_map(|line| line.strip_prefix(&format!("{key}=")));
    line.unwrap_or_else(|| panic!("{key} is missing in the desktop entry")).to_owned()
}

#[test]
fn the_desktop_entry_opens_files_and_belongs_to_the_window() {
    let window = fs::read_to_string(root().join("src/app/window.rs")).unwrap();
    let id = entry_value("StartupWMClass");
    assert!(
        window.contains(&format!(".with_app_id(\"{id}\")")),
        "the window has another name: {id}"
    );
    assert_eq!(id, "harmonium", "Wayland finds the icon by the entry's own name");
    assert_eq!(entry_value("Exec"), "harmonium %F");
    let types = entry_value("MimeType");
    for kind in ["application/x-harmonium", "audio/midi"] {
        assert!(types.split(';').any(|listed| listed == kind), "{kind} is missing");
    }
    if is_there("desktop-file-validate") {
        let path = root().join("packaging/linux/harmonium.desktop");
        let output = succeeds(Command::new("desktop-file-validate").arg(path));
        assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn the_metainfo_is_valid_with_and_without_an_address() {
    let folder = tempfile::tempdir().unwrap();
    for homepage in [None, Some("https://harmonium.example/")] {
        let path = folder.path().join("org.harmonium_studio.harmonium.metainfo.xml");
        let mut write = command("python3");
        if let Some(address) = homepage {
            write.env("HOMEPAGE", address);
        }
        succeeds(write.arg("scripts/metainfo.py").arg(&path));
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains('@'), "something was not filled in:\n{text}");
        let release = format!("<release version=\"{}\"", env!("CARGO_PKG_VERSION"));
        assert!(text.contains(&release), "{text}");
        let pictures: Vec<&str> = text
            .split("/docs/gallery/")
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap())
            .collect();
        assert_eq!(pictures.is_empty(), homepage.is_none());
        for picture in pictures {
            assert!(root().join("docs/gallery").join(picture).exists(), "{picture}");
        }
        if is_there("appstreamcli") {
            succeeds(
                Command::new("appstreamcli").args(["validate", "--no-net", "--strict"]).arg(&path),
            );
        }
    }
}

#[test]
fn projects_are_recognised_by_the_bytes_that_we_write() {
    let xml = fs::read_to_string(root().join("packaging/linux/harmonium-mime.xml")).unwrap();
    let attribute = |name: &str| {
        let rest = xml.split(&format!("{name}=\"")).nth(1).expect("the attribute");
        rest.split('"').next().unwrap().replace("&quot;", "\"")
    };
    let (offset, magic) = (attribute("offset").parse::<usize>().unwrap(), attribute("value"));
    let folder = tempfile::tempdir().unwrap();
    let written = fs::read(write_trained(folder.path())).unwrap();
    assert_eq!(&written[offset..offset + magic.len()], magic.as_bytes());
}

#[test]
fn the_icon_is_there_in_every_size() {
    let icons = root().join("packaging/icons");
    for size in [16_u32, 22, 24, 32, 48, 64, 128, 256, 512] {
        let bytes = fs::read(icons.join(format!("harmonium-{size}.png"))).unwrap();
        assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{size}");
        // Width and height begin the first chunk.
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (size, size));
    }
    let ico = fs::read(icons.join("harmonium.ico")).unwrap();
    let count = usize::from(u16::from_le_bytes([ico[4], ico[5]]));
    // A width of 256 is written as 0.
    let widths: Vec<u8> = (0..count).map(|i| ico[6 + 16 * i]).collect();
    assert_eq!(widths, [16, 24, 32, 48, 64, 128, 0]);
    let icns = fs::read(icons.join("harmonium.icns")).unwrap();
    assert_eq!(&icns[..4], b"icns");
    assert_eq!(u32::from_be_bytes(icns[4..8].try_into().unwrap()) as usize, icns.len());
}

#[test]
fn manual_pages_and_completions_know_every_command_and_option() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(command(env!("CARGO_BIN_EXE_harmonium")).arg("shell-files").arg(folder.path()));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let completions: Vec<(&str, String)> =
        ["bash/harmonium", "zsh/_harmonium", "fish/harmonium.fish"]
            .map(|name| (name, read(name)))
            .into();
    let whole = Arguments::command();
    for command in whole.get_subcommands() {
        let page = folder.path().join(format!("man/harmonium-{}.1", command.get_name()));
        assert_eq!(page.exists(), !command.is_hide_set(), "{}", page.display());
        if command.is_hide_set() {
            let mut all = completions.iter();
            assert!(
                !all.any(|(_, text)| text.contains(command.get_name())),
                "{}",
                command.get_name()
            );
            continue;
        }
        // roff writes its hyphens with a backslash.
        let page = fs::read_to_string(page).unwrap().replace('\\', "");
        let visible = command.get_arguments().filter(|argument| !argument.is_hide_set());
        for option in visible.filter_map(|argument| argument.get_long()) {
            assert!(page.contains(&format!("--{option}")), "--{option} is not in the manual page");
            for (name, text) in &completions {
                let long = [format!("--{option}"), format!("-l {option}")];
                assert!(long.iter().any(|long| text.contains(long)), "{name} lacks --{option}");
            }
        }
    }
    assert!(read("man/harmonium.1").contains("Exit status"));
    for (shell, file) in
        [("bash", "bash/harmonium"), ("zsh", "zsh/_harmonium"), ("fish", "fish/harmonium.fish")]
    {
        if is_there(shell) {
            succeeds(Command::new(shell).arg("-n").arg(folder.path().join(file)));
        }
    }
}

#[test]
fn a_packaged_executable_names_nothing_of_the_machine_that_built_it() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("harmonium-font-probe");
    fs::copy(env!("CARGO_BIN_EXE_harmonium-font-probe"), &copy).unwrap();
    let check = || {
        command("python3").args(["scripts/clean_elf.py", "--check"]).arg(&copy).output().unwrap()
    };
    assert!(
        !check().status.success(),
        "a build for development searches the libtorch that it was built with"
    );
    succeeds(Command::new("strip").arg("--strip-debug").arg(&copy));
    succeeds(command("python3").arg("scripts/clean_elf.py").arg(&copy));
    assert!(check().status.success(), "{}", String::from_utf8_lossy(&check().stdout));
    let bytes = fs::read(&copy).unwrap();
    let registry = format!("{}/registry/src/", cargo_home().display());
    assert!(!contains(&bytes, registry.as_bytes()), "a path of Cargo's registry is left");
    // It still runs: without a font to try it says how it is used.
    let output = Command::new(&copy).env_clear().output().unwrap();
    assert!(output.status.code().is_some(), "it crashes");
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn cargo_home() -> PathBuf {
    let named = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    named.unwrap_or_else(|| {
        PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo")
    })
}

#[test]
fn packages_ask_for_the_libraries_that_set_up_installs() {
    let setup = fs::read_to_string(root().join("scripts/setup.sh")).unwrap();
    let listed = fs::read_to_string(root().join("packaging/linux/libraries.txt")).unwrap();
    let listed: Vec<(&str, &str)> = listed
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .map(|(name, package)| (name, package.trim()))
        .collect();
    let wanted = setup
        .lines()
        .filter_map(|line| line.split("library ").nth(1))
        .filter(|rest| rest.contains('|'));
    let wanted: Vec<(&str, &str)> = wanted
        .map(|rest| {
            let mut columns = rest.split('|');
            (columns.next().unwrap(), columns.next().unwrap())
        })
        .collect();
    assert_eq!(listed, wanted, "packaging/linux/libraries.txt and scripts/setup.sh differ");
}

#[test]
fn what_waits_for_macos_and_windows_is_well_formed() {
    let folder = tempfile::tempdir().unwrap();
    let read_plist = "import plistlib, sys\n\
        kinds = plistlib.load(open(sys.argv[1], 'rb'))['CFBundleDocumentTypes']\n\
        print([(kind['CFBundleTypeName'], kind['LSHandlerRank']) for kind in kinds])";
    let plist = root().join("packaging/macos/Info.plist");
    let kinds = succeeds(Command::new("python3").args(["-c", read_plist]).arg(plist)).stdout;
    let kinds = String::from_utf8(kinds).unwrap();
    assert!(kinds.contains("('Harmonium project', 'Owner')"), "{kinds}");
    assert!(kinds.contains("('MIDI file', 'Alternate')"), "MIDI files keep their program: {kinds}");
    succeeds(Command::new("bash").arg("-n").arg(root().join("packaging/macos/bundle.sh")));
    if is_there("makensis") {
        let (payload, setup) =
            (folder.path().join("payload"), folder.path().join("setup-harmonium.exe"));
        fs::create_dir(&payload).unwrap();
        fs::write(payload.join("harmonium-window.exe"), "stands in for the program").unwrap();
        let define = |name: &str, value: &Path| format!("-D{name}={}", value.display());
        let script = root().join("packaging/windows/harmonium.nsi");
        let version = format!("-DVERSION={}", env!("CARGO_PKG_VERSION"));
        let mut compile = Command::new("makensis");
        compile.args([
            "-V2",
            "-WX",
            &version,
            &define("PAYLOAD", &payload),
            &define("OUT", &setup),
        ]);
        succeeds(compile.arg(script));
        assert!(fs::read(setup).unwrap().starts_with(b"MZ"));
    }
}
