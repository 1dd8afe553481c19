//! The handle and its thread, with a device that the test itself winds on, and on this machine's
//! own device or the lack of one.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::device::{OnLost, OpenOutput, Output, Wanted};
use super::synth::FluidSynth;
use super::synth_source::SynthSource;
use super::testing::{peak, score_of, tiny_font_file};
use super::watch::Patience;
use super::{LoopRange, Player, PlayerState, SoundSettings};
use crate::music::Effects;
use crate::music::Score;

const RATE: u32 = 48_000;
const LATENCY_FRAMES: u64 = 480;

/// With the number of the device.
type Sources = Arc<Mutex<Vec<(usize, SynthSource<FluidSynth>)>>>;

struct FakeOutput {
    number: usize,
    sources: Sources,
    world: Arc<World>,
}

/// What a test does to the sound system.
#[derive(Default)]
struct World {
    has_default_moved: AtomicBool,
    /// Openings and closings do not come back.
    is_hanging: AtomicBool,
    /// Which devices were looked for.
    wanted: Mutex<Vec<Wanted>>,
}

impl World {
    fn hang(&self) {
        while self.is_hanging.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Output for FakeOutput {
    fn device_rate(&self) -> u32 {
        RATE
    }

    fn latency_secs(&self) -> f64 {
        LATENCY_FRAMES as f64 / f64::from(RATE)
    }

    fn play(&self, source: SynthSource<FluidSynth>) {
        self.sources.lock().unwrap().push((self.number, source));
    }

    fn has_default_moved(&self) -> bool {
        self.world.has_default_moved.swap(false, Ordering::Relaxed)
    }
}

impl Drop for FakeOutput {
    fn drop(&mut self) {
        self.world.hang();
        self.sources.lock().unwrap().retain(|(number, _)| *number != self.number);
    }
}

/// A player whose device can be wound on, lost and withheld.
struct Bench {
    player: Player,
    sources: Sources,
    lose: Receiver<OnLost>,
    wakes: Arc<AtomicUsize>,
    world: Arc<World>,
    _font: tempfile::NamedTempFile,
}

/// A test winds the device on when it comes to it: no device stalls.
const ENDLESS: Patience = Patience {
    look: Duration::from_millis(200),
    looks: u32::MAX,
    first_looks: u32::MAX,
    opening: Duration::from_mins(1),
    between_attempts: Duration::from_millis(20),
    between_idle_attempts: Duration::from_millis(20),
    default_device: Duration::from_hours(1),
};

/// `devices` says for each attempt whether there is a device; the last one holds for all others.
fn bench(devices: &'static [bool]) -> Bench {
    bench_of(devices, ENDLESS)
}

fn bench_of(devices: &'static [bool], patience: Patience) -> Bench {
    let sources = Sources::default();
    let (lost_sender, lose) = mpsc::channel();
    let (font, path) = tiny_font_file();
    let mut number = 0;
    let opened = Arc::clone(&sources);
    let world = Arc::new(World::default());
    let system = Arc::clone(&world);
    let open: OpenOutput = Box::new(move |on_lost, wanted| {
        system.hang();
        system.wanted.lock().unwrap().push(wanted);
        number += 1;
        if !devices[(number - 1).min(devices.len() - 1)] {
            return Err("all sound cards are out".to_owned());
        }
        lost_sender.send(Arc::clone(on_lost)).unwrap();
        let (sources, world) = (Arc::clone(&opened), Arc::clone(&system));
        Ok(Box::new(FakeOutput { number, sources, world }))
    });
    let wakes = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&wakes);
    let wake = move || {
        count.fetch_add(1, Ordering::Relaxed);
    };
    Bench {
        player: Player::with_output(path, (open, patience), Arc::new(wake)),
        sources,
        lose,
        wakes,
        world,
        _font: font,
    }
}

impl Bench {
    fn wind(&self, frames: u64) -> Vec<f32> {
        let mut sources = self.sources.lock().unwrap();
        let (_, source) = sources.last_mut().expect("an open device");
        source.by_ref().take(frames as usize * 2).collect()
    }

