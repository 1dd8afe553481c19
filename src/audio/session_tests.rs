//! A whole session by the callback's own log: no gap, no click; and the play-head against what a
//! device lets be heard.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use super::FluidSynth;
use super::playhead::Playhead;
use super::sequence::{Sequence, SoundSettings};
use super::synth_source::{LinedUp, LoopRange, SourceCommand};
use super::synth_source_tests::{
    RATE, Recorder, Stage, four_beats, numbered, recording_stage, take_notes,
};
use super::testing::{RECORDING_LEVEL, RecordingSynth, left, score_of, shipped_font};
use crate::music::{Effects, Score, count_in};

/// Two reed organs' worth of held chords, eight bars of them, without a rest.
fn held_chords() -> Score {
    let chord = |n: u64| {
        [(48, 0), (55, 4), (60, 7)].map(move |(pitch, more)| {
            (n * 192, 192, pitch + if n.is_multiple_of(2) { 0 } else { more / 2 })
        })
    };
    score_of(&(0..16).flat_map(chord).collect::<Vec<_>>())
}

const ORGAN: SoundSettings =
    SoundSettings { program: Some(20), beats_per_minute: None, volume: 1.0, effects: Effects::OFF };

/// The largest step from one sample to the next.
fn largest_jump(sound: &[f32]) -> f32 {
    sound.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}

/// The longest time, in seconds, in which nearly nothing is heard: below a fiftieth of the usual
/// loudness, in windows of a millisecond.
fn longest_gap(sound: &[f32]) -> f64 {
    let window = RATE as usize / 1000;
    let loudness = |part: &[f32]| part.iter().map(|s| s * s).sum::<f32>() / part.len() as f32;
    let windows: Vec<f32> = sound.chunks_exact(window).map(loudness).collect();
    let mut sorted = windows.clone();
    sorted.sort_by(f32::total_cmp);
    let quiet = sorted[sorted.len() / 2] / 2500.0;
    let (mut longest, mut now) = (0, 0);
    for loudness in windows {
        now = if loudness < quiet { now + 1 } else { 0 };
        longest = longest.max(now);
    }
    f64::from(longest) / 1000.0
}

fn organ_stage() -> Option<Stage<FluidSynth>> {
    let font = shipped_font()?;
    let stage = Stage::new(FluidSynth::new(&font, RATE).unwrap());
    stage.load(&held_chords(), &ORGAN);
    stage.tell(SourceCommand::Effects(ORGAN.effects));
    stage.tell(SourceCommand::Play(None));
    Some(stage)
}

#[test]
fn a_session_has_no_gap_and_no_click() {
    let Some(mut plain) = organ_stage() else { return };
    let second = u64::from(RATE);
    plain.pull(second / 2);
    let allowed = largest_jump(&left(&plain.pull(6 * second)));

    let Some(mut stage) = organ_stage() else { return };
    let font = shipped_font().unwrap();
    stage.pull(second / 2);
    let slower = SoundSettings { beats_per_minute: Some(97.0), ..ORGAN };
    let update = LinedUp { generation: 2, ..numbered(&held_chords(), &slower, 1) };
    let mut edited = held_chords();
    edited.tracks[0].notes.retain(|note| note.pitch != 48);
    let edit = LinedUp { generation: 3, ..numbered(&edited, &slower, 1) };
    let swap = || Box::new(FluidSynth::new(&font, RATE).unwrap());
    let deeds: Vec<(&str, SourceCommand<FluidSynth>)> = vec![
        ("play on", SourceCommand::Volume(1.0)),
        ("seek", SourceCommand::SeekTick(500)),
        ("seek back", SourceCommand::SeekTick(100)),
        ("tempo", SourceCommand::Update(update)),
        ("font", SourceCommand::Swap(swap())),
        ("font again", SourceCommand::Swap(swap())),
        ("loop", SourceCommand::Loop(LoopRange::Ticks { start: 96, end: 300 })),
        ("edit", SourceCommand::Edit(edit)),
        ("volume", SourceCommand::Volume(0.9)),
        ("font in the loop", SourceCommand::Swap(swap())),
    ];
    for (what, command) in deeds {
        stage.tell(command);
        let log = left(&stage.pull(second * 7 / 10));
        let gap = longest_gap(&log);
        assert!(gap <= 0.010, "{what}: a gap of {gap} s");
        let jump = largest_jump(&log);
        assert!(jump <= allowed * 1.5, "{what}: a jump of {jump}, the notes make {allowed}");
    }
    assert!(stage.used.try_iter().count() >= 4, "what is no longer needed goes home");
}

