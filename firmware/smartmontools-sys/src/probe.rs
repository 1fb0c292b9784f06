//! Deadlines for disks. A command to a hung disk may take minutes or for ever,
//! and nothing can call it back; so it runs in a thread of its own, and when the
//! deadline passes the thread is left behind and the disk is [`Unreadable`].
//!
//! A thread left behind holds its disk's place in a table until the kernel lets
//! it go: there is never more than one per disk, whoever asks. It holds nothing
//! else: the library's lock is given up while the kernel has the command.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::device::Device;
use crate::error::{Error, Result};

/// Why a disk could not be read in time.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It did not answer before the deadline.
    #[error("{disk} did not answer within {} s", deadline.as_secs_f32())]
    NoAnswer {
        /// The disk.
        disk: String,
        /// How long was waited.
        deadline: Duration,
    },
    /// It has not answered an earlier question yet; it was not asked again.
    #[error("{disk} has not answered for {} s", since.as_secs())]
    StillSilent {
        /// The disk.
        disk: String,
        /// Since the earlier question.
        since: Duration,
    },
    /// It answered, and the answer is no.
    #[error("{0}")]
    Refused(#[source] Error),
    /// The work itself broke off.
    #[error("the reading of {0} broke off")]
    Broken(String),
    /// The machine has no thread to spare.
    #[error("no thread to read {disk}")]
    NoThread {
        /// The disk.
        disk: String,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
}

/// Opens a disk, works with it and closes it, all within a deadline. Nothing is
/// kept open in between: an open file would hold on to a disk that was pulled.
#[derive(Clone)]
pub struct Probe {
    name: String,
    deadline: Duration,
    open: Arc<dyn Fn() -> Result<Device> + Send + Sync>,
}

/// Disks with a thread at work, and since when.
static AT_WORK: Mutex<BTreeMap<String, Instant>> = Mutex::new(BTreeMap::new());

fn at_work() -> MutexGuard<'static, BTreeMap<String, Instant>> {
    // The table is whole after every statement that changes it.
    AT_WORK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A disk's place in the table, given back when the thread ends, however.
struct Place(String);

impl Place {
    fn take(name: &str, now: Instant) -> std::result::Result<Place, Duration> {
        let mut places = at_work();
        if let Some(since) = places.get(name) {
            return Err(now.duration_since(*since));
        }
        places.insert(name.to_owned(), now);
        Ok(Place(name.to_owned()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        at_work().remove(&self.0);
    }
}

impl Probe {
    /// A disk by its path.
    pub fn new(path: &str, deadline: Duration) -> Probe {
        let owned = path.to_owned();
        Probe::with(path, deadline, move || Device::open(&owned))
    }

    /// A disk that is opened in another way: a recording, an explicit type.
    pub fn with(
        name: &str,
        deadline: Duration,
        open: impl Fn() -> Result<Device> + Send + Sync + 'static,
    ) -> Probe {
        Probe {
            name: name.to_owned(),
            deadline,
            open: Arc::new(open),
        }
    }

    /// Runs `work` on the opened disk. Blocks until it is done or the deadline
    /// has passed, whichever comes first.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Device) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Unreadable> {
        let disk = || self.name.clone();
        let place =
            Place::take(&self.name, Instant::now()).map_err(|since| Unreadable::StillSilent {
                disk: disk(),
                since,
            })?;
        let (answer, waiting) = channel();
        let open = Arc::clone(&self.open);
        let thread = thread::Builder::new().name("probe".to_owned());
        thread
            .spawn(move || {
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    let mut device = open()?;
                    work(&mut device)
                }));
                // The next question may come the moment that this one is answered.
                drop(place);
                // Nobody listens any more if the deadline has passed: the answer
                // is late, and the next question brings a fresh one.
                drop(answer.send(outcome));
            })
            .map_err(|cause| Unreadable::NoThread {
                disk: disk(),
                cause,
            })?;
        match waiting.recv_timeout(self.deadline) {
            Ok(Ok(outcome)) => outcome.map_err(Unreadable::Refused),
            Err(RecvTimeoutError::Timeout) => Err(Unreadable::NoAnswer {
                disk: disk(),
                deadline: self.deadline,
            }),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => Err(Unreadable::Broken(disk())),
        }
    }
}
