//! Opens libtorch's CUDA library when there is one.
//!
//! The executable links only libtorch's CPU half, so that one file serves machines with and
//! without a GPU. The CUDA half registers itself when it is opened, globally, at run time. The
//! one `unsafe` of the project stands here, because opening a library runs its initialisers.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What is known about CUDA before anything is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CudaHint {
    /// libtorch_cuda.so, of the very build that is linked, where the loader would not find it by
    /// itself.
    pub library: Option<PathBuf>,
    /// What is missing, in words.
    pub why_none: Option<String>,
}

/// Why there is no CUDA library, or that there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CudaLibrary {
    Open,
    Missing(String),
}

struct Known {
    hint: CudaHint,
    /// Of the hint above; `None` until somebody asked.
    library: Option<CudaLibrary>,
}

static KNOWN: Mutex<Known> =
    Mutex::new(Known { hint: CudaHint { library: None, why_none: None }, library: None });

/// Says where the CUDA library lies, or why there is none. What is open stays open; what was
/// missing is looked for anew.
pub fn expect(hint: CudaHint) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.library.take_if(|library| *library != CudaLibrary::Open);
    known.hint = hint;
}

/// What was said about it.
pub(super) fn why_none() -> Option<String> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner).hint.why_none.clone()
}

/// Opens `libtorch_cuda.so` once; costs more than a second where it exists.
pub(super) fn open() -> CudaLibrary {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(library) = &known.library {
        return library.clone();
    }
    let library = match open_at(Path::new(NAME)) {
        CudaLibrary::Missing(reason) if is_absent(&reason) => match &known.hint.library {
            Some(path) => open_at(path),
            None => CudaLibrary::Missing(reason),
        },
        library => library,
    };
    known.library = Some(library.clone());
    library
}

const NAME: &str = "libtorch_cuda.so";

/// Whether the loader did not find it, rather than something of it being wrong.
pub(super) fn is_absent(reason: &str) -> bool {
    reason.contains("libtorch_cuda.so: cannot open")
}

/// Whether the libtorch that is linked has a CUDA library beside it, without opening that.
#[cfg(target_os = "linux")]
pub fn is_linked() -> bool {
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else { return false };
    let cpu_half = maps.lines().find_map(|line| {
        let path = Path::new(line.get(line.find('/')?..)?);
        (path.file_name()? == "libtorch_cpu.so").then_some(path)
    });
    cpu_half.is_some_and(|path| path.with_file_name(NAME).exists())
}

#[cfg(not(target_os = "linux"))]
pub fn is_linked() -> bool {
    false
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "dlopen runs the initialisers of libtorch's own CUDA library")]
fn open_at(path: &Path) -> CudaLibrary {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the library is libtorch's other half, of the same build as the one linked; its
    // initialisers only register the CUDA backend. It is never closed.
    match unsafe { Library::open(Some(path), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => {
            std::mem::forget(library);
            CudaLibrary::Open
        }
        Err(error) => {
            // The loader's own words stand in the source of the error.
            let source = std::error::Error::source(&error).map(ToString::to_string);
            CudaLibrary::Missing(source.unwrap_or_else(|| error.to_string()))
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn open_at(_path: &Path) -> CudaLibrary {
    CudaLibrary::Missing("CUDA is used on Linux only".to_owned())
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_none_says_so_and_an_absent_one_is_told_from_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(NAME);
        let CudaLibrary::Missing(reason) = open_at(&path) else { unreachable!("it is not there") };
        assert!(is_absent(&reason), "{reason}");
        std::fs::write(&path, "no library").unwrap();
        let CudaLibrary::Missing(reason) = open_at(&path) else { unreachable!("it is text") };
        assert!(!is_absent(&reason) && reason.contains("libtorch_cuda.so"), "{reason}");
    }
}
