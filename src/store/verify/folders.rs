//! The invariants of 1.8 in every folder, print order and file; the rules themselves are pure.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::Verified;
use crate::{
    domain::{
        case::Case,
        cpr::Cpr,
        ids::{CardId, PersonId},
        input::Locator,
        invariants::{self, Breach, FileRows, Image},
        practice::Batch,
        record::Kind,
    },
    store::{
        Book,
        bulk::{Value, Wide},
        connection::{Failure, on},
    },
};

/// Folders, print orders or files looked at together.
const PAGE: i64 = 500;

impl Book {
    /// 1.8.1 to 1.8.5 and 1.8.10 in every folder, and every CPR number pointing to the folder that names it.
    pub(super) async fn verify_folders(&mut self, today: NaiveDate, verified: &mut Verified) -> Result<(), Failure> {
        let (mut folders, mut cards, mut holds, mut numbers) = (0, 0, 0, 0);
        let mut after = None;
        loop {
            let persons = self.persons(after, PAGE).await?;
            let Some(last) = persons.last().copied() else { break };
            after = Some(last);
            let cases = self.cases(&persons).await?;
            for case in cases.values() {
                folders += 1;
                cards += case.cards.len() as u64;
                holds += case.holds.len() as u64;
                verified.breaches(invariants::of_case(case, today));
            }
            numbers += self.verify_numbers(&cases, verified).await?;
            self.verify_histories(&cases, verified).await?;
        }
        let pointing = self.count("SELECT count(*) FROM cpr").await?;
        if pointing != numbers {
            let reason = format!("{pointing} numbers point to folders, which name {numbers}");
            verified.breach(Breach::new(7, "cpr rows", reason));
        }
        verified.proved("folders", folders);
        verified.proved("cards", cards);
        verified.proved("times on the shelf, each open or with one outcome", holds);
        Ok(())
    }

    /// The numbers in these folders point to them.
    async fn verify_numbers(
        &mut self,
        cases: &BTreeMap<PersonId, Case>,
        verified: &mut Verified,
    ) -> Result<u64, Failure> {
        let named: Vec<(Cpr, PersonId)> =
            cases.iter().flat_map(|(id, case)| case.person.data.cprs.iter().map(|cpr| (*cpr, *id))).collect();
        let locators: Vec<_> = named.iter().map(|(cpr, _)| Locator::Cpr(*cpr)).collect();
        let located = self.locate(&locators, &[]).await?;
        for (cpr, person) in &named {
            if located.folders(Locator::Cpr(*cpr)) != [*person] {
                let reason = "a number that it names points elsewhere";
                verified.breach(Breach::new(7, format!("folder {person}"), reason));
            }
        }
        Ok(named.len() as u64)
    }

    /// What the ledger says of the shelf, for the folders that had something on it.
    async fn verify_histories(
        &mut self,
        cases: &BTreeMap<PersonId, Case>,
        verified: &mut Verified,
    ) -> Result<(), Failure> {
        let keys: Vec<_> =
            cases.values().filter(|case| !case.holds.is_empty()).map(|case| Value::Int(case.id().0)).collect();
        let wide = Wide {
            head: "SELECT seq, person_id, text FROM ledger WHERE person_id IN (",
            tail: ") ORDER BY seq",
            bracketed: false,
        };
        let entries: Vec<(i64, i64, String)> = self.read_rows(wide, &keys).await?;
        let mut histories: HashMap<i64, Vec<(i64, Image)>> = HashMap::new();
        for (seq, person, text) in entries {
            if let Some(image) = image(&text) {
                histories.entry(person).or_default().push((seq, image));
            }
        }
        for history in histories.into_values() {
            verified.breaches(invariants::of_history(history));
        }
        Ok(())
    }

