//! What a knob stands for: its range, how it is spread, written and read. Pure functions.

use std::ops::RangeInclusive;

/// Part of the way that means zero on a knob that is logarithmic but reaches zero.
const ZERO_ZONE: f64 = 0.05;
/// Dragging this far turns a knob from end to end, in points.
const FULL_TRAVEL: f32 = 400.0;
/// Dragging this far moves a knob with few places by one of them, in points.
const PLACE_TRAVEL: f32 = 30.0;
/// One step on a logarithmic knob, in decades.
const DECADE_STEP: f64 = 0.1;
/// Fine movement is slower by this much.
pub const FINE: f64 = 0.1;

/// How the values are spread over the way of a knob.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum KnobScale<'a> {
    /// Evenly, in steps of `step`.
    Linear { step: f64 },
    /// Whole numbers, evenly.
    Integer,
    /// Whole numbers, every doubling as long as the next. The range starts at 1 or above.
    LogarithmicInteger,
    /// Every decade as long as the next. The range starts above 0.
    Logarithmic,
    /// As `Logarithmic`, with zero at the lower end. The range starts at the smallest value
    /// above zero.
    LogarithmicOrZero,
    /// One of these; the value is the place in the list.
    Choice(&'a [&'a str]),
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum KnobFormat {
    /// Four significant digits, as short as they go.
    #[default]
    Short,
    /// Always so many decimals.
    Decimals(u8),
    /// A share of 1, as per cent.
    Percent,
    /// With its sign, for shifts.
    Signed,
}

/// All that a knob knows of the number it turns. A table of settings fills it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnobSpec<'a> {
    pub label: &'a str,
    /// After the number; empty where there is none.
    pub unit: &'a str,
    /// From end to end of the knob.
    pub range: RangeInclusive<f64>,
    /// What may be typed, where that is more than `range`.
    pub typed_range: Option<RangeInclusive<f64>>,
    pub scale: KnobScale<'a>,
    pub default: f64,
    pub format: KnobFormat,
    /// One sentence: what it does.
    pub meaning: &'a str,
    /// The usual range, in words.
    pub usual: &'a str,
    /// What too little looks like.
    pub too_little: &'a str,
    /// What too much looks like.
    pub too_much: &'a str,
}

impl Default for KnobSpec<'_> {
    fn default() -> Self {
        Self {
            label: "",
            unit: "",
            range: 0.0..=1.0,
            typed_range: None,
            scale: KnobScale::Linear { step: 0.01 },
            default: 0.0,
            format: KnobFormat::Short,
            meaning: "",
            usual: "",
            too_little: "",
            too_much: "",
        }
    }
}

