//! What is remembered of scrubs, on the card: written when it changes, which is a few
//! dozen times in a scrub of many hours.

use preau_domain::scrub::{Pace, ScrubSeen, Starter};
use preau_domain::scrub::{Scrubs, begin};
use preau_host::write_durably;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

const MODE: u32 = 0o600;

/// The book.
pub struct Book {
    path: PathBuf,
    scrubs: Mutex<Scrubs>,
}

impl Book {
    /// Reads it. One that cannot be read is begun anew: the next scrub is then a month
    /// away at most, and one that was running is begun by whoever misses it.
    pub fn open(path: PathBuf) -> Self {
        let scrubs = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice::<Scrubs>(&bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "what was remembered of scrubs is lost");
                Scrubs::default()
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Scrubs::default(),
            Err(error) => {
                tracing::error!(%error, "what was remembered of scrubs cannot be read");
                Scrubs::default()
            }
        };
        Self {
            path,
            scrubs: Mutex::new(scrubs.after_restart()),
        }
    }

    /// What it says.
    pub fn read(&self) -> Scrubs {
        self.lock().clone()
    }

    /// Takes over what followed from `before`; what a person changed meanwhile stays.
    pub fn commit(&self, before: &Scrubs, next: Scrubs) {
        let mut scrubs = self.lock();
        let mut next = next;
        match (&mut next.run, &scrubs.run) {
            (Some(next), Some(now)) if next.started == now.started => {
                (next.pace, next.by) = (now.pace, now.by);
            }
            _ if scrubs.run != before.run => return,
            _ => {}
        }
        self.write(&mut scrubs, next);
    }

    /// A person begins one, unless one is not over: that one goes on.
    pub fn start(&self, seen: &ScrubSeen, now: jiff::Timestamp) {
        let mut scrubs = self.lock();
        let mut next = scrubs.clone();
        let run = next
            .run
            .get_or_insert_with(|| begin(Starter::Person, seen, now));
        run.by = Starter::Person;
        run.pace = Pace::Going;
        self.write(&mut scrubs, next);
    }

    /// A person holds it back or lets it go on, at once and not only at night; says
    /// whether there is one.
    pub fn set_pace(&self, pace: Pace) -> bool {
        let mut scrubs = self.lock();
        let mut next = scrubs.clone();
        let Some(run) = &mut next.run else {
            return false;
        };
        run.pace = pace;
        if pace == Pace::Going {
            run.by = Starter::Person;
        }
        self.write(&mut scrubs, next);
        true
    }

    fn write(&self, scrubs: &mut MutexGuard<'_, Scrubs>, next: Scrubs) {
        if **scrubs == next {
            return;
        }
        match serde_json::to_vec_pretty(&next) {
            Ok(bytes) => {
                if let Err(error) = write_durably(&self.path, &bytes, MODE) {
                    // It holds until the next restart, and the next change tries again.
                    tracing::error!(
                        "writing {}: {}",
                        self.path.display(),
                        crate::reconcile::chain(&error)
                    );
                }
            }
            Err(error) => tracing::error!(%error, "writing down how the scrub goes"),
        }
        **scrubs = next;
    }

    fn lock(&self) -> MutexGuard<'_, Scrubs> {
        self.scrubs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
