//! Gibbs chains that make something new: started anywhere, cooled or heated, held fast in part.

use tch::{Kind, Tensor};

use super::error::expect_len;
use super::machine::to_vec;
use super::{Device, Machine, RandomSource, RbmError, Stream};

/// Where a chain starts.
#[derive(Clone, Debug, PartialEq)]
pub enum ChainStart {
    /// All visible units off, as the 2016 study does.
    Silence,
    /// Independent bits at these rates, one a visible unit.
    Noise(Vec<f32>),
    /// Given states as 0 and 1, n_states × n_visible; chain i takes state i modulo n_states.
    States(Vec<u8>),
    /// A sample from p(v | h) of hidden codes from 0 to 1, n_chains × n_hidden.
    Codes(Vec<f32>),
}

/// What the last step of a chain hands out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinalVisible {
    /// A sample from p(v | h).
    Sample,
    /// 1 where p(v | h) is above one half: the same music without the grains of sampling.
    MostLikely,
}

/// Visible units that are held fast: a mask and the values.
#[derive(Clone, Copy, Debug)]
pub struct Clamp<'a> {
    /// One a visible unit, for all chains alike, or n_chains × n_visible.
    pub is_held: &'a [bool],
    /// n_chains × n_visible, 0 and 1; only the held places count.
    pub values: &'a [u8],
}

/// Several Gibbs chains side by side.
#[derive(Debug)]
pub struct Chain<'a> {
    machine: &'a Machine,
    visible: Tensor,
    /// The logits of p(v | h) of the newest step; none before the first.
    logits: Option<Tensor>,
    clamp: Option<(Tensor, Tensor)>,
    /// Added to the logits of the visible units.
    bias: Option<Tensor>,
    /// One a chain: a chain is the same whichever others run beside it.
    seeds: Vec<u64>,
    step: u64,
}

impl<'a> Chain<'a> {
    /// As many chains as seeds.
    ///
    /// # Errors
    /// When the start does not fit the machine.
    pub fn new(
        machine: &'a Machine,
        start: &ChainStart,
        seeds: Vec<u64>,
    ) -> Result<Self, RbmError> {
        let device = machine.device();
        let shape = [seeds.len() as i64, machine.n_visible() as i64];
        let visible = match start {
            ChainStart::Silence => Tensor::zeros(shape, (Kind::Float, device.torch())),
            ChainStart::Noise(rates) => {
                expect_len("noise rates", rates.len(), machine.n_visible())?;
                let rates = Tensor::from_slice(rates).f_to_device(device.torch())?;
                let mut sources = sources(&seeds, Stream::GenerateStart, 0);
                bernoulli(&mut sources, &rates.expand(shape, true), device)
            }
            ChainStart::States(states) => place_states(states, shape, device)?,
            ChainStart::Codes(codes) => {
                let shape = [shape[0], machine.n_hidden() as i64];
                expect_len("hidden codes", codes.len(), (shape[0] * shape[1]) as usize)?;
                let codes = Tensor::from_slice(codes).f_to_device(device.torch())?.f_view(shape)?;
                let rates = machine.retained_visible_input(&codes).sigmoid_();
                bernoulli(&mut sources(&seeds, Stream::GenerateStart, 0), &rates, device)
            }
        };
        Ok(Self { machine, visible, logits: None, clamp: None, bias: None, seeds, step: 0 })
    }

    /// Holds part of the visible layer fast from now on.
    pub fn hold(&mut self, clamp: Clamp<'_>) -> Result<(), RbmError> {
        let size = self.visible.size();
        let n_units = (size[0] * size[1]) as usize;
        let is_shared = clamp.is_held.len() == size[1] as usize;
        expect_len(
            "clamp mask",
            clamp.is_held.len(),
            if is_shared { size[1] as usize } else { n_units },
        )?;
        expect_len("clamp values", clamp.values.len(), n_units)?;
        let device = self.machine.device();
        let mut is_held = Tensor::from_slice(clamp.is_held).f_to_device(device.torch())?;
        if !is_shared {
            is_held = is_held.f_view([size[0], size[1]])?;
        }
        let values = place_states(clamp.values, [size[0], size[1]], device)?;
        self.visible = values.where_self(&is_held, &self.visible);
        self.clamp = Some((is_held, values));
        Ok(())
    }

