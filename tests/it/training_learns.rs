//! Small worlds in which it is known what there is to learn: bars and stripes.

use std::collections::HashSet;

use harmonium::dataset::{EncodingSettings, Planes, rows_to_roll};
use harmonium::generate::{
    Assignment, GenerateSettings, KeptDensities, Region, ScoreSettings, Start, Task, Voice,
    roll_to_score, score_notes_to_roll,
};
use harmonium::midi::{self, EventKind, MidiFile};
use harmonium::music::{PianoRoll, PitchRange, RollNote};
use harmonium::project::Project;
use harmonium::rbm::{Algorithm, Device, Machine};
use harmonium::train::{Preset, TrainSettings, Trainer};
use proptest::prelude::*;

use crate::world::{small_settings, songs, train};

const SIDE: usize = 3;

/// Every bar and every stripe of 3 × 3 cells; a step is a row of cells.
fn bars_and_stripes() -> HashSet<Vec<u8>> {
    let mut patterns = HashSet::new();
    for code in 0..1_usize << SIDE {
        let bit = |place: usize| (code >> place & 1) as u8;
        patterns.insert((0..SIDE * SIDE).map(|cell| bit(cell / SIDE)).collect());
        patterns.insert((0..SIDE * SIDE).map(|cell| bit(cell % SIDE)).collect());
    }
    assert_eq!(patterns.len(), 14);
    patterns
}

fn world() -> EncodingSettings {
    EncodingSettings {
        steps_per_excerpt: SIDE as u32,
        pitch_low: 60,
        pitch_count: SIDE as u8,
        planes: Planes::Hold,
        held_out_share: 0.0,
        ..EncodingSettings::default()
    }
}

/// A project of one song that goes through all patterns but silence, which would be cut away.
fn project(encoding: &EncodingSettings) -> Project {
    let mut patterns: Vec<_> = bars_and_stripes().into_iter().collect();
    patterns.sort_unstable();
    patterns.rotate_left(1);
    let rows: Vec<u8> = patterns.concat();
    let mut song = songs(1, encoding).remove(0);
    song.roll = std::sync::Arc::new(rows_to_roll(&rows, encoding));
    song.n_excerpts = 14;
    Project { songs: vec![song], ..Project::default() }
}

#[test]
fn the_chains_of_persistent_learning_hold_bars_and_stripes() {
    let encoding = world();
    let legal = bars_and_stripes();
    let dataset = project(&encoding).dataset(&encoding).unwrap();
    // The last pattern is silence, of which the data set keeps no excerpt.
    let seen: HashSet<Vec<u8>> =
        dataset.training.iter().map(|&excerpt| dataset.visible(excerpt)).collect();
    assert!(seen.len() >= 13 && seen.is_subset(&legal), "{}", seen.len());
    let settings = TrainSettings {
        encoding,
        hidden_units: 16,
        algorithm: Algorithm::PersistentContrastiveDivergence,
        gibbs_steps: 5,
        chains: 100,
        learning_rate: 0.1,
        batch_size: 14,
        epochs: 6000,
        momentum: 0.0,
        weight_decay: 0.0,
        ..Preset::Recommended.settings()
    };
    let mut trainer = Trainer::new(&dataset, settings, Device::Cpu).unwrap();
    let records = train(&mut trainer, usize::MAX);
    let (first, last) = (records[0].metrics, records.last().unwrap().metrics);
    assert!(last.reconstruction_error < first.reconstruction_error / 4.0, "{first:?} {last:?}");
    let chains = trainer.chains().unwrap();
    let n_legal = chains.chunks(SIDE * SIDE).filter(|chain| seen.contains(*chain)).count();
    println!("{n_legal} of 100 chains are bars or stripes; by chance it would be 3");
    assert!(n_legal >= 70, "{n_legal} of 100 chains are bars or stripes");
}

