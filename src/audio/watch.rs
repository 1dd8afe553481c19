//! How long the audio thread waits for what: whether the callback still comes, and when to look for
//! a device again.

use std::time::{Duration, Instant};

/// Limits; tests take others.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Between two looks at the callback.
    pub(super) look: Duration,
    /// So many looks without a new block, and the device has stalled. Looks are counted and not
    /// time, because a program that was stopped itself, or starved, has looked once only.
    pub(super) looks: u32,
    /// The same until the first block: some devices wake slowly.
    pub(super) first_looks: u32,
    /// An opening that takes longer is spoken of.
    pub(super) opening: Duration,
    /// Between attempts to get a device back, while something should play.
    pub(super) between_attempts: Duration,
    /// The same while nothing should.
    pub(super) between_idle_attempts: Duration,
    /// Between two looks whether the system has another default device.
    pub(super) default_device: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            look: Duration::from_millis(200),
            looks: 6,
            first_looks: 20,
            opening: Duration::from_millis(1500),
            between_attempts: Duration::from_secs(2),
            between_idle_attempts: Duration::from_secs(10),
            default_device: Duration::from_secs(1),
        }
    }
}

/// Whether a callback still comes.
#[derive(Debug)]
pub(super) struct Heartbeat {
    n_blocks: u64,
    has_begun: bool,
    looked_at: Instant,
    n_still: u32,
}

impl Heartbeat {
    pub(super) fn new(n_blocks: u64, now: Instant) -> Self {
        Self { n_blocks, has_begun: false, looked_at: now, n_still: 0 }
    }

    /// Whether the device has stalled, by the blocks that it has taken so far.
    pub(super) fn has_stalled(&mut self, n_blocks: u64, now: Instant, patience: &Patience) -> bool {
        if n_blocks != self.n_blocks {
            *self = Self { n_blocks, has_begun: true, looked_at: now, n_still: 0 };
            return false;
        }
        if now.duration_since(self.looked_at) < patience.look {
            return false;
        }
        self.looked_at = now;
        self.n_still += 1;
        self.n_still >= if self.has_begun { patience.looks } else { patience.first_looks }
    }
}

/// Waits before the first attempts to get a device back; a sound server that was restarted is there
/// again within them. After that [`Patience`] says how often.
const QUICK_MILLIS: [u64; 5] = [100, 250, 500, 1000, 2000];

/// When the next attempt is due.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    next: Option<Instant>,
    n_made: usize,
}

impl Attempts {
    /// Nothing to look for.
    pub(super) fn end(&mut self) {
        *self = Self::default();
    }

    /// A device is missing from now on.
    pub(super) fn begin(&mut self, now: Instant) {
        *self = Self { next: Some(now + Duration::from_millis(QUICK_MILLIS[0])), n_made: 0 };
    }

    /// One is being made; the next is due some time after it has failed.
    pub(super) fn made(&mut self) {
        self.next = None;
        self.n_made += 1;
    }

    pub(super) fn failed(&mut self, now: Instant, is_wanted: bool, patience: &Patience) {
        let quick = QUICK_MILLIS.get(self.n_made).copied().map(Duration::from_millis);
        let later =
            if is_wanted { patience.between_attempts } else { patience.between_idle_attempts };
        self.next = Some(now + quick.unwrap_or(later).min(later));
    }

    /// Somebody waits for it now who did not when the next was set.
    pub(super) fn hasten(&mut self, now: Instant) {
        self.next = self.next.map(|next| next.min(now));
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// Until the next one.
    pub(super) fn wait(&self, now: Instant) -> Option<Duration> {
        self.next.map(|next| next.saturating_duration_since(now))
    }

    /// Whether the first ones are not over yet.
    pub(super) fn is_quick(&self) -> bool {
        self.n_made < QUICK_MILLIS.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Duration = Duration::from_millis(200);

    #[test]
    fn a_callback_that_no_longer_comes_is_noticed_within_two_seconds() {
        let (start, patience) = (Instant::now(), Patience::default());
        let mut heart = Heartbeat::new(7, start);
        assert!(!heart.has_stalled(8, start + LOOK, &patience));
        let noticed =
            (2..1000).find(|n| heart.has_stalled(8, start + LOOK * *n, &patience)).unwrap();
        assert!(LOOK * (noticed - 1) < Duration::from_millis(1500), "look {noticed}");
    }

    #[test]
    fn a_device_may_take_longer_to_begin_and_a_stopped_program_counts_once() {
        let (start, patience) = (Instant::now(), Patience::default());
        let mut heart = Heartbeat::new(0, start);
        let noticed =
            (1..1000).find(|n| heart.has_stalled(0, start + LOOK * *n, &patience)).unwrap();
        assert_eq!(noticed, patience.first_looks);
        let mut heart = Heartbeat::new(0, start);
        assert!(!heart.has_stalled(1, start, &patience));
        assert!(!heart.has_stalled(1, start + Duration::from_hours(1), &patience));
        assert!(!heart.has_stalled(2, start + Duration::from_secs(3601), &patience));
    }

    #[test]
    fn attempts_go_on_for_ever_and_slower_while_nothing_should_play() {
        let (mut now, patience) = (Instant::now(), Patience::default());
        let mut attempts = Attempts::default();
        assert!(!attempts.is_due(now) && attempts.wait(now).is_none());
        attempts.begin(now);
        let mut waits = Vec::new();
        for n in 0..1000 {
            let wait = attempts.wait(now).unwrap();
            now += wait;
            assert!(attempts.is_due(now));
            assert_eq!(attempts.is_quick(), n < 5);
            waits.push(wait.as_millis());
            attempts.made();
            assert!(!attempts.is_due(now), "while one is being made");
            attempts.failed(now, n < 900, &patience);
        }
        assert_eq!(waits[..6], [100, 250, 500, 1000, 2000, 2000]);
        assert!(waits[6..900].iter().all(|wait| *wait == 2000));
        assert!(waits[902..].iter().all(|wait| *wait == 10_000));
        attempts.hasten(now);
        assert!(attempts.is_due(now));
        attempts.end();
        assert!(attempts.wait(now).is_none());
    }
}
