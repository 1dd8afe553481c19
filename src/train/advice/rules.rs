//! The rules: each a pattern in the measures, with the reason for its limit.
//!
//! `strictness` is 1 where the limit must be reached and less where it is enough to stay near it.

use super::remedy::{Remedy, tidy};
use super::stretch::{Mean, Stretch, figure};
use super::{AdviceKind, Finding};
use crate::dataset::Encoding;
use crate::rbm::Algorithm;
use crate::train::{EpochMetrics, LearningRateSchedule};

/// The epochs that are taken together where a level counts and not a trend.
const LATEST: usize = 5;

/// A number that is none counts as not measured.
fn error(metrics: &EpochMetrics) -> Option<f64> {
    Some(metrics.reconstruction_error).filter(|error| error.is_finite())
}

fn held_out_error(metrics: &EpochMetrics) -> Option<f64> {
    metrics.held_out_error
}

fn finding(
    kind: AdviceKind,
    sentence: &str,
    evidence: Vec<String>,
    remedies: Vec<Remedy>,
) -> Finding {
    Finding { kind, sentence: sentence.to_owned(), evidence, remedies }
}

/// The error jumps up, or has risen and stays above its best.
///
/// Hinton's guide, section 7: where the rate is too high the reconstruction error usually rises
/// dramatically. Limits by runs on the demo set: within ten epochs the rises add up to less than
/// 0.13 of the error at a rate of 0.1, whatever the preset, and to 0.55 and 0.64 at rates of 1 and
/// 0.5; at the latter the error stays 1.4 times its best.
pub(super) fn rate_too_high(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const RISES: f64 = 0.25;
    const ABOVE_BEST: f64 = 0.25;
    const WITHIN: usize = 10;
    let n = stretch.len().min(WITHIN);
    let mean = stretch.latest(error, n).filter(|_| n > LATEST)?;
    let latest = &stretch.epochs[stretch.len() - n..];
    let pairs = latest.windows(2).map(|pair| (pair[0].metrics, pair[1].metrics));
    let steps = pairs.map(|(a, b)| b.reconstruction_error - a.reconstruction_error);
    let rises = steps.fold(0.0, |sum, step| sum + step.max(0.0)) / mean.value;
    let by_error = |a: &&EpochMetrics, b: &&EpochMetrics| {
        a.reconstruction_error.total_cmp(&b.reconstruction_error)
    };
    let (early, late) = stretch.epochs.split_at(stretch.len() - LATEST);
    let best = early.iter().map(|record| &record.metrics).min_by(by_error)?;
    // The lowest of the latest, so that an error that still falls fast is not taken for a high one.
    let now = late.iter().map(|record| &record.metrics).min_by(by_error)?;
    let above = now.reconstruction_error / best.reconstruction_error - 1.0;
    if rises < RISES * strictness && above < ABOVE_BEST * strictness {
        return None;
    }
    let settings = stretch.run.settings;
    let is_wild = rises > 1.0 || above > 1.0;
    let rate = settings.learning_rate / if is_wild { 10.0 } else { 4.0 };
    let evidence = vec![
        format!(
            "The training error was {} after epoch {}; the best of the last {LATEST} epochs is {}",
            figure(best.reconstruction_error),
            best.epoch,
            figure(now.reconstruction_error)
        ),
        format!(
            "Its rises in epochs {} to {} add up to {:.0} % of its mean, {}",
            mean.first,
            mean.last,
            rises * 100.0,
            figure(mean.value)
        ),
    ];
    let mut remedies = vec![Remedy::set_number(
        "learning_rate",
        "Lower the learning rate to",
        tidy(rate.max(0.0001)),
    )];
    if settings.momentum > 0.5 {
        remedies.push(Remedy::set_number("momentum", "Lower the momentum to", 0.5));
    }
    let words = if rises >= RISES * strictness {
        "The error jumps up instead of falling: the learning rate is too high."
    } else {
        "The error has risen and stays above its best: the learning rate is too high."
    };
    Some(finding(AdviceKind::RateTooHigh, words, evidence, remedies))
}

