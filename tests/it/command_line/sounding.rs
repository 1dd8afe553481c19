//! `harmonium render` and `harmonium selftest`.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::world::{Finished, harmonium, run, text, tune, write_midi};

#[test]
fn a_rendered_file_is_stereo_of_the_rate_asked_for_and_sounds() {
    let folder = tempfile::tempdir().unwrap();
    let (song, wav) = (folder.path().join("song.mid"), folder.path().join("song.wav"));
    let score = tune(1, 2);
    write_midi(&song, &score);
    for (more, rate) in [(&[][..], 44_100), (&["--rate", "48000"], 48_000)] {
        let mut arguments = vec!["render", text(&song), "--out", text(&wav)];
        arguments.extend(more);
        let finished = run(&arguments);
        assert_eq!(finished.code, Some(0), "{}", finished.stderr);
        let bytes = fs::read(&wav).unwrap();
        assert_eq!((&bytes[..4], &bytes[8..12]), (&b"RIFF"[..], &b"WAVE"[..]));
        let mut reader = hound::WavReader::open(&wav).unwrap();
        let format = reader.spec();
        assert_eq!((format.channels, format.bits_per_sample), (2, 16));
        assert_eq!(format.sample_rate, rate);
        let seconds = f64::from(reader.duration()) / f64::from(rate);
        assert!(seconds >= score.duration_secs(), "{seconds}");
        let peak = reader.samples::<i16>().map(|s| s.unwrap().unsigned_abs()).max().unwrap();
        assert!(peak > 1000, "{peak}");
    }
    let again = folder.path().join("again.wav");
    let arguments = ["render", text(&song), "--out", text(&again), "--rate", "48000"];
    assert_eq!(run(&arguments).code, Some(0));
    assert!(fs::read(&wav).unwrap() == fs::read(&again).unwrap(), "it does not repeat");
}

/// Renders a tune and gives what was said and the file.
fn rendered(name: &str, more: &[&str]) -> (serde_json::Value, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    let (song, out) = (folder.path().join("song.mid"), folder.path().join(name));
    write_midi(&song, &tune(1, 2));
    let mut arguments = vec!["render", text(&song), "--out", text(&out), "--json"];
    arguments.extend(more);
    let finished = run(&arguments);
    assert_eq!(finished.code, Some(0), "{more:?}: {}", finished.stderr);
    (finished.objects().remove(0), fs::read(&out).unwrap())
}

#[test]
fn the_ending_or_the_format_says_what_kind_of_file_it_is() {
    for (name, more, head) in [
        ("a.wav", &["--bits", "24"][..], &b"RIFF"[..]),
        ("a.wav", &["--bits", "32f", "--rate", "96000"], b"RIFF"),
        ("a.flac", &[], b"fLaC"),
        ("a.FLAC", &["--bits", "24"], b"fLaC"),
        ("a.ogg", &["--quality", "2"], b"OggS"),
        ("a.sound", &["--format", "ogg"], b"OggS"),
    ] {
        let (said, bytes) = rendered(name, more);
        assert_eq!(&bytes[..4], head, "{name} {more:?}");
        assert!(said["peak"].as_f64().unwrap() > 0.01, "{said}");
    }
    for (name, more) in [
        ("a.flac", &["--bits", "32f"][..]),
        ("a.ogg", &["--bits", "16"]),
        ("a.wav", &["--quality", "3"]),
        ("a.wav", &["--format", "flac"]),
        ("a.wav", &["--swing", "90"]),
        ("a.wav", &["--divide", "70,50"]),
        ("a.wav", &["--bass", "33"]),
        ("a.wav", &["--reverb", "perhaps"]),
    ] {
        let mut arguments = vec!["render", "song.mid", "--out", name];
        arguments.extend(more);
        assert_eq!(run(&arguments).code, Some(2), "{more:?}");
    }
}