    /// 1.8.2 in every print order.
    pub(super) async fn verify_batches(
        &mut self,
        refused: &BTreeMap<i64, i64>,
        verified: &mut Verified,
    ) -> Result<(), Failure> {
        let (mut after, mut count) = (0, 0);
        loop {
            // Fixed outputs are few beside cards: they are counted along with each page.
            let rows: Vec<(i64, String, i64, i64)> = on!(self.connection(), |c| {
                sqlx::query_as(
                    "SELECT batch.id, batch.facts, (SELECT count(*) FROM card WHERE card.batch = batch.id), \
                     COALESCE(made.files, 0) \
                     FROM batch LEFT JOIN (SELECT batch, count(*) AS files FROM output GROUP BY batch) AS made \
                     ON made.batch = batch.id WHERE batch.id > $1 ORDER BY batch.id LIMIT $2",
                )
                .bind(after)
                .bind(PAGE)
                .fetch_all(&mut *c)
                .await
            })?;
            let Some((last, ..)) = rows.last() else { break };
            after = *last;
            for (id, facts, cards, files) in rows {
                let claim = |_| Failure::Claim { table: "batch", id, reason: "its facts cannot be read".to_owned() };
                let batch: Batch = serde_json::from_str(&facts).map_err(claim)?;
                let refused = refused.get(&id).copied().unwrap_or_default();
                verified.breaches(invariants::of_batch(&batch, cards, refused, files));
                count += 1;
            }
        }
        let strays: Vec<i64> = on!(self.connection(), |c| {
            sqlx::query_scalar(
                "SELECT card.id FROM card LEFT JOIN batch ON batch.id = card.batch \
                 WHERE card.batch IS NOT NULL AND batch.id IS NULL ORDER BY card.id LIMIT $1",
            )
            .bind(PAGE)
            .fetch_all(&mut *c)
            .await
        })?;
        for stray in strays {
            let reason = "its print order is not in the book";
            verified.breach(Breach::new(2, format!("card {}", CardId(stray)), reason));
        }
        verified.proved("print orders, each line one card", count);
        Ok(())
    }

    /// 1.8.9 in every file.
    pub(super) async fn verify_files(&mut self, verified: &mut Verified) -> Result<(), Failure> {
        #[derive(sqlx::FromRow)]
        struct Row {
            hash: String,
            rows_read: i64,
            applied: i64,
            duplicate: i64,
            overtaken: i64,
            waiting: i64,
            rejected: i64,
            kept_waiting: i64,
            kept_rejects: i64,
        }
        let (mut after, mut files, mut rows_read) = (String::new(), 0, 0);
        loop {
            let rows: Vec<Row> = on!(self.connection(), |c| {
                sqlx::query_as(
                    "SELECT hash, rows_read, applied, duplicate, overtaken, waiting, rejected, \
                     (SELECT count(*) FROM waiting WHERE waiting.file = file.hash) AS kept_waiting, \
                     (SELECT count(*) FROM reject WHERE reject.file = file.hash) AS kept_rejects \
                     FROM file WHERE hash > $1 ORDER BY hash LIMIT $2",
                )
                .bind(&after)
                .bind(PAGE)
                .fetch_all(&mut *c)
                .await
            })?;
            let Some(last) = rows.last() else { break };
            after.clone_from(&last.hash);
            for row in rows {
                files += 1;
                rows_read += u64::try_from(row.rows_read).unwrap_or_default();
                let counted = FileRows {
                    read: row.rows_read,
                    applied: row.applied,
                    duplicate: row.duplicate,
                    overtaken: row.overtaken,
                    waiting: row.waiting,
                    rejected: row.rejected,
                    kept_waiting: row.kept_waiting,
                    kept_rejects: row.kept_rejects,
                };
                verified.breaches(invariants::of_file(&row.hash, counted));
            }
        }
        verified.proved("files", files);
        verified.proved("rows of files, each with its end", rows_read);
        Ok(())
    }

    async fn count(&mut self, statement: &'static str) -> Result<u64, Failure> {
        let count: i64 = on!(self.connection(), |c| sqlx::query_scalar(statement).fetch_one(&mut *c).await)?;
        Ok(u64::try_from(count).unwrap_or_default())
    }
}

/// An entry about the shelf; others, and what cannot be read, are looked at elsewhere.
fn image(text: &str) -> Option<Image> {
    #[derive(Deserialize)]
    struct Text<'t> {
        kind: String,
        #[serde(borrow)]
        after: &'t RawValue,
    }
    fn read<R: DeserializeOwned>(after: &RawValue) -> Option<R> {
        serde_json::from_str(after.get()).ok()
    }
    let Text { kind, after } = serde_json::from_str(text).ok()?;
    match Kind::ALL.into_iter().find(|known| known.name() == kind)? {
        Kind::Card => read(after).map(Image::Card),
        Kind::Hold => read(after).map(Image::Hold),
        Kind::Notice => read(after).map(Image::Notice),
        _ => None,
    }
}