    /// Winds on until the thread's commands have arrived.
    fn wind_until(&self, done: impl Fn(&Player) -> bool) {
        wait_until(|| {
            if !self.sources.lock().unwrap().is_empty() {
                self.wind(64);
            }
            done(&self.player)
        });
    }

    fn is_ready(&self) -> bool {
        self.player.state() == PlayerState::Ready { sample_rate: RATE }
    }
}

#[track_caller]
fn wait_until(mut done: impl FnMut() -> bool) {
    let started = Instant::now();
    while !done() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain");
        std::thread::yield_now();
    }
}

/// A minute at 120 beats a minute: a beat is 96 ticks, half a second.
fn a_minute() -> Arc<Score> {
    let notes: Vec<_> = (0..120).map(|n| (n * 96, 96, 60 + (n % 12) as u8)).collect();
    Arc::new(score_of(&notes))
}

fn loaded(devices: &'static [bool]) -> Bench {
    let mut bench = bench(devices);
    bench.player.load(a_minute(), SoundSettings::default());
    bench
}

#[test]
fn the_device_is_opened_at_the_first_play_only() {
    let bench = loaded(&[true]);
    assert_eq!(bench.player.state(), PlayerState::Closed);
    bench.player.play();
    assert!(bench.player.is_playing());
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_ticks() > 96.0);
    assert!(bench.wakes.load(Ordering::Relaxed) >= 2);
}

#[test]
fn playing_pausing_and_seeking_move_the_position() {
    let bench = loaded(&[true]);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 1.0);
    assert!(peak(&bench.wind(1_000)) > 0.01);
    bench.player.seek_secs(30.0);
    bench.wind_until(|p| p.position_secs() >= 30.0);
    assert!(bench.player.position_secs() < 31.0);
    bench.player.pause();
    assert!(!bench.player.is_playing());
    wait_until(|| peak(&bench.wind(2_000)) == 0.0);
    let paused_at = bench.player.position_secs();
    bench.wind(48_000);
    assert_eq!(bench.player.position_secs(), paused_at);
    bench.player.stop();
    bench.wind_until(|p| p.position_secs() == 0.0);
}

#[test]
fn a_piece_ends_and_says_so() {
    let mut bench = bench(&[true]);
    bench.player.load(Arc::new(score_of(&[(0, 96, 69)])), SoundSettings::default());
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(Player::is_finished);
    assert!(!bench.player.is_playing());
    assert!((bench.player.position_secs() - bench.player.duration_secs()).abs() < 1e-3);
    bench.player.set_loop(LoopRange::Whole);
    bench.player.play();
    bench.wind_until(|p| p.is_playing() && !p.is_finished());
    for _ in 0..100 {
        bench.wind(1_000);
        assert!(bench.player.is_playing());
    }
}

#[test]
fn a_change_of_tempo_keeps_the_place_in_the_music() {
    let mut bench = loaded(&[true]);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.player.seek_ticks(960);
    bench.wind_until(|p| p.position_ticks() >= 960.0);
    bench.player.set_tempo(Some(60.0));
    assert_eq!(bench.player.duration_secs(), 120.0);
    for _ in 0..200 {
        bench.wind(64);
        let tick = bench.player.position_ticks();
        assert!((955.0..1100.0).contains(&tick), "{tick}");
    }
    assert!((bench.player.position_secs() - bench.player.position_ticks() / 96.0).abs() < 0.1);
}

