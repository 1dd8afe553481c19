//! The machine in words, for diagnostics and error reports.

use std::fs;
use std::path::Path;

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
///
/// A limit for this process (`ulimit -v`) or its control group counts too.
pub fn free_memory_bytes() -> Option<u64> {
    let limits = [memory_bytes("MemAvailable:"), left_to_process(), left_to_group()];
    limits.into_iter().flatten().min()
}

/// Below the limit of this process's address space.
#[cfg(unix)]
fn left_to_process() -> Option<u64> {
    let limit = rustix::process::getrlimit(rustix::process::Resource::As).current?;
    let status = fs::read_to_string("/proc/self/status").ok()?;
    Some(limit.saturating_sub(kib_bytes(&status, "VmSize:")?))
}

#[cfg(not(unix))]
fn left_to_process() -> Option<u64> {
    None
}

/// Below the limit of the container or service that it runs in.
fn left_to_group() -> Option<u64> {
    let number = |name: &str| {
        let text = fs::read_to_string(Path::new("/sys/fs/cgroup").join(name)).ok()?;
        text.trim().parse::<u64>().ok()
    };
    let (limit, used) = (number("memory.max")?, number("memory.current")?);
    // The cache of files gives way.
    let stat = fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let caches = ["inactive_file ", "active_file ", "slab_reclaimable "];
    let bytes = |kind: &str| -> Option<u64> {
        stat.lines().find_map(|line| line.strip_prefix(kind))?.parse().ok()
    };
    let cache: u64 = caches.into_iter().filter_map(bytes).sum();
    Some(limit.saturating_sub(used.saturating_sub(cache)))
}

/// What the user may still write on the disk of a folder, in bytes, where the system says it.
pub fn free_disk_bytes(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    let free = rustix::fs::statvfs(folder).ok().map(|facts| facts.f_bavail * facts.f_frsize);
    #[cfg(not(unix))]
    let free = folder.exists().then_some(u64::MAX);
    free
}

fn memory_bytes(kind: &str) -> Option<u64> {
    kib_bytes(&fs::read_to_string("/proc/meminfo").ok()?, kind)
}

/// Of a line such as "VmSize:    4711 kB".
fn kib_bytes(text: &str, kind: &str) -> Option<u64> {
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
            assert!(free_disk_bytes(Path::new("/")).is_some());
            assert_eq!(free_disk_bytes(Path::new("/no/such/folder")), None);
        }
    }
}
