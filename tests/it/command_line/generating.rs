//! `harmonium generate`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use harmonium::midi;
use harmonium::music::{Metre, Note, Score};
use harmonium::project::{Project, save};
use harmonium::rbm::Algorithm;
use harmonium::train::TrainSettings;
use serde_json::{Value, json};

use crate::world::{
    Finished, run, score, small_settings, text, trained_project, tune, write_midi, write_trained,
};

fn generate(project: &Path, out: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["generate", text(project), "--out", text(out), "--json"];
    arguments.extend(["--device", "cpu"]);
    arguments.extend(more);
    run(&arguments)
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    entries.map(|entry| (name(&entry.path()), fs::read(entry.path()).unwrap())).collect()
}

fn read(path: &str) -> Score {
    let file = midi::read(&fs::read(path).unwrap()).unwrap();
    assert_eq!(file.warnings, Vec::<String>::new());
    file.to_score()
}

fn file_of(object: &Value) -> &str {
    object["file"].as_str().unwrap()
}

/// Start and length in beats, and pitch.
fn notes(score: &Score) -> Vec<(f64, f64, u8)> {
    let beats = |ticks: u64| ticks as f64 / f64::from(score.ticks_per_beat);
    let plain = |note: &Note| (beats(note.start_tick), beats(note.length_ticks), note.pitch);
    let mut notes: Vec<_> = score.tonal_notes().map(plain).collect();
    notes.sort_by(|a, b| a.partial_cmp(b).unwrap());
    notes
}

#[test]
fn exactly_so_many_pieces_of_the_length_asked_for_are_written_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let out = folder.path().join("new/pieces");
    let more = ["--count", "3", "--bars", "2", "--gibbs-steps", "5", "--seed", "40"];
    let objects = generate(&project, &out, &more).objects();
    assert_eq!(objects.len(), 3);
    assert_eq!(files(&out).len(), 3);
    for (number, object) in objects.iter().enumerate() {
        let path = Path::new(file_of(object));
        assert_eq!(path.extension().unwrap(), "mid");
        assert!(files(&out).contains_key(path.file_name().unwrap().to_str().unwrap()));
        let score = read(file_of(object));
        assert_eq!(object["bars"], 2);
        assert_eq!(object["seed"], 40 + number);
        assert_eq!(object["notes"], score.note_count());
        let seconds = object["seconds"].as_f64().unwrap();
        assert!((seconds - score.duration_secs()).abs() < 1e-6);
        assert_eq!(score.length_ticks, 8 * u64::from(score.ticks_per_beat));
        assert_eq!(object["beats_per_minute"], json!(100.0), "the songs' tempo");
    }
}

#[test]
fn each_piece_says_to_which_song_it_comes_nearest_and_a_copy_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let out = folder.path().join("out");
    let brief = ["--count", "2", "--bars", "2", "--gibbs-steps", "30", "--temperature", "1.5"];
    for object in generate(&project, &out, &brief).objects() {
        let distance = object["nearest_distance"].as_f64().unwrap();
        assert!((0.0..=1.0).contains(&distance), "{object}");
        assert!(object["nearest_song"].as_str().unwrap().starts_with("tune-"), "{object}");
        assert_eq!(object["is_copy"], distance <= 0.05);
    }
    // Seven bars of a song of the training, and one more.
    let loaded = harmonium::project::load(&project).unwrap();
    let encoding = &loaded.model.as_ref().unwrap().run.settings.encoding;
    let dataset = loaded.dataset(encoding).unwrap();
    let known = dataset.songs.iter().find(|song| !song.is_held_out).unwrap();
    let song = folder.path().join("known.mid");
    let number = known.title.strip_prefix("tune-").unwrap().parse().unwrap();
    write_midi(&song, &tune(number, 8));
    let continued = [&brief[4..], &["--count", "1", "--bars", "1", "--continue", text(&song)]];
    let object = generate(&project, &out, &continued.concat()).objects().remove(0);
    assert_eq!(object["nearest_distance"], 0.0, "{object}");
    assert_eq!((&object["is_copy"], &object["nearest_song"]), (&json!(true), &json!(known.title)));
    let told = run(
        &[&["generate", text(&project), "--out", text(&out)], &continued.concat()[..]].concat()
    );
    assert!(
        told.stdout.contains(&format!("a copy, nearest to \"{}\"", known.title)),
        "{}",
        told.stdout
    );
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_gives_others() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let song = folder.path().join("song.mid");
    write_midi(&song, &tune(1, 4));
    for start in ["silence", "noise", "chains", text(&song)] {
        let make = |name: &str, seed: &str| {
            let out = folder.path().join(name);
            // Hot enough that a young model does not fall silent.
            let more = ["--count", "2", "--bars", "2", "--gibbs-steps", "3", "--temperature", "2"];
            let more = [&more[..], &["--seed", seed, "--start", start]].concat();
            assert_eq!(generate(&project, &out, &more).objects().len(), 2, "{start}");
            let made = files(&out);
            fs::remove_dir_all(out).unwrap();
            made
        };
        let first = make("a", "1");
        assert_eq!(first, make("b", "1"), "{start}");
        if ["noise", "chains"].contains(&start) {
            // A model of few songs may come to the same piece from two starts, not from five.
            let is_other = |seed: &&str| make("c", seed) != first;
            assert!(["9", "10", "11", "12", "13"].iter().any(is_other), "{start}");
        }
    }
}