/// The error on songs that it never saw rises while that on the others falls.
///
/// Prechelt, "Early stopping – but when?" (1998): stop once the held-out error lies a few per cent
/// above its lowest (generalisation loss); 2 % of means over several epochs. It must not be falling
/// from window to window: where it does, it has only jumped and comes down again.
pub(super) fn held_out_error_rises(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const LOSS: f64 = 0.02;
    const FALLS: f64 = 0.005;
    let lowest = stretch.lowest_before(held_out_error)?;
    let now = stretch.latest(held_out_error, stretch.window())?;
    let training = stretch.trend(error)?;
    let is_falling = stretch.trend(held_out_error)?.growth() < -FALLS / strictness;
    let is_above = now.value >= lowest.value * (1.0 + LOSS * strictness);
    if !is_above || is_falling || training.growth() > 0.01 {
        return None;
    }
    let evidence = vec![
        format!("Held-out error: {}, at its lowest", lowest.words()),
        format!("Now: {}", now.words()),
        format!("Training error: {}", training.words()),
    ];
    let words = "The error on songs it never saw is rising again: from here on it learns your \
                 songs by heart, not music like them.";
    Some(finding(AdviceKind::HeldOutErrorRises, words, evidence, against_memorising(stretch)))
}

/// The gap of the free energies grows and the held-out songs gain nothing by it, or the held-out
/// songs are left far behind.
///
/// Hinton's guide, section 6: a growing gap between the free energies of training and held-out data
/// is overfitting. It grows in every run that learns at all, so we speak only where the held-out
/// error falls no longer (less than half a per cent from window to window), or where both the error
/// and the pseudo-log-likelihood are five times worse on held-out songs: on the demo set the presets
/// end at 2 to 3 times, 600 units at a rate of 1 at 11 and 60 times.
pub(super) fn memorising(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const GAP_GROWTH: f64 = 0.02;
    const STANDS_STILL: f64 = 0.005;
    const LEFT_BEHIND: f64 = 5.0;
    let gap = stretch.trend(|metrics| metrics.free_energy_gap)?;
    let training = stretch.trend(error)?;
    let held_out = stretch.trend(held_out_error)?;
    let is_growing = gap.growth() >= GAP_GROWTH * strictness && gap.after.value > gap.before.value;
    let falls = training.growth() <= -0.01 * strictness;
    let gains_nothing = held_out.growth() >= -STANDS_STILL / strictness;
    let times = |training: f64, held_out: f64| held_out / training;
    let error_times = times(training.after.value, held_out.after.value);
    let likelihood = |get: fn(&EpochMetrics) -> Option<f64>| stretch.latest(get, stretch.window());
    let likelihood_times = match (
        likelihood(|metrics| metrics.pseudo_log_likelihood),
        likelihood(|metrics| metrics.held_out_pseudo_log_likelihood),
    ) {
        (Some(training), Some(held_out)) => times(training.value, held_out.value),
        _ => 0.0,
    };
    let is_left_behind = error_times.min(likelihood_times) >= LEFT_BEHIND * strictness;
    let has_begun = is_growing && falls && gains_nothing;
    if !has_begun && !is_left_behind {
        return None;
    }
    let mut evidence = vec![
        format!("Free-energy gap in nats: {}", gap.words()),
        format!("Training error: {}", training.words()),
        format!("Held-out error: {}", held_out.words()),
    ];
    let words = if is_left_behind {
        evidence.push(format!(
            "On held-out songs the error is {error_times:.1} times, the pseudo-log-likelihood \
             {likelihood_times:.1} times that of training"
        ));
        "It knows your songs by heart and is lost with others: it has memorised them."
    } else {
        "The gap between training and held-out free energy is growing while held-out songs gain \
         nothing: it has begun to memorise."
    };
    Some(finding(AdviceKind::Memorising, words, evidence, against_memorising(stretch)))
}

