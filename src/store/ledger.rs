//! Writing: each entry sealed into the chain, and the row it leads to. The text of an entry is kept byte for byte.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::{
    Book, Stamp,
    bulk::{Value, Wide},
    connection::Failure,
    tables::Table,
};
use crate::domain::{
    casework::{Entry, Source},
    cpr::Cpr,
    ids::PersonId,
    record::Kind,
};

/// Where salts come from.
#[derive(Debug)]
pub enum Salts {
    /// The operating system: what is erased cannot be guessed back.
    Random,
    /// Reproducible, for rehearsals and tests.
    Seeded(u64),
}

impl Salts {
    pub(super) fn new(seed: Option<u64>) -> Self {
        seed.map_or(Self::Random, Self::Seeded)
    }

    fn salt(&self, seq: i64, part: u8) -> Result<[u8; 16], Failure> {
        let mut salt = [0; 16];
        match self {
            Self::Random => getrandom::fill(&mut salt).map_err(|error| Failure::Unfit(error.to_string()))?,
            Self::Seeded(seed) => {
                let digest =
                    Sha256::new().chain_update(seed.to_be_bytes()).chain_update(seq.to_be_bytes()).chain_update([part]);
                salt.copy_from_slice(&digest.finalize()[..16]);
            }
        }
        Ok(salt)
    }
}

/// The seal of personal data or free text: it can be erased without breaking the chain.
#[must_use]
pub fn seal(salt: &[u8], text: &str) -> String {
    hex::encode(Sha256::new().chain_update(salt).chain_update(text).finalize())
}

/// The chain: the hash before, then the text.
#[must_use]
pub fn chain(before: &[u8; 32], text: &str) -> [u8; 32] {
    Sha256::new().chain_update(before).chain_update(text).finalize().into()
}

