//! Short notes that let an edit or a key be heard, beside whatever plays.

use super::synth::Synth;

/// The last channel: pieces of this program have a single track, which plays on the first, so a
/// preview neither ends a note of the piece nor is ended by one.
const CHANNEL: u8 = 15;
/// So many sound at once; one more ends the oldest.
const MAX_KEYS: usize = 8;
const LENGTH_SECS: f32 = 0.35;

/// The notes of a preview that sound, each with the frames that it still lasts, oldest first.
#[derive(Debug, Default)]
pub(super) struct Preview {
    keys: [(u8, u32); MAX_KEYS],
    n_keys: usize,
}

impl Preview {
    pub(super) fn strike(&mut self, synth: &mut impl Synth, key: u8, velocity: u8) {
        let is_held = |(held, _): &(u8, u32)| *held == key;
        let held = self.keys[..self.n_keys].iter().position(is_held);
        if let Some(place) = held.or((self.n_keys == MAX_KEYS).then_some(0)) {
            self.release(synth, place);
        }
        synth.note_on(CHANNEL, key, velocity.clamp(1, 127));
        let frames = (LENGTH_SECS * synth.sample_rate() as f32) as u32;
        self.keys[self.n_keys] = (key, frames);
        self.n_keys += 1;
    }

    /// Lets time pass; what has lasted long enough is released.
    pub(super) fn pass(&mut self, synth: &mut impl Synth, frames: u32) {
        for (_, left) in &mut self.keys[..self.n_keys] {
            *left = left.saturating_sub(frames);
        }
        while self.n_keys > 0 && self.keys[0].1 == 0 {
            self.release(synth, 0);
        }
    }

    /// After all sound was cut off.
    pub(super) fn forget(&mut self) {
        self.n_keys = 0;
    }

    fn release(&mut self, synth: &mut impl Synth, place: usize) {
        synth.note_off(CHANNEL, self.keys[place].0);
        self.keys.copy_within(place + 1..self.n_keys, place);
        self.n_keys -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::testing::RecordingSynth;

    #[test]
    fn a_preview_ends_by_itself_and_many_end_the_oldest() {
        let mut synth = RecordingSynth::new(1000);
        let mut preview = Preview::default();
        for key in 60..69 {
            preview.strike(&mut synth, key, 80);
        }
        let struck: Vec<u8> = synth.notes().iter().map(|note| note.2).collect();
        assert_eq!(struck, [60, 61, 62, 63, 64, 65, 66, 67, 60, 68], "the ninth ends the first");
        preview.strike(&mut synth, 64, 90);
        synth.told.clear();
        preview.pass(&mut synth, 349);
        assert_eq!(synth.notes(), []);
        preview.pass(&mut synth, 1);
        let ended: Vec<(u8, u8)> = synth.notes().iter().map(|note| (note.2, note.3)).collect();
        assert_eq!(ended, [61, 62, 63, 65, 66, 67, 68, 64].map(|key| (key, 0)));
    }
}