/// Stop, dropout, decay, the best epoch, more songs.
fn against_memorising(stretch: &Stretch<'_>) -> Vec<Remedy> {
    let settings = stretch.run.settings;
    let mut remedies = Vec::new();
    if !stretch.run.is_over {
        remedies.push(Remedy::stop());
    }
    if settings.dropout < 0.5 {
        let dropout = if settings.dropout < 0.25 { 0.3 } else { 0.5 };
        remedies.push(Remedy::set_number("dropout", "Raise dropout to", dropout));
    }
    if settings.weight_decay < 0.01 {
        let decay = tidy((settings.weight_decay * 5.0).clamp(0.001, 0.01));
        remedies.push(Remedy::set_number("weight_decay", "Raise weight decay to", decay));
    }
    if settings.keep_best == crate::train::WatchedMeasure::Off {
        let (key, value) = ("keep_best", "held_out_error");
        remedies.push(Remedy::choose(key, value, "Keep the epoch with the best held-out error"));
    }
    remedies.push(Remedy::add_songs());
    remedies
}

/// The chains sound far more or far fewer notes than the songs.
///
/// The chains stand for the model: once they have mixed, their density is that of what it would
/// write, and learning pulls it to that of the data. Half as much again, or a third less, over five
/// epochs is far outside of what healthy runs show (0.9 to 1.2 on the demo set after ten epochs).
pub(super) fn chains_not_mixed(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const TIMES: f64 = 1.5;
    const FIRST: u32 = 10;
    stretch.last().filter(|last| last.epoch >= FIRST)?;
    let chains = stretch.latest(|metrics| metrics.chain_density, LATEST)?;
    let data = stretch.latest(|metrics| metrics.data_density, LATEST)?;
    if data.value <= 0.0 {
        return None;
    }
    let ratio = (chains.value / data.value).max(f64::MIN_POSITIVE);
    if ratio.ln().abs() < TIMES.ln() * strictness {
        return None;
    }
    let settings = stretch.run.settings;
    let mut remedies = Vec::new();
    if settings.gibbs_steps < 10 {
        let steps = (settings.gibbs_steps * 3).clamp(5, 10) as f64;
        remedies.push(Remedy::set_number("gibbs_steps", "Raise the Gibbs steps to", steps));
    }
    if settings.algorithm != Algorithm::ParallelTempering {
        let words = "Train with parallel tempering";
        remedies.push(Remedy::choose("algorithm", "tempering", words));
    }
    if settings.chains < 100 {
        remedies.push(Remedy::set_number("chains", "Raise the chains to", 100.0));
    }
    let rate = tidy((settings.learning_rate / 3.0).max(0.0001));
    remedies.push(Remedy::set_number("learning_rate", "Lower the learning rate to", rate));
    let evidence = vec![
        format!("Share of bits set in the chains: {}", chains.words()),
        format!("In the songs: {}", figure(data.value)),
    ];
    let much = if ratio > 1.0 { "far more" } else { "far fewer" };
    let words = format!(
        "The model's chains sound {much} notes than your songs: they have not mixed, so it learns \
         from a wrong picture of itself."
    );
    Some(finding(AdviceKind::ChainsNotMixed, &words, evidence, remedies))
}

/// Neighbouring temperatures hardly ever swap.
///
/// Desjardins et al. (2010) and Cho et al. (2010) want swaps often enough for states to travel from
/// hot to cold; 0.2 to 0.3 is the usual aim of replica exchange (Kofke 2002).
pub(super) fn few_swaps(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const LEAST: f64 = 0.2;
    const MOST_TEMPERATURES: usize = 50;
    let swaps = stretch.latest(|metrics| metrics.swap_rate, LATEST)?;
    if swaps.value >= LEAST / strictness {
        return None;
    }
    let settings = stretch.run.settings;
    let more =
        if swaps.value < 0.05 { settings.temperatures * 3 } else { settings.temperatures * 2 };
    let more = more.clamp(10, MOST_TEMPERATURES);
    let mut remedies = Vec::new();
    if more > settings.temperatures {
        remedies.push(Remedy::set_number("temperatures", "Take more temperatures:", more as f64));
    }
    let words = "Train with persistent chains instead";
    remedies.push(Remedy::choose("algorithm", "pcd", words));
    let evidence = vec![
        format!("Share of the proposed swaps that were made: {}", swaps.words()),
        format!("Temperatures: {}", settings.temperatures),
    ];
    let words = "The temperatures hardly ever swap, so the hot chains help nobody: they lie too \
                 far apart.";
    Some(finding(AdviceKind::FewSwaps, words, evidence, remedies))
}

