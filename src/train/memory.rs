//! How much memory a run takes, asked before it starts: a system that has none left ends programs
//! without a word.

use super::{TrainError, TrainSettings};

/// Weights of a run held at a time: they, their velocity and gradient, the last good state, the best
/// one, the picture for the window, and the copies of which a save is made. Measured: 8.8.
const COPIES: u64 = 10;
const BYTES_PER_WEIGHT: u64 = 4;

/// Numbers of a chain held at a time, for each of its units: those that it is drawn from, and a byte
/// and some bits of the states.
const BYTES_PER_CHAIN_UNIT: u64 = 6;

/// Bytes that a run with these settings takes beside its songs, about.
pub fn memory_bytes(settings: &TrainSettings) -> u64 {
    let (n_visible, n_hidden) =
        (settings.encoding.n_visible() as u64, settings.hidden_units as u64);
    let of_weights = n_visible.saturating_mul(n_hidden).saturating_mul(COPIES * BYTES_PER_WEIGHT);
    let n_chains = settings.rule().n_chain_cases() as u64;
    let of_chains = (n_visible + n_hidden).saturating_mul(BYTES_PER_CHAIN_UNIT * n_chains);
    of_weights.saturating_add(of_chains)
}

/// Refuses a run that does not fit into the memory that is free; `None` where nobody knows.
///
/// # Errors
/// Says how much is wanted and what helps.
pub fn check_memory(settings: &TrainSettings, free_bytes: Option<u64>) -> Result<(), TrainError> {
    let wanted = memory_bytes(settings);
    match free_bytes {
        Some(free) if wanted > free => {
            Err(TrainError::TooLarge { wanted_gib: gib(wanted), free_gib: gib(free) })
        }
        _ => Ok(()),
    }
}

/// With less than this a system begins to end programs, without a word and the largest first.
const LEAST_FREE_BYTES: u64 = 64 << 20;

/// Ends a run before the system ends the program.
///
/// # Errors
/// When the free memory has nearly run out.
pub fn check_free_memory(free_bytes: Option<u64>) -> Result<(), TrainError> {
    match free_bytes {
        Some(free) if free < LEAST_FREE_BYTES => {
            Err(TrainError::MemoryRunsLow { free_mib: free >> 20 })
        }
        _ => Ok(()),
    }
}

fn gib(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 30)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::Preset;

    #[test]
    fn a_run_that_does_not_fit_is_refused_with_a_remedy() {
        let settings = TrainSettings { hidden_units: 1000, ..Preset::Recommended.settings() };
        let wanted = memory_bytes(&settings);
        let of_chains = 6 * settings.chains as u64 * (4992 + 1000);
        assert_eq!(wanted, 10 * 4 * 1000 * 4992 + of_chains);
        for free in [None, Some(wanted), Some(u64::MAX)] {
            assert!(check_memory(&settings, free).is_ok());
        }
        let error = check_memory(&settings, Some(wanted - 1)).unwrap_err().to_string();
        assert!(error.contains("0.2 GiB") && error.contains("hidden units"), "{error}");
    }

    #[test]
    fn chains_that_do_not_fit_are_refused_like_weights() {
        let algorithm = crate::rbm::Algorithm::ParallelTempering;
        let many = TrainSettings {
            algorithm,
            chains: 100_000,
            temperatures: 50,
            ..Preset::Recommended.settings()
        };
        assert!(many.validate().is_ok() && memory_bytes(&many) > 100 << 30);
        assert!(check_memory(&many, Some(64 << 30)).is_err());
        let cd = crate::rbm::Algorithm::ContrastiveDivergence;
        let none = TrainSettings { algorithm: cd, ..many };
        assert!(memory_bytes(&none) < 1 << 30, "it has no chains of its own");
    }

    #[test]
    fn a_run_ends_before_the_memory_does() {
        assert!(check_free_memory(None).is_ok());
        assert!(check_free_memory(Some(LEAST_FREE_BYTES)).is_ok());
        let error = check_free_memory(Some(40 << 20)).unwrap_err();
        assert!(error.to_string().contains("40 MiB"), "{error}");
        assert_eq!(error.device_failure(), Some(crate::rbm::DeviceFailure::OutOfMemory));
    }
}
