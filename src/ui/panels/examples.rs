//! States of the window that tests look at: empty, importing, training, a piece chosen, failed.

use std::path::PathBuf;
use std::sync::Arc;

use crate::dataset::{
    EncodingSettings, ImportProblem, Song, SongReport, Status, pitch_histogram, song_totals,
};
use crate::engine::{ChainPicture, Divergence, EntryState, Progress, RunFacts, SweepQueue, WayOn};
use crate::generate::RankBy;
use crate::music::{
    Key, Metre, Mode, PianoRoll, PitchRange, PlayedNote, RollNote, Scale, ScaleKind,
};
use crate::project::PieceRecord;
use crate::rbm::{AnnealingSettings, LogPartition, Method};
use crate::train::{
    EpochMetrics, EpochRecord, History, Likelihood, LikelihoodOfPart, Preset, SettingChange,
    SweepAxis, TrainSettings,
};
use crate::ui::panels::model::learned_examples;
use crate::ui::recovery::{RecoveryEntry, RecoveryPicture, RecoveryView};
use crate::ui::state::{
    ChainState, DeviceState, Dream, EarlierRun, Miniature, NearestState, Notice, NoticeKind,
    PieceId, PieceState, RollSource, RunId, RunPhase, State,
};

const TITLES: [&str; 12] = [
    "All Through the Night",
    "Auld Lang Syne",
    "Bobby Shafto",
    "Die Gedanken sind frei",
    "Greensleeves – Verse and Refrain",
    "House of the Rising Sun",
    "Jasmine Flower",
    "Oh Shenandoah",
    "Sakura",
    "Scarborough Fair",
    "The Water Is Wide",
    "Wild Mountain Thyme",
];

/// Some chords and a tune over them.
pub fn roll(n_steps: u32, seed: u32) -> PianoRoll {
    let chords = [[48, 52, 55], [45, 52, 57], [53, 57, 60], [43, 50, 55]];
    let mut notes = Vec::new();
    for step in (0..n_steps).step_by(8) {
        let chord = chords[((step / 8 + seed) % 4) as usize];
        for pitch in chord {
            notes.push(RollNote { start_step: step, n_steps: 7, pitch });
        }
        for n in 0..4 {
            let pitch =
                chord[((n * 7 + seed + step) % 3) as usize] + 12 + ((n + seed) % 2) as u8 * 12;
            notes.push(RollNote { start_step: step + n * 2, n_steps: 1 + n % 2, pitch });
        }
    }
    PianoRoll::from_notes(&notes, n_steps as usize, PitchRange::REFERENCE, 4)
}

/// One song; the seventh is skipped, the eleventh failed.
pub fn song(index: usize) -> Song {
    let title = match TITLES.get(index) {
        Some(title) => (*title).to_owned(),
        None => format!("Song {index}"),
    };
    let (status, reason) = match index {
        6 => (Status::Skipped, Some("Too short: it has 9 rows, an excerpt has 32".to_owned())),
        10 => (Status::Failed, Some("It is no MIDI file: it begins with \"RIFX\"".to_owned())),
        _ => (Status::Ok, None),
    };
    let folder = PathBuf::from(if index < 9 { "/music/Folk songs" } else { "/music/More songs" });
    let warnings = if index == 3 { vec!["Drums left out (64 notes)".to_owned()] } else { vec![] };
    let roll = if status == Status::Ok { roll(128, index as u32) } else { roll(8, 1) };
    Song {
        path: folder.join(format!("{title}.mid")),
        folder,
        is_chosen_itself: false,
        title,
        content_sha256: [0; 32],
        source: None,
        report: SongReport { status, reason, warnings },
        roll: Arc::new(roll),
        roll_settings: EncodingSettings::default().roll_settings(),
        key: Some(Key {
            tonic: (index * 5 % 12) as u8,
            mode: if index.is_multiple_of(2) { Mode::Major } else { Mode::Minor },
        }),
        tempo_bpm: 96.0 + index as f64,
        metre: Metre::COMMON,
        n_excerpts: if status == Status::Ok { 12 + index as u32 } else { 0 },
        tracks: vec![],
        duplicate_of: None,
        is_included: index != 4,
    }
}

fn device() -> DeviceState {
    DeviceState {
        is_cuda: Some(false),
        why_no_cuda: Some("no NVIDIA driver was found".to_owned()),
        threads: 8,
    }
}

