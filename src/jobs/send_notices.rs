//! What citizens are told: digitally, by letter, or by the desk. Everything wanted in a night that goes to one recipient
//! at one address stands in one letter. Who cannot be written to is on the call list. With it go the orders to the
//! cashier to pay money back, and the lists of how things stand: whom to call, what lies on the shelf, what the producer
//! must hold back (2.3).

use super::{Gathering, Job, Step};
use crate::{
    domain::{
        casework::Casework,
        ids::NoticeId,
        letter::{Listed, Recipient},
        notice::NoticeState,
        rules::{Reach, how_to_reach},
    },
    output::{lists, notices},
    store::{
        outputs::{Lines, NewOutput},
        select::Due,
    },
};

pub(super) const JOB: Job = Job {
    name: "send-notices",
    steps: &[
        Step::Gather { due: Due::Notices, decide: write_letters, close: letters },
        Step::Gather { due: Due::Refunds, decide: order_refunds, close: refunds },
        Step::List { kind: "call-list", header: &lists::CALLS, due: Due::Calls, lines: lists::calls },
        Step::List { kind: "desk-list", header: &lists::DESK, due: Due::Shelf, lines: lists::desk },
        Step::List { kind: "recalls", header: &lists::RECALLS, due: Due::Recalls, lines: lists::recalls },
    ],
};

fn write_letters(work: &mut Casework<'_>, gathering: &mut Gathering) {
    work.notices_due();
    let wanted = work.case.notices.iter().filter(|notice| notice.state == NoticeState::Wanted);
    let wanted: Vec<NoticeId> = wanted.map(|notice| notice.id).collect();
    for id in wanted {
        write_letter(work, gathering, id);
    }
}

fn write_letter(work: &mut Casework<'_>, gathering: &mut Gathering, id: NoticeId) {
    let (person, office) = (&work.case.person, work.office);
    let guardian = person.data.register.guardian.and_then(|cpr| gathering.guardians.get(&cpr));
    let channel = match how_to_reach(person, guardian, office.today, &office.periods) {
        Reach::Call(why) => return work.cannot_be_written_to(id, why),
        Reach::Write(channel) => channel,
    };
    let Some(to) = Recipient::of(person, &gathering.guardians, channel, office) else { return };
    let Some((kind, subject)) = work.case.notice(id).map(|notice| (notice.kind, notice.subject)) else { return };
    let letter = gathering.letters.open(kind, subject, to, work.ids);
    work.export(id, letter.id, channel);
    if let Some(exported) = work.case.notice(id) {
        letter.listed.push(Listed::of(&work.case, exported, office));
    }
}

fn letters(gathering: Gathering, _: &mut Casework<'_>) -> Vec<NewOutput> {
    let files = gathering.letters.by_kind_and_language().into_iter();
    files
        .map(|((kind, language), letters)| {
            let listed: usize = letters.iter().map(|letter| letter.listed.len()).sum();
            NewOutput {
                kind: notices::file_kind(kind, language),
                source: Lines::Content(notices::sheet(kind, &letters)),
                lines: count(letters.len()),
                totals: [("notices".to_owned(), count(listed))].into(),
            }
        })
        .collect()
}

fn order_refunds(work: &mut Casework<'_>, gathering: &mut Gathering) {
    let ordered = work.order_refunds();
    gathering.refunds.order(&work.case, &ordered);
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of a gathering's end")]
fn refunds(gathering: Gathering, _: &mut Casework<'_>) -> Vec<NewOutput> {
    let refunds = &gathering.refunds;
    if refunds.count() == 0 {
        return Vec::new();
    }
    vec![NewOutput {
        kind: "refunds".to_owned(),
        source: Lines::Content(refunds.sheet()),
        lines: count(refunds.count()),
        totals: refunds.totals(),
    }]
}

fn count(lines: usize) -> i64 {
    i64::try_from(lines).unwrap_or(i64::MAX)
}
