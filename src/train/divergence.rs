//! When a run has gone astray, and which learning rate to try then.
//!
//! Gradients of this model are differences of probabilities, so that a rate that is far too high
//! seldom ends in numbers that are none: weights and energies grow beyond all sense instead. Both
//! count, by limits that no model that learns comes near.

use crate::rbm::{Machine, Measures};

/// A check between two measures reads the weights twice; an update reads and writes them several
/// times. One check in so many updates costs well below a per cent.
pub(super) const UPDATES_BETWEEN_CHECKS: u64 = 32;

/// The root mean square of the weights may not grow beyond this: a single one would decide over its
/// unit. On the pop set it is 0.3 after 25 epochs at a rate of 0.1, and 2 at a rate of 1; the
/// study's slip begins at 1. Runs whose error has risen above that of silence pass it.
const MOST_WEIGHT: f64 = 20.0;

/// The mean free energy may not grow beyond this, in nats for each visible and hidden unit. On the
/// pop set it is 0.1 at a rate of 0.1 and 2 at a rate of 1.
const MOST_ENERGY: f64 = 20.0;

/// What is wrong with the weights, in words.
pub(super) fn of_machine(machine: &Machine) -> Option<String> {
    let size = machine.root_mean_square_weight();
    if !size.is_finite() || !machine.is_finite() {
        return Some("the weights are no longer finite numbers".to_owned());
    }
    (size > MOST_WEIGHT).then(|| format!("the weights have grown to a mean size of {size:.0}"))
}

/// What is wrong with the measures, in words.
pub(super) fn of_measures(measures: &Measures, machine: &Machine) -> Option<String> {
    let Measures { free_energy, reconstruction_error, .. } = measures;
    if !free_energy.is_finite() || !reconstruction_error.is_finite() {
        return Some("the energies are no longer finite numbers".to_owned());
    }
    let most = MOST_ENERGY * (machine.n_visible() + machine.n_hidden()) as f64;
    (free_energy.abs() > most)
        .then(|| format!("the mean free energy has grown to {free_energy:.0} nats an excerpt"))
}

/// A tenth, with two digits, within the range of the setting.
pub(super) fn gentler_rate(learning_rate: f64) -> f64 {
    let rate = (learning_rate / 10.0).max(0.0001);
    format!("{rate:.1e}").parse().unwrap_or(rate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_rate_is_proposed_in_two_digits() {
        for (rate, gentler) in
            [(1.0, 0.1), (0.3, 0.03), (0.012_345_678, 0.0012), (0.0005, 0.0001), (0.005, 0.0005)]
        {
            assert_eq!(gentler_rate(rate), gentler);
        }
    }
}
