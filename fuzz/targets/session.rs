//! What sessions, locks and other starts leave behind.
#![no_main]

#[path = "../reading/session.rs"]
mod reading;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| reading::read(bytes));
