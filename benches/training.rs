//! Harmonium's side of benches/peers/training.py and benches/peers/report.py, which `make bench` runs.
//!
//! ```text
//! training --bench export FOLDER FILE.npy                 the excerpts of a folder, for the peers
//! training --bench learn FOLDER ALGORITHM HIDDEN THREADS  a round is one pass over 12 800 excerpts
//! training --bench report FOLDER EPOCHS THREADS           a round is the Report preset's run
//! ```
//!
//! The excerpts are those of the reference encoding: 2 340 visible units. A worker prepares its data, then
//! does a round for each line on stdin and answers with the items and its wall time.
#![expect(clippy::print_stdout, reason = "a bench talks to a terminal")]

use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use anyhow::{Context as _, bail};
use harmonium::dataset::{Dataset, EncodingSettings, import};
use harmonium::engine::ThreadChoice;
use harmonium::rbm::{
    Algorithm, Device, EpochOrder, ExcerptStore, InitialWeights, Initialisation, Learner,
    LearningRule, Machine, Rates, Statistics, set_thread_count, share_among_threads, thread_count,
};
use harmonium::train::Preset;

const BATCH: usize = 100;
const TILED: usize = 12_800;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["export", folder, file] => export(&dataset(folder)?, file),
        ["learn", folder, algorithm, hidden, threads] => {
            set_thread_count(threads.parse()?);
            let mut run = Run::tiled(&dataset(folder)?, rule(algorithm)?, hidden.parse()?)?;
            serve(|| run.pass())
        }
        ["report", folder, epochs, threads] => {
            set_thread_count(threads.parse()?);
            let (dataset, epochs) = (dataset(folder)?, epochs.parse()?);
            serve(|| Run::report(&dataset)?.epochs(epochs))
        }
        // `cargo test --all-targets` runs this too: building it is all that is asked.
        _ => Ok(()),
    }
}

fn dataset(folder: &str) -> anyhow::Result<Dataset> {
    let settings = EncodingSettings::reference();
    let songs = import(&[folder.into()], &settings, &()).songs;
    Dataset::build(&songs, &settings).with_context(|| format!("no excerpts in {folder}"))
}

/// One byte of 0 or 1 a visible unit, in NumPy's format 1.0.
fn export(dataset: &Dataset, file: &str) -> anyhow::Result<()> {
    let (n_excerpts, n_visible) = (dataset.training.len(), dataset.n_visible());
    let mut header = format!(
        "{{'descr': '|u1', 'fortran_order': False, 'shape': ({n_excerpts}, {n_visible}), }}"
    );
    // The data begins at a multiple of 64 bytes; ten stand before the header.
    let length = (10 + header.len() + 1).next_multiple_of(64) - 10;
    header = format!("{header:<width$}\n", width = length - 1);
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((length as u16).to_le_bytes());
    bytes.extend(header.bytes());
    for &excerpt in &dataset.training {
        bytes.extend(dataset.visible(excerpt));
    }
    std::fs::write(file, bytes).with_context(|| format!("cannot write {file}"))?;
    println!("{n_excerpts} excerpts of {n_visible} units in {file}");
    Ok(())
}

fn rule(algorithm: &str) -> anyhow::Result<LearningRule> {
    use Algorithm::{ContrastiveDivergence as Cd, PersistentContrastiveDivergence as Pcd};
    let (algorithm, statistics, is_centered) = match algorithm {
        "cd_samples" => (Cd, Statistics::Samples, false),
        "cd_probabilities" => (Cd, Statistics::Probabilities, false),
        "pcd" => (Pcd, Statistics::Probabilities, false),
        "pcd_centered" => (Pcd, Statistics::Probabilities, true),
        _ => bail!("there is no algorithm {algorithm} here"),
    };
    Ok(LearningRule { algorithm, statistics, n_chains: 100, n_temperatures: 10, is_centered })
}

