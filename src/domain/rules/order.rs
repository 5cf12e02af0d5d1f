//! T2 and T4: a due card is queued when nothing is missing, and printed as a snapshot when its batch is closed.

use crate::domain::{
    card::{Card, Custody, Delivery, Practice, Printed},
    case::Case,
    casework::{Casework, Office},
    finding::FindingKind,
    ids::{BatchId, CardId},
    person::{Group, Status},
    region,
    request::{RequestKind, RequestState},
};

/// What can keep a due card from being ordered (T2), with what the caseworker reads.
const BLOCKERS: [(FindingKind, &str); 7] = [
    (FindingKind::NotEntitled, "no registered residence covers today"),
    (FindingKind::NameMissing, "the register has no name to print"),
    (FindingKind::AddressMissing, "the register has no address to send the card to"),
    (FindingKind::PractitionerMissing, "no practitioner known and valid today for a person of group 1"),
    (FindingKind::CorrectionUndecided, "a name correction waits to be decided or queued"),
    (FindingKind::RefusedByProducer, "the producer refused the card and nothing printed on it has changed since"),
    (FindingKind::SpoiledAgain, "the producer spoiled this card twice; close the finding to order it once more"),
];

impl Casework<'_> {
    /// T2: every planned card of the folder that is due is queued, or a finding says which datum is missing.
    pub fn issue_due_cards(&mut self) {
        let today = self.today();
        let due: Vec<_> = self
            .case
            .cards
            .iter()
            .filter_map(|card| match card.custody {
                Custody::Planned { due_on } if due_on <= today => Some((card.id, due_on)),
                _ => None,
            })
            .collect();
        for (card, due_on) in due {
            if self.may_be_ordered(card) {
                self.change("queued", card.0, |card: &mut Card| card.custody = Custody::Queued { due_on, on: today });
            }
        }
    }

    /// T4: every queued card of the folder goes into the batch with a snapshot of what is printed. What has come to
    /// miss something since it was queued goes back to its plan. Returns how many cards went in.
    pub fn print_queued_cards(&mut self, batch: BatchId) -> i64 {
        let today = self.today();
        let queued: Vec<_> = self
            .case
            .cards
            .iter()
            .filter_map(|card| match card.custody {
                Custody::Queued { due_on, .. } => Some((card.id, due_on)),
                _ => None,
            })
            .collect();
        let mut printed = 0;
        for (card, due_on) in queued {
            let snapshot = if self.may_be_ordered(card) { self.snapshot(card) } else { None };
            let Some(snapshot) = snapshot else {
                self.change("back to plan", card.0, |card: &mut Card| card.custody = Custody::Planned { due_on });
                continue;
            };
            self.change("in print", card.0, |card: &mut Card| {
                card.custody = Custody::InPrint { on: today };
                card.batch = Some(batch);
                card.refused_in = None;
                card.printed = Some(snapshot);
            });
            printed += 1;
        }
        printed
    }

    /// A card that is given up misses nothing any more.
    pub(super) fn settle_obstacles(&mut self, card: CardId) {
        for (kind, _) in BLOCKERS {
            self.settle(kind, &card);
        }
    }

    /// Opens the finding that names the first obstacle and closes those that are gone.
    fn may_be_ordered(&mut self, card: CardId) -> bool {
        let obstacle = self.obstacle(card);
        for (kind, detail) in BLOCKERS {
            if obstacle == Some(kind) {
                self.find(kind, &card, detail);
            } else if kind != FindingKind::SpoiledAgain {
                self.settle(kind, &card);
            }
        }
        obstacle.is_none()
    }

    fn obstacle(&self, id: CardId) -> Option<FindingKind> {
        let (case, today) = (&self.case, self.today());
        let card = case.card(id)?;
        let register = &case.person.data.register;
        // Open: not decided, or decided and not applied yet; either way the name is still the wrong one.
        let undecided = |request: &crate::domain::request::Request| {
            request.kind == RequestKind::NameCorrection && request.state == RequestState::Open
        };
        if !case.entitled(today) {
            return Some(FindingKind::NotEntitled);
        }
        if !case.person.name().is_present() {
            return Some(FindingKind::NameMissing);
        }
        if delivery(case, self.office) == Delivery::Home && !register.address.is_present() {
            return Some(FindingKind::AddressMissing);
        }
        if matches!(case.person.group(), Group::One { .. }) && practice(case, self.office).is_none() {
            return Some(FindingKind::PractitionerMissing);
        }
        if case.requests.iter().any(undecided) {
            return Some(FindingKind::CorrectionUndecided);
        }
        if card.refused_in.is_some() && card.printed == self.snapshot(id) {
            return Some(FindingKind::RefusedByProducer);
        }
        let waits = |finding: &crate::domain::finding::Finding| {
            finding.kind == FindingKind::SpoiledAgain && finding.closed.is_none() && finding.subject == id.to_string()
        };
        case.findings.iter().any(waits).then_some(FindingKind::SpoiledAgain)
    }

    fn snapshot(&self, card: CardId) -> Option<Printed> {
        let (case, register) = (&self.case, &self.case.person.data.register);
        let stay = case.card(card)?.stay;
        Some(Printed {
            cpr: case.person.cpr()?.reveal(),
            name: case.person.name().clone(),
            address: register.address.clone(),
            practice: practice(case, self.office),
            group: if *case.person.group() == Group::Two { "2" } else { "1" }.to_owned(),
            municipality: register.municipality.clone(),
            region: region::of(&register.municipality).to_owned(),
            valid_from: case.person.stays().iter().find(|known| known.no == stay)?.registered_on,
            delivery: delivery(case, self.office),
        })
    }
}

fn delivery(case: &Case, office: &Office) -> Delivery {
    match case.stay_on(office.today).map(|stay| stay.status) {
        Some(Status::NoAddress) => Delivery::Office,
        _ => Delivery::Home,
    }
}

fn practice(case: &Case, office: &Office) -> Option<Practice> {
    let Group::One { gp: Some(number) } = case.person.group() else { return None };
    let entry = office.practitioner(number, office.today)?;
    Some(Practice {
        gp_number: entry.gp_number.clone(),
        name: entry.name.clone(),
        address: format!("{}, {} {}", entry.street, entry.postal_code, entry.city),
        phone: entry.phone.clone(),
    })
}
