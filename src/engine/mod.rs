//! The thread that owns the model: commands in, events and pictures out.
//!
//! *Events* are facts: small, ordered, none lost. *Pictures* ([`Progress`], [`ModelSnapshot`]) lie
//! in a place for one, where the latest wins. Commands are obeyed between batches. Work on copies
//! (importing, generating, saving) has threads of its own, so that training goes on meanwhile.
//! The room knows no window: it is handed a `wake` closure that is called after anything new.

mod audition;
mod command;
mod dream;
mod estimates;
mod event;
mod files;
mod handle;
mod jobs;
mod live;
mod pictures;
mod run;
mod sweep;
mod thread_choice;
mod timed_run;
mod way_on;
mod worker;

pub use command::{
    AdoptRequest, AuditionRequest, AutosaveRequest, EngineCommand, GenerateRequest, ImportRequest,
    LockWish, NearestRequest, StepSize, TrainRequest,
};
pub use dream::{VoiceSource, dream};
pub use event::{Divergence, EngineEvent, NearestSong, ReadRun, RunEnd, RunFacts};
pub use handle::{EngineHandle, EngineOptions, Fault, Wake};
pub use live::{ChainPicture, ChainStep};
pub use pictures::{
    ActivityPicture, ExcerptSong, Histogram, HistogramsPicture, ModelSnapshot, ParticleKind,
    ParticlesPicture, Progress, StepPicture, UnitOrder, UnitPicture, UnitsPicture, Wanted,
    WantedStep, WantedUnits,
};
pub use sweep::{EntryState, SweepCounts, SweepEntry, SweepQueue};
pub use thread_choice::ThreadChoice;
pub use timed_run::TimedRun;
pub use way_on::{GoOnRequest, WayOn, ways_on};
