//! Words that only this machine knows: who runs the program here, and what the time is.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Who has a project open, for others to read: "ann on studio, process 4711, since 14:02".
pub fn holder_words() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| {
        let value = std::env::var(name).ok()?;
        (!value.is_empty()).then_some(value)
    });
    let user = user.unwrap_or_else(|| "somebody".to_owned());
    let process = std::process::id();
    let since = local_time_words(now_secs());
    match host_name() {
        Some(host) => format!("{user} on {host}, process {process}, since {since}"),
        None => format!("{user}, process {process}, since {since}"),
    }
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
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}

/// By the clock on this machine's wall: "2026-11-23 14:02".
pub fn local_time_words(secs: u64) -> String {
    words_in(secs, TimeZone::system())
}

fn words_in(secs: u64, zone: TimeZone) -> String {
    let time = i64::try_from(secs).ok().and_then(|secs| Timestamp::from_second(secs).ok());
    time.map_or_else(
        || "at an unknown time".to_owned(),
        |time| time.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_has_the_words_of_its_zone() {
        let zone = |hours| TimeZone::fixed(jiff::tz::offset(hours));
        assert_eq!(words_in(1_795_442_400, zone(0)), "2026-11-23 14:00");
        assert_eq!(words_in(1_795_442_400, zone(-10)), "2026-11-23 04:00");
        assert_eq!(words_in(u64::MAX, zone(0)), "at an unknown time");
    }

    #[test]
    fn who_holds_a_project_is_said_in_one_line() {
        let words = holder_words();
        assert!(words.contains(&std::process::id().to_string()) && !words.contains('\n'));
    }
}
