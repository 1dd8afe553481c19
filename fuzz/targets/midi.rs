//! MIDI files.
//!
//! The modules come by their path: whatever links the library also loads libtorch.
#![no_main]
#![allow(dead_code, unreachable_pub, unused_imports, reason = "the library uses more of them")]

#[path = "../../src/midi/mod.rs"]
mod midi;
#[path = "../../src/music/mod.rs"]
mod music;
#[path = "../reading/midi.rs"]
mod reading;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reading::read(bytes));