#[test]
fn a_swap_takes_instruments_and_held_notes_along() {
    let (mut stage, _old) = recording_stage(&score_of(&[(0, 960, 60), (48, 960, 64)]));
    stage.tell(SourceCommand::Play(None));
    stage.pull(u64::from(RATE));
    let new: Recorder = Arc::new(Mutex::new(RecordingSynth::new(RATE)));
    stage.tell(SourceCommand::Swap(Box::new(Arc::clone(&new))));
    let sound = left(&stage.pull(4800));
    assert!(sound.iter().all(|sample| *sample > RECORDING_LEVEL * 0.9), "they overlap");
    assert_eq!(take_notes(&new), [(60, 100), (64, 100)]);
    assert!(largest_jump(&sound) < RECORDING_LEVEL / 100.0);
}

#[test]
fn a_swap_while_nothing_plays_is_silent() {
    let (mut stage, _old) = recording_stage(&four_beats());
    let new: Recorder = Arc::new(Mutex::new(RecordingSynth::new(RATE)));
    stage.tell(SourceCommand::Swap(Box::new(Arc::clone(&new))));
    assert!(stage.pull(4800).iter().all(|sample| *sample == 0.0));
    stage.tell(SourceCommand::Play(None));
    stage.pull(4800);
    assert_eq!(take_notes(&new), [(60, 100)]);
}

#[test]
fn bars_are_counted_in_and_the_head_waits() {
    let (mut stage, synth) = recording_stage(&four_beats());
    let clicks = Sequence::new(&count_in(&four_beats(), 0, 1), &SoundSettings::default(), RATE);
    let n_frames = clicks.end_frame();
    assert_eq!(n_frames, 2 * u64::from(RATE), "a bar of 120 beats a minute");
    stage.tell(SourceCommand::Play(Some(Box::new(clicks))));
    stage.pull(n_frames - 64);
    let keys: Vec<u8> =
        take_notes(&synth).iter().filter(|(_, velocity)| *velocity > 0).map(|n| n.0).collect();
    assert_eq!(keys, [56, 37, 37, 37]);
    assert_eq!(stage.frame(), 0);
    stage.pull(128);
    assert_eq!(stage.frame(), 64);
    assert_eq!(take_notes(&synth).last(), Some(&(60, 100)));
    assert_eq!(stage.used.try_iter().count(), 2, "the clicks go home");
}

#[test]
fn a_count_in_that_is_stopped_is_over() {
    let (mut stage, synth) = recording_stage(&four_beats());
    let clicks = Sequence::new(&count_in(&four_beats(), 0, 2), &SoundSettings::default(), RATE);
    stage.tell(SourceCommand::Play(Some(Box::new(clicks))));
    stage.pull(10_000);
    stage.tell(SourceCommand::Pause);
    stage.pull(10_000);
    take_notes(&synth);
    stage.tell(SourceCommand::Play(None));
    stage.pull(640);
    assert_eq!(take_notes(&synth), [(60, 100)]);
}

#[test]
fn panic_silences_everything_and_stops() {
    let (mut stage, _) = recording_stage(&score_of(&[(0, 960, 60)]));
    stage.tell(SourceCommand::Play(None));
    stage.pull(10_000);
    stage.tell(SourceCommand::Panic);
    let log = left(&stage.pull(2_000));
    assert!(log[1_000..].iter().all(|sample| *sample == 0.0));
    let place = stage.frame();
    stage.pull(2_000);
    assert_eq!(stage.frame(), place, "it stands");
}

/// A device that asks for a buffer while it plays the one before, a little unevenly in time.
struct Device {
    nanos: Arc<AtomicU64>,
    stage: Stage<Recorder>,
    /// Of each 64 frames that were handed out: the generation, and the frame of the music at which
    /// they end.
    handed_out: Vec<(u64, u64)>,
    n_buffers: u64,
}

