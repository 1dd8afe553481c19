//! What is seen: theme, fonts, icons, widgets. Borrows plain state, holds no model, cannot block.
//!
//! | file | what it is for |
//! |---|---|
//! | [`theme`] | the design tokens, dark and light, and how egui is dressed in them |
//! | [`fonts`] | the fonts that ship with the program |
//! | [`icons`] | the pictures that stand in text and on buttons |
//! | [`widgets`] | the parts that panels are made of |
//! | [`command`] | everything that a person can do |
//! | [`state`] | what the panels read |
//! | [`path_prompt`] | a field for a path, where the system has no dialog |

pub mod theme;
pub mod fonts;
pub mod icons;
pub mod widgets;
pub mod command;
pub mod state;
pub mod path_prompt;

#[cfg(test)]
pub(crate) mod testing;
pub mod layout;
