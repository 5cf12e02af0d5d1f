//! 1.6, T16: a decided request gets its new card, planned for today; one that is given up loses it again, unprinted.

use crate::domain::{
    card::{Card, Custody},
    casework::Casework,
    ground::Ground,
    ids::{CardId, RequestId},
    person::{ChosenGroup, CorrectedName, Group, Person},
    request::{Decision, Replaced, Request, RequestKind, RequestState},
};

impl Casework<'_> {
    /// Every replacement that is free or paid gets its new card. One that waits for a caseworker is looked at again.
    pub fn queue_replacements(&mut self) {
        for id in self.open_ones(RequestKind::Replacement) {
            self.reconsider(id);
            let Some(request) = self.case.request(id) else { continue };
            let paid = matches!(request.state, RequestState::Paid { .. });
            if let (Some(card), true) = (request.card, paid || is_free(request)) {
                self.queue(id, card);
            }
        }
        self.issue_due_cards();
    }

    /// Requests of a kind whose new card is not planned yet.
    pub(super) fn open_ones(&self, kind: RequestKind) -> Vec<RequestId> {
        let waits = |request: &&Request| {
            request.kind == kind && matches!(request.state, RequestState::Open | RequestState::Paid { .. })
        };
        self.case.requests.iter().filter(waits).map(|request| request.id).collect()
    }

    /// The wish is applied, and the request waits for the new card: an unprinted one takes the wish in, else one is
    /// planned for today (T2 queues it or says what is missing). Several wishes before print make one card.
    pub(super) fn queue(&mut self, id: RequestId, original: CardId) {
        self.apply_wish(id);
        let (newest, today) = (self.case.newest_of(original), self.today());
        let (Some(request), Some(card)) = (self.case.request(id), self.case.card(newest)) else { return };
        let mut successor = newest;
        if !card.custody.unprinted() {
            let stay = self.case.stay_on(today).map_or(card.stay, |stay| stay.no);
            let mut copy = Card::planned(self.ids.card(), request.person, stay, request.cause, today);
            copy.replaces = Some(newest);
            copy.request = Some(id);
            successor = copy.id;
            self.add("planned", copy);
        }
        self.change("request queued", id.0, |request: &mut Request| {
            request.state = RequestState::Queued;
            request.successor = Some(successor);
        });
    }

    /// The unprinted card of a request is given up, unless another request waits for the same card: that takes it over.
    pub(super) fn cancel_successor(&mut self, id: RequestId) {
        let Some(card) = self.case.request(id).and_then(|request| request.successor) else { return };
        if !self.case.card(card).is_some_and(|card| card.custody.unprinted() && card.request == Some(id)) {
            return;
        }
        let heir = self.fulfilled_by(card).into_iter().find(|other| *other != id);
        let heir = heir.and_then(|heir| self.case.request(heir)).map(|heir| (heir.id, heir.cause));
        let stands_alone = self.case.card(card).is_some_and(|card| card.replaces.is_none());
        let on = self.today();
        if let Some((heir, cause)) = heir {
            self.change("passed on", card.0, |card: &mut Card| {
                card.request = Some(heir);
                card.cause = cause;
            });
        } else if stands_alone {
            // The copy it was to replace never left the producer: this one is the person's card now.
            self.change("passed on", card.0, |card: &mut Card| card.request = None);
        } else {
            self.change("cancelled", card.0, |card: &mut Card| card.custody = Custody::Cancelled { on });
            self.settle_obstacles(card);
        }
    }

    /// The held original was collected while its replacement was not printed yet: collection wins, and what was paid goes
    /// back (1.6). Who wished for other data on the card still gets it.
    pub(super) fn collection_wins(&mut self, card: CardId) {
        let settled = |request: &&Request| {
            request.card == Some(card)
                && request.cause.lacks_card()
                && request.state.is_open()
                && self.successor_is_unprinted(request)
        };
        let settled: Vec<_> = self.case.requests.iter().filter(settled).map(|request| request.id).collect();
        for id in settled {
            self.end(id, "refused", RequestState::Refused { on: self.today(), why: Ground::Collected });
        }
    }

    /// Lays the wish over the register's data until the register reports them itself.
    fn apply_wish(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let (wish, data) = (&request.wish, &self.case.person.data);
        let before = Replaced { corrected: data.corrected.clone(), chosen: data.chosen.clone() };
        let mut after = before.clone();
        if wish.name.is_present() {
            let misspelt = data.register.name.clone();
            after.corrected =
                Some(CorrectedName { right: wish.name.clone(), misspelt }).filter(|name| name.right != name.misspelt);
        }
        if let Some(wished) = wished_group(request) {
            let registered = data.register.group.clone();
            after.chosen = Some(ChosenGroup { wished, registered }).filter(|choice| choice.wished != choice.registered);
        }
        if after == before {
            return;
        }
        self.lay_over(after);
        self.change("wish applied", id.0, |request: &mut Request| request.wish.replaced = Some(Box::new(before)));
    }

    /// A wish that is taken back gives way to what stood before it, as far as the register has said nothing else since.
    pub(super) fn take_back_wish(&mut self, id: RequestId) {
        let Some(request) = self.case.request(id) else { return };
        let Some(before) = request.wish.replaced.clone() else { return };
        let (data, wished) = (&self.case.person.data, wished_group(request));
        let mut after = Replaced { corrected: data.corrected.clone(), chosen: data.chosen.clone() };
        if request.wish.name.is_present() && *self.case.person.name() == request.wish.name {
            after.corrected = before.corrected.filter(|name| name.misspelt == data.register.name);
        }
        if wished.is_some_and(|wished| *self.case.person.group() == wished) {
            after.chosen = before.chosen.filter(|choice| choice.registered == data.register.group);
        }
        self.lay_over(after);
        self.change("wish taken back", id.0, |request: &mut Request| request.wish.replaced = None);
    }

    fn lay_over(&mut self, wishes: Replaced) {
        let person = self.case.id();
        self.change("data corrected", person.0, |person: &mut Person| {
            person.data.corrected = wishes.corrected;
            person.data.chosen = wishes.chosen;
        });
    }
}

