//! T1: a registered residence opens or corrects a stay; its first card is planned about two weeks ahead.

use crate::domain::{
    card::{Card, Cause, Custody},
    casework::Casework,
    dates,
    finding::FindingKind,
    input::{Registration, Taken},
    person::{CorrectedName, Person, Report, Stay},
};

impl Casework<'_> {
    /// Takes in one report of residence. Reports order by when they were made, not by when they came (1.8.8): an older
    /// one that arrives late changes the stays only as it would have in its place, and no other datum.
    pub fn registered(&mut self, row: Registration) -> Taken {
        let report = Report { place: row.place.clone(), status: row.status, registered_on: row.registered_on };
        let reports = &self.case.person.reports;
        let at = reports.partition_point(|known| known.place <= report.place);
        let newest = at == reports.len();
        let same = |known: &Report| {
            known.place.at == report.place.at
                && known.status == report.status
                && known.registered_on == report.registered_on
        };
        let repeats = if newest {
            reports.last().is_some_and(same) && self.case.person.data.register == row.register
        } else {
            reports.iter().any(same)
        };
        let number = self.case.person.id.0;
        if repeats {
            if newest {
                // Where only the names of files put reports in order, one between the two must not become the newest.
                self.change("reported again", number, |person: &mut Person| {
                    person.reports.truncate(at - 1);
                    person.reports.push(report);
                });
            }
            return Taken::Duplicate;
        }
        let stay_before = self.case.person.stays().last().copied();
        let verb = if newest { "registered" } else { "report overtaken" };
        self.change(verb, number, |person: &mut Person| {
            person.reports.insert(at, report);
            if newest {
                if person.data.register.address != row.register.address {
                    // The flag is on the address (T8), and that is another one now.
                    person.unlabelled_since = None;
                }
                person.data.corrected = keep_correction(person.data.corrected.take(), &row);
                person.data.chosen = person.data.chosen.take().filter(|chosen| chosen.registered == row.register.group);
                person.data.register = row.register;
            }
        });
        let stay = self.case.person.stays().last().copied();
        if newest || stay != stay_before {
            self.follow_register(stay);
        }
        if newest || stay != stay_before { Taken::Applied } else { Taken::Overtaken }
    }

    fn follow_register(&mut self, stay: Option<Stay>) {
        let person = self.case.id();
        if self.case.person.data.corrected.is_some() {
            self.find(
                FindingKind::MisspellingStillRegistered,
                &person,
                "the register still has the misspelling the office corrected",
            );
        } else {
            self.settle(FindingKind::MisspellingStillRegistered, &person);
        }
        let Some(stay) = stay else { return };
        if stay.contradicted {
            self.find(
                FindingKind::AdministrativeAfterResidence,
                &person,
                "status 20 was reported while a residence is open; the stay stands until a departure is reported",
            );
        } else {
            self.settle(FindingKind::AdministrativeAfterResidence, &person);
        }
        self.plan_first_card(stay);
        self.compare_printed_name();
    }

    /// Nothing is planned twice for one stay; an unprinted plan takes the new date.
    fn plan_first_card(&mut self, stay: Stay) {
        let due_on = dates::first_card_due(stay.registered_on, &self.office.periods);
        let today = self.today();
        let first = self.case.cards.iter().find(|card| card.stay == stay.no && card.cause == Cause::First);
        match first.map(|card| (card.id, &card.custody)) {
            None => {
                let card = Card::planned(self.ids.card(), self.case.id(), stay.no, Cause::First, due_on);
                self.add("planned", card);
            }
            Some((id, Custody::Queued { on, .. })) if due_on <= today => {
                let custody = Custody::Queued { due_on, on: *on };
                self.change("plan moved", id.0, |card: &mut Card| card.custody = custody);
            }
            Some((id, custody)) if custody.unprinted() => {
                self.change("plan moved", id.0, |card: &mut Card| card.custody = Custody::Planned { due_on });
            }
            Some(_) => {}
        }
    }

    /// A name other than the printed one is a finding: nothing changes on paper (T1).
    pub(super) fn compare_printed_name(&mut self) {
        let newest = self.case.cards.iter().rev().find(|card| card.printed.is_some() && !card.custody.unprinted());
        let Some((card, printed)) = newest.and_then(|card| Some((card.id, card.printed.as_ref()?))) else { return };
        let under_way = self.case.successor(card).is_some_and(|newer| newer.custody.unprinted());
        if printed.name == *self.case.person.name() || under_way || self.case.carries_wrong_name(card) {
            self.settle(FindingKind::NameDiffersFromPrint, &card);
        } else {
            self.find(
                FindingKind::NameDiffersFromPrint,
                &card,
                "the register's name is not the one printed on the card",
            );
        }
    }
}

/// A later row that still has the misspelling leaves the corrected name; any other name is the register's own (1.5).
fn keep_correction(corrected: Option<CorrectedName>, row: &Registration) -> Option<CorrectedName> {
    corrected.filter(|corrected| corrected.misspelt == row.register.name)
}
