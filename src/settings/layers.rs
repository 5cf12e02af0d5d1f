//! Which of several values holds: flag before environment before file before default, each with its origin.

use std::{collections::BTreeMap, path::Path};

use toml::{Table, Value};

use super::{
    flaw::SettingsFlaw,
    given::{Given, Origin},
};

/// What the name of every variable begins with.
const PREFIX: &str = "SUNDHEDSKORT_";

/// Variables that are no settings: the file's own place, and what the program's tests hand to themselves.
const NO_SETTINGS: [&str; 2] = ["SUNDHEDSKORT_CONFIG", "SUNDHEDSKORT_TEST_"];

/// One setting as `config show --origin` shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name, like `office.name` or `jobs.issue-cards.limit`.
    pub key: String,
    /// Its value as TOML, never a secret; none where the setting is not in use.
    pub value: Option<String>,
    /// Where the value comes from.
    pub origin: Origin,
}

/// The variable that sets a key: `office.closed_days` is `SUNDHEDSKORT_OFFICE_CLOSED_DAYS`.
#[must_use]
pub fn variable(key: &str) -> String {
    PREFIX.to_owned() + &key.to_uppercase().replace(['.', '-'], "_")
}

type Layer = BTreeMap<String, Given>;

/// The values that were given and not yet asked for. Whoever asks makes a name known; what is left in the end is
/// unknown.
#[derive(Default)]
pub(super) struct Layers {
    flags: Layer,
    /// By the name of the variable.
    environment: Layer,
    files: Layer,
    defaults: Layer,
    known: Vec<String>,
    settings: Vec<Setting>,
}

impl Layers {
    pub(super) fn flag(&mut self, key: &str, text: &str) {
        give(&mut self.flags, key, key, Value::String(text.to_owned()), &Origin::Flag);
    }

    /// Takes the variables that are settings. An empty one counts as not set.
    pub(super) fn environment(&mut self, variables: &BTreeMap<String, String>) {
        for (name, text) in variables {
            let is_setting = name.starts_with(PREFIX) && !NO_SETTINGS.iter().any(|other| name.starts_with(other));
            if is_setting && !text.is_empty() {
                let origin = Origin::Environment(name.clone());
                give(&mut self.environment, name, name, Value::String(text.clone()), &origin);
            }
        }
    }

    /// Takes a file whose keys stand under `prefix` (empty, or ending in a dot).
    pub(super) fn file(&mut self, path: &Path, prefix: &str, text: &str) -> Result<(), SettingsFlaw> {
        flatten(&mut self.files, prefix, read(path, text)?, &Origin::File(path.to_owned()));
        Ok(())
    }

    /// Takes a text compiled in.
    pub(super) fn defaults(&mut self, name: &str, prefix: &str, text: &str) -> Result<(), SettingsFlaw> {
        flatten(&mut self.defaults, prefix, read(Path::new(name), text)?, &Origin::Default);
        Ok(())
    }

    /// The value of a key that has a default; a text from a flag or variable is read as the default's kind.
    pub(super) fn value(&mut self, key: &str) -> Result<Given, SettingsFlaw> {
        let like = self.defaults.get(key).map(|given| given.value.clone());
        match like.and_then(|like| self.optional(key, &like)) {
            Some(given) => Ok(given),
            None => Err(SettingsFlaw::Unfit {
                key: key.to_owned(),
                origin: Origin::Default,
                why: "it has no default".to_owned(),
                hint: "give it a value".to_owned(),
            }),
        }
    }

    /// The value of a key that may be absent; `like` shows its kind.
    pub(super) fn optional(&mut self, key: &str, like: &Value) -> Option<Given> {
        let given = self.tabled(key, like);
        if given.is_none() {
            self.settings.push(Setting { key: key.to_owned(), value: None, origin: Origin::Default });
        }
        given
    }

