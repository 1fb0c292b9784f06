//! A destination as the repository's format wants it: [`Store`] underneath, with
//! retries, a word about each real failure, and the order to stop obeyed.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use preau_offsite_job::Failure;
use rustic_core::{
    BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult, WriteBackend,
};

use crate::flow::Flow;
use crate::store::{Act, Cause, Kind, Place, Store, StoreError, StoreResult};

/// How long to wait before each further try: a line that was cut, a server that is
/// restarted. Two minutes in all; beyond that the next night is the better moment.
pub const PATIENT: &[Duration] = &[
    Duration::from_secs(1),
    Duration::from_secs(3),
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(80),
];

/// For somebody who waits for the answer: once more, for a line that was cut while idle.
pub const HURRIED: &[Duration] = &[Duration::from_secs(1)];

/// A destination with patience.
#[derive(Debug)]
pub struct Depot {
    store: Arc<dyn Store>,
    flow: Arc<Flow>,
    waits: &'static [Duration],
    /// The last failure: what is underneath panics and wraps, and this is the truth.
    last: Mutex<Option<StoreError>>,
}

impl Depot {
    /// A destination whose requests are tried again after `waits`.
    pub fn new(store: Arc<dyn Store>, flow: Arc<Flow>, waits: &'static [Duration]) -> Self {
        Self {
            store,
            flow,
            waits,
            last: Mutex::new(None),
        }
    }