/// An entry as it is sealed: JSON whose `after` is the row's own text, byte for byte.
fn text(seq: i64, stamp: Stamp, person: PersonId, entry: &Entry, personal: Option<&str>, said: Option<&str>) -> String {
    use std::fmt::Write;
    let mut text = String::with_capacity(entry.facts.len() + 400);
    // Writing to a String does not fail. Job, verb and kind are plain words of the program's own.
    let _ = write!(
        text,
        r#"{{"seq":{seq},"on":"{}","by":"{}","case":{},"verb":"{}","kind":"{}","id":{},"after":{}"#,
        stamp.today,
        stamp.by,
        person.0,
        entry.verb,
        entry.kind.name(),
        entry.number,
        entry.facts
    );
    if let Some(personal) = personal {
        let _ = write!(text, r#","personal":"{personal}""#);
    }
    match &entry.source {
        Source::Rule => {}
        Source::Row { file, line } => {
            let _ = write!(text, r#","file":"{file}","line":{line}"#);
        }
        Source::Operator { name, .. } => {
            let _ = write!(text, r#","operator":{}"#, serde_json::Value::from(&**name));
        }
    }
    if let Some(said) = said {
        let _ = write!(text, r#","said":"{said}""#);
    }
    text.push('}');
    text
}

/// The last entry of each thing: what its row becomes.
type Latest<'a> = ((Kind, i64), (PersonId, &'a Entry, [u8; 16]));

struct Sealed {
    person: PersonId,
    text: String,
    hash: [u8; 32],
    /// Beside the personal data in the thing's row.
    salt: [u8; 16],
    said: Option<std::sync::Arc<str>>,
    /// Beside what was said, in the ledger.
    said_salt: [u8; 16],
}

impl Book {
    /// Writes what was done to folders: the entries in their order, then the rows as their last entries left them.
    ///
    /// # Errors
    /// When the database refuses a row; the chunk must then be taken back.
    pub async fn write(&mut self, stamp: Stamp, done: &[(PersonId, Vec<Entry>)]) -> Result<(), Failure> {
        let mut sealed = Vec::with_capacity(done.iter().map(|(_, entries)| entries.len()).sum());
        let mut latest: HashMap<(Kind, i64), (PersonId, &Entry, [u8; 16])> = HashMap::with_capacity(sealed.capacity());
        let first = self.head.seq + 1;
        for (person, entries) in done {
            for entry in entries {
                let entry_sealed = self.seal_entry(stamp, *person, entry)?;
                latest.insert((entry.kind, entry.number), (*person, entry, entry_sealed.salt));
                sealed.push(entry_sealed);
            }
        }
        let mut rows: Vec<_> = latest.into_iter().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        for kind in Kind::ALL {
            self.write_kind(kind, &rows).await?;
        }
        self.write_ledger(stamp, first, &sealed).await
    }

    fn seal_entry(&mut self, stamp: Stamp, person: PersonId, entry: &Entry) -> Result<Sealed, Failure> {
        let seq = self.head.seq + 1;
        let salt = if entry.personal.is_some() { self.salts.salt(seq, 0)? } else { [0; 16] };
        let said = match &entry.source {
            Source::Operator { reason, .. } => reason.clone(),
            Source::Rule | Source::Row { .. } => None,
        };
        let said_salt = if said.is_some() { self.salts.salt(seq, 1)? } else { [0; 16] };
        let personal = entry.personal.as_ref().map(|personal| seal(&salt, personal));
        let sealed_words = said.as_ref().map(|said| seal(&said_salt, said));
        let text = text(seq, stamp, person, entry, personal.as_deref(), sealed_words.as_deref());
        let hash = chain(&self.head.hash, &text);
        (self.head.seq, self.head.hash) = (seq, hash);
        Ok(Sealed { person, text, hash, salt, said, said_salt })
    }

    async fn write_kind(&mut self, kind: Kind, rows: &[Latest<'_>]) -> Result<(), Failure> {
        let rows: Vec<_> = rows
            .iter()
            .filter(|((of, _), _)| *of == kind)
            .map(|((_, number), (person, entry, salt))| {
                [
                    Value::Int(*number),
                    Value::Int(person.0),
                    Value::Text(&entry.facts),
                    Value::MaybeText(entry.personal.as_deref()),
                    Value::Bytes(entry.personal.as_ref().map(|_| salt.as_slice())),
                ]
            })
            .collect();
        self.write_rows(Table::of(kind).upsert, &rows).await
    }

    async fn write_ledger(&mut self, stamp: Stamp, first: i64, sealed: &[Sealed]) -> Result<(), Failure> {
        let wide = Wide {
            head: "INSERT INTO ledger (seq, person_id, text, hash, said, salt, run, written_at) VALUES ",
            tail: "",
            bracketed: true,
        };
        let rows: Vec<_> = (first..)
            .zip(sealed)
            .map(|(seq, entry)| {
                [
                    Value::Int(seq),
                    Value::Int(entry.person.0),
                    Value::Text(&entry.text),
                    Value::Bytes(Some(&entry.hash)),
                    Value::MaybeText(entry.said.as_deref()),
                    Value::Bytes(entry.said.as_ref().map(|_| entry.said_salt.as_slice())),
                    Value::Int(stamp.run),
                    Value::Instant(stamp.at),
                ]
            })
            .collect();
        self.write_rows(wide, &rows).await
    }

    /// Points CPR numbers to their persons; a number keeps pointing where it points.
    ///
    /// # Errors
    /// When the database refuses a row.
    pub async fn point_numbers(&mut self, numbers: &[(Cpr, PersonId)]) -> Result<(), Failure> {
        let wide = Wide {
            head: "INSERT INTO cpr (cpr, person_id) VALUES ",
            tail: " ON CONFLICT (cpr) DO NOTHING",
            bracketed: true,
        };
        let texts: Vec<String> = numbers.iter().map(|(cpr, _)| cpr.reveal()).collect();
        let rows: Vec<_> =
            texts.iter().zip(numbers).map(|(text, (_, person))| [Value::Text(text), Value::Int(person.0)]).collect();
        self.write_rows(wide, &rows).await
    }
}
