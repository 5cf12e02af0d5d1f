//! Loading folders: a few wide statements for a whole chunk, and every row checked as it is read.

use std::collections::BTreeMap;

use super::{
    Book,
    bulk::{Value, Wide},
    connection::{Failure, on},
};
use crate::domain::{
    card::Card,
    case::Case,
    event::Event,
    finding::Finding,
    hold::{Hold, Item},
    ids::PersonId,
    notice::Notice,
    person::Person,
    practice::{Closure, Practitioner},
    record::Record,
    request::{Payment, Refund, Request},
};

/// A row of any of the tables of records.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) person_id: i64,
    pub(super) facts: String,
    pub(super) personal: Option<String>,
}

impl Row {
    /// The record a row claims to be.
    pub(super) fn read<R: Record>(&self) -> Result<R, Failure> {
        let claim = |reason: &str| Failure::Claim { table: R::KIND.name(), id: self.id, reason: reason.to_owned() };
        let mut record: R = serde_json::from_str(&self.facts).map_err(|_| claim("its facts cannot be read"))?;
        if record.number() != self.id || record.folder().0 != self.person_id {
            return Err(claim("its facts are of another row"));
        }
        if let Some(personal) = &self.personal {
            record.set_personal(personal).map_err(|_| claim("its personal data cannot be read"))?;
        }
        Ok(record)
    }
}

macro_rules! of_persons {
    ($table:literal, $key:literal) => {
        Wide {
            head: concat!("SELECT id, person_id, facts, personal FROM ", $table, " WHERE ", $key, " IN ("),
            tail: ") ORDER BY id",
            bracketed: false,
        }
    };
}

/// The front pages: a person is found by its own number.
const PERSONS: Wide = of_persons!("person", "id");
const CARDS: Wide = of_persons!("card", "person_id");
const HOLDS: Wide = of_persons!("hold", "person_id");
const REQUESTS: Wide = of_persons!("request", "person_id");
const PAYMENTS: Wide = of_persons!("payment", "person_id");
const REFUNDS: Wide = of_persons!("refund", "person_id");
const NOTICES: Wide = of_persons!("notice", "person_id");
const EVENTS: Wide = of_persons!("event", "person_id");
const FINDINGS: Wide = of_persons!("finding", "person_id");

impl Book {
    /// The folders of these persons, in the order of their numbers. The office's own comes with what is open in it.
    ///
    /// # Errors
    /// When the book cannot be read, or a row is not what it claims to be.
    pub async fn cases(&mut self, persons: &[PersonId]) -> Result<BTreeMap<PersonId, Case>, Failure> {
        let keys: Vec<_> =
            persons.iter().filter(|person| **person != PersonId::OFFICE).map(|person| Value::Int(person.0)).collect();
        let mut cases = BTreeMap::new();
        if persons.contains(&PersonId::OFFICE) {
            cases.insert(PersonId::OFFICE, self.office_case().await?);
        }
        if keys.is_empty() {
            return Ok(cases);
        }
        let persons: Vec<Row> = self.read_rows(PERSONS, &keys).await?;
        for row in persons {
            let person: Person = row.read()?;
            cases.insert(person.id, Case::new(person));
        }
        self.fill::<Card>(CARDS, &keys, &mut cases).await?;
        self.fill::<Hold>(HOLDS, &keys, &mut cases).await?;
        self.fill::<Request>(REQUESTS, &keys, &mut cases).await?;
        self.fill::<Payment>(PAYMENTS, &keys, &mut cases).await?;
        self.fill::<Refund>(REFUNDS, &keys, &mut cases).await?;
        self.fill::<Notice>(NOTICES, &keys, &mut cases).await?;
        self.fill::<Event>(EVENTS, &keys, &mut cases).await?;
        self.fill::<Finding>(FINDINGS, &keys, &mut cases).await?;
        Ok(cases)
    }

    async fn fill<R: Record>(
        &mut self,
        wide: Wide,
        keys: &[Value<'_>],
        cases: &mut BTreeMap<PersonId, Case>,
    ) -> Result<(), Failure> {
        let rows: Vec<Row> = self.read_rows(wide, keys).await?;
        for row in rows {
            let record: R = row.read()?;
            if let Some(case) = cases.get_mut(&record.folder()) {
                record.put(case);
            }
        }
        Ok(())
    }

    /// The office's own folder with what is open in it: closed findings and finished items are history.
    async fn office_case(&mut self) -> Result<Case, Failure> {
        let mut case = Case::new(Person::new(PersonId::OFFICE, None));
        self.lay::<Item>(
            "SELECT id, person_id, facts, personal FROM item WHERE outcome IS NULL ORDER BY id",
            &mut case,
        )
        .await?;
        self.lay::<Finding>(
            "SELECT id, person_id, facts, personal FROM finding WHERE person_id = 0 AND closed_on IS NULL ORDER BY id",
            &mut case,
        )
        .await?;
        self.lay::<Payment>(
            "SELECT id, person_id, facts, personal FROM payment WHERE person_id = 0 ORDER BY id",
            &mut case,
        )
        .await?;
        self.lay::<Refund>("SELECT id, person_id, facts, personal FROM refund WHERE person_id = 0 AND state IN ('due', 'ordered') ORDER BY id", &mut case).await?;
        case.practitioners = self.practitioners().await?;
        Ok(case)
    }

    async fn lay<R: Record>(&mut self, statement: &'static str, case: &mut Case) -> Result<(), Failure> {
        for record in self.all::<R>(statement).await? {
            record.put(case);
        }
        Ok(())
    }

    async fn all<R: Record>(&mut self, statement: &'static str) -> Result<Vec<R>, Failure> {
        let rows: Vec<Row> = on!(self.connection(), |c| sqlx::query_as(statement).fetch_all(&mut *c).await)?;
        rows.iter().map(Row::read).collect()
    }

    /// Every practice with its periods.
    ///
    /// # Errors
    /// As [`Book::cases`].
    pub async fn practitioners(&mut self) -> Result<Vec<Practitioner>, Failure> {
        self.all("SELECT id, person_id, facts, personal FROM practitioner ORDER BY gp_number, valid_from").await
    }

    /// Every dated closure.
    ///
    /// # Errors
    /// As [`Book::cases`].
    pub async fn closures(&mut self) -> Result<Vec<Closure>, Failure> {
        self.all("SELECT id, person_id, facts, personal FROM closure ORDER BY id").await
    }
}

#[cfg(test)]
mod tests {
    use sqlx::AssertSqlSafe;

    use super::*;
    use crate::store::connection::Connection;

    #[tokio::test]
    async fn no_folder_is_looked_for_in_a_whole_table() {
        let place = tempfile::tempdir().unwrap();
        let address = format!("sqlite:{}", place.path().join("book.db").display());
        let mut book = Book::open(&address, None, None, None).await.unwrap();
        let Connection::Sqlite(c) = book.connection() else { unreachable!("the address says SQLite") };
        for wide in [PERSONS, CARDS, HOLDS, REQUESTS, PAYMENTS, REFUNDS, NOTICES, EVENTS, FINDINGS] {
            let statement = format!("EXPLAIN QUERY PLAN {}", wide.text(500, 1, false));
            let plan: Vec<(i64, i64, i64, String)> =
                sqlx::query_as(AssertSqlSafe(statement)).fetch_all(&mut *c).await.unwrap();
            assert!(plan.iter().any(|(.., step)| step.starts_with("SEARCH ")), "{plan:?}");
            assert!(!plan.iter().any(|(.., step)| step.starts_with("SCAN ")), "{plan:?}");
        }
    }
}
