//! The source driven without a device: what is played, when, and how it sounds at the seams.

use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex};

use super::font_swap::Used;
use super::playhead::Playhead;
use super::sequence::{Sequence, SoundSettings};
use super::synth::FluidSynth;
use super::synth_source::{LinedUp, LoopRange, SourceCommand, SynthSource};
use super::testing::{RECORDING_LEVEL, RecordingSynth, Told, left, peak, score_of, shipped_font};
use super::{SoundFont, Synth};
use crate::music::Score;

pub(super) const RATE: u32 = 48_000;
/// At 96 ticks a beat and 120 beats a minute.
const FRAMES_A_TICK: u64 = 250;

pub(super) struct Stage<S> {
    pub(super) source: SynthSource<S>,
    commands: SyncSender<SourceCommand<S>>,
    pub(super) used: Receiver<Used>,
    pub(super) playhead: Arc<Playhead>,
}

impl<S: Synth + 'static> Stage<S> {
    pub(super) fn new(synth: S) -> Self {
        Self::with_playhead(synth, Playhead::new())
    }

    pub(super) fn with_playhead(synth: S, playhead: Playhead) -> Self {
        let (commands, received) = mpsc::sync_channel(64);
        let (returned, used) = mpsc::sync_channel(64);
        let playhead = Arc::new(playhead);
        let nothing = Box::new(Sequence::empty(synth.sample_rate()));
        let source = SynthSource::new(synth, nothing, received, returned, Arc::clone(&playhead));
        Self { source, commands, used, playhead }
    }

    pub(super) fn tell(&self, command: SourceCommand<S>) {
        self.commands.send(command).unwrap();
    }

    pub(super) fn load(&self, score: &Score, settings: &SoundSettings) {
        self.tell(SourceCommand::Load(numbered(score, settings, 1)));
    }

    pub(super) fn pull(&mut self, frames: u64) -> Vec<f32> {
        self.source.by_ref().take(frames as usize * 2).collect()
    }

    pub(super) fn frame(&self) -> u64 {
        self.playhead.position().frame
    }
}

/// The piece of this number, in its first generation.
pub(super) fn numbered(score: &Score, settings: &SoundSettings, number: u64) -> LinedUp {
    let sequence = Box::new(Sequence::new(score, settings, RATE));
    LinedUp { sequence, generation: number, piece: number }
}

pub(super) type Recorder = Arc<Mutex<RecordingSynth>>;

pub(super) fn recording_stage(score: &Score) -> (Stage<Recorder>, Recorder) {
    let synth = Arc::new(Mutex::new(RecordingSynth::new(RATE)));
    let mut stage = Stage::new(Arc::clone(&synth));
    stage.load(score, &SoundSettings::default());
    stage.pull(64);
    synth.lock().unwrap().told.clear();
    (stage, synth)
}

pub(super) fn take_notes(synth: &Recorder) -> Vec<(u8, u8)> {
    let mut synth = synth.lock().unwrap();
    let notes = synth.notes().iter().map(|n| (n.2, n.3)).collect();
    synth.told.clear();
    notes
}

/// Four notes of a beat each.
pub(super) fn four_beats() -> Score {
    score_of(&[(0, 96, 60), (96, 96, 62), (192, 96, 64), (288, 96, 65)])
}

#[test]
fn nothing_sounds_before_play() {
    let (mut stage, synth) = recording_stage(&four_beats());
    assert_eq!(peak(&stage.pull(10_000)), 0.0);
    assert_eq!(take_notes(&synth), []);
    assert_eq!(stage.frame(), 0);
}

#[test]
fn a_piece_plays_through_and_finishes() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Play(None));
    let end = 4 * 96 * FRAMES_A_TICK;
    stage.pull(end / 2);
    assert!(stage.playhead.is_playing());
    assert_eq!(stage.frame(), end / 2);
    stage.pull(end);
    assert!(!stage.playhead.is_playing());
    assert!(stage.playhead.is_finished());
    assert_eq!(stage.frame(), end);
    let struck: Vec<u8> = take_notes(&synth).iter().filter(|n| n.1 > 0).map(|n| n.0).collect();
    assert_eq!(struck, [60, 62, 64, 65]);
    stage.tell(SourceCommand::Play(None));
    stage.pull(64);
    assert_eq!(take_notes(&synth), [(60, 100)], "playing again starts at the start");
    assert!(!stage.playhead.is_finished());
}

