//! Where items wait for a thread, and results for the one who asked for them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::MOST;

/// An item that costs less than this is cheap: so much is lost when one thread wakes
/// another.
const CHEAP: Duration = Duration::from_micros(500);

/// Items and results.
pub(crate) struct Desk<I, O> {
    state: Mutex<State<I, O>>,
    /// Something waits, or nothing will any more.
    work: Condvar,
    /// The next result is there.
    results: Condvar,
    /// How many threads work here.
    threads: usize,
}

struct State<I, O> {
    /// Items with their numbers, counted from 0.
    waiting: VecDeque<(usize, I)>,
    /// Results from number `first` on; `None` is still waited for.
    results: VecDeque<Option<O>>,
    first: usize,
    /// Threads that sleep until something waits.
    idle: usize,
    /// Somebody sleeps until the next result is there.
    is_asked_for: bool,
    /// What an item cost lately.
    cost: Duration,
    closed: bool,
    panicked: bool,
}

impl<I, O> State<I, O> {
    fn is_cheap(&self) -> bool {
        self.cost < CHEAP
    }

    fn is_next_ready(&self) -> bool {
        matches!(self.results.front(), Some(Some(_)))
    }

    fn put(&mut self, number: usize, result: O, cost: Duration) {
        self.results[number - self.first] = Some(result);
        // One dear item among cheap ones counts at once, many cheap ones after a while.
        self.cost = (self.cost * 7 + cost) / 8;
    }

    /// Whether who asks for results should be woken: the next one is there, and half of
    /// what was put down is done, so that there is something to do for it.
    fn should_wake(&self) -> bool {
        let is_low = self.waiting.len() <= self.results.len() / 2;
        self.is_asked_for && self.is_next_ready() && is_low
    }
}

impl<I, O> Desk<I, O> {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                results: VecDeque::new(),
                first: 0,
                idle: 0,
                is_asked_for: false,
                // Nothing is known yet: dear until shown otherwise.
                cost: CHEAP,
                closed: false,
                panicked: false,
            }),
            work: Condvar::new(),
            results: Condvar::new(),
            threads,
        }
    }

    fn state(&self) -> MutexGuard<'_, State<I, O>> {
        // Nothing that can panic runs while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many items may be put down now.
    pub(crate) fn room(&self) -> usize {
        let state = self.state();
        let under_way = state.results.len();
        if !state.is_cheap() {
            return (self.threads * 2).saturating_sub(under_way);
        }
        // Who puts one down at a time wakes somebody each time.
        let are_half_done = under_way <= MOST / 2;
        if are_half_done { MOST - under_way } else { 0 }
    }

    /// Puts items down, in their order.
    pub(crate) fn put_down(&self, items: Vec<I>) {
        let mut state = self.state();
        for item in items {
            let number = state.first + state.results.len();
            state.waiting.push_back((number, item));
            state.results.push_back(None);
        }
        if state.idle > 0 && !state.waiting.is_empty() {
            self.work.notify_all();
        }
    }

    /// Maps an item while the desk is free for others, and puts its result down.
    fn map<'desk>(
        &'desk self,
        state: MutexGuard<'desk, State<I, O>>,
        (number, item): (usize, I),
        map: &mut impl FnMut(I) -> O,
    ) -> MutexGuard<'desk, State<I, O>> {
        drop(state);
        let began = Instant::now();
        let result = map(item);
        let cost = began.elapsed();
        let mut state = self.state();
        state.put(number, result, cost);
        state
    }

    /// The next result; `None` when nothing is under way. Works meanwhile.
    pub(crate) fn next(&self, map: &mut impl FnMut(I) -> O) -> Option<O> {
        let mut state = self.state();
        loop {
            assert!(!state.panicked, "a thread that maps has panicked");
            if state.is_next_ready() {
                state.first += 1;
                return state.results.pop_front().flatten();
            }
            state.results.front()?;
            // A dear item is left to the others: the next result may come long before.
            if state.is_cheap()
                && let Some(numbered) = state.waiting.pop_front()
            {
                state = self.map(state, numbered, map);
                continue;
            }
            state.is_asked_for = true;
            state = self
                .results
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
            state.is_asked_for = false;
        }
    }

    /// Maps what waits, until the desk is closed.
    pub(crate) fn work(&self, mut map: impl FnMut(I) -> O) {
        let _panicking = Panicking(self);
        let mut state = self.state();
        while !state.closed {
            let Some(numbered) = state.waiting.pop_front() else {
                state.idle += 1;
                state = self
                    .work
                    .wait(state)
                    .unwrap_or_else(PoisonError::into_inner);
                state.idle -= 1;
                continue;
            };
            state = self.map(state, numbered, &mut map);
            if state.should_wake() {
                self.results.notify_one();
            }
        }
    }

    /// Nobody asks for results any more: the threads end.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.waiting.clear();
        drop(state);
        self.work.notify_all();
    }
}

/// Tells whoever waits for a result that none comes.
struct Panicking<'desk, I, O>(&'desk Desk<I, O>);

impl<I, O> Drop for Panicking<'_, I, O> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.state().panicked = true;
            self.0.results.notify_all();
        }
    }
}