/// Many hidden units are dead or saturated.
///
/// Hinton's guide, sections 11 and 14.3: units that are never or always on add nothing; he watches
/// them in a picture of the activities. A quarter of the units, over five epochs.
pub(super) fn idle_units(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const SHARE: f64 = 0.25;
    let count = |n: Option<u64>| n.map(|n| n as f64);
    let (dead, saturated): (Mean, Mean) = (
        stretch.latest(|metrics| metrics.dead_hidden_units.map(|n| n as f64), LATEST)?,
        stretch.latest(|metrics| metrics.saturated_hidden_units.map(|n| n as f64), LATEST)?,
    );
    let settings = stretch.run.settings;
    let n_units = settings.hidden_units as f64;
    if dead.value + saturated.value < SHARE * strictness * n_units {
        return None;
    }
    let last = stretch.last()?;
    let idle = count(last.dead_hidden_units)? + count(last.saturated_hidden_units)?;
    let fewer = ((n_units - idle) * 1.1).clamp(1.0, n_units).round();
    let mut remedies = Vec::new();
    if settings.sparsity_cost > 0.0 {
        let cost = tidy(settings.sparsity_cost / 10.0);
        remedies.push(Remedy::set_number("sparsity_cost", "Lower the sparsity cost to", cost));
    } else {
        if fewer < n_units {
            remedies.push(Remedy::set_number("hidden_units", "Take fewer hidden units:", fewer));
        }
        remedies.push(Remedy::set_number("sparsity_cost", "Set the sparsity cost to", 0.01));
    }
    let rate = tidy((settings.learning_rate / 3.0).max(0.0001));
    remedies.push(Remedy::set_number("learning_rate", "Lower the learning rate to", rate));
    let evidence = vec![
        format!("Dead, on in less than 1 % of the excerpts: {} units", dead.words()),
        format!("Saturated, on in more than 99 %: {} units", saturated.words()),
        format!("Hidden units in all: {}", settings.hidden_units),
    ];
    let words = "Many hidden units are always off or always on: they cost time and tell no two \
                 excerpts apart.";
    Some(finding(AdviceKind::IdleUnits, words, evidence, remedies))
}

/// Updates are tiny and the error has hardly fallen.
///
/// Hinton's guide, section 7: updates should be about 1e-3 of the weights. The mean over all epochs
/// counts, because schedules make the last updates small, and only where the error has lost less
/// than a quarter. On the demo set the presets lie at 4e-3 and above; a rate of 0.001 at 8e-4.
pub(super) fn rate_too_low(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const RATIO: f64 = 0.001;
    const FALL: f64 = 0.25;
    if stretch.len() < LATEST {
        return None;
    }
    let ratio = stretch.whole(|metrics| metrics.update_to_weight_ratio)?;
    let first = stretch.epochs.first()?.metrics;
    let last = stretch.last()?;
    let fall = 1.0 - last.reconstruction_error / first.reconstruction_error;
    if ratio.value >= RATIO / strictness || fall >= FALL / strictness {
        return None;
    }
    let settings = stretch.run.settings;
    let times = (3.0 * RATIO / ratio.value.max(1e-9)).clamp(10.0, 30.0);
    let rate =
        tidy((settings.learning_rate * times).min(if settings.centered { 0.1 } else { 0.02 }));
    let mut remedies = Vec::new();
    if rate > settings.learning_rate {
        remedies.push(Remedy::set_number("learning_rate", "Raise the learning rate to", rate));
    }
    if settings.momentum < 0.8 {
        remedies.push(Remedy::set_number("momentum", "Raise the momentum to", 0.8));
    }
    let longer = f64::from(settings.epochs.saturating_mul(3).min(1_000_000));
    remedies.push(Remedy::set_number("epochs", "Train longer, epochs:", longer));
    let evidence = vec![
        format!(
            "Size of an update over that of the weights, about 0.001 is healthy: {}",
            ratio.words()
        ),
        format!(
            "Training error: {} after epoch {}, {} after epoch {}",
            figure(first.reconstruction_error),
            first.epoch,
            figure(last.reconstruction_error),
            last.epoch
        ),
    ];
    let words = "It learns too slowly: each update hardly moves the weights. The learning rate is \
                 too low.";
    Some(finding(AdviceKind::RateTooLow, words, evidence, remedies))
}

