//! `backup`: the book as of one moment in a new file, while runs and desk go on.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::{Session, output, progress};
use crate::{
    exit::Exit,
    settings::{Database, Secret},
};

/// Arguments of `backup`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A file that is not there yet; it will be readable by its owner alone.
    file: PathBuf,
}

pub(super) async fn run(args: Args, session: &mut Session<'_>) -> Result<Exit> {
    let path = args.file.display();
    let copy = create(&args.file)?;
    let bar = progress::of_one("copying the book");
    let copied = copy_book(&args.file, copy, session).await;
    bar.finish_and_clear();
    let what = match copied {
        Ok(what) => what,
        Err(error) => {
            // Half a copy is worse than none; it was created here a moment ago.
            let _ = std::fs::remove_file(&args.file);
            return Err(error.context(format!("copy the book to {path}")));
        }
    };
    output::done(&format!("{what} is in {path}"), &[], session)?;
    Ok(Exit::Done)
}

/// Creates the file, for its owner alone whatever the umask; never over another.
fn create(file: &Path) -> Result<File> {
    let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    match created {
        Ok(created) => {
            created.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            Ok(created)
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            bail!("copy the book to {}: a file of that name is there (hint: name another one)", file.display())
        }
        Err(error) => Err(error).with_context(|| format!("create {}", file.display())),
    }
}

async fn copy_book(file: &Path, copy: File, session: &Session<'_>) -> Result<String> {
    let mut book = session.book().await?;
    if let Some(head) = book.copy_to(file).await? {
        return Ok(format!("the book up to entry {} ({})", head.seq, hex::encode(head.hash)));
    }
    let before = book.head().await?.seq;
    dump(&session.settings.database, copy)?;
    Ok(format!("the book with at least {before} entries"))
}

/// Lets PostgreSQL's own program write the copy. The password goes through the environment, which others cannot read,
/// and not through the arguments, which they can.
fn dump(database: &Database, copy: File) -> Result<()> {
    let mut command = Command::new("pg_dump");
    command.args(["--format=custom", "--no-password"]).arg(format!("--dbname={}", database.address()));
    if let Some(password) = database.password().map(Secret::reveal) {
        command.env("PGPASSWORD", password);
    }
    let disk = copy.try_clone()?;
    match command.stdin(Stdio::null()).stdout(copy).status() {
        Ok(status) if status.success() => Ok(disk.sync_all()?),
        Ok(status) => bail!("run pg_dump: it ended with {status} (hint: its own words stand above)"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("run pg_dump: it is not installed (hint: Debian has it in postgresql-client)")
        }
        Err(error) => Err(error).context("run pg_dump"),
    }
}
