//! The one way to wait: for a condition, with a deadline and a reason.
//!
//! [`wait_until`] is the only place of the lab that sleeps, between two looks.
//! When the deadline passes, the error says what was waited for and what the
//! last look found.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// How long to rest between two looks: a twentieth of what has been waited, within these
/// bounds. What is over soon is seen soon, and an emulated machine that is busy for
/// minutes is not slowed down by looking.
const SHORTEST_REST: Duration = Duration::from_millis(100);
const LONGEST_REST: Duration = Duration::from_secs(1);
const PART: u32 = 20;

/// `n` seconds.
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// `n` minutes.
pub const fn mins(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// `n` mebibytes, in bytes.
pub const fn mib(n: u64) -> u64 {
    n * 1024 * 1024
}

/// Reads well in a story: `opened("array-degraded", within(secs(20)))`.
pub const fn within(limit: Duration) -> Duration {
    limit
}

/// What one look found.
pub enum Look<T> {
    /// The condition holds; the wait returns this.
    Found(T),
    /// Not yet; what was seen instead, for the error.
    NotYet(String),
}

/// Looks again and again until the condition holds or `limit` has passed.
///
/// An error of the look itself ends the wait: a look that may fail on the way
/// (a server that is still starting) says so with [`Look::NotYet`].
pub async fn wait_until<T, F, Fut>(reason: &str, limit: Duration, mut look: F) -> Result<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<Look<T>>>,
{
    let start = Instant::now();
    loop {
        let seen = match look().await? {
            Look::Found(value) => return Ok(value),
            Look::NotYet(seen) => seen,
        };
        let waited = start.elapsed();
        if waited >= limit {
            bail!(
                "waited {} s for {reason}; last seen: {seen}",
                limit.as_secs()
            );
        }
        let rest = (waited / PART).clamp(SHORTEST_REST, LONGEST_REST);
        tokio::time::sleep(rest).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_with_what_was_found() {
        let mut looks = 0;
        let found = wait_until("the third look", secs(5), || {
            looks += 1;
            let look = if looks == 3 {
                Look::Found(looks)
            } else {
                Look::NotYet(looks.to_string())
            };
            async move { Ok(look) }
        })
        .await
        .unwrap();
        assert_eq!(found, 3);
    }

    #[tokio::test]
    async fn a_wait_that_fails_says_what_for_and_what_was_seen() {
        let error = wait_until::<(), _, _>("rain", Duration::ZERO, || async {
            Ok(Look::NotYet("sun".into()))
        })
        .await
        .unwrap_err();
        assert_eq!(error.to_string(), "waited 0 s for rain; last seen: sun");
    }
}
