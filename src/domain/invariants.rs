//! What must always hold (page 1.8), each a pure function that names what is broken. The chain of the ledger and the
//! rebuilding of rows from it (1.8.7) are the store's to prove; 1.8.6 and 1.8.8 are proven by playing nights.

use std::{collections::BTreeMap, fmt};

use chrono::NaiveDate;

use super::{
    card::{Card, Custody},
    case::Case,
    event::{Event, EventKind},
    finding::FindingKind,
    hold::{Ending, Hold},
    ids::{CardId, HoldId, NoticeId},
    notice::{Notice, NoticeKind, NoticeState, Subject},
    practice::Batch,
    request::{Decision, RequestKind, RequestState},
};

/// One thing that does not hold. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breach {
    /// Which of 1.8.
    pub rule: u8,
    /// Of what: `ledger row 17`, `card K13`, `hold H2`.
    pub subject: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Breach {
    /// A breach of one of 1.8.
    pub fn new(rule: u8, subject: impl fmt::Display, reason: impl Into<String>) -> Self {
        Self { rule, subject: subject.to_string(), reason: reason.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (1.8.{})", self.subject, self.reason, self.rule)
    }
}

/// Everything that can be seen in one folder as it stands on a day.
#[must_use]
pub fn of_case(case: &Case, today: NaiveDate) -> Vec<Breach> {
    [
        one_valid_card(case, today),
        printed_in_a_batch(case),
        charges_and_removals(case),
        holds_end_once(case),
        told(case),
    ]
    .concat()
}

/// 1.8.1: at most one card counts. One that a newer one took over from may overlap with it (T16).
fn one_valid_card(case: &Case, today: NaiveDate) -> Vec<Breach> {
    let valid = case.cards.iter().filter(|card| case.is_valid(card, today) && card.superseded.is_none());
    let extra = valid.skip(1);
    extra.map(|card| Breach::new(1, of_card(card.id), format!("a second one counts on {today}"))).collect()
}

/// 1.8.2, seen from the card: printed or not, and in an order or not, go together.
fn printed_in_a_batch(case: &Case) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for card in &case.cards {
        let never = card.custody.unprinted() || matches!(card.custody, Custody::Cancelled { .. });
        let reason = match (never, card.batch) {
            (true, Some(batch)) => format!("it is {} and stands in {batch}", card.custody.state()),
            (false, None) => format!("it is {} and stands in no print order", card.custody.state()),
            (false, Some(_)) if card.printed.is_none() => "nothing says what is printed on it".to_owned(),
            _ => continue,
        };
        breaches.push(Breach::new(2, of_card(card.id), reason));
    }
    breaches
}

/// 1.8.2, seen from a closed print order: its lines are the cards in it and those the producer refused, and it is one file.
#[must_use]
pub fn of_batch(batch: &Batch, cards: i64, refused: i64, files: i64) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let subject = format!("batch {}", batch.id);
    if batch.cards != cards + refused {
        let reason = format!("it has {} lines, but {cards} cards and {refused} refused ones", batch.cards);
        breaches.push(Breach::new(2, &subject, reason));
    }
    if files != 1 {
        breaches.push(Breach::new(2, &subject, format!("{files} files are made of it")));
    }
    breaches
}

/// 1.8.3: what is to be paid rests on a decision; what was destroyed was due for it, by a name.
fn charges_and_removals(case: &Case) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for request in case.requests.iter().filter(|request| request.kind == RequestKind::Replacement) {
        let decision = request.charge.as_ref().map(|charge| &charge.decision);
        let reason = match (&request.state, decision) {
            (RequestState::AwaitingPayment { .. }, Some(Decision::Fee { .. })) => continue,
            (RequestState::AwaitingPayment { .. }, _) => "it waits for a payment that nothing decided",
            (RequestState::Paid { .. } | RequestState::Queued | RequestState::Fulfilled { .. }, None) => {
                "it went on without a decision"
            }
            _ => continue,
        };
        breaches.push(Breach::new(3, format!("request {}", request.id), reason));
    }
    for card in &case.cards {
        let Custody::Removed { by, on, .. } = &card.custody else { continue };
        if by.is_empty() {
            breaches.push(Breach::new(3, of_card(card.id), "it was destroyed by nobody"));
        }
        let was_due = |event: &Event| match event.before.custody {
            Custody::RemovalDue { since, .. } => since <= *on,
            _ => false,
        };
        let early = case
            .findings
            .iter()
            .any(|finding| finding.kind == FindingKind::DestroyedEarly && finding.subject == card.id.to_string());
        if !early && !destruction(case, card).is_some_and(was_due) {
            breaches.push(Breach::new(3, of_card(card.id), "it was not due to be destroyed, and no finding says so"));
        }
    }
    breaches
}