/// Settings that stay as they are when the presets change, so that pictures do too.
fn settings() -> TrainSettings {
    let mut settings = Preset::Recommended.settings();
    settings.encoding.steps_per_excerpt = 32;
    settings.encoding.stride_steps = 16;
    TrainSettings {
        hidden_units: 200,
        gibbs_steps: 2,
        learning_rate: 0.05,
        batch_size: 50,
        epochs: 150,
        momentum: 0.8,
        weight_decay: 0.0002,
        dropout: 0.0,
        ..settings
    }
}

/// The first start.
pub fn empty() -> State {
    State { device: device(), settings: settings(), ..State::default() }
}

/// Twelve songs, nothing trained.
pub fn with_songs() -> State {
    let mut state = empty();
    state.project.path = Some(PathBuf::from("/music/Folk songs.harmonium"));
    state.run.preset = Some(Preset::Recommended);
    let data = &mut state.data;
    data.songs = (0..TITLES.len()).map(song).collect();
    data.miniatures = data.songs.iter().map(|song| Miniature::of(&song.roll)).collect();
    data.totals = song_totals(&data.songs);
    data.histogram = pitch_histogram(&data.songs);
    data.recent_folders = vec!["/music/Folk songs".into(), "/media/stick/Tunes".into()];
    data.missing_folders = vec!["/media/stick/Tunes".into()];
    state.transport.soundfont_name = "Harmonium GM".to_owned();
    show_song(&mut state, 1);
    state
}

fn show_song(state: &mut State, index: usize) {
    state.data.selected = Some(index);
    let song = &state.data.songs[index];
    state.roll.source = Some(RollSource::Song(index));
    state.roll.title = song.title.clone();
    state.roll.notes = PlayedNote::of_roll(&song.roll, &[]);
    state.roll.roll = Some(Arc::clone(&song.roll));
    state.roll.wants_fit = true;
    state.transport.duration_secs = 20.0;
}

fn history(n_epochs: u32, floor: f64) -> History {
    let record = |epoch: u32| {
        let fall = (-f64::from(epoch) / 22.0).exp();
        let wobble = f64::from(epoch * 7 % 11) * 2e-5;
        EpochRecord {
            metrics: EpochMetrics {
                epoch,
                reconstruction_error: floor + 0.05 * fall + wobble,
                held_out_error: Some(floor * 1.4 + 0.047 * fall + 2.0 * wobble),
                free_energy: -100.0,
                pseudo_log_likelihood: Some(-20.0 - 150.0 * fall),
                held_out_pseudo_log_likelihood: Some(-30.0 - 145.0 * fall - 900.0 * wobble),
                data_density: Some(0.034),
                chain_density: Some(0.034 + 0.02 * fall + 10.0 * wobble),
                update_to_weight_ratio: Some(0.001 + 0.01 * fall),
                learning_rate: 0.05,
                examples: 1000,
                ..EpochMetrics::default()
            },
            seconds: f64::from(epoch) * 0.25,
            examples_per_second: 41_200.0,
        }
    };
    History { epochs: (1..=n_epochs).map(record).collect(), changes: vec![] }
}

/// A run under way, with two earlier ones.
pub fn training() -> State {
    let mut state = with_songs();
    state.project.is_dirty = true;
    let run = &mut state.run;
    run.phase = RunPhase::Training;
    run.id = RunId(3);
    run.facts = Some(RunFacts {
        name: "Run 3".to_owned(),
        settings: state.settings.clone(),
        n_visible: state.settings.encoding.n_visible(),
        n_hidden: state.settings.hidden_units,
        training_excerpts: 154,
        held_out_excerpts: 17,
        device: "cpu",
        threads: 8,
        finished_epochs: 84,
        is_finished: false,
        is_paused: false,
    });
    run.progress = Progress {
        finished_epochs: 84,
        epochs: 150,
        share: 0.563,
        seconds: 21.0,
        examples_per_second: 41_200.0,
    };
    run.history = history(84, 0.016);
    run.history.changes.push(SettingChange {
        epoch: 40,
        key: "learning_rate".to_owned(),
        value: "0.05".to_owned(),
        before: Some("0.1".to_owned()),
    });
    let other = TrainSettings { hidden_units: 80, ..state.settings.clone() };
    run.earlier = vec![
        EarlierRun {
            id: RunId(1),
            has_model: true,
            color: 0,
            failure: None,
            name: "Run 1".to_owned(),
            settings: other.clone(),
            history: history(60, 0.03),
            is_shown: false,
        },
        EarlierRun {
            id: RunId(2),
            has_model: true,
            color: 1,
            failure: None,
            name: "Run 2".to_owned(),
            settings: other,
            history: history(150, 0.024),
            is_shown: true,
        },
    ];
    run.snapshot = Some(learned_examples::snapshot(&state.settings));
    state
}