#[test]
fn the_error_falls_whatever_the_algorithm() {
    let base = TrainSettings { epochs: 30, ..small_settings() };
    let project = Project { songs: songs(6, &base.encoding), ..Project::default() };
    let dataset = project.dataset(&base.encoding).unwrap();
    let cd = Algorithm::ContrastiveDivergence;
    for (name, settings) in [
        ("PCD", base.clone()),
        ("CD-1", TrainSettings { algorithm: cd, ..base.clone() }),
        (
            "CD-3, plain",
            TrainSettings { algorithm: cd, gibbs_steps: 3, centered: false, ..base.clone() },
        ),
        ("dropout", TrainSettings { dropout: 0.3, ..base.clone() }),
        ("weight decay", TrainSettings { weight_decay: 0.01, ..base.clone() }),
        ("no momentum", TrainSettings { momentum: 0.0, ..base.clone() }),
    ] {
        let mut trainer = Trainer::new(&dataset, settings, Device::Cpu).unwrap();
        let records = train(&mut trainer, usize::MAX);
        let (first, last) = (records[0].metrics, records.last().unwrap().metrics);
        let fell = last.reconstruction_error < 0.9 * first.reconstruction_error;
        assert!(fell, "{name}: {} to {}", first.reconstruction_error, last.reconstruction_error);
        assert!(last.held_out_error.is_some_and(f64::is_finite), "{name}");
    }
}

#[test]
fn weights_stay_finite_under_rates_and_biases_far_too_high() {
    let settings =
        TrainSettings { learning_rate: 1.0, epochs: 20, momentum: 0.99, ..small_settings() };
    let project = Project { songs: songs(3, &settings.encoding), ..Project::default() };
    let dataset = project.dataset(&settings.encoding).unwrap();
    let mut trainer = Trainer::new(&dataset, settings, Device::Cpu).unwrap();
    for record in train(&mut trainer, usize::MAX) {
        assert!(record.metrics.reconstruction_error.is_finite());
        assert!(record.metrics.free_energy.is_finite());
    }
}

/// A trained model of one-bar excerpts and the song that it is asked to go on from.
fn trained(settings: &TrainSettings) -> (Trainer, PianoRoll) {
    let project = Project { songs: songs(4, &settings.encoding), ..Project::default() };
    let dataset = project.dataset(&settings.encoding).unwrap();
    let mut trainer = Trainer::new(&dataset, settings.clone(), Device::Cpu).unwrap();
    train(&mut trainer, usize::MAX);
    (trainer, project.songs[0].roll.excerpt(0..64))
}

fn voice<'a>(
    trainer: &'a Trainer,
    settings: &'a TrainSettings,
    chains: &'a [u8],
    densities: &'a KeptDensities,
) -> Voice<'a> {
    Voice {
        machine: trainer.machine(),
        encoding: &settings.encoding,
        visible_means: trainer.visible_means(),
        chains,
        densities,
    }
}

#[test]
fn what_is_given_stays_to_the_note_however_long_the_music_grows() {
    for stride_steps in [0, 4, 8] {
        let mut settings = small_settings();
        settings.encoding.stride_steps = stride_steps;
        let (trainer, given) = trained(&settings);
        let chains = trainer.chains().unwrap();
        let densities = KeptDensities::default();
        let voice = voice(&trainer, &settings, &chains, &densities);
        let wish = GenerateSettings {
            pieces: 3,
            bars: 5,
            gibbs_steps: 3,
            is_last_step_likeliest: false,
            ..GenerateSettings::FROM_CHAINS
        };
        let task = Task::Continue(given.clone());
        let pieces = voice
            .generate(&wish, Start::Chains, &Assignment::new(&task, 16), &mut |_| true)
            .unwrap();
        assert_eq!(pieces.len(), 3);
        for piece in &pieces {
            assert_eq!(piece.roll.n_steps(), 64 + 80);
            assert_eq!(piece.roll.excerpt(0..64), given);
            let kept: Vec<RollNote> =
                piece.roll.notes().into_iter().filter(|note| note.start_step < 64).collect();
            assert_eq!(kept, given.notes(), "a given note was made longer");
            assert!(piece.roll.excerpt(64..144).hold_count() > 0, "silence was added");
        }
        assert_ne!(pieces[0].roll, pieces[1].roll);
        check_infill(&voice, &given);
    }
}

fn check_infill(voice: &Voice<'_>, given: &PianoRoll) {
    let wish = GenerateSettings { pieces: 2, gibbs_steps: 3, ..GenerateSettings::FROM_CHAINS };
    let task = Task::Inside { roll: given.clone(), region: Region::of_steps(16..48) };
    let pieces =
        voice.generate(&wish, Start::Noise, &Assignment::new(&task, 16), &mut |_| true).unwrap();
    for piece in &pieces {
        assert_eq!(piece.roll.n_steps(), 64);
        assert_eq!(piece.roll.excerpt(0..16), given.excerpt(0..16));
        assert_eq!(piece.roll.excerpt(48..64), given.excerpt(48..64));
        let outside = |roll: &PianoRoll| -> Vec<RollNote> {
            let is_outside = |note: &RollNote| !(16..48).contains(&note.start_step);
            roll.notes().into_iter().filter(is_outside).collect()
        };
        assert_eq!(outside(&piece.roll), outside(given));
        assert_ne!(piece.roll.excerpt(16..48), given.excerpt(16..48));
    }
}

