//! The state of the card that shows what the model has learned: which tab is open, which unit is
//! chosen, which units are followed. What is wanted of the engine follows from it.

use std::ops::Range;
use std::sync::Arc;

use crate::engine::{ModelSnapshot, UnitOrder, Wanted, WantedStep, WantedUnits};

/// So many units are followed at once.
pub const MOST_PINS: usize = 3;
/// Of each of them so many pictures are kept.
pub const MOST_SHOTS: usize = 12;

/// The parts of the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LearnedTab {
    #[default]
    Units,
    Particles,
    OneStep,
    Histograms,
    Activity,
    Network,
}

impl LearnedTab {
    pub const ALL: [Self; 6] = [
        Self::Units,
        Self::Particles,
        Self::OneStep,
        Self::Histograms,
        Self::Activity,
        Self::Network,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Units => "Units",
            Self::Particles => "Particles",
            Self::OneStep => "One step",
            Self::Histograms => "Histograms",
            Self::Activity => "Activity",
            Self::Network => "Network",
        }
    }
}

/// What of the model is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Heard {
    Unit(usize),
    Particle(usize),
    /// v0 of the one step.
    Excerpt,
    /// v1 of the one step.
    Reconstruction,
}

/// A unit that is followed through the epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PinnedUnit {
    pub unit: usize,
    /// Oldest first.
    pub shots: Vec<PinShot>,
}

/// How a unit looked after an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct PinShot {
    pub epoch: u32,
    pub weights: Arc<[f32]>,
}

impl PinnedUnit {
    /// Takes a picture of the epoch under way, or renews it. Where there would be too many, one goes
    /// whose neighbours are nearest in time; the first and the last stay.
    pub fn add(&mut self, epoch: u32, weights: &Arc<[f32]>) {
        // A run that went astray stands at an earlier epoch again.
        self.shots.retain(|shot| shot.epoch < epoch);
        self.shots.push(PinShot { epoch, weights: Arc::clone(weights) });
        if self.shots.len() > MOST_SHOTS {
            let gap = |place: &usize| {
                self.shots[place + 1].epoch.saturating_sub(self.shots[place - 1].epoch)
            };
            if let Some(place) = (1..self.shots.len() - 1).min_by_key(gap) {
                self.shots.remove(place);
            }
        }
    }
}

/// What the card shows.
#[derive(Clone, Debug)]
pub struct LearnedState {
    pub is_open: bool,
    pub tab: LearnedTab,
    pub order: UnitOrder,
    /// Counts how often it was asked to sort again.
    pub sorting: u64,
    /// The places in the order that are seen; the panel says so when it has laid them out.
    pub places: Range<usize>,
    /// The pointer is over the units: they must not change places.
    pub is_pointed_at: bool,
    /// The unit that was chosen, here and in the picture of the network.
    pub selected: usize,
    pub pins: Vec<PinnedUnit>,
    /// How many particles there is room for.
    pub n_particles: usize,
    /// The training excerpt of the one step.
    pub excerpt: usize,
    /// Another toss of the hidden units.
    pub toss: u64,
    pub hearing: Option<Heard>,
    /// The explanation of the network was closed for good.
    pub is_explained: bool,
    /// What the card's edge was dragged to, in points.
    pub height: Option<f32>,
}

impl Default for LearnedState {
    fn default() -> Self {
        Self {
            is_open: true,
            tab: LearnedTab::default(),
            order: UnitOrder::default(),
            sorting: 0,
            places: 0..0,
            is_pointed_at: false,
            selected: 0,
            pins: Vec::new(),
            n_particles: 0,
            excerpt: 0,
            toss: 0,
            hearing: None,
            is_explained: false,
            height: None,
        }
    }
}

impl LearnedState {
    /// What the engine shall make pictures of: nothing that is not seen. Units that are followed
    /// cost a column of the weights each while the card is open.
    pub fn wanted(&self) -> Wanted {
        if !self.is_open {
            return Wanted::default();
        }
        let mut others: Vec<usize> = self.pins.iter().map(|pin| pin.unit).collect();
        if self.tab == LearnedTab::Network && !others.contains(&self.selected) {
            others.push(self.selected);
        }
        let is_units = self.tab == LearnedTab::Units;
        let units = WantedUnits {
            order: self.order,
            sorting: self.sorting,
            holds_order: self.is_pointed_at,
            places: if is_units { self.places.clone() } else { 0..0 },
            others,
        };
        let wants_step = matches!(self.tab, LearnedTab::OneStep | LearnedTab::Network);
        Wanted {
            units: (is_units || !units.others.is_empty()).then_some(units),
            particles: (self.tab == LearnedTab::Particles).then_some(self.n_particles),
            step: wants_step.then_some(WantedStep { excerpt: self.excerpt, toss: self.toss }),
            histograms: self.tab == LearnedTab::Histograms,
            activity: self.tab == LearnedTab::Activity,
        }
    }

    /// Adds the units that are followed as they stand now.
    pub fn follow(&mut self, snapshot: &ModelSnapshot) {
        for pin in &mut self.pins {
            if let Some(unit) = snapshot.unit(pin.unit) {
                pin.add(snapshot.finished_epochs, &unit.weights);
            }
        }
    }

