//! Order, what is held at once, and ends of every kind.

use super::*;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{scope, sleep};

#[test]
fn results_come_in_the_order_of_the_items_whatever_each_costs() {
    for slow in [1, 7, 50, 1_000_000] {
        let map = move |number: u64| {
            if number.is_multiple_of(slow) {
                sleep(Duration::from_micros(number * 37 % 900));
            }
            number * 3
        };
        let found: Vec<u64> = scope(|s| {
            let items = (0..3000).readahead_scoped(s);
            items.parallel_map_scoped(s, map).collect()
        });
        assert!(found.iter().copied().eq((0..3000).map(|n| n * 3)));
    }
}

#[test]
fn several_threads_map_at_once() {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let barrier = Barrier::new(threads);
    // Each waits until all are there: with one less it would never end.
    let found = scope(|s| {
        (0..threads)
            .parallel_map_scoped(s, |_| barrier.wait().is_leader())
            .filter(|leads| *leads)
            .count()
    });
    assert_eq!(found, 1);
}

#[test]
fn few_dear_items_are_held_at_once() {
    let threads = available_parallelism().map_or(1, NonZero::get);
    let (made, held) = (AtomicUsize::new(0), AtomicUsize::new(0));
    scope(|s| {
        let items = (0..60).inspect(|_| {
            made.fetch_add(1, Ordering::SeqCst);
        });
        let map = |item: usize| {
            sleep(Duration::from_millis(2));
            item
        };
        for item in items.parallel_map_scoped(s, map) {
            let under_way = made.load(Ordering::SeqCst) - item;
            held.fetch_max(under_way, Ordering::SeqCst);
        }
    });
    let held = held.into_inner();
    assert!((1..=threads * 2 + 1).contains(&held), "{held} at once");
}

#[test]
fn nothing_is_asked_of_the_iterator_before_a_result_is_asked_for() {
    let asked = AtomicBool::new(false);
    scope(|s| {
        let items = std::iter::from_fn(|| {
            asked.store(true, Ordering::SeqCst);
            None::<u32>
        });
        let mut mapped = items.parallel_map_scoped(s, |item| item);
        assert!(!asked.load(Ordering::SeqCst));
        assert_eq!(mapped.next(), None);
        assert_eq!(mapped.next(), None, "and again");
    });
}

#[test]
fn who_stops_asking_ends_the_threads() {
    let mapped = AtomicUsize::new(0);
    scope(|s| {
        let map = |item: u32| {
            mapped.fetch_add(1, Ordering::SeqCst);
            item
        };
        let mut results = (0..).parallel_map_scoped(s, map);
        assert_eq!(results.next(), Some(0));
    });
    assert!(mapped.into_inner() <= 2 * MOST);
}

#[test]
#[should_panic(expected = "panicked")]
fn a_panic_of_a_thread_reaches_the_one_who_asks() {
    scope(|s| {
        let map = |item: u32| {
            assert!(item < 40, "the map panicked");
            item
        };
        (0..200).parallel_map_scoped(s, map).count()
    });
}
