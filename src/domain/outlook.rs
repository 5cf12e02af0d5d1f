//! What comes next for one copy, when, and what is in the way: what the desk tells a citizen who asks (page 4.1).

use chrono::NaiveDate;

use super::{
    card::{Card, Custody, Delivery, RemovalReason},
    case::{Case, Validity},
    casework::Office,
    dates,
    hold::Hold,
    ids::HoldId,
    notice::{NoticeState, Subject},
    request::{Decision, Request, RequestState},
};

/// One thing to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The first or last day it is about, as `what` says; none where it hangs on somebody.
    pub on: Option<NaiveDate>,
    /// What comes, in the office's words.
    pub what: String,
    /// Why it does not come yet.
    pub in_the_way: Option<String>,
}

impl Step {
    fn new(on: impl Into<Option<NaiveDate>>, what: impl Into<String>) -> Self {
        Self { on: on.into(), what: what.into(), in_the_way: None }
    }

    fn unless(mut self, in_the_way: Option<String>) -> Self {
        self.in_the_way = in_the_way;
        self
    }
}

/// What comes next for a copy, seen from the office's business date: first the copy itself, then what is to be told and
/// the requests about it. Where nothing is to come, that is said.
#[must_use]
pub fn outlook(case: &Case, card: &Card, office: &Office) -> Vec<Step> {
    let mut steps = Vec::new();
    match &card.custody {
        Custody::Planned { due_on } => {
            steps.push(
                Step::new((*due_on).max(office.today), "is ordered, from this day on").unless(finding(case, card)),
            );
        }
        Custody::Queued { .. } => {
            steps.push(Step::new(None, "goes to the producer with the next print order").unless(finding(case, card)));
        }
        Custody::InPrint { on } => in_print(card, *on, office, &mut steps),
        Custody::Posted { on, to } => posted(*on, *to, office, &mut steps),
        Custody::Held { hold } => held(case, card, *hold, office, &mut steps),
        Custody::RemovalDue { hold, reason, .. } => removal_due(case, card, *hold, *reason, office, &mut steps),
        Custody::Missing { .. } => {
            steps.push(Step::new(None, "is looked for; a new card is free, for it was lost by us"));
        }
        Custody::Lost { .. } => lost(case, card, &mut steps),
        Custody::Collected { .. } | Custody::Removed { .. } | Custody::Cancelled { .. } | Custody::Spoiled { .. } => {}
    }
    calls(case, card, &mut steps);
    let about = |request: &&Request| request.card == Some(card.id) || request.successor == Some(card.id);
    steps.extend(case.requests.iter().filter(about).filter_map(request));
    if steps.is_empty() {
        steps.push(Step::new(None, rest(case, card, office)));
    }
    steps
}

/// What is said of a copy for which nothing is to come.
fn rest(case: &Case, card: &Card, office: &Office) -> &'static str {
    match card.custody {
        Custody::Removed { .. } | Custody::Cancelled { .. } | Custody::Spoiled { .. } => "nothing: its life is over",
        _ if case.validity(card, office.today) == Validity::Valid => {
            "nothing: it counts until the stay ends, it is lost, or a newer card takes over"
        }
        _ => "nothing, unless it comes back",
    }
}

/// The open finding about the copy: the night has written down what is missing (T2).
fn finding(case: &Case, card: &Card) -> Option<String> {
    let subject = card.id.to_string();
    let open = case.findings.iter().find(|finding| finding.closed.is_none() && finding.subject == subject)?;
    Some(format!("{}: {}", open.kind.code(), open.detail))
}

fn in_print(card: &Card, on: NaiveDate, office: &Office, steps: &mut Vec<Step>) {
    let silent = dates::producer_silent_on(on, &office.periods, &office.calendar);
    if silent <= office.today {
        let late = format!("the producer should have answered by {silent}");
        steps.push(Step::new(None, "is posted by the producer").unless(Some(late)));
    } else {
        steps.push(Step::new(silent, "is posted by the producer, before this day"));
    }
    if card.intercept_since.is_some() {
        steps.push(Step::new(None, "is destroyed when it comes back, for it carries a wrong name"));
    }
}