/// Decided free and not queued yet.
pub(super) fn is_free(request: &Request) -> bool {
    request.state == RequestState::Open
        && request.charge.as_ref().is_some_and(|charge| matches!(charge.decision, Decision::Free { .. }))
}

/// The group wished for, when the wish is about it.
fn wished_group(request: &Request) -> Option<Group> {
    let wish = &request.wish;
    match wish.insurance_group.as_str() {
        "2" => Some(Group::Two),
        _ if !wish.gp_number.is_empty() => Some(Group::One { gp: Some(wish.gp_number.clone()) }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        card::{Cause, Collector},
        ids::BatchId,
        input::{DeskFact, RequestRow},
        rules::{
            example::{CARD, Desk},
            example_requests::{FEE, SECOND, wish},
        },
    };

    fn collect(desk: &mut Desk, on: &str) {
        let collector = Collector::Holder;
        let identified_by = "passport".to_owned();
        desk.report("D1", DeskFact::Collected { collector, identified_by, postbox_labelled: false }, on);
    }

    /// Lost, paid, and then back on our shelf.
    fn paid_and_held() -> (Desk, RequestId) {
        let mut desk = Desk::since_posting();
        let id = desk.ask("A1", Cause::Lost, "2025-05-01");
        desk.pay("B1", "A1", FEE, "2025-05-02");
        desk.queue_all();
        desk.come_back("2025-05-02");
        (desk, id)
    }

    #[test]
    fn collection_wins_until_the_batch_is_closed() {
        let (mut desk, id) = paid_and_held();
        collect(&mut desk, "2025-05-02");
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("collected", "cancelled"));
        assert_eq!(desk.state(id).code(), "refused");
        assert_eq!(desk.refunds(), [(FEE, "request-refused")]);
    }

    #[test]
    fn after_the_batch_is_closed_the_new_card_comes() {
        let (mut desk, id) = paid_and_held();
        desk.work(|work| work.print_queued_cards(BatchId(2)));
        collect(&mut desk, "2025-05-03");
        assert_eq!((desk.state(id).code(), desk.custody(SECOND)), ("queued", "in_print"));
        assert!(desk.refunds().is_empty());
    }

    #[test]
    fn an_own_choice_is_printed_before_the_register_reports_it() {
        let mut desk = Desk::since_posting();
        let row = RequestRow {
            gp_number: "012345".to_owned(),
            insurance_group: "1".to_owned(),
            ..wish("A1", Cause::OwnGpChoice, "2025-05-01")
        };
        desk.ask_row(&row);
        assert_eq!(*desk.case.person.group(), Group::Two, "not before it is paid");
        desk.pay("B1", "A1", FEE, "2025-05-02");
        desk.queue_all();
        assert_eq!(*desk.case.person.group(), Group::One { gp: Some("012345".to_owned()) });
        assert_eq!(desk.custody(SECOND), "planned", "the practice is not on file");
        desk.withdraw("A1", "2025-05-03");
        assert_eq!(*desk.case.person.group(), Group::Two);
        assert_eq!((desk.custody(CARD), desk.custody(SECOND)), ("posted", "cancelled"));
        assert!(desk.case.findings.iter().all(|finding| finding.closed.is_some()));
    }

    #[test]
    fn an_own_choice_before_print_changes_the_plan() {
        let mut desk = Desk::registered("2025-03-03");
        let row = RequestRow { gp_number: "012345".to_owned(), ..wish("A1", Cause::OwnGpChoice, "2025-03-04") };
        let id = desk.ask_row(&row);
        desk.queue_all();
        assert_eq!((desk.case.cards.len(), desk.request(id).successor), (1, Some(CARD)));
        desk.withdraw("A1", "2025-03-05");
        assert_eq!((desk.custody(CARD), desk.case.person.data.chosen.is_none()), ("planned", true));
    }
}
