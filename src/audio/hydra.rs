//! The nine tables of a SoundFont (its "hydra"): presets, instruments, samples and how they hang
//! together. Reads and checks them; see `soundfont_check` for the rules with a hidden reason.

use super::soundfont_check::FontDefect;

/// What a checked SoundFont holds.
#[derive(Clone, Debug)]
pub(super) struct FontContents {
    pub(super) name: String,
    pub(super) presets: Vec<FontPreset>,
    pub(super) samples: Vec<SampleHeader>,
    /// Names with other bytes than ASCII, and where they stand in the file.
    pub(super) odd_names: Vec<(u64, FontName)>,
}

pub(super) type FontName = [u8; 20];

/// An instrument that a SoundFont offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FontPreset {
    pub bank: u16,
    pub program: u16,
    pub name: String,
}

#[derive(Clone, Debug)]
pub(super) struct SampleHeader {
    pub(super) name: String,
    /// In frames, or in bytes where compressed.
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) rate: u32,
    kind: u16,
}

const MONO_RIGHT_LEFT_OR_LINKED: u16 = 0x0f;
const COMPRESSED: u16 = 0x10;
const IN_ROM: u16 = 0x8000;

impl SampleHeader {
    pub(super) fn is_compressed(&self) -> bool {
        self.kind & COMPRESSED != 0
    }

    pub(super) fn is_in_rom(&self) -> bool {
        self.kind & IN_ROM != 0
    }

    pub(super) fn has_known_kind(&self) -> bool {
        self.kind & !(MONO_RIGHT_LEFT_OR_LINKED | COMPRESSED | IN_ROM) == 0
    }
}

/// Fixed-size text of a SoundFont, up to its first zero byte.
pub(super) fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).trim().to_owned()
}

const INSTRUMENT: u16 = 41;
const KEY_RANGE: u16 = 43;
const VELOCITY_RANGE: u16 = 44;
const SAMPLE: u16 = 53;
const LAST_GENERATOR: u16 = 58;
/// FluidLite's generators and its own two beyond the standard.
const DESTINATIONS: u16 = 60;
const MOST_MODULATORS: usize = 64;

/// One of the nine tables: records of equal size.
struct Table<'a> {
    name: &'static str,
    bytes: &'a [u8],
    record_size: usize,
    file_place: u64,
}

impl<'a> Table<'a> {
    /// Takes the next table off the front of `rest`.
    fn take(
        rest: &mut &'a [u8],
        name: &'static str,
        record_size: usize,
    ) -> Result<Self, FontDefect> {
        let missing = FontDefect::MissingChunk { expected: name };
        let (header, after) = rest.split_at_checked(8).ok_or(missing.clone())?;
        if !header.starts_with(name.as_bytes()) {
            return Err(missing);
        }
        let size = u32::from_le_bytes([header[4], header[5], header[6], header[7]]) as usize;
        let (bytes, after) = after
            .split_at_checked(size)
            .filter(|_| size.is_multiple_of(record_size))
            .ok_or_else(|| FontDefect::ChunkSize { chunk: name.into() })?;
        *rest = after;
        Ok(Self { name, bytes, record_size, file_place: 0 })
    }

    fn len(&self) -> usize {
        self.bytes.len() / self.record_size
    }

    /// Number of records before the one that ends the table.
    fn entries(&self) -> usize {
        self.len().saturating_sub(1)
    }

    fn record(&self, index: usize) -> &'a [u8] {
        &self.bytes[index * self.record_size..][..self.record_size]
    }

    fn u16(&self, index: usize, offset: usize) -> u16 {
        let record = self.record(index);
        u16::from_le_bytes([record[offset], record[offset + 1]])
    }

    fn u32(&self, index: usize, offset: usize) -> u32 {
        let record = &self.record(index)[offset..];
        u32::from_le_bytes([record[0], record[1], record[2], record[3]])
    }

    fn index(&self, record: usize, offset: usize) -> usize {
        usize::from(self.u16(record, offset))
    }

    fn name_of(&self, record: usize) -> String {
        text(&self.record(record)[..20])
    }

    /// The names that are not ASCII, with their places in the file.
    fn odd_names(&self) -> impl Iterator<Item = (u64, FontName)> {
        (0..self.len()).filter_map(|record| {
            let name = FontName::try_from(&self.record(record)[..20]).ok()?;
            let place = self.file_place + (record * self.record_size) as u64;
            (!name.is_ascii()).then_some((place, name))
        })
    }

    /// The indices at `offset` start at 0, never fall and end at one of `ends`.
    fn check_indices(&self, offset: usize, ends: &[usize]) -> Result<(), FontDefect> {
        let mut last = 0;
        for record in 0..self.len() {
            let index = self.index(record, offset);
            let fits = match record {
                0 => index == 0,
                _ => index >= last,
            };
            if !fits || (record + 1 == self.len() && !ends.contains(&index)) {
                let table = self.name;
                return Err(FontDefect::Index { table, record });
            }
            last = index;
        }
        Ok(())
    }
}

/// Presets or instruments, with their zones and what the zones hold.
struct Layer<'a> {
    kind: &'static str,
    headers: Table<'a>,
    zones: Table<'a>,
    modulators: Table<'a>,
    generators: Table<'a>,
    zone_index_offset: usize,
    /// The generator that names what a zone plays, and the one that belongs to the other layer.
    target: u16,
    foreign: u16,
}

