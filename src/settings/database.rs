//! Where the book is, and the one secret there is.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{flaw::SettingsFlaw, given::Given};

/// Where the book is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres {
        /// The address as it was given; it holds no password.
        address: String,
        /// From a file or a systemd credential; none where the server asks for none.
        password: Option<Secret>,
    },
}

/// What is never shown: not by `Debug`, not by `config show`, not in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text of a file, whose last line end is not part of the secret.
    pub(super) fn from_file(text: &str) -> Self {
        Self(text.trim_end_matches(['\r', '\n']).to_owned())
    }

    /// The secret itself, for the connection and nobody else.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Database {
    /// Reads an address. Its value is repeated in no error: it may hold a password that should not be there.
    pub(super) fn read(given: &Given) -> Result<Self, SettingsFlaw> {
        const FORMS: &str = "give sqlite:PATH or postgres://NAME@HOST/BOOK";
        let address = given.text_or_empty();
        if let Some(path) = address.strip_prefix("sqlite:") {
            return sqlite_path(path).map(Self::Sqlite).ok_or_else(|| {
                given
                    .unfit("the address names no file", "give sqlite:PATH with the path of a file and nothing after it")
            });
        }
        let Some(rest) = address.strip_prefix("postgres://") else {
            return Err(given.unfit("the address begins with neither sqlite: nor postgres://", FORMS));
        };
        if holds_password(rest) {
            return Err(given.unfit(
                "the address holds a password",
                "take it out, and name a file that holds it in database_password_file or give it as the systemd credential \
                 database-password",
            ));
        }
        Ok(Self::Postgres { address: address.to_owned(), password: None })
    }

    /// The address to connect to, without the password.
    #[must_use]
    pub fn address(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite:{}", path.display()),
            Self::Postgres { address, .. } => address.clone(),
        }
    }

    /// The password to connect with, where there is one.
    #[must_use]
    pub fn password(&self) -> Option<&Secret> {
        match self {
            Self::Postgres { password, .. } => password.as_ref(),
            Self::Sqlite(_) => None,
        }
    }
}

impl fmt::Display for Database {
    /// Shows the address, and `***` where there is a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        match (self.password(), address.split_once('@')) {
            (None, _) => f.write_str(&address),
            (Some(_), Some((login, host))) => write!(f, "{login}:***@{host}"),
            (Some(_), None) => write!(f, "{address} (password: ***)"),
        }
    }
}

/// A path of a file, also as `sqlite:///absolute`. A book in memory would be gone in the morning, and what follows a
/// question mark would become part of the file's name.
fn sqlite_path(path: &str) -> Option<PathBuf> {
    let path = path.strip_prefix("//").unwrap_or(path);
    let is_file = !path.is_empty() && !path.starts_with(':') && !path.contains('?') && !path.ends_with('/');
    is_file.then(|| Path::new(path).to_owned())
}

/// Looks before the host, wherever an unescaped sign in the password may have moved it, and among the parameters.
fn holds_password(rest: &str) -> bool {
    let login = rest.rsplit_once('@').map_or("", |(login, _)| login);
    login.contains(':') || rest.split(['?', '&']).any(|parameter| parameter.starts_with("password="))
}
