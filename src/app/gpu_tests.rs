//! The graphics card and its pack in the window's program: found, installed, refused, cancelled.

use std::fs;

use crate::gpu_pack::testing::write_wheels;
use crate::gpu_pack::{Driver, PackState, Pip};
use crate::ui::command::Command;
use crate::ui::gpu_state::GpuWork;

use super::tests::{Desk, errors};

/// A machine with a card, a driver and wheels, all of them made up.
fn with_card() -> Desk {
    let mut desk = Desk::new();
    let root = desk.app.gpu.root.clone();
    let module = root.join("sys/module/nvidia");
    fs::create_dir_all(&module).unwrap();
    fs::write(module.join("version"), "580.95.05\n").unwrap();
    desk.app.gpu.manifest = write_wheels(&desk.folder.path().join("wheels"));
    desk
}

fn pack(desk: &Desk) -> Option<&PackState> {
    desk.state().gpu.status.as_ref().map(|status| &status.pack)
}

fn look(desk: &mut Desk) {
    desk.app.probe_device();
    desk.wait_until(|state| state.gpu.status.is_some() && state.device.is_cuda.is_some());
}

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[test]
fn a_pack_is_installed_from_a_folder_and_removed_and_the_device_is_asked_again() {
    let mut desk = with_card();
    look(&mut desk);
    let driver = Driver::Ready { version: Some("580.95.05".to_owned()), card: None };
    assert_eq!(desk.state().gpu.status.as_ref().map(|status| &status.driver), Some(&driver));
    assert_eq!(pack(&desk), Some(&PackState::Missing));
    let wheels = desk.folder.path().join("wheels");
    desk.does(Command::InstallGpuPack(Some(wheels)));
    assert!(matches!(desk.state().gpu.work, Some(GpuWork::Installing { .. })));
    // One at a time.
    desk.does(Command::RemoveGpuPack);
    desk.wait_until(|state| state.gpu.work.is_none());
    desk.wait_until(|state| {
        let status = state.gpu.status.as_ref();
        status.is_some_and(|status| matches!(status.pack, PackState::Installed { .. }))
    });
    assert!(desk.folder.path().join("data/gpu-pack-2.11.0/lib/libtorch_cuda.so").exists());
    // These libraries are text, which is told, and the processor goes on.
    desk.wait_until(|state| {
        let why = state.device.why_no_cuda.as_deref();
        state.device.is_cuda == Some(true) || why.is_some_and(|why| why.contains("does not load"))
    });
    assert_eq!(errors(desk.state()), [""; 0]);
    desk.does(Command::RemoveGpuPack);
    desk.wait_until(|state| {
        let status = state.gpu.status.as_ref();
        status.is_some_and(|status| status.pack == PackState::Missing)
    });
    assert!(!desk.folder.path().join("data/gpu-pack-2.11.0").exists());
}

#[test]
fn a_wrong_wheel_is_told_of_in_the_window_and_leaves_nothing() {
    let mut desk = with_card();
    let wheels = desk.folder.path().join("wheels");
    fs::write(wheels.join("nvidia_blas-13.0-none.whl"), "something else").unwrap();
    desk.does(Command::InstallGpuPack(Some(wheels)));
    desk.wait_until(|state| state.gpu.work.is_none());
    let trouble = desk.state().gpu.trouble.clone().unwrap();
    assert!(trouble.contains("nvidia_blas-13.0-none.whl"), "{trouble}");
    assert_eq!(errors(desk.state()), [trouble]);
    assert_eq!(fs::read_dir(desk.folder.path().join("data")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn a_download_is_cancelled_and_ends_with_the_window() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut desk = with_card();
    let python = desk.folder.path().join("python");
    fs::write(&python, "#!/bin/sh\nexec sleep 600\n").unwrap();
    fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
    desk.app.gpu.pip = Pip { python };
    desk.does(Command::InstallGpuPack(None));
    let is_downloading = |work: &Option<GpuWork>| matches!(work, Some(GpuWork::Installing { what, .. }) if what.contains("Downloading"));
    desk.wait_until(|state| is_downloading(&state.gpu.work));
    desk.does(Command::CancelGpuPack);
    desk.wait_until(|state| state.gpu.work.is_none());
    assert!(desk.state().notices.iter().any(|notice| notice.text.contains("cancelled")));
    assert_eq!((errors(desk.state()), desk.state().gpu.trouble.clone()), (vec![], None));
    desk.does(Command::InstallGpuPack(None));
    desk.wait_until(|state| is_downloading(&state.gpu.work));
    let Desk { app, folder, .. } = desk;
    drop(app);
    assert_eq!(fs::read_dir(folder.path().join("data")).unwrap().count(), 0);
}
