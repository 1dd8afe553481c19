//! Two starts that meet, in one process.

use std::fs;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::net::UnixListener;

use super::socket::{message, read_files};
use super::*;

fn meet_at(place: &MeetingPlace, files: &[PathBuf], opens_anyway: bool) -> Role {
    meet(place, files, opens_anyway, || Arc::new(|| {}))
}

fn first(place: &MeetingPlace) -> Listener {
    match meet_at(place, &[], false) {
        Role::First(Some(listener)) => listener,
        other => panic!("{other:?}"),
    }
}

fn take(listener: &Listener) -> Vec<PathBuf> {
    loop {
        if let Some(handed) = listener.try_handed() {
            return handed.accept();
        }
        std::thread::yield_now();
    }
}

#[test]
fn a_second_start_hands_its_files_over_whatever_their_names_are() {
    let folder = tempfile::tempdir().unwrap();
    let place = MeetingPlace::at(folder.path());
    let listener = first(&place);
    let odd = PathBuf::from(std::ffi::OsString::from_vec(b"/tmp/\xff\n.mid".to_vec()));
    let files = [odd.clone(), "relative.mid".into()];
    let got = std::thread::scope(|scope| {
        let second = scope.spawn(|| meet_at(&place, &files, false));
        let got = take(&listener);
        assert!(matches!(second.join().unwrap(), Role::HandedOver));
        got
    });
    let here = std::env::current_dir().unwrap();
    assert_eq!(got, [odd, here.join("relative.mid")]);
}

#[test]
fn when_the_first_ends_nothing_is_left_and_the_next_is_first() {
    let folder = tempfile::tempdir().unwrap();
    let place = MeetingPlace::at(folder.path());
    for _ in 0..3 {
        let listener = first(&place);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        drop(listener);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}

#[test]
fn the_dead_socket_of_a_killed_process_makes_way() {
    let folder = tempfile::tempdir().unwrap();
    drop(UnixListener::bind(folder.path().join("window.socket")).unwrap());
    fs::write(folder.path().join("window.lock"), b"").unwrap();
    drop(first(&MeetingPlace::at(folder.path())));
}

#[test]
fn a_new_window_is_a_window_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let place = MeetingPlace::at(folder.path());
    let listener = first(&place);
    assert!(matches!(meet_at(&place, &["a.mid".into()], true), Role::First(None)));
    assert!(listener.try_handed().is_none());
}

#[test]
fn a_window_that_is_stuck_is_not_waited_for_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let place = MeetingPlace::at(folder.path());
    // Nobody takes what it is handed.
    let _listener = first(&place);
    assert!(matches!(meet_at(&place, &["a.mid".into()], false), Role::First(None)));
}

#[test]
fn a_folder_that_others_can_write_is_no_meeting_place() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).unwrap();
    assert!(matches!(meet_at(&MeetingPlace::at(folder.path()), &[], false), Role::First(None)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_message_comes_back_and_odd_ones_are_refused() {
    let paths = vec![PathBuf::from("/a"), PathBuf::from("/b c")];
    let bytes = message(&paths).unwrap();
    assert_eq!(read_files(&mut &bytes[..]).unwrap(), paths);
    for end in 0..bytes.len() {
        assert!(read_files(&mut &bytes[..end]).is_err(), "cut at {end}");
    }
    let mut many = bytes.clone();
    many[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read_files(&mut &many[..]).is_err());
    let mut long = bytes.clone();
    long[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read_files(&mut &long[..]).is_err());
    assert!(read_files(&mut &b"GET / HTTP/1.1\r\n\r\n"[..]).is_err());
}
