//! The ledger from its last entry to its first: gapless, each hash from the one before, the same as noted outside. Read
//! backwards, the first entry of a thing that is met is its last, so a bit a thing says which rows are compared already.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Verified,
    rows::{Left, Seen},
};
use crate::{
    domain::{invariants::Breach, record::Kind},
    store::{
        Book,
        connection::{Failure, on},
        head::Head,
        heads::{Heads, Noted},
        ledger::{chain, seal},
    },
};

/// Entries read at once.
const PAGE: i64 = 2_000;

/// An entry as it stands in the ledger.
#[derive(Debug, sqlx::FromRow)]
struct Row {
    seq: i64,
    person_id: i64,
    text: String,
    hash: Vec<u8>,
    said: Option<String>,
    salt: Option<Vec<u8>>,
}

/// What an entry says of itself.
#[derive(Deserialize)]
struct Text<'t> {
    seq: i64,
    case: i64,
    verb: String,
    kind: String,
    id: i64,
    #[serde(borrow)]
    after: &'t RawValue,
    personal: Option<String>,
    said: Option<String>,
}

/// As far as the look back has come.
struct Back {
    head: Head,
    /// The entry after the one that comes next, whose hash follows from it.
    later: Option<Row>,
    noted: Vec<Noted>,
    seen: HashMap<Kind, Seen>,
    entries: u64,
    matched: u64,
    /// Cards that the producer refused, by the number of their print order.
    refused: BTreeMap<i64, i64>,
}

impl Book {
    /// Proves the ledger and the rows that it leads to. Returns how many cards of each print order were refused.
    pub(super) async fn verify_ledger(
        &mut self,
        heads: Option<Heads>,
        verified: &mut Verified,
    ) -> Result<BTreeMap<i64, i64>, Failure> {
        let head = self.head().await?;
        let mut back = Back {
            head,
            later: None,
            noted: Vec::new(),
            seen: HashMap::new(),
            entries: 0,
            matched: 0,
            refused: BTreeMap::new(),
        };
        back.lay_out(heads, verified);
        let (mut before, mut rows) = (i64::MAX, 0);
        loop {
            let page = self.entries_before(before).await?;
            let Some(last) = page.last() else { break };
            before = last.seq;
            let mut left = Vec::new();
            for row in page {
                left.extend(back.step(row, verified));
            }
            rows += self.compare_rows(left, verified).await?;
        }
        back.arrive(verified);
        verified.proved("entries of the ledger, each sealed with the one before", back.entries);
        verified.proved("heads noted outside the book", back.matched);
        verified.proved("rows as their last entry left them", rows);
        for kind in Kind::ALL {
            self.rows_without_entry(kind, back.seen.entry(kind).or_default(), verified).await?;
        }
        back.counters(verified);
        Ok(back.refused)
    }

    async fn entries_before(&mut self, seq: i64) -> Result<Vec<Row>, Failure> {
        Ok(on!(self.connection(), |c| {
            sqlx::query_as(
                "SELECT seq, person_id, text, hash, said, salt FROM ledger WHERE seq < $1 ORDER BY seq DESC LIMIT $2",
            )
            .bind(seq)
            .bind(PAGE)
            .fetch_all(&mut *c)
            .await
        })?)
    }
}

impl Back {
    /// The heads noted outside that lie beyond the end of the ledger accuse it at once.
    fn lay_out(&mut self, heads: Option<Heads>, verified: &mut Verified) {
        let Some(Heads { noted, unreadable }) = heads else { return };
        let hint = "(hint: after a restore, `sundhedskort verify --accept-restore --reason ...`)";
        for line in unreadable {
            verified.breach(Breach::new(
                7,
                format!("line {line} of the heads outside"),
                format!("cannot be read {hint}"),
            ));
        }
        if noted.is_empty() && self.head.seq > 0 {
            let reason = format!("nothing is noted, so nothing says that the ledger ends at {} {hint}", self.head.seq);
            verified.breach(Breach::new(7, "heads outside the book", reason));
        }
        if let Some(beyond) = noted.last().filter(|last| last.seq > self.head.seq) {
            let reason = format!(
                "it is noted outside the book, whose ledger ends at {}: cut off at its end, or restored {hint}",
                self.head.seq
            );
            verified.breach(Breach::new(7, ledger_row(beyond.seq), reason));
        }
        let end = self.head.seq;
        self.noted = noted.into_iter().filter(|noted| noted.seq <= end).collect();
    }

    /// One entry earlier. Returns the row it leads to, when no later entry changed that.
    fn step(&mut self, row: Row, verified: &mut Verified) -> Option<Left> {
        self.entries += 1;
        match self.later.take() {
            None => self.end(&row, verified),
            Some(later) => Self::link(&later, Some(&row), verified),
        }
        self.compare_noted(&row, verified);
        let left = self.read(&row, verified);
        self.later = Some(row);
        left
    }

