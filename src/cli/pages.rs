//! `completions` and `man`: what a package installs beside the program, made from the same definition.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;

use super::{Cli, Session};
use crate::exit::Exit;

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub(super) struct Completions {
    /// For this shell.
    shell: clap_complete::Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub(super) struct Man {
    /// Where the pages go, one a verb.
    #[arg(value_name = "DIR")]
    directory: PathBuf,
}

pub(super) fn completions(args: &Completions, session: &mut Session<'_>) -> Result<Exit> {
    // Into memory first: the generator does not expect that a pipe may be closed.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "sundhedskort", &mut script);
    session.out.write_all(&script)?;
    Ok(Exit::Done)
}

pub(super) fn man(args: &Man, session: &mut Session<'_>) -> Result<Exit> {
    let directory = &args.directory;
    let write = || -> std::io::Result<usize> {
        std::fs::create_dir_all(directory)?;
        clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), directory)?;
        Ok(std::fs::read_dir(directory)?.count())
    };
    let pages = write().with_context(|| format!("write the man pages to {}", directory.display()))?;
    writeln!(session.out, "{pages} pages in {}", directory.display())?;
    Ok(Exit::Done)
}
