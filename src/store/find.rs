//! What the desk looks for: the folder that a number, a neighbour's id, a name or an address belongs to, and what
//! the ledger says of one person.

use std::collections::HashMap;

use serde::Deserialize;

use super::{
    Book,
    bulk::{Value, Wide},
    cases::Row,
    connection::{Failure, on},
};
use crate::domain::{
    card::Card,
    hold::Item,
    ids::{EventId, PersonId, RequestId},
    notice::Notice,
    person::Person,
    request::{Payment, Request},
};

/// People read at a time: a scan of a town's population stays small.
const PAGE: i64 = 2_000;

/// One change of a person's folder, as the ledger has it.
#[derive(Debug, Clone)]
pub struct Told {
    /// The business date.
    pub on: String,
    /// What happened.
    pub verb: String,
    /// To what kind of thing.
    pub kind: String,
    /// Its number.
    pub number: i64,
    /// Its facts afterwards.
    pub after: serde_json::Value,
    /// By which row of which file, which operator, or which job.
    pub source: String,
}

/// An entry of the ledger, as far as it is shown.
#[derive(Deserialize)]
struct Sealed {
    on: String,
    by: String,
    verb: String,
    kind: String,
    id: i64,
    after: serde_json::Value,
    file: Option<String>,
    line: Option<u64>,
    operator: Option<String>,
}

