//! The machine in words, for diagnostics and error reports.

use std::fs;

/// The operating system and its version, and the processor's kind.
pub fn operating_system() -> String {
    let name = fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
        line.map(|name| name.trim_matches('"').to_owned())
    });
    let name = name.unwrap_or_else(|| std::env::consts::OS.to_owned());
    format!("{name}, {}", std::env::consts::ARCH)
}

/// Main memory in GiB, where the system says it.
pub fn memory_gib() -> Option<f64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / f64::from(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_a_name_and_memory() {
        assert!(operating_system().contains(std::env::consts::ARCH));
        if cfg!(target_os = "linux") {
            assert!(memory_gib().unwrap() > 0.1);
        }
    }
}