#[test]
fn a_piece_that_is_lined_up_is_heard_next_at_the_tempo_of_the_moment() {
    let mut bench = bench(&[true]);
    let beats = |n: u64, pitch| {
        let notes: Vec<_> = (0..n).map(|beat| (beat * 96, 96, pitch)).collect();
        Arc::new(score_of(&notes))
    };
    let first = bench.player.load(beats(4, 60), SoundSettings::default());
    bench.player.set_loop(LoopRange::Whole);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_ticks() > 96.0);
    let forgotten = bench.player.line_up(beats(4, 64));
    let second = bench.player.line_up(beats(8, 67));
    bench.player.set_tempo(Some(240.0));
    assert_eq!(bench.player.heard_piece(), Some(first));
    let mut heard = Vec::new();
    wait_until(|| {
        let before = bench.player.position_ticks();
        bench.wind(64);
        let (piece, tick) = (bench.player.heard_piece(), bench.player.position_ticks());
        assert_ne!(piece, Some(forgotten));
        if piece == Some(second) && heard.is_empty() {
            // The test's own pauses count as time that was heard.
            assert!(before > 300.0 && tick < 80.0, "from {before} to {tick}");
        }
        heard.extend((piece == Some(second)).then_some(tick));
        heard.last().is_some_and(|tick| *tick > 500.0)
    });
    assert!(bench.player.is_playing());
    assert_eq!(bench.player.duration_secs(), 2.0, "eight beats at 240 a minute");
    bench.player.pause();
    let third = bench.player.line_up(beats(2, 72));
    wait_until(|| {
        bench.wind(64);
        bench.player.heard_piece() == Some(third)
    });
    assert!(!bench.player.is_playing(), "where nothing plays it takes the place at once");
}

#[test]
fn a_piece_that_has_begun_is_known_though_another_is_lined_up_behind_it() {
    let mut bench = bench(&[true]);
    let beat = |pitch| Arc::new(score_of(&[(0, 96, pitch)]));
    bench.player.load(beat(60), SoundSettings::default());
    bench.player.set_loop(LoopRange::Whole);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_ticks() > 10.0);
    // Often enough that some come between the beginning of a piece and its being heard.
    let mut lined_up = Vec::new();
    let mut heard = Vec::new();
    for n in 0..400 {
        lined_up.push(bench.player.line_up(beat(61 + (n % 12) as u8)));
        bench.wind(1_000);
        heard.extend(bench.player.heard_piece());
        std::thread::sleep(Duration::from_millis(1));
    }
    heard.dedup();
    assert!(heard.len() > 5, "400 000 frames are more than 16 beats: {heard:?}");
    assert!(heard[1..].iter().all(|piece| lined_up.contains(piece)));
    bench.player.line_up(beat(72));
    bench.wind_until(|p| p.position_ticks() > 48.0);
}

#[test]
fn an_edit_keeps_the_place_in_the_music_and_changes_its_end() {
    let mut bench = loaded(&[true]);
    bench.player.edit(a_minute());
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.player.seek_ticks(960);
    bench.wind_until(|p| p.position_ticks() >= 960.0);
    let notes: Vec<_> = (0..60).map(|n| (n * 96, 96, 72)).collect();
    bench.player.edit(Arc::new(score_of(&notes)));
    assert_eq!(bench.player.duration_secs(), 30.0);
    for _ in 0..200 {
        bench.wind(64);
        let tick = bench.player.position_ticks();
        assert!((955.0..1100.0).contains(&tick) && bench.player.is_playing(), "{tick}");
    }
    assert!(peak(&bench.wind(1_000)) > 0.01);
}

#[test]
fn a_preview_opens_the_device_and_leaves_the_piece_where_it_is() {
    let bench = loaded(&[true]);
    bench.player.seek_ticks(960);
    bench.player.preview(72, 100);
    wait_until(|| bench.is_ready());
    wait_until(|| peak(&bench.wind(2_000)) > 0.01);
    assert!(!bench.player.is_playing());
    bench.wind_until(|p| p.position_ticks() == 960.0);
    wait_until(|| peak(&bench.wind(20_000)) == 0.0);
}

