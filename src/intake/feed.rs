//! The feeds of page 2.2: their columns, the key in whose order their rows are taken, and what a row means.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::{Key, Record};
use crate::domain::{
    card::{Cause, Collector, ProducerOutcome},
    cpr::Cpr,
    hold::ReturnReason,
    ids::{BatchId, CardId, LetterId, RefundId},
    input::{
        Ask, DeskEvent, DeskFact, Input, NoticeOutcome, PaymentRow, PractitionerRow, ProducerAnswer,
        RefundConfirmation, Registration, Rejection, RequestRow, Returned,
    },
    person::{Address, Group, Language, Name, Place, Register, Status},
    request::RequestKind,
};

/// A kind of file that comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// `practitioners-*.csv`.
    Practitioners,
    /// `registrations-*.csv`.
    Registrations,
    /// `producer-answers-*.csv`.
    ProducerAnswers,
    /// `returns-*.csv`.
    Returns,
    /// `desk-events-*.csv`.
    DeskEvents,
    /// `notice-outcomes-*.csv`.
    NoticeOutcomes,
    /// `requests-*.csv`.
    Requests,
    /// `payments-*.csv`.
    Payments,
    /// `refund-confirmations-*.csv`.
    RefundConfirmations,
}

/// What a reader needs besides the row.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The business date: nobody is born after it.
    pub today: NaiveDate,
    /// The carriers' words and our codes.
    pub reasons: &'a BTreeMap<String, ReturnReason>,
    /// The file's name: reports order by it.
    pub file: &'a str,
}

impl Feed {
    /// Every feed.
    pub const ALL: [Self; 9] = [
        Self::Practitioners,
        Self::Registrations,
        Self::ProducerAnswers,
        Self::Returns,
        Self::DeskEvents,
        Self::NoticeOutcomes,
        Self::Requests,
        Self::Payments,
        Self::RefundConfirmations,
    ];

    /// How its files are called.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Practitioners => "practitioners",
            Self::Registrations => "registrations",
            Self::ProducerAnswers => "producer-answers",
            Self::Returns => "returns",
            Self::DeskEvents => "desk-events",
            Self::NoticeOutcomes => "notice-outcomes",
            Self::Requests => "requests",
            Self::Payments => "payments",
            Self::RefundConfirmations => "refund-confirmations",
        }
    }

    /// Its columns.
    #[must_use]
    pub const fn columns(self) -> &'static [&'static str] {
        match self {
            Self::Practitioners => {
                &["gp_number", "name", "street", "postal_code", "city", "phone", "valid_from", "valid_to"]
            }
            Self::Registrations => &[
                "cpr",
                "status",
                "registered_on",
                "reported_at",
                "given_names",
                "surname",
                "protected",
                "digital_post",
                "language",
                "co_name",
                "street",
                "house_number",
                "floor",
                "door",
                "postal_code",
                "city",
                "municipality_code",
                "insurance_group",
                "gp_number",
                "guardian_cpr",
            ],
            Self::ProducerAnswers => &["batch_id", "card_id", "outcome", "on", "reason"],
            Self::Returns => &["card_id", "cpr", "name", "returned_on", "carrier_reason", "site", "slot"],
            Self::DeskEvents => {
                &["event_id", "card_id", "event", "on", "by", "identified_by", "co_name", "postbox_labelled", "note"]
            }
            Self::NoticeOutcomes => &["notice_id", "outcome", "on", "reason"],
            Self::Requests => &[
                "request_id",
                "cpr",
                "card_id",
                "kind",
                "cause",
                "requested_on",
                "given_names",
                "surname",
                "gp_number",
                "insurance_group",
                "married_on",
                "note",
            ],
            Self::Payments => &["payment_id", "request_id", "paid_on", "amount", "payer", "reference"],
            Self::RefundConfirmations => &["refund_id", "confirmed_on"],
        }
    }

    /// What rows are sorted by: rows of one key are never split over two chunks.
    #[must_use]
    pub fn key(self, record: &Record<'_>) -> Option<Key> {
        match self {
            Self::Practitioners => Some(Key::text(record.text("gp_number").ok()??)),
            Self::Registrations => Some(cpr_key(Cpr::parse(record.text("cpr").ok()??).ok()?)),
            Self::ProducerAnswers | Self::DeskEvents => card_key(record),
            Self::Returns => card_key(record).or_else(|| Some(cpr_key(Cpr::parse(record.text("cpr").ok()??).ok()?))),
            Self::NoticeOutcomes => number_key(record.text("notice_id").ok()??.parse::<LetterId>().ok()?.0),
            Self::Requests => Some(Key::text(record.text("request_id").ok()??)),
            Self::Payments => Some(Key::text(record.text("payment_id").ok()??)),
            Self::RefundConfirmations => number_key(record.text("refund_id").ok()??.parse::<RefundId>().ok()?.0),
        }
    }

    /// What a row means.
    ///
    /// # Errors
    /// The first column that cannot be understood, with the reason.
    pub fn read(self, record: &Record<'_>, with: &Reading<'_>) -> Result<Input, Rejection> {
        match self {
            Self::Practitioners => practitioner(record),
            Self::Registrations => registration(record, with),
            Self::ProducerAnswers => answer(record),
            Self::Returns => returned(record, with),
            Self::DeskEvents => desk_event(record),
            Self::NoticeOutcomes => notice_outcome(record),
            Self::Requests => request(record, with),
            Self::Payments => payment(record),
            Self::RefundConfirmations => refund_confirmation(record),
        }
    }
}

