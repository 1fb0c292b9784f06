//! What people rely on in the judging, in words.

mod disks;
mod flapping;

use super::*;
use crate::arrays::{Consistency, Member, MemberState, SyncProgress};
use crate::ids::Bay;
use crate::reading::Reading;
use crate::settings::{HeldWhy, Layout};
use crate::snapshot::MailFailure;
use uuid::Uuid;

const ARRAY: Uuid = Uuid::from_u128(0x0a11);

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn id(bay: u8) -> DiskId {
    DiskId::from_identity(Some(&format!("0x{bay}")), "", None).unwrap()
}

fn volume() -> VolumeSettings {
    volume_of(Layout::Mirror, 2)
}

fn volume_of(layout: Layout, disks: u8) -> VolumeSettings {
    let member = |bay: u8| VolumeMember {
        disk: id(bay),
        bay: Some(Bay(bay.to_string())),
        model: "WD40EFZX".to_owned(),
        serial: format!("WX12D907{bay}"),
        size: 4_000_000_000_000,
    };
    VolumeSettings {
        layout,
        array: ARRAY,
        filesystem: Uuid::from_u128(0xf5),
        members: (1..=disks).map(member).collect(),
        spares: 0,
        leaving: Vec::new(),
        growing: false,
        unclean_start: None,
        held_out: Vec::new(),
        erase: Vec::new(),
        formatted: true,
    }
}

fn mounted(percent: u64) -> crate::snapshot::Volume {
    crate::snapshot::Volume {
        filesystem: Uuid::from_u128(0xf5),
        read_only: false,
        total: 1000,
        free: 1000 - percent * 10,
        subvolumes: Vec::new(),
    }
}

/// A mirror with these bays complete, and possibly one being filled.
fn snapshot(complete: &[u8], filling: Option<u8>) -> Snapshot {
    let disk = |bay: u8| Disk {
        id: id(bay),
        bay: Some(Bay(bay.to_string())),
        model: "WD40EFZX".to_owned(),
        serial: format!("WX12D907{bay}"),
        size: 4_000_000_000_000,
        bus: crate::disks::Bus::Scsi,
        contents: Vec::new(),
        contents_digest: String::new(),
        member_of: Some(ARRAY),
        layer: crate::disks::Layer::Open,
        partition_name: None,
    };
    let member = |bay: u8, state| Member::in_place(Some(id(bay)), state, u32::from(bay) - 1);
    let mut members: Vec<Member> = complete
        .iter()
        .map(|bay| member(*bay, MemberState::InSync))
        .collect();
    members.extend(filling.map(|bay| member(bay, MemberState::Rebuilding)));
    let array = Array {
        uuid: ARRAY,
        level: "raid1".to_owned(),
        wanted_members: 2,
        missing_members: 2_u32.saturating_sub(complete.len() as u32),
        running: !complete.is_empty(),
        size: 4_000_000_000_000,
        filesystem: None,
        members,
        sync: filling.map(|_| SyncProgress {
            action: SyncAction::Recover,
            done: 1,
            total: 2,
            checksums: None,
        }),
        consistency: Consistency::Bitmap,
    };
    Snapshot {
        disks: Reading::at(
            complete.iter().copied().chain(filling).map(disk).collect(),
            at(0),
        ),
        arrays: Reading::at(vec![array], at(0)),
        volume: Reading::at(mounted(10), at(0)),
        shares_served: Reading::at(true, at(0)),
        kernel: Reading::Absent,
    }
}

/// A box whose readings are judged one after the other.
struct Judge {
    incidents: Incidents,
    outbox: OutboxHealth,
    volume: VolumeSettings,
    health: BTreeMap<DiskId, Judgement>,
    recovery: News,
    drops: BTreeMap<DiskId, usize>,
    waits_for_consent: bool,
    starting: bool,
}

impl Judge {
    fn new() -> Self {
        Self {
            incidents: Incidents::default(),
            outbox: OutboxHealth::default(),
            volume: volume(),
            health: BTreeMap::new(),
            recovery: News::default(),
            drops: BTreeMap::new(),
            waits_for_consent: false,
            starting: false,
        }
    }

