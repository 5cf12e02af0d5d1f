//! "The same book": one hash over the head, everything the book keeps now, and the files it fixed, equal on both databases.
//! So a killed and resumed night is compared with an undisturbed one, and a dry run with nothing at all. Runs, slots, bells
//! and looks do not count, nor does which run took a file or met a reject.

use chrono::NaiveDate;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    Book, Depth,
    connection::{Failure, on},
};
use crate::domain::record::Kind;

/// Rows read at once.
const PAGE: i64 = 500;
/// Outputs read at once: each is there whole.
const FEW: i64 = 8;

/// One hash over rows, each a line of JSON: its order and its dates are the same on both databases.
struct Canon(Sha256);

impl Canon {
    fn line(&mut self, row: &impl Serialize) -> Result<(), Failure> {
        let line = serde_json::to_vec(row).map_err(|error| Failure::Unfit(error.to_string()))?;
        self.0.update(line);
        self.0.update(b"\n");
        Ok(())
    }
}

impl Book {
    /// The digest of the book, 64 hexadecimal digits. Inside a dry run it is that of the book as the dry run has it.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn digest(&mut self) -> Result<String, Failure> {
        if self.depth != Depth::None {
            return self.digest_of_state().await;
        }
        self.begin_reading().await?;
        let digest = self.digest_of_state().await;
        self.end_reading().await?;
        digest
    }

    async fn digest_of_state(&mut self) -> Result<String, Failure> {
        let mut canon = Canon(Sha256::new());
        let head = self.head().await?;
        canon.line(&(head.seq, head.hash, head.ids))?;
        for kind in Kind::ALL {
            self.digest_records(kind, &mut canon).await?;
        }
        self.digest_numbers(&mut canon).await?;
        self.digest_file(&mut canon).await?;
        self.digest_delivery(&mut canon).await?;
        self.digest_reject(&mut canon).await?;
        self.digest_waiting(&mut canon).await?;
        self.digest_output(&mut canon).await?;
        Ok(hex::encode(canon.0.finalize()))
    }

    async fn digest_records(&mut self, kind: Kind, canon: &mut Canon) -> Result<(), Failure> {
        canon.line(&kind.name())?;
        let mut after = i64::MIN;
        loop {
            let rows = self.kept_after(kind, after, PAGE).await?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.id;
            for row in &rows {
                canon.line(&(row.id, row.person_id, &row.facts, &row.personal, &row.salt))?;
            }
        }
    }

    async fn digest_numbers(&mut self, canon: &mut Canon) -> Result<(), Failure> {
        canon.line(&"cpr")?;
        let mut after = String::new();
        loop {
            let rows: Vec<(String, i64)> = on!(self.connection(), |c| {
                sqlx::query_as("SELECT cpr, person_id FROM cpr WHERE cpr > $1 ORDER BY cpr LIMIT $2")
                    .bind(&after)
                    .bind(PAGE)
                    .fetch_all(&mut *c)
                    .await
            })?;
            let Some((last, _)) = rows.last() else { return Ok(()) };
            after.clone_from(last);
            for row in &rows {
                canon.line(row)?;
            }
        }
    }
}

/// A table with its columns that count, in the order of its key. Its pages count from the first row: there are few.
macro_rules! digested {
    ($($digest:ident $table:literal by $key:literal, $page:ident at once { $first:ident: $first_type:ty, $($column:ident: $type:ty,)* })*) => {
        impl Book {$(
            async fn $digest(&mut self, canon: &mut Canon) -> Result<(), Failure> {
                #[derive(Serialize, sqlx::FromRow)]
                struct Row {
                    $first: $first_type,
                    $($column: $type,)*
                }
                canon.line(&$table)?;
                let mut done = 0;
                loop {
                    let rows: Vec<Row> = on!(self.connection(), |c| {
                        sqlx::query_as(concat!(
                            "SELECT ", stringify!($first), $(", ", stringify!($column),)*
                            " FROM ", $table, " ORDER BY ", $key, " LIMIT $1 OFFSET $2"
                        ))
                        .bind($page)
                        .bind(done)
                        .fetch_all(&mut *c)
                        .await
                    })?;
                    if rows.is_empty() {
                        return Ok(());
                    }
                    done += $page;
                    for row in &rows {
                        canon.line(row)?;
                    }
                }
            }
        )*}
    };
}

digested! {
    digest_file "file" by "hash", PAGE at once {
        hash: String, kind: String, name: String, header: String, mark: Option<String>, finished_on: Option<NaiveDate>,
        rows_read: i64, applied: i64, duplicate: i64, overtaken: i64, waiting: i64, rejected: i64,
    }
    digest_delivery "delivery" by "kind, came_on, name, hash", PAGE at once {
        kind: String, came_on: NaiveDate, name: String, hash: String,
    }
    digest_reject "reject" by "id", PAGE at once {
        id: i64, file: String, line: i64, in_column: String, code: String, reason: String, raw: Option<Vec<u8>>,
        came_on: NaiveDate, closed_on: Option<NaiveDate>, closed_by: Option<String>, closed_why: Option<String>,
    }
    digest_waiting "waiting" by "file, line", PAGE at once {
        file: String, line: i64, kind: String, due_on: NaiveDate, input: String, raw: Vec<u8>,
    }
    digest_output "output" by "id", FEW at once {
        id: i64, kind: String, name: String, made_on: NaiveDate, batch: Option<i64>, content: Option<String>, lines: i64,
        totals: String, written: bool,
    }
}