#[test]
fn without_chains_it_starts_elsewhere_and_says_so_when_asked_for_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cd.harmonium");
    let settings =
        TrainSettings { algorithm: Algorithm::ContrastiveDivergence, ..small_settings() };
    save(&trained_project(settings), &path).unwrap();
    let out = folder.path().join("out");
    let brief = ["--count", "1", "--bars", "1", "--gibbs-steps", "2"];
    assert_eq!(generate(&path, &out, &brief).objects().len(), 1);
    let chains = [&brief[..], &["--start", "chains"]].concat();
    generate(&path, &out, &chains).expect_error(1, &["no persistent chains", "noise"]);
}

#[test]
fn a_continuation_begins_with_the_given_notes_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let given = tune(3, 4);
    let song = folder.path().join("song.mid");
    write_midi(&song, &given);
    let out = folder.path().join("out");
    let more = ["--continue", text(&song), "--bars", "3", "--count", "2", "--gibbs-steps", "4"];
    for object in generate(&project, &out, &more).objects() {
        let score = read(file_of(&object));
        assert_eq!(object["bars"], 7);
        let kept: Vec<_> = notes(&score).into_iter().filter(|note| note.0 < 16.0).collect();
        assert_eq!(kept, notes(&given));
        assert_eq!(object["beats_per_minute"], json!(100.0));
    }
}

#[test]
fn an_infill_changes_the_free_bars_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let song = folder.path().join("song.mid");
    // Four bars of three beats.
    let given: Vec<_> = (0..12).map(|beat| (f64::from(beat), 1.0, 60 + beat % 5)).collect();
    let waltz = score(
        &given
            .iter()
            .map(|&(start, length, pitch)| (start, length, pitch as u8))
            .collect::<Vec<_>>(),
        Metre { numerator: 3, denominator: 4 },
        12.0,
    );
    write_midi(&song, &waltz);
    let out = folder.path().join("out");
    let infill = ["--infill", text(&song), "--count", "2", "--gibbs-steps", "4"];
    for (bars, free) in [("2-3", 3.0..9.0), ("4", 9.0..12.0), ("1-1", 0.0..3.0)] {
        let more = [&infill[..], &["--bars-free", bars]].concat();
        for object in generate(&project, &out, &more).objects() {
            assert_eq!(object["bars"], 4);
            let score = read(file_of(&object));
            let metre = score.metres.first().unwrap().metre;
            assert_eq!(metre, Metre { numerator: 3, denominator: 4 });
            let outside = |score: &Score| -> Vec<_> {
                notes(score).into_iter().filter(|note| !free.contains(&note.0)).collect()
            };
            assert_eq!(outside(&score), outside(&waltz), "bars {bars}");
        }
    }
    let unused =
        generate(&project, &out, &[&infill[..], &["--bars-free", "4", "--bars", "9"]].concat());
    assert!(unused.stderr.contains("--bars is not used"), "{}", unused.stderr);
    assert!(unused.objects().iter().all(|object| object["bars"] == 4));
    for (bars, words, code) in
        [("3-9", "4 bars", 1), ("0-1", "bars 0-1", 1), ("3-2", "bars 3-2", 1), ("x", "3-4", 2)]
    {
        let more = [&infill[..], &["--bars-free", bars]].concat();
        generate(&project, &out, &more).expect_error(code, &[words]);
    }
}

