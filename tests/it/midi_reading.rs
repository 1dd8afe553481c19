//! Exported MIDI files open elsewhere as they are meant: read back by mido and pretty_midi.
//!
//! `HARMONIUM_PYTHON` names an interpreter that has both; where none has, the test is skipped.

use std::path::Path;
use std::process::Command;

use harmonium::generate::{ScoreSettings, notes_to_score};
use harmonium::midi;
use harmonium::music::{
    Key, Metre, Mode, Note, Performance, PianoRoll, PlayedNote, Score, best_key,
};
use harmonium::project::load;
use serde_json::{Value, json};

use crate::world::{run, text, write_trained};

const PIECES: usize = 200;

fn python() -> Option<String> {
    let named = std::env::var("HARMONIUM_PYTHON").ok();
    let has_both = |python: &String| {
        let mut command = Command::new(python);
        command.args(["-W", "ignore", "-c", "import mido, pretty_midi"]);
        command.output().is_ok_and(|output| output.status.success())
    };
    named.into_iter().chain(["python3".to_owned()]).find(has_both)
}

/// Every second piece is divided into voices and played by an uneven hand.
fn performance(number: usize) -> Performance {
    if number.is_multiple_of(2) {
        return Performance::default();
    }
    Performance {
        is_divided: true,
        chords_from: 55,
        melody_from: 64,
        swing_percent: 50.0 + (number % 25) as f64,
        accent: 0.7,
        humanise_ms: 15.0,
        humanise_velocity: 10.0,
        humanise_seed: number as u64,
        ..Performance::default()
    }
}

fn expected(file: &Path, score: &Score, metre: Metre) -> Value {
    let tracks = score.tracks.iter().map(|track| {
        json!({
            "name": track.name, "program": track.program, "volume": track.volume,
            "is_drums": track.is_drums, "notes": track.notes.len(),
        })
    });
    let last = score.tracks.iter().flat_map(|track| &track.notes).map(Note::end_tick).max();
    let end = last.unwrap_or(0).max(score.length_ticks);
    json!({
        "file": text(file),
        "seconds": score.tempo.seconds_at(end),
        "beats_per_minute": score.tempo.changes()[0].beats_per_minute,
        "metre": [metre.numerator, metre.denominator],
        "fifths": score.key.map(Key::fifths),
        "is_minor": score.key.is_some_and(|key| key.mode == Mode::Minor),
        "tracks": tracks.collect::<Vec<_>>(),
    })
}

fn write_piece(folder: &Path, number: usize, roll: &PianoRoll, metre: Metre) -> Value {
    let notes = PlayedNote::of_roll(roll, &[]);
    let waltz = Metre { numerator: 3, denominator: 4 };
    let metre = if number.is_multiple_of(3) { waltz } else { metre };
    let settings = ScoreSettings {
        name: format!("Piece {number}"),
        beats_per_minute: 60.0 + number as f64 / 3.0,
        metre,
        key: best_key(&notes),
        program: (number % 128) as u8,
        ..ScoreSettings::default()
    };
    let score = performance(number).perform(&notes_to_score(&notes, roll, &settings));
    let path = folder.join(format!("{number}.mid"));
    std::fs::write(&path, midi::write(&score)).unwrap();
    expected(&path, &score, metre)
}

#[test]
fn two_hundred_generated_pieces_open_alike_in_mido_and_pretty_midi() {
    let Some(python) = python() else {
        println!("skipped: no Python with mido and pretty_midi (HARMONIUM_PYTHON names one)");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let out = folder.path().join("pieces");
    let count = PIECES.to_string();
    let mut arguments = vec!["generate", text(&project), "--out", text(&out), "--json"];
    arguments.extend(["--device", "cpu", "--count", &count, "--bars", "2", "--gibbs-steps", "3"]);
    let objects = run(&arguments).objects();
    assert_eq!(objects.len(), PIECES);
    let grid = load(&project).unwrap().settings.encoding;
    let mut all = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        let bytes = std::fs::read(object["file"].as_str().unwrap()).unwrap();
        let score = midi::read(&bytes).unwrap().to_score();
        let roll =
            harmonium::generate::score_notes_to_roll(&score, grid.pitches(), grid.steps_per_beat);
        let metre = score.metres[0].metre;
        all.push(write_piece(folder.path(), number, &roll, metre));
    }
    let table = folder.path().join("expected.json");
    std::fs::write(&table, serde_json::to_vec(&all).unwrap()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/midi_readers.py");
    let read = Command::new(python).args([script, text(&table)]).output().unwrap();
    let words = String::from_utf8_lossy(&read.stdout);
    assert!(read.status.success(), "{words}{}", String::from_utf8_lossy(&read.stderr));
    println!("{words}");
}
