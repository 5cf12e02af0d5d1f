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
mod tests;