fn posted(on: NaiveDate, to: Delivery, office: &Office, steps: &mut Vec<Step>) {
    if to == Delivery::Office {
        return steps.push(Step::new(None, "arrives at the office, and its owner is told that it is ready"));
    }
    let until = dates::never_arrived_until(on, &office.periods);
    if office.today <= until {
        steps.push(Step::new(until, "until this day a new card is free if it never arrived"));
    }
}

fn held(case: &Case, card: &Card, hold: HoldId, office: &Office, steps: &mut Vec<Step>) {
    let Some(hold) = case.hold(hold) else { return };
    let block = block(case, card, office);
    let what = if hold.last_day < office.today {
        "was the last day; it can be collected as long as it is held"
    } else {
        "can be collected until this day"
    };
    steps.push(Step::new(hold.last_day, what).unless(block.clone()));
    if block.is_some() {
        return;
    }
    let reminder = dates::reminders(hold.last_day, &office.periods).into_iter().find(|day| *day > office.today);
    if let Some(day) = reminder {
        steps.push(Step::new(day, "a reminder goes out"));
    }
    steps.push(removal(case, hold, office));
}

/// When a held copy goes on the list of those to be destroyed (T12).
fn removal(case: &Case, hold: &Hold, office: &Office) -> Step {
    let what = "is put on the list of cards to be destroyed, from this day on";
    match case.told_on(hold, office.today, &office.periods) {
        Some(told) => {
            let from = dates::removal_from(hold.last_day, told, &office.periods, &office.calendar);
            Step::new(office.calendar.next_open(from.max(office.today)), what)
        }
        None => Step::new(None, what).unless(Some("nobody counts as told of this time on the shelf yet".to_owned())),
    }
}

/// Why a held copy is not handed out.
fn block(case: &Case, card: &Card, office: &Office) -> Option<String> {
    if case.carries_wrong_name(card.id) {
        return Some("it carries a wrong name, and a corrected card is under way".to_owned());
    }
    let why = match case.validity(card, office.today) {
        Validity::Valid => return None,
        Validity::NotEntitled => "no registered residence covers today",
        Validity::OtherStay => "it was made for another stay",
        Validity::Superseded => "a newer card took over",
        Validity::Custody => "it does not count where it is",
    };
    Some(why.to_owned())
}

fn removal_due(case: &Case, card: &Card, hold: HoldId, reason: RemovalReason, office: &Office, steps: &mut Vec<Step>) {
    steps.push(Step::new(None, format!("is destroyed by the desk ({})", reason.code())));
    if reason == RemovalReason::Expired && block(case, card, office).is_none() && case.hold(hold).is_some() {
        steps.push(Step::new(None, "can still be handed out, or held again with a reason (card restore)"));
    }
}

fn lost(case: &Case, card: &Card, steps: &mut Vec<Step>) {
    let printed = case.successor(card.id).filter(|newer| newer.batch.is_some());
    let ordered = printed.map(|newer| format!("{} took its place and is printed", newer.id));
    steps.push(Step::new(None, "counts again if it comes back before a new card is printed").unless(ordered));
}

/// What the desk must tell in another way than by a letter.
fn calls(case: &Case, card: &Card, steps: &mut Vec<Step>) {
    for notice in &case.notices {
        let NoticeState::ToCall { why, .. } = &notice.state else { continue };
        let of_card = match notice.subject {
            Subject::Card(of) => of == card.id,
            Subject::Hold(hold) => case.hold(hold).is_some_and(|hold| hold.card == card.id),
            Subject::Request(request) => case.request(request).is_some_and(|request| request.card == Some(card.id)),
        };
        if of_card {
            let what = format!("its owner is to be called: {}", notice.kind.code());
            steps.push(Step::new(None, what).unless(Some(format!("no letter can go: {why}"))));
        }
    }
}

