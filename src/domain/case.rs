//! One person's folder, and what can be read off it for a date: entitlement, validity, told.

use chrono::NaiveDate;

use super::{
    card::{Card, Custody, RemovalReason},
    event::Event,
    finding::Finding,
    hold::{Hold, Item},
    ids::{CardId, HoldId, NoticeId, PersonId, RequestId},
    notice::{Notice, Subject},
    periods::Periods,
    person::{Person, Stay},
    practice::{Batch, Closure, Practitioner},
    request::{Payment, Refund, Request},
};

/// Everything the office knows of one person. The office's own folder (`P0`) has no person in it, but items,
/// payments and findings that belong to nobody in particular; it is loaded with what is open in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// The front of the folder.
    pub person: Person,
    /// Every copy, oldest first.
    pub cards: Vec<Card>,
    /// Every time on the shelf, oldest first.
    pub holds: Vec<Hold>,
    /// Every request, oldest first.
    pub requests: Vec<Request>,
    /// Every payment.
    pub payments: Vec<Payment>,
    /// Every refund.
    pub refunds: Vec<Refund>,
    /// Every notice.
    pub notices: Vec<Notice>,
    /// Every reported fact.
    pub events: Vec<Event>,
    /// Every finding; in the office's folder the open ones.
    pub findings: Vec<Finding>,
    /// Unmatched items; only in the office's folder.
    pub items: Vec<Item>,
    /// Practitioners by period; only in the office's folder.
    pub practitioners: Vec<Practitioner>,
    /// Dated closures; only in the office's folder.
    pub closures: Vec<Closure>,
    /// Closed print orders; only in the office's folder.
    pub batches: Vec<Batch>,
}

/// Whether a copy counts on a date, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It counts.
    Valid,
    /// Not printed, spoiled, destroyed, reported lost or about to be destroyed for another reason than its age.
    Custody,
    /// No stay covers the date.
    NotEntitled,
    /// Made for another stay.
    OtherStay,
    /// A newer copy took over (T16).
    Superseded,
}

impl Case {
    /// A folder with nothing but its front.
    #[must_use]
    pub fn new(person: Person) -> Self {
        Self {
            person,
            cards: Vec::new(),
            holds: Vec::new(),
            requests: Vec::new(),
            payments: Vec::new(),
            refunds: Vec::new(),
            notices: Vec::new(),
            events: Vec::new(),
            findings: Vec::new(),
            items: Vec::new(),
            practitioners: Vec::new(),
            closures: Vec::new(),
            batches: Vec::new(),
        }
    }

    /// The number of the folder.
    #[must_use]
    pub const fn id(&self) -> PersonId {
        self.person.id
    }

    /// One copy.
    #[must_use]
    pub fn card(&self, id: CardId) -> Option<&Card> {
        self.cards.iter().find(|card| card.id == id)
    }

    /// One time on the shelf.
    #[must_use]
    pub fn hold(&self, id: HoldId) -> Option<&Hold> {
        self.holds.iter().find(|hold| hold.id == id)
    }

    /// One request.
    #[must_use]
    pub fn request(&self, id: RequestId) -> Option<&Request> {
        self.requests.iter().find(|request| request.id == id)
    }

    /// One notice.
    #[must_use]
    pub fn notice(&self, id: NoticeId) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.id == id)
    }

    /// The copy a notice is about: of a request the one it wishes to replace.
    #[must_use]
    pub fn card_of(&self, subject: Subject) -> Option<CardId> {
        match subject {
            Subject::Card(card) => Some(card),
            Subject::Hold(hold) => self.hold(hold).map(|hold| hold.card),
            Subject::Request(request) => self.request(request).and_then(|request| request.card),
        }
    }

    /// The stay that covers the date, or else the one that begins next.
    #[must_use]
    pub fn stay_on(&self, on: NaiveDate) -> Option<Stay> {
        let stays = self.person.stays();
        stays.iter().find(|stay| stay.covers(on)).or(stays.last()).copied()
    }

    /// Entitlement is derived per date, never a column on a card (1.2).
    #[must_use]
    pub fn entitled(&self, on: NaiveDate) -> bool {
        self.person.stays().iter().any(|stay| stay.covers(on))
    }

    /// Whether one copy counts on a date (1.2).
    #[must_use]
    pub fn validity(&self, card: &Card, on: NaiveDate) -> Validity {
        let in_hand = matches!(
            &card.custody,
            Custody::Posted { .. }
                | Custody::Held { .. }
                | Custody::Collected { .. }
                | Custody::Missing { .. }
                | Custody::RemovalDue { reason: RemovalReason::Expired, .. }
        );
        if !in_hand {
            return Validity::Custody;
        }
        match self.person.stays().iter().find(|stay| stay.covers(on)) {
            None => Validity::NotEntitled,
            Some(stay) if stay.no != card.stay => Validity::OtherStay,
            Some(_) if card.superseded.is_some_and(|by| by.on <= on) => Validity::Superseded,
            Some(_) => Validity::Valid,
        }
    }

    /// The copy counts on a date.
    #[must_use]
    pub fn is_valid(&self, card: &Card, on: NaiveDate) -> bool {
        self.validity(card, on) == Validity::Valid
    }

    /// The copy made to take over from this one, unless it was given up.
    #[must_use]
    pub fn successor(&self, of: CardId) -> Option<&Card> {
        self.cards.iter().rev().find(|card| {
            card.replaces == Some(of) && !matches!(card.custody, Custody::Cancelled { .. } | Custody::Spoiled { .. })
        })
    }

    /// A copy with the right name is ordered or on its way: this one is not handed out (1.5).
    #[must_use]
    pub fn carries_wrong_name(&self, card: CardId) -> bool {
        self.successor(card).is_some_and(|newer| newer.cause.corrects_name())
            || self.requests.iter().any(|request| {
                request.card == Some(card)
                    && request.successor != Some(card)
                    && request.state.is_open()
                    && request.cause.corrects_name()
            })
    }

    /// The copy at the end of the chain that begins with this one: what the person has or will have.
    #[must_use]
    pub fn newest_of(&self, card: CardId) -> CardId {
        // A chain is no longer than there are copies, whatever a book claims.
        self.cards.iter().fold(card, |end, _| self.successor(end).map_or(end, |newer| newer.id))
    }

    /// The first day the citizen counts as told of this hold, seen from `today` (1.4).
    #[must_use]
    pub fn told_on(&self, hold: &Hold, today: NaiveDate, periods: &Periods) -> Option<NaiveDate> {
        self.notices
            .iter()
            .filter(|notice| notice.subject == Subject::Hold(hold.id) && notice.kind.tells_of_hold())
            .filter_map(|notice| notice.told_on(today, periods.silence_days))
            .chain(hold.told_by_desk.as_ref().map(|told| told.on))
            .min()
    }

    /// The newest copy that was not given up: what a request without a card is about.
    #[must_use]
    pub fn newest_card(&self) -> Option<&Card> {
        self.cards
            .iter()
            .rev()
            .find(|card| !matches!(card.custody, Custody::Cancelled { .. } | Custody::Spoiled { .. }))
    }
}
