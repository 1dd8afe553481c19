//! The excerpts on the device: rows of 0 and 1, and where each excerpt begins.

use std::ops::Range;
use std::sync::Arc;

use tch::{Kind, Tensor};

use super::kernel::{Bits, PackedRows};
use super::{Device, RbmError};

/// Rows on the device and the excerpts as runs of consecutive rows.
///
/// Overlapping excerpts share their rows, so a stride smaller than an excerpt costs no memory. On the
/// processor the rows stay bits; on CUDA they are bytes, and every run of `n_steps` rows is a view.
#[derive(Debug)]
pub struct ExcerptStore {
    rows: PackedRows,
    n_steps: usize,
    first_rows: Arc<[u32]>,
    on_cuda: Option<CudaRows>,
}

#[derive(Debug)]
struct CudaRows {
    /// Every run of `n_steps` rows, as a view: n_rows − n_steps + 1 × n_visible.
    windows: Tensor,
    first_rows: Tensor,
}

/// Excerpts in the order of an epoch.
#[derive(Debug)]
pub struct EpochOrder {
    first_rows: Vec<u32>,
    on_cuda: Option<Tensor>,
}

impl ExcerptStore {
    /// `rows` holds packed bits: a row of `row_width` cells begins with a new word, its first cell is
    /// the lowest bit. An excerpt is `n_steps` rows from each of `first_rows` on, flattened:
    /// `n_steps` × `row_width` visible units.
    ///
    /// # Errors
    /// When an excerpt reaches beyond the rows, or the device has no room.
    pub fn new(
        rows: Arc<[u64]>,
        row_width: usize,
        n_steps: usize,
        first_rows: &[u32],
        device: Device,
    ) -> Result<Self, RbmError> {
        let rows = PackedRows::new(rows, row_width);
        expect_rows(&rows, n_steps, first_rows)?;
        let on_cuda = match device {
            Device::Cpu => None,
            Device::Cuda => Some(CudaRows {
                windows: cuda_windows(&rows, n_steps, device)?,
                first_rows: place_rows(first_rows, device)?,
            }),
        };
        Ok(Self { rows, n_steps, first_rows: first_rows.into(), on_cuda })
    }

    /// Other excerpts of the same rows.
    pub fn sharing_rows(&self, first_rows: &[u32]) -> Result<Self, RbmError> {
        expect_rows(&self.rows, self.n_steps, first_rows)?;
        let share = |cuda: &CudaRows| -> Result<CudaRows, RbmError> {
            Ok(CudaRows {
                windows: cuda.windows.shallow_clone(),
                first_rows: place_rows(first_rows, Device::Cuda)?,
            })
        };
        Ok(Self {
            rows: self.rows.clone(),
            n_steps: self.n_steps,
            first_rows: first_rows.into(),
            on_cuda: self.on_cuda.as_ref().map(share).transpose()?,
        })
    }

    /// The same excerpts once more, over the same rows; for another thread.
    pub fn share(&self) -> Result<Self, RbmError> {
        self.sharing_rows(&self.first_rows)
    }

