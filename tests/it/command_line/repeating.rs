//! "Copy as command": the line that the window copies gives the weights that the window's run had.

use std::path::Path;

use harmonium::dataset::{Song, import};
use harmonium::project::{RunSource, SongSource, load, weights_sha256};
use harmonium::train::{Preset, TrainSettings, WatchedMeasure};

use crate::engine_session::run_of;
use crate::world::{Finished, harmonium, text, write_tunes};

/// A run as the window would start it on these songs, and the line that it copies.
fn check(folder: &Path, songs: Vec<Song>, held_out_songs: Vec<Song>, settings: TrainSettings) {
    let sources = |songs: &[Song]| songs.iter().map(SongSource::from).collect();
    let (songs_used, held_out_used) = (sources(&songs), sources(&held_out_songs));
    let (facts, model) = run_of(songs, held_out_songs, settings);
    let source = RunSource {
        songs: songs_used,
        held_out_songs: held_out_used,
        settings: model.run.history.initial_settings(&facts.settings),
        name: "It's the same".to_owned(),
        device: Some(facts.device),
        threads: Some(facts.threads),
    };
    let line = source.command_line();
    assert_eq!(line.caveats, [""; 0]);
    // A shell takes the line apart; the first word is found on its path.
    let program = harmonium();
    let bin = Path::new(program.get_program()).parent().unwrap();
    let path = format!("{}:{}", text(bin), std::env::var("PATH").unwrap());
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &line.text]).current_dir(folder).env("PATH", path);
    let finished = Finished::of(shell.output().unwrap());
    assert_eq!(finished.code, Some(0), "{}\n{}", line.text, finished.stderr);
    let project = load(&folder.join("It's the same.harmonium")).unwrap();
    let copied = project.model.unwrap();
    assert_eq!(copied.run.settings, model.run.settings, "{}", line.text);
    assert_eq!(copied.run.data, model.run.data);
    let sha = weights_sha256(&copied.state.parameters);
    assert_eq!(sha, weights_sha256(&model.state.parameters), "{}", line.text);
}

fn settings() -> TrainSettings {
    TrainSettings { epochs: 3, hidden_units: 12, chains: 9, ..Preset::Quick.settings() }
}

#[test]
fn the_copied_line_repeats_a_run_on_a_whole_folder() {
    let folder = tempfile::tempdir().unwrap();
    let songs = folder.path().join("songs & $HOME");
    write_tunes(&songs, 0..6);
    let settings = TrainSettings {
        seed: 77,
        dropout: 0.25,
        learning_rate: 0.012_345_678_901_234_5,
        weight_decay_l1: 1e-5,
        keep_best: WatchedMeasure::PseudoLogLikelihood,
        ..settings()
    };
    let songs = import(&[songs], &settings.encoding, &()).songs;
    check(folder.path(), songs, Vec::new(), settings);
}

#[test]
fn the_copied_line_repeats_a_run_of_which_songs_were_left_out_by_hand() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("one's own"), folder.path().join("others"));
    write_tunes(&first, 0..5);
    write_tunes(&second, 10..13);
    let settings = settings();
    let mut songs = import(&[second, first], &settings.encoding, &()).songs;
    songs[4].is_included = false;
    check(folder.path(), songs, Vec::new(), settings);
}

#[test]
fn the_copied_line_repeats_a_run_with_held_out_songs_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (folder.path().join("a"), folder.path().join("b"));
    write_tunes(&first, 0..4);
    write_tunes(&second, 10..12);
    let settings = TrainSettings { epochs: 2, hidden_units: 5, ..Preset::Report.settings() };
    let read = |path: &Path| import(&[path.to_owned()], &settings.encoding, &()).songs;
    check(folder.path(), read(&first), read(&second), settings);
}
