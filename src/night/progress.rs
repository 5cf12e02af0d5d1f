//! How a run gets on, for whoever watches it: a bar on a terminal.

use std::{fmt, sync::Arc};

/// One step forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step<'a> {
    /// A job begins.
    Begins(&'a str),
    /// So many more keys are to be worked through.
    Selected(u64),
    /// So many more are done.
    Done(u64),
    /// The job has ended.
    Ends,
}

type Watcher = dyn Fn(Step<'_>) + Send + Sync;

/// Who is told; nobody by default.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Watcher>>);

impl Progress {
    /// Tells somebody.
    pub fn to(watcher: impl Fn(Step<'_>) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(watcher)))
    }

    pub(super) fn tell(&self, step: Step<'_>) {
        if let Some(watcher) = &self.0 {
            watcher(step);
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Progress(watched)" } else { "Progress(unwatched)" })
    }
}