impl KnobSpec<'_> {
    pub fn min(&self) -> f64 {
        *self.range.start()
    }

    pub fn max(&self) -> f64 {
        *self.range.end()
    }

    fn is_whole(&self) -> bool {
        matches!(
            self.scale,
            KnobScale::Integer | KnobScale::LogarithmicInteger | KnobScale::Choice(_)
        )
    }

    /// The lowest value that can be turned to.
    pub fn lowest(&self) -> f64 {
        match self.scale {
            KnobScale::LogarithmicOrZero => 0.0,
            _ => self.min(),
        }
    }

    /// Where on its way, from 0 to 1, the knob stands for `value`.
    pub fn position(&self, value: f64) -> f64 {
        let (min, max) = (self.min(), self.max());
        if max <= min || value.is_nan() {
            return 0.0;
        }
        let logarithmic = |value: f64| (value / min).ln() / (max / min).ln();
        let position = match self.scale {
            KnobScale::Linear { .. } | KnobScale::Integer | KnobScale::Choice(_) => {
                (value - min) / (max - min)
            }
            KnobScale::Logarithmic | KnobScale::LogarithmicInteger => logarithmic(value.max(min)),
            KnobScale::LogarithmicOrZero if value <= 0.0 => 0.0,
            KnobScale::LogarithmicOrZero => {
                ZERO_ZONE + (1.0 - ZERO_ZONE) * logarithmic(value.max(min))
            }
        };
        position.clamp(0.0, 1.0)
    }

    /// The value at a place on the way, from 0 to 1, before it is rounded.
    pub fn value_at(&self, position: f64) -> f64 {
        let (min, max) = (self.min(), self.max());
        let position = position.clamp(0.0, 1.0);
        let logarithmic = |position: f64| min * (max / min).powf(position);
        let value = match self.scale {
            KnobScale::Linear { .. } | KnobScale::Integer | KnobScale::Choice(_) => {
                min + (max - min) * position
            }
            KnobScale::Logarithmic | KnobScale::LogarithmicInteger => logarithmic(position),
            KnobScale::LogarithmicOrZero if position < ZERO_ZONE / 2.0 => return 0.0,
            KnobScale::LogarithmicOrZero => {
                logarithmic(((position - ZERO_ZONE) / (1.0 - ZERO_ZONE)).max(0.0))
            }
        };
        value.clamp(min, max)
    }

    /// The nearest value that turning can reach; finer when `is_fine`.
    pub fn rounded(&self, value: f64, is_fine: bool) -> f64 {
        let (lowest, max) = (self.lowest(), self.max());
        let rounded = match self.scale {
            KnobScale::Integer | KnobScale::LogarithmicInteger | KnobScale::Choice(_) => {
                value.round()
            }
            KnobScale::Linear { step } if step > 0.0 => {
                let step = if is_fine { step * FINE } else { step };
                to_decimals((value / step).round() * step)
            }
            KnobScale::Linear { .. } => value,
            KnobScale::Logarithmic | KnobScale::LogarithmicOrZero => {
                significant(value, if is_fine { 3 } else { 2 })
            }
        };
        rounded.clamp(lowest, max)
    }

    /// The value `n_steps` steps up or down.
    pub fn stepped(&self, value: f64, n_steps: f64, is_fine: bool) -> f64 {
        let scale = if is_fine { FINE } else { 1.0 };
        match self.scale {
            KnobScale::Linear { step } => self.rounded(value + n_steps * step * scale, is_fine),
            KnobScale::Integer | KnobScale::Choice(_) => self.rounded(value + n_steps, is_fine),
            KnobScale::LogarithmicInteger => {
                let factor = 10_f64.powf(n_steps * DECADE_STEP * scale);
                let moved = value.max(1.0) * factor;
                let at_least = value + n_steps.signum();
                let moved = if n_steps > 0.0 { moved.max(at_least) } else { moved.min(at_least) };
                self.rounded(significant(moved, if is_fine { 3 } else { 2 }), is_fine)
            }
            KnobScale::LogarithmicOrZero if value <= 0.0 => {
                if n_steps > 0.0 {
                    self.min()
                } else {
                    0.0
                }
            }
            KnobScale::LogarithmicOrZero if value <= self.min() && n_steps < 0.0 => 0.0,
            KnobScale::Logarithmic | KnobScale::LogarithmicOrZero => {
                let moved = value * 10_f64.powf(n_steps * DECADE_STEP * scale);
                self.rounded(moved.max(self.min()), is_fine)
            }
        }
    }

    /// How far to drag for the whole way, in points.
    pub fn travel(&self) -> f32 {
        let n_places = (self.max() - self.min()) as f32;
        match self.scale {
            KnobScale::Integer | KnobScale::Choice(_) => {
                (n_places * PLACE_TRAVEL).clamp(PLACE_TRAVEL, FULL_TRAVEL)
            }
            _ => FULL_TRAVEL,
        }
    }

    /// The value with its unit.
    pub fn text(&self, value: f64) -> String {
        let number = self.number(value);
        match (self.unit, self.scale) {
            ("", _) | (_, KnobScale::Choice(_)) => number,
            (unit, _) => format!("{number} {unit}"),
        }
    }

    /// The value without its unit, unless that is short.
    pub fn short_text(&self, value: f64) -> String {
        if self.unit.chars().count() <= 2 { self.text(value) } else { self.number(value) }
    }

    fn number(&self, value: f64) -> String {
        if let KnobScale::Choice(names) = self.scale {
            return names
                .get(value.round().max(0.0) as usize)
                .map_or_else(|| "?".to_owned(), |&name| name.to_owned());
        }
        match self.format {
            KnobFormat::Percent => format!("{} %", short(to_decimals(value * 100.0))),
            KnobFormat::Decimals(n) => format!("{value:.*}", usize::from(n)),
            KnobFormat::Signed if value > 0.0 => format!("+{}", self.plain(value)),
            KnobFormat::Signed if value < 0.0 => format!("\u{2212}{}", self.plain(-value)),
            KnobFormat::Signed => format!("±{}", self.plain(0.0)),
            KnobFormat::Short => self.plain(value),
        }
    }

    fn plain(&self, value: f64) -> String {
        if self.is_whole() { format!("{value:.0}") } else { short(value) }
    }

    /// Reads what a person typed. Commas stand for points, the unit may follow, a share may be
    /// given as per cent. The number is brought into what may be typed.
    ///
    /// # Errors
    /// A sentence that says what to type instead.
    pub fn parse(&self, typed: &str) -> Result<f64, String> {
        let text = typed.trim();
        if let KnobScale::Choice(names) = self.scale
            && let Some(place) = choice(names, text)
        {
            return Ok(place as f64);
        }
        let (number, is_percent) = self.without_unit(text);
        let number =
            number.replace(',', ".").replace('\u{2212}', "-").replace(['±', ' ', '\u{a0}'], "");
        let value: f64 = number
            .parse()
            .ok()
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| self.advice())?;
        let is_share = is_percent || self.format == KnobFormat::Percent;
        let value = if is_share { value / 100.0 } else { value };
        let value = if self.is_whole() { value.round() } else { value };
        Ok(self.within(value))
    }

    /// The nearest value that may be typed or set from outside.
    pub fn within(&self, value: f64) -> f64 {
        let range = self.typed_range.as_ref().unwrap_or(&self.range);
        let lowest = range.start().min(self.lowest());
        match self.scale {
            KnobScale::LogarithmicOrZero if value <= 0.0 => 0.0,
            _ => value.clamp(lowest, *range.end()),
        }
    }

    fn without_unit<'t>(&self, text: &'t str) -> (&'t str, bool) {
        let text = text
            .len()
            .checked_sub(self.unit.len())
            .filter(|&at| !self.unit.is_empty() && text.is_char_boundary(at))
            .filter(|&at| text[at..].eq_ignore_ascii_case(self.unit))
            .map_or(text, |at| text[..at].trim_end());
        match text.strip_suffix('%') {
            Some(number) => (number.trim_end(), true),
            None => (text, false),
        }
    }

    fn advice(&self) -> String {
        match self.scale {
            KnobScale::Choice(names) => format!("Type one of: {}.", names.join(", ")),
            _ => format!(
                "Type a number from {} to {}, for example {}.",
                self.text(self.lowest()),
                self.text(self.max()),
                self.text(self.default)
            ),
        }
    }
}

