//! What of an epoch can be drawn over the course of a run: one table for the curve and its menu.

use super::{EpochMetrics, History};

/// Which of two values of a measure is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    Lower,
    Higher,
}

impl Better {
    /// Whether `value` is better than `best`; being as good is not enough.
    pub fn is_better(self, value: f64, best: f64) -> bool {
        match self {
            Self::Lower => value < best,
            Self::Higher => value > best,
        }
    }
}

/// One line of a figure.
#[derive(Clone, Copy, Debug)]
pub struct FigureLine {
    pub label: &'static str,
    pub get: fn(&EpochMetrics) -> Option<f64>,
}

/// A measure, or two that belong side by side.
#[derive(Clone, Copy, Debug)]
pub struct Figure {
    pub key: &'static str,
    pub label: &'static str,
    /// With its unit, and how to read it.
    pub meaning: &'static str,
    /// What stands out: the training excerpts, the chains.
    pub main: FigureLine,
    /// What it is compared with: the held-out excerpts, the data.
    pub other: Option<FigureLine>,
    /// Whether it can be drawn on a logarithmic scale.
    pub is_positive: bool,
    /// `None` where no value is better than another.
    pub better: Option<Better>,
}

impl Figure {
    /// The best value of one of its lines over a run, and the epoch after which it was reached: the
    /// first such epoch. `None` where nothing was measured or no value is better than another.
    pub fn best(&self, line: &FigureLine, history: &History) -> Option<(u32, f64)> {
        let better = self.better?;
        let values = history.epochs.iter().filter_map(|record| {
            let value = (line.get)(&record.metrics).filter(|value| value.is_finite());
            value.map(|value| (record.metrics.epoch, value))
        });
        values.reduce(|best, next| if better.is_better(next.1, best.1) { next } else { best })
    }

    /// The line of the held-out excerpts, where there is one that was not learned from.
    pub fn held_out(&self) -> Option<FigureLine> {
        self.other.filter(|line| line.label == HELD_OUT)
    }
}

/// The label of lines that were measured on the held-out excerpts.
const HELD_OUT: &str = "held out";

const fn line(label: &'static str, get: fn(&EpochMetrics) -> Option<f64>) -> FigureLine {
    FigureLine { label, get }
}

