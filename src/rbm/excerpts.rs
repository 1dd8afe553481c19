//! The excerpts on the device: rows of 0 and 1, and where each excerpt begins.

use tch::{Kind, Tensor};

use super::{Device, RbmError};

/// Rows on the device, one byte a bit, and the excerpts as runs of consecutive rows.
///
/// Overlapping excerpts share their rows: the windows are a view, so a stride smaller than an
/// excerpt costs no memory.
#[derive(Debug)]
pub struct ExcerptStore {
    /// Every run of `steps` rows, as a view: n_rows − steps + 1 × n_visible.
    windows: Tensor,
    /// First row of each excerpt.
    first_rows: Tensor,
    device: Device,
}

/// Excerpts in the order of an epoch.
#[derive(Debug)]
pub struct EpochOrder {
    first_rows: Tensor,
}

impl ExcerptStore {
    /// `rows` holds 0 and 1, `row_width` a row; an excerpt is `n_steps` rows from each of
    /// `first_rows` on, flattened: `n_steps` × `row_width` visible units.
    ///
    /// # Errors
    /// When an excerpt reaches beyond the rows, or the device has no room.
    pub fn new(
        rows: &[u8],
        row_width: usize,
        n_steps: usize,
        first_rows: &[u32],
        device: Device,
    ) -> Result<Self, RbmError> {
        let n_rows = rows.len() / row_width.max(1);
        let needed = first_rows.iter().max().map_or(n_steps, |&last| last as usize + n_steps);
        if needed > n_rows {
            return Err(RbmError::Shape { what: "rows", got: n_rows, expected: needed });
        }
        let flat = Tensor::from_slice(rows).f_to_device(device.torch())?;
        let windows = flat.f_unfold(0, (n_steps * row_width) as i64, row_width as i64)?;
        let first_rows = place_rows(first_rows, device)?;
        Ok(Self { windows, first_rows, device })
    }

    /// Other excerpts of the same rows.
    pub fn sharing_rows(&self, first_rows: &[u32]) -> Result<Self, RbmError> {
        let n_windows = self.windows.size()[0] as usize;
        if let Some(&last) = first_rows.iter().max()
            && last as usize >= n_windows
        {
            return Err(RbmError::Shape {
                what: "rows",
                got: n_windows,
                expected: last as usize + 1,
            });
        }
        Ok(Self {
            windows: self.windows.shallow_clone(),
            first_rows: place_rows(first_rows, self.device)?,
            device: self.device,
        })
    }

    pub fn len(&self) -> usize {
        self.first_rows.size()[0] as usize
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn n_visible(&self) -> usize {
        self.windows.size()[1] as usize
    }

    /// Sends an epoch's order (numbers of excerpts) to the device, once an epoch.
    pub fn order(&self, excerpts: &[i64]) -> EpochOrder {
        let numbers = Tensor::from_slice(excerpts).to_device(self.device.torch());
        EpochOrder { first_rows: self.first_rows.index_select(0, &numbers) }
    }

    /// `count` excerpts of the order from `start` on, as floats. Cases × visible.
    pub(super) fn ordered_batch(&self, order: &EpochOrder, start: usize, count: usize) -> Tensor {
        self.gather(&order.first_rows.narrow(0, start as i64, count as i64))
    }

    /// `count` excerpts from `start` on in their own order, as floats. Cases × visible.
    pub(super) fn batch(&self, start: usize, count: usize) -> Tensor {
        self.gather(&self.first_rows.narrow(0, start as i64, count as i64))
    }

    fn gather(&self, first_rows: &Tensor) -> Tensor {
        self.windows.index_select(0, first_rows).to_kind(Kind::Float)
    }
}

fn place_rows(first_rows: &[u32], device: Device) -> Result<Tensor, RbmError> {
    let first_rows: Vec<i64> = first_rows.iter().map(|&row| i64::from(row)).collect();
    Ok(Tensor::from_slice(&first_rows).f_to_device(device.torch())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_its_rows_one_after_the_other() {
        let rows = [1, 0, 0, 1, 1, 1, 0, 0];
        let store = ExcerptStore::new(&rows, 2, 3, &[0, 1], Device::Cpu).unwrap();
        assert_eq!((store.len(), store.n_visible()), (2, 6));
        let values: Vec<f32> = Vec::try_from(&store.batch(0, 2).view([-1])).unwrap();
        assert_eq!(values, [1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
        let order = store.order(&[1]);
        let values: Vec<f32> =
            Vec::try_from(&store.ordered_batch(&order, 0, 1).view([-1])).unwrap();
        assert_eq!(values, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn an_excerpt_beyond_the_rows_is_refused() {
        assert!(ExcerptStore::new(&[0; 8], 2, 3, &[2], Device::Cpu).is_err());
        let store = ExcerptStore::new(&[0; 8], 2, 3, &[1], Device::Cpu).unwrap();
        assert!(store.sharing_rows(&[2]).is_err());
    }
}
