//! The book under everything that can happen to it, on both databases: every statement of the store, a kill at every
//! boundary of a commit, two processes at once, and a hand that changes what it should not.

/// Names a test for each database: `NAME NAME TEST;`.
macro_rules! on_both {
    ($($sqlite:ident $postgres:ident $test:ident;)*) => {$(
        #[tokio::test]
        async fn $sqlite() {
            $test(crate::office::Office::on_sqlite()).await;
        }

        #[tokio::test]
        async fn $postgres() {
            $test(crate::office::Office::on_postgres().await).await;
        }
    )*};
}

mod cluster;
mod conformance;
mod crash;
#[path = "../databases/mod.rs"]
mod databases;
mod desk;
mod failing;
mod feeds;
mod office;
mod permuted;
mod race;
mod raw;
mod tamper;
mod tied;
mod year;
