//! `rejects`: rows that were not applied. They are listed without the row itself; who looks at rows leaves an access row
//! first.

use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use super::{Session, desk, output};
use crate::{
    domain::ids::PersonId,
    exit::Exit,
    intake::RECORD_MAX,
    output::file::Draft,
    settings::FEEDS,
    store::{
        Book,
        rejects::{Reject, RejectedRow, Wanted},
    },
};

/// Arguments of `rejects`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// List open rejects, oldest first, without their rows.
    List {
        /// Those that are closed as well.
        #[arg(long)]
        all: bool,
        /// Those of one feed only, like `registrations`.
        #[arg(long, value_parser = FEEDS)]
        feed: Option<String>,
    },
    /// Show one reject with its row. The look is noted.
    Show {
        /// As in the list.
        #[arg(value_name = "REJECT")]
        reject: i64,
        /// Why the row is looked at.
        #[arg(long, value_name = "TEXT", default_value = "to correct the row", value_parser = desk::reason)]
        reason: String,
    },
    /// Write the rows of open rejects to files under the header they came with, to be corrected and delivered again.
    /// The look is noted.
    ///
    /// The rows are written byte for byte as they came: correct them in a text editor, for a spreadsheet would run what
    /// looks like a formula and take zeros off numbers. What is written to the terminal says which line is which reject
    /// and what is wrong with it. A corrected file goes to the inbox under a new name; the rejects stay open until they
    /// are closed.
    Export {
        /// A directory, for a file a feed; or a file that ends in .csv, where all rows are of one feed.
        #[arg(value_name = "DIR|FILE")]
        target: PathBuf,
        /// Those of one feed only, like `registrations`.
        #[arg(long, value_parser = FEEDS)]
        feed: Option<String>,
        /// Why the rows are looked at.
        #[arg(long, value_name = "TEXT", default_value = "to correct the rows", value_parser = desk::reason)]
        reason: String,
    },
    /// Close rejects that were corrected, or need not be.
    Close {
        /// As in the list.
        #[arg(value_name = "REJECT", required = true)]
        rejects: Vec<i64>,
        /// What was done about them.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::List { all, feed } => list(all, feed.as_deref().unwrap_or_default(), session).await,
        Args::Show { reject, reason } => show(reject, &reason, session).await,
        Args::Export { target, feed, reason } => {
            export(&target, feed.as_deref().unwrap_or_default(), &reason, session).await
        }
        Args::Close { rejects, reason } => close(&rejects, &reason, session).await,
    }
}

async fn list(all: bool, feed: &str, session: &mut Session<'_>) -> Result<Exit> {
    let rejects = session.book().await?.rejects(Wanted { closed_too: all, feed, run: 0 }).await?;
    let header = if all { &HEADER[..] } else { &HEADER[..7] };
    let rows: Vec<_> = rejects.iter().map(|reject| cells(reject)[..header.len()].to_vec()).collect();
    output::rows(header, &rows, session)?;
    Ok(Exit::Done)
}

const HEADER: [&str; 10] =
    ["reject", "since", "file", "line", "column", "code", "reason", "closed_on", "closed_by", "closed_why"];

fn cells(reject: &Reject) -> [String; 10] {
    [
        reject.id.to_string(),
        reject.came_on.to_string(),
        reject.name.clone(),
        reject.line.to_string(),
        reject.in_column.clone(),
        reject.code.clone(),
        reject.reason.clone(),
        reject.closed_on.map(|on| on.to_string()).unwrap_or_default(),
        reject.closed_by.clone().unwrap_or_default(),
        reject.closed_why.clone().unwrap_or_default(),
    ]
}

async fn show(id: i64, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let reject = known(&mut book, id, "show").await?;
    note(&mut book, &format!("rejects show {id}"), reason, session).await?;
    let row = book.rejected_row(id).await?;
    let (header, row) = match &row {
        Some(row) => (row.header.clone(), String::from_utf8_lossy(&row.raw).trim_end().to_owned()),
        None => (String::new(), "erased".to_owned()),
    };
    let mut fields: Vec<_> = HEADER.into_iter().zip(cells(&reject)).collect();
    fields.extend([("run", reject.run.to_string()), ("header", header), ("row", row)]);
    output::one(&fields, session)?;
    Ok(Exit::Done)
}

async fn known(book: &mut Book, id: i64, verb: &str) -> Result<Reject> {
    match book.reject(id).await? {
        Some(reject) => Ok(reject),
        None => bail!("{verb} reject {id}: there is no such reject (hint: sundhedskort rejects list)"),
    }
}

/// Whose row it is, is not known: the look is noted in the office's own folder.
async fn note(book: &mut Book, what: &str, why: &str, session: &Session<'_>) -> Result<()> {
    let who = (session.operator()?, session.clock.now());
    Ok(book.note_access(&[PersonId::OFFICE], who, what, why).await?)
}