fn request(request: &Request) -> Option<Step> {
    let id = request.id;
    let step = match &request.state {
        RequestState::Open => {
            let manual = request.charge.as_ref().and_then(|charge| match charge.decision {
                Decision::Manual { why } => Some(format!("a caseworker decides the fee: {}", why.code())),
                Decision::Free { .. } | Decision::Fee { .. } => None,
            });
            Step::new(None, format!("{id}: a new card is ordered in the next night")).unless(manual)
        }
        RequestState::AwaitingPayment { lapse_on, .. } => {
            let step = Step::new(*lapse_on, format!("{id}: a new card is ordered when it is paid, until this day"));
            step.unless(Some("the fee is not paid in full".to_owned()))
        }
        RequestState::Paid { .. } => Step::new(None, format!("{id}: a new card is ordered in the next night")),
        RequestState::Queued => Step::new(None, format!("{id}: {} takes over when it is posted", request.successor?)),
        RequestState::Fulfilled { .. }
        | RequestState::Refused { .. }
        | RequestState::Withdrawn { .. }
        | RequestState::Lapsed { .. } => return None,
    };
    Some(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::Cause,
        finding::FindingKind,
        input::DeskFact,
        rules::example::{CARD, Desk, day},
    };

    fn steps(desk: &Desk) -> Vec<Step> {
        outlook(&desk.case, desk.case.card(CARD).unwrap(), &desk.office)
    }

    #[test]
    fn a_planned_card_is_ordered_when_it_is_due() {
        let desk = Desk::registered("2025-02-03");
        assert_eq!(steps(&desk), [Step::new(day("2025-02-17"), "is ordered, from this day on")]);
    }

    #[test]
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method holds for one lifetime, the closure for all"
    )]
    fn what_is_missing_stands_in_the_way_of_the_order() {
        let mut desk = Desk::registered("2025-02-03");
        desk.case.person.data.register.address = crate::domain::person::Address::default();
        desk.today("2025-02-20");
        desk.work(|work| work.issue_due_cards());
        let step = &steps(&desk)[0];
        assert_eq!(step.on, Some(day("2025-02-20")));
        let why = step.in_the_way.as_deref().unwrap_or_default();
        assert!(why.starts_with(FindingKind::AddressMissing.code()), "{why}");
    }

    #[test]
    fn the_producer_is_waited_for_and_then_late() {
        let mut desk = Desk::in_print("2025-03-03");
        assert_eq!(steps(&desk), [Step::new(day("2025-03-10"), "is posted by the producer, before this day")]);
        desk.today("2025-03-12");
        let late = steps(&desk);
        assert_eq!((late.len(), late[0].on), (1, None));
        assert!(late[0].in_the_way.is_some());
    }

    #[test]
    fn a_posted_card_is_replaced_free_until_the_claim_is_late() {
        let mut desk = Desk::posted("2025-03-03");
        assert_eq!(steps(&desk)[0].on, Some(day("2025-05-02")));
        desk.today("2025-05-03");
        let rests = "nothing: it counts until the stay ends, it is lost, or a newer card takes over";
        assert_eq!(steps(&desk), [Step::new(None, rests)]);
    }

    #[test]
    fn of_a_card_at_its_end_that_is_said() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Destroyed, "2025-09-15");
        assert_eq!(steps(&desk), [Step::new(None, "nothing: its life is over")]);
    }

    #[test]
    fn a_card_for_the_office_arrives() {
        assert!(steps(&Desk::posted_to_office("2025-03-03"))[0].what.starts_with("arrives"));
    }

    #[test]
    fn a_held_card_can_be_collected_and_cannot_end_before_somebody_is_told() {
        let mut desk = Desk::posted("2025-03-03");
        desk.comes_back("2025-03-10");
        let told_not = steps(&desk);
        assert_eq!(told_not[0], Step::new(day("2025-09-10"), "can be collected until this day"));
        let end = told_not.iter().find(|step| step.what.contains("destroyed")).unwrap();
        assert!(end.on.is_none() && end.in_the_way.is_some());
        let told = crate::domain::hold::ToldByDesk { on: day("2025-03-11"), by: "mette".to_owned() };
        desk.case.holds[0].told_by_desk = Some(told);
        let told = steps(&desk);
        let end = told.iter().find(|step| step.what.contains("destroyed")).unwrap();
        assert_eq!((end.on, &end.in_the_way), (Some(day("2025-09-11")), &None));
        assert_eq!(told[1], Step::new(day("2025-08-11"), "a reminder goes out"));
        desk.today("2025-09-11");
        assert!(steps(&desk)[0].what.starts_with("was the last day"));
    }

    #[test]
    fn an_unpaid_fee_stands_in_the_way_of_the_new_card() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", Cause::Lost, "2025-05-01");
        let steps = steps(&desk);
        assert!(steps[0].what.starts_with("counts again"));
        assert_eq!(steps[1].on, Some(day("2025-06-30")));
        assert!(steps[1].in_the_way.is_some());
    }
}
