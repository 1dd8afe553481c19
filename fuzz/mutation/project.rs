//! Changes a project file within its form: the document, the note of an autosave, the list of tensors or their
//! numbers, with all lengths right again. Changed byte by byte, a file dies at the first length.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::json;

const METADATA: &str = "__metadata__";

/// A safetensors file taken apart.
struct Parts {
    metadata: Map<String, Value>,
    tensors: Vec<Tensor>,
}

struct Tensor {
    name: String,
    dtype: Value,
    shape: Value,
    bytes: Vec<u8>,
}

pub fn change(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut parts = Parts::of(bytes)?;
    for _ in 0..=dice.below(3) {
        match dice.below(10) {
            0 => parts.change_tensors(dice),
            1 => parts.change_numbers(dice),
            _ => parts.change_entry(dice)?,
        }
    }
    parts.bytes()
}

impl Parts {
    fn of(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = bytes.split_first_chunk::<8>()?;
        let n_json = usize::try_from(u64::from_le_bytes(*length)).ok()?;
        let (text, data) = rest.split_at_checked(n_json)?;
        let Value::Object(mut header) = serde_json::from_slice(text).ok()? else { return None };
        let Some(Value::Object(metadata)) = header.remove(METADATA) else { return None };
        let mut tensors = Vec::new();
        for (name, entry) in header {
            let place = |end: usize| usize::try_from(entry["data_offsets"][end].as_u64()?).ok();
            let bytes = data.get(place(0)?..place(1)?)?.to_vec();
            let (dtype, shape) = (entry["dtype"].clone(), entry["shape"].clone());
            tensors.push(Tensor { name, dtype, shape, bytes });
        }
        Some(Self { metadata, tensors })
    }

    fn bytes(&self) -> Option<Vec<u8>> {
        let mut header = Map::from_iter([(METADATA.to_owned(), self.metadata.clone().into())]);
        let mut data = Vec::new();
        for tensor in &self.tensors {
            let start = data.len();
            data.extend_from_slice(&tensor.bytes);
            let place = [start, data.len()];
            let entry =
                json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": place});
            header.insert(tensor.name.clone(), entry);
        }
        let mut text = serde_json::to_vec(&header).ok()?;
        // The format begins its numbers at a multiple of eight.
        text.resize(text.len().next_multiple_of(8), b' ');
        Some([&(text.len() as u64).to_le_bytes(), &text[..], &data].concat())
    }

    /// A text of the metadata: the document or the note, both JSON of their own.
    fn change_entry(&mut self, dice: &mut Dice) -> Option<()> {
        let at = dice.below(self.metadata.len());
        let entry = self.metadata.values_mut().nth(at)?;
        let mut document: Value = serde_json::from_str(entry.as_str()?).ok()?;
        json::change(&mut document, dice);
        *entry = document.to_string().into();
        Some(())
    }

    fn change_tensors(&mut self, dice: &mut Dice) {
        let Some(tensor) = (!self.tensors.is_empty()).then(|| dice.below(self.tensors.len()))
        else {
            return;
        };
        match dice.below(4) {
            0 => drop(self.tensors.remove(tensor)),
            1 => {
                let name = dice.pick(&self.tensors).name.clone();
                let prefix = dice.pick(&["run0.", "best.", "last.", ""]);
                self.tensors[tensor].name = format!("{prefix}{name}");
            }
            2 => {
                // Twice as long, in its first dimension.
                let Tensor { bytes, shape, .. } = &mut self.tensors[tensor];
                bytes.extend_from_within(..);
                if let Some(n) = shape.get(0).and_then(Value::as_u64) {
                    shape[0] = json!(n.saturating_mul(2));
                }
            }
            _ => {
                let Tensor { bytes, shape, .. } = &mut self.tensors[tensor];
                bytes.clear();
                *shape = json!([0]);
            }
        }
    }

    /// Of one tensor: numbers of all kinds, none of which is among those that a model learns.
    fn change_numbers(&mut self, dice: &mut Dice) {
        const ODD: [f32; 8] =
            [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, -1e30, 1e30, 1e-40, 0.0];
        let at = dice.below(self.tensors.len());
        let Some(tensor) = self.tensors.get_mut(at) else { return };
        for _ in 0..=dice.below(4) {
            let odd = dice.pick(&ODD).to_le_bytes();
            let n_numbers = tensor.bytes.len() / 4;
            let number = dice.below(n_numbers);
            match tensor.bytes.as_chunks_mut::<4>().0.get_mut(number) {
                Some(four) => *four = odd,
                None => tensor.bytes.iter_mut().for_each(|byte| *byte = dice.below(256) as u8),
            }
        }
    }
}
