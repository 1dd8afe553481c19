//! What a later Harmonium wrote into a document and this one does not know: kept, and put back
//! where it stood.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Map, Value};

/// By which fields the objects of a list are known again: songs, runs, pieces, epochs, tracks.
const IDENTITY: [&str; 7] = ["path", "name", "seed", "run", "title", "key", "epoch"];

/// The unknown fields of an object and of what lies in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnknownFields {
    /// Of the object itself.
    fields: Map<String, Value>,
    /// Of objects that lie in a field.
    within: BTreeMap<String, UnknownFields>,
    /// Of objects that lie in a list; each with what it is known by.
    items: BTreeMap<String, Vec<(String, UnknownFields)>>,
}

impl FromIterator<(String, Value)> for UnknownFields {
    fn from_iter<T: IntoIterator<Item = (String, Value)>>(fields: T) -> Self {
        Self { fields: fields.into_iter().collect(), ..Self::default() }
    }
}

impl UnknownFields {
    /// An unknown field of the document itself.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.within.is_empty() && self.items.is_empty()
    }

    /// What stands in `read` and not in `known`, which is the same document once it was understood
    /// and written again.
    pub(super) fn between(read: &Value, known: &Value) -> Self {
        let mut unknown = Self::default();
        let (Value::Object(read), Value::Object(known)) = (read, known) else { return unknown };
        for (name, value) in read {
            match known.get(name) {
                // What says nothing is left out when it is written.
                None if says_nothing(value) => {}
                None => drop(unknown.fields.insert(name.clone(), value.clone())),
                Some(known @ Value::Object(_)) => {
                    let within = Self::between(value, known);
                    if !within.is_empty() {
                        unknown.within.insert(name.clone(), within);
                    }
                }
                Some(Value::Array(known)) => {
                    let items = items_between(value, known);
                    if !items.is_empty() {
                        unknown.items.insert(name.clone(), items);
                    }
                }
                Some(_) => {}
            }
        }
        unknown
    }

    /// Puts everything back that still has a place. What this version wrote stays as it is.
    pub(super) fn put_into(&self, document: &mut Value) {
        let Value::Object(document) = document else { return };
        for (name, value) in &self.fields {
            document.entry(name).or_insert_with(|| value.clone());
        }
        for (name, within) in &self.within {
            if let Some(value) = document.get_mut(name) {
                within.put_into(value);
            }
        }
        for (name, items) in &self.items {
            if let Some(Value::Array(values)) = document.get_mut(name) {
                put_into_items(items, values);
            }
        }
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        _ => false,
    }
}

fn items_between(read: &Value, known: &[Value]) -> Vec<(String, UnknownFields)> {
    let read = read.as_array().map_or(&[][..], Vec::as_slice);
    let pairs = read.iter().zip(known).filter(|(read, _)| read.is_object());
    let unknown = pairs.map(|(read, known)| (known, UnknownFields::between(read, known)));
    let unknown = unknown.filter(|(_, unknown)| !unknown.is_empty());
    unknown.map(|(known, unknown)| (identity(known), unknown)).collect()
}

/// Objects of the same identity get theirs in their order.
fn put_into_items(items: &[(String, UnknownFields)], values: &mut [Value]) {
    let mut places: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (place, value) in values.iter().enumerate() {
        places.entry(identity(value)).or_default().push_back(place);
    }
    for (identity, unknown) in items {
        if let Some(place) = places.get_mut(identity).and_then(VecDeque::pop_front) {
            unknown.put_into(&mut values[place]);
        }
    }
}

fn identity(value: &Value) -> String {
    let part = |name| value.get(name).map(|value| format!("{name}={value}"));
    IDENTITY.into_iter().filter_map(part).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unknown_fields_come_back_wherever_their_objects_went() {
        let read = json!({
            "version": 1, "later": [1], "nothing": null, "none": [],
            "settings": {"rate": 0.1, "encoding": {"pitches": 3, "colour": "red"}},
            "songs": [{"path": "a", "n": 1}, {"path": "b", "n": 2, "mood": "calm"}],
            "epochs": [{"epoch": 1, "error": 0.5, "warmth": 7}],
        });
        let known = json!({
            "version": 1,
            "settings": {"rate": 0.1, "encoding": {"pitches": 3}},
            "songs": [{"path": "a", "n": 1}, {"path": "b", "n": 2}],
            "epochs": [{"epoch": 1, "error": 0.5}],
        });
        let unknown = UnknownFields::between(&read, &known);
        assert_eq!(unknown.get("later"), Some(&json!([1])));
        let mut changed = json!({
            "version": 1,
            "settings": {"rate": 0.2, "encoding": {"pitches": 4}},
            "songs": [{"path": "c", "n": 3}, {"path": "b", "n": 5}],
            "epochs": [{"epoch": 1, "error": 0.5}, {"epoch": 2, "error": 0.4}],
        });
        unknown.put_into(&mut changed);
        let expected = json!({
            "version": 1, "later": [1],
            "settings": {"rate": 0.2, "encoding": {"pitches": 4, "colour": "red"}},
            "songs": [{"path": "c", "n": 3}, {"path": "b", "n": 5, "mood": "calm"}],
            "epochs": [{"epoch": 1, "error": 0.5, "warmth": 7}, {"epoch": 2, "error": 0.4}],
        });
        assert_eq!(changed, expected);
    }

    #[test]
    fn nothing_unknown_leaves_everything_as_it_is() {
        let known = json!({"a": 1, "b": {"c": [1, 2]}, "d": [{"name": "x"}]});
        let unknown = UnknownFields::between(&known, &known);
        assert_eq!(unknown, UnknownFields::default());
        let mut same = known.clone();
        unknown.put_into(&mut same);
        assert_eq!(same, known);
    }

    #[test]
    fn what_this_version_wrote_is_not_written_over() {
        let unknown = UnknownFields::between(&json!({"a": 1}), &json!({}));
        let mut document = json!({"a": 2});
        unknown.put_into(&mut document);
        assert_eq!(document, json!({"a": 2}));
    }
}
