//! A server that one logs in to with SSH: a town hall's, another school's.

mod session;
mod ssh;
mod wire;

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use bytes::Bytes;
use preau_offsite_job::{Failure, SshLogin};

use super::{Act, Cause, DRAFTS, Kind, Place, Store, StoreError, StoreResult};
use crate::flow::Flow;
use session::{Session, SftpError};
use ssh::{Credentials, Ssh};
use wire::status;

pub use ssh::answer_ssh;

/// Connections at once. Each is an `ssh` process of some megabytes; two keep the
/// line full while one waits for the server's disk.
const SESSIONS: usize = 2;

/// Where to log in.
#[derive(Debug)]
pub struct Server {
    /// Name or address.
    pub host: String,
    /// Usually 22.
    pub port: u16,
    /// The account there.
    pub user: String,
    /// The repository's folder.
    pub folder: String,
    /// The key that was confirmed.
    pub host_key: Option<String>,
    /// How to log in.
    pub login: SshLogin,
}

/// A repository on such a server.
#[derive(Debug)]
pub struct Sftp {
    server: Server,
    credentials: Option<Credentials>,
    pool: Mutex<Pool>,
    returned: Condvar,
    flow: Arc<Flow>,
}

#[derive(Debug, Default)]
struct Pool {
    idle: Vec<Session>,
    busy: usize,
}

/// A place in the pool, given back when dropped.
struct Turn<'a> {
    store: &'a Sftp,
    session: Option<Session>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut pool = self.store.lock();
        pool.busy -= 1;
        pool.idle.extend(self.session.take());
        self.store.returned.notify_one();
    }
}

impl Sftp {
    /// Gets ready; connects with the first call.
    pub fn new(server: Server, flow: Arc<Flow>) -> StoreResult<Self> {
        let credentials = match &server.host_key {
            None => None,
            Some(key) => Some(Credentials::new(&server, key).map_err(|error| {
                let failure = Failure::Internal;
                failed(&server, Act::Connect, failure, error.to_string())
            })?),
        };
        Ok(Self {
            server,
            credentials,
            pool: Mutex::default(),
            returned: Condvar::new(),
            flow,
        })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pool> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take_turn(&self) -> Turn<'_> {
        let mut pool = self.lock();
        while pool.busy >= SESSIONS {
            pool = self
                .returned
                .wait(pool)
                .unwrap_or_else(PoisonError::into_inner);
        }
        pool.busy += 1;
        Turn {
            store: self,
            session: pool.idle.pop(),
        }
    }

    fn log_in(&self) -> StoreResult<Session> {
        let fail = |failure, reason| failed(&self.server, Act::Connect, failure, reason);
        let Some(credentials) = &self.credentials else {
            return Err(self.show_key(Failure::HostKeyUnknown));
        };
        let ssh = Ssh::start(&self.server, credentials)
            .map_err(|error| fail(Failure::Internal, format!("starting ssh: {error}")))?;
        Session::greet(ssh).map_err(|(ssh, error)| {
            let words = ssh.last_words();
            match ssh::judge(&words) {
                None => self.show_key(Failure::HostKeyChanged),
                Some(failure) => fail(failure, format!("{error}; ssh says: {words}")),
            }
        })
    }

    /// The failure with the key that the server shows.
    fn show_key(&self, failure: fn(preau_offsite_job::HostKey) -> Failure) -> StoreError {
        let fail = |failure, reason| failed(&self.server, Act::Connect, failure, reason);
        match ssh::ask_for_key(&self.server) {
            Err(error) => fail(Failure::Internal, format!("starting ssh-keyscan: {error}")),
            Ok(Err(words)) => fail(ssh::judge_scan(&words), words),
            Ok(Ok(key)) => {
                let reason = format!("the server shows {} ({})", key.key, key.fingerprint);
                fail(failure(key), reason)
            }
        }
    }

    /// Does something in a session, of which the caller then says what failed on what.
    fn with<T>(
        &self,
        act: Act,
        path: &str,
        work: impl FnOnce(&mut Session) -> Result<T, SftpError>,
    ) -> StoreResult<T> {
        let mut turn = self.take_turn();
        let mut session = match turn.session.take() {
            Some(session) => session,
            None => self.log_in()?,
        };
        match work(&mut session) {
            Ok(value) => {
                turn.session = Some(session);
                Ok(value)
            }
            Err(SftpError::Refused { code, message }) => {
                let free = || session.free(&self.server.folder).ok().flatten();
                let cause = judge_refusal(act, code, free);
                turn.session = Some(session);
                Err(StoreError {
                    act,
                    object: self.object(path),
                    cause,
                    reason: format!("{message} ({code})"),
                })
            }
            Err(SftpError::Broken(error)) => {
                let words = session.last_words();
                Err(StoreError {
                    act,
                    object: self.object(path),
                    cause: Cause::Failure(Failure::Cut),
                    reason: format!("{error}; ssh says: {words}"),
                })
            }
        }
    }

    fn object(&self, path: &str) -> String {
        format!("{}:{path}", self.server.host)
    }

