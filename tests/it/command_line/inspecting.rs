//! `harmonium inspect`.

use std::fs;
use std::path::Path;

use harmonium::music::Metre;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::world::{Finished, harmonium, pop_folder, run, score, text, tune, write_midi};

fn inspect(folder: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["inspect", text(folder), "--json"];
    arguments.extend(more);
    run(&arguments)
}

/// Exactly the fields of the contract, in whatever order.
fn assert_fields(object: &Value) {
    let known =
        ["file", "status", "reason", "rows", "hold_bits", "onset_bits", "excerpts", "roll_sha256"];
    let object = object.as_object().unwrap();
    for name in known {
        assert!(object.contains_key(name), "\"{name}\" is missing in {object:?}");
    }
    for name in object.keys() {
        assert!(known.contains(&name.as_str()) || name == "warnings", "\"{name}\" is new");
    }
}

#[test]
fn one_object_a_file_says_exactly_what_would_be_taken() {
    let folder = tempfile::tempdir().unwrap();
    // Two notes of four steps, an octave apart; the reader ends with the last step.
    let notes = [(0.0, 1.0, 24), (1.0, 1.0, 36)];
    write_midi(&folder.path().join("a.mid"), &score(&notes, Metre::COMMON, 4.0));
    let objects = inspect(folder.path(), &[]).objects();
    assert_eq!(objects.len(), 2);
    assert_fields(&objects[0]);
    let mut rows = vec![0_u8; 16 * 156];
    for step in 0..4 {
        rows[step * 156] = 1;
        rows[(step + 4) * 156 + 12] = 1;
    }
    rows[78] = 1;
    rows[4 * 156 + 78 + 12] = 1;
    assert_eq!(
        objects[0],
        json!({
            "file": text(&folder.path().join("a.mid")),
            "status": "ok",
            "reason": null,
            "rows": 16,
            "hold_bits": 8,
            "onset_bits": 2,
            "excerpts": 1,
            "roll_sha256": harmonium::dataset::hex(&Sha256::digest(&rows)),
        })
    );
    assert_eq!(objects[1]["summary"], json!(true));
    assert_eq!((&objects[1]["files"], &objects[1]["excerpts"]), (&json!(1), &json!(1)));
}

#[test]
fn damaged_short_and_oddly_named_files_are_reported_and_never_stop_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    write_midi(&path("1-good.MID"), &tune(1, 8));
    fs::write(path("2-damaged.mid"), b"MThd\0\0").unwrap();
    write_midi(&path("3-short.mid"), &score(&[(0.0, 0.25, 60)], Metre::COMMON, 0.25));
    fs::write(path("4-not-midi.txt"), b"words").unwrap();
    fs::write(path("5-empty.midi"), b"").unwrap();
    write_midi(&path("sub/6-good.kar"), &tune(2, 8));
    let finished = inspect(folder.path(), &[]);
    let objects = finished.objects();
    objects[..5].iter().for_each(assert_fields);
    let statuses: Vec<_> = objects.iter().map(|object| object["status"].as_str()).collect();
    let [ok, skipped, failed] = ["ok", "skipped", "failed"].map(Some);
    assert_eq!(statuses, [ok, failed, skipped, failed, ok, None]);
    for (object, is_read) in objects.iter().zip([true, false, true, false, true]) {
        for field in ["rows", "hold_bits", "onset_bits", "excerpts"] {
            assert_eq!(object[field].is_u64(), is_read, "{object}");
        }
        assert_eq!(object["roll_sha256"].is_string(), is_read);
        assert_eq!(object["reason"].is_null(), object["status"] == "ok", "{object}");
    }
    let summary = &objects[5];
    for (field, value) in [("files", 5), ("ok", 2), ("skipped", 1), ("failed", 2)] {
        assert_eq!(summary[field], json!(value), "{summary}");
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_is_not_unicode_is_shown_lossily() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"odd-\xff.mid");
    write_midi(&folder.path().join(name), &tune(1, 8));
    let objects = inspect(folder.path(), &[]).objects();
    assert!(objects[0]["file"].as_str().unwrap().ends_with("odd-\u{fffd}.mid"), "{}", objects[0]);
    assert_eq!(objects[0]["status"], "ok");
    let named =
        harmonium().arg("inspect").arg(folder.path().join(name)).arg("--json").output().unwrap();
    assert_eq!(Finished::of(named).objects().len(), 2);
}

#[test]
fn only_when_nothing_could_be_read_it_ends_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let finished = run(&["inspect", text(&folder.path().join("missing")), "--json"]);
    finished.expect_error(1, &["missing", "does not exist"]);
    fs::write(folder.path().join("a.mid"), b"nothing").unwrap();
    assert_eq!(inspect(folder.path(), &[]).code, Some(1));
    // A file that is read and left out is read.
    let short = score(&[(0.0, 0.25, 60)], Metre::COMMON, 0.25);
    write_midi(&folder.path().join("b.mid"), &short);
    assert_eq!(inspect(folder.path(), &[]).code, Some(0));
}

#[test]
fn settings_change_what_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    write_midi(&folder.path().join("a.mid"), &tune(1, 8));
    let rows = |more: &[&str]| inspect(folder.path(), more).objects()[0]["rows"].clone();
    assert_eq!(rows(&[]), 128);
    assert_eq!(rows(&["--set", "steps_per_beat=2"]), 64);
    assert_eq!(rows(&["--encoding", "reference"]), 129);
    let excerpts = inspect(folder.path(), &["--set", "stride_steps=4"]).objects();
    assert_eq!(excerpts[0]["excerpts"], 29);
}

#[test]
fn the_pop_set_reads_as_in_the_study() {
    let Some(folder) = pop_folder() else { return };
    let objects = inspect(&folder, &["--encoding", "reference"]).objects();
    let summary = objects.last().unwrap();
    let expected = [("files", 126), ("ok", 122), ("skipped", 4), ("failed", 0), ("excerpts", 1291)];
    for (field, value) in expected {
        assert_eq!(summary[field], json!(value), "{summary}");
    }
    let bits = summary["mean_bits_per_excerpt"].as_f64().unwrap();
    assert!((bits - 79.17).abs() < 0.005, "{bits}");
    for (name, rows, hold, onset) in
        [("Clocks - Intro", 65, 320, 80), ("Baby One More Time - Chorus", 129, 618, 93)]
    {
        let has_name = |object: &&Value| object["file"].as_str().is_some_and(|f| f.contains(name));
        let object = objects.iter().find(has_name).unwrap();
        assert_eq!(object["rows"], rows);
        assert_eq!((&object["hold_bits"], &object["onset_bits"]), (&json!(hold), &json!(onset)));
    }
    let skipped: Vec<_> = objects.iter().filter(|object| object["status"] == "skipped").collect();
    let silence = harmonium::dataset::hex(&Sha256::digest([0_u8; 156]));
    for object in skipped {
        assert!(object["reason"].is_string());
        for (field, value) in [("rows", 1), ("hold_bits", 0), ("onset_bits", 0), ("excerpts", 0)] {
            assert_eq!(object[field], json!(value), "{object}");
        }
        assert_eq!(object["roll_sha256"], silence.as_str());
    }
}