/// Checks the tables, which start at `file_place` of the file.
pub(super) fn check_tables(
    bytes: &[u8],
    file_place: u64,
    name: String,
) -> Result<FontContents, FontDefect> {
    let mut rest = bytes;
    let mut table = |name, record_size| {
        let mut table = Table::take(&mut rest, name, record_size)?;
        let offset = bytes.len() - rest.len() - table.bytes.len();
        table.file_place = file_place + offset as u64;
        Ok::<_, FontDefect>(table)
    };
    let presets = Layer {
        kind: "preset",
        headers: table("phdr", 38)?,
        zones: table("pbag", 4)?,
        modulators: table("pmod", 10)?,
        generators: table("pgen", 4)?,
        zone_index_offset: 24,
        target: INSTRUMENT,
        foreign: SAMPLE,
    };
    let instruments = Layer {
        kind: "instrument",
        headers: table("inst", 22)?,
        zones: table("ibag", 4)?,
        modulators: table("imod", 10)?,
        generators: table("igen", 4)?,
        zone_index_offset: 20,
        target: SAMPLE,
        foreign: INSTRUMENT,
    };
    let samples = table("shdr", 46)?;
    presets.check(instruments.headers.entries())?;
    instruments.check(samples.entries())?;
    if samples.entries() == 0 {
        return Err(FontDefect::Empty("samples"));
    }
    Ok(FontContents {
        name,
        presets: presets_of(&presets.headers),
        samples: (0..samples.entries()).map(|i| sample_header(&samples, i)).collect(),
        odd_names: [&presets.headers, &instruments.headers, &samples]
            .into_iter()
            .flat_map(Table::odd_names)
            .collect(),
    })
}

fn presets_of(headers: &Table<'_>) -> Vec<FontPreset> {
    (0..headers.entries())
        .map(|i| FontPreset {
            program: headers.u16(i, 20),
            bank: headers.u16(i, 22),
            name: headers.name_of(i),
        })
        .collect()
}

fn sample_header(samples: &Table<'_>, index: usize) -> SampleHeader {
    SampleHeader {
        name: samples.name_of(index),
        start: u64::from(samples.u32(index, 20)),
        end: u64::from(samples.u32(index, 24)),
        rate: samples.u32(index, 36),
        kind: samples.u16(index, 44),
    }
}

impl Layer<'_> {
    /// `targets` is the number of instruments or samples that the zones can name.
    fn check(&self, targets: usize) -> Result<(), FontDefect> {
        if self.headers.entries() == 0 {
            return Err(FontDefect::Empty(self.kind));
        }
        if self.zones.len() == 0 {
            return Err(FontDefect::Empty("zones"));
        }
        self.headers.check_indices(self.zone_index_offset, &[self.zones.entries()])?;
        // Some fonts leave the ending record of these two tables out, and FluidLite reads them.
        self.zones.check_indices(0, &[self.generators.entries(), self.generators.len()])?;
        self.zones.check_indices(2, &[self.modulators.entries(), self.modulators.len()])?;
        for owner in 0..self.headers.entries() {
            self.check_owner(owner, targets).map_err(|problem| FontDefect::Zone {
                owner: format!("{} {}", self.kind, self.headers.name_of(owner)),
                problem,
            })?;
        }
        Ok(())
    }

    fn check_owner(&self, owner: usize, targets: usize) -> Result<(), &'static str> {
        let first = self.headers.index(owner, self.zone_index_offset);
        let end = self.headers.index(owner + 1, self.zone_index_offset);
        let mut global_modulators = 0;
        for zone in first..end {
            let has_target = self.check_generators(zone, targets)?;
            let modulators = self.check_modulators(zone)?;
            if !has_target && zone > first {
                return Err("has a part that plays nothing");
            }
            if !has_target {
                global_modulators = modulators;
            } else if global_modulators + modulators > MOST_MODULATORS {
                return Err("has more modulators than the synthesiser can hold");
            }
        }
        if global_modulators > MOST_MODULATORS {
            return Err("has more modulators than the synthesiser can hold");
        }
        Ok(())
    }

    /// Whether the zone names what it plays, as its last generator.
    fn check_generators(&self, zone: usize, targets: usize) -> Result<bool, &'static str> {
        let (first, end) = (self.zones.index(zone, 0), self.zones.index(zone + 1, 0));
        let mut before = None;
        for record in first..end {
            let generator = self.generators.u16(record, 0);
            let amount = self.generators.u16(record, 2);
            if generator > LAST_GENERATOR || generator == self.foreign {
                return Err("has a setting that does not exist");
            }
            if generator == self.target {
                let is_last = record + 1 == end;
                if !is_last || usize::from(amount) >= targets {
                    return Err("names a sound that is not there");
                }
                return Ok(true);
            }
            if generator == KEY_RANGE || generator == VELOCITY_RANGE {
                let [low, high] = amount.to_le_bytes();
                let in_place =
                    before.is_none() || (generator == VELOCITY_RANGE && before == Some(KEY_RANGE));
                if low > high || !in_place {
                    return Err("has a range of keys or velocities that makes no sense");
                }
            }
            before = Some(generator);
        }
        Ok(false)
    }

    /// The number of modulators of a zone.
    fn check_modulators(&self, zone: usize) -> Result<usize, &'static str> {
        let (first, end) = (self.zones.index(zone, 2), self.zones.index(zone + 1, 2));
        for record in first..end {
            if self.modulators.u16(record, 2) & 0xff >= DESTINATIONS {
                return Err("has a modulator without a destination");
            }
        }
        Ok(end - first)
    }
}