    /// The transitions as `code opened|closed [mail]`.
    fn see(&mut self, snapshot: &Snapshot, second: i64) -> Vec<String> {
        let view = View {
            snapshot,
            volume: Some(&self.volume),
            health: &self.health,
            outbox: &self.outbox,
            scrub: None,
            settings_damaged: false,
            sheet: None,
            copies: &[],
            recovery: &self.recovery,
            drops: &self.drops,
            waits_for_consent: self.waits_for_consent,
            starting: self.starting,
        };
        let (incidents, transitions) = assess(&view, &self.incidents, at(second));
        self.incidents = incidents;
        transitions
            .iter()
            .map(|transition| {
                let kind = match transition.kind {
                    TransitionKind::Opened => "opened",
                    TransitionKind::Worsened => "worsened",
                    TransitionKind::Closed => "closed",
                };
                let mail = if transition.notify { " mail" } else { "" };
                format!("{} {kind}{mail}", transition.incident.code)
            })
            .collect()
    }
}

#[test]
fn a_lost_disk_from_pull_to_repair_is_told_in_three_mails() {
    let mut judge = Judge::new();
    assert!(judge.see(&snapshot(&[1, 2], None), 0).is_empty());
    assert_eq!(
        judge.see(&snapshot(&[1], None), 10),
        ["array-degraded opened mail"]
    );
    let facts = &judge
        .incidents
        .open(IncidentCode::ArrayDegraded)
        .unwrap()
        .facts;
    assert_eq!(facts.serial.as_deref(), Some("WX12D9072"));
    assert_eq!(facts.survivors, [Bay("1".to_owned())]);

    // The disk itself is missing too, which the first mail already says.
    assert_eq!(
        judge.see(&snapshot(&[1], None), 80),
        ["disk-missing opened"]
    );
    assert!(judge.see(&snapshot(&[1], None), 90).is_empty());

    judge.volume.members[1] = VolumeMember {
        disk: id(3),
        serial: "WX12D9073".to_owned(),
        ..judge.volume.members[1].clone()
    };
    assert_eq!(
        judge.see(&snapshot(&[1], Some(3)), 120),
        ["disk-missing closed", "array-rebuilding opened mail"]
    );
    let facts = |code| judge.incidents.open(code).unwrap().facts.serial.clone();
    let lost = facts(IncidentCode::ArrayDegraded);
    assert_eq!(
        lost.as_deref(),
        Some("WX12D9072"),
        "nobody is told to pull the new disk"
    );
    let filled = facts(IncidentCode::ArrayRebuilding);
    assert_eq!(filled.as_deref(), Some("WX12D9073"));
    assert_eq!(
        judge.see(&snapshot(&[1, 3], None), 180),
        ["array-degraded closed mail", "array-rebuilding closed"]
    );
    assert!(judge.incidents.active.is_empty());
}

#[test]
fn a_pause_for_another_disk_is_no_end_of_the_copy() {
    let mut judge = Judge::new();
    judge.see(&snapshot(&[1], None), 0);
    let begun = judge.see(&snapshot(&[1], Some(2)), 10);
    assert!(
        begun.contains(&"array-rebuilding opened mail".to_owned()),
        "{begun:?}"
    );
    let mut paused = snapshot(&[1], Some(2));
    if let Reading::Known { value, .. } = &mut paused.arrays {
        value[0].sync = None;
    }
    assert!(judge.see(&paused, 11).is_empty());
    assert!(judge.see(&snapshot(&[1], Some(2)), 12).is_empty());
    let over = judge.see(&snapshot(&[1, 2], None), 60);
    assert!(
        over.contains(&"array-rebuilding closed".to_owned()),
        "{over:?}"
    );
}

/// A double parity of four with these bays complete.
fn four(complete: &[u8]) -> Snapshot {
    let mut seen = snapshot(complete, None);
    if let Reading::Known { value, .. } = &mut seen.arrays {
        value[0].level = "raid6".to_owned();
        value[0].wanted_members = 4;
        value[0].missing_members = 4 - complete.len() as u32;
    }
    seen
}

