//! `card show`: everything on file of one copy. Nothing is shown before the look is noted.

use anyhow::Result;

use super::owner;
use crate::{
    cli::{Session, case, desk, output},
    domain::{
        card::{Card, Custody},
        case::{Case, Validity},
        casework::Office,
        finding::Finding,
        hold::Hold,
        ids::CardId,
        request::{Decision, Request},
    },
    exit::Exit,
    night::run::office,
};

/// What stands for an address that is protected.
const PROTECTED: &str = "(protected)";

pub(super) async fn show(card: CardId, reason: &str, session: &mut Session<'_>) -> Result<Exit> {
    session.operator()?;
    let mut book = session.book().await?;
    let person = owner(&mut book, card, "show").await?;
    let case = desk::look(session, &mut book, person, &format!("card show {card}"), reason).await?;
    let office = office(&mut book, session.settings, session.clock.today()).await?;
    let mut rows = Rows::default();
    if let Some(card) = case.card(card) {
        rows.card(&case, card, &office);
    }
    output::rows(&["of", "what", "is"], &rows.0, session)?;
    Ok(Exit::Done)
}

/// One fact a row: of what, what, and how it is.
#[derive(Default)]
struct Rows(Vec<Vec<String>>);

impl Rows {
    fn add(&mut self, of: &dyn ToString, what: &str, is: impl std::fmt::Display) {
        let is = is.to_string();
        if !is.is_empty() {
            self.0.push(vec![of.to_string(), what.to_owned(), is]);
        }
    }

    fn maybe<T: ToString>(&mut self, of: &dyn ToString, what: &str, is: Option<T>) {
        self.add(of, what, is.map(|is| is.to_string()).unwrap_or_default());
    }

    fn card(&mut self, case: &Case, card: &Card, office: &Office) {
        self.holder(case);
        let id = card.id;
        self.add(&id, "state", card.custody.state());
        self.custody(&card.custody, id);
        self.add(&id, "counts", counts(case.validity(card, office.today)));
        self.add(&id, "cause", card.cause.code());
        self.maybe(&id, "replaces", card.replaces);
        self.maybe(&id, "batch", card.batch);
        if let Some(posting) = card.posting {
            let evidence = if posting.evidence { "" } else { " (no evidence)" };
            self.add(&id, "posted on", format!("{}{evidence}", posting.on));
        }
        if card.mailings > 0 {
            self.add(&id, "mailings", card.mailings);
        }
        self.maybe(&id, "superseded by", card.superseded.map(|newer| format!("{} on {}", newer.by, newer.on)));
        self.maybe(&id, "to be intercepted since", card.intercept_since);
        self.maybe(&id, "printed name", card.printed.as_ref().map(|printed| printed.name.reveal()));
        for hold in case.holds.iter().filter(|hold| hold.card == id) {
            self.hold(case, hold, office);
        }
        for request in case.requests.iter().filter(|request| request.card == Some(id) || request.successor == Some(id))
        {
            self.request(request);
        }
        for event in case.events.iter().filter(|event| event.card == id) {
            let undone = event.undone_on.map(|on| format!(", undone on {on}")).unwrap_or_default();
            let by = if event.by.is_empty() { String::new() } else { format!(" by {}", event.by) };
            self.add(&event.id, event.what.code(), format!("{}{by}{undone}", event.on));
        }
        let about = |finding: &&Finding| finding.closed.is_none() && finding.subject == id.to_string();
        for finding in case.findings.iter().filter(about) {
            self.add(&finding.id, finding.kind.code(), &finding.detail);
        }
    }

    fn holder(&mut self, case: &Case) {
        let (id, register) = (case.id(), &case.person.data.register);
        self.add(&id, "holder", case.person.name().reveal());
        let address = if register.protected { PROTECTED.to_owned() } else { case::address(&register.address) };
        self.add(&id, "address", address);
        self.maybe(&id, "postbox unlabelled since", case.person.unlabelled_since);
    }

    fn custody(&mut self, custody: &Custody, id: CardId) {
        match custody {
            Custody::Planned { due_on } => self.add(&id, "due on", due_on),
            Custody::Posted { on, to } => self.add(&id, "sent", format!("{on} to {}", to.code())),
            Custody::RemovalDue { reason, since, .. } => {
                self.add(&id, "to be destroyed", format!("{} since {since}", reason.code()));
            }
            Custody::Removed { on, by, .. } => self.add(&id, "destroyed", format!("{on} by {by}")),
            Custody::Lost { on, how, was } => {
                self.add(&id, "lost", format!("{on}, {}, was {}", how.code(), was.state()));
            }
            Custody::Missing { on, was } => self.add(&id, "missing", format!("{on}, was {}", was.state())),
            Custody::Queued { on, .. }
            | Custody::InPrint { on }
            | Custody::Collected { on, .. }
            | Custody::Cancelled { on }
            | Custody::Spoiled { on } => self.add(&id, "since", on),
            Custody::Held { .. } => {}
        }
    }

    fn hold(&mut self, case: &Case, hold: &Hold, office: &Office) {
        let id = hold.id;
        self.add(&id, "returned on", hold.returned_on);
        self.add(&id, "reason", hold.reason.code());
        self.add(&id, "place", format!("{} {}", hold.site, hold.slot).trim());
        self.add(&id, "hold until", hold.hold_until);
        self.add(&id, "last day", hold.last_day);
        self.maybe(&id, "told on", case.told_on(hold, office.today, &office.periods));
        self.maybe(&id, "extended to", hold.extended_to);
        self.maybe(&id, "ended", hold.outcome.map(|outcome| format!("{:?} on {}", outcome.how, outcome.on)));
    }

    fn request(&mut self, request: &Request) {
        let id = request.id;
        self.add(&id, "wish", format!("{}, {}", request.kind.code(), request.cause.code()));
        self.add(&id, "requested on", request.requested_on);
        self.add(&id, "state", request.state.code());
        self.maybe(&id, "fee", request.charge.as_ref().map(|charge| decided(&charge.decision)));
        self.maybe(&id, "new card", request.successor);
    }
}

/// A fee decision in one line.
pub(in crate::cli) fn decided(decision: &Decision) -> String {
    match decision {
        Decision::Free { ground } => format!("free, {}", ground.code()),
        Decision::Fee { amount, ground } => format!("{amount}, {}", ground.code()),
        Decision::Manual { why } => format!("to be decided, {}", why.code()),
    }
}

const fn counts(validity: Validity) -> &'static str {
    match validity {
        Validity::Valid => "yes",
        Validity::Custody => "no, because of where it is",
        Validity::NotEntitled => "no, no residence covers today",
        Validity::OtherStay => "no, it is of another stay",
        Validity::Superseded => "no, a newer card took over",
    }
}
