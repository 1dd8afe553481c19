//! Opens libtorch's CUDA library when there is one.
//!
//! The executable links only libtorch's CPU half, so that one file serves machines with and
//! without a GPU. The CUDA half registers itself when it is opened, globally, at run time. The
//! one `unsafe` of the project stands here, because opening a library runs its initialisers.

/// Why there is no CUDA library, or that there is one.
pub(super) enum CudaLibrary {
    Open,
    Missing(String),
}

/// Opens `libtorch_cuda.so` once; costs more than a second where it exists.
pub(super) fn open() -> &'static CudaLibrary {
    static LIBRARY: std::sync::OnceLock<CudaLibrary> = std::sync::OnceLock::new();
    LIBRARY.get_or_init(open_once)
}

#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "dlopen runs the initialisers of libtorch's own CUDA library")]
fn open_once() -> CudaLibrary {
    use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
    // SAFETY: the library is libtorch's other half, of the same build as the one linked; its
    // initialisers only register the CUDA backend. It is never closed.
    match unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) } {
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
fn open_once() -> CudaLibrary {
    CudaLibrary::Missing("CUDA is used on Linux only".to_owned())
}