#[test]
fn a_second_loss_is_told_as_the_graver_thing_that_it_is() {
    let mut judge = Judge::new();
    judge.volume = volume_of(Layout::DoubleParity, 4);
    assert!(judge.see(&four(&[1, 2, 3, 4]), 0).is_empty());
    assert_eq!(
        judge.see(&four(&[1, 2, 3]), 5),
        ["array-degraded opened mail"]
    );
    let left = |judge: &Judge| {
        let facts = &judge.incidents.open(IncidentCode::ArrayDegraded)?.facts;
        facts.may_still_fail
    };
    assert_eq!(left(&judge), Some(1));
    judge.incidents.active[0].state = IncidentState::Acknowledged;
    assert!(judge.see(&four(&[1, 2, 3]), 6).is_empty());
    assert_eq!(
        judge.see(&four(&[1, 3]), 7),
        ["array-degraded worsened mail"]
    );
    assert_eq!(left(&judge), Some(0));
    let incident = judge.incidents.open(IncidentCode::ArrayDegraded).unwrap();
    assert_eq!(
        incident.state,
        IncidentState::Open,
        "it was not this that was known"
    );
    assert_eq!(incident.facts.bay, Some(Bay("2".to_owned())));
    let other = OtherDisk {
        bay: Some(Bay("4".to_owned())),
        model: Some("WD40EFZX".to_owned()),
        serial: Some("WX12D9074".to_owned()),
    };
    assert_eq!(incident.facts.others, [other]);
    assert!(judge.see(&four(&[1, 3]), 8).is_empty(), "told once");
    // They came back by themselves, and may leave again.
    judge.drops.extend([(id(2), 1), (id(4), 1)]);
    assert!(judge.see(&four(&[1, 2, 3, 4]), 9).is_empty());
    assert_eq!(
        judge.see(&four(&[1, 2, 3, 4]), 9 + 120),
        ["array-degraded closed mail"]
    );
}

#[test]
fn who_has_a_spare_is_not_sent_to_the_shop_at_once() {
    let mut judge = Judge::new();
    judge.volume = volume_of(Layout::Mirror, 3);
    judge.volume.spares = 1;
    judge.see(&snapshot(&[1, 2], Some(3)), 0);
    let told = judge.see(&snapshot(&[1], Some(3)), 5);
    assert!(
        told.contains(&"array-degraded opened mail".to_owned()),
        "{told:?}"
    );
    let by_itself = |judge: &Judge| {
        let facts = &judge
            .incidents
            .open(IncidentCode::ArrayDegraded)
            .unwrap()
            .facts;
        (facts.spare, facts.serial.clone())
    };
    assert_eq!(by_itself(&judge), (true, Some("WX12D9072".to_owned())));
    // It is filled for good: there is nothing to wait for.
    let told = judge.see(&snapshot(&[1, 3], None), 12);
    assert!(
        told.contains(&"array-degraded closed mail".to_owned()),
        "{told:?}"
    );
    // Another is lost, and nothing is in reserve any more.
    judge.see(&snapshot(&[3], None), 15);
    assert!(!by_itself(&judge).0);
}

#[test]
fn whoever_is_waited_for_is_told_although_it_was_told_that_nothing_is_readable() {
    let mut judge = Judge::new();
    assert!(judge.see(&snapshot(&[], None), 0).is_empty());
    let told = judge.see(&snapshot(&[], None), 46);
    assert_eq!(told[0], "array-failed opened mail");
    assert!(told[1..].iter().all(|told| !told.ends_with("mail")));
    judge.waits_for_consent = true;
    assert_eq!(
        judge.see(&snapshot(&[], None), 50),
        ["array-failed worsened mail"]
    );
    assert!(judge.see(&snapshot(&[], None), 55).is_empty(), "once");
}

#[test]
fn an_array_that_is_being_started_has_not_failed_yet() {
    let mut judge = Judge::new();
    assert!(judge.see(&snapshot(&[], None), 0).is_empty());
    judge.starting = true;
    let told = judge.see(&snapshot(&[], None), 46);
    assert!(
        !told.iter().any(|told| told.contains("array-failed")),
        "told while it starts: {told:?}"
    );
    // The start ended without the array.
    judge.starting = false;
    judge.waits_for_consent = true;
    let told = judge.see(&snapshot(&[], None), 50);
    assert_eq!(
        told[0], "array-failed opened mail",
        "once, with what it asks"
    );
    assert!(judge.see(&snapshot(&[], None), 55).is_empty());
    let failed = judge.incidents.open(IncidentCode::ArrayFailed).unwrap();
    assert!(failed.facts.waits_for_consent);
}