/// A complete run, six pieces, the second of them playing.
pub fn with_pieces() -> State {
    let mut state = training();
    state.run.phase = RunPhase::Ended { is_complete: true };
    state.run.history = history(150, 0.016);
    state.run.progress.finished_epochs = 150;
    state.run.progress.share = 1.0;
    state.learned.is_open = false;
    state.music.pieces = (0..6).map(piece).collect();
    state.music.selected = Some(PieceId(2));
    let piece = &state.music.pieces[1].record;
    state.roll.source = Some(RollSource::Piece(PieceId(2)));
    state.roll.title = piece.name.clone();
    state.roll.notes = piece.played_notes();
    state.roll.roll = Some(Arc::clone(&piece.roll));
    state.roll.selection = Some(32..64);
    state.data.selected = None;
    state.transport.is_playing = true;
    state.transport.position_secs = 7.4;
    state.transport.position_step = 59.2;
    state.transport.duration_secs = 16.0;
    state.transport.program = 4;
    state
}

fn piece(number: u64) -> PieceState {
    let roll = Arc::new(roll(128, 17 * number as u32 + 3));
    PieceState {
        nearest: NearestState::Unknown,
        id: PieceId(number + 1),
        miniature: Miniature::of(&roll),
        record: PieceRecord {
            name: format!("Piece {}", number + 1),
            roll,
            seed: number,
            beats_per_minute: 120.0,
            metre: Metre::COMMON,
            is_favourite: number == 1,
            velocities: Arc::default(),
            original: None,
            locked: Arc::default(),
            ranking: None,
        },
    }
}

/// A run under way, heard while it learns.
/// Pieces are being made of a piece, with everything set and the chain held.
pub fn composing() -> State {
    let mut state = with_pieces();
    let roll = piece(1).record.roll;
    let picture = ChainPicture {
        number: 1,
        piece: 0,
        seed: 1,
        n_pieces: 8,
        roll: Arc::clone(&roll),
        excerpt: 32..64,
        gibbs_step: 34,
        gibbs_steps: 100,
        share: 0.2,
        free_energy: -412.5,
        is_paused: true,
        n_kept: 12,
    };
    let music = &mut state.music;
    music.chain = Some(ChainState { picture, miniature: Miniature::of(&roll) });
    music.generating = Some(0.2);
    music.is_steering_open = true;
    music.ranked_by = Some(RankBy::Score);
    let steering = &mut music.settings.steering;
    steering.scale = Some(Scale { tonic: 0, kind: ScaleKind::Major });
    steering.density = Some(1.25);
    state
}

pub fn auditioning() -> State {
    let mut state = training();
    let record = piece(0).record;
    state.roll.source = Some(RollSource::Dream);
    state.roll.title.clone_from(&record.name);
    state.roll.notes = record.played_notes();
    state.roll.roll = Some(Arc::clone(&record.roll));
    state.music.audition.is_on = true;
    state.music.audition.heard = Some(Dream { epoch: 82, record });
    state.music.audition.next_epoch = Some(84);
    state.data.selected = None;
    state.transport.is_playing = true;
    state
}

/// The memory of the CUDA device was not enough.
pub fn out_of_memory() -> State {
    let mut state = training();
    state.run.phase = RunPhase::Failed {
        reason: "the CUDA device has no memory left (libtorch: CUDA out of memory. Tried to \
                 allocate 2.00 GiB); close other programs, or take smaller batches"
            .to_owned(),
        has_model: true,
        ways_on: vec![WayOn::SmallerBatch(25), WayOn::Processor],
    };
    state
}