fn choice(names: &[&str], text: &str) -> Option<usize> {
    let wanted = text.to_lowercase();
    let is_start = |name: &&str| name.to_lowercase().starts_with(&wanted);
    if wanted.is_empty() {
        return None;
    }
    names
        .iter()
        .position(|name| name.to_lowercase() == wanted)
        .or_else(|| names.iter().position(is_start))
        .or_else(|| wanted.parse().ok().filter(|&place| place < names.len()))
}

/// Takes away the dust of binary fractions.
fn to_decimals(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Rounded to so many significant digits.
fn significant(value: f64, n_digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    let exponent = n_digits - 1 - value.abs().log10().floor() as i32;
    // Dividing by a whole power keeps 0.3 what it is, multiplying by a fraction does not.
    if exponent >= 0 {
        let power = 10_f64.powi(exponent);
        (value * power).round() / power
    } else {
        let power = 10_f64.powi(-exponent);
        (value / power).round() * power
    }
}

/// Four significant digits, as short as they go: 0.005, 12.5, 1e-4, 1024.
fn short(value: f64) -> String {
    let rounded = if value.abs() >= 1000.0 { value.round() } else { significant(value, 4) };
    if rounded != 0.0 && rounded.abs() < 0.001 {
        format!("{rounded:e}")
    } else {
        format!("{rounded}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: KnobSpec<'_> = KnobSpec {
        label: "Learn rate",
        unit: "",
        range: 1e-4..=1.0,
        typed_range: None,
        scale: KnobScale::Logarithmic,
        default: 0.05,
        format: KnobFormat::Short,
        meaning: "",
        usual: "",
        too_little: "",
        too_much: "",
    };

    fn with(scale: KnobScale<'static>, range: RangeInclusive<f64>) -> KnobSpec<'static> {
        KnobSpec { range, scale, ..RATE }
    }

    fn scales() -> [KnobSpec<'static>; 6] {
        [
            with(KnobScale::Linear { step: 0.05 }, -1.0..=3.0),
            with(KnobScale::Integer, 0.0..=200.0),
            with(KnobScale::LogarithmicInteger, 1.0..=4096.0),
            RATE,
            with(KnobScale::LogarithmicOrZero, 1e-6..=0.1),
            with(KnobScale::Choice(&["Silence", "Noise", "Song"]), 0.0..=2.0),
        ]
    }

    #[test]
    fn numbers_are_written_short() {
        let cases = [
            (0.005, "0.005"),
            (1e-4, "1e-4"),
            (2.5e-4, "2.5e-4"),
            (0.5, "0.5"),
            (0.0, "0"),
            (1.0, "1"),
            (0.063, "0.063"),
            (12.34567, "12.35"),
        ];
        for (value, text) in cases {
            assert_eq!(RATE.text(value), text);
        }
        let share = KnobSpec { format: KnobFormat::Percent, ..RATE };
        assert_eq!(share.text(0.1), "10 %");
        let shift = KnobSpec { format: KnobFormat::Signed, ..with(KnobScale::Integer, -6.0..=6.0) };
        assert_eq!(shift.text(0.0), "±0");
        assert_eq!(shift.text(-3.0), "−3");
        assert_eq!(shift.text(2.0), "+2");
    }

    #[test]
    fn what_people_type_is_read() {
        let beats = KnobSpec { unit: "bpm", ..with(KnobScale::Integer, 20.0..=300.0) };
        assert_eq!(beats.parse("120"), Ok(120.0));
        assert_eq!(beats.parse(" 120 BPM "), Ok(120.0));
        assert_eq!(beats.parse("1000"), Ok(300.0));
        assert_eq!(RATE.parse("1e-4"), Ok(1e-4));
        assert_eq!(RATE.parse("0,05"), Ok(0.05));
        assert_eq!(RATE.parse("5%"), Ok(0.05));
        let share = KnobSpec {
            format: KnobFormat::Percent,
            ..with(KnobScale::Linear { step: 0.01 }, 0.0..=0.5)
        };
        for typed in ["10", "10%", "10 %", "10,0 %"] {
            assert_eq!(share.parse(typed), Ok(0.1));
        }
        for typed in ["", "fast", "nan", "inf", "1e999", "%", "é"] {
            assert!(RATE.parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn a_choice_is_read_by_its_name_or_the_start_of_it() {
        let start = &scales()[5];
        assert_eq!(start.text(1.0), "Noise");
        assert_eq!(start.parse("noise"), Ok(1.0));
        assert_eq!(start.parse("so"), Ok(2.0));
        assert!(start.parse("x").is_err());
    }

    #[test]
    fn typing_may_go_beyond_the_knob_where_that_is_allowed() {
        let wide = KnobSpec { typed_range: Some(1e-6..=10.0), ..RATE };
        assert_eq!(wide.parse("5"), Ok(5.0));
        assert_eq!(wide.position(5.0), 1.0);
        assert_eq!(wide.parse("50"), Ok(10.0));
    }

    #[test]
    fn a_logarithmic_knob_that_reaches_zero_steps_onto_it_and_off_it() {
        let decay = &scales()[4];
        assert_eq!(decay.stepped(1e-6, -1.0, false), 0.0);
        assert_eq!(decay.stepped(0.0, 1.0, false), 1e-6);
        assert_eq!(decay.stepped(0.0, -1.0, false), 0.0);
        assert_eq!(decay.value_at(0.0), 0.0);
        assert_eq!(decay.parse("0"), Ok(0.0));
    }

    #[test]
    fn a_step_up_and_a_step_down_return() {
        for value in [0.005, 0.05, 0.5, 0.01, 1e-3] {
            let up = RATE.stepped(value, 1.0, false);
            assert!(up > value);
            assert_eq!(RATE.stepped(up, -1.0, false), value);
        }
    }

    proptest! {
        #[test]
        fn every_place_on_the_way_gives_a_value_in_range_that_stands_there(
            which in 0_usize..6, position in 0.0_f64..=1.0
        ) {
            let spec = &scales()[which];
            let value = spec.value_at(position);
            prop_assert!(value >= spec.lowest() && value <= spec.max());
            if value > 0.0 || which != 4 {
                let off = (spec.position(value) - position).abs();
                prop_assert!(off < 1e-9 || (which == 4 && position < ZERO_ZONE));
            }
            for is_fine in [false, true] {
                let rounded = spec.rounded(value, is_fine);
                prop_assert!(rounded >= spec.lowest() && rounded <= spec.max());
                prop_assert_eq!(spec.rounded(rounded, is_fine), rounded);
            }
        }

        #[test]
        fn position_never_falls_as_the_value_rises(
            which in 0_usize..6, a in 0.0_f64..=1.0, b in 0.0_f64..=1.0
        ) {
            let spec = &scales()[which];
            let (low, high) = (spec.value_at(a.min(b)), spec.value_at(a.max(b)));
            prop_assert!(low <= high);
            prop_assert!(spec.position(low) <= spec.position(high));
        }

        #[test]
        fn what_is_written_is_read_again(which in 0_usize..6, position in 0.0_f64..=1.0) {
            let spec = &scales()[which];
            let value = spec.rounded(spec.value_at(position), true);
            let read = spec.parse(&spec.text(value));
            prop_assert!(read.is_ok());
            prop_assert!((read.unwrap_or(f64::NAN) - value).abs() <= value.abs() * 1e-9 + 1e-12);
        }

        #[test]
        fn a_step_moves_the_right_way_and_stays_in_range(
            which in 0_usize..6, position in 0.0_f64..=1.0, steps in -10_i32..=10, fine: bool
        ) {
            let spec = &scales()[which];
            let value = spec.rounded(spec.value_at(position), fine);
            let moved = spec.stepped(value, f64::from(steps), fine);
            prop_assert!(moved >= spec.lowest() && moved <= spec.max());
            match steps {
                0 => prop_assert!((moved - value).abs() <= value.abs() * 0.06 + 1e-12),
                s if s > 0 => prop_assert!(moved > value || value >= spec.max() - 1e-12),
                _ => prop_assert!(moved < value || value <= spec.lowest() + 1e-12),
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,12}") {
            for spec in scales() {
                if let Ok(value) = spec.parse(&text) {
                    prop_assert!(value.is_finite());
                }
            }
        }
    }
}
