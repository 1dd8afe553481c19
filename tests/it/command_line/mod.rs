//! The built program as scripts use it: what it prints, what it writes, how it ends.

mod evaluating;
mod generating;
mod inspecting;
mod repeating;
mod resuming;
mod sounding;
mod training;

use crate::world::run;

#[test]
fn bad_usage_ends_with_two_and_helps() {
    for arguments in [
        &["train"][..],
        &["train", "songs"],
        &["train", "--no-such-option"],
        &["train", "--resume", "a.harmonium", "songs"],
        &["train", "--resume", "a.harmonium", "--seed", "2"],
        &["train", "songs", "--out", "a.harmonium", "--preset", "best"],
        &["train", "songs", "--out", "a.harmonium", "--epochs", "0"],
        &["train", "songs", "--out", "a.harmonium", "--set", "epochs"],
        &["train", "songs", "--out", "a.harmonium", "--set", "learning_rate=7"],
        &["train", "songs", "--out", "a.harmonium", "--threads", "0"],
        &["train", "songs", "--out", "a.harmonium", "--device", "tpu"],
        &["inspect"],
        &["inspect", "x.mid", "--encoding", "other"],
        &["inspect", "x.mid", "--set", "steps_per_beat=5"],
        &["generate", "a.harmonium"],
        &["generate", "a.harmonium", "--out", "d", "--infill", "x.mid"],
        &["generate", "a.harmonium", "--out", "d", "--bars-free", "1-2"],
        &["evaluate"],
        &["evaluate", "a.harmonium", "x.mid", "--split", "train"],
        &["evaluate", "a.harmonium", "--split", "other"],
        &["evaluate", "a.harmonium", "--ais-runs", "10"],
        &["evaluate", "a.harmonium", "--ais", "--ais-runs", "1"],
        &["evaluate", "a.harmonium", "--ais", "--ais-temperatures", "3"],
        &["render", "x.mid"],
    ] {
        let finished = run(arguments);
        assert_eq!(finished.code, Some(2), "{arguments:?}: {}", finished.stderr);
        assert!(!finished.stderr.is_empty() && !finished.stderr.contains("panicked"));
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn an_unknown_setting_is_answered_with_the_nearest() {
    for command in [&["train", "songs", "--out", "a.harmonium"][..], &["inspect", "x.mid"]] {
        let mut arguments = command.to_vec();
        arguments.extend(["--set", "steps_per_beet=4"]);
        run(&arguments).expect_error(2, &["steps_per_beet", "did you mean \"steps_per_beat\""]);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    for arguments in [&["--help"][..], &["train", "--help"], &["generate", "--help"]] {
        let finished = run(arguments);
        assert_eq!(finished.code, Some(0));
        assert!(finished.stdout.contains("Usage"));
    }
    let version = run(&["--version"]);
    assert_eq!(version.stdout.trim(), concat!("harmonium ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn every_setting_is_listed_with_range_default_and_meaning() {
    let settings = run(&["train", "--list-settings", "--json"]).objects();
    assert_eq!(settings.len(), harmonium::train::CATALOGUE.len());
    for setting in &settings {
        for field in ["key", "label", "kind", "default", "meaning", "usual"] {
            assert!(setting[field].as_str().is_some_and(|text| !text.is_empty()), "{setting}");
        }
        assert!(setting["range"].as_array().is_some_and(|range| range.len() >= 2), "{setting}");
        assert!(setting["unit"].is_string() && setting["acts_during_run"].is_boolean());
    }
    let rate = settings.iter().find(|setting| setting["key"] == "learning_rate").unwrap();
    assert_eq!(rate["range"], serde_json::json!([0.0001, 1.0]));
    let words = run(&["train", "--list-settings"]).stdout;
    for setting in &settings {
        assert!(words.contains(setting["key"].as_str().unwrap()));
    }
}
