//! Settings: files and texts.
#![no_main]

#[path = "../mutation/dice.rs"]
mod dice;
#[path = "../mutation/json.rs"]
mod json;
#[path = "../mutation/libfuzzer.rs"]
mod libfuzzer;
#[path = "../mutation/settings.rs"]
mod mutation;
#[path = "../reading/settings.rs"]
mod reading;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reading::read(bytes));

libfuzzer_sys::fuzz_mutator!(|bytes: &mut [u8], size: usize, max_size: usize, seed: u32| {
    libfuzzer::mutate(bytes, size, max_size, seed, mutation::change)
});
