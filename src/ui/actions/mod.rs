//! The one list of what a person can do from a menu, by a key or from the palette.
//!
//! | file | what it is for |
//! |---|---|
//! | [`table`] | every action with its section, title, keys and meaning |
//! | [`now`] | what an action comes to in a state: a command, or why there is none |
//! | [`find`] | how well words match what was typed |
//! | [`palette_items`] | what the palette finds: actions, settings, presets, folders |
//! | [`palette_controls`] | and: tempo, instrument, tabs, measures, grid, scale |

pub mod table;
pub mod now;
pub mod find;
pub mod palette_items;
pub mod palette_controls;

pub use now::{Now, now};
pub use table::{ACTIONS, Action, Entry, Section, entry};