    /// Like `optional`, for a key out of so many that the absent ones are not worth a word.
    pub(super) fn tabled(&mut self, key: &str, like: &Value) -> Option<Given> {
        self.known.push(key.to_owned());
        // Taken from every layer: what is hidden by a higher one is no unknown key.
        let [flag, variable, file, default] = [
            self.flags.remove(key),
            self.environment.remove(&variable(key)),
            self.files.remove(key),
            self.defaults.remove(key),
        ];
        let as_kind =
            |given: Given| Given { value: read_as(given.text_or_empty(), like), key: key.to_owned(), ..given };
        let given = flag.or(variable).map(as_kind).or(file).or(default)?;
        self.settings.push(Setting {
            key: key.to_owned(),
            value: Some(given.value.to_string()),
            origin: given.origin.clone(),
        });
        Some(given)
    }

    /// Every key under a prefix, where the keys themselves are free; not from the environment, whose names cannot hold
    /// them.
    pub(super) fn table(&mut self, prefix: &str) -> Vec<Given> {
        let under = |layer: &Layer| layer.keys().filter(|key| key.starts_with(prefix)).cloned().collect::<Vec<_>>();
        let mut keys = [under(&self.flags), under(&self.files), under(&self.defaults)].concat();
        keys.sort();
        keys.dedup();
        let like = Value::String(String::new());
        keys.iter().filter_map(|key| self.tabled(key, &like)).collect()
    }

    /// Shows something else than the value itself.
    pub(super) fn show(&mut self, key: &str, value: &str) {
        for setting in self.settings.iter_mut().filter(|setting| setting.key == key) {
            setting.value = Some(Value::from(value).to_string());
        }
    }

    /// All that was asked for, unless something was given that nobody asked for.
    pub(super) fn finish(self) -> Result<Vec<Setting>, SettingsFlaw> {
        let variables = self.known.iter().map(|key| variable(key)).collect::<Vec<_>>();
        let others = [self.flags, self.files, self.defaults].into_iter().flat_map(Layer::into_values);
        let unknown = self.environment.into_values().map(|given| (given, &variables));
        match unknown.chain(others.map(|given| (given, &self.known))).next() {
            None => Ok(self.settings),
            Some((given, known)) => Err(SettingsFlaw::Unknown {
                nearest: nearest(&given.key, known.iter().map(String::as_str)).to_owned(),
                key: given.key,
                origin: given.origin,
            }),
        }
    }
}

/// The name that a misspelt one most likely meant; empty when there is none at all.
pub(super) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> &'a str {
    known.min_by_key(|candidate| strsim::damerau_levenshtein(name, candidate)).unwrap_or_default()
}

fn give(layer: &mut Layer, name: &str, key: &str, value: Value, origin: &Origin) {
    layer.insert(name.to_owned(), Given { key: key.to_owned(), value, origin: origin.clone() });
}

fn read(path: &Path, text: &str) -> Result<Table, SettingsFlaw> {
    text.parse().map_err(|flaw: toml::de::Error| {
        let before = flaw.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        SettingsFlaw::NotToml {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            why: flaw.message().to_owned(),
        }
    })
}

/// Names each value by the way to it. An empty table has no value, and so cannot be misspelt.
fn flatten(layer: &mut Layer, prefix: &str, table: Table, origin: &Origin) {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            Value::Table(inner) => flatten(layer, &format!("{key}."), inner, origin),
            value => give(layer, &key, &key, value, origin),
        }
    }
}

/// Reads a text from a flag or a variable as the kind of value that is wanted; one that does not fit stays a text, and
/// is refused as such.
fn read_as(text: &str, like: &Value) -> Value {
    let read = match like {
        Value::Integer(_) => text.parse().ok().map(Value::Integer),
        Value::Boolean(_) => text.parse().ok().map(Value::Boolean),
        Value::Array(members) => {
            let read_member = |member: &str| match members.first() {
                Some(like) => read_as(member.trim(), like),
                None => Value::String(member.trim().to_owned()),
            };
            Some(Value::Array(text.split(',').map(read_member).collect()))
        }
        _ => None,
    };
    read.unwrap_or_else(|| Value::String(text.to_owned()))
}
