//! Changes a JSON document so that it stays one: numbers at their ends, lists that are empty or long, fields that are
//! missing, new or of another kind.

use serde_json::{Value, json};

use super::dice::Dice;

const NUMBERS: [f64; 14] = [
    0.0,
    -0.0,
    0.5,
    -1.0,
    1.0,
    2.0,
    96.0,
    97.0,
    255.0,
    256.0,
    1e-300,
    1e300,
    9_007_199_254_740_993.0,
    -1e19,
];
const WHOLE: [u64; 13] = [
    0,
    1,
    3,
    127,
    128,
    4096,
    65_535,
    99_999,
    100_001,
    u32::MAX as u64,
    i64::MAX as u64,
    i64::MAX as u64 + 1,
    u64::MAX,
];
const WORDS: [&str; 8] =
    ["", "0", "nan", "..", "/../a.mid", "\u{0}", "\u{202e}\u{1F3B5}", "musical"];
/// A list is made so many times as long.
const LONGER: usize = 20;
/// And no longer than this.
const MOST_ITEMS: usize = 2000;

/// One change, at a place that is found from the top: what stands there often holds more than what lies deep.
pub fn change(document: &mut Value, dice: &mut Dice) {
    let donor = some_part(document, dice).clone();
    let mut place = document;
    while has_parts(place) && !dice.is_one_in(4) {
        place = match place {
            Value::Array(items) => {
                let at = dice.below(items.len());
                &mut items[at]
            }
            Value::Object(fields) => {
                let at = dice.below(fields.len());
                fields.values_mut().nth(at).expect("it was counted")
            }
            _ => unreachable!("it has parts"),
        };
    }
    change_here(place, donor, dice);
}

fn has_parts(value: &Value) -> bool {
    match value {
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        _ => false,
    }
}

fn some_part<'a>(document: &'a Value, dice: &mut Dice) -> &'a Value {
    let mut place = document;
    while has_parts(place) && !dice.is_one_in(3) {
        place = match place {
            Value::Array(items) => dice.pick(items),
            Value::Object(fields) => {
                fields.values().nth(dice.below(fields.len())).expect("it was counted")
            }
            _ => unreachable!("it has parts"),
        };
    }
    place
}

fn change_here(place: &mut Value, donor: Value, dice: &mut Dice) {
    match place {
        Value::Array(items) if !dice.is_one_in(8) => change_items(items, donor, dice),
        Value::Object(fields) if !dice.is_one_in(8) => match dice.below(3) {
            0 if !fields.is_empty() => {
                let name =
                    fields.keys().nth(dice.below(fields.len())).expect("it was counted").clone();
                fields.remove(&name);
            }
            1 => drop(fields.insert(format!("later{}", dice.below(3)), donor)),
            _ => {
                let name = fields.keys().nth(dice.below(fields.len())).cloned();
                drop(name.map(|name| fields.insert(name, donor)));
            }
        },
        Value::Number(number) if !dice.is_one_in(8) => {
            let whole = number.as_u64();
            *place = match dice.below(4) {
                0 => json!(NUMBERS[dice.below(NUMBERS.len())]),
                1 => json!(whole.map(|n| n.wrapping_add(1))),
                2 => json!(whole.map(|n| n.saturating_sub(1))),
                _ => json!(WHOLE[dice.below(WHOLE.len())]),
            };
        }
        Value::String(text) if !dice.is_one_in(8) => match dice.below(3) {
            0 => text.clear(),
            1 => text.push_str(WORDS[dice.below(WORDS.len())]),
            _ => WORDS[dice.below(WORDS.len())].clone_into(text),
        },
        Value::Bool(bit) if !dice.is_one_in(8) => *bit = !*bit,
        _ => {
            *place = match dice.below(6) {
                0 => Value::Null,
                1 => json!(WHOLE[dice.below(WHOLE.len())]),
                2 => json!(NUMBERS[dice.below(NUMBERS.len())]),
                3 => json!(WORDS[dice.below(WORDS.len())]),
                _ => donor,
            };
        }
    }
}

fn change_items(items: &mut Vec<Value>, donor: Value, dice: &mut Dice) {
    let at = dice.below(items.len());
    match dice.below(6) {
        0 => items.clear(),
        1 if !items.is_empty() => drop(items.remove(at)),
        2 if !items.is_empty() => items.push(items[at].clone()),
        3 if !items.is_empty() => {
            let n = (items.len() * LONGER).min(MOST_ITEMS);
            *items = items.iter().cloned().cycle().take(n).collect();
        }
        4 if !items.is_empty() => {
            let other = dice.below(items.len());
            items.swap(at, other);
        }
        _ => items.push(donor),
    }
}