#[test]
fn events_come_at_their_exact_frames() {
    let (mut stage, synth) = recording_stage(&score_of(&[(1, 10, 60), (33, 7, 61), (90, 9, 62)]));
    let start = 64 + 10 * 64;
    stage.pull(10 * 64);
    stage.tell(SourceCommand::Play(None));
    stage.pull(80 * FRAMES_A_TICK);
    let frames: Vec<u64> = synth.lock().unwrap().notes().iter().map(|n| n.0).collect();
    // The recorder does not render while the source rests.
    let rested = start - (frames[0] - FRAMES_A_TICK);
    let frames: Vec<u64> = frames.iter().map(|f| f + rested - start).collect();
    let ticks = [1, 11, 33, 40].map(|t| t * FRAMES_A_TICK);
    assert_eq!(frames, ticks);
}

#[test]
fn pause_silences_at_once_without_a_click_and_play_goes_on_there() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Play(None));
    stage.pull(30_000);
    stage.tell(SourceCommand::Pause);
    let sound = left(&stage.pull(2_000));
    let jump = sound.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(jump < RECORDING_LEVEL / 100.0, "a jump of {jump}");
    assert_eq!(peak(&sound[500..]), 0.0);
    let told = synth.lock().unwrap().told.clone();
    assert!(told.iter().any(|t| matches!(t, Told::SoundOff(_))));
    let paused_at = stage.frame();
    stage.pull(100_000);
    assert_eq!(stage.frame(), paused_at);
    synth.lock().unwrap().told.clear();
    stage.tell(SourceCommand::Play(None));
    stage.pull(64);
    assert_eq!(take_notes(&synth), [(62, 100)], "the note that was cut sounds again");
    assert_eq!(stage.frame(), paused_at + 64);
}

#[test]
fn stop_goes_back_to_the_start() {
    let (mut stage, _) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Play(None));
    stage.pull(30_000);
    stage.tell(SourceCommand::Stop);
    stage.pull(1_000);
    assert_eq!(stage.frame(), 0);
    assert!(!stage.playhead.is_playing());
    assert!(!stage.playhead.is_finished());
}

#[test]
fn after_a_seek_instruments_and_lasting_notes_are_sent_again() {
    let score = score_of(&[(0, 384, 48), (0, 96, 60), (192, 96, 64), (288, 96, 65)]);
    let (mut stage, synth) = recording_stage(&score);
    stage.tell(SourceCommand::Play(None));
    stage.pull(64);
    take_notes(&synth);
    stage.tell(SourceCommand::SeekTick(200));
    stage.pull(64 * 10);
    let told = synth.lock().unwrap().told.clone();
    let programs = told.iter().filter(|t| matches!(t, Told::Program(..))).count();
    assert_eq!(programs, 16);
    assert_eq!(take_notes(&synth), [(48, 100), (64, 100)]);
    let fade_blocks = 5;
    assert_eq!(stage.frame(), 200 * FRAMES_A_TICK + (10 - fade_blocks) * 64);
}

#[test]
fn a_seek_while_stopped_moves_and_stays_silent() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::SeekTick(100));
    assert_eq!(peak(&stage.pull(500)), 0.0);
    assert_eq!(stage.frame(), 100 * FRAMES_A_TICK);
    assert_eq!(take_notes(&synth), []);
    stage.tell(SourceCommand::SeekTick(1_000_000));
    stage.pull(64);
    assert_eq!(stage.frame(), 384 * FRAMES_A_TICK, "no further than the end");
}

#[test]
fn a_loop_goes_round_in_exact_time_and_hangs_no_note() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Loop(LoopRange::Ticks { start: 96, end: 240 }));
    stage.tell(SourceCommand::Play(None));
    let lap = (240 - 96) * FRAMES_A_TICK;
    stage.pull(240 * FRAMES_A_TICK + 10 * lap);
    assert!(stage.playhead.is_playing());
    assert!(stage.frame() - 96 * FRAMES_A_TICK < 64);
    let told = synth.lock().unwrap().told.clone();
    let laps: Vec<u64> = told
        .iter()
        .filter_map(|t| match t {
            Told::Note(frame, _, 62, 100) => Some(*frame),
            _ => None,
        })
        .collect();
    assert_eq!(laps.len(), 12, "the last lap has just begun");
    assert!(laps.windows(2).all(|w| w[1] - w[0] == lap));
    let released = told.iter().filter(|t| matches!(t, Told::ReleaseAll(_))).count();
    assert_eq!(released, 11, "the note that the end of the loop cuts is let go");
    stage.tell(SourceCommand::Loop(LoopRange::Off));
    stage.pull(400 * FRAMES_A_TICK);
    assert!(stage.playhead.is_finished());
}

