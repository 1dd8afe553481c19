//! Odd files, each made by a line that names its defect, and what is read of them.

use super::{MidiError, MidiFile, read};

/// Note C at 0 to 96, E at 96 to 192, with 96 ticks a beat.
const TWO_NOTES: &[u8] = b"\x00\x90\x3C\x40\x60\x80\x3C\x00\x00\x90\x40\x40\x60\x80\x40\x00";
const END: &[u8] = b"\x00\xFF\x2F\x00";

fn header(format: u16, n_tracks: u16, division: u16) -> Vec<u8> {
    let mut bytes = b"MThd\x00\x00\x00\x06".to_vec();
    for field in [format, n_tracks, division] {
        bytes.extend(field.to_be_bytes());
    }
    bytes
}

fn chunk(name: &[u8], length: usize, body: &[u8]) -> Vec<u8> {
    [name, &(length as u32).to_be_bytes(), body].concat()
}

fn track(parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    chunk(b"MTrk", body.len(), &body)
}

/// A file of one track.
fn one(parts: &[&[u8]]) -> Vec<u8> {
    [header(0, 1, 96), track(parts)].concat()
}

fn n_notes(file: &MidiFile) -> usize {
    file.to_score().note_count()
}

/// Reads a file and compares the number of its notes and a word of its warnings ("" = none).
#[track_caller]
fn check(bytes: &[u8], expected_notes: usize, warning: &str) -> MidiFile {
    let file = read(bytes).unwrap();
    assert_eq!(n_notes(&file), expected_notes, "{:?}", file.warnings);
    if warning.is_empty() {
        assert_eq!(file.warnings, Vec::<String>::new());
    } else {
        let text = file.warnings.join("; ");
        assert!(text.contains(warning), "{text}");
    }
    file
}

#[track_caller]
fn check_error(bytes: &[u8], expected: &MidiError) {
    assert_eq!(read(bytes).as_ref(), Err(expected));
}

#[test]
fn what_is_no_midi_file_is_refused_with_its_reason() {
    check_error(b"", &MidiError::Empty);
    check_error(b"M", &MidiError::NotMidi);
    check_error(b"PK\x03\x04 a zip archive", &MidiError::NotMidi);
    check_error(b"MThd\x00\x00\x00\x06\x00", &MidiError::TruncatedHeader);
    check_error(&header(0, 1, 0), &MidiError::NoDivision);
    // midly would negate −128 here.
    let frames = 128;
    check_error(&header(0, 1, 0x8004), &MidiError::UnknownTimeCode { frames });
    let frames = 20;
    check_error(&header(0, 1, 0xEC04), &MidiError::UnknownTimeCode { frames });
    check_error(&header(0, 1, 0xE700), &MidiError::NoDivision);
    let too_large = MidiError::TooLarge { megabytes: 17, limit: 16 };
    check_error(&vec![0; 17 << 20], &too_large);
}

#[test]
fn a_sound_file_is_read_without_a_word() {
    let file = check(&one(&[TWO_NOTES, END]), 2, "");
    assert_eq!((file.ticks_per_beat, file.end_tick()), (96, 192));
}

#[test]
fn headers_that_are_odd_but_clear_are_read() {
    let file = one(&[TWO_NOTES, END]);
    let mac_binary = [&[0_u8; 128][..], &file].concat();
    check(&mac_binary, 2, "");
    let riff = [b"RIFF\x40\x00\x00\x00RMIDdata\x30\x00\x00\x00", &file[..]].concat();
    check(&riff, 2, "");
    let mut longer_header = header(0, 1, 96);
    longer_header[7] = 8;
    longer_header.extend([0, 0]);
    check(&[longer_header, track(&[TWO_NOTES, END])].concat(), 2, "");
    let mut absurd_header_length = file.clone();
    absurd_header_length[5] = 0xFF;
    check(&absurd_header_length, 2, "");
    let unknown_format = [header(7, 1, 96), track(&[TWO_NOTES, END])].concat();
    check(&unknown_format, 2, "");
    let no_tracks = header(1, 0, 96);
    check(&no_tracks, 0, "");
    let more_tracks_promised = [header(1, 0xFFFF, 96), track(&[TWO_NOTES, END])].concat();
    check(&more_tracks_promised, 2, "");
    let fewer_tracks_promised = [header(0, 0, 96), track(&[TWO_NOTES, END])].concat();
    check(&fewer_tracks_promised, 2, "");
    let format_0_with_two_tracks = [file, track(&[TWO_NOTES, END])].concat();
    check(&format_0_with_two_tracks, 4, "");
}