/// A run that ended by itself, a folder that could not be opened, no sound.
pub fn troubled() -> State {
    let mut state = training();
    state.run.phase = RunPhase::Failed {
        reason: "the weights are no numbers any more at epoch 84; lower the learning rate and \
                 train again"
            .to_owned(),
        has_model: true,
        ways_on: Vec::new(),
    };
    state.learned.is_open = false;
    state.data.problems = vec![ImportProblem {
        path: PathBuf::from("/media/stick"),
        reason: "permission denied".to_owned(),
    }];
    state.transport.trouble = Some("No sound device was found".to_owned());
    state.notices = vec![
        notice(1, NoticeKind::Success, "Saved", Some("/music/Folk songs.harmonium")),
        notice(
            2,
            NoticeKind::Error,
            "The folder could not be opened: permission denied",
            Some("/media/stick"),
        ),
    ];
    state
}

/// A run that went astray and waits for a gentler rate.
pub fn diverged() -> State {
    let mut state = training();
    state.run.phase = RunPhase::Paused;
    state.learned.is_open = false;
    state.run.divergence = Some(Divergence {
        epoch: 85,
        symptom: "the weights have grown to a mean size of 31".to_owned(),
        good_epochs: 84,
        suggested_rate: 0.01,
    });
    state
}

/// A run that has ended and two earlier ones, with the window open.
pub fn with_runs() -> State {
    let mut state = training();
    state.run.phase = RunPhase::Ended { is_complete: true };
    state.run.view.is_open = true;
    state.learned.is_open = false;
    state
}

/// The second of three runs is under way, the first has failed.
pub fn sweeping() -> State {
    let mut state = with_runs();
    state.run.phase = RunPhase::Training;
    let axes = vec![SweepAxis::list("hidden_units", "50 100 200").unwrap()];
    let mut queue = SweepQueue::new(&state.settings, axes, 100).unwrap();
    queue.start_next(2).unwrap();
    queue.end_running(EntryState::Failed("it diverged in epoch 3".to_owned()), 2.0);
    queue.start_next(3).unwrap();
    state.run.sweep = Some(queue);
    state.run.view.is_queue_open = true;
    state.run.earlier[1].failure = Some("it diverged in epoch 3".to_owned());
    state
}

/// A project that is open elsewhere, and what earlier sessions left behind.
pub fn recovering() -> State {
    let mut state = with_songs();
    state.project.path = Some(PathBuf::from("/home/ann/music/Evening.harmonium"));
    state.project.read_only = Some("It is open elsewhere (ben on studio, process 4711)".to_owned());
    state.recent_projects = vec![PathBuf::from("/home/ann/music/Evening.harmonium")];
    let entry = |id, name: &str, picture| RecoveryEntry {
        id,
        name: name.to_owned(),
        place: format!("/home/ann/music/a folder with a rather long name/{name}.harmonium"),
        when: "2026-11-23 14:02, 3 minutes ago".to_owned(),
        n_songs: 12,
        n_pieces: 1,
        epoch: Some(40),
        picture,
        is_file_newer: id == 1,
        is_discarded: id == 2,
    };
    let errors = (0..60).map(|epoch| 0.02 + 0.1 * (-f64::from(epoch) / 9.0).exp()).collect();
    let notes = RecoveryPicture::Notes { notes: roll(128, 3).notes(), n_steps: 128 };
    state.recovery = Some(RecoveryView {
        entries: vec![
            entry(0, "Evening", RecoveryPicture::Errors(errors)),
            entry(1, "Morning", notes),
            entry(2, "Untitled", RecoveryPicture::None),
        ],
    });
    state
}

pub fn notice(id: u64, kind: NoticeKind, text: &str, path: Option<&str>) -> Notice {
    let path = path.map(PathBuf::from);
    Notice { id, kind, text: text.to_owned(), path, at_secs: 42.0, is_fresh: true, leads_to: None }
}

/// What annealing found of a model.
pub fn likelihood() -> Likelihood {
    let part = |per_step| LikelihoodOfPart {
        per_step,
        lowest: per_step - 0.025,
        highest: per_step + 0.01,
    };
    Likelihood {
        partition: LogPartition {
            method: Method::Annealing(AnnealingSettings::default()),
            log_z: 300.0,
            log_z_low: 299.9,
            log_z_high: 300.1,
            log_z_reverse: 300.02,
            log_z_reverse_low: 299.9,
            log_z_reverse_high: 300.1,
        },
        training: part(-3.5),
        held_out: Some(part(-4.1)),
        finished_epochs: 84,
    }
}
