//! A person as the register reports them, and the stays that follow from its reports.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{cpr::Cpr, ids::PersonId};

/// One citizen's folder front: what the register said and in which order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The number of the folder.
    pub id: PersonId,
    /// Every report of residence, in the order of 1.8.8; stays are folded from them.
    pub reports: Vec<Report>,
    /// Since when the address is flagged "postbox unlabelled" (T8); cleared by T10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlabelled_since: Option<NaiveDate>,
    /// Numbers, names and address: kept apart from the facts, so that they can be erased.
    #[serde(skip)]
    pub data: PersonalData,
}

/// What identifies a person. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalData {
    /// The present CPR number last; earlier ones still match returns (T9, T21).
    pub cprs: Vec<Cpr>,
    /// What the latest report says.
    pub register: Register,
    /// The name as corrected by the office, while the register still has the misspelling (1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrected: Option<CorrectedName>,
    /// The group or practitioner the citizen chose, while the register still has the earlier one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<ChosenGroup>,
}

/// A spelling the office put right, or a name the citizen took, and the one it replaces.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectedName {
    /// As it must be printed.
    pub right: Name,
    /// As the register had it.
    pub misspelt: Name,
}

/// A group or practitioner the citizen chose, and the one it replaces.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenGroup {
    /// As it must be printed.
    pub wished: Group,
    /// As the register had it.
    pub registered: Group,
}

/// The columns of a registration that describe the person (2.2).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// As printed on the card.
    pub name: Name,
    /// Name and address protected: written to digitally only, masked in lists.
    pub protected: bool,
    /// Can be reached by digital post.
    pub digital_post: bool,
    /// What letters are written in; `None`: the office's own.
    pub language: Option<Language>,
    /// Where post goes.
    pub address: Address,
    /// Four digits, Aarhus 0751.
    pub municipality: String,
    /// Insurance group, with the practitioner of group 1.
    pub group: Group,
    /// Who is written to for a child (2.3).
    pub guardian: Option<Cpr>,
}

/// Given names and surname; empty when the register has none.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// Given names.
    pub given: String,
    /// Surname.
    pub surname: String,
}

impl Name {
    /// There is something to print (T2).
    #[must_use]
    pub fn is_present(&self) -> bool {
        !self.given.is_empty() && !self.surname.is_empty()
    }

    /// Both parts with a space, as on the card. Personal data: only for outputs that may hold it.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("{} {}", self.given, self.surname).trim().to_owned()
    }

    /// The same name for a human reader: case and spacing aside.
    #[must_use]
    pub fn reads_like(&self, text: &str) -> bool {
        fn plain(text: &str) -> String {
            text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
        }
        plain(&self.reveal()) == plain(text)
    }
}

/// A postal address; empty parts are absent.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Care of.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub co_name: String,
    /// Street.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub street: String,
    /// House number, a letter included.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub house_number: String,
    /// Floor.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub floor: String,
    /// Door.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub door: String,
    /// Postal code.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    /// City.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub city: String,
}

impl Address {
    /// Enough to post a card to (T2).
    #[must_use]
    pub fn is_present(&self) -> bool {
        !(self.street.is_empty() || self.house_number.is_empty() || self.postal_code.is_empty() || self.city.is_empty())
    }
}

/// Danish or English.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Danish.
    Da,
    /// English.
    En,
}

impl Language {
    /// The code in files and file names.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Da => "da",
            Self::En => "en",
        }
    }
}

/// Insurance group; group 2 has no practitioner.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, tag = "group", rename_all = "lowercase")]
pub enum Group {
    /// Group 1 with the practitioner's six digits, when known.
    One {
        /// Leading zeros kept.
        gp: Option<String>,
    },
    /// Group 2.
    Two,
}

impl Default for Group {
    fn default() -> Self {
        Self::One { gp: None }
    }
}

macro_rules! masked {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
masked!(PersonalData, CorrectedName, ChosenGroup, Register, Name, Address, Group);
pub(super) use masked;

/// Registration status (2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    /// Resident.
    #[serde(rename = "01")]
    Resident,
    /// Resident without a deliverable address: the card comes to the office.
    #[serde(rename = "03")]
    NoAddress,
    /// Administrative number: kept, no card.
    #[serde(rename = "20")]
    Administrative,
}

/// One report of residence, without what identifies the person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// When it was reported; none sorts before every instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime<Utc>>,
    /// Name of the file.
    pub file: String,
    /// Line in it.
    pub line: u64,
}

/// A registration row as the person's folder keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Its place in the order of 1.8.8.
    pub place: Place,
    /// Status reported.
    pub status: Status,
    /// First day of the residence.
    pub registered_on: NaiveDate,
}

/// One registered residence, folded from the reports (T1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stay {
    /// First is 1.
    pub no: u32,
    /// First day of residence.
    pub registered_on: NaiveDate,
    /// With or without a deliverable address.
    pub status: Status,
    /// Last report of status 20 while the stay was open: a contradiction to look at.
    pub contradicted: bool,
    /// First day of absence, when a departure is known.
    pub departs_on: Option<NaiveDate>,
}

impl Stay {
    /// The stay covers the date.
    #[must_use]
    pub fn covers(&self, on: NaiveDate) -> bool {
        self.registered_on <= on && self.departs_on.is_none_or(|left| on < left)
    }
}

impl Person {
    /// A folder without reports.
    #[must_use]
    pub fn new(id: PersonId, cpr: Option<Cpr>) -> Self {
        let data = PersonalData { cprs: cpr.into_iter().collect(), ..PersonalData::default() };
        Self { id, reports: Vec::new(), unlabelled_since: None, data }
    }

    /// The stays that follow from the reports: a row corrects the open stay, status 20 opens none (T1).
    #[must_use]
    pub fn stays(&self) -> Vec<Stay> {
        let mut stays: Vec<Stay> = Vec::new();
        for report in &self.reports {
            match (stays.last_mut(), report.status) {
                (Some(open), Status::Administrative) => open.contradicted = true,
                (None, Status::Administrative) => {}
                (Some(open), status) => {
                    *open = Stay { registered_on: report.registered_on, status, contradicted: false, ..*open };
                }
                (None, status) => stays.push(Stay {
                    no: 1,
                    registered_on: report.registered_on,
                    status,
                    contradicted: false,
                    departs_on: None,
                }),
            }
        }
        stays
    }

    /// The name to print: the office's correction goes before the register's misspelling (1.5).
    #[must_use]
    pub fn name(&self) -> &Name {
        match &self.data.corrected {
            Some(corrected) => &corrected.right,
            None => &self.data.register.name,
        }
    }

    /// The group to print: the citizen's own choice goes before what the register still has.
    #[must_use]
    pub fn group(&self) -> &Group {
        match &self.data.chosen {
            Some(chosen) => &chosen.wished,
            None => &self.data.register.group,
        }
    }

    /// The present CPR number; the office's own folder has none.
    #[must_use]
    pub fn cpr(&self) -> Option<Cpr> {
        self.data.cprs.last().copied()
    }
}
