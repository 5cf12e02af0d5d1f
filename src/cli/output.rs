//! How verbs show data: tables for people, JSON or CSV for programs.

use anyhow::Result;
use comfy_table::{ContentArrangement, Table, presets::NOTHING};

use super::Session;
use crate::{
    domain::finding::Finding,
    night::report::{JobReport, Outcome, Report},
};

/// Who reads the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// People.
    Table,
    /// Programs: a JSON object a line, the last one a summary.
    Json,
    /// Programs and spreadsheets.
    Csv,
}

/// Rows under a header, in the session's format.
///
/// # Errors
/// When stdout cannot be written.
pub fn rows(header: &[&str], rows: &[Vec<String>], session: &mut Session<'_>) -> Result<()> {
    match session.format {
        Format::Table => writeln!(session.out, "{}", table(header, rows))?,
        Format::Csv => write!(session.out, "{}", crate::output::sheet::csv(header, rows))?,
        Format::Json => {
            for row in rows {
                let object: serde_json::Map<String, serde_json::Value> =
                    header.iter().map(|name| (*name).to_owned()).zip(row.iter().cloned().map(Into::into)).collect();
                writeln!(session.out, "{}", serde_json::Value::Object(object))?;
            }
            writeln!(session.out, "{}", serde_json::json!({ "schema": 1, "rows": rows.len() }))?;
        }
    }
    Ok(())
}

/// One thing with its fields, in the session's format.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn one(fields: &[(&str, String)], session: &mut Session<'_>) -> Result<()> {
    if session.format == Format::Table {
        let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in fields.iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(session.out, "{name:width$}  {}", plain(value))?;
        }
        return Ok(());
    }
    let header: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    rows(&header, &[fields.iter().map(|(_, value)| value.clone()).collect()], session)
}

/// Text from a file as a terminal may show it: control characters could move its cursor or clear it.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|sign| if sign.is_control() && sign != '\n' { char::REPLACEMENT_CHARACTER } else { sign })
        .collect()
}

/// What a write at the desk did, and the findings it opened.
///
/// # Errors
/// When stdout cannot be written.
pub(super) fn done(what: &str, opened: &[Finding], session: &mut Session<'_>) -> Result<()> {
    match session.format {
        Format::Table => {
            writeln!(session.out, "{what}")?;
            for finding in opened {
                let (id, kind) = (finding.id, finding.kind.code());
                writeln!(session.out, "finding {id} is opened: {kind} {}: {}", finding.subject, finding.detail)?;
            }
        }
        Format::Json => {
            writeln!(session.out, "{}", serde_json::json!({ "schema": 1, "done": what, "findings": opened }))?;
        }
        Format::Csv => {
            let row = |finding: &Finding| {
                let kind = finding.kind.code().to_owned();
                vec![finding.id.to_string(), kind, finding.subject.clone(), finding.detail.clone()]
            };
            let opened: Vec<_> = opened.iter().map(row).collect();
            rows(&["finding", "kind", "subject", "detail"], &opened, session)?;
        }
    }
    Ok(())
}

/// A table without lines: it stays readable when it is wider than the terminal.
#[must_use]
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header.to_vec());
    for row in rows {
        table.add_row(row.iter().map(|cell| plain(cell)));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

/// What a run did.
///
/// # Errors
/// When stdout cannot be written.
pub fn report(report: &Report, session: &mut Session<'_>) -> Result<()> {
    if session.format == Format::Json {
        writeln!(session.out, "{}", serde_json::to_string(report)?)?;
        return Ok(());
    }
    let busy = |job: &&JobReport| job.selected > 0 || !job.changes.is_empty() || job.outcome != Outcome::Done;
    let all = session.format == Format::Csv;
    let lines: Vec<Vec<String>> = report
        .jobs
        .iter()
        .filter(|job| all || busy(job))
        .map(|job| vec![job.job.clone(), job.outcome.word().to_owned(), job.selected.to_string(), changes(job)])
        .collect();
    let header = ["job", "outcome", "selected", "changes"];
    if session.format == Format::Csv {
        write!(session.out, "{}", crate::output::sheet::csv(&header, &lines))?;
        return Ok(());
    }
    let what = if report.dry_run { "Plan for the night of" } else { "Night of" };
    writeln!(session.out, "{what} {}", report.business_date)?;
    if !lines.is_empty() {
        writeln!(session.out, "\n{}", table(&header, &lines))?;
    }
    let files: Vec<Vec<String>> = report.jobs.iter().flat_map(|job| &job.files).map(file).collect();
    if !files.is_empty() {
        let header = ["file", "rows", "applied", "duplicate", "overtaken", "waiting", "rejected"];
        writeln!(session.out, "\nFiles read\n\n{}", table(&header, &files))?;
    }
    list("Files written", &report.outputs, session)?;
    let mut findings: Vec<String> =
        report.findings_opened.iter().map(|(kind, count)| format!("{count} {kind} opened")).collect();
    findings.extend(report.findings_closed.iter().map(|(kind, count)| format!("{count} {kind} closed")));
    list("Findings", &findings, session)?;
    let rejects: Vec<String> = report.jobs.iter().flat_map(|job| &job.rejects).cloned().collect();
    list("Rejects", &rejects, session)?;
    let messages: Vec<String> = report
        .jobs
        .iter()
        .flat_map(|job| job.messages.iter().map(move |message| format!("{}: {message}", job.job)))
        .collect();
    list("Messages", &messages, session)?;
    let cases: Vec<String> = report.jobs.iter().flat_map(|job| &job.cases).cloned().collect();
    list("Case by case", &cases, session)?;
    if !report.had_effect() {
        writeln!(session.out, "\nNothing was due: the book is as it was.")?;
    }
    Ok(())
}

fn changes(job: &JobReport) -> String {
    job.changes.iter().map(|(verb, count)| format!("{count} {verb}")).collect::<Vec<_>>().join(", ")
}

fn file(file: &crate::night::report::FileReport) -> Vec<String> {
    let counts = file.counts;
    let name = if file.known { format!("{} (known)", file.name) } else { file.name.clone() };
    let numbers = [counts.rows, counts.applied, counts.duplicate, counts.overtaken, counts.waiting, counts.rejected];
    std::iter::once(name).chain(numbers.iter().map(i64::to_string)).collect()
}

fn list(title: &str, lines: &[String], session: &mut Session<'_>) -> Result<()> {
    if !lines.is_empty() {
        writeln!(session.out, "\n{title}\n\n{}", plain(&lines.join("\n")))?;
    }
    Ok(())
}