    /// Adds nats to the logits of the visible units from now on, one a unit for all chains alike,
    /// or n_chains × n_visible; the temperature does not weaken them.
    pub fn steer(&mut self, bias: &[f32]) -> Result<(), RbmError> {
        let n_visible = self.machine.n_visible();
        let n_rows = if bias.len() == n_visible { 1 } else { self.seeds.len() };
        expect_len("steering", bias.len(), n_rows * n_visible)?;
        let bias = Tensor::from_slice(bias).f_to_device(self.machine.device().torch())?;
        self.bias = Some(bias.f_view([n_rows as i64, n_visible as i64])?);
        Ok(())
    }

    /// Puts the visible layers back to states of 0 and 1, n_chains × n_visible. The random numbers
    /// go on, so that the chains take another way from there.
    pub fn restore(&mut self, states: &[u8]) -> Result<(), RbmError> {
        let size = self.visible.size();
        expect_len("states", states.len(), (size[0] * size[1]) as usize)?;
        let visible = place_states(states, [size[0], size[1]], self.machine.device())?;
        self.visible = self.held(visible);
        self.logits = None;
        Ok(())
    }

    /// One Gibbs step, v → h → v; the temperature divides the logits of both conditionals.
    pub fn step(&mut self, temperature: f64) {
        let device = self.machine.device();
        let mut sources = sources(&self.seeds, Stream::Generate, self.step);
        self.step += 1;
        let hidden = (self.machine.hidden_input(&self.visible) / temperature).sigmoid_();
        let hidden = bernoulli(&mut sources, &hidden, device);
        let mut input = self.machine.retained_visible_input(&hidden) / temperature;
        if let Some(bias) = &self.bias {
            input += bias;
        }
        self.visible = self.held(bernoulli(&mut sources, &input.sigmoid(), device));
        self.logits = Some(input);
    }

    /// The visible layer as 0 and 1, n_chains × n_visible.
    pub fn visible(&self, last: FinalVisible) -> Result<Vec<u8>, RbmError> {
        let bits = match (last, &self.logits) {
            (FinalVisible::Sample, _) | (_, None) => self.visible.shallow_clone(),
            (FinalVisible::MostLikely, Some(logits)) => {
                self.held(logits.sigmoid().gt(0.5).to_kind(Kind::Float))
            }
        };
        Ok(Vec::<u8>::try_from(&bits.f_to_kind(Kind::Uint8)?.f_view([-1])?)?)
    }

    /// The logits of p(v | h) of the newest step as the chain was steered, n_chains × n_visible;
    /// held units too have what the model would give them. Empty before the first step.
    pub fn logits(&self) -> Result<Vec<f32>, RbmError> {
        self.logits.as_ref().map_or(Ok(Vec::new()), to_vec)
    }

    /// Free energy of each chain's state, in nats (raw weights).
    pub fn free_energies(&self) -> Result<Vec<f32>, RbmError> {
        Ok(Vec::<f32>::try_from(&self.machine.free_energy(&self.visible))?)
    }

    fn held(&self, free: Tensor) -> Tensor {
        match &self.clamp {
            Some((is_held, values)) => values.where_self(is_held, &free),
            None => free,
        }
    }
}

/// Each chain draws from its own source, always on the processor: a chain is a matter of
/// milliseconds, and being able to repeat one piece out of ten is worth the transfer.
fn sources(seeds: &[u64], stream: Stream, step: u64) -> Vec<RandomSource> {
    seeds.iter().map(|&seed| RandomSource::new(seed, stream, step, Device::Cpu)).collect()
}

fn bernoulli(sources: &mut [RandomSource], probabilities: &Tensor, device: Device) -> Tensor {
    let width = probabilities.size()[1];
    let rows: Vec<Tensor> = sources.iter_mut().map(|source| source.uniforms(&[width])).collect();
    let mut drawn = Tensor::stack(&rows, 0).to_device(device.torch());
    drop(drawn.lt_tensor_(probabilities));
    drawn
}

fn place_states(states: &[u8], shape: [i64; 2], device: Device) -> Result<Tensor, RbmError> {
    let n_visible = shape[1] as usize;
    let n_states = states.len() / n_visible.max(1);
    expect_len("states", states.len(), n_states.max(1) * n_visible)?;
    let mut chosen = Vec::with_capacity(shape[0] as usize * n_visible);
    for chain in 0..shape[0] as usize {
        let first = chain % n_states * n_visible;
        chosen.extend_from_slice(&states[first..first + n_visible]);
    }
    let bits = Tensor::from_slice(&chosen).f_to_device(device.torch())?;
    Ok(bits.f_to_kind(Kind::Float)?.f_view(shape)?)
}
