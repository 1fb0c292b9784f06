//! A disk that comes and goes.

use super::*;

const ONE_LEFT: &[u8] = &[1];
const WHOLE: &[u8] = &[1, 2];

/// What is said of the array; that the disk is missing as well says nothing more.
fn see(judge: &mut Judge, complete: &[u8], second: i64) -> Vec<String> {
    let said = judge.see(&snapshot(complete, None), second);
    said.into_iter()
        .filter(|line| !line.starts_with("disk-missing"))
        .collect()
}

#[test]
fn a_disk_that_comes_and_goes_is_told_in_two_mails() {
    let mut judge = Judge::new();
    see(&mut judge, WHOLE, 0);
    let opened = see(&mut judge, ONE_LEFT, 10);
    assert_eq!(opened, ["array-degraded opened mail"]);
    judge.drops.insert(id(2), 1);
    // Back, and gone again before that could be believed.
    assert!(see(&mut judge, WHOLE, 30).is_empty());
    assert!(judge.incidents.active.iter().all(|it| !it.is_shown()));
    judge.drops.insert(id(2), 2);
    assert!(see(&mut judge, ONE_LEFT, 60).is_empty());
    assert!(judge.incidents.active.iter().any(Incident::is_shown));
    assert!(see(&mut judge, WHOLE, 90).is_empty());
    // The third time it is held out, which says all of it.
    judge.drops.insert(id(2), 3);
    judge.volume = crate::plan::hold_out(&judge.volume, &id(2), HeldWhy::Flapping).unwrap();
    let held = see(&mut judge, ONE_LEFT, 120);
    assert_eq!(held, ["disk-flapping opened mail"]);
    for minute in 3..200 {
        let said = see(&mut judge, ONE_LEFT, minute * 60);
        assert!(said.iter().all(|line| !line.ends_with("mail")), "{said:?}");
    }
}

#[test]
fn a_disk_that_was_held_out_and_is_let_back_in_closes_what_its_first_loss_opened() {
    let mut judge = Judge::new();
    see(&mut judge, WHOLE, 0);
    see(&mut judge, ONE_LEFT, 10);
    judge.drops.insert(id(2), 2);
    see(&mut judge, ONE_LEFT, 30);
    see(&mut judge, WHOLE, 60);
    // Held out before md has noticed that it is gone.
    judge.drops.insert(id(2), 3);
    let free = judge.volume.clone();
    judge.volume = crate::plan::hold_out(&free, &id(2), HeldWhy::Flapping).unwrap();
    assert_eq!(see(&mut judge, WHOLE, 70), ["disk-flapping opened mail"]);
    assert!(see(&mut judge, ONE_LEFT, 71).is_empty());
    judge.volume = free;
    let back_in = see(&mut judge, ONE_LEFT, 100);
    assert!(
        !back_in.iter().any(|line| line.contains("degraded")),
        "{back_in:?}"
    );
    see(&mut judge, WHOLE, 110);
    let over = see(&mut judge, WHOLE, 110 + 120);
    assert!(
        over.contains(&"array-degraded closed mail".to_owned()),
        "{over:?}"
    );
}

#[test]
fn a_second_loss_of_the_same_disk_is_told_when_it_lasts_and_not_before() {
    let mut judge = Judge::new();
    see(&mut judge, ONE_LEFT, 0);
    judge.drops.insert(id(2), 1);
    see(&mut judge, WHOLE, 60);
    let over = see(&mut judge, WHOLE, 60 + 120);
    assert_eq!(over, ["array-degraded closed mail"]);
    judge.drops.insert(id(2), 2);
    let again = see(&mut judge, ONE_LEFT, 600);
    assert_eq!(again, ["array-degraded opened"], "on the page at once");
    assert!(see(&mut judge, ONE_LEFT, 700).is_empty());
    let lasts = see(&mut judge, ONE_LEFT, 720);
    assert_eq!(lasts, ["array-degraded opened mail"]);
    let back = see(&mut judge, WHOLE, 800);
    assert!(back.is_empty());
    let over = see(&mut judge, WHOLE, 920);
    assert_eq!(over, ["array-degraded closed mail"]);
}

#[test]
fn a_place_that_is_filled_for_the_first_time_needs_no_patience() {
    let mut judge = Judge::new();
    see(&mut judge, ONE_LEFT, 0);
    // Nobody saw the disk leave: it is a new one, or the box was off meanwhile.
    let over = see(&mut judge, WHOLE, 60);
    assert_eq!(over, ["array-degraded closed mail"]);
}

#[test]
fn what_nobody_was_told_of_ends_without_a_mail() {
    let mut judge = Judge::new();
    judge.drops.insert(id(2), 2);
    see(&mut judge, ONE_LEFT, 0);
    see(&mut judge, WHOLE, 60);
    let over = see(&mut judge, WHOLE, 180);
    assert_eq!(over, ["array-degraded closed"]);
}

#[test]
fn the_loss_of_another_disk_is_told_at_once() {
    let mut judge = Judge::new();
    see(&mut judge, ONE_LEFT, 0);
    judge.drops.insert(id(2), 1);
    see(&mut judge, WHOLE, 60);
    let other = see(&mut judge, &[2], 90);
    let expected = ["array-degraded closed mail", "array-degraded opened mail"];
    assert_eq!(other, expected);
    let told = judge.incidents.open(IncidentCode::ArrayDegraded).unwrap();
    assert_eq!(told.facts.serial.as_deref(), Some("WX12D9071"));
}

#[test]
fn a_disk_that_leaves_again_before_md_has_noticed_is_no_disk_that_stayed() {
    let mut judge = Judge::new();
    see(&mut judge, WHOLE, 0);
    see(&mut judge, ONE_LEFT, 10);
    judge.drops.insert(id(2), 1);
    see(&mut judge, WHOLE, 20);
    // The disk is gone; md has yet to find that out.
    let mut seen = snapshot(ONE_LEFT, None);
    if let Reading::Known { value, .. } = &mut seen.arrays {
        value[0].missing_members = 0;
    }
    let said = judge.see(&seen, 30);
    assert!(
        !said.iter().any(|line| line.contains("degraded")),
        "{said:?}"
    );
    assert!(see(&mut judge, ONE_LEFT, 31).is_empty());
}
