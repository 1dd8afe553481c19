//! Folders, odd names, damaged files, duplicates, cancelling, and the report of a song.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::test_files::{bytes, import_files, melody, pop_folder, score, songs, track};
use super::*;
use crate::midi;
use crate::music::{Metre, MetreChange, Track};

const THREE_FOUR: Metre = Metre { numerator: 3, denominator: 4 };

fn titles(import: &Import) -> Vec<&str> {
    import.songs.iter().map(|s| s.title.as_str()).collect()
}

/// Imports one file and gives its report.
fn report_of(file: &[u8], settings: &EncodingSettings) -> SongReport {
    let mut import = import_files(&[("song.mid", file.to_vec())], settings);
    import.songs.remove(0).report
}

#[track_caller]
fn check_skipped(file: &[u8], settings: &EncodingSettings, reason: &str) {
    let report = report_of(file, settings);
    assert_eq!(report.status, Status::Skipped);
    let text = report.reason.unwrap();
    assert!(text.contains(reason), "{text}");
}

#[test]
fn folders_are_read_with_all_below_them_by_name() {
    let song = |seed| melody(seed, 4);
    let files = [
        ("b/z.MID", song(1)),
        ("b/a.midi", song(2)),
        ("a.KAR", song(3)),
        ("Z.rmi", song(4)),
        ("c.mid/deep/er/x.Mid", song(5)),
        ("notes.txt", b"no music".to_vec()),
        ("mid", song(6)),
    ];
    let import = import_files(&files, &EncodingSettings::default());
    assert_eq!(titles(&import), ["Z", "a", "a", "z", "x"]);
    assert!(import.problems.is_empty() && !import.was_cancelled);
    assert!(import.songs.iter().all(|s| s.report.status == Status::Ok));
}

#[test]
fn a_damaged_file_never_stops_the_rest() {
    let files = [
        ("a.mid", melody(1, 4)),
        ("b.mid", b"no music at all".to_vec()),
        ("c.mid", Vec::new()),
        ("d.mid", melody(2, 4)[..60].to_vec()),
        ("e.mid", melody(3, 4)),
    ];
    let settings = EncodingSettings::default();
    let import = import_files(&files, &settings);
    let status: Vec<_> = import.songs.iter().map(|s| s.report.status).collect();
    let expected = [Status::Ok, Status::Failed, Status::Failed, Status::Ok, Status::Ok];
    assert_eq!(status, expected);
    assert!(import.songs[1].report.reason.as_ref().unwrap().starts_with("This is not a MIDI file"));
    assert!(import.songs[3].report.warnings[0].contains("damaged"));
    let json = serde_json::to_value(FileReport::new(&import.songs[1])).unwrap();
    assert_eq!(json["status"], "failed");
    for field in ["rows", "hold_bits", "onset_bits", "excerpts", "roll_sha256"] {
        assert!(json[field].is_null(), "{field}");
    }
    let summary = ImportSummary::new(&import, &settings);
    assert_eq!((summary.files, summary.ok, summary.skipped, summary.failed), (5, 3, 0, 2));
}

#[test]
fn what_cannot_be_opened_is_told() {
    let missing = PathBuf::from("/nowhere/at all.mid");
    let import = import(std::slice::from_ref(&missing), &EncodingSettings::default(), &());
    assert_eq!(import.problems.len(), 1);
    assert_eq!(import.problems[0].path, missing);
    assert!(import.problems[0].reason.contains("does not exist"));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_are_not() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("a.mid"), melody(1, 4)).unwrap();
    symlink(folder.path(), inner.join("loop")).unwrap();
    symlink(inner.join("a.mid"), folder.path().join("link.mid")).unwrap();
    symlink(inner.join("gone.mid"), folder.path().join("broken.mid")).unwrap();
    let import = import(&[folder.path().to_owned()], &EncodingSettings::default(), &());
    assert_eq!(titles(&import), ["a", "link"]);
    let reasons: Vec<_> = import.problems.iter().map(|p| p.reason.as_str()).collect();
    assert_eq!(reasons.len(), 2);
    assert!(reasons[0].contains("does not exist") && reasons[1].contains("leads back"));
}

