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
    ($table:literal) => {
        of_persons!($table, "person_id")
    };
    ($table:literal, $key:literal) => {
        Wide {
            head: concat!("SELECT id, person_id, facts, personal FROM ", $table, " WHERE ", $key, " IN ("),
            tail: ") ORDER BY id",
            bracketed: false,
        }
    };
}

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
        let persons: Vec<Row> = self.read_rows(of_persons!("person", "id"), &keys).await?;
        for row in persons {
            let person: Person = row.read()?;
            cases.insert(person.id, Case::new(person));
        }
        self.fill::<Card>(of_persons!("card"), &keys, &mut cases).await?;
        self.fill::<Hold>(of_persons!("hold"), &keys, &mut cases).await?;
        self.fill::<Request>(of_persons!("request"), &keys, &mut cases).await?;
        self.fill::<Payment>(of_persons!("payment"), &keys, &mut cases).await?;
        self.fill::<Refund>(of_persons!("refund"), &keys, &mut cases).await?;
        self.fill::<Notice>(of_persons!("notice"), &keys, &mut cases).await?;
        self.fill::<Event>(of_persons!("event"), &keys, &mut cases).await?;
        self.fill::<Finding>(of_persons!("finding"), &keys, &mut cases).await?;
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