    fn path(&self, below: &str) -> String {
        let folder = self.server.folder.trim_end_matches('/');
        match folder {
            "" if self.server.folder.starts_with('/') => format!("/{below}"),
            "" => below.to_owned(),
            folder => format!("{folder}/{below}"),
        }
    }

    fn write_draft(&self, place: &Place, content: &[Bytes]) -> StoreResult<()> {
        let (draft, target) = (self.path(&place.draft()), self.path(&place.path()));
        self.with(Act::Write, &target, |session| {
            session.write(&draft, content, &self.flow)?;
            session.rename(&draft, &target)
        })
    }
}

fn failed(server: &Server, act: Act, failure: Failure, reason: String) -> StoreError {
    StoreError {
        act,
        object: format!("{}:{}", server.host, server.port),
        cause: Cause::Failure(failure),
        reason,
    }
}

/// What a server's refusal means. OpenSSH answers "failure" to a full disk and to much
/// else, so the room that is left decides.
fn judge_refusal(act: Act, code: u32, mut free: impl FnMut() -> Option<u64>) -> Cause {
    /// Less than a pack may need.
    const NEARLY_NOTHING: u64 = 64 * 1024 * 1024;
    match (code, act) {
        (status::NO_SUCH_FILE, Act::MakeFolders) => Cause::Failure(Failure::FolderMissing),
        (status::NO_SUCH_FILE, _) => Cause::Missing,
        (status::PERMISSION_DENIED, Act::Remove) => Cause::Failure(Failure::DeleteRefused),
        (status::PERMISSION_DENIED, Act::Write | Act::MakeFolders) => {
            Cause::Failure(Failure::WriteRefused)
        }
        (status::PERMISSION_DENIED, _) => Cause::Failure(Failure::LoginRefused),
        (status::EOF, Act::Read) => Cause::Failure(Failure::Damaged),
        (status::FAILURE, Act::Write | Act::MakeFolders)
            if free().is_some_and(|free| free < NEARLY_NOTHING) =>
        {
            Cause::Failure(Failure::NoSpace)
        }
        _ => Cause::Failure(Failure::ServerError),
    }
}

impl Store for Sftp {
    fn connect(&self) -> StoreResult<()> {
        self.with(Act::Connect, &self.server.folder, |session| {
            session.stat(&self.server.folder).map(drop)
        })
    }

    fn make_folders(&self) -> StoreResult<()> {
        let root = self.path("");
        let root = root.trim_end_matches('/');
        self.with(Act::MakeFolders, root, |session| {
            if !root.is_empty() {
                session.make_folder(root)?;
            }
            for kind in Kind::FOLDERS {
                session.make_folder(&self.path(kind.folder()))?;
            }
            session.make_folder(&self.path(DRAFTS))?;
            for number in 0..=255_u8 {
                session.make_folder(&self.path(&format!("data/{number:02x}")))?;
            }
            Ok(())
        })
    }

    fn list(&self, kind: Kind) -> StoreResult<Vec<(String, u64)>> {
        let folder = self.path(kind.folder());
        self.with(Act::List, &folder, |session| {
            if kind == Kind::Config {
                let facts = session.stat(&folder)?;
                return Ok(facts
                    .map(|facts| (String::new(), facts.size))
                    .into_iter()
                    .collect());
            }
            let mut found = Vec::new();
            for (name, facts) in session.list(&folder)? {
                if facts.is_folder && kind == Kind::Pack {
                    let below = session.list(&format!("{folder}/{name}"))?;
                    found.extend(below.into_iter().map(|(name, facts)| (name, facts.size)));
                } else if !facts.is_folder {
                    found.push((name, facts.size));
                }
            }
            Ok(found)
        })
    }

    fn read(&self, place: &Place, range: Option<(u64, u64)>) -> StoreResult<Bytes> {
        let path = self.path(&place.path());
        let content = self.with(Act::Read, &path, |session| session.read(&path, range))?;
        self.flow.count_fetched(content.len());
        Ok(content.into())
    }

    fn write(&self, place: &Place, content: &[Bytes]) -> StoreResult<()> {
        match self.write_draft(place, content) {
            // restic made the repository, or somebody tidied up: folders are missing.
            Err(error) if error.cause == Cause::Missing => {
                self.make_folders()?;
                self.write_draft(place, content)
            }
            outcome => outcome,
        }
    }

    fn remove(&self, place: &Place) -> StoreResult<()> {
        let path = self.path(&place.path());
        self.with(Act::Remove, &path, |session| session.remove(&path))
    }

    fn remove_drafts(&self) -> StoreResult<()> {
        let folder = self.path(DRAFTS);
        self.with(Act::Remove, &folder, |session| {
            for (name, facts) in session.list(&folder)? {
                if !facts.is_folder {
                    session.remove(&format!("{folder}/{name}"))?;
                }
            }
            Ok(())
        })
    }

    fn free(&self) -> Option<u64> {
        let folder = self.path("");
        let folder = if folder.is_empty() { "." } else { &folder };
        self.with(Act::Connect, folder, |session| session.free(folder))
            .ok()
            .flatten()
    }
}
