//! Sessions. In memory they end by the monotonic clock, so that a box whose clock is
//! set in the middle of its set-up does not log anybody out; on the card they are
//! kept with wall-clock times, for a restart.

use crate::store::{Store, StoreError, StoredSession};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// A session that nobody uses ends after this: a day at school.
const IDLE: Duration = Duration::from_secs(12 * 3600);
/// And after this at the latest.
const LONGEST: Duration = Duration::from_secs(7 * 24 * 3600);
/// How often its use is written down: seldom, to spare the card.
const WRITTEN_EVERY: Duration = Duration::from_secs(15 * 60);
/// Bounds the memory; the least recently used one goes first.
const SESSIONS_MAX: usize = 200;

#[derive(Debug, Clone)]
struct Live {
    login: Option<String>,
    created_at: Timestamp,
    ends: Instant,
    idle_ends: Instant,
    written: Instant,
}

/// A session that was just opened.
#[derive(Debug, Clone)]
pub struct Opened {
    /// The secret.
    pub token: String,
    /// How long it lasts when it is not used.
    pub lasts: Duration,
}

/// Every session that has not ended.
#[derive(Debug)]
pub struct Sessions {
    live: Mutex<HashMap<[u8; 32], Live>>,
    store: Store,
}

impl Sessions {
    /// Those that are stored and have not ended.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn load(store: Store, now: Timestamp) -> Result<Self, StoreError> {
        let instant = Instant::now();
        let mut live = HashMap::new();
        let mut ended = Vec::new();
        for stored in store.sessions().await? {
            let age = |since: Timestamp| {
                // A clock that was set back makes nothing older or younger.
                let seconds = now.duration_since(since).as_secs();
                Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            };
            let left = LONGEST.checked_sub(age(stored.created_at));
            let idle_left = IDLE.checked_sub(age(stored.used_at));
            let (Some(left), Some(idle_left)) = (left, idle_left) else {
                ended.push(stored.token);
                continue;
            };
            live.insert(
                stored.token,
                Live {
                    login: stored.login,
                    created_at: stored.created_at,
                    ends: instant + left,
                    idle_ends: instant + idle_left,
                    written: instant,
                },
            );
        }
        if !ended.is_empty() {
            store.drop_sessions(ended).await?;
        }
        Ok(Self {
            live: Mutex::new(live),
            store,
        })
    }

    /// Opens one.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn open(&self, login: Option<String>, now: Timestamp) -> Result<Opened, StoreError> {
        let mut secret = [0_u8; 32];
        getrandom::fill(&mut secret)?;
        let token = URL_SAFE_NO_PAD.encode(secret);
        let key = key(&token);
        let instant = Instant::now();
        self.store
            .keep_session(StoredSession {
                token: key,
                login: login.clone(),
                created_at: now,
                used_at: now,
            })
            .await?;
        let crowded = {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.insert(
                key,
                Live {
                    login,
                    created_at: now,
                    ends: instant + LONGEST,
                    idle_ends: instant + IDLE,
                    written: instant,
                },
            );
            make_room(&mut live, instant)
        };
        if !crowded.is_empty() {
            self.store.drop_sessions(crowded).await?;
        }
        Ok(Opened { token, lasts: IDLE })
    }

    /// Whether a token opens the box now. Using a session prolongs it.
    pub async fn check(&self, token: &str, now: Timestamp) -> bool {
        let key = key(token);
        let instant = Instant::now();
        let write = {
            let mut sessions = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(live) = sessions.get_mut(&key) else {
                return false;
            };
            if instant >= live.ends || instant >= live.idle_ends {
                return false;
            }
            live.idle_ends = instant + IDLE;
            let due = instant.saturating_duration_since(live.written) >= WRITTEN_EVERY;
            due.then(|| {
                live.written = instant;
                StoredSession {
                    token: key,
                    login: live.login.clone(),
                    created_at: live.created_at,
                    used_at: now,
                }
            })
        };
        if let Some(session) = write
            && let Err(error) = self.store.keep_session(session).await
        {
            // The session goes on; it ends sooner after a restart.
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "keeping a session"
            );
        }
        true
    }

    /// When the session of a token ends if it is not used.
    pub fn lasts(&self, token: &str) -> Option<Duration> {
        let sessions = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        let live = sessions.get(&key(token))?;
        let ends = live.ends.min(live.idle_ends);
        Some(ends.saturating_duration_since(Instant::now()))
    }

    /// Whose session it is.
    pub fn login(&self, token: &str) -> Option<String> {
        let sessions = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&key(token))?.login.clone()
    }

    /// Says whose it is from now on: of the account that its owner just made.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn adopt(&self, token: &str, login: &str, now: Timestamp) -> Result<(), StoreError> {
        let key = key(token);
        let stored = {
            let mut sessions = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(live) = sessions.get_mut(&key) else {
                return Ok(());
            };
            live.login = Some(login.to_owned());
            StoredSession {
                token: key,
                login: live.login.clone(),
                created_at: live.created_at,
                used_at: now,
            }
        };
        self.store.keep_session(stored).await
    }

    /// Ends one.
    ///
    /// # Errors
    /// When the card does not take it; it has ended until the next restart then.
    pub async fn close(&self, token: &str) -> Result<(), StoreError> {
        let key = key(token);
        let existed = {
            let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            live.remove(&key).is_some()
        };
        if existed {
            self.store.drop_sessions(vec![key]).await?;
        }
        Ok(())
    }

    /// Ends every session of an account but the one of `except`.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn close_of(&self, login: &str, except: Option<&str>) -> Result<(), StoreError> {
        let except = except.map(key);
        let ended: Vec<[u8; 32]> = {
            let mut sessions = self.live.lock().unwrap_or_else(PoisonError::into_inner);
            let ended: Vec<_> = sessions
                .iter()
                .filter(|(key, live)| live.login.as_deref() == Some(login) && Some(**key) != except)
                .map(|(key, _)| *key)
                .collect();
            ended.iter().for_each(|key| {
                sessions.remove(key);
            });
            ended
        };
        if ended.is_empty() {
            return Ok(());
        }
        self.store.drop_sessions(ended).await
    }
}

