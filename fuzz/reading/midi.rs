//! Bytes → events → a score → a file that reads back without a complaint.

use super::midi;

pub fn read(bytes: &[u8]) {
    let Ok(file) = midi::read(bytes) else { return };
    for track in &file.tracks {
        assert!(track.events.is_sorted_by_key(|event| event.tick));
    }
    let score = file.to_score();
    for note in score.tracks.iter().flat_map(|track| &track.notes) {
        assert!(note.length_ticks > 0 && note.velocity > 0 && note.pitch < 128);
        assert!(note.end_tick() <= score.length_ticks);
    }
    let again = midi::read(&midi::write(&score)).expect("what we write can be read");
    assert_eq!(again.warnings, Vec::<String>::new());
}
