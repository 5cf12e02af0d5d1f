//! Taking a feed: its files by name, each in chunks in the order of keys, and the rows that waited for their day.
//! A chunk is one transaction together with the mark of how far the file has come (2.1).

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

use super::{
    Night,
    chunk::{Chunk, Tally},
    inbox,
    progress::Step,
    report::{FileReport, JobReport, Outcome},
};
use crate::{
    domain::{
        casework::{Casework, Source},
        finding::FindingKind,
        ids::PersonId,
        input::{Input, Rejection, Taken},
    },
    failpoint,
    intake::{
        Mark, Sheet,
        feed::{Feed, Reading},
    },
    jobs::Laid,
    store::{
        connection::Failure,
        files::{Counts, NewWaiting},
        locate::Located,
        rejects::NewReject,
    },
};

/// The two rules of a feed: for the folder a row names, and for the office's own when it names none.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub(super) decide: fn(&mut Casework<'_>, &Input) -> Result<Laid, Rejection>,
    pub(super) without_folder: fn(&mut Casework<'_>, &Input, &'static str) -> Result<Taken, Rejection>,
}

/// A row on its way into folders.
struct Row {
    file: Arc<str>,
    line: u64,
    value: Result<Input, Rejection>,
    /// As it came, when it may be kept: at most 64 KiB.
    raw: Vec<u8>,
}

/// What a chunk of rows leads to besides entries; `became` says of each row, in order, how it counts.
#[derive(Default)]
struct Sorted {
    waiting: Vec<NewWaiting>,
    rejects: Vec<NewReject>,
    became: Vec<Counts>,
}

/// One file of the inbox being taken.
#[derive(Clone, Copy)]
struct Taking<'s> {
    sheet: &'s Sheet,
    name: &'s str,
    kind: &'static str,
}

/// Rows that waited are few; more than this come with the next chunk.
const WAITING_PAGE: i64 = 1_000;