async fn export(target: &Path, feed: &str, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let rejects = book.rejects(Wanted { closed_too: false, feed, run: 0 }).await?;
    let ids: Vec<_> = rejects.iter().map(|reject| reject.id.to_string()).collect();
    if !ids.is_empty() {
        note(&mut book, &format!("rejects export {}", ids.join(" ")), reason, session).await?;
    }
    let mut files = Files::to(target, session)?;
    let mut rows = Vec::new();
    for reject in &rejects {
        let [id, _, _, _, column, code, reason, ..] = cells(reject);
        // A row that was erased or cut off cannot be delivered again: it stands in no file.
        let (name, line) = match book.rejected_row(reject.id).await? {
            Some(row) if row.raw.len() < RECORD_MAX => files.write(&row)?,
            _ => (String::new(), String::new()),
        };
        rows.push(vec![name, line, id, column, code, reason]);
    }
    files.publish()?;
    output::rows(&["file", "line", "reject", "column", "code", "reason"], &rows, session)?;
    Ok(Exit::Done)
}

/// The files of an export: one for each header met, as a feed's columns may stand in another order in another file.
struct Files {
    directory: PathBuf,
    /// The one name allowed, or the date that stands in the names.
    name: Result<String, String>,
    open: BTreeMap<(String, String), (Draft, String, u64)>,
}

impl Files {
    fn to(target: &Path, session: &Session<'_>) -> Result<Self> {
        let is_file = target.extension().is_some_and(|extension| extension == "csv") && !target.is_dir();
        let (directory, name) = if is_file {
            let name = target.file_name().and_then(|name| name.to_str()).context("read the file's name")?;
            let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
            (parent.unwrap_or(Path::new(".")), Ok(name.to_owned()))
        } else {
            (target, Err(session.clock.today().to_string()))
        };
        if let Ok(name) = &name
            && target.exists()
        {
            bail!("write {name}: a file of that name is there (hint: name another one; none is overwritten)");
        }
        Ok(Self { directory: directory.to_owned(), name, open: BTreeMap::new() })
    }

    /// Writes one row; tells the file and line where it stands.
    fn write(&mut self, row: &RejectedRow) -> Result<(String, String)> {
        let key = (row.feed.clone(), row.header.clone());
        if !self.open.contains_key(&key) {
            let name = self.free_name(&row.feed)?;
            let mut draft = self.draft(&name)?;
            writeln!(draft, "{}", row.header)?;
            self.open.insert(key.clone(), (draft, name, 1));
        }
        let (draft, name, lines) = self.open.get_mut(&key).context("keep the export open")?;
        *lines += 1;
        let line = *lines;
        let row = row.raw.trim_ascii_end();
        draft.write_all(row).and_then(|()| draft.write_all(b"\n")).with_context(|| format!("write {name}"))?;
        // A quoted cell may hold line ends.
        *lines += u64::try_from(row.split(|byte| *byte == b'\n').skip(1).count()).unwrap_or_default();
        Ok((name.clone(), line.to_string()))
    }

    fn draft(&self, name: &str) -> Result<Draft> {
        Draft::new(&self.directory, name).with_context(|| format!("write {}", self.directory.join(name).display()))
    }

    fn free_name(&self, feed: &str) -> Result<String> {
        let date = match &self.name {
            Ok(name) if self.open.is_empty() => return Ok(name.clone()),
            Ok(name) => bail!(
                "write {name}: the rows are of several feeds or headers (hint: name a directory, or one feed with --feed)"
            ),
            Err(date) => date,
        };
        let taken =
            |name: &String| self.directory.join(name).exists() || self.open.values().any(|(_, other, _)| other == name);
        let names = (1..=MOST_FILES).map(|n| format!("{feed}-rejects-{date}-{n}.csv"));
        names.into_iter().find(|name| !taken(name)).with_context(|| format!("find a free name for {feed}-rejects"))
    }

    fn publish(self) -> Result<()> {
        for (draft, _, _) in self.open.into_values() {
            draft.publish()?;
        }
        Ok(())
    }
}

/// Exports of one feed and day in one directory: more is not work at a desk but a fault.
const MOST_FILES: u32 = 1_000;

async fn close(ids: &[i64], reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    let operator = session.operator()?.to_owned();
    let mut book = session.book().await?;
    for id in ids {
        if let Some(on) = known(&mut book, *id, "close").await?.closed_on {
            bail!("close reject {id}: it was closed on {on} (hint: sundhedskort rejects show {id})");
        }
    }
    book.begin().await?;
    for id in ids {
        book.close_reject(*id, session.clock.today(), &operator, reason).await?;
    }
    book.commit().await?;
    let list: Vec<_> = ids.iter().map(i64::to_string).collect();
    output::done(&format!("closed {}", list.join(", ")), &[], session)?;
    Ok(Exit::Done)
}