#[test]
fn a_disk_that_is_being_added_is_no_disk_that_failed() {
    let mut judge = Judge::new();
    judge.volume = volume_of(Layout::Mirror, 2);
    judge.volume.growing = true;
    assert!(judge.see(&snapshot(&[1], Some(2)), 0).is_empty());
    // But one that is lost meanwhile is.
    assert_eq!(
        judge.see(&snapshot(&[1], None), 5),
        ["array-degraded opened mail"]
    );
}

#[test]
fn silence_neither_opens_nor_closes() {
    let mut judge = Judge::new();
    judge.see(&snapshot(&[1], None), 0);
    let unreadable = Snapshot {
        disks: Reading::Unreadable {
            reason: "lsblk".to_owned(),
        },
        arrays: Reading::Unreadable {
            reason: "sysfs".to_owned(),
        },
        ..snapshot(&[1, 2], None)
    };
    assert!(judge.see(&unreadable, 100).is_empty());
    assert!(judge.incidents.open(IncidentCode::ArrayDegraded).is_some());
}

#[test]
fn an_array_that_never_appears_is_failed_but_one_that_is_late_is_not() {
    let gone = Snapshot {
        arrays: Reading::at(Vec::new(), at(0)),
        disks: Reading::at(Vec::new(), at(0)),
        ..snapshot(&[1, 2], None)
    };
    let mut late = Judge::new();
    assert!(late.see(&gone, 0).is_empty());
    assert!(late.see(&snapshot(&[1, 2], None), 20).is_empty());

    let mut never = Judge::new();
    never.see(&gone, 0);
    let said = never.see(&gone, 50);
    assert!(
        said.contains(&"array-failed opened mail".to_owned()),
        "{said:?}"
    );
}

/// The mounted volume, so many hundredths full.
fn filled(percent: u64) -> Snapshot {
    Snapshot {
        volume: Reading::at(mounted(percent), at(0)),
        ..snapshot(&[1, 2], None)
    }
}

#[test]
fn a_volume_that_fills_up_is_told_at_85_and_at_95_percent_and_not_at_each_file() {
    let mut judge = Judge::new();
    assert!(judge.see(&filled(84), 0).is_empty());
    assert!(
        judge.see(&filled(86), 10).is_empty(),
        "a copy may be deleted"
    );
    assert_eq!(judge.see(&filled(86), 320), ["volume-filling opened mail"]);
    assert!(judge.see(&filled(83), 400).is_empty());
    assert!(judge.see(&filled(86), 500).is_empty());
    assert!(judge.see(&filled(96), 600).is_empty());
    assert_eq!(judge.see(&filled(96), 700), ["volume-full opened mail"]);
    let facts = &judge
        .incidents
        .open(IncidentCode::VolumeFull)
        .unwrap()
        .facts;
    assert_eq!(facts.free, Some(40));
    assert!(judge.see(&filled(93), 800).is_empty());
    assert_eq!(judge.see(&filled(91), 900), ["volume-full closed mail"]);
    assert_eq!(judge.see(&filled(79), 1000), ["volume-filling closed mail"]);
}

#[test]
fn a_volume_that_is_nearly_full_at_once_is_told_in_one_mail() {
    let mut judge = Judge::new();
    judge.see(&filled(97), 0);
    assert_eq!(judge.see(&filled(97), 60), ["volume-full opened mail"]);
    assert_eq!(judge.see(&filled(97), 400), ["volume-filling opened"]);
}