    /// The last failure that a caller got.
    pub fn last_failure(&self) -> Option<StoreError> {
        self.last
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The last failure was expected: what comes later is not its doing.
    pub fn forget_failure(&self) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The destination itself.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Asks, and asks again where that may help.
    pub fn ask<T>(
        &self,
        act: Act,
        object: &str,
        mut question: impl FnMut(&dyn Store) -> StoreResult<T>,
    ) -> StoreResult<T> {
        let mut waits = self.waits.iter();
        let error = loop {
            if self.flow.is_cancelled() {
                break StoreError {
                    act,
                    object: object.into(),
                    cause: Cause::Failure(Failure::Cancelled),
                    reason: "the job was told to stop".into(),
                };
            }
            match question(self.store.as_ref()) {
                Ok(value) => return Ok(value),
                Err(error) if !may_pass(&error) => break error,
                Err(error) => match waits.next() {
                    None => break error,
                    Some(wait) => {
                        log::info!("{error}; trying again in {} s", wait.as_secs());
                        std::thread::sleep(*wait);
                    }
                },
            }
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
        Err(error)
    }
}

/// Whether trying the same again may help.
fn may_pass(error: &StoreError) -> bool {
    matches!(
        &error.cause,
        Cause::Failure(
            Failure::Cut
                | Failure::ServerError
                | Failure::NoAnswer
                | Failure::PortClosed
                | Failure::NameNotFound
        )
    )
}

fn kind_of(kind: FileType) -> Kind {
    match kind {
        FileType::Config => Kind::Config,
        FileType::Index => Kind::Index,
        FileType::Key => Kind::Key,
        FileType::Snapshot => Kind::Snapshot,
        FileType::Pack => Kind::Pack,
    }
}

fn place(kind: FileType, id: &Id) -> Place {
    match kind_of(kind) {
        Kind::Config => Place::config(),
        kind => Place {
            kind,
            name: id.to_hex().to_string(),
        },
    }
}

fn wrap(error: StoreError) -> Box<RusticError> {
    RusticError::with_source(ErrorKind::Backend, "The destination failed.", error)
}

impl ReadBackend for Depot {
    fn location(&self) -> String {
        // It goes into logs; the address may hold an account.
        "destination".into()
    }

    fn list_with_size(&self, kind: FileType) -> RusticResult<Vec<(Id, u32)>> {
        let kind_here = kind_of(kind);
        let listed = self
            .ask(Act::List, kind_here.folder(), |store| store.list(kind_here))
            .map_err(wrap)?;
        Ok(listed
            .into_iter()
            .filter_map(|(name, size)| {
                let id = match kind {
                    FileType::Config => Id::default(),
                    // Names that are no hash are drafts of other programs.
                    _ => name.parse().ok()?,
                };
                // A pack has at most 4 GiB by its format.
                Some((id, u32::try_from(size).unwrap_or(u32::MAX)))
            })
            .collect())
    }

    fn read_full(&self, kind: FileType, id: &Id) -> RusticResult<Bytes> {
        let place = place(kind, id);
        self.ask(Act::Read, &place.path(), |store| store.read(&place, None))
            .map_err(wrap)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        let place = place(kind, id);
        let range = Some((u64::from(offset), u64::from(length)));
        self.ask(Act::Read, &place.path(), |store| store.read(&place, range))
            .map_err(wrap)
    }

    fn warmup_path(&self, kind: FileType, id: &Id) -> String {
        place(kind, id).path()
    }
}

impl WriteBackend for Depot {
    fn create(&self) -> RusticResult<()> {
        self.ask(Act::MakeFolders, "the repository", |store| {
            store.make_folders()
        })
        .map_err(wrap)
    }

    fn write_bytes(
        &self,
        kind: FileType,
        id: &Id,
        _cacheable: bool,
        content: BytesList,
    ) -> RusticResult<()> {
        let place = place(kind, id);
        let content = content.into_vec();
        self.ask(Act::Write, &place.path(), |store| {
            store.write(&place, &content)
        })
        .map_err(wrap)
    }

    fn remove(&self, kind: FileType, id: &Id, _cacheable: bool) -> RusticResult<()> {
        let place = place(kind, id);
        self.ask(Act::Remove, &place.path(), |store| store.remove(&place))
            .map_err(wrap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A store that fails so many times with a cause.
    #[derive(Debug)]
    struct Failing {
        cause: Cause,
        times: AtomicU32,
    }

    impl Store for Failing {
        fn connect(&self) -> StoreResult<()> {
            if self.times.fetch_sub(1, Ordering::Relaxed) == 0 {
                return Ok(());
            }
            Err(StoreError {
                act: Act::Connect,
                object: "a store".into(),
                cause: self.cause.clone(),
                reason: "made to".into(),
            })
        }
        fn make_folders(&self) -> StoreResult<()> {
            Ok(())
        }
        fn list(&self, _: Kind) -> StoreResult<Vec<(String, u64)>> {
            Ok(Vec::new())
        }
        fn read(&self, _: &Place, _: Option<(u64, u64)>) -> StoreResult<Bytes> {
            Ok(Bytes::new())
        }
        fn write(&self, _: &Place, _: &[Bytes]) -> StoreResult<()> {
            Ok(())
        }
        fn remove(&self, _: &Place) -> StoreResult<()> {
            Ok(())
        }
    }

    fn ask(cause: Cause, times: u32, cancelled: bool) -> (StoreResult<()>, u32) {
        let flow = Arc::new(Flow::new(None));
        if cancelled {
            flow.cancel();
        }
        let store = Arc::new(Failing {
            cause,
            times: AtomicU32::new(times),
        });
        let depot = Depot::new(store, flow, &[Duration::ZERO, Duration::ZERO]);
        let mut asked = 0;
        let outcome = depot.ask(Act::Connect, "a store", |store| {
            asked += 1;
            store.connect()
        });
        assert_eq!(outcome.is_err(), depot.last_failure().is_some());
        (outcome, asked)
    }

    #[test]
    fn a_cut_line_is_tried_again_and_a_refusal_is_not() {
        let (outcome, asked) = ask(Cause::Failure(Failure::Cut), 2, false);
        assert!(outcome.is_ok());
        assert_eq!(asked, 3);
        let (outcome, asked) = ask(Cause::Failure(Failure::Cut), 9, false);
        assert_eq!(outcome.unwrap_err().failure(), Failure::Cut);
        assert_eq!(asked, 3);
        for cause in [Cause::Missing, Cause::Failure(Failure::LoginRefused)] {
            let (outcome, asked) = ask(cause, 1, false);
            assert!(outcome.is_err());
            assert_eq!(asked, 1);
        }
    }

    #[test]
    fn a_job_that_was_told_to_stop_asks_nothing_more() {
        let (outcome, asked) = ask(Cause::Missing, 0, true);
        assert_eq!(outcome.unwrap_err().failure(), Failure::Cancelled);
        assert_eq!(asked, 0);
    }
}
