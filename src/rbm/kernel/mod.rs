//! The processor's own arithmetic, for layers that are mostly zeros.
//!
//! A roll has about 5 bits in 100 set, and a sampled hidden layer is bits too. So the products of
//! contrastive divergence are sums of rows of the weights, not dense matrix products: rows are added
//! one by one where few bits are set, and through tables of the sums of every subset of four rows
//! where many are (the "method of four Russians"; Arlazarov, Dinic, Kronrod & Faradžev 1970). The
//! update of a weight touches only the cases in which its visible unit is on. Sampling decides most
//! units by eight random bits. `docs/benchmarks.md` says what that gains over dense products.
//!
//! Everything is laid out in tiles of 32 units ([`tiles`]); a tile is the unit of work that threads
//! share, and no result depends on how many threads there are.

#![expect(
    clippy::inline_always,
    clippy::needless_range_loop,
    reason = "what is not inlined is compiled without the instruction set, and lanes are indexed"
)]

mod coins;
mod energy;
mod flips;
mod gradient;
mod looks;
mod pack;
mod parallel;
mod product;
mod simd;
mod step;
mod tiles;
mod transpose;
mod weights;

pub(super) use coins::{Draw, sample};
pub(super) use flips::Flips;
pub(super) use gradient::{Phase, Step, Velocity};
pub(super) use pack::PackedRows;
pub(super) use parallel::{install, set_threads, share, threads};
pub(super) use tiles::{Bits, Numbers};
pub(super) use weights::{Heat, MeasureSums, States, Weights, lanes_of_rows, rows_of_lanes};