#[test]
fn what_is_wrong_is_named_with_file_reason_and_remedy() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let project = write_trained(folder.path());
    let out = path("out");
    generate(&path("missing.harmonium"), &out, &[])
        .expect_error(1, &["missing.harmonium", "could not be read"]);
    write_midi(&path("song.harmonium"), &tune(1, 4));
    generate(&path("song.harmonium"), &out, &[])
        .expect_error(1, &["song.harmonium", "is not a Harmonium project"]);
    let bytes = fs::read(&project).unwrap();
    fs::write(path("cut.harmonium"), &bytes[..bytes.len() / 2]).unwrap();
    generate(&path("cut.harmonium"), &out, &[])
        .expect_error(1, &["cut.harmonium", "is not a Harmonium project"]);
    let version = br#"format_version\":1"#;
    let place = bytes.windows(version.len()).position(|bytes| bytes == version).unwrap();
    let mut changed = bytes.clone();
    changed[place + version.len() - 1] = b'2';
    fs::write(path("newer.harmonium"), changed).unwrap();
    generate(&path("newer.harmonium"), &out, &[])
        .expect_error(1, &["newer.harmonium", "newer Harmonium", "install"]);
    save(&Project::default(), &path("empty.harmonium")).unwrap();
    generate(&path("empty.harmonium"), &out, &[])
        .expect_error(1, &["empty.harmonium", "no trained model", "harmonium train"]);
    assert!(!out.exists(), "nothing is written before something is made");

    let missing = path("missing.mid");
    generate(&project, &out, &["--continue", text(&missing)]).expect_error(1, &["missing.mid"]);
    fs::write(path("bad.mid"), b"words").unwrap();
    generate(&project, &out, &["--start", text(&path("bad.mid"))]).expect_error(1, &["bad.mid"]);
    write_midi(&path("low.mid"), &score(&[(0.0, 1.0, 3)], Metre::COMMON, 4.0));
    generate(&project, &out, &["--continue", text(&path("low.mid"))])
        .expect_error(1, &["low.mid", "pitch range"]);
    for more in [["--count", "0"], ["--bars", "0"], ["--temperature", "0"], ["--gibbs-steps", "0"]]
    {
        generate(&project, &out, &more).expect_error(2, &["it goes from"]);
    }
    fs::write(path("file"), b"in the way").unwrap();
    let brief = ["--count", "1", "--bars", "1", "--gibbs-steps", "1"];
    generate(&project, &path("file"), &brief).expect_error(1, &["file", "cannot be made"]);
}

/// Notes of the first song, two voices: chords below a tune.
fn chorale(folder: &Path) -> (std::path::PathBuf, Score) {
    let mut notes = Vec::new();
    for beat in 0..16_u8 {
        notes.push((f64::from(beat), 1.0, 72 + beat % 5));
        if beat.is_multiple_of(4) {
            notes.extend([48, 55, 60].map(|pitch| (f64::from(beat), 4.0, pitch)));
        }
    }
    let song = score(&notes, Metre::COMMON, 16.0);
    let path = folder.join("chorale.mid");
    write_midi(&path, &song);
    (path, song)
}

#[test]
fn every_way_of_composing_keeps_what_it_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let (song, given) = chorale(folder.path());
    let out = folder.path().join("out");
    let quick = ["--count", "2", "--bars", "2", "--gibbs-steps", "5", "--start", "noise"];
    let make = |more: &[&str]| generate(&project, &out, &[&quick[..], more].concat()).objects();
    let tune: Vec<_> = notes(&given).into_iter().filter(|note| note.2 >= 72).collect();
    for object in make(&["--lead-up-to", text(&song)]) {
        assert_eq!(object["bars"], 6);
        let made = notes(&read(file_of(&object)));
        for (start, length, pitch) in notes(&given) {
            assert!(made.contains(&(start + 8.0, length, pitch)));
        }
    }
    for object in make(&["--harmonise", text(&song)]) {
        let made = notes(&read(file_of(&object)));
        assert!(tune.iter().all(|note| made.contains(note)));
        assert_eq!(made.iter().map(|note| note.2).max(), Some(76), "nothing above the tune");
    }
    let more = ["--infill", text(&song), "--bars-free", "2", "--pitches-free", "C2-B4", "--around"];
    for object in make(&more) {
        let made = notes(&read(file_of(&object)));
        let kept = notes(&given).into_iter().filter(|n| (4.0..8.0).contains(&n.0) && n.2 < 72);
        assert!({ kept }.all(|note| made.contains(&note)));
    }
    let low = folder.path().join("low.mid");
    write_midi(&low, &score(&[(0.0, 8.0, 48), (8.0, 8.0, 50)], Metre::COMMON, 16.0));
    for object in make(&["--melody-for", text(&low), "--lock", text(&song)]) {
        let made = notes(&read(file_of(&object)));
        assert!(notes(&given).iter().all(|note| made.contains(note)), "locked notes stay");
    }
    let more = ["--count", "3", "--bars", "2", "--gibbs-steps", "5"];
    for way in [
        &["--vary", text(&song), "--amount", "0.0"][..],
        &["--interpolate", text(&song), text(&low)],
    ] {
        let objects = generate(&project, &out, &[&more[..], way].concat()).objects();
        assert_eq!(objects.len(), 3);
        assert!(objects.iter().all(|object| object["bars"] == 4));
        if way[0] == "--vary" {
            assert_eq!(notes(&read(file_of(&objects[0]))), notes(&given));
        }
    }
}

