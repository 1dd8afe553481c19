//! Tiny wheels for tests, and the list that pins them.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Manifest, Wheel};

/// Text that the libraries are made of.
pub(crate) const LIBRARY: &[u8] = b"a library, or so ";

/// Makes a folder with two wheels, `torch` and `nvidia-blas`.
pub(crate) fn write_wheels(folder: &Path) -> Manifest {
    fs::create_dir_all(folder).unwrap();
    let torch = folder.join("torch-2.11.0-cp311-none.whl");
    let (cuda, blas) = (LIBRARY.repeat(100_000), LIBRARY.repeat(3));
    write_wheel(
        &torch,
        &[
            ("torch/lib/libtorch_cuda.so", cuda.clone()),
            ("torch/lib/libtorch_cpu.so", b"not wanted".to_vec()),
            ("torch/__init__.py", b"not wanted".to_vec()),
            ("torch-2.11.0.dist-info/licenses/LICENSE", b"BSD".to_vec()),
        ],
    );
    let nvidia = folder.join("nvidia_blas-13.0-none.whl");
    write_wheel(&nvidia, &[("nvidia/cu13/lib/libblas.so.13", blas.clone())]);
    let wheel = |requirement: &str, path: &Path, name: &str, bytes: usize| Wheel {
        requirement: requirement.to_owned(),
        sha256: hash_of(path),
        bytes: fs::metadata(path).unwrap().len(),
        libraries: vec![(name.to_owned(), bytes as u64)],
    };
    Manifest {
        version: "2.11.0".to_owned(),
        wheels: vec![
            wheel("torch==2.11.0", &torch, "libtorch_cuda.so", cuda.len()),
            wheel("nvidia-blas==13.0", &nvidia, "libblas.so.13", blas.len()),
        ],
    }
}

fn write_wheel(path: &Path, members: &[(&str, Vec<u8>)]) {
    let mut archive = ZipWriter::new(File::create(path).unwrap());
    for (name, content) in members {
        archive.start_file(*name, SimpleFileOptions::default()).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap();
}

fn hash_of(path: &Path) -> String {
    Sha256::digest(fs::read(path).unwrap())
        .iter()
        .fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
