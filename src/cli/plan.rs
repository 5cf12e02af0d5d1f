//! `plan`: what a run would change, case by case, and how many.

use anyhow::Result;

use super::{
    Session,
    run::{Which, show},
};
use crate::{
    exit::Exit,
    night::run::{Order, run as run_jobs},
};

/// Arguments of `plan`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    which: Which,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let order = Order { dry: true, ..args.which.order(session)? };
    let mut book = session.book().await?;
    let report = run_jobs(&mut book, session.settings, session.clock, &order, session.stop.clone()).await?;
    show(&report, session)
}
