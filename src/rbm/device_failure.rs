//! What a device can fail at in the middle of the work, told from the words of libtorch.

/// A failure of the machine, not of the model: with less to do, or elsewhere, it works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceFailure {
    OutOfMemory,
    /// The CUDA device or its driver no longer answers, until the program is started anew.
    CudaGone,
}

/// As CUDA's and the processor's allocators say it, and cuBLAS where it finds no workspace.
const OUT_OF_MEMORY: [&str; 6] = [
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "ALLOC_FAILED",
    "cudaErrorMemoryAllocation",
    "bad_alloc",
];
/// Errors of the driver stick to the process: every later call gives the same.
const CUDA_GONE: [&str; 5] = ["CUDA error", "CUDA driver", "CUBLAS_STATUS", "cudaError", "NVML"];

impl DeviceFailure {
    /// What these words tell of; `None` where the machine is not to blame.
    pub fn of(words: &str) -> Option<Self> {
        let names_one_of = |known: &[&str]| known.iter().any(|known| words.contains(known));
        if names_one_of(&OUT_OF_MEMORY) {
            Some(Self::OutOfMemory)
        } else if names_one_of(&CUDA_GONE) {
            Some(Self::CudaGone)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rbm::RbmError;

    #[test]
    fn the_words_of_libtorch_are_understood() {
        for (words, failure) in [
            (
                "CUDA out of memory. Tried to allocate 20.00 MiB. GPU 0 has a total capacity of \
                 79.10 GiB of which 11.94 MiB is free.",
                Some(DeviceFailure::OutOfMemory),
            ),
            (
                "[enforce fail at alloc_cpu.cpp:124] err == 0. DefaultCPUAllocator: can't allocate \
                 memory: you tried to allocate 40000000000 bytes.",
                Some(DeviceFailure::OutOfMemory),
            ),
            ("CUDA error: out of memory", Some(DeviceFailure::OutOfMemory)),
            (
                "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
                Some(DeviceFailure::OutOfMemory),
            ),
            ("CUDA error: unspecified launch failure", Some(DeviceFailure::CudaGone)),
            ("CUDA error: no CUDA-capable device is detected", Some(DeviceFailure::CudaGone)),
            ("CUDA driver initialization failed", Some(DeviceFailure::CudaGone)),
            ("mat1 and mat2 shapes cannot be multiplied (3x4 and 5x6)", None),
            ("a failure planted by a test", None),
        ] {
            assert_eq!(DeviceFailure::of(words), failure, "{words}");
        }
    }

    #[test]
    fn an_allocation_that_libtorch_refuses_is_told_as_such() {
        // A hundred thousand times what any machine has.
        let shape = [1 << 40, 1 << 20];
        let refused = tch::Tensor::f_zeros(shape, (tch::Kind::Float, tch::Device::Cpu));
        let words = RbmError::from(refused.expect_err("nothing is so large")).to_string();
        assert_eq!(DeviceFailure::of(&words), Some(DeviceFailure::OutOfMemory), "{words}");
    }
}
