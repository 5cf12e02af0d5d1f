//! The one head row: how far the ledger has come, its last hash, and the counters. Whoever writes takes it first.

use sqlx::{ConnectOptions, Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};

use super::{
    Book,
    connection::{Connection, Failure, on},
};
use crate::domain::ids::Ids;

/// The head of the ledger and the book's counters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Number of the last entry; gapless.
    pub seq: i64,
    /// Its hash, as 64 hexadecimal digits.
    pub hash: [u8; 32],
    /// What is counted next.
    pub ids: Ids,
}

impl Head {
    /// Takes the row: nobody else writes until this transaction ends.
    pub(super) async fn take(connection: &mut Connection) -> Result<Self, Failure> {
        let row: (i64, String, String) = on!(connection, |c| {
            sqlx::query_as("UPDATE head SET one = 1 RETURNING seq, hash, ids").fetch_one(&mut *c).await
        })?;
        Self::read(row)
    }

    /// The head of a copy of an embedded book, read without writing a byte beside it.
    pub(super) async fn of_copy(path: &str) -> Result<Self, Failure> {
        let options = SqliteConnectOptions::new().filename(path).read_only(true).immutable(true);
        let mut copy = SqliteConnection::connect_with(&options.disable_statement_logging()).await?;
        let row = sqlx::query_as("SELECT seq, hash, ids FROM head").fetch_one(&mut copy).await?;
        Self::read(row)
    }

    fn read((seq, hash, ids): (i64, String, String)) -> Result<Self, Failure> {
        let claim = |reason: &str| Failure::Claim { table: "head", id: 1, reason: reason.to_owned() };
        let mut bytes = [0; 32];
        hex::decode_to_slice(&hash, &mut bytes).map_err(|_| claim("its hash is not one"))?;
        Ok(Self {
            seq,
            hash: bytes,
            ids: serde_json::from_str(&ids).map_err(|_| claim("its counters cannot be read"))?,
        })
    }

    pub(super) async fn store(&self, connection: &mut Connection) -> Result<(), Failure> {
        let ids = serde_json::to_string(&self.ids).map_err(|error| Failure::Unfit(error.to_string()))?;
        let hash = hex::encode(self.hash);
        on!(connection, |c| {
            sqlx::query("UPDATE head SET seq = $1, hash = $2, ids = $3")
                .bind(self.seq)
                .bind(hash)
                .bind(ids)
                .execute(&mut *c)
                .await
                .map(|_| ())
        })?;
        Ok(())
    }
}

impl Book {
    /// The head as the book has it now.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn head(&mut self) -> Result<Head, Failure> {
        let row =
            on!(self.connection(), |c| sqlx::query_as("SELECT seq, hash, ids FROM head").fetch_one(&mut *c).await)?;
        Head::read(row)
    }
}