const BUFFER: u64 = 1024;
const BLOCK: u64 = 64;

impl Device {
    fn new(score: &Score) -> Self {
        let nanos = Arc::new(AtomicU64::new(0));
        let playhead = Playhead::by_clock(Arc::clone(&nanos));
        playhead.set_latency_secs(2.0 * BUFFER as f64 / f64::from(RATE));
        let synth = Arc::new(Mutex::new(RecordingSynth::new(RATE)));
        let mut stage = Stage::with_playhead(synth, playhead);
        stage.load(score, &SoundSettings::default());
        stage.pull(BLOCK);
        Self { nanos, stage, handed_out: Vec::new(), n_buffers: 0 }
    }

    fn seconds_of(frames: f64) -> f64 {
        frames / f64::from(RATE)
    }

    /// Hands out a buffer and calls `look` for every millisecond until the next, with the seconds
    /// of the music that are heard then.
    fn turn(&mut self, mut look: impl FnMut(&Playhead, (u64, f64))) {
        let begin = self.n_buffers * BUFFER;
        let uneven_frames = self.n_buffers * 7919 % 96;
        self.set_clock(begin + uneven_frames);
        for _ in 0..BUFFER / BLOCK {
            self.stage.pull(BLOCK);
            let position = self.stage.playhead.position();
            self.handed_out.push((position.generation, position.frame));
        }
        self.n_buffers += 1;
        for frame in (begin + uneven_frames..begin + BUFFER).step_by(RATE as usize / 1000) {
            self.set_clock(frame);
            // What was handed out waits until the buffer before has been played.
            let Some(heard) = frame.checked_sub(BUFFER) else { continue };
            let (generation, end) = self.handed_out[(heard / BLOCK) as usize];
            let rest = BLOCK - heard % BLOCK;
            let seconds = Self::seconds_of(end.saturating_sub(rest) as f64);
            look(&self.stage.playhead, (generation, seconds));
        }
    }

    fn set_clock(&self, frame: u64) {
        self.nanos.store(frame * 1_000_000_000 / u64::from(RATE), Ordering::Relaxed);
    }

    /// The largest distance of the head from the ear over so many buffers, in seconds.
    fn worst(&mut self, n_buffers: u64) -> f64 {
        let mut worst = 0.0_f64;
        for _ in 0..n_buffers {
            self.turn(|playhead, (generation, heard)| {
                let (told_generation, told) = playhead.heard_secs();
                let is_same = told_generation == generation;
                worst = worst.max(if is_same { (told - heard).abs() } else { 0.0 });
            });
        }
        worst
    }
}

#[test]
fn the_head_is_within_20_ms_of_the_ear() {
    let mut device = Device::new(&score_of(&[(0, 960, 60), (960, 960, 62)]));
    device.stage.tell(SourceCommand::Play(None));
    device.worst(4);
    let worst = device.worst(100);
    assert!(worst < 0.020, "playing: {worst} s");

    device.stage.tell(SourceCommand::SeekTick(700));
    // The old place is heard until the device has played its buffers.
    device.worst(4);
    let worst = device.worst(50);
    assert!(worst < 0.020, "after a seek: {worst} s");

    device.stage.tell(SourceCommand::Loop(LoopRange::Ticks { start: 600, end: 780 }));
    device.stage.tell(SourceCommand::SeekTick(600));
    device.worst(4);
    let mut far = 0;
    let mut looks = 0;
    for _ in 0..200 {
        device.turn(|playhead, (_, heard)| {
            looks += 1;
            far += u32::from((playhead.heard_secs().1 - heard).abs() >= 0.020);
        });
    }
    // At the seam the head may be a buffer's unevenness early or late, on the other side of it.
    assert!(f64::from(far) < 0.02 * f64::from(looks), "in a loop: {far} of {looks}");
}

#[test]
fn without_the_latency_the_head_would_be_early() {
    let mut device = Device::new(&score_of(&[(0, 960, 60)]));
    device.stage.playhead.set_latency_secs(0.0);
    device.stage.tell(SourceCommand::Play(None));
    device.worst(4);
    assert!(device.worst(50) > 0.020, "so the test can tell");
}