impl Night<'_> {
    /// Takes what waited for its day, then every file of the feed.
    pub(super) async fn take(
        &mut self,
        feed: Feed,
        rules: Rules,
        chunk: usize,
        limit: u64,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        self.take_waiting(feed, rules, job, tally).await?;
        for path in inbox::files(&self.settings.inbox, feed.kind())? {
            if self.must_stop() {
                job.outcome = Outcome::Stopped;
                return Ok(());
            }
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("file.csv").to_owned();
            match Sheet::open(&path, feed.columns(), |record| feed.key(record)) {
                Ok(sheet) => {
                    self.on_office(job, tally, |work| work.settle(FindingKind::FileRefused, &name)).await?;
                    self.take_sheet(
                        &path,
                        (feed, Taking { sheet: &sheet, name: &name, kind: feed.kind() }),
                        rules,
                        (chunk, limit),
                        job,
                        tally,
                    )
                    .await?;
                }
                Err(flaw) => {
                    job.outcome = Outcome::FileRefused;
                    job.messages.push(format!(
                        "{name}: refused whole, failed to {flaw} (hint: it stays in the inbox until it is replaced)"
                    ));
                    self.on_office(job, tally, |work| {
                        work.find(FindingKind::FileRefused, &name, format!("failed to {flaw}"));
                    })
                    .await?;
                }
            }
            if job.outcome == Outcome::Limit {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn take_sheet(
        &mut self,
        path: &Path,
        (feed, taking): (Feed, Taking<'_>),
        rules: Rules,
        (chunk, limit): (usize, u64),
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> anyhow::Result<()> {
        let Taking { sheet, name, kind } = taking;
        let known = self.book.file(sheet.sha256()).await?;
        let finished = known.as_ref().is_some_and(|known| known.finished_on.is_some());
        if finished {
            // Under its own name it is a move that a crash prevented, under another a delivery with nothing new.
            if known.is_some_and(|known| known.name != name) {
                self.book.begin().await?;
                self.book.note_delivery(kind, name, sheet.sha256(), self.stamp.today).await?;
                self.book.commit().await?;
                job.files.push(FileReport { name: name.to_owned(), known: true, counts: Counts::default() });
            }
            return self.archive(path);
        }
        let rows = u64::try_from(sheet.len()).unwrap_or(u64::MAX);
        job.selected += rows;
        self.progress.tell(Step::Selected(rows));
        if self.over_limit(rows, limit, job, tally).await? {
            return Ok(());
        }
        let mark = known.and_then(|known| known.mark).map(|mark| mark.parse::<Mark>()).transpose()?;
        let reasons = self.settings.reasons.clone();
        let reading = Reading { today: self.stamp.today, reasons: &reasons, file: name };
        let file: Arc<str> = sheet.sha256().into();
        let mut counts = Counts::default();
        let mut rows = sheet.rows(mark, |record| feed.read(record, &reading)).peekable();
        loop {
            let (mut part, mut upto) = (Vec::with_capacity(chunk.min(sheet.len())), None);
            for row in rows.by_ref() {
                let row = row?;
                let kept = row.value.as_ref().map_or(true, |input| self.waits(input));
                let raw = if kept { sheet.raw(&row)? } else { Vec::new() };
                upto = row.mark.or(upto);
                let full = row.mark.is_some() && part.len() + 1 >= chunk;
                part.push(Row {
                    file: file.clone(),
                    line: row.line,
                    value: row.value.map(|input| input.on_line(row.line)),
                    raw,
                });
                if full {
                    break;
                }
            }
            let last = rows.peek().is_none();
            let laid = u64::try_from(part.len()).unwrap_or_default();
            counts += self.take_chunk(part, taking, rules, upto, last, job, tally).await?;
            self.progress.tell(Step::Done(laid));
            if last {
                break;
            }
            if self.must_stop() {
                job.outcome = Outcome::Stopped;
                job.files.push(FileReport { name: name.to_owned(), known: false, counts });
                return Ok(());
            }
        }
        job.files.push(FileReport { name: name.to_owned(), known: false, counts });
        self.archive(path)
    }

    #[expect(clippy::too_many_arguments, reason = "the chunk, its file and what it is counted in")]
    async fn take_chunk(
        &mut self,
        rows: Vec<Row>,
        taking: Taking<'_>,
        rules: Rules,
        upto: Option<Mark>,
        last: bool,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<Counts, Failure> {
        let (file, header, today) = (taking.sheet.sha256(), taking.sheet.header(), self.stamp.today);
        self.book.begin().await?;
        let (chunk, sorted) = self.lay(rows, rules).await?;
        chunk.write(self, tally, job).await?;
        let mut counts = Counts::default();
        for became in sorted.became {
            counts += became;
        }
        let mark = upto.map(|mark| mark.to_string()).unwrap_or_default();
        self.book.advance_file((file, taking.kind, taking.name, &header), self.stamp.run, &mark, counts).await?;
        self.book.keep_rejects(file, self.stamp.run, today, &sorted.rejects).await?;
        self.book.keep_waiting(file, taking.kind, &sorted.waiting).await?;
        if last {
            self.book.finish_file(file, today).await?;
            self.book.note_delivery(taking.kind, taking.name, file, today).await?;
        }
        self.book.commit().await?;
        for reject in &sorted.rejects {
            note_reject(job, taking.name, reject);
        }
        Ok(counts)
    }

    /// Rows whose day has come, a page at a time.
    async fn take_waiting(
        &mut self,
        feed: Feed,
        rules: Rules,
        job: &mut JobReport,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        loop {
            self.book.begin().await?;
            let waiting = self.book.due_from_waiting(feed.kind(), self.stamp.today, WAITING_PAGE).await?;
            if waiting.is_empty() {
                return self.book.rollback().await;
            }
            let mut rows = Vec::with_capacity(waiting.len());
            for row in &waiting {
                let claim = |_| Failure::Claim {
                    table: "waiting",
                    id: row.line,
                    reason: "its meaning cannot be read".to_owned(),
                };
                let input: Input = serde_json::from_str(&row.input).map_err(claim)?;
                let line = u64::try_from(row.line).unwrap_or_default();
                rows.push(Row { file: row.file.as_str().into(), line, value: Ok(input), raw: row.raw.clone() });
            }
            job.selected += u64::try_from(rows.len()).unwrap_or_default();
            let (chunk, sorted) = self.lay(rows, rules).await?;
            chunk.write(self, tally, job).await?;
            let mut rejects = sorted.rejects.into_iter();
            let mut ended: BTreeMap<&str, (Vec<i64>, Counts, Vec<NewReject>)> = BTreeMap::new();
            for (row, became) in waiting.iter().zip(sorted.became) {
                let (lines, counts, of_file) = ended.entry(&row.file).or_default();
                lines.push(row.line);
                *counts += became;
                if became.rejected > 0 {
                    of_file.extend(rejects.next());
                }
            }
            for (file, (lines, counts, rejects)) in ended {
                self.book.end_waiting(file, &lines, counts).await?;
                self.book.keep_rejects(file, self.stamp.run, self.stamp.today, &rejects).await?;
            }
            self.book.commit().await?;
        }
    }

    /// Lays rows into the folders they name, in their order.
    async fn lay(&mut self, rows: Vec<Row>, rules: Rules) -> Result<(Chunk, Sorted), Failure> {
        let inputs = || rows.iter().filter_map(|row| row.value.as_ref().ok()).filter(|input| !self.waits(input));
        let locators: Vec<_> = inputs().map(Input::locator).collect();
        let references: Vec<_> = inputs().filter_map(Input::reference).collect();
        let mut located = self.book.locate(&locators, &references).await?;
        let mut folders: BTreeSet<PersonId> = locators.iter().flat_map(|locator| located.folders(*locator)).collect();
        folders.insert(PersonId::OFFICE);
        let mut chunk = Chunk::new(self.book.cases(&folders.into_iter().collect::<Vec<_>>()).await?);
        let mut sorted = Sorted::default();
        for row in rows {
            let mut counts = Counts { rows: 1, ..Counts::default() };
            let laid = match row.value {
                Ok(input) if self.waits(&input) => {
                    let due_on = input.day().unwrap_or(self.stamp.today);
                    let input = serde_json::to_string(&input).map_err(|error| Failure::Unfit(error.to_string()))?;
                    sorted.waiting.push(NewWaiting { line: row.line, due_on, input, raw: row.raw });
                    counts.waiting = 1;
                    sorted.became.push(counts);
                    continue;
                }
                Ok(input) => self.lay_one(&input, &row.file, row.line, rules, &mut located, &mut chunk)?,
                Err(rejection) => Err(rejection),
            };
            match laid {
                Ok(Taken::Applied) => counts.applied = 1,
                Ok(Taken::Duplicate) => counts.duplicate = 1,
                Ok(Taken::Overtaken) => counts.overtaken = 1,
                Err(rejection) => {
                    counts.rejected = 1;
                    sorted.rejects.push(NewReject { line: row.line, rejection, raw: row.raw });
                }
            }
            sorted.became.push(counts);
        }
        Ok((chunk, sorted))
    }

    fn lay_one(
        &mut self,
        input: &Input,
        file: &Arc<str>,
        line: u64,
        rules: Rules,
        located: &mut Located,
        chunk: &mut Chunk,
    ) -> Result<Result<Taken, Rejection>, Failure> {
        let source = || Source::Row { file: file.clone(), line };
        let mut folders = located.folders(input.locator());
        if folders.is_empty()
            && let Input::Registration(row) = input
        {
            let person = chunk.open_new(self.book.ids(), row.cpr);
            located.note(row.cpr, person);
            folders.push(person);
        }
        let home = folders.first().copied().unwrap_or(PersonId::OFFICE);
        if let Some(reference) = input.reference() {
            match located.taken(reference) {
                Some(other) if other != home => return Ok(Err(id_taken(input))),
                _ => {}
            }
        }
        let mut taken = None;
        let mut why = "nothing on file has that number";
        for person in folders.iter().copied().filter(|person| *person != PersonId::OFFICE) {
            let world = (&self.office, self.book.ids(), self.stamp.by);
            match chunk.on(person, world, source(), |work| (rules.decide)(work, input))? {
                Ok(Laid::Here(Taken::Applied)) => taken = Some(Taken::Applied),
                Ok(Laid::Here(other)) => taken = taken.or(Some(other)),
                Ok(Laid::ForOffice(reason)) => why = reason,
                Err(rejection) => return Ok(Err(rejection)),
            }
        }
        let taken = if let Some(taken) = taken {
            Ok(taken)
        } else {
            let world = (&self.office, self.book.ids(), self.stamp.by);
            chunk.on(PersonId::OFFICE, world, source(), |work| (rules.without_folder)(work, input, why))?
        };
        if let (Some(reference), Ok(_)) = (input.reference(), &taken) {
            located.take(reference, home);
        }
        Ok(taken)
    }

    /// The row's own day is still to come.
    fn waits(&self, input: &Input) -> bool {
        input.day().is_some_and(|day| day > self.stamp.today)
    }

    fn archive(&self, path: &Path) -> anyhow::Result<()> {
        if self.dry {
            return Ok(());
        }
        failpoint::pass("before a file moves to the archive");
        inbox::archive(path, &self.settings.archive, self.stamp.today).map_err(|error| {
            let hint = "(hint: see that inbox and archive can be written; it is read, and the next run moves it)";
            anyhow::anyhow!("{error:#} {hint}")
        })?;
        failpoint::pass("after a file moved to the archive");
        Ok(())
    }
}

/// Rejects a report names; the book has them all.
const REJECTS_SHOWN: usize = 100;

fn note_reject(job: &mut JobReport, file: &str, reject: &NewReject) {
    if job.rejects.len() < REJECTS_SHOWN {
        let Rejection { column, code, reason } = &reject.rejection;
        job.rejects.push(format!("{file} line {}, column {column}: {reason} ({code})", reject.line));
    }
}

/// A neighbour's id that is on file in another folder: one of the two is mistaken.
fn id_taken(input: &Input) -> Rejection {
    let column = match input {
        Input::Desk(_) => "event_id",
        Input::Payment(_) => "payment_id",
        _ => "request_id",
    };
    Rejection::new(column, "id-taken", "is on file already, in another case")
}