/// Drops what has ended, and the least recently used beyond the bound.
fn make_room(live: &mut HashMap<[u8; 32], Live>, now: Instant) -> Vec<[u8; 32]> {
    let mut gone: Vec<[u8; 32]> = live
        .iter()
        .filter(|(_, live)| now >= live.ends || now >= live.idle_ends)
        .map(|(key, _)| *key)
        .collect();
    for key in &gone {
        live.remove(key);
    }
    while live.len() > SESSIONS_MAX {
        let oldest = live
            .iter()
            .min_by_key(|(_, live)| live.idle_ends)
            .map(|(key, _)| *key);
        let Some(oldest) = oldest else { break };
        live.remove(&oldest);
        gone.push(oldest);
    }
    gone
}

fn key(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[tokio::test(start_paused = true)]
    async fn a_session_ends_when_nobody_uses_it_and_after_a_week_at_the_latest() {
        let folder = Folder::new("sessions");
        let store = Store::open(&folder.path().join("history.sqlite")).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let sessions = Sessions::load(store, now).await.unwrap();
        let used = sessions.open(None, now).await.unwrap().token;
        let idle = sessions.open(None, now).await.unwrap().token;
        for _ in 0..16 {
            tokio::time::advance(Duration::from_secs(10 * 3600)).await;
            assert!(sessions.check(&used, now).await);
        }
        assert!(!sessions.check(&idle, now).await);
        tokio::time::advance(Duration::from_secs(9 * 3600)).await;
        assert!(!sessions.check(&used, now).await);
    }

    #[tokio::test]
    async fn sessions_outlive_a_restart_and_not_their_end() {
        let folder = Folder::new("sessions-restart");
        let store = Store::open(&folder.path().join("history.sqlite")).unwrap();
        let now: Timestamp = "2026-11-24T06:42:10Z".parse().unwrap();
        let later: Timestamp = "2026-11-24T18:41:00Z".parse().unwrap();
        let too_late: Timestamp = "2026-11-24T18:43:00Z".parse().unwrap();
        let sessions = Sessions::load(store.clone(), now).await.unwrap();
        let token = sessions
            .open(Some("mdurand".to_owned()), now)
            .await
            .unwrap()
            .token;
        let sessions = Sessions::load(store.clone(), later).await.unwrap();
        assert!(sessions.check(&token, later).await);
        assert!(!sessions.check("made up", later).await);
        let sessions = Sessions::load(store, too_late).await.unwrap();
        assert!(!sessions.check(&token, too_late).await);
    }

    #[tokio::test]
    async fn a_closed_session_is_of_no_use() {
        let folder = Folder::new("sessions-closed");
        let store = Store::open(&folder.path().join("history.sqlite")).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let sessions = Sessions::load(store, now).await.unwrap();
        let login = Some("mdurand".to_owned());
        let one = sessions.open(login.clone(), now).await.unwrap().token;
        let other = sessions.open(login, now).await.unwrap().token;
        sessions.close_of("mdurand", Some(&one)).await.unwrap();
        assert!(sessions.check(&one, now).await);
        assert!(!sessions.check(&other, now).await);
        sessions.close(&one).await.unwrap();
        assert!(!sessions.check(&one, now).await);
    }
}