/// The report that a copy was destroyed.
fn destruction<'c>(case: &'c Case, card: &Card) -> Option<&'c Event> {
    let of_card = |event: &&Event| event.card == card.id && event.after == card.custody;
    case.events.iter().rev().find(|event| event.what == EventKind::Destroyed && of_card(event))
}

/// 1.8.4: a time on the shelf is open exactly while its copy lies there, and ends once, as the copy left.
fn holds_end_once(case: &Case) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for hold in &case.holds {
        let custody = case.card(hold.card).map(|card| &card.custody);
        let here = custody.and_then(Custody::hold) == Some(hold.id);
        let lies_here = here && custody.is_some_and(Custody::on_shelf);
        let missing = here && matches!(custody, Some(Custody::Missing { .. }));
        let reason = match hold.outcome.map(|outcome| outcome.how) {
            _ if custody.is_none() => "its card is not in the folder",
            None if !lies_here => "it is open, and its card is not on the shelf",
            Some(_) if lies_here => "it is over, and its card is on the shelf",
            Some(Ending::Missing) if !missing => "it ended as missing, and its card is not missed",
            Some(how) if missing && how != Ending::Missing => "its card is missed, and it ended otherwise",
            _ => continue,
        };
        breaches.push(Breach::new(4, of_hold(hold.id), reason));
    }
    for card in &case.cards {
        let Some(id) = card.custody.hold() else { continue };
        let ending = case.hold(id).filter(|hold| hold.card == card.id).map(|hold| hold.outcome.map(|end| end.how));
        let fits = match (&card.custody, ending) {
            (Custody::Collected { .. }, Some(Some(how))) => how == Ending::Collected,
            (Custody::Removed { .. }, Some(Some(how))) => how == Ending::Removed,
            (Custody::Collected { .. } | Custody::Removed { .. }, _) | (_, None) => false,
            // What lies here or is missed was looked at from its hold.
            _ => true,
        };
        if !fits {
            let reason = format!("it is {}, and {id} says otherwise", card.custody.state());
            breaches.push(Breach::new(4, of_card(card.id), reason));
        }
    }
    breaches
}

/// 1.8.5 and 1.8.10, as far as they can be seen today: a told last day stands, and nobody is to be asked to come for a
/// card that is not held.
fn told(case: &Case) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for hold in &case.holds {
        if hold.told_last_day.is_some_and(|told| hold.last_day < told) {
            breaches.push(Breach::new(5, of_hold(hold.id), "its last day is earlier than the one that was told"));
        }
    }
    let lies_here = |hold: HoldId| case.cards.iter().any(|card| card.custody == Custody::Held { hold });
    for notice in case.notices.iter().filter(|notice| notice.is_pending() && NoticeKind::PICK_UP.contains(&notice.kind))
    {
        if !matches!(notice.subject, Subject::Hold(hold) if lies_here(hold)) {
            let reason = "it is still to ask for a card to be fetched that is not held";
            breaches.push(Breach::new(10, format!("notice {}", notice.id), reason));
        }
    }
    breaches
}

/// What became of the rows of one file (1.8.9), and how many the book keeps for later.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FileRows {
    /// Read.
    pub read: i64,
    /// The book follows them.
    pub applied: i64,
    /// Known already.
    pub duplicate: i64,
    /// A later report is known.
    pub overtaken: i64,
    /// Their own day is still to come.
    pub waiting: i64,
    /// Not applied.
    pub rejected: i64,
    /// Rows that wait in the book.
    pub kept_waiting: i64,
    /// Rejects in the book.
    pub kept_rejects: i64,
}

/// 1.8.9: the rows of a file add up, and those that wait or were rejected are there.
#[must_use]
pub fn of_file(hash: &str, rows: FileRows) -> Vec<Breach> {
    let sum = rows.applied + rows.duplicate + rows.overtaken + rows.waiting + rows.rejected;
    let mut breaches = Vec::new();
    let mut compare = |counted: i64, there: i64, what: &str| {
        if counted != there {
            breaches.push(Breach::new(9, format!("file {hash}"), format!("{counted} {what} {there}")));
        }
    };
    compare(rows.read, sum, "rows were read, and their ends add up to");
    compare(rows.waiting, rows.kept_waiting, "rows wait by its count, and there are");
    compare(rows.rejected, rows.kept_rejects, "rows were rejected by its count, and the rejects are");
    breaches
}

