//! `return`: what came back and fits no card lies on the shelf until the desk matches, forwards or destroys it (T9).

use anyhow::{Result, bail};

use super::{Session, card, desk, output};
use crate::{
    domain::{
        casework::Casework,
        hold::{Item, ItemEnding},
        ids::{CardId, ItemId, PersonId},
        input::Returned,
        rules::ComeBack,
    },
    exit::Exit,
};

/// Arguments of `return`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// List what lies on the shelf and fits no card, oldest first, without names.
    List {
        /// What was matched, forwarded or destroyed as well.
        #[arg(long)]
        all: bool,
    },
    /// Say whose card an item is: it becomes a return of that card, on the day it came.
    Match {
        /// As in the list: U and a number.
        #[arg(value_name = "ITEM", value_parser = desk::id::<ItemId>)]
        item: ItemId,
        /// As printed on it.
        #[arg(value_name = "CARD", value_parser = desk::id::<CardId>)]
        card: CardId,
    },
    /// Record that an item was passed on to whom it belongs.
    Forward(Ended),
    /// Record that an item was destroyed.
    Destroy(Ended),
}

/// What the end of an item takes.
#[derive(Debug, clap::Args)]
pub(super) struct Ended {
    /// As in the list: U and a number.
    #[arg(value_name = "ITEM", value_parser = desk::id::<ItemId>)]
    item: ItemId,
    /// To whom, or why, for the ledger.
    #[arg(long, value_name = "TEXT", value_parser = desk::reason)]
    reason: String,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    match args {
        Args::List { all } => list(all, session).await,
        Args::Match { item, card } => matched(item, card, session).await,
        Args::Forward(ended) => end("return forward", ended, ItemEnding::Forwarded, session).await,
        Args::Destroy(ended) => end("return destroy", ended, ItemEnding::Destroyed, session).await,
    }
}

async fn list(all: bool, session: &mut Session<'_>) -> Result<Exit> {
    let items = session.book().await?.items(all).await?;
    let mut header = vec!["item", "returned_on", "reason", "site", "slot", "card_id_read"];
    if all {
        header.extend(["ended", "ended_on", "card_id"]);
    }
    let rows: Vec<_> = items.iter().map(|item| row(item, all)).collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}

fn row(item: &Item, all: bool) -> Vec<String> {
    let mut row = vec![
        item.id.to_string(),
        item.returned_on.to_string(),
        item.reason.code().to_owned(),
        item.site.clone(),
        item.slot.clone(),
        // What was read as a card id may be anything; only what looks like one is shown.
        item.label.card_id.parse::<CardId>().map(|card| card.to_string()).unwrap_or_default(),
    ];
    if all {
        let outcome = item.outcome.as_ref();
        row.push(outcome.map(|outcome| word(outcome.how).to_owned()).unwrap_or_default());
        row.push(outcome.map(|outcome| outcome.on.to_string()).unwrap_or_default());
        row.push(outcome.and_then(|outcome| outcome.card).map(|card| card.to_string()).unwrap_or_default());
    }
    row
}

/// The item ends and the return begins in one transaction, or neither does.
async fn matched(item: ItemId, card: CardId, session: &mut Session<'_>) -> Result<Exit> {
    let mut book = session.book().await?;
    let person = card::owner(&mut book, card, "match").await?;
    let end = |work: &mut Casework<'_>| -> Result<Returned> {
        let row = work.return_of_item(item, card);
        work.end_item(item, ItemEnding::Matched, Some(card))?;
        match row {
            Some(row) => Ok(row),
            None => bail!("match {item}: no such item lies unmatched on the shelf"),
        }
    };
    let lay = |work: &mut Casework<'_>, row: Returned| -> Result<String> {
        match work.returned(&row) {
            ComeBack::Taken(_) => {
                Ok(work.case.card(card).map(|card| card.custody.state().to_owned()).unwrap_or_default())
            }
            ComeBack::Unmatched(why) => bail!("match {item} with {card}: {why}"),
        }
    };
    let done = desk::on_office_and_case(session, &mut book, person, ("return match", None), end, lay).await?;
    done.tell(&format!("{item} is {card}, which is {}", done.value), session)
}

async fn end(verb: &'static str, ended: Ended, how: ItemEnding, session: &mut Session<'_>) -> Result<Exit> {
    let Ended { item, reason } = ended;
    let mut book = session.book().await?;
    let end = |work: &mut Casework<'_>| work.end_item(item, how, None);
    let done = desk::on_case(session, &mut book, PersonId::OFFICE, (verb, Some(&reason)), end).await?;
    done.tell(&format!("{item} is {}", word(how)), session)
}

const fn word(how: ItemEnding) -> &'static str {
    match how {
        ItemEnding::Matched => "matched",
        ItemEnding::Forwarded => "forwarded",
        ItemEnding::Destroyed => "destroyed",
    }
}