/// Every figure; the first is shown until another is chosen.
pub const FIGURES: &[Figure] = &[
    Figure {
        key: "reconstruction_error",
        label: "Reconstruction error",
        meaning: "How far the model's answer to an excerpt is from the excerpt: the mean square of \
                  the differences. Lower is better; the held-out part shows whether it \
                  understands or only remembers.",
        main: line("training", |m| Some(m.reconstruction_error)),
        other: Some(line(HELD_OUT, |m| m.held_out_error)),
        is_positive: true,
        better: Some(Better::Lower),
    },
    Figure {
        key: "cross_entropy",
        label: "Cross-entropy",
        meaning: "How far the model's answer to an excerpt is from the excerpt, in nats an \
                  excerpt: being sure and wrong costs most. Lower is better.",
        main: line("training", |m| m.cross_entropy),
        other: Some(line(HELD_OUT, |m| m.held_out_cross_entropy)),
        is_positive: true,
        better: Some(Better::Lower),
    },
    Figure {
        key: "pseudo_log_likelihood",
        label: "Pseudo-log-likelihood",
        meaning: "How well each bit follows from all the others of its excerpt, in nats an \
                  excerpt. Higher is better, and it cannot be fooled as the error can.",
        main: line("training", |m| m.pseudo_log_likelihood),
        other: Some(line(HELD_OUT, |m| m.held_out_pseudo_log_likelihood)),
        is_positive: false,
        better: Some(Better::Higher),
    },
    Figure {
        key: "free_energy",
        label: "Free energy",
        meaning: "The mean free energy in nats an excerpt. Only the distance of the two lines \
                  means something: it grows when the model memorises.",
        main: line("training", |m| Some(m.free_energy)),
        other: Some(line(HELD_OUT, |m| m.held_out_free_energy)),
        is_positive: false,
        better: None,
    },
    Figure {
        key: "free_energy_gap",
        label: "Free-energy gap",
        meaning: "Held-out minus training free energy, in nats an excerpt. While it grows, the \
                  model memorises.",
        main: line("gap", |m| m.free_energy_gap),
        other: None,
        is_positive: false,
        better: None,
    },
    Figure {
        key: "density",
        label: "Density",
        meaning: "The share of bits that are set in the model's chains, beside that of the data. \
                  The chains should come near the data.",
        main: line("chains", |m| m.chain_density),
        other: Some(line("data", |m| m.data_density)),
        is_positive: true,
        better: None,
    },
    Figure {
        key: "hidden_activation",
        label: "Hidden activation",
        meaning: "How often a hidden unit is on, over all units and training excerpts. Near 0 or \
                  1 the units say little.",
        main: line("mean", |m| m.hidden_activation),
        other: None,
        is_positive: true,
        better: None,
    },
    Figure {
        key: "idle_hidden_units",
        label: "Idle hidden units",
        meaning: "Hidden units that are dead (on in less than 1 % of the excerpts) or saturated \
                  (in more than 99 %): they tell no two excerpts apart.",
        main: line("dead", |m| m.dead_hidden_units.map(|n| n as f64)),
        other: Some(line("saturated", |m| m.saturated_hidden_units.map(|n| n as f64))),
        is_positive: false,
        better: None,
    },
    Figure {
        key: "update_to_weight_ratio",
        label: "Update to weight",
        meaning: "The size of an update over the size of the weights. About 0.001 is healthy; far \
                  above, lower the learning rate.",
        main: line("ratio", |m| m.update_to_weight_ratio),
        other: None,
        is_positive: true,
        better: None,
    },
    Figure {
        key: "swap_rate",
        label: "Swap rate",
        meaning: "Under parallel tempering, the share of the proposed swaps of neighbouring \
                  temperatures that were made. Below 0.2, take more temperatures.",
        main: line("swaps", |m| m.swap_rate),
        other: None,
        is_positive: false,
        better: None,
    },
    Figure {
        key: "learning_rate",
        label: "Learning rate",
        meaning: "As it was at the last update of each epoch, schedule and warm-up included.",
        main: line("rate", |m| Some(m.learning_rate)),
        other: None,
        is_positive: true,
        better: None,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::EpochRecord;

    #[test]
    fn the_best_is_the_lowest_or_the_highest_and_skips_what_is_no_number() {
        let record = |epoch: u32, value: f64| EpochRecord {
            metrics: EpochMetrics {
                epoch,
                reconstruction_error: value,
                held_out_pseudo_log_likelihood: Some(value),
                ..EpochMetrics::default()
            },
            seconds: 1.0,
            examples_per_second: 1.0,
        };
        let values = [3.0, f64::NAN, 1.0, 5.0, 1.0, f64::INFINITY];
        let epochs = (1..).zip(values).map(|(epoch, value)| record(epoch, value)).collect();
        let history = History { epochs, ..History::default() };
        let figure = |key| FIGURES.iter().find(|figure| figure.key == key).unwrap();
        let error = figure("reconstruction_error");
        assert_eq!(error.best(&error.main, &history), Some((3, 1.0)));
        let likelihood = figure("pseudo_log_likelihood");
        let held_out = likelihood.held_out().unwrap();
        assert_eq!(likelihood.best(&held_out, &history), Some((4, 5.0)));
        assert_eq!(likelihood.best(&likelihood.main, &history), None, "it was not measured");
        let density = figure("density");
        assert_eq!(density.best(&density.main, &history), None);
        assert!(density.held_out().is_none(), "the data is no held-out part");
    }

    #[test]
    fn keys_are_unique_and_every_line_tells_its_own_field() {
        let mut keys: Vec<_> = FIGURES.iter().map(|figure| figure.key).collect();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), FIGURES.len());
        let metrics = EpochMetrics {
            epoch: 1,
            reconstruction_error: 1.0,
            held_out_error: Some(2.0),
            free_energy: 3.0,
            held_out_free_energy: Some(4.0),
            free_energy_gap: Some(5.0),
            cross_entropy: Some(6.0),
            held_out_cross_entropy: Some(7.0),
            pseudo_log_likelihood: Some(8.0),
            held_out_pseudo_log_likelihood: Some(9.0),
            hidden_activation: Some(10.0),
            dead_hidden_units: Some(11),
            saturated_hidden_units: Some(12),
            data_density: Some(13.0),
            chain_density: Some(14.0),
            update_to_weight_ratio: Some(15.0),
            swap_rate: Some(16.0),
            learning_rate: 17.0,
            examples: 18,
        };
        let lines = FIGURES.iter().flat_map(|figure| [Some(figure.main), figure.other]).flatten();
        let mut values: Vec<f64> = lines.filter_map(|line| (line.get)(&metrics)).collect();
        values.sort_by(f64::total_cmp);
        assert_eq!(values, (1..=17).map(f64::from).collect::<Vec<_>>());
        let empty = EpochMetrics::default();
        for figure in FIGURES {
            let values = [Some(figure.main), figure.other].into_iter().flatten();
            let known = values.filter_map(|line| (line.get)(&empty)).all(|value| value == 0.0);
            assert!(known, "{}", figure.key);
        }
    }
}
