//! Deliveries permuted (1.8.8): however the reports of persons come - in which night, in which file, in which line, under
//! which name - the book ends up knowing the same of persons and stays.

use std::{collections::BTreeMap, fmt::Write};

use fastrand::Rng;
use sundhedskort::domain::cpr::Cpr;

use crate::{feeds, office::Office};

/// Each its own population and its own orders.
const SEEDS: u64 = 3;
const PEOPLE: usize = 12;
/// First cards are ordered in the second: what comes after it finds them printed.
const NIGHTS: [&str; 4] = ["2026-01-05", "2026-01-12", "2026-01-13", "2026-01-14"];

/// Reports of residence, each made at an instant of its own: corrections of dates, names and addresses, and tax numbers
/// that become residences.
fn reports(draw: &mut Rng) -> Vec<String> {
    let mut rows = Vec::new();
    for cpr in feeds::numbers(PEOPLE) {
        for _ in 0..draw.usize(1..=5) {
            let (status, street) =
                (draw.choice(["01", "01", "01", "03", "20"]), draw.choice(["Skovvejen", "Egevej", ""]));
            let (day, name) = (draw.u8(10..=29), draw.choice(["Maja,Lund", "Maja,Lundt", "Maja Maria,Lund"]));
            let at = format!("2025-12-30T{:02}:{:02}:{:02}Z", rows.len() / 60, rows.len() % 60, draw.u8(0..60));
            let (status, street, name) = (status.unwrap_or("01"), street.unwrap_or_default(), name.unwrap_or_default());
            rows.push(format!(
                "{cpr},{status},2025-12-{day},{at},{name},no,yes,en,,{street},7,,,8000,Aarhus C,0751,1,012345,\n"
            ));
        }
    }
    rows
}

/// Deals the rows to nights and files, and plays the nights.
fn deliver(office: &Office, rows: &[String], draw: &mut Rng) {
    let mut dealt: [BTreeMap<u32, String>; NIGHTS.len()] = Default::default();
    for row in rows {
        let name = draw.u32(0..3) * 7 + draw.u32(0..2);
        dealt[draw.usize(0..NIGHTS.len())].entry(name).or_default().push_str(row);
    }
    for (date, files) in NIGHTS.into_iter().zip(dealt) {
        for (name, rows) in files {
            let file = office.path("inbox").join(format!("registrations-{name}.csv"));
            std::fs::write(file, feeds::registrations(&rows)).expect("a file is delivered");
        }
        let ran = office.run(&["run", "--date", date]);
        assert!(ran.is_done(), "{ran:?}");
    }
}

/// What the book knows of persons and stays, by CPR number; the numbers it counts itself are not among it.
async fn known(office: &Office) -> BTreeMap<Cpr, String> {
    let mut book = office.book().await;
    let persons = book.persons(None, 500).await.expect("the book is read");
    let cases = book.cases(&persons).await.expect("the book is read");
    let mut known = BTreeMap::new();
    for case in cases.into_values() {
        let Some(cpr) = case.person.cpr() else { continue };
        let mut text = serde_json::to_string(&case.person.data.register).expect("it is JSON");
        for report in &case.person.reports {
            let _ = write!(text, "\n{:?} {:?} {}", report.place.at, report.status, report.registered_on);
        }
        for stay in case.person.stays() {
            let _ = write!(text, "\n{stay:?}");
        }
        known.insert(cpr, text);
    }
    known
}

async fn what_is_known_does_not_depend_on_the_order_of_delivery(office: Office) {
    for seed in 0..SEEDS {
        let mut draw = Rng::with_seed(seed);
        let mut rows = reports(&mut draw);
        let in_order = office.copy().await;
        std::fs::write(in_order.path("inbox/registrations-1.csv"), feeds::registrations(&rows.concat()))
            .expect("a file is delivered");
        assert!(in_order.run(&["run", "--date", NIGHTS[0]]).is_done());
        let expected = known(&in_order).await;
        assert_eq!(expected.len(), PEOPLE, "everybody is known");
        in_order.close().await;
        for order in 0..2 {
            let permuted = office.copy().await;
            draw.shuffle(&mut rows);
            deliver(&permuted, &rows, &mut draw);
            for (cpr, known) in known(&permuted).await {
                assert_eq!(Some(&known), expected.get(&cpr), "seed {seed}, order {order}");
            }
            let verified = permuted.verified(NIGHTS[3]).await;
            assert!(verified.is_clean(), "seed {seed}, order {order}: {:?}", verified.breaches);
            permuted.close().await;
        }
    }
    office.close().await;
}

on_both! {
    permuted_on_sqlite permuted_on_postgres what_is_known_does_not_depend_on_the_order_of_delivery;
}