#[test]
fn every_start_makes_pieces_of_the_length_asked_for_and_each_repeats_alone() {
    let settings = small_settings();
    let (trainer, song) = trained(&settings);
    let chains = trainer.chains().unwrap();
    let densities = KeptDensities::default();
    let voice = voice(&trainer, &settings, &chains, &densities);
    let wish = GenerateSettings {
        pieces: 3,
        bars: 3,
        gibbs_steps: 4,
        seed: 7,
        ..GenerateSettings::FROM_CHAINS
    };
    for start in [Start::Silence, Start::Noise, Start::Chains, Start::Song(&song)] {
        let make = |wish| {
            voice.generate(&wish, start, &Assignment::new(&Task::New, 12), &mut |_| true).unwrap()
        };
        let pieces = make(wish);
        assert_eq!(pieces.iter().map(|piece| piece.seed).collect::<Vec<_>>(), [7, 8, 9]);
        assert!(pieces.iter().all(|piece| piece.roll.n_steps() == 36));
        assert_eq!(pieces, make(wish));
        if start != Start::Chains {
            // The chains are dealt out in turn, so a piece of theirs has its place in the set.
            let alone = make(GenerateSettings { pieces: 1, seed: 8, ..wish });
            assert_eq!(alone[0], pieces[1], "{start:?}");
        }
    }
    let stopped =
        voice.generate(&wish, Start::Noise, &Assignment::new(&Task::New, 12), &mut |share| {
            share < 0.5
        });
    assert!(stopped.unwrap_err().to_string().contains("stopped"));
}

#[test]
fn a_machine_from_saved_parameters_dreams_the_same() {
    let settings = small_settings();
    let (trainer, _) = trained(&settings);
    let parameters = trainer.machine().parameters().unwrap();
    let copy = Machine::from_parameters(&parameters, Device::Cpu).unwrap();
    let dream = |machine| {
        let voice = Voice {
            machine,
            encoding: &settings.encoding,
            visible_means: trainer.visible_means(),
            chains: &[],
            densities: &KeptDensities::default(),
        };
        let wish = GenerateSettings {
            pieces: 2,
            bars: 2,
            gibbs_steps: 5,
            ..GenerateSettings::FROM_CHAINS
        };
        voice
            .generate(&wish, Start::Noise, &Assignment::new(&Task::New, 16), &mut |_| true)
            .unwrap()
    };
    assert_eq!(dream(trainer.machine()), dream(&copy));
}

/// Notes that are struck and never released, and releases without a note.
fn open_notes(file: &MidiFile) -> usize {
    let mut open = HashSet::new();
    let mut wrong = 0;
    for event in file.tracks.iter().flat_map(|track| &track.events) {
        match event.kind {
            EventKind::NoteOn { channel, pitch, velocity } if velocity > 0 => {
                wrong += usize::from(!open.insert((channel, pitch)));
            }
            EventKind::NoteOn { channel, pitch, .. } | EventKind::NoteOff { channel, pitch } => {
                wrong += usize::from(!open.remove(&(channel, pitch)));
            }
            _ => {}
        }
    }
    wrong + open.len()
}

proptest! {
    #[test]
    fn a_written_roll_leaves_no_note_open(
        cells in prop::collection::vec(0_u8..4, 0..600),
        grid in prop::sample::select(vec![1_u8, 2, 3, 4, 6, 8, 12]),
    ) {
        let pitches = PitchRange { low: 48, count: 12 };
        let mut roll = PianoRoll::from_cells(cells, pitches, grid);
        let bytes = midi::write(&roll_to_score(&roll, &ScoreSettings::default()));
        let file = midi::read(&bytes).unwrap();
        prop_assert_eq!(&file.warnings, &Vec::<String>::new());
        prop_assert_eq!(open_notes(&file), 0);
        let score = file.to_score();
        if roll.hold_count() > 0 {
            prop_assert_eq!(&score, &roll_to_score(&roll, &ScoreSettings::default()));
        }
        let back = score_notes_to_roll(&score, pitches, grid);
        roll.repair();
        prop_assert_eq!(back, roll);
    }
}