impl Book {
    /// Whose request that is.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn owner_of_request(&mut self, id: RequestId) -> Result<Option<PersonId>, Failure> {
        let owner: Option<i64> = on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT person_id FROM request WHERE id = $1").bind(id.0).fetch_optional(&mut *c).await
        })?;
        Ok(owner.map(PersonId))
    }

    /// Whose entry that is, by our number or by the `event_id` it came with.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn owner_of_event(&mut self, name: &str) -> Result<Option<PersonId>, Failure> {
        let number = name.parse::<EventId>().map_or(0, |id| id.0);
        let owner: Option<i64> = on!(self.connection(), |c| {
            sqlx::query_scalar("SELECT person_id FROM event WHERE id = $1 OR reference = $2 ORDER BY id LIMIT 1")
                .bind(number)
                .bind(name)
                .fetch_optional(&mut *c)
                .await
        })?;
        Ok(owner.map(PersonId))
    }

    /// Everybody whom something holds of, read a page at a time. Only those whose personal data has the text are looked
    /// at: a CPR number finds a guardian's children quickly; nothing looks at everybody.
    ///
    /// # Errors
    /// When the book cannot be read, or a row is not what it claims to be.
    pub async fn people(&mut self, text: &str, fits: impl Fn(&Person) -> bool) -> Result<Vec<Person>, Failure> {
        let (mut found, mut after) = (Vec::new(), 0);
        loop {
            let rows: Vec<Row> = on!(self.connection(), |c| {
                sqlx::query_as(
                    "SELECT id, person_id, facts, personal FROM person \
                     WHERE id > $1 AND personal LIKE '%' || $2 || '%' ORDER BY id LIMIT $3",
                )
                .bind(after)
                .bind(text)
                .bind(PAGE)
                .fetch_all(&mut *c)
                .await
            })?;
            let Some(last) = rows.last() else { return Ok(found) };
            after = last.id;
            for row in &rows {
                let person: Person = row.read()?;
                if fits(&person) {
                    found.push(person);
                }
            }
        }
    }

    /// The copies in one state or in any, of one person or of all, oldest first.
    ///
    /// # Errors
    /// As [`Book::people`].
    pub async fn cards(&mut self, state: Option<&str>, person: Option<PersonId>) -> Result<Vec<Card>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM card \
                 WHERE ($1 = '' OR custody = $1) AND ($2 = 0 OR person_id = $2) ORDER BY id",
            )
            .bind(state.unwrap_or_default())
            .bind(person.map_or(0, |person| person.0))
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// Requests, oldest first: those that are open, or all.
    ///
    /// # Errors
    /// As [`Book::people`].
    pub async fn requests(&mut self, open: bool) -> Result<Vec<Request>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM request \
                 WHERE NOT $1 OR state IN ('open', 'awaiting_payment', 'paid', 'queued') ORDER BY id",
            )
            .bind(open)
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// Every payment, oldest first.
    ///
    /// # Errors
    /// As [`Book::people`].
    pub async fn payments(&mut self) -> Result<Vec<Payment>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as("SELECT id, person_id, facts, personal FROM payment ORDER BY id").fetch_all(&mut *c).await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// Notices, oldest first: those that are to be told in another way, or all that have not gone out.
    ///
    /// # Errors
    /// As [`Book::people`].
    pub async fn pending_notices(&mut self, to_call: bool) -> Result<Vec<Notice>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, facts, personal FROM notice \
                 WHERE state = 'to_call' OR (state = 'wanted' AND NOT $1) ORDER BY id",
            )
            .bind(to_call)
            .fetch_all(&mut *c)
            .await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// What lies on the shelf and fits no card, oldest first: what is open, or all there ever was.
    ///
    /// # Errors
    /// As [`Book::people`].
    pub async fn items(&mut self, ended_too: bool) -> Result<Vec<Item>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| {
            sqlx::query_as("SELECT id, person_id, facts, personal FROM item WHERE $1 OR outcome IS NULL ORDER BY id")
                .bind(ended_too)
                .fetch_all(&mut *c)
                .await
        })?;
        rows.iter().map(Row::read).collect()
    }

    /// What the ledger says of one person, oldest first, each with the row, operator or job behind it.
    ///
    /// # Errors
    /// When the book cannot be read, or an entry is not what it claims to be.
    pub async fn told_of(&mut self, person: PersonId) -> Result<Vec<Told>, Failure> {
        let rows: Vec<(i64, String, Option<String>)> = on!(self.connection(), |c| {
            sqlx::query_as("SELECT seq, text, said FROM ledger WHERE person_id = $1 ORDER BY seq")
                .bind(person.0)
                .fetch_all(&mut *c)
                .await
        })?;
        let claim = |seq, reason: &str| Failure::Claim { table: "ledger", id: seq, reason: reason.to_owned() };
        let mut entries = Vec::with_capacity(rows.len());
        for (seq, text, said) in rows {
            let entry: Sealed = serde_json::from_str(&text).map_err(|_| claim(seq, "its text cannot be read"))?;
            entries.push((entry, said));
        }
        let names = self.file_names(entries.iter().filter_map(|(entry, _)| entry.file.as_deref())).await?;
        Ok(entries.into_iter().map(|(entry, said)| told(entry, said, &names)).collect())
    }

    /// The names under which files were first taken.
    async fn file_names(&mut self, hashes: impl Iterator<Item = &str>) -> Result<HashMap<String, String>, Failure> {
        let mut keys: Vec<_> = hashes.collect();
        keys.sort_unstable();
        keys.dedup();
        let keys: Vec<_> = keys.into_iter().map(Value::Text).collect();
        let wide = Wide { head: "SELECT hash, name FROM file WHERE hash IN (", tail: ")", bracketed: false };
        Ok(self.read_rows::<(String, String)>(wide, &keys).await?.into_iter().collect())
    }
}

fn told(entry: Sealed, said: Option<String>, names: &HashMap<String, String>) -> Told {
    let source = match (&entry.file, &entry.operator) {
        (Some(file), _) => {
            let name = names.get(file).map_or(file.as_str(), String::as_str);
            format!("{name} line {}", entry.line.unwrap_or_default())
        }
        (None, Some(operator)) => match said {
            Some(said) => format!("{operator}: {said}"),
            None => operator.clone(),
        },
        (None, None) => entry.by,
    };
    Told { on: entry.on, verb: entry.verb, kind: entry.kind, number: entry.id, after: entry.after, source }
}
