//! A folder opened for writing: rules change it through here, and every change leaves an entry for the ledger.

use std::{fmt::Display, sync::Arc};

use chrono::NaiveDate;

use super::{
    calendar::Calendar,
    case::Case,
    finding::{Closed, Finding, FindingKind},
    ids::Ids,
    money::Tariff,
    notice::{Notice, NoticeKind, NoticeState, Subject},
    periods::Periods,
    person::Language,
    practice::Practitioner,
    record::{Kind, Record},
};

/// What a rule may ask of the world: the date it works for, and the office's own settings.
#[derive(Debug, Clone)]
pub struct Office {
    /// The business date.
    pub today: NaiveDate,
    /// Open days.
    pub calendar: Calendar,
    /// The office's periods.
    pub periods: Periods,
    /// Fees by year.
    pub tariff: Tariff,
    /// Where the shelf is, when a row does not say.
    pub site: String,
    /// For people whose language is not registered.
    pub language: Language,
    /// Practices by number, periods in order.
    pub practitioners: std::collections::BTreeMap<String, Vec<Practitioner>>,
}

impl Office {
    /// The entry of a practice that counts on a day.
    #[must_use]
    pub fn practitioner(&self, gp_number: &str, on: NaiveDate) -> Option<&Practitioner> {
        self.practitioners.get(gp_number)?.iter().rev().find(|entry| entry.covers(on))
    }
}

/// Why a change was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A rule found it due.
    Rule,
    /// A row of a feed.
    Row {
        /// SHA-256 of the file.
        file: Arc<str>,
        /// Line in it.
        line: u64,
    },
    /// A person at the desk.
    Operator {
        /// Login.
        name: Arc<str>,
        /// Their words, sealed apart from the entry.
        reason: Option<Arc<str>>,
    },
}

/// One change: the verb, and what the thing looks like after it.
#[derive(Debug, Clone)]
pub struct Entry {
    /// What happened.
    pub verb: &'static str,
    /// To what.
    pub kind: Kind,
    /// Its number.
    pub number: i64,
    /// Its facts afterwards, as JSON.
    pub facts: String,
    /// Its personal data afterwards, as JSON.
    pub personal: Option<String>,
    /// Why.
    pub source: Source,
}

/// A folder opened for writing.
#[derive(Debug)]
pub struct Casework<'a> {
    /// The folder as it is now.
    pub case: Case,
    /// The world around it.
    pub office: &'a Office,
    /// The book's counters.
    pub ids: &'a mut Ids,
    /// Why the next changes are made.
    pub source: Source,
    /// The job or desk verb at work.
    pub by: &'static str,
    entries: Vec<Entry>,
}

impl<'a> Casework<'a> {
    /// Opens a folder.
    #[must_use]
    pub fn new(case: Case, office: &'a Office, ids: &'a mut Ids, source: Source, by: &'static str) -> Self {
        Self { case, office, ids, source, by, entries: Vec::new() }
    }

    /// Goes on with entries made before: a folder is opened once a row, its entries are gathered over a chunk.
    #[must_use]
    pub fn with_entries(mut self, entries: Vec<Entry>) -> Self {
        self.entries = entries;
        self
    }

    /// The folder and what was done to it.
    #[must_use]
    pub fn close(self) -> (Case, Vec<Entry>) {
        (self.case, self.entries)
    }

    /// The business date.
    #[must_use]
    pub const fn today(&self) -> NaiveDate {
        self.office.today
    }

    /// Something new, and its entry.
    pub fn add<R: Record>(&mut self, verb: &'static str, record: R) {
        self.write(verb, &record);
        record.put(&mut self.case);
    }

    /// Changes one thing of the folder and leaves an entry, unless nothing differs afterwards.
    ///
    /// # Panics
    /// When the folder holds no such thing: a number taken from the folder is in it.
    pub fn change<R: Record + PartialEq>(&mut self, verb: &'static str, number: i64, change: impl FnOnce(&mut R)) {
        #[expect(clippy::expect_used, reason = "a number read off the folder a line before is in the folder")]
        let record = R::find(&mut self.case, number).expect("the folder holds what its rules name");
        let before = record.clone();
        change(record);
        if *record != before {
            let after = record.clone();
            self.write(verb, &after);
        }
    }

    fn write<R: Record>(&mut self, verb: &'static str, record: &R) {
        #[expect(clippy::expect_used, reason = "types without maps of odd keys and without failing fields serialise")]
        let facts = serde_json::to_string(record).expect("a record serialises");
        self.entries.push(Entry {
            verb,
            kind: R::KIND,
            number: record.number(),
            facts,
            personal: record.personal(),
            source: self.source.clone(),
        });
    }

    /// Something a person must look at. One per kind and subject: an open one stays as it is, but for its detail.
    pub fn find(&mut self, kind: FindingKind, subject: &dyn Display, detail: impl Into<String>) {
        let (subject, detail) = (subject.to_string(), detail.into());
        if let Some(open) = self.open_finding(kind, &subject) {
            return self.change("finding detailed", open, |finding: &mut Finding| finding.detail = detail);
        }
        let finding = Finding {
            id: self.ids.finding(),
            person: self.case.id(),
            kind,
            subject,
            detail,
            opened_on: self.today(),
            closed: None,
        };
        self.add("finding opened", finding);
    }

    /// What the finding named is no longer so.
    pub fn settle(&mut self, kind: FindingKind, subject: &dyn Display) {
        if let Some(open) = self.open_finding(kind, &subject.to_string()) {
            let closed = Closed { on: self.today(), by: self.by.to_owned() };
            self.change("finding closed", open, |finding: &mut Finding| finding.closed = Some(closed));
        }
    }

    fn open_finding(&self, kind: FindingKind, subject: &str) -> Option<i64> {
        self.case
            .findings
            .iter()
            .find(|finding| finding.kind == kind && finding.subject == subject && finding.closed.is_none())
            .map(|finding| finding.id.0)
    }

    /// Asks for a notice, once per kind, subject and told date (2.3). One that was dropped has told nothing.
    pub fn notify(&mut self, kind: NoticeKind, subject: Subject, told_date: Option<NaiveDate>) {
        let known = self.case.notices.iter().any(|notice| {
            notice.kind == kind
                && notice.subject == subject
                && (notice.told_date == told_date || notice.state == NoticeState::Wanted)
                && !matches!(notice.state, NoticeState::Dropped { .. })
        });
        if !known {
            let notice = Notice {
                id: self.ids.notice(),
                person: self.case.id(),
                kind,
                subject,
                told_date,
                wanted_on: self.today(),
                state: NoticeState::Wanted,
            };
            self.add("notice wanted", notice);
        }
    }

    /// A notice that has not gone out yet no longer applies.
    pub fn drop_notices(&mut self, subject: Subject, kinds: &[NoticeKind], why: &str) {
        let pending: Vec<_> = self
            .case
            .notices
            .iter()
            .filter(|notice| notice.subject == subject && kinds.contains(&notice.kind) && notice.is_pending())
            .map(|notice| (notice.id.0, notice.letter()))
            .collect();
        for (number, letter) in pending {
            let state = NoticeState::Dropped { on: self.today(), why: why.to_owned(), letter };
            self.change("notice dropped", number, |notice: &mut Notice| notice.state = state);
        }
    }
}
