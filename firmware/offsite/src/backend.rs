//! A destination as the repository's format wants it: [`Store`] underneath, with
//! retries, a word about each real failure, and the order to stop obeyed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use preau_offsite_job::Failure;
use rustic_core::{
    BytesList, ErrorKind, FileType, Id, ReadBackend, RusticError, RusticResult, WriteBackend,
};

use crate::flow::{Flow, Handful, Hands};
use crate::locks::name_of;
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

/// For somebody who waits for the answer: a line that was cut while idle, a server that
/// drops a request now and then.
pub const HURRIED: &[Duration] = &[
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(2),
];

/// How packs of data are fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packs {
    /// As much of them as is wanted. What is read is decrypted, which shows that this
    /// repository's key wrote it, and compared with its hash by whoever uses it.
    AsWanted,
    /// The same, and held until what was unpacked from them is written: by a restore.
    UntilWritten,
    /// Whole, and only believed when they are what their name says: they are written
    /// again under other names, and nobody could tell afterwards.
    Whole,
}

/// Packs that are kept for a moment: they are read in several places, one after the
/// other, by a few threads. With packs of other programs, which may have some tens of MiB,
/// this is what a job's memory bears.
const KEPT_PACKS: usize = 4;

/// A destination with patience.
#[derive(Debug)]
pub struct Depot {
    store: Arc<dyn Store>,
    flow: Arc<Flow>,
    waits: &'static [Duration],
    packs: Packs,
    hands: Arc<Hands>,
    /// The packs that were last fetched whole.
    whole: Mutex<VecDeque<(Id, Bytes)>>,
    /// The last failure: what is underneath panics and wraps, and this is the truth.
    last: Mutex<Option<StoreError>>,
}

impl Depot {
    /// A destination whose requests are tried again after `waits`.
    pub fn new(
        store: Arc<dyn Store>,
        flow: Arc<Flow>,
        waits: &'static [Duration],
        packs: Packs,
    ) -> Self {
        Self {
            store,
            flow,
            waits,
            packs,
            hands: Arc::default(),
            whole: Mutex::default(),
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

    /// What failed since was expected: what is told later is not its doing.
    pub fn tell_instead(&self, failure: Option<StoreError>) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = failure;
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
        self.remember(&error);
        Err(error)
    }

    fn remember(&self, error: &StoreError) {
        self.tell_instead(Some(error.clone()));
    }

    /// A file that may be gone since it was listed.
    pub fn look_for(&self, place: &Place) -> StoreResult<Option<Bytes>> {
        self.ask(Act::Read, &place.path(), |store| {
            match store.read(place, None) {
                Err(error) if error.cause == Cause::Missing => Ok(None),
                answer => answer.map(Some),
            }
        })
    }

    /// A whole file that is what its name says: the hash of its content. Decrypting
    /// would find what the repository's key did not write, and neither an older file nor
    /// another one in the place of this. Asked for twice, in case the server only
    /// stumbled.
    fn read_true(&self, kind: FileType, id: &Id) -> StoreResult<Bytes> {
        let place = place(kind, id);
        let read = || self.ask(Act::Read, &place.path(), |store| store.read(&place, None));
        for _ in 0..2 {
            let content = read()?;
            if kind == FileType::Config || name_of(&content) == place.name {
                return Ok(content);
            }
            log::info!("{place} is not what its name says");
        }
        Err(self.damaged(&place, "what came is not what was written"))
    }

    fn damaged(&self, place: &Place, reason: &str) -> StoreError {
        let error = StoreError {
            act: Act::Read,
            object: place.to_string(),
            cause: Cause::Failure(Failure::Damaged),
            reason: reason.into(),
        };
        self.remember(&error);
        error
    }

    fn read_from_whole(&self, id: &Id, offset: u32, length: u32) -> StoreResult<Bytes> {
        let lock = || self.whole.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lock()
            .iter()
            .find(|(kept, _)| kept == id)
            .map(|(_, pack)| pack.clone());
        let pack = match kept {
            Some(pack) => pack,
            None => {
                let pack = self.read_true(FileType::Pack, id)?;
                let mut packs = lock();
                packs.truncate(KEPT_PACKS - 1);
                packs.push_front((*id, pack.clone()));
                pack
            }
        };
        let range = offset as usize..offset as usize + length as usize;
        if range.end > pack.len() {
            let place = place(FileType::Pack, id);
            return Err(self.damaged(&place, "it is shorter than the index says"));
        }
        Ok(pack.slice(range))
    }
}

/// Content that counts as held until nobody needs it any more.
struct Held {
    content: Bytes,
    #[expect(dead_code, reason = "dropped with the content, which is its use")]
    handful: Handful,
    until_written: bool,
}

impl Drop for Held {
    /// A thread of the library's restore unpacks all that it fetched and puts the writing
    /// down as work for later. It is done here, before the thread lets go: otherwise the
    /// next one unpacks too, and twenty packs lie unpacked in memory. Nothing of that work
    /// fetches.
    fn drop(&mut self) {
        while self.until_written && rayon::yield_local() == Some(rayon::Yield::Executed) {}
    }
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.content
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
        self.read_true(kind, id).map_err(wrap)
    }

