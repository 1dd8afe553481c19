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
//! | [`learned`] | the state of the card that shows what the model has learned |
//! | [`runs_state`] | the runs of a project side by side |
//! | [`diagnostics_state`] | what the diagnostics window shows |
//! | [`gpu_state`] | the graphics card and its pack |
//! | [`manual`], [`manual_state`] | the user manual, and what of it is open |
//! | [`recovery`] | what earlier sessions left behind |
//! | [`path_prompt`] | a field for a path, where the system has no dialog |
//! | [`window_state`] | zoom, hidden parts, what lies on top |
//! | [`actions`] | the one list of actions: menus, keys and the palette come from it |
//! | [`shortcuts`] | what listens to the keys |
//! | [`advice`] | which advice on the run stands in the window |
//! | [`tour`] | the three steps of the first start |
//! | [`focus`] | where the keyboard is |
//! | [`tool_window`] | windows that lie over the columns, and the keyboard in them |
//! | [`announcer`] | what a screen reader says by itself |
//! | [`panels`] | the parts of the window |
//! | [`layout`] | the whole window |

pub mod theme;
pub mod fonts;
pub mod icons;
pub mod widgets;
pub mod command;
pub mod compose;
pub mod window_state;
pub mod state;
pub mod sound_state;
pub mod diagnostics_state;
pub mod gpu_state;
pub mod manual;
pub mod manual_state;
pub mod learned;
pub mod advice;
pub mod tour;
pub mod runs_state;
pub mod recovery;
pub mod path_prompt;
pub mod actions;
pub mod shortcuts;
pub mod export_plan;
pub mod focus;
pub mod tool_window;
pub mod announcer;
pub mod panels;
pub mod layout;

#[cfg(test)]
pub(crate) mod nameless;
#[cfg(test)]
pub(crate) mod testing;
