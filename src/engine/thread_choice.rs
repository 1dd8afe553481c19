//! One thread or all of them: whichever is faster at the moment.
//!
//! Small models gain nothing from a second thread, and a core that another program keeps busy makes
//! every shared step wait for its straggler. Neither can be foreseen, so both ways are timed, and the
//! slower one is tried again for a small share of the time. The result of a run does not depend on
//! the number of threads, so changing it between two updates is free.

use std::time::Duration;

/// Updates are timed in blocks at least so long, which evens out what the scheduler does.
const BLOCK: Duration = Duration::from_millis(30);
const MIN_UPDATES: u32 = 2;
/// The first updates of another way are not counted: threads have to wake, and caches to fill.
const WARM_UP_UPDATES: u32 = 3;
/// Between two trials of the slower way, the faster one runs for so many times what the trial took.
const RUNS_PER_TRIAL: u32 = 24;
/// Weight of the newest block in the mean of a way's times.
const NEWEST: f64 = 0.5;

/// Chooses by the time that updates take. It is told the times; it has no clock.
#[derive(Clone, Debug)]
pub struct ThreadChoice {
    max_threads: usize,
    /// Seconds an update, with one thread and with all.
    pace: [Option<f64>; 2],
    /// Place in `pace` of the way under way.
    way: usize,
    block: Block,
    /// What the last trial of the slower way took.
    trial: Duration,
    /// Spent on the faster way since.
    since_trial: Duration,
}

#[derive(Clone, Copy, Debug, Default)]
struct Block {
    warm_up_left: u32,
    warm_up: Duration,
    updates: u32,
    time: Duration,
}

impl ThreadChoice {
    pub fn new(max_threads: usize) -> Self {
        Self {
            max_threads: max_threads.max(1),
            pace: [None; 2],
            way: 0,
            block: Block::default(),
            trial: Duration::ZERO,
            since_trial: Duration::ZERO,
        }
    }

    /// How many threads the next update is to use: one, or all that were allowed.
    pub fn threads(&self) -> usize {
        [1, self.max_threads][self.way]
    }

    /// An update with [`threads`](Self::threads) took so long.
    pub fn note(&mut self, took: Duration) {
        if self.block.warm_up_left > 0 {
            self.block.warm_up_left -= 1;
            self.block.warm_up += took;
            return;
        }
        self.block.updates += 1;
        self.block.time += took;
        if self.max_threads == 1 || self.block.updates < MIN_UPDATES || self.block.time < BLOCK {
            return;
        }
        let Block { updates, time, warm_up, .. } = std::mem::take(&mut self.block);
        let newest = time.as_secs_f64() / f64::from(updates);
        let pace = &mut self.pace[self.way];
        *pace = Some(pace.map_or(newest, |mean| mean + NEWEST * (newest - mean)));
        let faster = self.faster();
        if self.way == faster {
            self.since_trial += time;
        } else {
            self.trial = time + warm_up;
            self.since_trial = Duration::ZERO;
        }
        let is_trial_due = self.since_trial >= self.trial * RUNS_PER_TRIAL;
        let next = if is_trial_due { 1 - faster } else { faster };
        self.block.warm_up_left = if next == self.way { 0 } else { WARM_UP_UPDATES };
        self.way = next;
    }

    /// The way that is faster by all that is known; one that was never tried counts as slower.
    fn faster(&self) -> usize {
        match self.pace {
            [Some(one), Some(all)] => usize::from(all < one),
            [None, Some(_)] => 1,
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Goes on for some time at which updates take `one` with one thread and `all` with all; returns
    /// the share of the updates that were done with one.
    fn share_of_one(choice: &mut ThreadChoice, one: u64, all: u64, updates: u32) -> f64 {
        let mut n_one = 0;
        for _ in 0..updates {
            let is_one = choice.threads() == 1;
            n_one += u32::from(is_one);
            choice.note(Duration::from_micros(if is_one { one } else { all }));
        }
        f64::from(n_one) / f64::from(updates)
    }

    #[test]
    fn the_faster_way_is_found_and_found_again_when_it_changes() {
        let mut choice = ThreadChoice::new(4);
        assert!(share_of_one(&mut choice, 1_000, 400, 20_000) < 0.05, "four threads are faster");
        share_of_one(&mut choice, 1_000, 1_500, 2_000);
        assert!(share_of_one(&mut choice, 1_000, 1_500, 20_000) > 0.95, "the cores got busy");
        share_of_one(&mut choice, 1_000, 400, 2_000);
        assert!(share_of_one(&mut choice, 1_000, 400, 20_000) < 0.05, "they are free again");
    }

    #[test]
    fn trying_the_slower_way_costs_a_twentieth_at_most() {
        for (one, all) in [(80_000, 10_000), (1_000, 900), (200, 2_000)] {
            let mut choice = ThreadChoice::new(8);
            let mut spent = 0;
            for _ in 0..50_000 {
                let took = if choice.threads() == 1 { one } else { all };
                spent += took;
                choice.note(Duration::from_micros(took));
            }
            let best = 50_000 * one.min(all);
            assert!(spent as f64 <= 1.05 * best as f64, "{one} and {all}: {spent} of {best}");
        }
    }

    #[test]
    fn one_thread_is_one_thread() {
        let mut choice = ThreadChoice::new(1);
        assert!((share_of_one(&mut choice, 5_000, 1, 1_000) - 1.0).abs() < f64::EPSILON);
        assert_eq!(ThreadChoice::new(0).threads(), 1);
    }
}
