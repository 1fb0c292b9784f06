//! The stories about people: who may come in, and what a stranger is shown.

use super::{Hands, changes, make_mirror, observe};
use crate::system::{Change, HostError, System};
use preau_domain::plan::Step;
use preau_domain::settings::{Person, Role};
use uuid::Uuid;

/// Shown as often as asked for, written once, removed once.
pub async fn the_code_is_shown_until_the_box_has_an_owner(system: &impl System) {
    let show = async |notice| {
        let shown = system.show_claim_code(notice).await;
        shown.expect("the notice is kept")
    };
    show(None).await;
    let notice = Some("Code du boîtier : ABCD-EFGH\nhttps://preau.local");
    assert_eq!(show(notice).await, Change::Changed);
    assert_eq!(show(notice).await, Change::Unchanged);
    assert_eq!(show(None).await, Change::Changed);
    assert_eq!(show(None).await, Change::Unchanged);
}

/// From accounts to a running service, which it leaves running.
pub async fn shares_are_served_to_people_with_a_password(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    make_mirror(system, &disks[..2], Uuid::new_v4(), Uuid::new_v4()).await;
    let person = |login: &str, uid| Person {
        login: login.to_owned(),
        display_name: format!("Mme É. {login}"),
        uid,
        role: Role::Member,
    };
    let both = [person("elodie", 10_000), person("marie", 10_001)];
    system
        .keep_accounts(&both)
        .await
        .expect("accounts are kept");
    let again = system.keep_accounts(&both).await;
    assert!(matches!(again, Ok(Change::Unchanged)), "{again:?}");
    let nobody = system.set_share_password("nobody-here", "secret").await;
    assert!(matches!(nobody, Err(HostError::Missing(_))), "{nobody:?}");
    for person in &both {
        let set = system
            .set_share_password(&person.login, "dix mots à l'abri")
            .await;
        set.expect("a password is set");
    }
    let passwords = system.share_passwords().await.expect("they are told");
    assert_eq!(passwords.lines().count(), 2);
    let one = &both[..1];
    let left = system.keep_accounts(one).await;
    assert!(matches!(left, Ok(Change::Changed)), "{left:?}");
    let fewer = system.share_passwords().await.expect("they are told");
    assert_eq!(fewer.lines().count(), 1, "the other password is forgotten");
    let restored = system.restore_share_passwords(&passwords).await;
    restored.expect("those with an account are taken over");
    let restored = system.share_passwords().await.expect("they are told");
    assert_eq!(restored, fewer, "nobody without an account is");
    let name = "École Jules-Ferry";
    let written = system.write_share_config(name, one).await;
    written.expect("the configuration is written");
    let again = system.write_share_config(name, one).await;
    assert!(matches!(again, Ok(Change::Unchanged)), "{again:?}");
    changes(system, &Step::ServeShares).await;
    let found = observe(system).await;
    assert_eq!(found.shares_served.known(), Some(&true));
    let renamed = system.write_share_config("École", one).await;
    assert!(matches!(renamed, Ok(Change::Changed)), "{renamed:?}");
}
