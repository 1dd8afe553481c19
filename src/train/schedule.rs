//! How learning rate and momentum move over a run.

use serde::{Deserialize, Serialize};

/// The learning rate as a share of its setting, over the course of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LearningRateSchedule {
    Constant,
    /// Falls in a straight line and reaches zero after the last update.
    #[default]
    Linear,
    /// 1 / (1 + 9 · progress): a tenth at the end.
    InverseTime,
    /// Half a cosine from 1 to 0.
    Cosine,
}

impl LearningRateSchedule {
    /// `progress` runs from 0 at the first update to 1 after the last.
    pub fn factor(self, progress: f64) -> f64 {
        let progress = progress.clamp(0.0, 1.0);
        match self {
            Self::Constant => 1.0,
            Self::Linear => 1.0 - progress,
            Self::InverseTime => 1.0 / (1.0 + 9.0 * progress),
            Self::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * progress).cos()),
        }
    }
}

/// The learning rate during warm-up as a share of what the schedule says: a straight line that
/// reaches 1 once `done_epochs` have reached `warmup_epochs`. The update under way counts as done,
/// so that the first one does not learn at a rate of zero.
pub fn warmup_factor(done_epochs: f64, warmup_epochs: f64) -> f64 {
    if done_epochs < warmup_epochs { done_epochs / warmup_epochs } else { 1.0 }
}

/// Momentum is raised once the error has settled (Hinton's guide, section 9): for the first
/// `start_epochs` it is at most one half.
pub fn momentum_at(epoch: u32, momentum: f64, start_epochs: u32) -> f64 {
    if epoch < start_epochs { momentum.min(0.5) } else { momentum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_start_at_one_and_never_rise() {
        for schedule in [
            LearningRateSchedule::Constant,
            LearningRateSchedule::Linear,
            LearningRateSchedule::InverseTime,
            LearningRateSchedule::Cosine,
        ] {
            assert_eq!(schedule.factor(0.0), 1.0);
            let factors: Vec<f64> =
                (0..=10).map(|i| schedule.factor(f64::from(i) / 10.0)).collect();
            assert!(factors.windows(2).all(|pair| pair[1] <= pair[0]), "{schedule:?}");
        }
        assert_eq!(LearningRateSchedule::Linear.factor(1.0), 0.0);
        assert!((LearningRateSchedule::InverseTime.factor(1.0) - 0.1).abs() < 1e-12);
    }

    #[test]
    fn warm_up_rises_in_a_straight_line_and_is_over_when_it_says() {
        assert_eq!(warmup_factor(0.05, 0.0), 1.0);
        assert_eq!(warmup_factor(0.25, 2.5), 0.1);
        assert_eq!(warmup_factor(1.25, 2.5), 0.5);
        assert_eq!(warmup_factor(2.5, 2.5), 1.0);
        assert_eq!(warmup_factor(9.0, 2.5), 1.0);
    }

    #[test]
    fn momentum_is_low_at_the_start_only() {
        assert_eq!(momentum_at(0, 0.9, 5), 0.5);
        assert_eq!(momentum_at(5, 0.9, 5), 0.9);
        assert_eq!(momentum_at(0, 0.3, 5), 0.3);
    }
}
