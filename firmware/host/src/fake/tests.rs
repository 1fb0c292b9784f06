//! The contract on the fake, and what only the fake can show.

use super::*;
use crate::contract::{self, Hands};
use preau_domain::health::{Percent, SelfTestOutcome, SelfTestState, Verdict, judge};
use preau_domain::layouts::Layout;
use preau_domain::plan::{Start, Step, partition_name};
use preau_domain::settings::EraseConsent;
use uuid::Uuid;

/// The fake has no kernel that could be brought back to blank; its hands do it.
impl Hands for FakeMachine {
    async fn start_over(&self) -> Vec<DiskId> {
        self.change(|state| *state = State::default());
        (1..=5)
            .map(|bay| self.insert_blank(&bay.to_string()))
            .collect()
    }

    async fn pull(&self, disk: &DiskId) {
        FakeMachine::pull(self, disk);
    }

    async fn insert(&self, disk: &DiskId) {
        FakeMachine::insert(self, disk);
    }

    async fn write_something(&self, disk: &DiskId) {
        let found = Content {
            kind: "ext4".to_owned(),
            label: Some("photos".to_owned()),
            size: DISK_SIZE,
        };
        self.write_contents(disk, vec![found]);
    }

    async fn restart(&self) {
        self.cut_power();
    }

    async fn finish_copying(&self) {
        self.tick_rebuild(100);
    }
}

#[tokio::test]
async fn the_fake_machine_keeps_the_contract() {
    let machine = FakeMachine::new();
    contract::tell_all(&machine, &machine).await;
    contract::copies::tell_all(&machine, &machine).await;
}

async fn mirror() -> (FakeMachine, Vec<DiskId>, Uuid, Uuid) {
    let machine = FakeMachine::new();
    let disks = machine.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    for disk in &disks[..2] {
        let serial = machine
            .state()
            .kernel
            .disk_mut(disk)
            .map(|disk| disk.serial.clone());
        let consent = EraseConsent {
            disk: disk.clone(),
            serial: serial.unwrap(),
            contents_digest: None,
        };
        let step = Step::PreparePartition {
            consent,
            partition_name: partition_name(array),
        };
        machine.apply(&step).await.unwrap();
    }
    let members = disks[..2].to_vec();
    for step in [
        Step::OpenLayers {
            array,
            disks: members.clone(),
        },
        Step::CreateArray {
            array,
            layout: Layout::Mirror,
            disks: members,
            spares: Vec::new(),
        },
        Step::Format { array, filesystem },
        Step::Mount { filesystem },
    ] {
        machine.apply(&step).await.unwrap();
    }
    (machine, disks, array, filesystem)
}

fn assemble(array: Uuid, disks: &[DiskId], start: Start) -> Step {
    Step::Assemble {
        array,
        disks: disks.to_vec(),
        start,
    }
}

/// Opens what can be opened: a disk that is not there, or was never prepared, does not
/// keep the others closed.
async fn open(machine: &FakeMachine, array: Uuid, disks: &[DiskId]) {
    let disks = disks.to_vec();
    let _ = machine.apply(&Step::OpenLayers { array, disks }).await;
}

#[tokio::test]
async fn a_power_cut_forgets_the_running_array_and_keeps_what_is_on_disks() {
    let (machine, disks, array, filesystem) = mirror().await;
    machine.write_share_config("École", &[]).await.unwrap();
    machine.cut_power();
    let found = machine.observe(Timestamp::UNIX_EPOCH).await;
    assert_eq!(found.arrays.known().map(Vec::len), Some(0));
    assert_eq!(found.volume, Reading::Absent);
    assert_eq!(machine.share_config(), None);
    open(&machine, array, &disks).await;
    let step = assemble(array, &disks, Start::Whole);
    assert_eq!(machine.apply(&step).await.unwrap(), Change::Changed);
    let mount = Step::Mount { filesystem };
    assert_eq!(machine.apply(&mount).await.unwrap(), Change::Changed);
}

