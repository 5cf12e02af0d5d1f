//! Access rows: every look of an operator at a person is noted before anything is shown (page 4.5).

use chrono::{DateTime, Utc};

use super::{
    Book,
    connection::{Failure, on},
};
use crate::domain::ids::PersonId;

/// One look at one person.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct Access {
    /// Its number.
    pub id: i64,
    /// Whose folder; the office's own where the person is not known.
    pub person_id: i64,
    /// Who looked.
    pub operator: String,
    /// When.
    pub looked_at: DateTime<Utc>,
    /// At what: the verb and the number asked for.
    pub what: String,
    /// Why, in the operator's words.
    pub why: String,
}

impl Book {
    /// Notes a look at one or several folders, all or none of them. Without it nothing may be shown.
    ///
    /// # Errors
    /// When the book cannot be written.
    pub async fn note_access(
        &mut self,
        persons: &[PersonId],
        (operator, at): (&str, DateTime<Utc>),
        what: &str,
        why: &str,
    ) -> Result<(), Failure> {
        self.begin().await?;
        for person in persons {
            on!(self.connection(), |c| {
                sqlx::query(
                    "INSERT INTO access (id, person_id, operator, looked_at, what, why) \
                     SELECT COALESCE(max(id), 0) + 1, $1, $2, $3, $4, $5 FROM access",
                )
                .bind(person.0)
                .bind(operator)
                .bind(at)
                .bind(what)
                .bind(why)
                .execute(&mut *c)
                .await
                .map(|_| ())
            })?;
        }
        self.commit().await
    }

    /// Who looked at a person, oldest first.
    ///
    /// # Errors
    /// When the book cannot be read.
    pub async fn accesses(&mut self, person: PersonId) -> Result<Vec<Access>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT id, person_id, operator, looked_at, what, why FROM access WHERE person_id = $1 ORDER BY id",
            )
            .bind(person.0)
            .fetch_all(&mut *c)
            .await
        })?)
    }
}
