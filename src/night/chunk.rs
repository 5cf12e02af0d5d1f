//! One chunk: folders opened, changed and written back in one transaction.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    domain::{
        case::Case,
        casework::{Casework, Entry, Office, Source},
        cpr::Cpr,
        finding::{Finding, FindingKind},
        ids::{
            BatchId, CardId, ClosureId, EventId, FindingId, HoldId, Ids, ItemId, NoticeId, PaymentId, PersonId,
            PractitionerId, RefundId, RequestId,
        },
        person::Person,
        record::Kind,
    },
    night::{Night, report::JobReport},
    store::connection::Failure,
};

/// The folders of a chunk and what was done to them.
#[derive(Debug, Default)]
pub struct Chunk {
    folders: BTreeMap<PersonId, (Case, Vec<Entry>)>,
    order: Vec<PersonId>,
    touched: BTreeSet<PersonId>,
    numbers: Vec<(Cpr, PersonId)>,
}

impl Chunk {
    /// Folders as loaded.
    #[must_use]
    pub fn new(cases: BTreeMap<PersonId, Case>) -> Self {
        let folders = cases.into_iter().map(|(person, case)| (person, (case, Vec::new()))).collect();
        Self { folders, ..Self::default() }
    }

    /// A new folder for a number nobody had.
    pub fn open_new(&mut self, ids: &mut Ids, cpr: Cpr) -> PersonId {
        let person = ids.person();
        self.folders.insert(person, (Case::new(Person::new(person, Some(cpr))), Vec::new()));
        self.numbers.push((cpr, person));
        person
    }

    /// Does casework on one folder.
    ///
    /// # Errors
    /// When the folder was not loaded: a row of the book points to nobody.
    pub fn on<T>(
        &mut self,
        person: PersonId,
        (office, ids, by): (&Office, &mut Ids, &'static str),
        source: Source,
        decide: impl FnOnce(&mut Casework<'_>) -> T,
    ) -> Result<T, Failure> {
        let absent =
            || Failure::Claim { table: "person", id: person.0, reason: "it is named and not there".to_owned() };
        let (case, entries) = self.folders.remove(&person).ok_or_else(absent)?;
        let before = entries.len();
        let mut work = Casework::new(case, office, ids, source, by).with_entries(entries);
        let decided = decide(&mut work);
        let (case, entries) = work.close();
        if entries.len() > before && self.touched.insert(person) {
            self.order.push(person);
        }
        self.folders.insert(person, (case, entries));
        Ok(decided)
    }

    /// Nothing was changed in any folder.
    #[must_use]
    pub fn is_unchanged(&self) -> bool {
        self.touched.is_empty()
    }

    /// Writes the folders back, and counts what was done.
    ///
    /// # Errors
    /// When the book refuses it: the chunk must be taken back.
    pub async fn write(self, night: &mut Night<'_>, tally: &mut Tally, job: &mut JobReport) -> Result<(), Failure> {
        let Self { mut folders, order, numbers, .. } = self;
        let done: Vec<(PersonId, Vec<Entry>)> = order
            .into_iter()
            .filter_map(|person| folders.remove(&person).map(|(_, entries)| (person, entries)))
            .collect();
        for (person, entries) in &done {
            for entry in entries {
                *job.changes.entry(entry.verb.to_owned()).or_default() += 1;
                tally.count(entry);
                if night.dry && job.cases.len() < CASES_SHOWN {
                    job.cases.push(format!("{person} {} {}", thing(entry), entry.verb));
                }
            }
        }
        night.book.write(night.stamp, &done).await?;
        night.book.point_numbers(&numbers).await
    }
}

/// Lines a dry run shows case by case; the counts go on.
const CASES_SHOWN: usize = 1_000;

/// The thing an entry is about, as verbs take its id.
fn thing(entry: &Entry) -> String {
    let number = entry.number;
    match entry.kind {
        Kind::Person => PersonId(number).to_string(),
        Kind::Practitioner => PractitionerId(number).to_string(),
        Kind::Closure => ClosureId(number).to_string(),
        Kind::Batch => BatchId(number).to_string(),
        Kind::Card => CardId(number).to_string(),
        Kind::Hold => HoldId(number).to_string(),
        Kind::Item => ItemId(number).to_string(),
        Kind::Request => RequestId(number).to_string(),
        Kind::Payment => PaymentId(number).to_string(),
        Kind::Refund => RefundId(number).to_string(),
        Kind::Notice => NoticeId(number).to_string(),
        Kind::Event => EventId(number).to_string(),
        Kind::Finding => FindingId(number).to_string(),
    }
}

/// Findings opened and closed, by kind.
#[derive(Debug, Default)]
pub struct Tally {
    /// Opened.
    pub opened: BTreeMap<FindingKind, u64>,
    /// Closed.
    pub closed: BTreeMap<FindingKind, u64>,
}

impl Tally {
    fn count(&mut self, entry: &Entry) {
        if entry.kind != Kind::Finding {
            return;
        }
        let Ok(finding) = serde_json::from_str::<Finding>(&entry.facts) else { return };
        match entry.verb {
            "finding opened" => *self.opened.entry(finding.kind).or_default() += 1,
            "finding closed" => *self.closed.entry(finding.kind).or_default() += 1,
            _ => {}
        }
    }
}
