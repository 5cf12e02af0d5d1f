//! How a command ends, in one number that a unit, a monitor or a script reads.

use std::process::ExitCode;

/// The exit codes (page 4.1). A code that is not here is a failure.
///
/// | Code | Variant | Means |
/// |---|---|---|
/// | 0 | [`Done`](Self::Done) | done, or nothing was due |
/// | 1 | [`Failed`](Self::Failed) | a job failed, a verb was refused, no such id, `rehearse` differs, `check` is not clean |
/// | 2 | [`Usage`](Self::Usage) | the arguments are wrong, or nobody can be named as operator |
/// | 3 | [`DoneWithFindings`](Self::DoneWithFindings) | done, with new rejects or findings |
/// | 4 | [`Stopped`](Self::Stopped) | a job was stopped by its limit, or the date was refused |
/// | 65 | [`FileRefused`](Self::FileRefused) | a file was refused whole |
/// | 69 | [`DatabaseUnreachable`](Self::DatabaseUnreachable) | the database cannot be reached |
/// | 70 | [`InvariantBroken`](Self::InvariantBroken) | an invariant is broken: rolled back, or found by `verify` |
/// | 75 | [`LockHeld`](Self::LockHeld) | another run holds the lock |
/// | 78 | [`Configuration`](Self::Configuration) | the settings cannot be used |
///
/// Where several apply, [`worst`](Self::worst) chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing was due.
    Done = 0,
    /// A job failed, a verb was refused, there is no such id, `rehearse` differs, `check` is not clean.
    Failed = 1,
    /// The arguments are wrong, or nobody can be named as operator. Ends a command by itself.
    Usage = 2,
    /// Done, with new rejects or findings.
    DoneWithFindings = 3,
    /// A job was stopped by its limit, or the date was refused.
    Stopped = 4,
    /// A file was refused whole; the night went on.
    FileRefused = 65,
    /// The database cannot be reached.
    DatabaseUnreachable = 69,
    /// An invariant is broken: rolled back, or found by `verify`.
    InvariantBroken = 70,
    /// Another run holds the lock. Ends a command by itself.
    LockHeld = 75,
    /// The settings cannot be used. Ends a command by itself.
    Configuration = 78,
}

/// The worst first. The three in front end a command by themselves and meet no other; should one ever do so, it says
/// more than the rest.
const WORST_FIRST: [Exit; 10] = [
    Exit::Usage,
    Exit::LockHeld,
    Exit::Configuration,
    Exit::InvariantBroken,
    Exit::DatabaseUnreachable,
    Exit::Failed,
    Exit::Stopped,
    Exit::FileRefused,
    Exit::DoneWithFindings,
    Exit::Done,
];

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The exit with this number; none for an unknown one, which is a failure.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        WORST_FIRST.into_iter().find(|exit| exit.code() == code)
    }

    /// The one of two that is told where both apply: the first of 70, 69, 1, 4, 65, 3, 0.
    #[must_use]
    pub fn worst(self, other: Self) -> Self {
        WORST_FIRST.into_iter().find(|exit| *exit == self || *exit == other).unwrap_or(self)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_manual() {
        let mut codes = WORST_FIRST.map(Exit::code);
        codes.sort_unstable();
        assert_eq!(codes, [0, 1, 2, 3, 4, 65, 69, 70, 75, 78]);
    }

    #[test]
    fn where_several_apply_the_stated_order_decides() {
        let stated = [70, 69, 1, 4, 65, 3, 0].map(|code| Exit::from_code(code).unwrap());
        for (place, first) in stated.into_iter().enumerate() {
            for later in &stated[place..] {
                assert_eq!(first.worst(*later), first);
                assert_eq!(later.worst(first), first);
            }
        }
    }

    #[test]
    fn an_end_by_itself_is_not_hidden_by_another() {
        for alone in [Exit::Usage, Exit::LockHeld, Exit::Configuration] {
            for other in [Exit::Done, Exit::DoneWithFindings, Exit::InvariantBroken] {
                assert_eq!(alone.worst(other), alone);
                assert_eq!(other.worst(alone), alone);
            }
        }
    }

    #[test]
    fn a_number_is_read_back_and_an_unknown_one_is_not() {
        for exit in WORST_FIRST {
            assert_eq!(Exit::from_code(exit.code()), Some(exit));
            // What a process hands to the system shows its number only in its text.
            assert_eq!(format!("{:?}", ExitCode::from(exit)), format!("{:?}", ExitCode::from(exit.code())));
        }
        assert_eq!(Exit::from_code(5), None);
        assert_eq!(Exit::from_code(255), None);
    }
}