#[test]
fn loops_without_length_are_no_loops() {
    let (mut stage, _) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Loop(LoopRange::Ticks { start: 100, end: 100 }));
    stage.tell(SourceCommand::Play(None));
    stage.pull(400 * FRAMES_A_TICK);
    assert!(stage.playhead.is_finished());
    let (mut stage, _) = recording_stage(&score_of(&[]));
    stage.tell(SourceCommand::Loop(LoopRange::Whole));
    stage.tell(SourceCommand::Play(None));
    stage.pull(64);
    assert!(stage.playhead.is_finished(), "an empty piece is over at once");
}

#[test]
fn a_change_of_tempo_keeps_the_place_and_sends_the_old_schedule_home() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Play(None));
    stage.pull(120 * FRAMES_A_TICK);
    stage.used.try_iter().for_each(drop);
    take_notes(&synth);
    let settings = SoundSettings { beats_per_minute: Some(60.0), ..SoundSettings::default() };
    let slower = LinedUp { piece: 1, ..numbered(&four_beats(), &settings, 2) };
    stage.tell(SourceCommand::Update(slower));
    stage.pull(64);
    assert!((stage.playhead.position().tick - 120.0).abs() < 1.0);
    assert_eq!(stage.playhead.position().generation, 2);
    assert_eq!(stage.used.try_iter().count(), 1);
    stage.pull((192 - 120) * 2 * FRAMES_A_TICK - 1_000);
    assert_eq!(take_notes(&synth), [], "the sounding note neither ends nor starts anew");
    stage.pull(1_000);
    assert_eq!(take_notes(&synth), [(62, 0), (64, 100)]);
}

#[test]
fn a_piece_that_is_lined_up_follows_in_time() {
    let (mut stage, synth) = recording_stage(&four_beats());
    let settings = SoundSettings::default();
    stage.tell(SourceCommand::Loop(LoopRange::Whole));
    stage.tell(SourceCommand::Play(None));
    stage.pull(100 * FRAMES_A_TICK);
    for (number, pitch) in [(2, 71), (3, 72)] {
        let score = score_of(&[(0, 96, pitch)]);
        stage.tell(SourceCommand::LineUp(numbered(&score, &settings, number)));
    }
    let start = synth.lock().unwrap().notes()[0].0;
    stage.pull(484 * FRAMES_A_TICK);
    let struck: Vec<_> = synth.lock().unwrap().notes();
    let struck: Vec<(u64, u8)> = struck
        .iter()
        .filter(|note| note.3 > 0)
        .map(|note| ((note.0 - start) / FRAMES_A_TICK, note.2))
        .collect();
    let expected = [(0, 60), (96, 62), (192, 64), (288, 65), (384, 72), (480, 72), (576, 72)];
    assert_eq!(struck, expected, "the newest follows to the frame, and goes round");
    assert_eq!(stage.playhead.position().generation, 3);
    assert!(stage.playhead.is_playing());
    stage.used.try_iter().for_each(drop);
    let late = LinedUp { piece: 2, ..numbered(&four_beats(), &settings, 4) };
    stage.tell(SourceCommand::Update(late));
    stage.pull(64);
    assert_eq!(stage.playhead.position().generation, 3, "the change is of a piece that has left");
    assert_eq!(stage.used.try_iter().count(), 1, "and goes home");
}

#[test]
fn a_change_of_tempo_reaches_the_piece_that_is_lined_up() {
    let (mut stage, synth) = recording_stage(&four_beats());
    let settings = SoundSettings::default();
    stage.tell(SourceCommand::Play(None));
    stage.tell(SourceCommand::LineUp(numbered(&score_of(&[(0, 96, 71)]), &settings, 2)));
    stage.pull(380 * FRAMES_A_TICK);
    let slow = SoundSettings { beats_per_minute: Some(60.0), ..settings };
    let next = score_of(&[(0, 96, 71)]);
    stage.tell(SourceCommand::Update(LinedUp { piece: 2, ..numbered(&next, &slow, 3) }));
    take_notes(&synth);
    stage.pull((4 + 190) * FRAMES_A_TICK);
    assert_eq!(take_notes(&synth), [(71, 100)], "a beat takes twice as long now");
    assert!(!stage.playhead.is_finished());
    stage.pull(4 * FRAMES_A_TICK);
    assert!(stage.playhead.is_finished(), "nothing is lined up after it");
}

