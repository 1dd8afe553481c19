//! Everything through the public face: one program, one file a behaviour.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "tests")]

mod accessibility;
mod architecture;
mod command_line;
mod composing;
mod demo_set;
mod engine_session;
mod full_disk;
mod fuzz_targets;
mod gpu_pack;
mod many_files;
mod midi_reading;
mod mutations;
mod packaging;
mod odd_names;
mod privacy;
mod project_files;
mod real_window;
mod report_preset;
mod saving;
mod sound_server;
mod source_text;
mod training_learns;
mod two_windows;
mod world;
