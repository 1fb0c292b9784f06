//! What must still be there after a restart.

use super::*;
use crate::testing::Folder;
use jiff::Timestamp;
use preau_domain::incidents::{
    Facts, Incident, IncidentCode, IncidentState, Transition, TransitionKind,
};
use preau_domain::snapshot::MailFailure;
use std::collections::BTreeSet;

fn incident(number: u64, state: IncidentState) -> Incident {
    let at = Timestamp::UNIX_EPOCH;
    Incident {
        number,
        code: IncidentCode::ArrayDegraded,
        subject: "array".to_owned(),
        state,
        seen_at: at,
        since: at,
        opened_at: Some(at),
        closed_at: None,
        announced: true,
        told: None,
        worse_at: None,
        facts: Facts::default(),
    }
}

fn opened(number: u64) -> Transition {
    Transition {
        kind: TransitionKind::Opened,
        incident: incident(number, IncidentState::Open),
        notify: true,
    }
}

fn both() -> Vec<String> {
    vec!["a@x.fr".to_owned(), "b@x.fr".to_owned()]
}

#[tokio::test]
async fn an_incident_and_its_mails_outlive_a_restart_and_are_queued_once() {
    let folder = Folder::new("store");
    let path = folder.path().join("history.sqlite");
    let now = Timestamp::UNIX_EPOCH;
    {
        let store = Store::open(&path).unwrap();
        store.record(vec![opened(1)], both(), now).await.unwrap();
        store.record(vec![opened(1)], both(), now).await.unwrap();
    }
    let store = Store::open(&path).unwrap();
    let active = store.active_incidents().await.unwrap();
    assert_eq!(active.next_number, 2);
    assert_eq!(active.active, vec![incident(1, IncidentState::Open)]);
    let recipients: BTreeSet<String> = both().into_iter().collect();
    let waiting = store.waiting_mails(recipients.clone()).await.unwrap();
    assert_eq!(waiting.len(), 2);

    let refused = Delivery::Failed(MailFailure::RecipientRefused);
    store.tried(waiting[0].id, Delivery::Taken).await.unwrap();
    store.tried(waiting[1].id, refused).await.unwrap();
    let state = store.outbox().await.unwrap();
    assert_eq!(state.waiting, 1);
    assert_eq!(
        state.health.last_failure,
        Some(MailFailure::RecipientRefused)
    );

    // The recipient was taken off the list.
    let waiting = store.waiting_mails(BTreeSet::new()).await.unwrap();
    assert!(waiting.is_empty());
    assert_eq!(store.outbox().await.unwrap(), OutboxState::default());
}

#[tokio::test]
async fn closed_incidents_are_history() {
    let folder = Folder::new("store-closed");
    let store = Store::open(&folder.path().join("history.sqlite")).unwrap();
    let closed = Transition {
        kind: TransitionKind::Closed,
        incident: incident(1, IncidentState::Closed),
        notify: false,
    };
    let now = Timestamp::UNIX_EPOCH;
    store.record(vec![opened(1)], both(), now).await.unwrap();
    store.record(vec![closed], both(), now).await.unwrap();
    let active = store.active_incidents().await.unwrap();
    assert_eq!((active.next_number, active.active.len()), (2, 0));
    assert_eq!(store.latest_incidents(10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_box_keeps_its_identity() {
    let folder = Folder::new("store-id");
    let path = folder.path().join("history.sqlite");
    let id = Store::open(&path).unwrap().box_id().await.unwrap();
    assert_eq!(id.len(), 16);
    assert_eq!(Store::open(&path).unwrap().box_id().await.unwrap(), id);
}
