//! The GPU pack: libtorch's CUDA half, which a person may put beside the program.
//!
//! The program ships with libtorch for the processor. What computes on an NVIDIA GPU is five times
//! as large, so it is not in the packages: `harmonium gpu install`, or a button, takes the
//! libraries out of the very wheels that the build was made from, whose hashes are known here.
//! libtorch_cuda.so of the same wheel as the libtorch_cpu.so that is running is opened at run time,
//! so nothing starts anew.
//!
//! | file | what it is for |
//! |---|---|
//! | `manifest` | which wheels, and what of them |
//! | `driver` | whether there is a card and a driver that can compute |
//! | `home` | where the pack lies, and whether it is whole |
//! | `install` | the work of putting it there, and taking it away |
//! | `pip` | fetching a wheel: the only use of a network in this program, asked for each time |
//! | `wheel` | what is checked and taken of a wheel |
//! | `status` | all of it in words |

mod driver;
mod error;
mod home;
mod install;
mod manifest;
mod pip;
mod status;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod wheel;

pub use driver::{Driver, OLDEST_DRIVER, find_driver};
pub use error::PackError;
pub use home::{Home, PackState};
pub use install::{Progress, Source, Stage, install, remove};
pub use manifest::{Manifest, Wheel};
pub use pip::{Pip, pip_arguments};
pub use status::{Status, prepare};
