//! `store`: the database under the book.

use anyhow::Result;

use super::{Session, output};
use crate::{exit::Exit, night::run::NotBegun, settings::Secret, store::migrate};

/// Arguments of `store`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Args {
    /// Bring the book's schema to that of this program. Take a backup first.
    Migrate,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let Args::Migrate = args;
    let database = &session.settings.database;
    let Some((before, after)) = migrate(&database.address(), database.password().map(Secret::reveal)).await? else {
        return Err(NotBegun::Locked("another run has the book (hint: try again when it has ended)".to_owned()).into());
    };
    let what = match before {
        0 => format!("the book is created with schema {after}"),
        _ if before == after => format!("the book has schema {after} already"),
        _ => format!("the book went from schema {before} to {after}"),
    };
    output::done(&what, &[], session)?;
    Ok(Exit::Done)
}