#[test]
fn every_sound_setting_is_heard() {
    let (plain, sound) = rendered("a.wav", &[]);
    let seconds = |said: &serde_json::Value| said["seconds"].as_f64().unwrap();
    let peak = |said: &serde_json::Value| said["peak"].as_f64().unwrap();
    for more in [
        &["--reverb", "off"][..],
        &["--program", "20"],
        &["--divide", "60,67"],
        &["--divide", "60,67", "--bass", "off"],
        &["--divide", "60,67", "--melody", "4:30"],
        &["--swing", "67"],
        &["--accent", "1"],
        &["--humanise-time", "20"],
        &["--humanise-velocity", "20"],
        &["--humanise-velocity", "20", "--humanise-seed", "2"],
        &["--metronome", "on"],
    ] {
        assert!(rendered("a.wav", more).1 != sound, "{more:?} changes nothing");
    }
    // Not every instrument sends something to the chorus; the electric piano does.
    let piano = ["--program", "4"];
    let dry = ["--program", "4", "--chorus", "off"];
    assert!(rendered("a.wav", &piano).1 != rendered("a.wav", &dry).1);
    let (slow, _) = rendered("a.wav", &["--tempo", "50"]);
    assert!(seconds(&slow) > seconds(&plain) * 1.7);
    let (soft, _) = rendered("a.wav", &["--gain", "-6.0206"]);
    assert!((peak(&soft) / peak(&plain) - 0.5).abs() < 0.001);
}

#[test]
fn what_cannot_be_rendered_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (song, wav) = (path("song.mid"), path("song.wav"));
    write_midi(&song, &tune(1, 1));
    run(&["render", text(&path("no.mid")), "--out", text(&wav)]).expect_error(1, &["no.mid"]);
    fs::write(path("bad.sf2"), b"RIFF").unwrap();
    let bad = path("bad.sf2");
    run(&["render", text(&song), "--out", text(&wav), "--soundfont", text(&bad)])
        .expect_error(1, &["bad.sf2"]);
    let nowhere = path("no such folder/a.wav");
    run(&["render", text(&song), "--out", text(&nowhere)]).expect_error(1, &["no such folder"]);
    let silent = path("silent.mid");
    let mut score = tune(1, 1);
    score.tracks.iter_mut().for_each(|track| track.notes.clear());
    write_midi(&silent, &score);
    run(&["render", text(&silent), "--out", text(&wav)])
        .expect_error(1, &["silent.mid", "no notes", "name a file with music"]);
    assert!(!wav.exists());
}

#[test]
fn fonts_are_tried_by_a_program_that_does_not_load_libtorch() {
    let program = env!("CARGO_BIN_EXE_harmonium-font-probe");
    let loads = |program: &str| {
        let listed = Command::new("ldd").arg(program).output().unwrap();
        String::from_utf8(listed.stdout).unwrap().contains("libtorch_cpu.so")
    };
    if cfg!(target_os = "linux") {
        assert!(loads(env!("CARGO_BIN_EXE_harmonium")) && !loads(program));
    }
    let places = harmonium::platform::Places::find();
    assert_eq!(places.font_probe.unwrap(), fs::canonicalize(program).unwrap());
    let tried = |font: &Path| {
        let finished = Command::new(program).arg(font).env_clear().output().unwrap();
        (finished.status.code(), String::from_utf8(finished.stderr).unwrap())
    };
    assert_eq!(tried(&places.soundfont.unwrap()), (Some(0), String::new()));
    let (code, words) = tried(Path::new("no.sf2"));
    assert!(code == Some(1) && words.contains("no.sf2"), "{words}");
}

#[test]
fn the_self_test_passes_with_an_empty_environment() {
    let mut command = harmonium();
    let finished = Finished::of(command.args(["selftest", "--json"]).env_clear().output().unwrap());
    assert_eq!(finished.code, Some(0), "{}", finished.stdout);
    let objects = finished.objects();
    let summary = objects.last().unwrap();
    assert_eq!((&summary["summary"], &summary["ok"]), (&true.into(), &true.into()));
    let checks: Vec<_> = objects.iter().filter_map(|object| object["check"].as_str()).collect();
    for check in ["libtorch", "cuda", "sound", "soundfont", "train", "generate", "render"] {
        assert!(checks.contains(&check), "{check} is missing in {checks:?}");
    }
    let words = Finished::of(harmonium().arg("selftest").env_clear().output().unwrap());
    assert!(words.stdout.contains("The chain works"), "{}", words.stdout);
}