#[test]
fn what_leads_the_chain_is_obeyed_and_pieces_are_ranked() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let out = folder.path().join("out");
    let quick = ["--count", "6", "--bars", "4", "--gibbs-steps", "8", "--temperature", "1.5"];
    let make = |more: &[&str]| generate(&project, &out, &[&quick[..], more].concat()).objects();
    let led = ["--key", "D", "--scale", "harmonic-minor", "--pitch-range", "C4-72"];
    let led = [&led[..], &["--polyphony", "2", "--rhythm", "-0.5", "--sample"]].concat();
    for object in make(&led) {
        for (_, _, pitch) in notes(&read(file_of(&object))) {
            assert!((60..=72).contains(&pitch) && [2, 4, 5, 7, 9, 10, 1].contains(&(pitch % 12)));
        }
    }
    let n_notes = |more: &[&str]| -> u64 {
        make(more).iter().map(|object| object["notes"].as_u64().unwrap()).sum()
    };
    assert!(n_notes(&["--density", "0.5"]) < n_notes(&["--density", "2", "--anneal-from", "2"]));
    for object in make(&["--form", "abab"]) {
        let made = notes(&read(file_of(&object)));
        let bar = |n: f64| -> Vec<_> {
            let inside =
                made.iter().filter(|note| (n * 4.0 + 0.25..n * 4.0 + 3.0).contains(&note.0));
            inside.map(|note| (note.0 - n * 4.0, note.2)).collect()
        };
        assert_eq!((bar(0.0), bar(1.0)), (bar(2.0), bar(3.0)));
    }
    for (by, key, is_rising) in [
        ("free-energy", "free_energy", true),
        ("novelty", "novelty", false),
        ("score", "score", false),
    ] {
        let values: Vec<f64> =
            make(&["--rank-by", by]).iter().filter_map(|object| object[key].as_f64()).collect();
        assert!(!values.is_empty());
        let is_ordered =
            |pair: &[f64]| if is_rising { pair[0] <= pair[1] } else { pair[0] >= pair[1] };
        assert!(values.windows(2).all(is_ordered), "{by}: {values:?}");
    }
}

#[test]
fn options_that_do_not_go_together_are_bad_usage() {
    let folder = tempfile::tempdir().unwrap();
    let project = write_trained(folder.path());
    let (song, _) = chorale(folder.path());
    let out = folder.path().join("out");
    let song = text(&song);
    for (options, word) in [
        (&["--continue", song, "--harmonise", song][..], "--harmonise"),
        (&["--infill", song], "--bars-free"),
        (&["--bars-free", "1"], "--infill"),
        (&["--around"], "--infill"),
        (&["--vary", song, "--start", "noise"], "--start"),
        (&["--vary", song, "--amount", "2"], "from 0 to 1"),
        (&["--amount", "0.5"], "--vary"),
        (&["--interpolate", song], "2 values"),
        (&["--form", "AABA", "--continue", song], "--form"),
        (&["--form", "A1"], "no form"),
        (&["--form", "AAB", "--bars", "4"], "multiple of 3"),
        (&["--scale", "dorian"], "--key"),
        (&["--favour-key"], "--key"),
        (&["--key", "H"], "C, F# or Bb"),
        (&["--key", "C", "--scale", "nice"], "dorian"),
        (&["--density", "9"], "from 0.25 to 4"),
        (&["--pitch-range", "90-40"], "48-84"),
        (&["--polyphony", "0"], "polyphony"),
        (&["--rhythm", "2"], "rhythm"),
        (&["--anneal-curve", "linear"], "--anneal-from"),
        (&["--rank-by", "beauty"], "novelty"),
    ] {
        generate(&project, &out, options).expect_error(2, &[word]);
    }
    assert!(!out.exists());
}
