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
    Some(memory_bytes("MemTotal:")? as f64 / f64::from(1 << 30))
}

/// Memory that programs can still have, in bytes, where the system says it.
pub fn free_memory_bytes() -> Option<u64> {
    memory_bytes("MemAvailable:")
}

fn memory_bytes(kind: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(kind))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib << 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machine_has_a_name_and_memory() {
        assert!(operating_system().contains(std::env::consts::ARCH));
        if cfg!(target_os = "linux") {
            assert!(memory_gib().unwrap() > 0.1);
            assert!(free_memory_bytes().unwrap() > 1 << 20);
        }
    }
}