    fn read_partial(
        &self,
        kind: FileType,
        id: &Id,
        cacheable: bool,
        offset: u32,
        length: u32,
    ) -> RusticResult<Bytes> {
        // Folders are in packs that are small and read in many places.
        if kind == FileType::Pack && (cacheable || self.packs == Packs::Whole) {
            return self.read_from_whole(id, offset, length).map_err(wrap);
        }
        let place = place(kind, id);
        let range = Some((u64::from(offset), u64::from(length)));
        let handful = self.hands.take(length as usize);
        let content = self.ask(Act::Read, &place.path(), |store| store.read(&place, range));
        let content = content.map_err(wrap)?;
        Ok(Bytes::from_owner(Held {
            content,
            handful,
            until_written: self.packs == Packs::UntilWritten,
        }))
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

    /// A store that answers every question for a file with the next of its contents.
    #[derive(Debug)]
    struct Lying(Mutex<Vec<&'static [u8]>>);

    impl Store for Lying {
        fn connect(&self) -> StoreResult<()> {
            Ok(())
        }
        fn make_folders(&self) -> StoreResult<()> {
            Ok(())
        }
        fn list(&self, _: Kind) -> StoreResult<Vec<(String, u64)>> {
            Ok(Vec::new())
        }
        fn read(&self, _: &Place, _: Option<(u64, u64)>) -> StoreResult<Bytes> {
            Ok(Bytes::from_static(self.0.lock().unwrap().pop().unwrap()))
        }
        fn write(&self, _: &Place, _: &[Bytes]) -> StoreResult<()> {
            Ok(())
        }
        fn remove(&self, _: &Place) -> StoreResult<()> {
            Ok(())
        }
    }

    fn lying(answers: &[&'static [u8]]) -> Depot {
        lying_with(answers, Packs::AsWanted)
    }

    fn lying_with(answers: &[&'static [u8]], packs: Packs) -> Depot {
        let answers = answers.iter().rev().copied().collect();
        let store = Arc::new(Lying(Mutex::new(answers)));
        Depot::new(store, Arc::new(Flow::new(None)), &[], packs)
    }

    #[test]
    fn a_file_that_is_not_what_its_name_says_is_asked_for_once_more_and_never_believed() {
        let id: Id = name_of(b"true").parse().unwrap();
        let read = |answers: &[&'static [u8]]| {
            let depot = lying(answers);
            let outcome = depot.read_full(FileType::Index, &id);
            let failure = depot.last_failure().map(|error| error.failure());
            (outcome.ok(), failure)
        };
        let truth = Some(Bytes::from_static(b"true"));
        assert_eq!(read(&[b"true"]), (truth.clone(), None));
        assert_eq!(read(&[b"lies", b"true"]), (truth, None));
        assert_eq!(read(&[b"lies", b"more"]), (None, Some(Failure::Damaged)));
    }

    #[test]
    fn folders_are_cut_out_of_packs_that_were_fetched_whole_and_once() {
        let id: Id = name_of(b"abcdef").parse().unwrap();
        let depot = lying(&[b"abcdef"]);
        let part = |offset, length| depot.read_partial(FileType::Pack, &id, true, offset, length);
        assert_eq!(part(1, 2).unwrap(), "bc");
        assert_eq!(part(4, 2).unwrap(), "ef");
        assert!(part(4, 3).is_err());
    }

    /// As the library restores: a thread unpacks a pack, and puts the writing down.
    #[test]
    fn a_restore_lets_go_of_a_pack_once_what_was_in_it_is_written() {
        let id: Id = name_of(b"abcdef").parse().unwrap();
        let written_when_free = |packs| {
            let depot = lying_with(&[b"abcdef"], packs);
            let written = AtomicU32::new(0);
            let one_thread = rayon::ThreadPoolBuilder::new().num_threads(1);
            one_thread.build().unwrap().in_place_scope(|scope| {
                let (depot, written) = (&depot, &written);
                let (say, said) = std::sync::mpsc::channel();
                scope.spawn(move |scope| {
                    let pack = depot.read_partial(FileType::Pack, &id, false, 0, 6);
                    for _ in 0..3 {
                        scope.spawn(move |_| {
                            written.fetch_add(1, Ordering::Relaxed);
                        });
                    }
                    drop(pack);
                    say.send(written.load(Ordering::Relaxed)).unwrap();
                });
                said.recv().unwrap()
            })
        };
        assert_eq!(written_when_free(Packs::UntilWritten), 3);
        assert_eq!(written_when_free(Packs::AsWanted), 0);
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
        let waits = &[Duration::ZERO, Duration::ZERO];
        let depot = Depot::new(store, flow, waits, Packs::AsWanted);
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
