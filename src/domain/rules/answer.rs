//! T5, T6, T7: what the producer did with a card, and what to do when it says nothing.

use chrono::NaiveDate;

use crate::domain::{
    card::{Card, Custody, Delivery, Posting, ProducerOutcome},
    casework::Casework,
    dates,
    finding::FindingKind,
    ids::CardId,
    input::{ProducerAnswer, Rejection, Taken},
    practice::Batch,
    request::Request,
};

impl Casework<'_> {
    /// Records the producer's answer for one card. The first answer wins: the same again is a duplicate, another one a
    /// finding (T6).
    ///
    /// # Errors
    /// When the card never stood in that batch.
    pub fn answered(&mut self, row: &ProducerAnswer) -> Result<Taken, Rejection> {
        let unknown = || {
            Rejection::new("batch_id", "card-not-in-batch", format!("{} was not ordered in {}", row.card, row.batch))
        };
        let card = self.case.card(row.card).ok_or_else(unknown)?;
        if card.refused_in == Some(row.batch) {
            return Ok(self.answered_before(row, ProducerOutcome::Refused));
        }
        if card.batch != Some(row.batch) {
            return Err(unknown());
        }
        if let Some(first) = card.answer {
            return Ok(self.answered_before(row, first));
        }
        match row.outcome {
            ProducerOutcome::Posted => self.posted(row.card, row.on),
            ProducerOutcome::Refused => self.refused_by_producer(row),
            ProducerOutcome::Spoiled => self.spoiled(row),
        }
        self.evidence_changed();
        Ok(Taken::Applied)
    }

    fn answered_before(&mut self, row: &ProducerAnswer, first: ProducerOutcome) -> Taken {
        if first == row.outcome {
            return Taken::Duplicate;
        }
        let detail =
            format!("the producer answered {:?} first and {:?} later; the first answer stands", first, row.outcome);
        self.find(FindingKind::AnswerConflict, &row.card, detail.to_lowercase());
        Taken::Applied
    }

    /// T6: the posting date is evidence. On a copy that is already back it only adds evidence, unless it came back
    /// before that date.
    fn posted(&mut self, id: CardId, on: NaiveDate) {
        let Some(card) = self.case.card(id) else { return };
        let returned_on = self.case.facts(id).filter(|fact| fact.is_return()).map(|fact| fact.on).min();
        let posting = Posting { on, evidence: returned_on.is_none_or(|returned| on <= returned) };
        if let Custody::InPrint { .. } = card.custody {
            let to = card.printed.as_ref().map_or(Delivery::Home, |printed| printed.delivery);
            self.change("posted", id.0, |card: &mut Card| {
                card.custody = Custody::Posted { on, to };
                card.posting = Some(posting);
                card.answer = Some(ProducerOutcome::Posted);
                card.mailings += 1;
            });
            self.take_over(id, on);
            return;
        }
        self.change("posting confirmed", id.0, |card: &mut Card| {
            card.posting = Some(posting);
            card.answer = Some(ProducerOutcome::Posted);
        });
        if !posting.evidence {
            self.find(FindingKind::ReturnedBeforePosting, &id, "the card came back before the posting date on file");
        }
    }

    /// T5: back to its plan, until something printed on it differs.
    fn refused_by_producer(&mut self, row: &ProducerAnswer) {
        if !self.is_in_print(row) {
            return;
        }
        let today = self.today();
        let needless = self.gives_way(row.card);
        self.change("refused by producer", row.card.0, |card: &mut Card| {
            card.custody = if needless { Custody::Cancelled { on: today } } else { Custody::Planned { due_on: today } };
            card.refused_in = card.batch.take();
        });
        if needless {
            return;
        }
        self.find(
            FindingKind::RefusedByProducer,
            &row.card,
            "the producer refused the card and nothing printed on it has changed since",
        );
    }

    /// T5: a free new copy through T2; the second time in a row only when a caseworker says so.
    fn spoiled(&mut self, row: &ProducerAnswer) {
        if !self.is_in_print(row) {
            return;
        }
        self.change("spoiled", row.card.0, |card: &mut Card| {
            card.custody = Custody::Spoiled { on: row.on };
            card.answer = Some(ProducerOutcome::Spoiled);
        });
        if self.gives_way(row.card) {
            return;
        }
        let Some(spoiled) = self.case.card(row.card).cloned() else { return };
        let mut copy = Card::planned(self.ids.card(), spoiled.person, spoiled.stay, spoiled.cause, self.today());
        copy.replaces = spoiled.replaces;
        copy.request = spoiled.request;
        copy.stands_in_for = Some(spoiled.id);
        let id = copy.id;
        self.add("planned", copy);
        for request in self.fulfilled_by(spoiled.id) {
            self.change("successor planned", request.0, |request: &mut Request| request.successor = Some(id));
        }
        if spoiled.stands_in_for.is_some() {
            self.find(
                FindingKind::SpoiledAgain,
                &id,
                "the producer spoiled this card twice; close the finding to order it once more",
            );
        }
    }

    /// A copy that never left needs no other when a newer one is ordered already: that stands in its place.
    fn gives_way(&mut self, id: CardId) -> bool {
        let Some(newer) = self.case.successor(id).map(|newer| newer.id) else { return false };
        let replaces = self.case.card(id).and_then(|card| card.replaces);
        self.change("takes the place", newer.0, |card: &mut Card| card.replaces = replaces);
        for request in self.fulfilled_by(id) {
            self.change("successor planned", request.0, |request: &mut Request| request.successor = Some(newer));
        }
        true
    }

    /// An answer that is no posting can only be true of a copy that is still with the producer.
    fn is_in_print(&mut self, row: &ProducerAnswer) -> bool {
        let in_print = self.case.card(row.card).is_some_and(|card| matches!(card.custody, Custody::InPrint { .. }));
        if !in_print {
            self.find(
                FindingKind::AnswerConflict,
                &row.card,
                "the producer says the card was not posted, but it is known to have been out",
            );
        }
        in_print
    }

    /// T7: one finding per batch, with count and oldest date, while answers are missing too long. No new copy.
    pub fn watch_producer(&mut self, batch: &Batch, unanswered: i64) {
        let silent_on = dates::producer_silent_on(batch.on, &self.office.periods, &self.office.calendar);
        if unanswered > 0 && silent_on <= self.today() {
            let detail = format!("{unanswered} of {} cards unanswered since {}", batch.cards, batch.on);
            self.find(FindingKind::ProducerSilent, &batch.id, detail);
        } else {
            self.settle(FindingKind::ProducerSilent, &batch.id);
        }
    }
}
