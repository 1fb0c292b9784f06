//! A worker that is under way: what it says, and what may be told to it.

use preau_offsite_job::{Event, Order};
use tokio::sync::mpsc;

/// Events come about once a second; whoever listens is never so far behind.
const ROOM: usize = 64;

/// The handle of a worker. Dropped, the worker is ended.
#[derive(Debug)]
pub struct Worker {
    events: mpsc::Receiver<Event>,
    orders: mpsc::Sender<Order>,
}

/// The other end: what drives the worker.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) events: mpsc::Sender<Event>,
    pub(crate) orders: mpsc::Receiver<Order>,
}

/// What came of handing something on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said {
    /// Somebody hears it.
    Heard,
    /// Nobody listens any more.
    Unheard,
}

impl Worker {
    /// A handle, and its other end.
    pub(crate) fn pair() -> (Self, Conversation) {
        let (to_listener, events) = mpsc::channel(ROOM);
        let (orders, to_driver) = mpsc::channel(ROOM);
        let conversation = Conversation {
            events: to_listener,
            orders: to_driver,
        };
        (Self { events, orders }, conversation)
    }

    /// What it says next; `None` once it has ended.
    pub async fn next(&mut self) -> Option<Event> {
        self.events.recv().await
    }

    /// Tells it something. One that has ended does not hear it.
    pub async fn tell(&self, order: Order) {
        // It may have ended a moment ago.
        let _ = self.orders.send(order).await;
    }
}

impl Conversation {
    pub(crate) async fn say(&self, event: Event) -> Said {
        match self.events.send(event).await {
            Ok(()) => Said::Heard,
            Err(_) => Said::Unheard,
        }
    }
}
