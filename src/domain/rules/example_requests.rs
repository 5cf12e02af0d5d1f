//! Wishes, payments and returns to try the rules of requests on.

use crate::domain::{
    card::Cause,
    hold::ReturnReason,
    ids::{BatchId, CardId, RequestId},
    input::{Ask, DeskEvent, DeskFact, PaymentRow, RequestRow, Returned, Taken},
    money::{Ore, Tariff},
    person::Name,
    request::{Decision, Request, RequestKind, RequestState},
    rules::{
        ComeBack,
        example::{CARD, Desk, day},
    },
};

/// The fee of the year in which a [`Desk::since`] works.
pub(in crate::domain) const FEE: Ore = Ore(23_000);

/// A wish of this reference and cause, about the newest copy.
pub(in crate::domain) fn wish(reference: &str, cause: Cause, on: &str) -> RequestRow {
    let kind = if cause.corrects_name() { RequestKind::NameCorrection } else { RequestKind::Replacement };
    RequestRow {
        reference: reference.to_owned(),
        cpr: None,
        card: None,
        ask: Ask::Card(kind, cause),
        requested_on: day(on),
        name: Name::default(),
        gp_number: String::new(),
        insurance_group: String::new(),
        married_on: None,
        note: String::new(),
    }
}

/// The wish to be called so.
pub(in crate::domain) fn misspelt(reference: &str, surname: &str, on: &str) -> RequestRow {
    let name = Name { given: "Maja".to_owned(), surname: surname.to_owned() };
    RequestRow { name, ..wish(reference, Cause::Misspelt, on) }
}

impl Desk {
    /// The first card was posted on 3 March 2025; a tariff for that year is configured.
    pub(in crate::domain) fn since_posting() -> Self {
        let mut desk = Self::posted("2025-03-03");
        desk.office.tariff = Tariff::from_iter([(2025, FEE)]);
        desk
    }

    /// A wish comes in and is read that night.
    pub(in crate::domain) fn ask(&mut self, reference: &str, cause: Cause, on: &str) -> RequestId {
        self.ask_row(&wish(reference, cause, on))
    }

    /// The same, by its row.
    pub(in crate::domain) fn ask_row(&mut self, row: &RequestRow) -> RequestId {
        self.office.today = self.office.today.max(row.requested_on);
        assert_eq!(self.work(|work| work.requested(row)), Ok(Taken::Applied));
        self.case.requests.last().unwrap().id
    }

    /// The request of this reference is taken back.
    pub(in crate::domain) fn withdraw(&mut self, reference: &str, on: &str) -> Taken {
        let row = RequestRow { ask: Ask::Withdrawal, ..wish(reference, Cause::Lost, on) };
        self.office.today = self.office.today.max(day(on));
        self.work(|work| work.requested(&row)).unwrap()
    }

    /// A payment is read on the business date.
    pub(in crate::domain) fn pay(&mut self, payment: &str, request: &str, amount: Ore, on: &str) -> Taken {
        let row = PaymentRow {
            reference: payment.to_owned(),
            request: request.to_owned(),
            paid_on: day(on),
            amount,
            payer: String::new(),
            text: String::new(),
        };
        self.work(|work| work.paid(&row))
    }

    /// What the night does with requests and payments that were read.
    pub(in crate::domain) fn queue_all(&mut self) {
        self.work(|work| {
            work.queue_corrections();
            work.queue_replacements();
        });
    }

    /// The first card comes back by post.
    pub(in crate::domain) fn come_back(&mut self, on: &str) {
        self.today(on);
        let row = Returned {
            card: Some(CARD),
            cpr: None,
            name: String::new(),
            returned_on: day(on),
            reason: ReturnReason::BoxFull,
            reason_known: true,
            words: String::new(),
            site: String::new(),
            slot: "A1".to_owned(),
        };
        assert_eq!(self.work(|work| work.returned(&row)), ComeBack::Taken(Taken::Applied));
    }

    /// The desk reports something of the first card.
    pub(in crate::domain) fn report(&mut self, event: &str, what: DeskFact, on: &str) {
        self.today(on);
        let row = DeskEvent {
            reference: event.to_owned(),
            card: CARD,
            on: day(on),
            what,
            by: "anna".to_owned(),
            note: String::new(),
        };
        assert_eq!(self.work(|work| work.desk_event(&row)), Ok(Taken::Applied));
    }

    /// Closes a batch with everything queued; the producer posts a copy of it on that day.
    pub(in crate::domain) fn print_and_post(&mut self, card: CardId, batch: i64, on: &str) {
        self.today(on);
        self.work(|work| work.print_queued_cards(BatchId(batch)));
        self.answer(card, BatchId(batch), on);
    }

    pub(in crate::domain) fn request(&self, id: RequestId) -> &Request {
        self.case.request(id).unwrap()
    }

    pub(in crate::domain) fn state(&self, id: RequestId) -> &RequestState {
        &self.request(id).state
    }

    pub(in crate::domain) fn decision(&self, id: RequestId) -> &Decision {
        &self.request(id).charge.as_ref().unwrap().decision
    }

    /// Where a copy is, as a word.
    pub(in crate::domain) fn custody(&self, card: CardId) -> &'static str {
        self.case.card(card).unwrap().custody.state()
    }

    /// Money that goes back, line by line.
    pub(in crate::domain) fn refunds(&self) -> Vec<(Ore, &str)> {
        self.case.refunds.iter().map(|refund| (refund.amount, refund.why.as_str())).collect()
    }

    /// The same casework again changes nothing.
    pub(in crate::domain) fn changes_nothing(&mut self, again: impl FnOnce(&mut Self)) {
        let before = (self.case.clone(), self.entries.len());
        again(self);
        assert_eq!((self.case.clone(), self.entries.len()), before);
    }
}

/// The second copy of a [`Desk`].
pub(in crate::domain) const SECOND: CardId = CardId(CARD.0 + 1);