    /// Follows a unit, or no longer.
    pub fn toggle_pin(&mut self, unit: usize, snapshot: &ModelSnapshot) {
        if self.is_pinned(unit) {
            self.pins.retain(|pin| pin.unit != unit);
            return;
        }
        // The oldest makes room.
        if self.pins.len() >= MOST_PINS {
            self.pins.remove(0);
        }
        self.pins.push(PinnedUnit { unit, shots: Vec::new() });
        self.follow(snapshot);
    }

    pub fn is_pinned(&self, unit: usize) -> bool {
        self.pins.iter().any(|pin| pin.unit == unit)
    }

    /// Another run begins: what was followed is over.
    pub fn forget_run(&mut self) {
        self.pins.clear();
        self.selected = 0;
        self.places.start = 0;
        self.excerpt = 0;
    }
}

/// The notes that a unit calls for, as a visible layer of 0 and 1: where its weight is positive and
/// above twice the root mean square of its weights. What is struck sounds. `n_pitches` is the width
/// of a plane, `n_planes` how many there are.
pub fn unit_cells(weights: &[f32], n_pitches: usize, n_planes: usize) -> Vec<u8> {
    let squares: f32 = weights.iter().map(|weight| weight * weight).sum();
    let threshold = 2.0 * (squares / weights.len().max(1) as f32).sqrt();
    let mut cells: Vec<u8> =
        weights.iter().map(|&weight| u8::from(weight > threshold && weight > 0.0)).collect();
    if n_planes > 1 {
        for row in cells.chunks_exact_mut(n_planes * n_pitches.max(1)) {
            let (holds, onsets) = row.split_at_mut(n_pitches);
            holds.iter_mut().zip(onsets).for_each(|(hold, onset)| *hold |= *onset);
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{UnitPicture, UnitsPicture};

    fn snapshot(epoch: u32, unit: usize) -> ModelSnapshot {
        let picture =
            UnitPicture { unit, weights: vec![epoch as f32].into(), ..Default::default() };
        let units = UnitsPicture { shown: vec![picture], ..UnitsPicture::default() };
        ModelSnapshot { finished_epochs: epoch, units: Some(units), ..ModelSnapshot::default() }
    }

    #[test]
    fn only_what_is_seen_is_wanted() {
        let mut learned = LearnedState { places: 0..9, n_particles: 4, ..LearnedState::default() };
        let asks_for = |wanted: &Wanted| {
            [
                wanted.units.is_some(),
                wanted.particles.is_some(),
                wanted.step.is_some(),
                wanted.histograms,
                wanted.activity,
            ]
        };
        for (tab, expected) in LearnedTab::ALL.into_iter().zip([
            [true, false, false, false, false],
            [false, true, false, false, false],
            [false, false, true, false, false],
            [false, false, false, true, false],
            [false, false, false, false, true],
            [true, false, true, false, false],
        ]) {
            learned.tab = tab;
            assert_eq!(asks_for(&learned.wanted()), expected, "{tab:?}");
        }
        learned.tab = LearnedTab::Histograms;
        learned.toggle_pin(5, &snapshot(1, 5));
        assert_eq!(learned.wanted().units.unwrap().others, [5]);
        learned.is_open = false;
        assert!(learned.wanted().is_empty());
    }

    #[test]
    fn a_unit_is_followed_through_any_number_of_epochs_with_few_pictures() {
        let mut learned = LearnedState::default();
        learned.toggle_pin(3, &snapshot(0, 3));
        for epoch in 0..500 {
            learned.follow(&snapshot(epoch, 3));
        }
        let epochs: Vec<u32> = learned.pins[0].shots.iter().map(|shot| shot.epoch).collect();
        assert_eq!((epochs.len(), epochs[0], epochs[11]), (MOST_SHOTS, 0, 499));
        assert!(epochs.is_sorted());
        // No hole is larger than half of the way.
        assert!(epochs.windows(2).all(|pair| pair[1] - pair[0] < 250));
        // After a run went astray it goes on from an earlier epoch.
        learned.follow(&snapshot(100, 3));
        assert_eq!(learned.pins[0].shots.last().unwrap().epoch, 100);
        for unit in 10..14 {
            learned.toggle_pin(unit, &snapshot(1, unit));
        }
        assert_eq!(learned.pins.len(), MOST_PINS);
        learned.toggle_pin(13, &snapshot(1, 13));
        assert!(!learned.is_pinned(13));
    }

    #[test]
    fn a_unit_is_heard_by_what_it_calls_for() {
        let mut weights = vec![0.01; 24];
        weights[1] = 1.0;
        weights[2] = -3.0;
        weights[8] = 1.0;
        let cells = unit_cells(&weights, 3, 2);
        assert_eq!(cells, [0; 24]);
        weights[2] = -0.2;
        let cells = unit_cells(&weights, 3, 2);
        let on: Vec<usize> = (0..24).filter(|&cell| cells[cell] == 1).collect();
        assert_eq!(on, [1, 8]);
        // Struck, though the hold says nothing.
        weights[10] = 1.0;
        let cells = unit_cells(&weights, 3, 2);
        let on: Vec<usize> = (0..24).filter(|&cell| cells[cell] == 1).collect();
        assert_eq!(on, [1, 7, 8, 10]);
    }
}
