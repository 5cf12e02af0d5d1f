//! Numbers counted in the book: how they look in files and on the desk, and where the next one comes from.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Why a text is not the number of a card, request, hold or the like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdFlaw {
    /// The letter in front is missing or another one.
    #[error("read an id that does not start with {0}")]
    Prefix(char),
    /// What follows the letter is not a number above zero.
    #[error("read an id without a number behind its letter")]
    Number,
    /// The check digit of a card id is wrong: a typing error.
    #[error("read a card id whose check digit is wrong; compare it with the card")]
    CheckDigit,
}

macro_rules! counted {
    ($($(#[$doc:meta])* $name:ident $prefix:literal $next:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{}", $prefix, self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdFlaw;
            fn from_str(text: &str) -> Result<Self, IdFlaw> {
                number(text, $prefix).map(Self)
            }
        }
    )*

        /// The counters of the book: taken in the transaction that uses them and given back by its rollback,
        /// so that outputs are the same in both databases and after every `plan` (page 3).
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Ids {
            card: i64,
            $($next: i64,)*
        }

        impl Ids {
            /// The next number of a card.
            pub fn card(&mut self) -> CardId {
                self.card += 1;
                CardId(self.card)
            }
            $(
                #[doc = concat!("The next `", stringify!($name), "`.")]
                pub fn $next(&mut self) -> $name {
                    self.$next += 1;
                    $name(self.$next)
                }
            )*
        }
    };
}

counted! {
    /// One citizen's folder; `P0` is the office's own, for what belongs to nobody in particular.
    PersonId "P" person;
    /// One time a copy lies on our shelf.
    HoldId "H" hold;
    /// A wish for a new card, numbered by us beside the number it came with.
    RequestId "R" request;
    /// One thing to tell one person.
    NoticeId "M" notice;
    /// One letter: what the letter tool and its answers call `notice_id`.
    LetterId "N" letter;
    /// One closed print order.
    BatchId "B" batch;
    /// Something on our shelf that matches no card on file.
    ItemId "U" item;
    /// Money that came in.
    PaymentId "I" payment;
    /// Money that goes back.
    RefundId "T" refund;
    /// A return row or desk entry, so that it can be undone.
    EventId "E" event;
    /// Something a person must look at.
    FindingId "F" finding;
    /// A general practitioner's entry for one period.
    PractitionerId "L" practitioner;
    /// One dated closure of the office.
    ClosureId "C" closure;
}

impl PersonId {
    /// The office's own folder: unmatched items, unknown payments, findings about files and batches.
    pub const OFFICE: Self = Self(0);
}

/// One printed copy. Shown as `K`, the number and a check digit, because people type it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardId(pub i64);

impl fmt::Display for CardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "K{}{}", self.0, damm(self.0))
    }
}

impl FromStr for CardId {
    type Err = IdFlaw;
    fn from_str(text: &str) -> Result<Self, IdFlaw> {
        let all = number(text, "K")?;
        let (number, digit) = (all / 10, all % 10);
        if number == 0 {
            return Err(IdFlaw::Number);
        }
        if damm(number) == digit { Ok(Self(number)) } else { Err(IdFlaw::CheckDigit) }
    }
}

fn number(text: &str, prefix: &str) -> Result<i64, IdFlaw> {
    let letter = prefix.chars().next().unwrap_or_default();
    let digits = text.trim();
    let digits = digits
        .strip_prefix(prefix)
        .or_else(|| digits.strip_prefix(&prefix.to_lowercase()))
        .ok_or(IdFlaw::Prefix(letter))?;
    if digits.is_empty() || digits.len() > 18 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(IdFlaw::Number);
    }
    digits.parse().ok().filter(|n| *n > 0).ok_or(IdFlaw::Number)
}

/// Damm's check digit: it finds every single wrong digit and every swap of neighbours.
fn damm(number: i64) -> i64 {
    const TABLE: [[u8; 10]; 10] = [
        [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
        [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
        [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
        [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
        [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
        [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
        [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
        [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
        [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
        [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
    ];
    let mut interim = 0_u8;
    for digit in number.to_string().bytes() {
        interim = TABLE[usize::from(interim)][usize::from(digit - b'0') % 10];
    }
    i64::from(interim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_id_shows_its_check_digit_and_is_read_back() {
        // 572 -> 4 is the published example of the Damm algorithm.
        assert_eq!(CardId(572).to_string(), "K5724");
        assert_eq!("K5724".parse(), Ok(CardId(572)));
        assert_eq!(" k5724 ".parse(), Ok(CardId(572)));
    }

    #[test]
    fn a_typing_error_in_a_card_id_is_found() {
        for wrong in ["K5725", "K5274", "K7524"] {
            assert_eq!(wrong.parse::<CardId>(), Err(IdFlaw::CheckDigit), "{wrong}");
        }
        assert_eq!("5724".parse::<CardId>(), Err(IdFlaw::Prefix('K')));
        assert_eq!("K".parse::<CardId>(), Err(IdFlaw::Number));
        assert_eq!("K0".parse::<CardId>(), Err(IdFlaw::Number));
        assert_eq!("B12x".parse::<BatchId>(), Err(IdFlaw::Number));
    }

    #[test]
    fn numbers_are_counted_from_one_each_kind_for_itself() {
        let mut ids = Ids::default();
        assert_eq!((ids.card(), ids.card(), ids.hold()), (CardId(1), CardId(2), HoldId(1)));
    }
}