    /// The ledger ends where the head says.
    fn end(&self, last: &Row, verified: &mut Verified) {
        let Head { seq, hash, .. } = &self.head;
        let reason = match last.seq.cmp(seq) {
            std::cmp::Ordering::Greater => format!("it stands behind the end, which the head says is {seq}"),
            std::cmp::Ordering::Less => format!("it is the last one, and the head says that {seq} is"),
            std::cmp::Ordering::Equal if last.hash != hash => "its hash is not that of the head".to_owned(),
            std::cmp::Ordering::Equal => return,
        };
        verified.breach(Breach::new(7, ledger_row(last.seq), reason));
    }

    /// An entry follows from the one before it; the first one from nothing.
    fn link(row: &Row, before: Option<&Row>, verified: &mut Verified) {
        let expected = before.map_or(0, |before| before.seq) + 1;
        if row.seq != expected {
            let missing = if row.seq == expected + 1 {
                ledger_row(expected)
            } else {
                format!("ledger rows {expected} to {}", row.seq - 1)
            };
            return verified.breach(Breach::new(7, missing, "missing"));
        }
        let hash_before = before.map_or(Ok([0; 32]), |before| <[u8; 32]>::try_from(before.hash.as_slice()));
        if hash_before.is_ok_and(|hash| chain(&hash, &row.text) == *row.hash) {
            return;
        }
        let reason = "its hash does not follow from its text and the hash before";
        verified.breach(Breach::new(7, ledger_row(row.seq), reason));
    }

    fn compare_noted(&mut self, row: &Row, verified: &mut Verified) {
        while let Some(noted) = self.noted.pop_if(|noted| noted.seq >= row.seq) {
            // A number between two rows is a missing row, which is named as such.
            if noted.seq == row.seq && row.hash == noted.hash {
                self.matched += 1;
            } else if noted.seq == row.seq {
                let reason = "its hash is not the one noted outside the book: rewritten, or written after a restore";
                verified.breach(Breach::new(7, ledger_row(row.seq), reason));
            }
        }
    }

    fn read(&mut self, row: &Row, verified: &mut Verified) -> Option<Left> {
        let mut odd = |reason: &str| verified.breach(Breach::new(7, ledger_row(row.seq), reason));
        let Ok(text) = serde_json::from_str::<Text<'_>>(&row.text) else {
            odd("its text cannot be read");
            return None;
        };
        if text.seq != row.seq {
            odd(&format!("its text is that of row {}", text.seq));
        }
        if text.case != row.person_id {
            odd("it lies in another folder than its text says");
        }
        let said = row.said.as_ref().map(|said| seal(row.salt.as_deref().unwrap_or_default(), said));
        if said != text.said {
            odd("what was said is not what its text seals");
        }
        let Some(kind) = Kind::ALL.into_iter().find(|kind| kind.name() == text.kind) else {
            odd("it is about a kind of thing that is not known");
            return None;
        };
        if kind == Kind::Card && text.verb == "refused by producer" {
            self.note_refusal(text.after);
        }
        self.seen.entry(kind).or_default().insert(text.id).then(|| Left {
            seq: row.seq,
            kind,
            id: text.id,
            person: text.case,
            facts: text.after.get().to_owned(),
            personal: text.personal,
        })
    }

    fn note_refusal(&mut self, after: &RawValue) {
        if let Ok(card) = serde_json::from_str::<crate::domain::card::Card>(after.get())
            && let Some(batch) = card.refused_in
        {
            *self.refused.entry(batch.0).or_default() += 1;
        }
    }

    /// The beginning is reached: the first entry follows from nothing, and an empty ledger has a head at nothing.
    fn arrive(&mut self, verified: &mut Verified) {
        match self.later.take() {
            Some(first) => Self::link(&first, None, verified),
            None if self.head.seq > 0 => {
                let reason = format!("the head says that {} is the last one, and there is none", self.head.seq);
                verified.breach(Breach::new(7, "ledger", reason));
            }
            None => {}
        }
    }

    /// The next number of each kind was never given.
    fn counters(&self, verified: &mut Verified) {
        let counted = serde_json::to_value(&self.head.ids).unwrap_or_default();
        for (kind, seen) in &self.seen {
            let next = counted[kind.name()].as_i64().unwrap_or_default();
            if seen.highest().is_some_and(|highest| highest > next) {
                let reason = format!("its counter of the kind {} is {next}, and there are more", kind.name());
                verified.breach(Breach::new(7, "head", reason));
            }
        }
    }
}

pub(super) fn ledger_row(seq: i64) -> String {
    format!("ledger row {seq}")
}