#[test]
fn a_volume_that_takes_no_writes_or_is_not_mounted_is_offline() {
    let mut judge = Judge::new();
    let mut read_only = filled(10);
    if let Reading::Known { value, .. } = &mut read_only.volume {
        value.read_only = true;
    }
    judge.see(&read_only, 0);
    assert_eq!(judge.see(&read_only, 90), ["volume-offline opened mail"]);
    assert_eq!(judge.see(&filled(10), 100), ["volume-offline closed mail"]);

    let unmounted = Snapshot {
        volume: Reading::Absent,
        ..snapshot(&[1, 2], None)
    };
    judge.see(&unmounted, 200);
    assert!(
        judge.see(&filled(10), 230).is_empty(),
        "it was being mounted"
    );
    judge.see(&unmounted, 300);
    assert_eq!(judge.see(&unmounted, 390), ["volume-offline opened mail"]);
    let hung = Snapshot {
        volume: Reading::Unreadable {
            reason: "the volume does not answer".to_owned(),
        },
        ..snapshot(&[1, 2], None)
    };
    assert!(judge.see(&hung, 500).is_empty());
}

#[test]
fn a_disk_that_is_held_out_is_told_once_and_why() {
    for (why, code) in [
        (HeldWhy::Flapping, IncidentCode::DiskFlapping),
        (HeldWhy::Diverged, IncidentCode::DiskDiverged),
    ] {
        let mut judge = Judge::new();
        let there = filled(10);
        judge.volume = crate::plan::hold_out(&judge.volume, &id(2), why).unwrap();
        assert_eq!(judge.see(&there, 0), [format!("{code} opened mail")]);
        assert!(judge.see(&there, 60).is_empty());
        let facts = &judge.incidents.open(code).unwrap().facts;
        assert_eq!(facts.serial.as_deref(), Some("WX12D9072"));
        judge.volume.held_out.clear();
        assert_eq!(judge.see(&there, 120), [format!("{code} closed")]);
    }
}

#[test]
fn mails_that_do_not_leave_are_told_on_the_page_alone() {
    let mut judge = Judge::new();
    let fine = snapshot(&[1, 2], None);
    judge.outbox = OutboxHealth {
        waiting_since: Some(at(0)),
        last_failure: Some(MailFailure::Unreachable),
    };
    assert!(judge.see(&fine, 60).is_empty());
    assert_eq!(judge.see(&fine, 16 * 60), ["mail-undeliverable opened"]);
    judge.outbox = OutboxHealth::default();
    assert_eq!(judge.see(&fine, 17 * 60), ["mail-undeliverable closed"]);

    judge.outbox.last_failure = Some(MailFailure::LoginRefused);
    assert_eq!(judge.see(&fine, 18 * 60), ["mail-undeliverable opened"]);
}

#[test]
fn a_clock_that_jumps_back_does_not_hold_an_incident() {
    let gone = Snapshot {
        arrays: Reading::at(Vec::new(), at(0)),
        ..snapshot(&[1, 2], None)
    };
    let mut judge = Judge::new();
    judge.see(&gone, 1_000_000);
    judge.see(&gone, 0);
    assert_eq!(judge.see(&gone, 50), ["array-failed opened mail"]);
}

/// Any sequence of readings: what is open is opened once and closed once, in turn,
/// and nothing changes on a reading that says nothing.
#[test]
fn random_histories_open_and_close_in_turn() {
    for seed in 1..500_u64 {
        let mut random = seed;
        let mut next = move |bound: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            random % bound
        };
        let mut judge = Judge::new();
        let mut open: Vec<String> = Vec::new();
        let mut second = 0;
        for _ in 0..60 {
            second += next(40) as i64;
            let mut seen = match next(4) {
                0 => snapshot(&[1, 2], None),
                1 => snapshot(&[1], None),
                2 => snapshot(&[2], Some(1)),
                _ => snapshot(&[], None),
            };
            let silent = next(5) == 0;
            if silent {
                let reason = || "test".to_owned();
                seen.arrays = Reading::Unreadable { reason: reason() };
                seen.disks = Reading::Unreadable { reason: reason() };
            }
            let before = judge.incidents.clone();
            for line in judge.see(&seen, second) {
                let (code, kind) = line.split_once(' ').unwrap();
                if kind.starts_with("opened") {
                    open.push(code.to_owned());
                } else {
                    let place = open.iter().position(|name| name == code);
                    assert!(
                        place.is_some(),
                        "seed {seed}: {code} closed but was not open"
                    );
                    open.remove(place.unwrap());
                }
            }
            if silent {
                assert_eq!(
                    judge.incidents, before,
                    "seed {seed}: silence changed something"
                );
            }
        }
    }
}
