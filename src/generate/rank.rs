//! What can be said of a piece without hearing it, to sort many by.

use serde::{Deserialize, Serialize};

use crate::dataset::{EncodingSettings, roll_to_rows};
use crate::music::{Key, PianoRoll, PitchClassWeights};
use crate::rbm::{Chain, ChainStart, Machine};

use super::GenerateError;

/// What pieces are sorted by, the best first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RankBy {
    /// What the model finds likeliest.
    FreeEnergy,
    /// What is farthest from the training songs.
    Novelty,
    /// The plain musical score.
    #[default]
    Score,
}

/// A piece as it was made, in figures.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// Mean over the piece's excerpts, in nats: lower is likelier to the model.
    pub free_energy: f64,
    /// Distance from the nearest training excerpt, 0 to 1; see
    /// [`Nearest::distance`](crate::dataset::Nearest). `None` where the songs are not at hand or
    /// the piece is silent.
    pub novelty: Option<f64>,
    pub score: MusicalScore,
}

/// A plain score from 0 to 1: the product of three shares. It tells broken pieces from whole ones,
/// not good ones from better ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MusicalScore {
    /// The share of the sound (notes × steps) within the best-fitting major or minor key.
    pub in_key: f64,
    /// The share of the bars that have a note.
    pub sounding_bars: f64,
    /// The share of the sound whose notes last longer than a step, where a beat has four steps or
    /// more, and no longer than two bars.
    pub sound_lengths: f64,
}

impl MusicalScore {
    pub fn of(roll: &PianoRoll, steps_per_bar: usize) -> Self {
        let notes = roll.notes();
        let sound: f64 = notes.iter().map(|note| f64::from(note.n_steps)).sum();
        if sound == 0.0 {
            return Self::default();
        }
        let mut weights: PitchClassWeights = [0.0; 12];
        for note in &notes {
            weights[usize::from(note.pitch % 12)] += f64::from(note.n_steps);
        }
        let share = |is_good: &dyn Fn(u8, u32) -> bool| {
            let good = notes.iter().filter(|note| is_good(note.pitch, note.n_steps));
            good.map(|note| f64::from(note.n_steps)).sum::<f64>() / sound
        };
        let key = Key::estimate(&weights);
        let shortest = if roll.steps_per_beat() >= 4 { 2 } else { 1 };
        let longest = 2 * steps_per_bar.max(1) as u32;
        let bars = roll.cells().chunks(roll.pitches().len() * steps_per_bar.max(1));
        let n_bars = bars.len() as f64;
        let sounds = |bar: &&[u8]| bar.iter().any(|cell| cell & PianoRoll::HOLD != 0);
        Self {
            in_key: share(&|pitch, _| key.is_some_and(|key| key.contains(pitch))),
            sounding_bars: bars.filter(sounds).count() as f64 / n_bars,
            sound_lengths: share(&|_, n_steps| (shortest..=longest).contains(&n_steps)),
        }
    }

    pub fn value(self) -> f64 {
        self.in_key * self.sounding_bars * self.sound_lengths
    }
}

impl Ranking {
    /// What the rank is by, as a number of which the smallest is the best; unknown ones come last.
    pub fn key(&self, by: RankBy) -> f64 {
        match by {
            RankBy::FreeEnergy => self.free_energy,
            RankBy::Novelty => self.novelty.map_or(f64::INFINITY, |novelty| -novelty),
            RankBy::Score => -self.score.value(),
        }
    }
}

/// The order of pieces by their rank, the best first; equal ones as they stand.
pub fn ranked(rankings: &[Option<Ranking>], by: RankBy) -> Vec<usize> {
    let key = |place: &usize| rankings[*place].map_or(f64::INFINITY, |ranking| ranking.key(by));
    let mut order: Vec<usize> = (0..rankings.len()).collect();
    order.sort_by(|a, b| key(a).total_cmp(&key(b)));
    order
}

/// The mean free energy of a piece's excerpts as the training would cut them, in nats (of the raw
/// weights); a last one that is not whole is filled up with silence.
pub(super) fn free_energy(
    machine: &Machine,
    encoding: &EncodingSettings,
    (roll, hop): (&PianoRoll, usize),
) -> Result<f64, GenerateError> {
    let n_steps = encoding.steps_per_excerpt as usize;
    let last = roll.n_steps().saturating_sub(n_steps).next_multiple_of(hop.max(1));
    let starts: Vec<usize> = (0..=last).step_by(hop.max(1)).collect();
    let rows = |start: &usize| roll_to_rows(&roll.excerpt(*start..start + n_steps), encoding);
    let states: Vec<u8> = starts.iter().flat_map(rows).collect();
    let chain = Chain::new(machine, &ChainStart::States(states), vec![0; starts.len()])?;
    let energies = chain.free_energies()?;
    Ok(energies.iter().map(|&energy| f64::from(energy)).sum::<f64>() / energies.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::music::{PitchRange, RollNote};

    fn roll(notes: &[(u32, u32, u8)]) -> PianoRoll {
        let note = |&(start_step, n_steps, pitch): &(u32, u32, u8)| RollNote {
            start_step,
            n_steps,
            pitch,
        };
        let notes: Vec<RollNote> = notes.iter().map(note).collect();
        PianoRoll::from_notes(&notes, 64, PitchRange::REFERENCE, 4)
    }

    #[test]
    fn the_score_is_one_for_whole_music_and_falls_with_each_fault() {
        let scale = [60, 62, 64, 65, 67, 69, 71, 72];
        let whole: Vec<(u32, u32, u8)> =
            (0..16).map(|n| (n * 4, 4, scale[n as usize % 8])).collect();
        let score = |notes: &[(u32, u32, u8)]| MusicalScore::of(&roll(notes), 16);
        assert_eq!(score(&whole).value(), 1.0);
        assert_eq!(score(&whole[..8]).sounding_bars, 0.5);
        let grains: Vec<_> = whole.iter().map(|&(start, _, pitch)| (start, 1, pitch)).collect();
        assert_eq!(score(&grains).sound_lengths, 0.0);
        assert_eq!(score(&[(0, 64, 60)]).sound_lengths, 0.0, "a drone");
        let mut foreign = whole.clone();
        foreign[1].2 = 61;
        assert_eq!(score(&foreign).in_key, 15.0 / 16.0);
        assert_eq!(score(&[]), MusicalScore::default());
    }

    #[test]
    fn the_best_stand_first_and_the_unknown_last() {
        let ranking = |free_energy, novelty, sounding_bars| {
            let score = MusicalScore { in_key: 1.0, sounding_bars, sound_lengths: 1.0 };
            Some(Ranking { free_energy, novelty, score })
        };
        let all = [
            ranking(-5.0, Some(0.1), 0.5),
            None,
            ranking(-9.0, None, 1.0),
            ranking(-1.0, Some(0.4), 0.75),
        ];
        assert_eq!(ranked(&all, RankBy::FreeEnergy), [2, 0, 3, 1]);
        assert_eq!(ranked(&all, RankBy::Novelty)[..2], [3, 0]);
        assert_eq!(ranked(&all, RankBy::Score), [2, 3, 0, 1]);
    }
}
