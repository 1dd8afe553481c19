//! Gain without clicks and peaks without clipping.

/// A value that moves to its target in a straight line, frame by frame.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    value: f32,
    target: f32,
    step: f32,
}

impl Ramp {
    pub(super) fn at(value: f32) -> Self {
        Self { value, target: value, step: 0.0 }
    }

    /// Moves to a target within a number of frames.
    pub(super) fn go(&mut self, target: f32, frames: u32) {
        self.target = target;
        self.step = (target - self.value).abs() / frames.max(1) as f32;
    }

    pub(super) fn jump(&mut self, value: f32) {
        *self = Self::at(value);
    }

    pub(super) fn value(&self) -> f32 {
        self.value
    }

    pub(super) fn next(&mut self) -> f32 {
        if self.value < self.target {
            self.value = (self.value + self.step).min(self.target);
        } else {
            self.value = (self.value - self.step).max(self.target);
        }
        self.value
    }
}

/// Full scale is never passed: 0.1 dB below it.
pub(super) const CEILING: f32 = 0.99;

/// Turns loud frames down to the ceiling at once and comes back slowly.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limiter {
    gain: f32,
    recovery: f32,
}

const RECOVERY_SECS: f32 = 0.3;

impl Limiter {
    pub(super) fn new(sample_rate: u32) -> Self {
        Self { gain: 1.0, recovery: 1.0 / (RECOVERY_SECS * sample_rate as f32) }
    }

    pub(super) fn limit(&mut self, frame: &mut [f32]) {
        let peak = frame.iter().fold(0.0_f32, |peak, s| peak.max(s.abs()));
        self.gain = (self.gain + self.recovery).min(1.0);
        if peak * self.gain > CEILING {
            self.gain = CEILING / peak;
        }
        for sample in frame {
            *sample *= self.gain;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_arrives_in_time_and_stays() {
        let mut ramp = Ramp::at(1.0);
        ramp.go(0.0, 10);
        let values: Vec<f32> = (0..12).map(|_| ramp.next()).collect();
        assert!((values[4] - 0.5).abs() < 1e-6);
        assert_eq!(values[10..], [0.0, 0.0]);
    }

    #[test]
    fn no_frame_passes_the_ceiling_and_quiet_ones_are_left_alone() {
        let mut limiter = Limiter::new(44_100);
        let mut quiet = [0.5, -0.3];
        limiter.limit(&mut quiet);
        assert_eq!(quiet, [0.5, -0.3]);
        for loud in [1.5, -7.0, 0.995, 2.0] {
            let mut frame = [loud, 0.1];
            limiter.limit(&mut frame);
            assert!(frame[0].abs() <= CEILING + 1e-6);
        }
    }
}