/// Nothing falls any more, and epochs are left.
///
/// Half a per cent from window to window is less than what the presets gain in any ten epochs while
/// they still learn. The error alone can be trusted little (Fischer & Igel 2010), so the
/// cross-entropy must stand still too.
pub(super) fn settled(stretch: &Stretch<'_>, strictness: f64) -> Option<Finding> {
    const STANDS_STILL: f64 = 0.005;
    const FIRST: usize = 20;
    const LEFT: u32 = 5;
    let settings = stretch.run.settings;
    let last = stretch.last().filter(|_| stretch.len() >= FIRST && !stretch.run.is_over)?;
    let left = settings.epochs.saturating_sub(last.epoch);
    let training = stretch.trend(error)?;
    let entropy = stretch.trend(|metrics| metrics.cross_entropy);
    let stands = |growth: f64| growth.abs() <= STANDS_STILL / strictness;
    if left < LEFT || !stands(training.growth()) || !entropy.is_none_or(|it| stands(it.growth())) {
        return None;
    }
    let mut remedies = vec![Remedy::stop()];
    if settings.learning_rate_schedule == LearningRateSchedule::Constant {
        let rate = tidy((settings.learning_rate / 3.0).max(0.0001));
        remedies.push(Remedy::set_number("learning_rate", "Lower the learning rate to", rate));
    }
    let evidence =
        vec![format!("Training error: {}", training.words()), format!("Epochs left: {left}")];
    let words = "The error no longer falls: it has learned what it can at these settings.";
    Some(finding(AdviceKind::Settled, words, evidence, remedies))
}

/// A handful of songs.
///
/// A tenth is held out, so fewer than eight songs leave one or none to judge by, and a model of some
/// hundred thousand weights can only repeat them.
pub(super) fn few_songs(stretch: &Stretch<'_>, _strictness: f64) -> Option<Finding> {
    const LEAST: usize = 8;
    let (run, n_songs) = (stretch.run, stretch.run.n_songs);
    if n_songs == 0 || n_songs >= LEAST || run.history.epochs.is_empty() {
        return None;
    }
    let mut remedies = vec![Remedy::add_songs()];
    let encoding = &run.settings.encoding;
    if encoding.transpose_semitones == 0 && encoding.encoding == Encoding::Musical {
        let words = "Train on copies moved by up to 5 semitones";
        remedies.push(Remedy::choose("transpose_semitones", "5", words));
    }
    let evidence = vec![format!("Songs: {n_songs}; {LEAST} or more give it something to compare")];
    let words = "It has very few songs to learn from: it will repeat them rather than find what \
                 they share.";
    Some(finding(AdviceKind::FewSongs, words, evidence, remedies))
}

/// No song is held out.
///
/// Hinton's guide, section 6: overfitting shows only beside data that was not learned from. The
/// 2016 study held nothing out, so its encoding is left in peace.
pub(super) fn nothing_held_out(stretch: &Stretch<'_>, _strictness: f64) -> Option<Finding> {
    let run = stretch.run;
    let encoding = &run.settings.encoding;
    let is_known = !run.history.epochs.is_empty() && run.n_songs > 0;
    if run.held_out_excerpts > 0 || !is_known || encoding.encoding == Encoding::Reference {
        return None;
    }
    let remedy = if run.n_songs >= 8 || encoding.held_out_share == 0.0 {
        let share = if run.n_songs >= 8 { 0.1 } else { 0.3 };
        Remedy::set_number("held_out_share", "Hold out this share of the songs:", share)
    } else {
        Remedy::add_songs()
    };
    let evidence = vec![
        format!("Songs: {}; excerpts held out: 0", run.n_songs),
        format!("Share of songs to hold out: {}", figure(encoding.held_out_share)),
    ];
    let words = "No song is held out, so nothing will show when it begins to memorise.";
    Some(finding(AdviceKind::NothingHeldOut, words, evidence, vec![remedy]))
}