#[tokio::test]
async fn a_member_that_missed_something_is_left_out_of_the_next_start() {
    let (machine, disks, array, _) = mirror().await;
    machine.pull(&disks[1]);
    machine.cut_power();
    machine.insert(&disks[1]);
    open(&machine, array, &disks).await;
    let step = assemble(array, &disks, Start::Whole);
    machine.apply(&step).await.unwrap();
    let found = machine.observe(Timestamp::UNIX_EPOCH).await;
    let found = &found.arrays.known().unwrap()[0];
    assert_eq!(found.missing_members, 1);
    assert_eq!(found.disks_in_sync().collect::<Vec<_>>(), [&disks[0]]);
}

#[tokio::test]
async fn a_start_with_a_missing_disk_must_be_asked_for() {
    let (machine, disks, array, _) = mirror().await;
    machine.cut_power();
    machine.pull(&disks[1]);
    open(&machine, array, &disks).await;
    let start = |start| assemble(array, &disks, start);
    let patient = machine.apply(&start(Start::Whole)).await;
    assert!(matches!(patient, Err(HostError::Missing(_))));
    let degraded = machine.apply(&start(Start::Degraded)).await;
    assert!(matches!(degraded, Ok(Change::Changed)));
}

#[tokio::test]
async fn an_array_that_lost_both_disks_runs_no_more() {
    let (machine, disks, _, _) = mirror().await;
    machine.pull(&disks[0]);
    machine.pull(&disks[1]);
    let found = machine.observe(Timestamp::UNIX_EPOCH).await;
    assert!(!found.arrays.known().unwrap()[0].running);
    assert!(found.volume.known().unwrap().read_only);
}

