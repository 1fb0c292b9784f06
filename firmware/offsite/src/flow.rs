//! What goes over the wire: how much, how fast, and whether it should stop. Shared by
//! the destination that moves bytes and the reporter that tells about them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The largest piece that is sent without asking the limit again. At the lowest
/// sensible limit (a megabit per second) it is an eighth of a second's worth.
pub const PIECE: usize = 16 * 1024;

/// Bytes of packs that a job holds at once: two of them. The library restores with twenty
/// threads, each of which would fetch a pack and unpack it, to several times its size:
/// together more than the worker's memory.
const HELD: usize = 16 * 1024 * 1024;

/// What is fetched and not yet dealt with.
#[derive(Debug, Default)]
pub struct Hands {
    held: Mutex<usize>,
    freed: Condvar,
}

impl Hands {
    /// Waits until so many bytes may be held.
    pub fn take(self: &Arc<Self>, bytes: usize) -> Handful {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // What is larger than all is held alone.
        while *held > 0 && *held + bytes > HELD {
            held = self
                .freed
                .wait(held)
                .unwrap_or_else(PoisonError::into_inner);
        }
        *held += bytes;
        Handful {
            hands: Arc::clone(self),
            bytes,
        }
    }
}

/// A right to hold bytes, given back when dropped.
#[derive(Debug)]
pub struct Handful {
    hands: Arc<Hands>,
    bytes: usize,
}

impl Drop for Handful {
    fn drop(&mut self) {
        let mut held = self
            .hands
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *held -= self.bytes;
        self.hands.freed.notify_all();
    }
}

/// Counters and limits of one job.
#[derive(Debug, Default)]
pub struct Flow {
    sent: AtomicU64,
    fetched: AtomicU64,
    /// Bytes per second; zero is no limit.
    limit: AtomicU64,
    cancelled: AtomicBool,
    /// When the wire is free again.
    free_at: Mutex<Option<Instant>>,
}

impl Flow {
    /// Counters at zero.
    pub fn new(limit: Option<u64>) -> Self {
        let flow = Self::default();
        flow.set_limit(limit);
        flow
    }

    /// From now on at most so many bytes per second are sent.
    pub fn set_limit(&self, limit: Option<u64>) {
        self.limit.store(limit.unwrap_or(0), Ordering::Relaxed);
    }

    /// Books a piece of `bytes` and says how long to wait before sending it.
    pub fn book(&self, bytes: usize, now: Instant) -> Duration {
        self.sent.fetch_add(bytes as u64, Ordering::Relaxed);
        let limit = self.limit.load(Ordering::Relaxed);
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        if limit == 0 {
            *free_at = None;
            return Duration::ZERO;
        }
        let start = free_at.map_or(now, |at| at.max(now));
        *free_at = Some(start + time_of(bytes, limit));
        start.duration_since(now)
    }

    /// Books a piece and waits for its turn. Not for asynchronous code.
    pub fn wait_to_send(&self, bytes: usize) {
        let wait = self.book(bytes, Instant::now());
        if !wait.is_zero() {
            std::thread::sleep(wait);
        }
    }

    /// How long `bytes` take at the limit of this moment.
    pub fn time_to_send(&self, bytes: usize) -> Duration {
        match self.limit.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            limit => time_of(bytes, limit),
        }
    }

    /// Counts what was fetched.
    pub fn count_fetched(&self, bytes: usize) {
        self.fetched.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes sent so far.
    pub fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Bytes fetched so far.
    pub fn fetched(&self) -> u64 {
        self.fetched.load(Ordering::Relaxed)
    }

    /// The job should stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it should.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

fn time_of(bytes: usize, per_second: u64) -> Duration {
    let nanoseconds = (bytes as u128) * 1_000_000_000 / u128::from(per_second.max(1));
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_spreads_pieces_over_time() {
        let flow = Flow::new(Some(1000));
        let now = Instant::now();
        assert_eq!(flow.book(500, now), Duration::ZERO);
        assert_eq!(flow.book(500, now), Duration::from_millis(500));
        assert_eq!(flow.book(500, now), Duration::from_millis(1000));
        let later = now + Duration::from_secs(60);
        assert_eq!(flow.book(500, later), Duration::ZERO);
        assert_eq!(flow.sent(), 2000);
    }

    #[test]
    fn no_more_is_held_than_memory_bears_and_something_always_goes_on() {
        let hands = Arc::<Hands>::default();
        // More than all of it, alone.
        drop(hands.take(HELD * 2));
        let first = hands.take(HELD - 1);
        let (say, said) = std::sync::mpsc::channel();
        let others = Arc::clone(&hands);
        let second = std::thread::spawn(move || {
            let _held = others.take(2);
            say.send(()).unwrap();
        });
        assert!(said.try_recv().is_err());
        drop(first);
        said.recv_timeout(Duration::from_secs(60)).unwrap();
        second.join().unwrap();
    }

    #[test]
    fn a_limit_that_is_lifted_holds_nothing_back() {
        let flow = Flow::new(Some(1));
        let now = Instant::now();
        flow.book(1000, now);
        flow.set_limit(None);
        assert_eq!(flow.book(1000, now), Duration::ZERO);
    }
}
