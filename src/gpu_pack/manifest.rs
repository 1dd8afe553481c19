//! Which wheels the pack is made of, pinned by their hashes.

use std::path::Path;

use super::PackError;

/// Our own list; the file says what its lines mean.
const OURS: &str = include_str!("wheels.txt");

/// Libraries out of wheels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Of libtorch: another version's pack does not go with this program.
    pub version: String,
    pub wheels: Vec<Wheel>,
}

/// A wheel and what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wheel {
    /// As pip is asked for it: "torch==2.11.0".
    pub requirement: String,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
    pub bytes: u64,
    /// File names and lengths in bytes.
    pub libraries: Vec<(String, u64)>,
}

impl Wheel {
    /// How the names of its files begin: "nvidia_cublas-13.1.0.3-".
    pub fn file_stem(&self) -> String {
        let (name, version) = self.requirement.split_once("==").unwrap_or((&self.requirement, ""));
        format!("{}-{version}-", name.replace('-', "_"))
    }

    pub fn unpacked_bytes(&self) -> u64 {
        self.libraries.iter().map(|(_, bytes)| bytes).sum()
    }
}

impl Manifest {
    /// The one that goes with this program.
    ///
    /// # Panics
    /// Never: a test reads the list.
    pub fn ours() -> Self {
        Self::parse(OURS).unwrap_or_else(|reason| unreachable!("wheels.txt: {reason}"))
    }

    /// Another list, for tests of the command line.
    ///
    /// # Errors
    /// When it cannot be read or is no list.
    pub fn read(path: &Path) -> Result<Self, PackError> {
        let text = std::fs::read_to_string(path).map_err(|error| PackError::read(path, &error))?;
        Self::parse(&text).map_err(|reason| PackError::Manifest { path: path.to_owned(), reason })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let version = lines.next().and_then(|line| line.strip_prefix("pack "));
        let version = version.ok_or("it does not begin with its version")?.to_owned();
        let wheels: Vec<Wheel> = lines.map(wheel).collect::<Result<_, _>>()?;
        if wheels.is_empty() {
            Err("it names no wheels".to_owned())
        } else {
            Ok(Self { version, wheels })
        }
    }

    pub fn download_bytes(&self) -> u64 {
        self.wheels.iter().map(|wheel| wheel.bytes).sum()
    }

    /// On disk, when it is installed.
    pub fn unpacked_bytes(&self) -> u64 {
        self.wheels.iter().map(Wheel::unpacked_bytes).sum()
    }

    /// The longest wheel, which lies on the disk beside what was unpacked before.
    pub fn longest_wheel(&self) -> u64 {
        self.wheels.iter().map(|wheel| wheel.bytes).max().unwrap_or(0)
    }

    /// Every library with its length.
    pub fn libraries(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.wheels.iter().flat_map(|wheel| &wheel.libraries);
        all.map(|(name, bytes)| (name.as_str(), *bytes))
    }
}

fn wheel(line: &str) -> Result<Wheel, String> {
    let malformed = || format!("this line is not understood: {line}");
    let mut parts = line.split_whitespace();
    let requirement = parts.next().filter(|name| name.contains("==")).ok_or_else(malformed)?;
    let sha256 = parts.next().and_then(|hash| hash.strip_prefix("sha256:"));
    let is_hash = |hash: &&str| hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let sha256 = sha256.filter(is_hash).ok_or_else(malformed)?;
    let bytes = parts.next().and_then(|bytes| bytes.parse().ok()).ok_or_else(malformed)?;
    let library = |part: &str| {
        let (name, bytes) = part.split_once('=')?;
        // A name that leads out of the folder is none.
        let is_name = !name.is_empty() && !name.contains(['/', '\\']) && name != "..";
        is_name.then_some((name.to_owned(), bytes.parse().ok()?))
    };
    let libraries: Option<Vec<_>> = parts.map(library).collect();
    let libraries = libraries.filter(|libraries| !libraries.is_empty()).ok_or_else(malformed)?;
    let (requirement, sha256) = (requirement.to_owned(), sha256.to_ascii_lowercase());
    Ok(Wheel { requirement, sha256, bytes, libraries })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_list_names_the_wheels_that_the_build_pins() {
        let ours = Manifest::ours();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
        let pinned = std::fs::read_to_string(root.join("libtorch-cuda.txt")).unwrap();
        let cpu_only = ["nvidia-cuda-runtime", "nvidia-cuda-cupti"];
        let wanted: Vec<&str> = pinned
            .lines()
            .filter(|line| {
                !line.starts_with('#') && !cpu_only.iter().any(|name| line.starts_with(name))
            })
            .collect();
        let named: Vec<String> = ours
            .wheels
            .iter()
            .map(|wheel| format!("{} --hash=sha256:{}", wheel.requirement, wheel.sha256))
            .collect();
        assert_eq!(named, wanted);
        // And the same libraries as the script of the build takes.
        let script = std::fs::read_to_string(root.join("libtorch.py")).unwrap();
        for (name, bytes) in ours.libraries() {
            assert!(script.contains(&format!("\"{name}\"")), "{name}");
            assert!(bytes > 0);
        }
        assert!(script.contains(&format!("VERSION = \"{}\"", ours.version)));
        assert_eq!(ours.wheels[1].file_stem(), "nvidia_cublas-13.1.0.3-");
        assert!(ours.download_bytes() > 2_000_000_000 && ours.unpacked_bytes() > 2_000_000_000);
    }

    #[test]
    fn a_list_that_is_none_says_what_is_wrong() {
        let hash = "a".repeat(64);
        for (text, words) in [
            (String::new(), "its version"),
            ("pack 1".to_owned(), "no wheels"),
            ("pack 1\na==1 sha256:12 3 a.so=1".to_owned(), "not understood"),
            (format!("pack 1\na==1 sha256:{hash} 3"), "not understood"),
            (format!("pack 1\na==1 sha256:{hash} 3 ../a.so=1"), "not understood"),
        ] {
            let reason = Manifest::parse(&text).unwrap_err();
            assert!(reason.contains(words), "{reason}");
        }
    }
}
