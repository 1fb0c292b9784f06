//! Who works on the repository. The library that writes it needs no locks among its
//! own kind; restic does, and deletes at once what it believes unused. So a job
//! leaves restic's kind of lock while it works, and keeps out while somebody else's
//! excludes it.
//!
//! A lock is a small encrypted file. One that was not renewed for half an hour is
//! stale by restic's rule, and so is one of this box that an earlier job, cut short,
//! left behind: jobs of one box at one destination come one after the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use preau_offsite_job::{Failure, LockHolder};
use rustic_core::repofile::MasterKey;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::backend::Depot;
use crate::cipher::Cipher;
use crate::repository::{JobError, JobResult};
use crate::store::{Act, Kind, Place};

/// After so long without renewal a lock is stale, by restic's rule.
const STALE: SignedDuration = SignedDuration::from_mins(30);
/// How often a lock is renewed, as restic does.
const RENEW: Duration = Duration::from_secs(5 * 60);

/// A lock, as restic writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Lock {
    time: Timestamp,
    exclusive: bool,
    hostname: String,
    username: String,
    pid: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    uid: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gid: Option<u32>,
}

impl Lock {
    /// One that cannot be understood is held by somebody, now.
    fn unknown(now: Timestamp) -> Self {
        Self {
            time: now,
            exclusive: true,
            hostname: "?".into(),
            username: "?".into(),
            pid: 0,
            uid: None,
            gid: None,
        }
    }
}

/// Whether others may work at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Others may add: copying, reading.
    Shared,
    /// Nobody may: something is deleted.
    Alone,
}

/// What becomes of a lock that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It keeps this job out.
    KeepsOut,
    /// It does not concern this job.
    LetsIn,
    /// Nobody holds it any more: away with it.
    Stale,
}

fn judge(lock: &Lock, host: &str, sharing: Sharing, now: Timestamp) -> Verdict {
    if lock.hostname == host && lock.username == USER {
        return Verdict::Stale;
    }
    if now.duration_since(lock.time) > STALE {
        return Verdict::Stale;
    }
    match (lock.exclusive, sharing) {
        (true, _) | (_, Sharing::Alone) => Verdict::KeepsOut,
        (false, Sharing::Shared) => Verdict::LetsIn,
    }
}

/// The account that the box's own locks name.
const USER: &str = "preau";

/// A lock that is held; given back when dropped.
pub struct Held {
    depot: Arc<Depot>,
    place: Arc<Mutex<Place>>,
    over: Arc<AtomicBool>,
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held")
    }
}

/// Looks at the locks that are there, clears stale ones, and leaves the job's own.
pub fn take(
    depot: &Arc<Depot>,
    key: &MasterKey,
    host: &str,
    sharing: Sharing,
    now: fn() -> Timestamp,
) -> JobResult<Held> {
    let cipher = Cipher::new(key)?;
    look_around(depot, &cipher, host, sharing, now())?;
    let place = leave(depot, &cipher, host, sharing, now())?;
    let held = Held {
        depot: depot.clone(),
        place: Arc::new(Mutex::new(place)),
        over: Arc::default(),
    };
    // Two may have looked at the same moment: whoever sees the other's lock yields.
    look_around_but(depot, &cipher, host, sharing, now(), &held.name())?;
    held.keep_renewing(cipher, host.to_owned(), sharing, now);
    Ok(held)
}

impl Held {
    fn name(&self) -> String {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        place.name.clone()
    }

    fn keep_renewing(
        &self,
        cipher: Cipher,
        host: String,
        sharing: Sharing,
        now: fn() -> Timestamp,
    ) {
        let (depot, place, over) = (self.depot.clone(), self.place.clone(), self.over.clone());
        std::thread::spawn(move || {
            loop {
                std::thread::sleep(RENEW);
                let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
                if over.load(Ordering::Relaxed) {
                    return;
                }
                match leave(&depot, &cipher, &host, sharing, now()) {
                    Ok(fresh) => {
                        remove(&depot, &place);
                        *place = fresh;
                    }
                    // The job's own requests will tell if the destination is gone.
                    Err(error) => log::warn!("renewing the lock: {error}"),
                }
            }
        });
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        self.over.store(true, Ordering::Relaxed);
        remove(&self.depot, &place);
    }
}

/// Removes a lock. Failing to is no failure of the job: the next one clears it.
fn remove(depot: &Depot, place: &Place) {
    // A connection that was cut while idle is no reason to leave it.
    let store = depot.store();
    if let Err(error) = store.remove(place).or_else(|_| store.remove(place)) {
        log::warn!("{error}");
    }
}

fn leave(
    depot: &Depot,
    cipher: &Cipher,
    host: &str,
    sharing: Sharing,
    now: Timestamp,
) -> JobResult<Place> {
    let lock = Lock {
        time: now,
        exclusive: sharing == Sharing::Alone,
        hostname: host.to_owned(),
        username: USER.to_owned(),
        pid: std::process::id(),
        uid: None,
        gid: None,
    };
    let content = seal(cipher, &lock)?;
    let place = Place {
        kind: Kind::Lock,
        name: name_of(&content),
    };
    let content = [Bytes::from(content)];
    depot.ask(Act::Write, &place.path(), |store| {
        store.write(&place, &content)
    })?;
    Ok(place)
}

fn look_around(
    depot: &Depot,
    cipher: &Cipher,
    host: &str,
    sharing: Sharing,
    now: Timestamp,
) -> JobResult<()> {
    look_around_but(depot, cipher, host, sharing, now, "")
}