fn cpr_key(cpr: Cpr) -> Key {
    Key::number(cpr.reveal().parse().unwrap_or_default())
}

fn card_key(record: &Record<'_>) -> Option<Key> {
    number_key(record.text("card_id").ok()??.parse::<CardId>().ok()?.0)
}

fn number_key(number: i64) -> Option<Key> {
    u64::try_from(number).ok().map(Key::number)
}

fn text(record: &Record<'_>, column: &'static str) -> Result<String, Rejection> {
    Ok(record.text(column)?.unwrap_or_default().to_owned())
}

fn needed(record: &Record<'_>, column: &'static str) -> Result<String, Rejection> {
    record.required(column, Record::text).map(str::to_owned)
}

fn cpr(record: &Record<'_>, column: &'static str, today: NaiveDate) -> Result<Option<Cpr>, Rejection> {
    let Some(text) = record.text(column)? else { return Ok(None) };
    Cpr::parse_on(text, today).map(Some).map_err(|flaw| Rejection::new(column, flaw.code(), flaw.to_string()))
}

fn id<T: std::str::FromStr<Err: std::fmt::Display>>(
    record: &Record<'_>,
    column: &'static str,
) -> Result<Option<T>, Rejection> {
    let Some(text) = record.text(column)? else { return Ok(None) };
    text.parse().map(Some).map_err(|flaw: T::Err| Rejection::new(column, "not-an-id", flaw.to_string()))
}

fn needed_id<T: std::str::FromStr<Err: std::fmt::Display>>(
    record: &Record<'_>,
    column: &'static str,
) -> Result<T, Rejection> {
    id(record, column)?.ok_or_else(|| Rejection::new(column, "missing", "is missing"))
}

fn practitioner(record: &Record<'_>) -> Result<Input, Rejection> {
    let row = PractitionerRow {
        gp_number: record.required("gp_number", |record, column| record.digits(column, 6))?.to_owned(),
        name: needed(record, "name")?,
        street: text(record, "street")?,
        postal_code: text(record, "postal_code")?,
        city: text(record, "city")?,
        phone: text(record, "phone")?,
        valid_from: record.required("valid_from", Record::date)?,
        valid_to: record.date("valid_to")?,
    };
    if row.valid_to.is_some_and(|to| to < row.valid_from) {
        return Err(Rejection::new("valid_to", "ends-before-it-begins", "is before valid_from"));
    }
    Ok(Input::Practitioner(row))
}

const STATUS: &[(&str, Status)] =
    &[("01", Status::Resident), ("03", Status::NoAddress), ("20", Status::Administrative)];

