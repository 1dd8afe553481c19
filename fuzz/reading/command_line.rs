//! Command lines: arguments refused with words, or understood as far as can be told without reading a file, settings
//! and all. Nothing is run.

use std::ffi::OsString;
#[cfg(unix)]
use std::os::unix::ffi::OsStringExt as _;

use clap::Parser as _;
use harmonium::cli::{self, Arguments};

#[cfg(unix)]
pub fn read(bytes: &[u8]) {
    // One argument a line, whatever its bytes.
    let arguments = bytes.split(|byte| *byte == b'\n').take(40);
    let arguments = arguments.map(|argument| OsString::from_vec(argument.to_vec()));
    let program = std::iter::once(OsString::from("harmonium"));
    match Arguments::try_parse_from(program.chain(arguments)) {
        Err(error) => assert!(!error.to_string().is_empty()),
        Ok(Arguments { command: Some(command), .. }) => {
            if let Err(error) = cli::check(&command) {
                assert!(!error.to_string().is_empty());
            }
        }
        Ok(Arguments { window, .. }) => {
            // One path for each argument: an address of a file is one, too.
            assert!(window.files.len() <= 40);
        }
    }
}
