//! The heads noted outside the book: a line `SEQ HASH` after every commit that wrote an entry, so that a ledger that was
//! cut off at its end, restored or rewritten is noticed. An accepted restore is a line
//! `restored SEQ HASH OPERATOR SHA-256(reason)`: what was noted before it no longer counts.

use std::{
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, ErrorKind, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::{Book, connection::Failure, head::Head};

/// One head that was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noted {
    /// Number of the entry.
    pub(super) seq: i64,
    /// Its hash.
    pub(super) hash: [u8; 32],
}

/// What the file holds.
#[derive(Debug, Default)]
pub(super) struct Heads {
    /// Those that count, the highest entry last.
    pub(super) noted: Vec<Noted>,
    /// Lines that are none of the program's.
    pub(super) unreadable: Vec<usize>,
}

impl Heads {
    /// Reads the file; an absent one holds nothing.
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let broken = |error| Failure::HeadFile(path.display().to_string(), error);
        let mut heads = Self::default();
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(heads),
            Err(error) => return Err(broken(error)),
        };
        for (line, text) in (1..).zip(BufReader::new(file).split(b'\n')) {
            let text = text.map_err(broken)?;
            if !text.is_empty() {
                heads.take(line, &String::from_utf8_lossy(&text));
            }
        }
        heads.noted.sort_by_key(|noted| noted.seq);
        Ok(heads)
    }

    fn take(&mut self, line: usize, text: &str) {
        let restored = text.strip_prefix("restored ");
        let mut words = restored.unwrap_or(text).split(' ');
        let seq = words.next().and_then(|word| word.parse().ok());
        let mut hash = [0; 32];
        let read = words.next().is_some_and(|word| hex::decode_to_slice(word, &mut hash).is_ok());
        let Some(seq) = seq.filter(|_| read && words.count() == if restored.is_some() { 2 } else { 0 }) else {
            if !is_torn(text) {
                self.unreadable.push(line);
            }
            return;
        };
        if restored.is_some() {
            *self = Self::default();
        }
        self.noted.push(Noted { seq, hash });
    }
}

impl Book {
    /// Notes the head, after a commit. It is not brought to disk at once: a note that is lost accuses nobody.
    pub(super) fn note_head(&self) -> Result<(), Failure> {
        let Some(path) = &self.heads else { return Ok(()) };
        append(path, &format!("{} {}\n", self.head.seq, hex::encode(self.head.hash)))
    }

    /// Accepts the ledger as it ends now: an operator restored the book, and says why.
    ///
    /// # Errors
    /// When the book cannot be read or the line cannot be written.
    pub async fn accept_restore(&mut self, operator: &str, reason: &str) -> Result<Head, Failure> {
        let head = self.head().await?;
        if let Some(path) = &self.heads {
            let (hash, why) = (hex::encode(head.hash), hex::encode(Sha256::digest(reason)));
            append(path, &format!("restored {} {hash} {operator} {why}\n", head.seq))?;
        }
        Ok(head)
    }
}

/// The begin of a note: a full disk or a power cut tore it, and a note that is lost accuses nobody.
fn is_torn(text: &str) -> bool {
    let (seq, hash) = text.split_once(' ').unwrap_or((text, ""));
    let digits = seq.bytes().all(|sign| sign.is_ascii_digit());
    digits && hash.len() < 64 && hash.bytes().all(|sign| sign.is_ascii_hexdigit())
}

/// One write a line: a night and a desk verb that end at once do not mix theirs. What was torn stays a line of its own.
fn append(path: &Path, line: &str) -> Result<(), Failure> {
    let write = || {
        let mut file = OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)?;
        let mut last = [b'\n'];
        if let Some(end) = file.metadata()?.len().checked_sub(1) {
            file.read_exact_at(&mut last, end)?;
        }
        let begin = if last == [b'\n'] { "" } else { "\n" };
        file.write_all(format!("{begin}{line}").as_bytes())
    };
    write().map_err(|error| Failure::HeadFile(path.display().to_string(), error))
}
