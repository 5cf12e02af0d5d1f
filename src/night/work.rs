//! Steps that work through what is due: by date, by state, for a file or for a list.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Night,
    chunk::{Chunk, Tally},
    progress::Step,
    report::{JobReport, Outcome},
};
use crate::{
    domain::{
        case::Case,
        casework::{Casework, Office, Source},
        cpr::Cpr,
        finding::FindingKind,
        ids::PersonId,
        input::Locator,
        person::Person,
    },
    jobs::{FeedSight, Gathering, Sight},
    output::{lists, sheet},
    store::{
        connection::Failure,
        outputs::{Lines, NewOutput},
        select::Due,
    },
};

/// What a chunk does with its folders.
#[derive(Clone, Copy)]
pub(super) enum Rule {
    Work(fn(&mut Casework<'_>)),
    Gather(fn(&mut Casework<'_>, &mut Gathering), fn(Gathering, &mut Casework<'_>) -> Vec<NewOutput>),
}

impl Night<'_> {
    /// Works through everything due, a chunk at a time: select, load, decide, apply.
    pub(super) async fn work(
        &mut self,
        due: Due,
        rule: Rule,
        chunk: usize,
        limit: u64,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let (today, ahead) = (self.stamp.today, self.office.periods.reminder_days[0]);
        let selected = self.book.count_due(due, today, ahead).await?;
        job.selected += selected;
        self.progress.tell(Step::Selected(selected));
        if self.over_limit(selected, limit, job, tally).await? {
            return Ok(());
        }
        let mut after = None;
        loop {
            if self.must_stop() {
                job.outcome = Outcome::Stopped;
                return Ok(());
            }
            self.book.begin().await?;
            let persons = self.book.due(due, today, ahead, after, chunk).await?;
            let Some(last) = persons.last().copied() else { return self.book.rollback().await };
            after = Some(last);
            self.work_chunk(&persons, rule, job, tally).await?;
            self.progress.tell(Step::Done(u64::try_from(persons.len()).unwrap_or_default()));
        }
    }

    async fn work_chunk(
        &mut self,
        persons: &[PersonId],
        rule: Rule,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let gathers = matches!(rule, Rule::Gather(..));
        let office_too = gathers.then_some(PersonId::OFFICE);
        let wanted: Vec<PersonId> = persons.iter().copied().chain(office_too).collect();
        let cases = self.book.cases(&wanted).await?;
        let mut gathering = Gathering::default();
        if gathers {
            gathering.guardians = self.guardians(&cases).await?;
        }
        let mut chunk = Chunk::new(cases);
        for person in persons {
            let world = (&self.office, self.book.ids(), self.stamp.by);
            chunk.on(*person, world, Source::Rule, |work| match rule {
                Rule::Work(decide) => decide(work),
                Rule::Gather(decide, _) => decide(work, &mut gathering),
            })?;
        }
        let mut outputs = Vec::new();
        if let Rule::Gather(_, close) = rule {
            let world = (&self.office, self.book.ids(), self.stamp.by);
            outputs = chunk.on(PersonId::OFFICE, world, Source::Rule, |work| close(gathering, work))?;
        }
        if chunk.is_unchanged() && outputs.is_empty() {
            return self.book.rollback().await;
        }
        chunk.write(self, tally, job).await?;
        for output in &outputs {
            self.book.fix_output(self.stamp.today, output).await?;
        }
        self.book.commit().await
    }

    /// The guardians of the chunk's children, as far as they are in the book.
    async fn guardians(&mut self, cases: &BTreeMap<PersonId, Case>) -> Result<BTreeMap<Cpr, Person>, Failure> {
        let numbers: BTreeSet<Cpr> = cases.values().filter_map(|case| case.person.data.register.guardian).collect();
        let locators: Vec<_> = numbers.iter().map(|cpr| Locator::Cpr(*cpr)).collect();
        let located = self.book.locate(&locators, &[]).await?;
        let folder = |cpr: &Cpr| located.folders(Locator::Cpr(*cpr)).first().copied();
        let folders: BTreeSet<PersonId> = numbers.iter().filter_map(folder).collect();
        let cases = self.book.cases(&folders.into_iter().collect::<Vec<_>>()).await?;
        let person = |cpr: Cpr| Some((cpr, cases.get(&folder(&cpr)?)?.person.clone()));
        Ok(numbers.into_iter().filter_map(person).collect())
    }

    /// A limit is absolute: above it the job changes nothing and a finding says so (4.1).
    pub(super) async fn over_limit(
        &mut self,
        selected: u64,
        limit: u64,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<bool, Failure> {
        let limit = self.accept.unwrap_or(limit);
        let (over, name) = (selected > limit, self.stamp.by);
        if over {
            job.outcome = Outcome::Limit;
            job.messages.push(format!(
                "{selected} selected, the limit is {limit}: nothing was changed (hint: look at them with `plan {name}`, \
                 then `run {name} --accept {selected} --reason ...`)"
            ));
        }
        self.on_office(job, tally, |work| {
            if over {
                work.find(FindingKind::LimitReached, &name, format!("{selected} selected, the limit is {limit}"));
            } else {
                work.settle(FindingKind::LimitReached, &name);
            }
        })
        .await?;
        Ok(over)
    }

    /// A chunk on the office's own folder alone.
    pub(super) async fn on_office(
        &mut self,
        job: &mut JobReport,
        tally: &mut Tally,
        decide: impl FnOnce(&mut Casework<'_>),
    ) -> Result<(), Failure> {
        self.book.begin().await?;
        let mut chunk = Chunk::new(self.book.cases(&[PersonId::OFFICE]).await?);
        chunk.on(PersonId::OFFICE, (&self.office, self.book.ids(), self.stamp.by), Source::Rule, decide)?;
        if chunk.is_unchanged() {
            return self.book.rollback().await;
        }
        chunk.write(self, tally, job).await?;
        self.book.commit().await
    }

    /// Writes a list when it differs from the last one written; an empty one only after one that was not.
    pub(super) async fn list(
        &mut self,
        (kind, header, due): (&'static str, &'static [&'static str], Due),
        lines: fn(&Case, &Office) -> Vec<Vec<String>>,
        page: usize,
    ) -> Result<(), Failure> {
        let today = self.stamp.today;
        self.book.begin().await?;
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let persons = self.book.due(due, today, 0, after, page).await?;
            let Some(last) = persons.last().copied() else { break };
            after = Some(last);
            for case in self.book.cases(&persons).await?.values() {
                all.extend(lines(case, &self.office));
            }
        }
        lists::sort(&mut all);
        let content = sheet::csv(header, &all);
        let last = self.book.last_content(kind).await?;
        if last.as_ref() == Some(&content) || (last.is_none() && all.is_empty()) {
            return self.book.rollback().await;
        }
        let count = i64::try_from(all.len()).unwrap_or(i64::MAX);
        let output =
            NewOutput { kind: kind.to_owned(), source: Lines::Content(content), lines: count, totals: BTreeMap::new() };
        self.book.fix_output(today, &output).await?;
        self.book.commit().await
    }

    /// Looks at the whole book and decides on the office's own folder.
    pub(super) async fn watch(
        &mut self,
        decide: fn(&mut Casework<'_>, &Sight),
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let mut sight = Sight { unanswered: self.book.unanswered_batches().await?, feeds: Vec::new() };
        for (kind, rhythm) in &self.settings.feeds {
            let last = self.book.last_delivery(kind).await?;
            let late = rhythm.is_late(last, self.stamp.today, &self.office.calendar);
            sight.feeds.push(FeedSight { kind, last, late });
        }
        self.on_office(job, tally, |work| decide(work, &sight)).await
    }
}