/// A learner with what it learns from.
struct Run {
    machine: Machine,
    learner: Learner,
    store: ExcerptStore,
    order: EpochOrder,
    /// Start and length of each batch of a pass.
    batches: Vec<(usize, usize)>,
    updates: u64,
    threads: ThreadChoice,
}

impl Run {
    /// One pass is 12 800 excerpts, the data set's over and over; biases start from the data.
    fn tiled(dataset: &Dataset, rule: LearningRule, n_hidden: usize) -> anyhow::Result<Self> {
        let order: Vec<i64> = (0..dataset.training.len() as i64).cycle().take(TILED).collect();
        let batches = (0..TILED).step_by(BATCH).map(|start| (start, BATCH)).collect();
        Self::new(dataset, rule, n_hidden, true, &order, batches)
    }

    /// The Report preset: batches within a song, the first excerpt of each left out.
    fn report(dataset: &Dataset) -> anyhow::Result<Self> {
        let preset = Preset::Report.settings();
        let (mut order, mut batches) = (Vec::new(), Vec::new());
        let songs = dataset.training.chunk_by(|a, b| a.song == b.song);
        let mut number = 0;
        for song in songs {
            for batch in song[1..].chunks(preset.batch_size) {
                batches.push((order.len(), batch.len()));
                order.extend((1..=batch.len()).map(|n| (number + n) as i64));
                number += batch.len();
            }
            number += 1;
        }
        Self::new(dataset, preset.rule(), preset.hidden_units, false, &order, batches)
    }

    fn new(
        dataset: &Dataset,
        rule: LearningRule,
        n_hidden: usize,
        biases_from_data: bool,
        order: &[i64],
        batches: Vec<(usize, usize)>,
    ) -> anyhow::Result<Self> {
        let visible_means = dataset.visible_means();
        let start = Initialisation {
            n_visible: dataset.n_visible(),
            n_hidden,
            weights: InitialWeights::Intended,
            visible_means: biases_from_data.then_some(&visible_means),
            seed: 1,
        };
        let machine = Machine::new(&start, Device::Cpu)?;
        let learner = Learner::new(&machine, rule, &visible_means, 1)?;
        let first_rows: Vec<u32> = dataset.training.iter().map(|e| e.first_row).collect();
        let store = ExcerptStore::new(
            dataset.rows.words(),
            dataset.row_width,
            dataset.steps_per_excerpt,
            &first_rows,
            Device::Cpu,
        )?;
        let order = store.order(order);
        let threads = ThreadChoice::new(thread_count());
        Ok(Self { machine, learner, store, order, batches, updates: 0, threads })
    }

    /// Goes through all batches once; says how many excerpts they had.
    fn pass(&mut self) -> anyhow::Result<usize> {
        // The Report preset's.
        let rates = Rates::plain(0.005);
        for &(start, count) in &self.batches {
            let batch = (&self.order, start, count);
            share_among_threads(self.threads.threads() > 1);
            let begin = Instant::now();
            self.learner.update(&mut self.machine, &self.store, batch, &rates, self.updates)?;
            self.threads.note(begin.elapsed());
            self.updates += 1;
        }
        Ok(self.batches.iter().map(|batch| batch.1).sum())
    }

    /// So many passes; says how many updates they were.
    fn epochs(mut self, epochs: usize) -> anyhow::Result<usize> {
        for _ in 0..epochs {
            self.pass()?;
        }
        Ok(self.updates as usize)
    }
}

/// Does a round for each line "go" on stdin; `work` says how many items it went through.
fn serve(mut work: impl FnMut() -> anyhow::Result<usize>) -> anyhow::Result<()> {
    println!("{{\"ready\": true}}");
    for line in std::io::stdin().lock().lines() {
        if line?.trim() != "go" {
            break;
        }
        let start = Instant::now();
        let items = work()?;
        let seconds = start.elapsed().as_secs_f64();
        println!("{{\"items\": {items}, \"seconds\": {seconds}}}");
        std::io::stdout().flush()?;
    }
    Ok(())
}
