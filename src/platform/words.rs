//! Words that only this machine knows: who runs the program here, and what the time is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use flexi_logger::DeferredNow;

/// Moments further away than a century are a clock that was never set.
const FAR: Duration = Duration::from_hours(24 * 365 * 100);

/// Who has a project open, for others to read: "ann on studio, process 4711, since 14:02".
pub fn holder_words() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    let user = user.or_else(account_name).unwrap_or_else(|| "somebody".to_owned());
    let process = std::process::id();
    let since = local_time_words(now_secs());
    match host_name() {
        Some(host) => format!("{user} on {host}, process {process}, since {since}"),
        None => format!("{user}, process {process}, since {since}"),
    }
}

/// Whose process this is by the list of accounts, where the environment does not say it: services
/// and containers often leave it out.
#[cfg(unix)]
fn account_name() -> Option<String> {
    let list = std::fs::read_to_string("/etc/passwd").ok()?;
    name_in(&list, rustix::process::getuid().as_raw())
}

#[cfg(not(unix))]
fn account_name() -> Option<String> {
    None
}

/// The account of a number in a list such as /etc/passwd; its lines are "name:password:number:…".
#[cfg(unix)]
fn name_in(list: &str, number: u32) -> Option<String> {
    let of_line = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1)?.parse() == Ok(number)).then(|| name.to_owned())
    };
    list.lines().find_map(of_line)
}

/// The name of this machine, where the system gives it away.
pub(super) fn host_name() -> Option<String> {
    #[cfg(unix)]
    let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    (!name.is_empty()).then_some(name)
}

/// Seconds since 1970 in universal time.
pub fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs())
}

/// By the clock on this machine's wall: "2026-11-23 14:02".
pub fn local_time_words(secs: u64) -> String {
    let mut now = DeferredNow::new();
    let now_secs = now_secs();
    let away = Duration::from_secs(now_secs.abs_diff(secs));
    if away > FAR {
        return "at an unknown time".to_owned();
    }
    // With the offset that the zone had at that moment, not now.
    let time = if secs > now_secs { *now.now() + away } else { *now.now() - away };
    time.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_told_by_the_clock_of_the_machine() {
        let hours = |words: &str| words[11..13].parse::<i64>().unwrap();
        let now = now_secs();
        let (then, later) = (local_time_words(now - 7200), local_time_words(now));
        // Unless the clocks were changed in between.
        assert!(
            (1..=3).contains(&(hours(&later) - hours(&then)).rem_euclid(24)),
            "{then}, {later}"
        );
        assert!(local_time_words(now + 86_400) > later);
        assert_eq!(local_time_words(u64::MAX), "at an unknown time");
        assert!(local_time_words(1_600_000_000).starts_with("2020-09-1"));
    }

    #[cfg(unix)]
    #[test]
    fn an_account_is_found_by_its_number() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\n\n:x:7:::\nbroken\nann:x:1000:1000::/home/ann:\n";
        assert_eq!(name_in(list, 1000).as_deref(), Some("ann"));
        assert_eq!(name_in(list, 0).as_deref(), Some("root"));
        assert_eq!((name_in(list, 7), name_in(list, 10)), (None, None));
    }

    #[test]
    fn who_holds_a_project_is_said_in_one_line() {
        let words = holder_words();
        assert!(words.contains(&std::process::id().to_string()) && !words.contains('\n'));
    }
}