#[test]
fn wrong_chunk_lengths_are_corrected_by_the_next_track() {
    let body = [TWO_NOTES, END].concat();
    let second = track(&[TWO_NOTES, END]);
    let alien = chunk(b"XFIH", 3, b"abc");
    check(&[header(1, 1, 96), alien, second.clone()].concat(), 2, "");
    let endless = chunk(b"MTrk", 0xFFFF_FFFF, &body);
    check(&[header(0, 1, 96), endless.clone()].concat(), 2, "");
    check(&[header(1, 2, 96), endless, second.clone()].concat(), 4, "");
    let too_short = chunk(b"MTrk", 7, &body);
    check(&[header(1, 2, 96), too_short, second.clone()].concat(), 4, "");
    let too_long_without_end = chunk(b"MTrk", 40, TWO_NOTES);
    let file = [header(1, 2, 96), too_long_without_end, second].concat();
    check(&file, 4, "Track 1 is damaged: it breaks off");
    let bytes_after_the_last_track = [one(&[TWO_NOTES, END]), vec![0; 5]].concat();
    check(&bytes_after_the_last_track, 2, "");
}

#[test]
fn a_track_that_breaks_off_keeps_what_came_before() {
    check(&one(&[TWO_NOTES]), 2, "breaks off before its end, 4 events");
    check(&one(&[&TWO_NOTES[..13]]), 2, "3 events were kept");
    check(&one(&[TWO_NOTES, b"\x00"]), 2, "breaks off");
    check(&one(&[TWO_NOTES, b"\x00\xFF\x01\x7Fabc"]), 2, "breaks off");
    check(&one(&[]), 0, "breaks off");
    // Five bytes are no delta time: nothing after them can be trusted.
    check(&one(&[TWO_NOTES, b"\xFF\xFF\xFF\xFF\x7F\x90\x3C\x40", END]), 2, "breaks off");
}

#[test]
fn running_status_goes_on_after_meta_events_and_system_messages() {
    let after_meta = one(&[b"\x00\x90\x3C\x40\x00\xFF\x01\x01a\x60\x40\x40\x60\x3C\x00", END]);
    check(&after_meta, 2, "");
    let after_sysex = one(&[b"\x00\x90\x3C\x40\x00\xF0\x01\xF7\x60\x40\x40\x60\x3C\x00", END]);
    check(&after_sysex, 2, "");
    let before_any_status = one(&[b"\x00\x3C\x40", TWO_NOTES, END]);
    check(&before_any_status, 0, "breaks off before its end, 0 events");
}

#[test]
fn broken_events_are_stepped_over_and_time_goes_on() {
    let check_two = |broken: &[u8], warning| {
        let file = check(&one(&[broken, TWO_NOTES, END]), 2, warning);
        assert_eq!(file.end_tick(), 10 + 192);
    };
    let skipped = "Track 1 is damaged: 1 broken events were stepped over, 5 kept";
    check_two(b"\x0A\xF8", skipped);
    check_two(b"\x0A\xFE", skipped);
    check_two(b"\x0A\xF2\x01\x02", skipped);
    check_two(b"\x0A\xF3\x01", skipped);
    check_two(b"\x0A\xB0\x90\x01", skipped);
    check_two(b"\x0A\x90\x3C\xC8", skipped);
    check_two(b"\x0A\xC0\xC8", skipped);
    check_two(b"\x0A\xFF\x59\x00", skipped);
    check_two(b"\x0A\xFF\x54\x05\xFF\xFF\xFF\xFF\xFF", skipped);
    let twice = one(&[b"\x0A\x90\x3C\xC8\x00\x3D\xC8", TWO_NOTES, END]);
    check(&twice, 2, "2 broken events were stepped over, 5 kept");
}

