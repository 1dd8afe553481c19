//! `harmonium evaluate`.

use std::path::{Path, PathBuf};

use harmonium::dataset::EncodingSettings;
use harmonium::project::{Project, save};
use harmonium::train::TrainSettings;
use serde_json::Value;

use crate::world::{
    Finished, run, small_settings, text, trained_project, tune, write_midi, write_trained,
    write_tunes,
};

fn evaluate(project: &Path, more: &[&str]) -> Finished {
    let mut arguments = vec!["evaluate", text(project), "--device", "cpu"];
    arguments.extend(more);
    run(&arguments)
}

fn object(project: &Path, more: &[&str]) -> Value {
    let objects = evaluate(project, &[more, &["--json"]].concat()).objects();
    assert_eq!(objects.len(), 1);
    objects[0].clone()
}

fn number(object: &Value, key: &str) -> f64 {
    object[key].as_f64().unwrap_or_else(|| panic!("{key} in {object}"))
}

fn saved(folder: &Path, settings: TrainSettings) -> (PathBuf, Project) {
    let path = folder.join("p.harmonium");
    let project = trained_project(settings);
    save(&project, &path).unwrap();
    (path, project)
}

#[test]
fn the_figures_of_both_parts_are_those_of_the_last_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let (path, project) = saved(folder.path(), small_settings());
    let dataset = project.dataset(&project.settings.encoding).unwrap();
    let last = project.model.unwrap().run.history.epochs.pop().unwrap().metrics;
    let training = object(&path, &["--split", "train"]);
    assert_eq!(training["split"], "train");
    assert_eq!(training["excerpts"], dataset.training.len());
    let held_out = object(&path, &["--split", "held-out"]);
    assert_eq!(held_out["excerpts"], dataset.held_out.len());
    assert_eq!(object(&path, &[]), held_out, "held-out is measured where there is some");
    for (key, of_training, of_held_out) in [
        ("reconstruction_error", Some(last.reconstruction_error), last.held_out_error),
        ("cross_entropy", last.cross_entropy, last.held_out_cross_entropy),
        ("free_energy", Some(last.free_energy), last.held_out_free_energy),
        ("pseudo_log_likelihood", last.pseudo_log_likelihood, last.held_out_pseudo_log_likelihood),
    ] {
        assert_eq!(number(&training, key), of_training.unwrap(), "{key}");
        assert_eq!(number(&held_out, key), of_held_out.unwrap(), "{key}");
    }
    assert!(training.get("log_z").is_none());
}

#[test]
fn files_are_measured_as_they_are_whatever_the_project_holds_out_or_transposes() {
    let folder = tempfile::tempdir().unwrap();
    let settings = small_settings();
    let encoding = EncodingSettings { transpose_semitones: 2, ..settings.encoding };
    let (path, _) = saved(folder.path(), TrainSettings { encoding, ..settings });
    let songs = folder.path().join("test");
    write_tunes(&songs, 20..24);
    let found = object(&path, &[text(&songs)]);
    // Four songs of eight bars; an excerpt is two bars and begins at every bar.
    let steps = number(&found, "steps_per_excerpt") as usize;
    let in_all = 4 * (8 * 16 - steps) / 16 + 4;
    assert_eq!(found["excerpts"], in_all);
    assert_eq!(found["paths"], serde_json::json!([text(&songs)]));
    assert!(found.get("split").is_none());
    // As many notes as there are, on average over the excerpts of two songs.
    let one = songs.join("tune-20.mid");
    assert_eq!(object(&path, &[text(&one)])["excerpts"], in_all / 4);
}

#[test]
fn a_small_machine_is_enumerated_and_a_larger_one_annealed_from_both_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path(), small_settings());
    let exact = object(&path, &["--ais"]);
    assert_eq!(exact["log_z_method"], "exact");
    for key in ["log_z_low", "log_z_high", "log_z_reverse"] {
        assert_eq!(exact[key], exact["log_z"], "{key}");
    }
    assert!(exact["ais_runs"].is_null());
    check_likelihood(&exact);

    let folder = tempfile::tempdir().unwrap();
    let (path, _) = saved(folder.path(), TrainSettings { hidden_units: 24, ..small_settings() });
    let brief = ["--ais", "--ais-runs", "20", "--ais-temperatures", "300"];
    let annealed = object(&path, &brief);
    assert_eq!(annealed["log_z_method"], "ais");
    assert_eq!((&annealed["ais_runs"], &annealed["ais_temperatures"]), (&20.into(), &300.into()));
    let (low, high) = (number(&annealed, "log_z_low"), number(&annealed, "log_z_high"));
    assert!(low < number(&annealed, "log_z") && number(&annealed, "log_z") < high);
    check_likelihood(&annealed);
    assert_eq!(object(&path, &brief), annealed, "it repeats");
    let another = object(&path, &[&brief[..], &["--seed", "2"]].concat());
    assert_ne!(another["log_z"], annealed["log_z"]);
    let told = evaluate(&path, &brief);
    assert!(told.stderr.contains("log Z: 50 %"), "{}", told.stderr);
    assert!(told.stdout.contains("nats an excerpt") && told.stdout.contains("300 temperatures"));
}

/// −F̄ − the higher log Z, and that over the steps of an excerpt.
fn check_likelihood(object: &Value) {
    let pessimistic = number(object, "log_z").max(number(object, "log_z_reverse"));
    let likelihood = -number(object, "free_energy") - pessimistic;
    assert!((number(object, "log_likelihood") - likelihood).abs() < 1e-9);
    let per_step = likelihood / number(object, "steps_per_excerpt");
    assert!((number(object, "log_likelihood_per_step") - per_step).abs() < 1e-9);
    // No probability of a binary excerpt is above 1.
    assert!(likelihood < 0.0);
}

#[test]
fn what_cannot_be_measured_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("p.harmonium");
    save(&Project::default(), &path).unwrap();
    evaluate(&path, &[]).expect_error(1, &["p.harmonium", "no trained model"]);
    let nowhere = folder.path().join("nowhere.harmonium");
    evaluate(&nowhere, &[]).expect_error(1, &["nowhere.harmonium"]);

    let settings = small_settings();
    let encoding = EncodingSettings { held_out_share: 0.0, ..settings.encoding };
    let (path, _) = saved(folder.path(), TrainSettings { encoding, ..settings });
    evaluate(&path, &["--split", "held-out"])
        .expect_error(1, &["p.harmonium", "holds out no excerpt", "--split train"]);
    assert_eq!(object(&path, &[])["split"], "train");

    let empty = folder.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    evaluate(&path, &[text(&empty)]).expect_error(1, &["no MIDI file", "empty"]);
    evaluate(&path, &["gone"]).expect_error(1, &["gone"]);
    let short = folder.path().join("short.mid");
    write_midi(&short, &tune(1, 0));
    evaluate(&path, &[text(&short)]).expect_error(1, &["short.mid", "none of the files"]);
}

#[test]
fn a_project_opened_elsewhere_is_measured_without_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = write_trained(folder.path());
    let elsewhere = folder.path().join("elsewhere.harmonium");
    std::fs::rename(path, &elsewhere).unwrap();
    assert!(number(&object(&elsewhere, &[]), "reconstruction_error") > 0.0);
}