#[tokio::test]
async fn a_disk_that_is_too_small_is_refused_a_place() {
    let (machine, disks, array, _) = mirror().await;
    machine.pull(&disks[1]);
    machine
        .apply(&Step::ForgetDetached { array })
        .await
        .unwrap();
    let small = machine.insert_blank_of("2", DISK_SIZE / 2);
    machine.change(|state| {
        let disk = state.kernel.disk_mut(&small).unwrap();
        disk.partition_name = Some(partition_name(array));
        disk.layer = preau_domain::disks::Layer::Open;
    });
    let step = Step::AddMember { array, disk: small };
    let answer = machine.apply(&step).await;
    assert!(
        matches!(answer, Err(HostError::TooSmall { .. })),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_rebuild_shows_its_progress() {
    let (machine, _, _, _) = mirror().await;
    machine.tick_rebuild(40);
    let found = machine.observe(Timestamp::UNIX_EPOCH).await;
    let sync = found.arrays.known().unwrap()[0].sync.unwrap();
    assert_eq!(sync.percent(), 39, "rounded down");
    machine.tick_rebuild(100);
    let found = machine.observe(Timestamp::UNIX_EPOCH).await;
    assert_eq!(found.arrays.known().unwrap()[0].sync, None);
}

async fn visit(machine: &FakeMachine, disk: &DiskId) -> Visit {
    let visits = machine.survey(Timestamp::UNIX_EPOCH).await.unwrap();
    visits.get(disk).unwrap().clone()
}

async fn verdict(machine: &FakeMachine, disk: &DiskId) -> Verdict {
    let visit = visit(machine, disk).await;
    let reading = visit.reading(Timestamp::UNIX_EPOCH).unwrap();
    judge(&[reading], Timestamp::UNIX_EPOCH).verdict
}

#[tokio::test]
async fn a_disk_is_judged_by_how_it_was_made() {
    let (machine, disks, _, _) = mirror().await;
    let disk = &disks[0];
    assert_eq!(verdict(&machine, disk).await, Verdict::Healthy);
    machine.make_failing(disk, 40);
    assert_eq!(verdict(&machine, disk).await, Verdict::ReplaceSoon);
    machine.let_disk_say(disk, OwnVerdict::Failed);
    assert_eq!(verdict(&machine, disk).await, Verdict::Failed);
    assert_eq!(verdict(&machine, &disks[1]).await, Verdict::Healthy);

    machine.heat_to(&disks[1], 61);
    assert_eq!(verdict(&machine, &disks[1]).await, Verdict::Watch);
    machine.silence(disk);
    assert_eq!(verdict(&machine, disk).await, Verdict::Unreadable);
    machine.put_to_sleep(disk);
    assert_eq!(visit(&machine, disk).await, Visit::Asleep);
    machine.take_smart_away(disk);
    assert_eq!(verdict(&machine, disk).await, Verdict::Healthy);
}

#[tokio::test]
async fn a_self_test_runs_until_it_is_over_and_finds_what_there_is() {
    let (machine, disks, _, _) = mirror().await;
    let disk = &disks[0];
    let start = async || {
        let kind = SelfTestKind::Short;
        machine.start_self_test(disk, kind).await.unwrap()
    };
    let log = async || match visit(&machine, disk).await {
        Visit::Told(report) => report.self_tests.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(start().await, Change::Changed);
    assert_eq!(start().await, Change::Unchanged);
    machine.tick_self_test(disk, 50);
    let Visit::Told(report) = visit(&machine, disk).await else {
        panic!("it answers");
    };
    let done = Percent(50);
    assert_eq!(report.self_test, SelfTestState::Running { done });
    machine.tick_self_test(disk, 100);
    assert_eq!(log().await[0].outcome, SelfTestOutcome::Passed);

    machine.make_failing(disk, 1);
    start().await;
    machine.tick_self_test(disk, 100);
    assert_eq!(log().await[0].outcome, SelfTestOutcome::Failed);

    start().await;
    let ended = machine.abort_self_test(disk).await.unwrap();
    assert_eq!(ended, Change::Changed);
    assert_eq!(log().await[0].outcome, SelfTestOutcome::Unfinished);
    let ended = machine.abort_self_test(disk).await.unwrap();
    assert_eq!(ended, Change::Unchanged);
}

#[tokio::test]
async fn a_change_between_two_waits_is_not_missed() {
    let machine = FakeMachine::new();
    machine.insert_blank("1");
    machine.changed().await;
}

/// A double parity of four disks, whole.
async fn four() -> (FakeMachine, Vec<DiskId>, Uuid) {
    let machine = FakeMachine::new();
    let disks = machine.start_over().await;
    let array = Uuid::new_v4();
    machine.change(|state| {
        for disk in &mut state.kernel.disks {
            disk.partition_name = Some(partition_name(array));
            disk.layer = preau_domain::disks::Layer::Open;
        }
    });
    let create = Step::CreateArray {
        array,
        layout: Layout::DoubleParity,
        disks: disks[..4].to_vec(),
        spares: Vec::new(),
    };
    machine.apply(&create).await.unwrap();
    machine.tick_rebuild(100);
    (machine, disks, array)
}

#[tokio::test]
async fn a_half_written_array_without_all_its_members_is_started_only_by_force() {
    let (machine, disks, array) = four().await;
    machine.cut_power_while_writing();
    machine.pull(&disks[0]);
    machine.pull(&disks[1]);
    open(&machine, array, &disks).await;
    let start = |start| assemble(array, &disks, start);
    let answer = machine.apply(&start(Start::Degraded)).await;
    assert!(
        matches!(answer, Err(HostError::Unclean { .. })),
        "{answer:?}"
    );
    assert!(machine.apply(&start(Start::Unclean)).await.is_ok());
}

#[tokio::test]
async fn what_lies_on_the_disks_is_recoverable_until_one_too_many_is_erased() {
    let (machine, disks, array) = four().await;
    machine.pull(&disks[0]);
    machine.cut_power();
    machine.pull(&disks[1]);
    machine.pull(&disks[2]);
    assert!(machine.is_recoverable(array), "in somebody's hand");
    machine.change(|state| state.kernel.disk_mut(&disks[3]).unwrap().superblock = None);
    assert!(machine.is_recoverable(array));
    machine.change(|state| state.kernel.disk_mut(&disks[2]).unwrap().superblock = None);
    assert!(!machine.is_recoverable(array));
}
