//! A dry run is the run that follows, but for its effects (page 3).

use std::path::Path;

use serde_json::Value;

use crate::office::{Office, Ran};

/// Nights of the year that are played; by then every job had something to do.
const NIGHTS: usize = 24;

/// What a night did or would do, job by job; only a plan tells it case by case, only a run writes files.
fn told(ran: &Ran) -> Value {
    assert!(matches!(ran.code, Some(0 | 3 | 65)), "{ran:?}");
    let mut report: Value = serde_json::from_str(&ran.out).expect("a report is JSON");
    let top = report.as_object_mut().expect("it is an object");
    for name in ["run", "dry_run", "outputs"] {
        top.remove(name).expect("it is there");
    }
    for job in report["jobs"].as_array_mut().expect("there are jobs") {
        job.as_object_mut().expect("a job is an object").remove("cases");
    }
    report
}

async fn every_plan_says_what_the_run_does(office: Office) {
    let year = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first-year/nights");
    let mut nights: Vec<_> =
        std::fs::read_dir(year).expect("the year").map(|night| night.expect("a night").path()).collect();
    nights.sort();
    let mut changes = 0;
    for night in &nights[..NIGHTS] {
        let date = night.file_name().and_then(|name| name.to_str()).expect("a night is called by its date");
        for file in std::fs::read_dir(night).expect("a night").map(|file| file.expect("a file").path()) {
            if file.extension().is_some_and(|extension| extension == "csv") {
                let name = file.file_name().expect("a file has a name");
                std::fs::copy(&file, office.path("inbox").join(name)).expect("it is delivered");
            }
        }
        let before = office.book().await.digest().await.expect("the book is read");
        let planned = told(&office.run(&["plan", "--date", date, "--format", "json"]));
        assert_eq!(
            office.book().await.digest().await.expect("the book is read"),
            before,
            "{date}: a plan changes nothing"
        );
        let done = told(&office.run(&["run", "--date", date, "--format", "json"]));
        assert_eq!(planned, done, "{date}");
        changes += usize::from(office.book().await.digest().await.expect("the book is read") != before);
    }
    assert!(changes > NIGHTS / 2, "something happens in most of these nights: {changes}");
    office.close().await;
}

on_both! {
    plan_on_sqlite plan_on_postgres every_plan_says_what_the_run_does;
}
