//! Harmonium trains a restricted Boltzmann machine on MIDI files and plays what it dreams.
//!
//! The rooms, in the order in which the ideas build on each other.
//! **A room may use only rooms listed before it. A heavy dependency has exactly one room.**
//! `tests/it/architecture.rs` holds both.

pub mod music;
pub mod midi;
pub mod dataset;
pub mod rbm;
pub mod train;
pub mod generate;
pub mod audio;
pub mod project;
pub mod engine;
pub mod platform;
pub mod gpu_pack;
pub mod cli;
#[cfg(feature = "gui")]
pub mod ui;
#[cfg(feature = "gui")]
pub mod app;