#[test]
fn an_edit_while_playing_changes_only_what_it_changed() {
    let long = |notes: &[(u64, u64, u8)]| score_of(notes);
    let (mut stage, synth) = recording_stage(&long(&[(0, 384, 60), (0, 384, 64), (192, 96, 65)]));
    stage.tell(SourceCommand::Play(None));
    stage.pull(96 * FRAMES_A_TICK);
    stage.used.try_iter().for_each(drop);
    take_notes(&synth);
    let before = stage.frame();
    // 64 goes, 67 comes where the music is, 65 moves to 69.
    let edited = long(&[(0, 384, 60), (48, 336, 67), (192, 96, 69)]);
    let edited = numbered(&edited, &SoundSettings::default(), 2);
    stage.tell(SourceCommand::Edit(LinedUp { piece: 1, ..edited }));
    let sound = stage.pull(64);
    assert_eq!(stage.frame(), before + 64);
    assert_eq!(take_notes(&synth), [(64, 0), (67, 100)], "60 sounds on");
    assert!(sound.iter().all(|sample| *sample > 0.0), "no gap");
    assert_eq!(stage.used.try_iter().count(), 1);
    stage.pull(200 * FRAMES_A_TICK);
    assert_eq!(take_notes(&synth), [(69, 100), (69, 0)]);
}

#[test]
fn an_edit_that_ends_the_piece_before_the_cursor_ends_playing() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Play(None));
    stage.pull(300 * FRAMES_A_TICK);
    take_notes(&synth);
    let edited = numbered(&score_of(&[(0, 96, 60)]), &SoundSettings::default(), 2);
    stage.tell(SourceCommand::Edit(LinedUp { piece: 1, ..edited }));
    stage.pull(128);
    assert!(stage.playhead.is_finished());
    let told = take_notes(&synth);
    assert!(told.contains(&(65, 0)) && told.iter().all(|(_, velocity)| *velocity == 0), "{told:?}");
}

#[test]
fn a_preview_sounds_while_the_piece_rests_and_moves_nothing() {
    let (mut stage, synth) = recording_stage(&four_beats());
    stage.tell(SourceCommand::Preview { key: 72, velocity: 50 });
    let sound = stage.pull(u64::from(RATE));
    assert!(sound.iter().any(|sample| *sample > 0.0));
    assert_eq!(take_notes(&synth), [(72, 50), (72, 0)]);
    assert_eq!(stage.frame(), 0);
}

#[test]
fn volume_moves_without_a_click() {
    let (mut stage, _) = recording_stage(&score_of(&[(0, 1000, 60)]));
    stage.tell(SourceCommand::Play(None));
    stage.pull(1_000);
    stage.tell(SourceCommand::Volume(0.1));
    let sound = left(&stage.pull(4_000));
    let jump = sound.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
    assert!(jump < RECORDING_LEVEL / 500.0, "a jump of {jump}");
    assert!((sound[3_999] - RECORDING_LEVEL * 0.1).abs() < 1e-6);
}

#[test]
fn too_loud_is_turned_down_instead_of_clipped() {
    let (mut stage, _) = recording_stage(&score_of(&[(0, 1000, 60)]));
    stage.tell(SourceCommand::Volume(10.0));
    stage.tell(SourceCommand::Play(None));
    assert!(peak(&stage.pull(20_000)) <= 1.0);
}

#[test]
fn a_real_font_sounds_through_play_pause_seek_and_loop() {
    let Some(font) = shipped_font() else { return };
    sounds_through(&font);
}

fn sounds_through(font: &SoundFont) {
    let mut stage = Stage::new(FluidSynth::new(font, RATE).unwrap());
    stage.load(&four_beats(), &SoundSettings::default());
    stage.tell(SourceCommand::Loop(LoopRange::Whole));
    stage.tell(SourceCommand::Play(None));
    for _ in 0..20 {
        let sound = stage.pull(24_000);
        assert!((0.01..1.0).contains(&peak(&sound)));
        stage.tell(SourceCommand::SeekTick(50));
    }
    stage.tell(SourceCommand::Pause);
    stage.pull(1_000);
    assert!(peak(&stage.pull(48_000)) == 0.0);
}