#[cfg(unix)]
#[test]
fn names_that_are_not_unicode_are_shown_and_pipes_are_not_waited_for() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    let name = OsStr::from_bytes(b"Fl\xF6te.mid");
    fs::write(folder.path().join(name), melody(1, 4)).unwrap();
    let socket = folder.path().join("live.mid");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let import = import(&[folder.path().to_owned()], &EncodingSettings::default(), &());
    assert_eq!(titles(&import), ["Fl\u{FFFD}te", "live"]);
    assert!(FileReport::new(&import.songs[0]).file.ends_with("Fl\u{FFFD}te.mid"));
    assert_eq!(import.songs[1].report.status, Status::Failed);
    assert!(import.songs[1].report.reason.as_ref().unwrap().contains("no ordinary file"));
}

#[test]
fn a_file_named_twice_is_read_once_and_a_named_file_needs_no_ending() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tune");
    fs::write(&file, melody(1, 4)).unwrap();
    let other = folder.path().join("other.mid");
    fs::write(&other, melody(2, 4)).unwrap();
    let paths = [file, other, folder.path().to_owned()];
    let import = import(&paths, &EncodingSettings::default(), &());
    assert_eq!(titles(&import), ["tune", "other"]);
    assert_eq!(import.songs[0].folder, folder.path());
}

#[test]
fn equal_files_are_named() {
    let files = [("a.mid", melody(1, 4)), ("b.mid", melody(2, 4)), ("c.mid", melody(1, 4))];
    let settings = EncodingSettings::default();
    let mut import = import_files(&files, &settings);
    assert_eq!(ImportSummary::new(&import, &settings).duplicates, 1);
    let copy = &mut import.songs[2];
    assert_eq!(copy.report.warnings, ["The same file as a.mid"]);
    assert_eq!(copy.report.status, Status::Ok);
    copy.encode(&settings).unwrap();
    assert_eq!(copy.report.warnings, ["The same file as a.mid"]);
}

struct CancelAfter {
    most: usize,
    n_seen: AtomicUsize,
}

impl ImportObserver for CancelAfter {
    fn progress(&self, _done: usize, total: usize, _path: &Path) {
        assert_eq!(total, 40);
        self.n_seen.fetch_add(1, Ordering::SeqCst);
    }

    fn is_cancelled(&self) -> bool {
        self.n_seen.load(Ordering::SeqCst) >= self.most
    }
}

#[test]
fn an_import_can_be_watched_and_cancelled() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        fs::write(folder.path().join(format!("{number}.mid")), melody(number, 4)).unwrap();
    }
    let paths = [folder.path().to_owned()];
    let check = |most, is_cancelled, range: std::ops::RangeInclusive<usize>| {
        let observer = CancelAfter { most, n_seen: AtomicUsize::new(0) };
        let import = import(&paths, &EncodingSettings::default(), &observer);
        assert_eq!(import.was_cancelled, is_cancelled);
        assert!(range.contains(&import.songs.len()));
    };
    check(usize::MAX, false, 40..=40);
    // Other threads may each finish the file they are at.
    check(1, true, 1..=39);
    check(0, true, 0..=0);
}

#[test]
fn a_song_that_is_left_out_says_why() {
    let musical = EncodingSettings::default();
    let reference = EncodingSettings::reference();
    let notes = [(0, 24, 60), (96, 24, 62)];
    let short = bytes(&notes, Metre::COMMON, 120);
    check_skipped(&short, &musical, "Too short: it has 5 rows, an excerpt has 16");
    check_skipped(&short, &reference, "Too short: it has 6 rows, at least 51 are needed");
    let waltz = bytes(&notes, THREE_FOUR, 9600);
    check_skipped(&waltz, &reference, "stops at the 3/4 time signature (beat 1) after 1 row;");
    check_skipped(&bytes(&[], Metre::COMMON, 9600), &musical, "It has no notes");
    let high = bytes(&[(0, 24, 120)], Metre::COMMON, 9600);
    check_skipped(&high, &musical, "All its notes are outside the pitch range");
    let endless = bytes(&notes, Metre::COMMON, 24 * 100_001);
    check_skipped(&endless, &musical, "It lasts 100001 steps");
    check_skipped(&endless, &reference, "It lasts 100002 steps");
    let drums = Track { is_drums: true, ..track(&notes) };
    let drums = midi::write(&score(vec![drums], 9600));
    check_skipped(&drums, &musical, "It has nothing but drums");
}

