//! Autosaves whose note says what no session ever wrote: listed and drawn, or put aside.

use std::sync::Arc;

use crate::project::{AutosaveNote, Project, save_autosave};
use crate::ui::recovery::RecoveryPicture;

use super::App;
use super::tests::{Desk, errors};

/// What a damaged note can say, each with its defect; `ours` is a file that is there.
fn odd_notes(ours: &std::path::Path) -> Vec<(&'static str, AutosaveNote)> {
    let usual =
        AutosaveNote { origin: Some(ours.to_owned()), at_secs: 1, ..AutosaveNote::default() };
    let far = u32::MAX;
    vec![
        ("a moment that no clock knows", AutosaveNote { at_secs: u64::MAX, ..usual.clone() }),
        ("one that a clock just knows", AutosaveNote { at_secs: i64::MAX as u64, ..usual.clone() }),
        (
            "notes that end beyond all steps",
            AutosaveNote {
                notes: vec![(far, far, 255), (0, 0, 0), (far, 1, 127)],
                ..usual.clone()
            },
        ),
        (
            "notes on a grid of the longest length",
            AutosaveNote { notes: vec![(0, 1, 60)], n_steps: far, ..usual.clone() },
        ),
        (
            "errors at both ends of numbers",
            AutosaveNote { errors: vec![f64::MAX, -f64::MAX, f64::MIN_POSITIVE], ..usual.clone() },
        ),
        (
            "counts at their ends",
            AutosaveNote {
                n_songs: usize::MAX,
                n_pieces: usize::MAX,
                epoch: Some(far),
                ..usual.clone()
            },
        ),
        (
            "a name that turns the writing round",
            AutosaveNote { origin: Some("/\u{202e}\u{0}\n".into()), ..usual },
        ),
    ]
}

#[test]
fn autosaves_with_odd_notes_are_listed_and_drawn() {
    let Desk { app, ctx, folder } = Desk::new();
    let places = app.places.clone();
    drop(app);
    let autosaves = places.state_dir.join("autosave");
    std::fs::create_dir_all(&autosaves).unwrap();
    let ours = folder.path().join("Evening.harmonium");
    std::fs::write(&ours, b"").unwrap();
    let notes = odd_notes(&ours);
    for (number, (_, note)) in notes.iter().enumerate() {
        let path = autosaves.join(format!("1-{number}.harmonium"));
        save_autosave(&Project::default(), note, &path).unwrap();
    }
    let app = App::new(places, Arc::new(|| {})).unwrap();
    let mut desk = Desk { app, ctx, folder };
    desk.frame();
    desk.frame();
    assert_eq!(errors(desk.state()), [""; 0]);
    let entries = &desk.state().recovery.as_ref().unwrap().entries;
    assert_eq!(entries.len(), notes.len());
    let pictures = entries.iter().filter(|entry| !matches!(entry.picture, RecoveryPicture::None));
    assert_eq!(pictures.count(), 3);
}
