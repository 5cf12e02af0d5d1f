//! `notice`: what has not been told yet.

use anyhow::Result;

use super::{Session, output};
use crate::{
    domain::notice::{NoticeState, Subject},
    exit::Exit,
};

/// Arguments of `notice`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// List what goes with the next letters, and what must be told in another way; without anything personal.
    List {
        /// Only what must be told in another way: `card told` takes it off the list.
        #[arg(long)]
        to_call: bool,
    },
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let Args::List { to_call } = args;
    let mut book = session.book().await?;
    let notices = book.pending_notices(to_call).await?;
    let persons: Vec<_> = notices.iter().map(|notice| notice.person).collect();
    let mut cases = std::collections::BTreeMap::new();
    for page in persons.chunks(500) {
        cases.extend(book.cases(page).await?);
    }
    let header = ["notice", "case", "kind", "card_id", "about", "last_day", "state", "since", "why"];
    let rows: Vec<_> = notices
        .iter()
        .map(|notice| {
            let card = cases.get(&notice.person).and_then(|case| case.card_of(notice.subject));
            let (state, since, why) = match &notice.state {
                NoticeState::ToCall { since, why, .. } => ("to_call", *since, why.as_str()),
                _ => ("wanted", notice.wanted_on, ""),
            };
            vec![
                notice.id.to_string(),
                notice.person.to_string(),
                notice.kind.code().to_owned(),
                card.map(|card| card.to_string()).unwrap_or_default(),
                match notice.subject {
                    Subject::Hold(hold) => hold.to_string(),
                    Subject::Request(request) => request.to_string(),
                    Subject::Card(card) => card.to_string(),
                },
                notice.told_date.map(|day| day.to_string()).unwrap_or_default(),
                state.to_owned(),
                since.to_string(),
                why.to_owned(),
            ]
        })
        .collect();
    output::rows(&header, &rows, session)?;
    Ok(Exit::Done)
}
