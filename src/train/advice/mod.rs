//! Advice from the measures of a run: what they show, in plain words, and what would help.
//!
//! A pure function of the history and the settings. Every rule compares means over several epochs,
//! so that one odd epoch says nothing, and has two limits: a stronger one that must have been
//! reached lately, and a weaker one that still holds. So a finding does not come and go.

mod remedy;
mod rules;
mod stretch;
#[cfg(test)]
mod tests;

pub use remedy::{Remedy, RemedyDeed};

use self::stretch::Stretch;
use super::{History, TrainSettings};

/// What can be said of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AdviceKind {
    RateTooHigh,
    HeldOutErrorRises,
    Memorising,
    ChainsNotMixed,
    FewSwaps,
    IdleUnits,
    RateTooLow,
    Settled,
    FewSongs,
    NothingHeldOut,
}

/// Something that the measures show.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub kind: AdviceKind,
    /// One sentence or two, in plain words.
    pub sentence: String,
    /// The figures behind it, each with its epochs.
    pub evidence: Vec<String>,
    /// What would help, the likeliest first; never empty.
    pub remedies: Vec<Remedy>,
}

/// What is known of a run.
#[derive(Clone, Copy, Debug)]
pub struct RunOutcome<'a> {
    pub history: &'a History,
    /// As they are now.
    pub settings: &'a TrainSettings,
    /// Songs that are taken, those that are held out included.
    pub n_songs: usize,
    pub held_out_excerpts: usize,
    /// Nothing more is to come: what a remedy sets acts in the next run.
    pub is_over: bool,
}

/// A limit that was reached within so many epochs may still speak by the weaker one.
const MEMORY: usize = 10;
/// The weaker limit, as a share of the stronger.
const WEAKER: f64 = 0.6;

type Rule = fn(&Stretch<'_>, f64) -> Option<Finding>;

/// What is urgent stands first.
const RULES: &[Rule] = &[
    rules::rate_too_high,
    rules::held_out_error_rises,
    rules::memorising,
    rules::chains_not_mixed,
    rules::few_swaps,
    rules::idle_units,
    rules::rate_too_low,
    rules::settled,
    rules::few_songs,
    rules::nothing_held_out,
];

/// What the measures show, the most urgent first; empty where all is well, and before the epochs
/// say anything.
pub fn advice(run: &RunOutcome<'_>) -> Vec<Finding> {
    let stretch = Stretch::since_last_change(run);
    let found: Vec<Finding> = RULES.iter().filter_map(|rule| steady(*rule, &stretch)).collect();
    let is_explained =
        |finding: &Finding| found.iter().any(|other| explains(other.kind).contains(&finding.kind));
    found.iter().filter(|finding| !is_explained(finding)).cloned().collect()
}

/// The finding of a rule, if its stronger limit was reached lately and its weaker one holds now.
fn steady(rule: Rule, stretch: &Stretch<'_>) -> Option<Finding> {
    let finding = rule(stretch, WEAKER)?;
    let was_strong =
        |back: usize| stretch.without_last(back).is_some_and(|s| rule(&s, 1.0).is_some());
    (0..MEMORY).any(was_strong).then_some(finding)
}

/// What follows from a finding and need not be said beside it.
fn explains(kind: AdviceKind) -> &'static [AdviceKind] {
    use AdviceKind as K;
    match kind {
        K::RateTooHigh => {
            &[K::HeldOutErrorRises, K::ChainsNotMixed, K::IdleUnits, K::RateTooLow, K::Settled]
        }
        K::HeldOutErrorRises => &[K::Memorising, K::Settled],
        K::Memorising | K::RateTooLow => &[K::Settled],
        _ => &[],
    }
}
