//! Slows down guessing: five wrong tries are free, then each one doubles a delay up
//! to a minute. The right answer during a delay is refused like a wrong one, or the
//! delay would be worth nothing; afterwards it is taken. Kept in memory: a restart
//! costs a guesser more than it gains.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How many wrong tries cost nothing: people mistype.
const FREE_TRIES: u32 = 5;
/// The longest delay: somebody who knows the answer waits that long at most.
const LONGEST: Duration = Duration::from_secs(60);
/// After such a silence the count starts over.
const FORGOTTEN: Duration = Duration::from_secs(3600);
/// Bounds the memory that strangers can fill with made-up names.
const SUBJECTS_MAX: usize = 64;

#[derive(Debug, Clone, Copy)]
struct Tries {
    wrong: u32,
    last: Instant,
    blocked_until: Option<Instant>,
}

/// Counts wrong tries, by subject: an account, or the box as a whole.
#[derive(Debug, Default)]
pub struct Throttle {
    subjects: Mutex<HashMap<String, Tries>>,
}

impl Throttle {
    /// Whether a try may be made now.
    ///
    /// # Errors
    /// How long to wait, in whole seconds.
    pub fn check(&self, subject: &str, now: Instant) -> Result<(), u64> {
        let subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        let until = subjects.get(subject).and_then(|tries| tries.blocked_until);
        match until.map(|until| until.saturating_duration_since(now)) {
            Some(left) if !left.is_zero() => Err(left.as_millis().div_ceil(1000) as u64),
            _ => Ok(()),
        }
    }

    /// A try was wrong.
    pub fn wrong(&self, subject: &str, now: Instant) {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.retain(|_, tries| now.saturating_duration_since(tries.last) < FORGOTTEN);
        if subjects.len() >= SUBJECTS_MAX && !subjects.contains_key(subject) {
            let oldest = subjects
                .iter()
                .min_by_key(|(_, tries)| tries.last)
                .map(|(name, _)| name.clone());
            if let Some(oldest) = oldest {
                subjects.remove(&oldest);
            }
        }
        let tries = subjects.entry(subject.to_owned()).or_insert(Tries {
            wrong: 0,
            last: now,
            blocked_until: None,
        });
        tries.wrong = tries.wrong.saturating_add(1);
        tries.last = now;
        tries.blocked_until = tries
            .wrong
            .checked_sub(FREE_TRIES)
            .map(|beyond| now + delay(beyond));
    }

    /// A try was right: the count starts over.
    pub fn right(&self, subject: &str) {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.remove(subject);
    }
}

/// The delay after that many tries beyond the free ones.
fn delay(beyond: u32) -> Duration {
    let doubled = 1_u64.checked_shl(beyond).unwrap_or(u64::MAX);
    Duration::from_secs(doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_grows_to_a_minute_and_ends() {
        let throttle = Throttle::default();
        let mut now = Instant::now();
        let mut delays = Vec::new();
        for _ in 0..15 {
            if let Err(seconds) = throttle.check("box", now) {
                delays.push(seconds);
                now += Duration::from_secs(seconds);
            }
            assert_eq!(throttle.check("box", now), Ok(()));
            throttle.wrong("box", now);
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(throttle.check("other", now), Ok(()));
        throttle.right("box");
        assert_eq!(throttle.check("box", now), Ok(()));
    }

    #[test]
    fn made_up_names_do_not_fill_the_memory() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for name in 0..1000 {
            throttle.wrong(&name.to_string(), now);
        }
        assert!(throttle.subjects.lock().unwrap().len() <= SUBJECTS_MAX);
    }
}