fn look_around_but(
    depot: &Depot,
    cipher: &Cipher,
    host: &str,
    sharing: Sharing,
    now: Timestamp,
    own: &str,
) -> JobResult<()> {
    for (name, _) in depot.ask(Act::List, "locks", |store| store.list(Kind::Lock))? {
        if name == own {
            continue;
        }
        let place = Place {
            kind: Kind::Lock,
            name,
        };
        // It may be given back between the list and now.
        let Some(content) = depot.look_for(&place)? else {
            continue;
        };
        let lock = match open(cipher, &content) {
            Opened::Lock(lock) => lock,
            // A half-written lock, or a leftover of a test. restic cannot read it
            // either, and would stumble over it.
            Opened::Noise => {
                remove(depot, &place);
                continue;
            }
            Opened::Unknown if sharing == Sharing::Shared => {
                log::info!("a lock of another kind: {}", place.name);
                continue;
            }
            Opened::Unknown => Lock::unknown(now),
        };
        match judge(&lock, host, sharing, now) {
            Verdict::LetsIn => {}
            Verdict::Stale => {
                log::info!("clearing a stale lock of {} ({})", lock.hostname, lock.time);
                remove(depot, &place);
            }
            Verdict::KeepsOut => {
                let detail = format!("{} works on it since {}", lock.hostname, lock.time);
                return Err(JobError::new(
                    Failure::Locked(LockHolder {
                        host: lock.hostname,
                        user: lock.username,
                        since: lock.time,
                    }),
                    detail,
                ));
            }
        }
    }
    Ok(())
}

/// A file's name is the hash of its content.
pub fn name_of(content: &[u8]) -> String {
    in_hexadecimal(&Sha256::digest(content))
}

/// A hash as names are made of it.
pub fn in_hexadecimal(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn seal(cipher: &Cipher, lock: &Lock) -> JobResult<Vec<u8>> {
    let text = serde_json::to_vec(lock);
    let text = text.map_err(|error| JobError::new(Failure::Internal, error.to_string()))?;
    cipher.seal(&text)
}

fn open(cipher: &Cipher, content: &[u8]) -> Opened {
    let Some(text) = cipher.open(content) else {
        return Opened::Noise;
    };
    // Version 2 of the format packs what is no JSON by its first letter.
    let text = match text.split_first() {
        Some((&PACKED, packed)) => match zstd::stream::decode_all(packed) {
            Ok(text) => text,
            Err(_) => return Opened::Unknown,
        },
        _ => text,
    };
    serde_json::from_slice(&text).map_or(Opened::Unknown, Opened::Lock)
}

/// The first byte of a file that is packed.
const PACKED: u8 = 2;

/// What a file among the locks is.
#[derive(Debug, PartialEq, Eq)]
enum Opened {
    /// A lock.
    Lock(Lock),
    /// Written with the repository's key, and not to be understood: somebody's lock.
    Unknown,
    /// Not written with the repository's key, or not to its end.
    Noise,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(host: &str, exclusive: bool, minutes_old: i64) -> (Lock, Timestamp) {
        let now: Timestamp = "2026-11-24T07:42:00Z".parse().unwrap();
        let lock = Lock {
            time: now - SignedDuration::from_mins(minutes_old),
            exclusive,
            hostname: host.into(),
            username: "marie".into(),
            pid: 7,
            uid: None,
            gid: None,
        };
        (lock, now)
    }

    #[test]
    fn a_lock_keeps_out_whom_it_must() {
        let cases = [
            ("other", false, 1, Sharing::Shared, Verdict::LetsIn),
            ("other", true, 1, Sharing::Shared, Verdict::KeepsOut),
            ("other", false, 1, Sharing::Alone, Verdict::KeepsOut),
            ("other", true, 31, Sharing::Shared, Verdict::Stale),
            ("other", true, -5, Sharing::Shared, Verdict::KeepsOut),
        ];
        for (host, exclusive, age, sharing, verdict) in cases {
            let (lock, now) = lock(host, exclusive, age);
            assert_eq!(judge(&lock, "box", sharing, now), verdict, "{host} {age}");
        }
    }

    #[test]
    fn the_boxs_own_lock_is_a_leftover() {
        let (mut lock, now) = lock("box", true, 1);
        assert_eq!(judge(&lock, "box", Sharing::Shared, now), Verdict::KeepsOut);
        lock.username = USER.into();
        assert_eq!(judge(&lock, "box", Sharing::Shared, now), Verdict::Stale);
    }

    #[test]
    fn a_lock_is_read_plain_and_packed_and_nothing_else_is_taken_for_one() {
        let (lock, _) = lock("other", true, 1);
        let cipher = Cipher::of(&[7; 64]);
        let seal = |text: &[u8]| cipher.seal(text).unwrap();
        let open = |content: &[u8]| open(&cipher, content);
        let text = serde_json::to_vec(&lock).unwrap();
        assert_eq!(open(&seal(&text)), Opened::Lock(lock.clone()));
        let packed = zstd::stream::encode_all(text.as_slice(), 1).unwrap();
        let packed = [&[PACKED][..], &packed].concat();
        assert_eq!(open(&seal(&packed)), Opened::Lock(lock));
        assert_eq!(open(&seal(b"{}")), Opened::Unknown);
        assert_eq!(open(&seal(&text)[..40]), Opened::Noise);
        assert_eq!(open(b"short"), Opened::Noise);
    }
}