#[test]
fn everything_can_be_set_before_there_is_a_device() {
    let mut bench = loaded(&[true]);
    bench.player.set_program(Some(20));
    bench.player.set_volume(0.5);
    bench.player.set_effects(Effects::OFF);
    bench.player.set_tempo(Some(90.0));
    bench.player.seek_ticks(96 * 30);
    wait_until(|| bench.player.position_ticks() == 96.0 * 30.0);
    assert!((bench.player.position_secs() - 20.0).abs() < 1e-6);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 20.5);
    assert!(bench.player.position_secs() < 22.0, "it starts where it was put");
    bench.player.load(a_minute(), SoundSettings::default());
    assert_eq!(bench.player.position_ticks(), 0.0);
    assert!(!bench.player.is_playing());
}

#[test]
fn a_lost_device_comes_back_where_the_music_was() {
    let bench = loaded(&[true, false, false, false, false, false, false, false, false, true]);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 2.0);
    let lose = bench.lose.recv().unwrap();
    lose("unplugged".to_owned());
    lose("and told twice".to_owned());
    wait_until(|| matches!(bench.player.state(), PlayerState::Lost { .. }));
    let words = bench.player.state().message().unwrap();
    assert!(words.contains("unplugged") || words.contains("all sound cards are out"), "{words}");
    let lost_at = bench.player.position_secs();
    assert!((1.9..3.0).contains(&lost_at), "{lost_at}");
    wait_until(|| bench.is_ready());
    assert!(bench.player.is_playing());
    bench.wind_until(|p| p.position_secs() > lost_at + 0.1);
    assert!(bench.player.position_secs() < lost_at + 1.0);
}

#[test]
fn a_device_that_stays_away_is_waited_for_and_plays_on_only_if_it_should() {
    let bench = loaded(&[true, false]);
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 1.0);
    bench.lose.recv().unwrap()("unplugged".to_owned());
    wait_until(|| bench.world.wanted.lock().unwrap().len() > 12);
    assert!(bench.player.is_playing(), "it is not given up");
    let wanted = bench.world.wanted.lock().unwrap().clone();
    assert_eq!(wanted[0], Wanted::Any, "at first any device will do");
    assert_eq!(wanted[1..5], [Wanted::Default; 4], "its server may be there again at once");
    assert_eq!(wanted[6..12], [Wanted::Any; 6]);
    bench.player.pause();
    assert!(!bench.player.is_playing());
    assert!(matches!(bench.player.state(), PlayerState::Lost { .. }));
}

/// A device is taken for lost after this long without a block; the tests wind it on oftener.
const STALLS: Patience =
    Patience { look: Duration::from_millis(20), looks: 50, first_looks: 100, ..ENDLESS };

#[test]
fn a_device_that_takes_no_sound_any_more_is_left_and_found_again() {
    let mut bench = bench_of(&[true, false, true], STALLS);
    bench.player.load(a_minute(), SoundSettings::default());
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 2.0);
    let stalled_at = bench.player.position_secs();
    wait_until(|| matches!(bench.player.state(), PlayerState::Lost { .. }));
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > stalled_at + 0.1);
    assert!(bench.player.is_playing());
    assert!(bench.player.position_secs() < stalled_at + 2.0);
}

#[test]
fn a_sound_system_that_hangs_holds_up_nothing_and_is_spoken_of() {
    let patience = Patience { opening: Duration::from_millis(100), ..ENDLESS };
    let mut bench = bench_of(&[true], patience);
    bench.player.load(a_minute(), SoundSettings::default());
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 2.0);
    bench.world.is_hanging.store(true, Ordering::Relaxed);
    bench.lose.recv().unwrap()("killed".to_owned());
    wait_until(|| {
        let words = bench.player.state().message().unwrap_or_default();
        words.contains("does not answer")
    });
    // The old one still hangs in its closing, and comes to itself as the new one plays.
    bench.player.seek_secs(30.0);
    wait_until(|| bench.player.position_secs() >= 30.0);
    let mut old = bench.sources.lock().unwrap().pop().expect("it hangs");
    bench.world.is_hanging.store(false, Ordering::Relaxed);
    wait_until(|| bench.is_ready());
    assert!(old.1.by_ref().take(1000).all(|sample| sample == 0.0), "and is not heard");
    bench.wind_until(|p| p.position_secs() > 30.1);
    assert!(bench.player.position_secs() < 32.0, "nor does it move the head");
}