#[test]
fn settings_that_make_no_sense_are_ignored() {
    let short_tempo = one(&[b"\x00\xFF\x51\x01\x07", TWO_NOTES, END]);
    let zero_tempo = one(&[b"\x00\xFF\x51\x03\x00\x00\x00", TWO_NOTES, END]);
    let absurd_metre = one(&[b"\x00\xFF\x58\x04\x04\xFF\x18\x08", TWO_NOTES, END]);
    let zero_metre = one(&[b"\x00\xFF\x58\x04\x00\x02\x18\x08", TWO_NOTES, END]);
    for bytes in [short_tempo, zero_tempo, absurd_metre, zero_metre] {
        let score = check(&bytes, 2, "").to_score();
        assert_eq!(score.tempo.prevailing(192), 120.0);
        assert_eq!(score.metres, []);
    }
    let slowest = one(&[b"\x00\xFF\x51\x03\xFF\xFF\xFF", TWO_NOTES, END]);
    let tempo = check(&slowest, 2, "").to_score().tempo.prevailing(192);
    assert!((3.5..3.6).contains(&tempo));
}

#[test]
fn time_code_gets_beats_of_half_a_second() {
    let check = |division: u16, ticks_per_beat: u32, end_tick: u64, seconds: f64| {
        let tempo = b"\x00\xFF\x51\x03\x01\x00\x00";
        let bytes = [header(0, 1, division), track(&[tempo, TWO_NOTES, END])].concat();
        let score = check(&bytes, 2, "half a second").to_score();
        assert_eq!((score.ticks_per_beat, score.length_ticks), (ticks_per_beat, end_tick));
        assert!((score.duration_secs() - seconds).abs() < 1e-9);
    };
    check(0xE728, 500, 192, 0.192);
    check(0xE704, 50, 192, 1.92);
    check(0xE701, 25, 384, 7.68);
    check(0xE350, 1200, 192, 0.080_08);
}

#[test]
fn the_patterns_of_format_2_follow_each_other() {
    let pattern = track(&[TWO_NOTES, END]);
    let bytes = [header(2, 2, 96), pattern.clone(), pattern].concat();
    let score = check(&bytes, 4, "one after the other").to_score();
    let starts: Vec<u64> = score.tonal_notes().map(|n| n.start_tick).collect();
    assert_eq!(starts, [0, 96, 192, 288]);
    assert_eq!(score.length_ticks, 384);
}

#[test]
fn giant_deltas_are_added_in_64_bits() {
    let giant: Vec<u8> = [b"\xFF\xFF\xFF\x7F\x90\x3C\x40".as_slice(); 50].concat();
    let file = check(&one(&[&giant, END]), 50, "");
    assert_eq!(file.end_tick(), 50 * 0x0FFF_FFFF);
}

#[test]
fn events_after_the_end_mark_are_not_played() {
    check(&one(&[TWO_NOTES, END, TWO_NOTES]), 2, "");
    let only_end = one(&[END]);
    check(&only_end, 0, "");
}

#[test]
fn a_file_made_to_be_read_again_and_again_ends_soon() {
    // Each track claims all bytes that follow, has no end mark, and reads on through the others.
    let body = b"\x00\x90\x3C\x40\x00\xFF\x01\x80\x80\x80\x04";
    let endless = chunk(b"MTrk", 0xFFFF_FFFF, body);
    let bytes = [header(1, 9, 96), endless.repeat(200_000)].concat();
    let file = read(&bytes).unwrap();
    assert!(file.warnings.iter().any(|w| w.contains("the rest was left out")));
    assert!(file.warnings.len() < 30);
    let empty_tracks = [header(1, 0xFFFF, 96), track(&[END]).repeat(70_000)].concat();
    let file = read(&empty_tracks).unwrap();
    assert_eq!(file.tracks.len(), 65_535);
    assert_eq!(file.to_score().tracks, []);
}

#[test]
fn names_are_utf_8_or_latin_1_without_control_characters() {
    let name = |bytes: &[u8]| {
        let event = [b"\x00\xFF\x03".as_slice(), &[bytes.len() as u8], bytes].concat();
        read(&one(&[&event, END])).unwrap().tracks[0].name.clone()
    };
    assert_eq!(name("Flöte".as_bytes()), "Flöte");
    assert_eq!(name(b"Fl\xF6te\x00"), "Flöte");
    assert_eq!(name(b" a\nb\x7F"), "a b");
}
