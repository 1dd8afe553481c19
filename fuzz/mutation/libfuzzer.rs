//! The way into a mutator: an input is changed by what knows its form, or by libFuzzer where that knows nothing to do.

use super::dice::{Change, Dice};

/// For libFuzzer: changes the first `size` bytes in place, to at most `max_size`, and gives the new size.
pub fn mutate(bytes: &mut [u8], size: usize, max_size: usize, seed: u32, change: Change) -> usize {
    let mut dice = Dice::new(seed.into());
    if dice.is_one_in(4) {
        return libfuzzer_sys::fuzzer_mutate(bytes, size, max_size);
    }
    match change(&bytes[..size], &mut dice).filter(|changed| changed.len() <= max_size) {
        Some(changed) => {
            bytes[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(bytes, size, max_size),
    }
}