fn registration(record: &Record<'_>, with: &Reading<'_>) -> Result<Input, Rejection> {
    let cpr_number = cpr(record, "cpr", with.today)?.ok_or_else(|| Rejection::new("cpr", "missing", "is missing"))?;
    let status = record.required("status", |record, column| record.word(column, STATUS))?;
    let registered_on = record.required("registered_on", Record::date)?;
    let gp = record.digits("gp_number", 6)?;
    let group = match record.word("insurance_group", &[("1", 1), ("2", 2)])? {
        Some(2) if gp.is_some() => {
            return Err(Rejection::new("gp_number", "group-2-has-no-practitioner", "is given for insurance group 2"));
        }
        Some(2) => Group::Two,
        _ => Group::One { gp: gp.map(str::to_owned) },
    };
    if group == (Group::One { gp: None })
        && record.text("insurance_group")?.is_none()
        && status != Status::Administrative
    {
        return Err(Rejection::new("insurance_group", "missing", "is missing"));
    }
    let municipality = match record.digits("municipality_code", 4)? {
        Some(code) => code.to_owned(),
        None if status == Status::Administrative => String::new(),
        None => return Err(Rejection::new("municipality_code", "missing", "is missing")),
    };
    let register = Register {
        name: Name { given: text(record, "given_names")?, surname: text(record, "surname")? },
        protected: record.yes_no("protected")?.unwrap_or(false),
        digital_post: record.yes_no("digital_post")?.unwrap_or(false),
        language: record.word("language", &[("da", Language::Da), ("en", Language::En)])?,
        address: address(record)?,
        municipality,
        group,
        guardian: cpr(record, "guardian_cpr", with.today)?,
    };
    // The line is known to who takes the row, not to who reads its columns.
    let place = Place { at: record.instant("reported_at")?, file: with.file.to_owned(), line: 0 };
    Ok(Input::Registration(Box::new(Registration { cpr: cpr_number, place, status, registered_on, register })))
}

fn address(record: &Record<'_>) -> Result<Address, Rejection> {
    Ok(Address {
        co_name: text(record, "co_name")?,
        street: text(record, "street")?,
        house_number: text(record, "house_number")?,
        floor: text(record, "floor")?,
        door: text(record, "door")?,
        postal_code: text(record, "postal_code")?,
        city: text(record, "city")?,
    })
}

fn answer(record: &Record<'_>) -> Result<Input, Rejection> {
    const OUTCOMES: &[(&str, ProducerOutcome)] = &[
        ("posted", ProducerOutcome::Posted),
        ("refused", ProducerOutcome::Refused),
        ("spoiled", ProducerOutcome::Spoiled),
    ];
    record.text("reason")?;
    Ok(Input::Answer(ProducerAnswer {
        batch: needed_id::<BatchId>(record, "batch_id")?,
        card: needed_id::<CardId>(record, "card_id")?,
        outcome: record.required("outcome", |record, column| record.word(column, OUTCOMES))?,
        on: record.required("on", Record::date)?,
    }))
}

fn returned(record: &Record<'_>, with: &Reading<'_>) -> Result<Input, Rejection> {
    let card = id::<CardId>(record, "card_id")?;
    let name = text(record, "name")?;
    let cpr = cpr(record, "cpr", with.today)?;
    if card.is_none() && (cpr.is_none() || name.is_empty()) {
        return Err(Rejection::new("card_id", "missing", "is missing, and so are cpr and name"));
    }
    let words = record.note("carrier_reason")?.unwrap_or_default().to_owned();
    let known = with.reasons.iter().find(|(known, _)| known.to_lowercase() == words.to_lowercase());
    Ok(Input::Return(Returned {
        card,
        cpr,
        name,
        returned_on: record.required("returned_on", Record::date)?,
        reason: known.map_or(ReturnReason::Other, |(_, reason)| *reason),
        reason_known: known.is_some(),
        words,
        site: text(record, "site")?,
        slot: text(record, "slot")?,
    }))
}

fn desk_event(record: &Record<'_>) -> Result<Input, Rejection> {
    let labelled = record.yes_no("postbox_labelled")?.unwrap_or(false);
    let by = needed(record, "by")?;
    let note = record.note("note")?.unwrap_or_default().to_owned();
    let event = record.required("event", Record::text)?;
    let what = match event {
        "arrived" => DeskFact::Arrived,
        "collected" => DeskFact::Collected {
            collector: record.required("by", |record, column| {
                record.word(
                    column,
                    &[
                        ("holder", Collector::Holder),
                        ("guardian", Collector::Guardian),
                        ("authorised", Collector::Authorised),
                    ],
                )
            })?,
            identified_by: needed(record, "identified_by")?,
            postbox_labelled: labelled,
        },
        "sent_again" => DeskFact::SentAgain { co_name: text(record, "co_name")?, postbox_labelled: labelled },
        "destroyed" => DeskFact::Destroyed,
        "missing" => DeskFact::Missing,
        "found" => DeskFact::Found,
        "reported_lost" => DeskFact::ReportedLost,
        "told" => DeskFact::Told,
        "undone" if note.is_empty() => {
            return Err(Rejection::new("note", "missing", "does not name the event to undo"));
        }
        "undone" => DeskFact::Undone { event: note.trim().to_owned() },
        _ => {
            return Err(Rejection::new(
                "event",
                "unknown-word",
                "is none of arrived, collected, sent_again, destroyed, missing, found, reported_lost, told, undone",
            ));
        }
    };
    Ok(Input::Desk(DeskEvent {
        reference: needed(record, "event_id")?,
        card: needed_id::<CardId>(record, "card_id")?,
        on: record.required("on", Record::date)?,
        what,
        by,
        note,
    }))
}