/// One thing of a folder as an entry of the ledger left it.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one at a time is looked at, none is kept")]
pub enum Image {
    /// A copy.
    Card(Card),
    /// A time on the shelf.
    Hold(Hold),
    /// A notice.
    Notice(Notice),
}

/// 1.8.5 and 1.8.10, along a folder's entries, each with its number in the ledger: `hold_until` never changes, a last day
/// that was told never moves earlier, and whoever was asked to come could have the card that day.
#[must_use]
pub fn of_history(images: Vec<(i64, Image)>) -> Vec<Breach> {
    let mut history = History::default();
    images.into_iter().filter_map(|(seq, image)| history.follow(seq, image)).collect()
}

#[derive(Default)]
struct History {
    cards: BTreeMap<CardId, Card>,
    holds: BTreeMap<HoldId, Hold>,
    exported: BTreeMap<NoticeId, NaiveDate>,
}

impl History {
    fn follow(&mut self, seq: i64, image: Image) -> Option<Breach> {
        let (rule, reason) = match image {
            Image::Card(card) => {
                self.cards.insert(card.id, card);
                return None;
            }
            Image::Hold(hold) => (5, self.hold_moved(hold)?),
            Image::Notice(notice) => (10, self.asked_in_vain(&notice)?),
        };
        Some(Breach::new(rule, format!("ledger row {seq}"), reason))
    }

    fn hold_moved(&mut self, hold: Hold) -> Option<String> {
        let (id, hold_until, last_day) = (hold.id, hold.hold_until, hold.last_day);
        let before = self.holds.insert(id, hold)?;
        if before.hold_until != hold_until {
            return Some(format!("the six months of {id} ended on {}, and now on {hold_until}", before.hold_until));
        }
        let told = before.told_last_day.filter(|told| last_day < *told)?;
        Some(format!("the last day of {id} was told as {told}, and is now {last_day}"))
    }

    fn asked_in_vain(&mut self, notice: &Notice) -> Option<String> {
        let (NoticeState::Exported { on, .. }, Subject::Hold(hold)) = (&notice.state, notice.subject) else {
            self.exported.remove(&notice.id);
            return None;
        };
        let is_new = self.exported.insert(notice.id, *on) != Some(*on);
        let card = self.holds.get(&hold).and_then(|hold| self.cards.get(&hold.card));
        let lies_here = card.is_some_and(|card| card.custody == Custody::Held { hold } && card.superseded.is_none());
        let in_vain = is_new && !lies_here && NoticeKind::PICK_UP.contains(&notice.kind);
        in_vain.then(|| format!("{} asked for the card of {hold}, which was not held then", notice.id))
    }
}

fn of_card(card: CardId) -> String {
    format!("card {card}")
}