    pub fn len(&self) -> usize {
        self.first_rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn n_visible(&self) -> usize {
        self.n_steps * self.rows.width()
    }

    /// Sends an epoch's order (numbers of excerpts) to the device, once an epoch.
    pub fn order(&self, excerpts: &[i64]) -> EpochOrder {
        let first_rows = excerpts.iter().map(|&number| self.first_rows[number as usize]).collect();
        let on_cuda = self.on_cuda.as_ref().map(|cuda| {
            let numbers = Tensor::from_slice(excerpts).to_device(Device::Cuda.torch());
            cuda.first_rows.index_select(0, &numbers)
        });
        EpochOrder { first_rows, on_cuda }
    }

    /// Some excerpts, each by its number, as bytes of 0 and 1, one after the other.
    pub fn bytes(&self, excerpts: &[usize]) -> Vec<u8> {
        let first_rows: Vec<u32> = excerpts.iter().map(|&one| self.first_rows[one]).collect();
        self.rows.gather(&first_rows, self.n_steps).to_bytes()
    }

    /// Excerpts of the order, as bits.
    pub(super) fn ordered_bits(&self, order: &EpochOrder, range: Range<usize>) -> Bits {
        self.rows.gather(&order.first_rows[range], self.n_steps)
    }

    /// Excerpts in their own order, as bits.
    pub(super) fn bits(&self, range: Range<usize>) -> Bits {
        self.rows.gather(&self.first_rows[range], self.n_steps)
    }

    /// Excerpts of the order, as floats on the device. Cases × visible.
    pub(super) fn ordered_batch(&self, order: &EpochOrder, range: Range<usize>) -> Tensor {
        match (&self.on_cuda, &order.on_cuda) {
            (Some(cuda), Some(first_rows)) => cuda.gather(first_rows, range),
            _ => floats(&self.ordered_bits(order, range)),
        }
    }

    /// Excerpts in their own order, as floats. Cases × visible.
    pub(super) fn batch(&self, range: Range<usize>) -> Tensor {
        match &self.on_cuda {
            Some(cuda) => cuda.gather(&cuda.first_rows, range),
            None => floats(&self.bits(range)),
        }
    }
}

impl CudaRows {
    fn gather(&self, first_rows: &Tensor, range: Range<usize>) -> Tensor {
        let rows = first_rows.narrow(0, range.start as i64, range.len() as i64);
        self.windows.index_select(0, &rows).to_kind(Kind::Float)
    }
}

fn floats(bits: &Bits) -> Tensor {
    let shape = [bits.n_cases as i64, bits.n_units as i64];
    Tensor::from_slice(&bits.to_bytes()).to_kind(Kind::Float).view(shape)
}

fn expect_rows(rows: &PackedRows, n_steps: usize, first_rows: &[u32]) -> Result<(), RbmError> {
    let needed = first_rows.iter().max().map_or(0, |&last| last as usize + n_steps);
    if needed > rows.n_rows() {
        return Err(RbmError::Shape { what: "rows", got: rows.n_rows(), expected: needed });
    }
    Ok(())
}

/// Unpacks the rows on the way to the device, some at a time.
fn cuda_windows(rows: &PackedRows, n_steps: usize, device: Device) -> Result<Tensor, RbmError> {
    const ROWS_AT_A_TIME: u32 = 1 << 16;
    let mut parts = Vec::new();
    let n_rows = rows.n_rows() as u32;
    for start in (0..n_rows).step_by(ROWS_AT_A_TIME as usize) {
        let numbers: Vec<u32> = (start..n_rows.min(start + ROWS_AT_A_TIME)).collect();
        let bytes = rows.gather(&numbers, 1).to_bytes();
        parts.push(Tensor::from_slice(&bytes).f_to_device(device.torch())?);
    }
    let flat = Tensor::f_cat(&parts, 0)?;
    let width = rows.width() as i64;
    Ok(flat.f_unfold(0, n_steps as i64 * width, width)?)
}

fn place_rows(first_rows: &[u32], device: Device) -> Result<Tensor, RbmError> {
    let first_rows: Vec<i64> = first_rows.iter().map(|&row| i64::from(row)).collect();
    Ok(Tensor::from_slice(&first_rows).f_to_device(device.torch())?)
}

/// Packs bytes of 0 and 1, row by row.
#[cfg(test)]
pub(super) fn packed(cells: &[u8], row_width: usize) -> Arc<[u64]> {
    let word = |cells: &[u8]| {
        let bits = cells.iter().enumerate();
        bits.fold(0, |word, (bit, &cell)| word | u64::from(cell) << bit)
    };
    cells.chunks_exact(row_width).flat_map(|row| row.chunks(64).map(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Four rows of two cells.
    fn rows() -> Arc<[u64]> {
        packed(&[1, 0, 0, 1, 1, 1, 0, 0], 2)
    }

    #[test]
    fn an_excerpt_is_its_rows_one_after_the_other() {
        let store = ExcerptStore::new(rows(), 2, 3, &[0, 1], Device::Cpu).unwrap();
        assert_eq!((store.len(), store.n_visible()), (2, 6));
        let values: Vec<f32> = Vec::try_from(&store.batch(0..2).view([-1])).unwrap();
        assert_eq!(values, [1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        let order = store.order(&[1]);
        assert_eq!(store.ordered_bits(&order, 0..1).to_bytes(), [0, 1, 1, 1, 0, 0]);
        assert_eq!(store.bytes(&[1, 0]), [0, 1, 1, 1, 0, 0, 1, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn an_excerpt_beyond_the_rows_is_refused() {
        assert!(ExcerptStore::new(rows(), 2, 3, &[2], Device::Cpu).is_err());
        let store = ExcerptStore::new(rows(), 2, 3, &[1], Device::Cpu).unwrap();
        assert!(store.sharing_rows(&[2]).is_err());
    }
}
