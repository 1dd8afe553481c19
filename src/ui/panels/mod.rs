//! The panels of the main window. Each reads [`State`](super::state::State) and pushes commands.
//!
//! | file | what it shows |
//! |---|---|
//! | [`top_bar`] | the project, the run and how far it is, the device |
//! | [`menus`], [`palette`], [`shortcut_sheet`] | the list of actions: to choose, to find, to learn the keys |
//! | [`jobs`] | long work: how far, how long still, Cancel |
//! | [`data`] | songs and folders, what was taken of them, how they become excerpts |
//! | [`model`] | the knobs of the model, the error curve, what it has learned |
//! | [`runs`] | all runs as a table, two compared, sweeps |
//! | [`music`] | how new music is made, and the pieces |
//! | [`transport`] | play, tempo, instrument, volume, export |
//! | [`roll`] | the big piano roll |
//! | [`notices`] | what a person should know: toasts and their list |
//! | [`gpu`] | the graphics card, what is missing, the GPU pack |
//! | [`manual`] | the user manual: contents, search, pages |
//! | [`dialogs`] | questions |
//! | [`about`] | what the program is, on whose work it stands, under which licences |
//! | [`tour`] | the callout of the tour |
//! | [`drop`] | what happens to files that are dropped |

mod compose_menu;
mod curves;
mod manual_code;
mod parts;
mod setting_knob;

pub use parts::count;

pub mod top_bar;
pub mod menus;
pub mod palette;
pub mod shortcut_sheet;
pub mod sound;
pub mod instrument;
pub mod jobs;
pub mod data;
pub mod model;
pub mod music;
pub mod runs;
pub mod transport;
pub mod roll;
mod roll_bar;
mod scale_picker;
pub mod notices;
pub mod dialogs;
pub mod about;
pub mod diagnostics;
pub mod gpu;
pub mod manual;
pub mod recovery;
pub mod drop;
pub mod export;
pub mod tour;
#[cfg(test)]
pub(crate) mod examples;
#[cfg(test)]
mod export_tests;
#[cfg(test)]
mod gpu_tests;
#[cfg(test)]
mod guidance_tests;
#[cfg(test)]
mod keyboard_tests;
#[cfg(test)]
mod manual_tests;
#[cfg(test)]
mod picture_tests;
#[cfg(test)]
mod roll_tests;
#[cfg(test)]
mod run_tests;
#[cfg(test)]
mod sound_tests;
#[cfg(test)]
mod diagnostics_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod window_tests;
