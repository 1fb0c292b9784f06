//! Maps an iterator with several threads and keeps its order, with few hand-overs.
//!
//! What `rustic_core` maps is mostly cheap: a file of a few kilobytes is read, hashed and
//! packed in less time than it takes to wake a thread. So nobody is woken for one item.
//! Items are gathered for a moment and put down together; whoever asks for results works
//! too while none is ready; and it sleeps only when there is nothing left that it could do,
//! until enough is done.
//!
//! How many items are under way follows from what one costs: up to [`MOST`] of cheap
//! ones, two for each thread of dear ones, which may hold megabytes each.

mod desk;

use desk::Desk;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::{Scope, available_parallelism};
use std::time::{Duration, Instant};

/// Cheap items that are under way at once.
const MOST: usize = 128;
/// How long items are gathered before they are put down.
const GATHERED_FOR: Duration = Duration::from_millis(1);

/// What `rustic_core` calls on its iterators.
pub trait IteratorExt: Iterator + Sized {
    /// Maps each item in one of several threads; results come in the order of the items.
    /// Nothing is asked of the iterator before the first result is asked for. It may wait
    /// for whatever it likes but for results: an item is mapped once the next few are there.
    fn parallel_map_scoped<'env, 'scope, F, O>(
        self,
        scope: &'scope Scope<'scope, 'env>,
        map: F,
    ) -> ParallelMap<Self, F, O>
    where
        F: FnMut(Self::Item) -> O + Clone + Send + 'env,
        Self::Item: Send + 'env,
        O: Send + 'env,
    {
        let threads = available_parallelism().map_or(1, NonZero::get);
        let desk = Arc::new(Desk::new(threads));
        for _ in 0..threads {
            let (desk, map) = (Arc::clone(&desk), map.clone());
            scope.spawn(move || desk.work(map));
        }
        ParallelMap {
            items: self,
            map,
            desk,
            ended: false,
        }
    }

    /// The iterator as it is. A thread of its own would make items ahead, and be woken for
    /// each of them.
    fn readahead_scoped<'env, 'scope>(self, _scope: &'scope Scope<'scope, 'env>) -> Self {
        self
    }
}

impl<I: Iterator> IteratorExt for I {}

/// The results, in the order of the items.
pub struct ParallelMap<I: Iterator, F, O> {
    items: I,
    map: F,
    desk: Arc<Desk<I::Item, O>>,
    /// The iterator has no more items.
    ended: bool,
}

impl<I, F, O> ParallelMap<I, F, O>
where
    I: Iterator,
    F: FnMut(I::Item) -> O,
{
    /// Puts items down until enough are under way.
    fn gather(&mut self) {
        let room = self.desk.room();
        if self.ended || room == 0 {
            return;
        }
        let began = Instant::now();
        let mut gathered = Vec::with_capacity(room);
        while gathered.len() < room {
            let Some(item) = self.items.next() else {
                self.ended = true;
                break;
            };
            gathered.push(item);
            if began.elapsed() >= GATHERED_FOR {
                break;
            }
        }
        self.desk.put_down(gathered);
    }
}

impl<I, F, O> Iterator for ParallelMap<I, F, O>
where
    I: Iterator,
    F: FnMut(I::Item) -> O,
{
    type Item = O;

    fn next(&mut self) -> Option<O> {
        self.gather();
        self.desk.next(&mut self.map)
    }
}

impl<I: Iterator, F, O> Drop for ParallelMap<I, F, O> {
    fn drop(&mut self) {
        self.desk.close();
    }
}

#[cfg(test)]
mod tests;