#[test]
fn a_song_that_is_taken_says_what_was_left_out() {
    let mut piece = score(vec![track(&[(0, 24, 60), (480, 24, 10)])], 960 + 72);
    piece.tracks.push(Track { is_drums: true, ..track(&[(0, 24, 36), (1000, 24, 36)]) });
    piece.tracks.push(track(&[(1000, 24, 64)]));
    let report = report_of(&midi::write(&piece), &EncodingSettings::default());
    assert_eq!(report.status, Status::Ok);
    assert_eq!(
        report.warnings,
        ["Drums left out (2 notes)", "Outside the pitch range and left out: 1 note"]
    );
    let settings = EncodingSettings { steps_per_excerpt: 40, ..EncodingSettings::default() };
    let report = report_of(&midi::write(&piece), &settings);
    assert_eq!(report.warnings[2], "At the end 3 steps: less than half an excerpt, left out");
}

#[test]
fn the_reference_reader_tells_where_it_stopped() {
    let mut piece = score(vec![track(&[(0, 96, 60)])], 96 * 40);
    piece.metres.push(MetreChange { tick: 96 * 20, metre: THREE_FOUR });
    let report = report_of(&midi::write(&piece), &EncodingSettings::reference());
    assert_eq!(report.status, Status::Ok);
    assert!(report.warnings[0].contains("3/4 time signature (beat 21) after 81 rows"));
}

#[test]
fn tracks_can_be_chosen_and_settings_changed() {
    let high: &[_] = &[(0, 384, 72)];
    let low: &[_] = &[(0, 384, 48), (384, 384, 50)];
    let file = midi::write(&score(vec![track(high), track(low)], 768));
    let settings = EncodingSettings::default();
    let mut song = import_files(&[("a.mid", file)], &settings).songs.remove(0);
    assert_eq!(song.tracks.len(), 2);
    assert_eq!((song.roll.notes().len(), song.n_excerpts), (3, 2));
    song.tracks[0].is_included = false;
    song.encode(&settings).unwrap();
    assert_eq!(song.roll.notes().len(), 2);
    assert_eq!(song.report.warnings, ["Tracks left out by you (1 note)"]);
    let finer = EncodingSettings { steps_per_beat: 12, ..settings.clone() };
    song.encode(&finer).unwrap();
    assert_eq!((song.roll.n_steps(), song.n_excerpts), (96, 6));
    song.tracks[1].is_included = false;
    song.encode(&settings).unwrap();
    assert_eq!(song.report.reason.as_deref(), Some("All its tracks are left out"));
    assert!(!song.is_taken());
}

#[test]
fn a_song_from_a_project_can_be_cut_anew_but_not_encoded_anew() {
    let settings = EncodingSettings::default();
    let mut song = songs(1, &settings).remove(0);
    song.source = None;
    let longer = EncodingSettings { steps_per_excerpt: 48, ..settings.clone() };
    song.encode(&longer).unwrap();
    assert_eq!((song.n_excerpts, song.report.warnings.len()), (1, 1));
    song.encode(&settings).unwrap();
    assert_eq!((song.n_excerpts, song.report.warnings.len()), (4, 0));
    let finer = EncodingSettings { steps_per_beat: 8, ..settings };
    let error = song.encode(&finer).unwrap_err();
    assert!(matches!(error, DatasetError::SourceMissing { .. }));
    song.report.status = Status::Skipped;
    assert_eq!(song.encode(&finer), Ok(()));
    assert!(!song.is_taken());
}

#[test]
fn the_window_gets_its_figures() {
    let settings = EncodingSettings::default();
    let mut songs = songs(3, &settings);
    let totals = song_totals(&songs);
    assert_eq!((totals.n_songs, totals.n_notes, totals.n_steps), (3, 48, 192));
    assert!((totals.seconds - 48.0 * 0.6).abs() < 1e-9);
    assert_eq!(pitch_histogram(&songs).iter().sum::<u64>(), 48);
    assert!((median_tempo(&songs).unwrap() - 100.0).abs() < 1e-9);
    assert_eq!(prevailing_metre(&songs), Some(Metre::COMMON));
    for song in &mut songs {
        song.is_included = false;
    }
    assert_eq!(song_totals(&songs), SongTotals::default());
    assert_eq!(median_tempo(&songs), None);
}

#[test]
fn the_pop_set_is_taken_whole_in_the_musical_encoding() {
    let Some(folder) = pop_folder() else { return };
    let settings = EncodingSettings::default();
    let import = import(&[folder], &settings, &());
    let summary = ImportSummary::new(&import, &settings);
    assert_eq!((summary.files, summary.ok), (126, 126));
    assert_eq!(prevailing_metre(&import.songs), Some(Metre::COMMON));
    let waltz = import.songs.iter().find(|s| s.title == "Piano Man - Verse").unwrap();
    assert_eq!(waltz.metre, Metre { numerator: 6, denominator: 4 });
}
