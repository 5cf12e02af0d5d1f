//! `office`: what the office decides of itself after the settings were written.

use anyhow::Result;
use chrono::NaiveDate;

use super::{Session, desk, output, progress};
use crate::{
    domain::{
        calendar::LONGEST_CLOSURE_DAYS,
        casework::Casework,
        ids::{ClosureId, PersonId},
        practice::Closure,
        refusal::Refusal,
    },
    exit::Exit,
};

/// Arguments of `office`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Enter days on which the office is closed besides weekends, holidays and the yearly days. Cards on the shelf are
    /// kept the longer for it.
    Closed {
        /// The first closed day.
        #[arg(value_name = "FROM")]
        from: NaiveDate,
        /// The last closed day [default: the first].
        #[arg(value_name = "TO")]
        to: Option<NaiveDate>,
        /// Why, for the ledger.
        #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
        reason: String,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let Args::Closed { from, to, reason } = args;
    let to = to.unwrap_or(from);
    let days = if from == to { format!("on {from}") } else { format!("from {from} to {to}") };
    let mut book = session.book().await?;
    let known = book.closures().await?.iter().any(|closure| closure.from <= from && from <= to && to <= closure.to);
    if known {
        output::done(&format!("the office is closed {days} already"), &[], session)?;
        return Ok(Exit::Done);
    }
    let bar = progress::of_one("counting the shelf again");
    let why = ("office closed", Some(reason.as_str()));
    let close = |work: &mut Casework<'_>| enter(work, from, to);
    let done = desk::on_office_and_count_shelf(session, &mut book, why, close).await;
    bar.finish_and_clear();
    let done = done?;
    let (id, longer) = done.value;
    done.tell(&format!("{id}: the office is closed {days}; people whose card is kept longer: {longer}"), session)
}

/// Enters a closure, unless it cannot be meant.
fn enter(work: &mut Casework<'_>, from: NaiveDate, to: NaiveDate) -> Result<ClosureId, Refusal> {
    let length = to.signed_duration_since(from).num_days() + 1;
    let refused =
        |code, reason: String| Refusal { subject: "the office".to_owned(), state: "open", verb: "close", code, reason };
    if length < 1 {
        return Err(refused("ends-before-it-begins", format!("{to} is before {from}")));
    }
    if length > i64::from(LONGEST_CLOSURE_DAYS) {
        return Err(refused("too-long", format!("{length} days are more than {LONGEST_CLOSURE_DAYS}")));
    }
    let id = work.ids.closure();
    work.add("office closed", Closure { id, person: PersonId::OFFICE, from, to });
    Ok(id)
}