fn of_hold(hold: HoldId) -> String {
    format!("hold {hold}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::{Cause, Collector, Delivery, Superseded},
        hold::Outcome,
        ids::{BatchId, LetterId, PersonId, RequestId},
        input::DeskFact,
        notice::Channel,
        record::Kind,
        rules::example::{Desk, day},
    };

    const COLLECTED: DeskFact =
        DeskFact::Collected { collector: Collector::Holder, identified_by: String::new(), postbox_labelled: false };

    fn broken(desk: &Desk) -> Vec<String> {
        of_case(&desk.case, desk.office.today).iter().map(Breach::to_string).collect()
    }

    fn card(desk: &mut Desk) -> &mut Card {
        &mut desk.case.cards[0]
    }

    /// What the entries made of cards, holds and notices, numbered from 1.
    fn images(desk: &Desk) -> Vec<(i64, Image)> {
        fn read<R: serde::de::DeserializeOwned>(facts: &str) -> R {
            serde_json::from_str(facts).unwrap()
        }
        let image = |(kind, facts): (Kind, &str)| match kind {
            Kind::Card => Some(Image::Card(read(facts))),
            Kind::Hold => Some(Image::Hold(read(facts))),
            Kind::Notice => Some(Image::Notice(read(facts))),
            _ => None,
        };
        let images = desk.entries.iter().filter_map(|entry| image((entry.kind, &entry.facts)));
        (1..).zip(images).collect()
    }

    fn broken_history(desk: &Desk) -> Vec<String> {
        of_history(images(desk)).iter().map(Breach::to_string).collect()
    }

    #[test]
    fn a_card_held_told_of_over_and_destroyed_breaks_nothing() {
        let mut desk = Desk::held("2025-03-10");
        assert_eq!(broken(&desk), [""; 0]);
        desk.night("2025-09-11");
        assert_eq!(broken(&desk), [""; 0]);
        desk.desk_says(DeskFact::Destroyed, "2025-09-12");
        assert_eq!(broken(&desk), [""; 0]);
        assert_eq!(broken_history(&desk), [""; 0]);
    }

    #[test]
    fn a_second_card_that_counts_is_named_unless_a_newer_one_took_over() {
        let mut desk = Desk::posted("2025-03-03");
        let second = Card { id: CardId(2), ..desk.card().clone() };
        desk.case.cards.push(second);
        assert_eq!(broken(&desk), ["card K21: a second one counts on 2025-03-03 (1.8.1)"]);
        let tomorrow = Superseded { by: CardId(2), on: day("2025-03-04") };
        card(&mut desk).superseded = Some(tomorrow);
        assert_eq!(broken(&desk), [""; 0]);
    }

    #[test]
    fn a_printed_card_stands_in_an_order_and_an_unprinted_one_in_none() {
        let mut desk = Desk::posted("2025-03-03");
        card(&mut desk).batch = None;
        assert_eq!(broken(&desk), ["card K13: it is posted and stands in no print order (1.8.2)"]);
        let mut desk = Desk::in_print("2025-03-03");
        card(&mut desk).custody = Custody::Queued { due_on: day("2025-03-03"), on: day("2025-03-03") };
        assert_eq!(broken(&desk), ["card K13: it is queued and stands in B1 (1.8.2)"]);
        let mut desk = Desk::in_print("2025-03-03");
        card(&mut desk).printed = None;
        assert_eq!(broken(&desk), ["card K13: nothing says what is printed on it (1.8.2)"]);
    }

    #[test]
    fn the_lines_of_a_print_order_are_its_cards_and_those_refused_in_one_file() {
        let batch = Batch { id: BatchId(1), person: PersonId(0), on: day("2025-03-03"), cards: 3 };
        assert_eq!(of_batch(&batch, 2, 1, 1), []);
        let said = |cards, refused, files| of_batch(&batch, cards, refused, files)[0].to_string();
        assert_eq!(said(2, 0, 1), "batch B1: it has 3 lines, but 2 cards and 0 refused ones (1.8.2)");
        assert_eq!(said(3, 0, 2), "batch B1: 2 files are made of it (1.8.2)");
    }

    #[test]
    fn a_payment_is_awaited_for_a_decided_fee_and_nothing_is_destroyed_unannounced() {
        let mut desk = Desk::since_posting();
        desk.ask("A1", Cause::Lost, "2025-03-10");
        assert_eq!(broken(&desk), [""; 0]);
        desk.case.requests[0].charge = None;
        let name = RequestId(1);
        assert_eq!(broken(&desk), [format!("request {name}: it waits for a payment that nothing decided (1.8.3)")]);
        desk.case.requests[0].state = RequestState::Queued;
        assert_eq!(broken(&desk), [format!("request {name}: it went on without a decision (1.8.3)")]);

        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Destroyed, "2025-03-12");
        assert_eq!(broken(&desk), [""; 0], "a finding says that it was too early");
        desk.case.findings.clear();
        let early = "card K13: it was not due to be destroyed, and no finding says so (1.8.3)";
        assert_eq!(broken(&desk), [early]);
        card(&mut desk).custody = Custody::Removed { on: day("2025-03-12"), hold: HoldId(1), by: String::new() };
        assert_eq!(broken(&desk), ["card K13: it was destroyed by nobody (1.8.3)", early]);
    }

    #[test]
    fn a_time_on_the_shelf_is_open_while_its_card_is_there_and_ends_as_the_card_left() {
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(COLLECTED, "2025-03-12");
        assert_eq!(broken(&desk), [""; 0]);
        desk.case.holds[0].outcome = None;
        let open = "hold H1: it is open, and its card is not on the shelf (1.8.4)";
        assert_eq!(broken(&desk), [open, "card K13: it is collected, and H1 says otherwise (1.8.4)"]);
        desk.case.holds.clear();
        assert_eq!(broken(&desk), ["card K13: it is collected, and H1 says otherwise (1.8.4)"]);

        let mut desk = Desk::held("2025-03-10");
        let on = day("2025-03-12");
        desk.case.holds[0].outcome = Some(Outcome { how: Ending::Removed, on });
        assert_eq!(broken(&desk), ["hold H1: it is over, and its card is on the shelf (1.8.4)"]);

        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(DeskFact::Missing, "2025-03-12");
        assert_eq!(broken(&desk), [""; 0]);
        desk.case.holds[0].outcome = Some(Outcome { how: Ending::Removed, on });
        assert_eq!(broken(&desk), ["hold H1: its card is missed, and it ended otherwise (1.8.4)"]);
        card(&mut desk).custody = Custody::Posted { on, to: Delivery::Home };
        desk.case.holds[0].outcome = Some(Outcome { how: Ending::Missing, on });
        assert_eq!(broken(&desk), ["hold H1: it ended as missing, and its card is not missed (1.8.4)"]);
    }

    #[test]
    fn what_was_told_stands_and_nobody_is_to_be_asked_for_what_is_not_held() {
        let mut desk = Desk::held("2025-03-10");
        desk.case.holds[0].last_day = day("2025-09-09");
        assert_eq!(broken(&desk), ["hold H1: its last day is earlier than the one that was told (1.8.5)"]);
        let mut desk = Desk::held("2025-03-10");
        desk.desk_says(COLLECTED, "2025-03-12");
        desk.case.notices[0].state = NoticeState::Wanted;
        let vain = "notice M1: it is still to ask for a card to be fetched that is not held (1.8.10)";
        assert_eq!(broken(&desk), [vain]);
    }

    #[test]
    fn the_rows_of_a_file_add_up_and_are_there() {
        let rows = FileRows {
            read: 6,
            applied: 2,
            duplicate: 1,
            overtaken: 1,
            waiting: 1,
            rejected: 1,
            kept_waiting: 1,
            kept_rejects: 1,
        };
        assert_eq!(of_file("ab", rows), []);
        let said = |rows| of_file("ab", rows).iter().map(Breach::to_string).collect::<Vec<_>>();
        let lost = FileRows { read: 7, ..rows };
        assert_eq!(said(lost), ["file ab: 7 rows were read, and their ends add up to 6 (1.8.9)"]);
        let gone = FileRows { kept_waiting: 0, kept_rejects: 2, ..rows };
        let wrong = [
            "file ab: 1 rows wait by its count, and there are 0 (1.8.9)",
            "file ab: 1 rows were rejected by its count, and the rejects are 2 (1.8.9)",
        ];
        assert_eq!(said(gone), wrong);
    }

    #[test]
    fn the_ledger_shows_where_a_promise_was_broken() {
        let mut moved = Desk::held("2025-03-10");
        let mut hold = moved.hold().clone();
        hold.hold_until = day("2025-09-11");
        moved.work(|work| work.change("test", 1, |known: &mut Hold| *known = hold.clone()));
        let at = images(&moved).len();
        let until = format!("ledger row {at}: the six months of H1 ended on 2025-09-10, and now on 2025-09-11 (1.8.5)");
        assert_eq!(broken_history(&moved), [until]);

        let mut earlier = Desk::held("2025-03-10");
        earlier.work(|work| work.change("test", 1, |hold: &mut Hold| hold.last_day = day("2025-09-09")));
        let at = images(&earlier).len();
        let told = format!("ledger row {at}: the last day of H1 was told as 2025-09-10, and is now 2025-09-09 (1.8.5)");
        assert_eq!(broken_history(&earlier), [told]);

        let mut vain = Desk::posted("2025-03-03");
        vain.comes_back("2025-03-10");
        vain.desk_says(DeskFact::Destroyed, "2025-03-10");
        let (letter, channel) = (LetterId(1), Channel::Letter);
        let state = NoticeState::Exported { on: day("2025-03-10"), letter, channel, answer: None };
        vain.work(|work| work.change("test", 1, |notice: &mut Notice| notice.state = state));
        let at = images(&vain).len();
        assert_eq!(
            broken_history(&vain),
            [format!("ledger row {at}: M1 asked for the card of H1, which was not held then (1.8.10)")]
        );
    }
}
