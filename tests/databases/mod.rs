//! A PostgreSQL database of a test's own, in the cluster that `tests/run` starts. A missing one is a failure.

use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// Numbers the databases of this test program.
static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);

/// An empty database, dropped when the test ends well; the cluster is thrown away in any case.
pub(crate) struct Postgres {
    /// Its address.
    pub(crate) cluster: String,
    /// In the cluster.
    pub(crate) name: String,
}

impl Postgres {
    /// A new empty database.
    pub(crate) async fn create() -> Self {
        Self::create_from("template0 ENCODING 'UTF8'").await
    }

    /// A new database like another one, to which nobody is connected.
    pub(crate) async fn create_from(template: &str) -> Self {
        let cluster = std::env::var("SUNDHEDSKORT_TEST_POSTGRES")
            .expect("SUNDHEDSKORT_TEST_POSTGRES names a PostgreSQL cluster; `tests/run` starts one and sets it");
        Self::create_on(cluster, template).await
    }

    /// The same in the cluster at an address.
    pub(crate) async fn create_on(cluster: String, template: &str) -> Self {
        let count = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let name = format!("test_{}_{count}", std::process::id());
        let database = Self { cluster, name };
        database.on_cluster(format!("CREATE DATABASE {} TEMPLATE {template}", database.name)).await;
        database
    }

    /// Its address, as the setting `database` takes it.
    pub(crate) fn address(&self) -> String {
        let (head, query) = self.cluster.split_once('?').unwrap_or((&self.cluster, ""));
        let base = head.rsplit_once('/').map_or(head, |(base, _)| base);
        format!("{base}/{}{}{query}", self.name, if query.is_empty() { "" } else { "?" })
    }

    /// Drops it.
    pub(crate) async fn drop(self) {
        self.on_cluster(format!("DROP DATABASE {} WITH (FORCE)", self.name)).await;
    }

    async fn on_cluster(&self, statement: String) {
        let mut connection = PgConnection::connect(&self.cluster).await.expect("the cluster answers");
        sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut connection).await.expect("the cluster obeys");
    }
}