#[test]
fn a_first_opening_that_hangs_is_spoken_of_and_plays_when_it_answers() {
    let patience = Patience { opening: Duration::from_millis(100), ..ENDLESS };
    let mut bench = bench_of(&[true], patience);
    bench.world.is_hanging.store(true, Ordering::Relaxed);
    bench.player.load(a_minute(), SoundSettings::default());
    bench.player.play();
    wait_until(|| bench.player.state().message().is_some_and(|w| w.contains("not answer")));
    bench.player.retry();
    bench.world.is_hanging.store(false, Ordering::Relaxed);
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 0.1);
    assert_eq!(bench.world.wanted.lock().unwrap().len(), 1, "one opening at a time");
}

#[test]
fn sound_follows_the_default_device() {
    let patience = Patience { default_device: Duration::from_millis(50), ..ENDLESS };
    let mut bench = bench_of(&[true], patience);
    bench.player.load(a_minute(), SoundSettings::default());
    bench.player.play();
    wait_until(|| bench.is_ready());
    bench.wind_until(|p| p.position_secs() > 2.0);
    bench.world.has_default_moved.store(true, Ordering::Relaxed);
    bench.lose.recv().unwrap();
    bench.lose.recv_timeout(Duration::from_secs(20)).expect("another is opened");
    wait_until(|| bench.sources.lock().unwrap().first().is_some_and(|(number, _)| *number == 2));
    wait_until(|| bench.is_ready());
    let moved_at = bench.player.position_secs();
    bench.wind_until(|p| p.position_secs() > moved_at + 0.1);
    assert!(bench.player.is_playing());
    assert!((2.0..4.0).contains(&moved_at), "{moved_at}");
}

#[test]
fn without_a_device_the_player_says_so_and_retry_works() {
    let bench = loaded(&[false, true]);
    bench.player.play();
    wait_until(|| matches!(bench.player.state(), PlayerState::NoDevice { .. }));
    wait_until(|| !bench.player.is_playing());
    let words = bench.player.state().message().unwrap();
    assert!(words.starts_with("No audio device"), "{words}");
    assert!(words.contains("MIDI and WAV export still work"), "{words}");
    assert!(words.contains("all sound cards are out"), "{words}");
    bench.player.retry();
    wait_until(|| bench.is_ready());
}

#[test]
fn a_damaged_font_is_named() {
    let file = super::testing::file_of(b"RIFF, but that is all", ".sf2");
    let mut player = Player::new(file.path().to_owned(), || {});
    player.load(a_minute(), SoundSettings::default());
    player.play();
    wait_until(|| matches!(player.state(), PlayerState::Failed { .. }));
    let words = player.state().message().unwrap();
    let name = file.path().file_name().unwrap().to_str().unwrap();
    assert!(words.contains(name), "{words}");
}

#[test]
fn the_real_device_opens_or_is_reported() {
    let (_font, path) = tiny_font_file();
    let mut player = Player::new(path, || {});
    player.load(a_minute(), SoundSettings { volume: 0.0, ..SoundSettings::default() });
    player.play();
    wait_until(|| !matches!(player.state(), PlayerState::Closed | PlayerState::Opening));
    match player.state() {
        PlayerState::Ready { sample_rate } => assert!(sample_rate >= 8_000),
        state => assert!(state.message().unwrap().contains("No audio device"), "{state:?}"),
    }
}

#[test]
fn a_player_without_a_piece_does_nothing() {
    let player = Player::new(PathBuf::from(Path::new("nowhere.sf2")), || {});
    player.play();
    player.pause();
    player.seek_secs(3.0);
    assert_eq!(player.position_secs(), 0.0);
    assert_eq!(player.duration_secs(), 0.0);
    assert!(!player.is_playing());
    assert_eq!(player.state(), PlayerState::Closed);
}
