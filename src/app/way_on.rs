//! Going on with a run that failed because of the machine: less at a time, or on the processor.

use crate::engine::{EngineCommand, GoOnRequest, WayOn};
use crate::rbm::DeviceChoice;
use crate::ui::state::RunPhase;

use super::App;

impl App {
    /// Takes one of the ways that were offered. A run that could not even begin is begun anew.
    pub(super) fn go_on(&mut self, way: WayOn) {
        let RunPhase::Failed { ways_on, .. } = &self.state.run.phase else { return };
        if !ways_on.contains(&way) {
            return;
        }
        match way {
            WayOn::SmallerBatch(size) => self.set_setting("batch_size", &size.to_string()),
            WayOn::Processor => {
                self.device = DeviceChoice::Cpu;
                self.tell("Runs use the processor until Harmonium is started again");
            }
        }
        if self.state.run.facts.is_none() {
            return self.train();
        }
        self.state.run.phase = RunPhase::Preparing;
        let request = GoOnRequest {
            songs: self.state.data.songs.clone(),
            held_out_songs: self.held_out_songs.clone(),
            device: self.device,
            way,
        };
        self.engine.send(EngineCommand::GoOn(Box::new(request)));
    }
}