fn notice_outcome(record: &Record<'_>) -> Result<Input, Rejection> {
    record.note("reason")?;
    Ok(Input::NoticeOutcome(NoticeOutcome {
        letter: needed_id::<LetterId>(record, "notice_id")?,
        delivered: record
            .required("outcome", |record, column| record.word(column, &[("delivered", true), ("failed", false)]))?,
        on: record.required("on", Record::date)?,
    }))
}

fn request(record: &Record<'_>, with: &Reading<'_>) -> Result<Input, Rejection> {
    const REPLACEMENTS: &[(&str, Cause)] = &[
        ("lost", Cause::Lost),
        ("stolen", Cause::Stolen),
        ("damaged", Cause::Damaged),
        ("never_arrived", Cause::NeverArrived),
        ("no_longer_held", Cause::NoLongerHeld),
        ("own_gp_choice", Cause::OwnGpChoice),
        ("own_name_change", Cause::OwnNameChange),
    ];
    const CORRECTIONS: &[(&str, Cause)] = &[("misspelt", Cause::Misspelt), ("misprint", Cause::Misprint)];
    let cause = |words| record.required("cause", |record, column| record.word(column, words));
    let ask = match needed(record, "kind")?.as_str() {
        "replacement" => Ask::Card(RequestKind::Replacement, cause(REPLACEMENTS)?),
        "name_correction" => Ask::Card(RequestKind::NameCorrection, cause(CORRECTIONS)?),
        "withdrawn" => Ask::Withdrawal,
        _ => return Err(Rejection::new("kind", "unknown-word", "is none of replacement, name_correction, withdrawn")),
    };
    let row = RequestRow {
        reference: needed(record, "request_id")?,
        cpr: cpr(record, "cpr", with.today)?,
        card: id::<CardId>(record, "card_id")?,
        ask,
        requested_on: record.required("requested_on", Record::date)?,
        name: Name { given: text(record, "given_names")?, surname: text(record, "surname")? },
        gp_number: record.digits("gp_number", 6)?.unwrap_or_default().to_owned(),
        insurance_group: record.word("insurance_group", &[("1", "1"), ("2", "2")])?.unwrap_or_default().to_owned(),
        married_on: record.date("married_on")?,
        note: record.note("note")?.unwrap_or_default().to_owned(),
    };
    let named = row.name.is_present();
    match row.ask {
        Ask::Card(..) if row.cpr.is_none() => Err(Rejection::new("cpr", "missing", "is missing")),
        Ask::Card(_, Cause::Misspelt | Cause::OwnNameChange) if !named => {
            Err(Rejection::new("surname", "missing", "or given_names is missing: the name wished for has both"))
        }
        Ask::Card(_, Cause::OwnGpChoice) if row.gp_number.is_empty() && row.insurance_group != "2" => {
            Err(Rejection::new("gp_number", "missing", "is missing: a choice of practitioner names one"))
        }
        _ => Ok(Input::Request(Box::new(row))),
    }
}

fn payment(record: &Record<'_>) -> Result<Input, Rejection> {
    let row = PaymentRow {
        reference: needed(record, "payment_id")?,
        request: needed(record, "request_id")?,
        paid_on: record.required("paid_on", Record::date)?,
        amount: record.required("amount", Record::amount)?,
        payer: text(record, "payer")?,
        text: text(record, "reference")?,
    };
    if row.amount.0 <= 0 {
        return Err(Rejection::new("amount", "not-above-zero", "is not above zero"));
    }
    Ok(Input::Payment(row))
}

fn refund_confirmation(record: &Record<'_>) -> Result<Input, Rejection> {
    Ok(Input::RefundConfirmation(RefundConfirmation {
        refund: needed_id::<RefundId>(record, "refund_id")?,
        confirmed_on: record.required("confirmed_on", Record::date)?,
    }))
}
