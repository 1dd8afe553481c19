//! Each way of composing does what it says.

use std::sync::Arc;

use harmonium::generate::{GenerateSettings, Region, Task, top_line};
use harmonium::music::{PianoRoll, RollNote};

use super::{BAR, Model, quick, request};

/// Cells that differ, of those that sound in either.
fn distance(a: &PianoRoll, b: &PianoRoll) -> f64 {
    let cells = || a.cells().iter().zip(b.cells());
    let differing = cells().filter(|(a, b)| a != b).count();
    let sounding = cells().filter(|(a, b)| **a != 0 || **b != 0).count();
    differing as f64 / sounding.max(1) as f64
}

#[test]
fn a_melody_is_harmonised_below_and_found_above() {
    let model = Model::of_bars();
    let song = model.song.excerpt(0..4 * BAR);
    let settings = GenerateSettings { gibbs_steps: 20, ..quick() };
    let melody = top_line(&song);
    let top = |piece: &PianoRoll, step: usize| {
        (0..piece.pitches().len()).rev().find(|&column| piece.is_held(step, column))
    };
    for piece in model.make(Task::Harmonise(song.clone()), settings) {
        assert!(piece.notes().len() > melody.len(), "there is a harmony");
        let line = PianoRoll::from_notes(&melody, 4 * BAR, piece.pitches(), 4);
        for step in (0..4 * BAR).filter(|&step| top(&line, step).is_some()) {
            assert_eq!(top(&piece, step), top(&line, step), "nothing sounds above the melody");
        }
    }
    let chords: Vec<RollNote> =
        song.notes().into_iter().filter(|note| !melody.contains(note)).collect();
    let chords = PianoRoll::from_notes(&chords, 4 * BAR, song.pitches(), 4);
    for piece in model.make(Task::MelodyFor(chords.clone()), settings) {
        let is_new = |step: usize, column: usize| {
            piece.is_held(step, column) && !chords.is_held(step, column)
        };
        let n_new = |step| (0..piece.pitches().len()).filter(|&c| is_new(step, c)).count();
        assert!((0..4 * BAR).all(|step| n_new(step) <= 1), "a melody is one line");
        assert!((0..4 * BAR).any(|step| n_new(step) == 1), "there is one");
    }
}

#[test]
fn a_variation_is_the_piece_itself_at_zero_and_strays_with_the_amount() {
    let model = Model::of_bars();
    let song = model.song.excerpt(0..4 * BAR);
    let settings = GenerateSettings { pieces: 20, gibbs_steps: 60, ..quick() };
    let strayed = |amount: f64| {
        let pieces = model.make(Task::Vary { roll: song.clone(), amount }, settings);
        pieces.iter().map(|piece| distance(piece, &song)).sum::<f64>() / pieces.len() as f64
    };
    assert_eq!(strayed(0.0), 0.0);
    let (near, far) = (strayed(0.1), strayed(1.0));
    assert!(0.0 < near && near < far, "{near} {far}");
}

#[test]
fn pieces_between_two_lead_from_one_to_the_other() {
    let model = Model::of_bars();
    let from = model.song.excerpt(0..2 * BAR);
    let starts = (0..7).map(|bar| model.song.excerpt(bar * BAR..(bar + 2) * BAR));
    let farther = |a: &PianoRoll, b: &PianoRoll| distance(a, &from).total_cmp(&distance(b, &from));
    let to = starts.max_by(farther).unwrap();
    let settings = GenerateSettings { pieces: 20, is_last_step_likeliest: true, ..quick() };
    let task = Task::Interpolate { from: from.clone(), to: to.clone() };
    let pieces = model.make(task, settings);
    let away = |pieces: &[Arc<PianoRoll>], end: &PianoRoll| {
        pieces.iter().map(|piece| distance(piece, end)).sum::<f64>() / pieces.len() as f64
    };
    let (first, last) = (&pieces[..4], &pieces[16..]);
    for (near, far, end) in [(first, last, &from), (last, first, &to)] {
        let (near, far) = (away(near, end), away(far, end));
        println!("{near:.2} of its cells differ near an end, {far:.2} at the other");
        assert!(near < far);
    }
}

#[test]
fn a_form_repeats_its_sections_but_for_the_beat_that_leads_on() {
    let model = Model::of_bars();
    let settings = GenerateSettings { bars: 8, form: "AABA".parse().unwrap(), ..quick() };
    for piece in model.make(Task::New, settings) {
        let section = |n: usize| piece.excerpt(n * 2 * BAR..(n + 1) * 2 * BAR - BAR / 4);
        // The first step may ring on from the section before.
        let body = |n: usize| section(n).excerpt(1..section(n).n_steps());
        assert_eq!(body(0), body(1));
        assert_eq!(body(0), body(3));
        assert_ne!(body(0), body(2));
        assert_eq!(piece.n_steps(), 8 * BAR);
    }
    let refused = GenerateSettings { bars: 6, ..settings };
    for (task, settings, words) in [
        (Task::New, refused, "multiple of 4"),
        (Task::Continue(model.song.clone()), settings, "a new piece"),
    ] {
        let result =
            harmonium::engine::dream(&model.source, &request(task, settings), &mut |_| true);
        assert!(result.unwrap_err().to_string().contains(words));
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let model = Model::of_bars();
    let failing = |task: Task, locked: Vec<RollNote>| {
        let mut request = request(task, quick());
        request.locked = locked;
        let result = harmonium::engine::dream(&model.source, &request, &mut |_| true);
        result.unwrap_err().to_string()
    };
    let outside = RollNote { start_step: 30, n_steps: 9, pitch: 60 };
    assert!(failing(Task::New, vec![outside]).contains("not within the piece"));
    let empty = model.song.excerpt(0..0);
    for task in [Task::Harmonise(empty.clone()), Task::LeadUpTo(empty)] {
        assert!(failing(task, Vec::new()).contains("empty"));
    }
    let region = Region::of_steps(500..510);
    let roll = model.song.clone();
    assert!(failing(Task::Inside { roll, region }, Vec::new()).contains("made anew"));
}
