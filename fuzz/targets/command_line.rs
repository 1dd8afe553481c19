//! Command lines as clap reads them: arguments, refused with words or understood. Nothing is run.
#![no_main]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use clap::Parser as _;
use harmonium::cli::Arguments;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // One argument a line, whatever its bytes.
    let arguments = bytes.split(|byte| *byte == b'\n').take(40);
    let arguments = arguments.map(|argument| OsString::from_vec(argument.to_vec()));
    let program = std::iter::once(OsString::from("harmonium"));
    if let Err(error) = Arguments::try_parse_from(program.chain(arguments)) {
        assert!(!error.to_string().is_empty());
    }
});
