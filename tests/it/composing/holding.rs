//! A thousand random clamps: held notes come back equal, and nothing begins on held ground.

use harmonium::generate::{GenerateSettings, Region, Task, top_line};
use harmonium::music::{PianoRoll, RollNote};

use super::{BAR, Model, quick, request, shifted};
use crate::world::Dice;

const CLAMPS: usize = 1000;

/// A task, which notes of it are to come back, and where new notes may begin.
struct Case {
    task: Task,
    kept: Vec<RollNote>,
    may_begin: Box<dyn Fn(&RollNote) -> bool>,
}

#[test]
fn clamped_notes_come_back_equal_and_the_free_part_differs_between_seeds() {
    let models = [Model::of_bars(), Model::without_onsets()];
    let mut dice = Dice::new(1);
    let mut n_alike = 0;
    for number in 0..CLAMPS {
        let model = &models[number % models.len()];
        let settings = GenerateSettings { seed: number as u64, temperature: 1.5, ..quick() };
        let Case { task, kept, may_begin } = case(&mut dice, &model.song);
        let mut request = request(task, settings);
        request.locked = locked(&mut dice, &model.song);
        let is_in_the_way = |note: &&RollNote| !request.locked.iter().any(|l| overlap(l, note));
        let mut expected: Vec<RollNote> = kept.iter().filter(is_in_the_way).copied().collect();
        expected.extend(&request.locked);
        let pieces = model.dream(&request);
        for piece in &pieces {
            let notes = piece.notes();
            for note in &expected {
                assert!(notes.contains(note), "{note:?} is lost: {:?}", request.task);
            }
            let new = notes.iter().filter(|note| !expected.contains(note));
            for note in new {
                assert!(may_begin(note), "{note:?} begins on held ground: {:?}", request.task);
            }
        }
        n_alike += usize::from(pieces[0] == pieces[1]);
    }
    assert!(n_alike < CLAMPS / 50, "{n_alike} of {CLAMPS} pairs of seeds made the same");
}

fn overlap(a: &RollNote, b: &RollNote) -> bool {
    let end = |note: &RollNote| note.start_step + note.n_steps;
    a.pitch == b.pitch && a.start_step < end(b) && b.start_step < end(a)
}

/// Up to three notes within the first two bars that do not overlap; some on the song's own.
fn locked(dice: &mut Dice, song: &PianoRoll) -> Vec<RollNote> {
    let mut locked: Vec<RollNote> = Vec::new();
    let own = song.excerpt(0..2 * BAR).notes();
    for _ in 0..dice.below(4) {
        let mut note = own[dice.below(own.len())];
        if dice.below(2) == 0 {
            let start = dice.below(2 * BAR - 1);
            let n_steps = 1 + dice.below((2 * BAR - start).min(8)) as u32;
            let pitch = song.pitches().pitch(dice.below(song.pitches().len()));
            note = RollNote { start_step: start as u32, n_steps, pitch };
        }
        if !locked.iter().any(|other| overlap(other, &note)) {
            locked.push(note);
        }
    }
    locked
}

fn case(dice: &mut Dice, song: &PianoRoll) -> Case {
    let first = dice.below(3) * BAR + dice.below(2) * 7;
    let roll = song.excerpt(first..first + 3 * BAR);
    let notes = roll.notes();
    let case = |task, kept, may_begin| Case { task, kept, may_begin };
    match dice.below(7) {
        0 => case(Task::New, Vec::new(), Box::new(|_| true)),
        1 => case(Task::Continue(roll), notes, Box::new(|note| note.start_step >= 3 * BAR as u32)),
        2 => case(
            Task::LeadUpTo(roll),
            shifted(&notes, 2 * BAR as u32),
            Box::new(|note| note.start_step < 2 * BAR as u32),
        ),
        3 | 4 => {
            let region = region(dice, &roll);
            let is_inside = dice.below(2) == 0;
            let is_free = {
                let region = region.clone();
                move |note: &RollNote| {
                    region.contains(note.start_step as usize, note.pitch) == is_inside
                }
            };
            let kept = notes.into_iter().filter(|note| !is_free(note)).collect();
            let task = if is_inside {
                Task::Inside { roll, region }
            } else {
                Task::Around { roll, region }
            };
            case(task, kept, Box::new(is_free))
        }
        5 => {
            let melody = top_line(&roll);
            let lowest = melody.iter().map(|note| note.pitch).max().unwrap();
            let is_below = move |note: &RollNote| note.pitch < lowest;
            case(Task::Harmonise(roll), melody, Box::new(is_below))
        }
        _ => {
            let floor = notes.iter().map(|note| note.pitch).min().unwrap();
            case(Task::MelodyFor(roll), notes, Box::new(move |note| note.pitch > floor))
        }
    }
}

fn region(dice: &mut Dice, roll: &PianoRoll) -> Region {
    let start = dice.below(roll.n_steps() - BAR / 2);
    let end = start + BAR / 2 + dice.below(roll.n_steps() - start - BAR / 2 + 1);
    let pitches = roll.pitches();
    let low = pitches.low + dice.below(pitches.len() / 2) as u8;
    let high = low + 12 + dice.below(30) as u8;
    Region { steps: start..end, pitches: if dice.below(2) == 0 { 0..128 } else { low..high } }
}
