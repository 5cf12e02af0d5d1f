//! How an output appears in its directory: whole or not at all, and never over another one.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::TempPath;

/// Why an output could not be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishFlaw {
    /// The system refuses to write.
    #[error("write the output")]
    Unwritable(#[from] io::Error),
    /// Another output has the name already, and is left alone.
    #[error("publish `{name}`: a file of that name with other content is there")]
    Taken {
        /// The name within its directory.
        name: String,
    },
}

/// An output that is in its place and on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// Its name within its directory.
    pub name: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
}

/// An output being written under a temporary name, `<name>.part`, which is taken away again when the draft is
/// dropped unpublished. One left behind by a killed run is written anew.
pub struct Draft {
    name: String,
    dir: PathBuf,
    part: TempPath,
    file: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Draft {
    /// Begins an output, in a directory that is created where it is missing.
    pub fn new(dir: &Path, name: &str) -> io::Result<Self> {
        create_dir(dir)?;
        let part = dir.join(format!("{name}.part"));
        if let Err(error) = fs::remove_file(&part)
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        let part = TempPath::try_from_path(part)?;
        // The umask may have taken away more than the mode does.
        file.set_permissions(Permissions::from_mode(0o600))?;
        let (file, hash) = (BufWriter::new(file), Sha256::new());
        Ok(Self { name: name.to_owned(), dir: dir.to_owned(), part, file, hash, bytes: 0 })
    }

    /// Brings what was written to disk and gives it its name. A file of that name with the same bytes is the
    /// same output, written by a run that was killed before it could say so.
    pub fn publish(self) -> Result<Published, PublishFlaw> {
        let file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        let published = Published { sha256: hex::encode(self.hash.finalize()), name: self.name, bytes: self.bytes };
        let target = self.dir.join(&published.name);
        match self.part.persist_noclobber(&target) {
            Ok(()) => {}
            Err(taken) if taken.error.kind() == io::ErrorKind::AlreadyExists => {
                if sha256(&target)? != published.sha256 {
                    return Err(PublishFlaw::Taken { name: published.name });
                }
            }
            Err(refused) => return Err(refused.error.into()),
        }
        File::open(&self.dir)?.sync_all()?;
        Ok(published)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Publishes an output that is in memory.
pub fn publish(dir: &Path, name: &str, bytes: &[u8]) -> Result<Published, PublishFlaw> {
    let mut draft = Draft::new(dir, name)?;
    draft.write_all(bytes)?;
    draft.publish()
}

/// Creates a directory with those above it, each for its owner alone and on disk; one that is there stays as it is.
pub fn create_dir(dir: &Path) -> io::Result<()> {
    if dir.as_os_str().is_empty() || dir.is_dir() {
        return Ok(());
    }
    let above = dir.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    create_dir(above)?;
    match DirBuilder::new().mode(0o700).create(dir) {
        // The umask, again.
        Ok(()) => fs::set_permissions(dir, Permissions::from_mode(0o700))?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && dir.is_dir() => {}
        Err(error) => return Err(error),
    }
    File::open(above)?.sync_all()
}

fn sha256(path: &Path) -> io::Result<String> {
    let (mut file, mut hash, mut block) = (File::open(path)?, Sha256::new(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hex::encode(hash.finalize())),
            read => hash.update(&block[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn an_output_appears_with_its_hash_for_its_owner_alone() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = dir.path().join("out/box");
        let published = publish(&outbox, "a.csv", b"abc").unwrap();
        let sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned();
        assert_eq!(published, Published { name: "a.csv".to_owned(), sha256, bytes: 3 });
        assert_eq!(fs::read(outbox.join("a.csv")).unwrap(), b"abc");
        assert_eq!(names(&outbox), ["a.csv"]);
        assert_eq!(mode(&outbox.join("a.csv")), 0o600);
        assert_eq!([mode(&outbox), mode(&dir.path().join("out"))], [0o700, 0o700]);
    }

    #[test]
    fn the_same_bytes_again_are_the_same_output() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(publish(dir.path(), "a.csv", b"abc").unwrap(), publish(dir.path(), "a.csv", b"abc").unwrap());
        assert_eq!(names(dir.path()), ["a.csv"]);
    }

    #[test]
    fn another_output_of_the_name_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        publish(dir.path(), "a.csv", b"abc").unwrap();
        let flaw = publish(dir.path(), "a.csv", b"abd").unwrap_err();
        assert_eq!(flaw.to_string(), "publish `a.csv`: a file of that name with other content is there");
        assert_eq!(fs::read(dir.path().join("a.csv")).unwrap(), b"abc");
        assert_eq!(names(dir.path()), ["a.csv"]);
    }

    #[test]
    fn nothing_is_there_before_it_is_published() {
        let dir = tempfile::tempdir().unwrap();
        let mut draft = Draft::new(dir.path(), "a.csv").unwrap();
        draft.write_all(b"abc").unwrap();
        assert_eq!(names(dir.path()), ["a.csv.part"]);
        drop(draft);
        assert!(names(dir.path()).is_empty());
    }

    #[test]
    fn what_a_killed_run_left_is_written_anew() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a.csv.part"), "half of it, and longer").unwrap();
        publish(dir.path(), "a.csv", b"abc").unwrap();
        assert_eq!(fs::read(dir.path().join("a.csv")).unwrap(), b"abc");
        assert_eq!(names(dir.path()), ["a.csv"]);
    }

    #[test]
    fn a_directory_that_cannot_be_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        assert!(matches!(publish(&dir.path().join("file/outbox"), "a.csv", b""), Err(PublishFlaw::Unwritable(_))));
    }
}
