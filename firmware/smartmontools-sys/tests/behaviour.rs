//! What the library makes of disks that sleep, fail, wear out or lack something.

// What a test's helper cannot unwrap is the test's failure.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::{attribute, disk_with, healthy_disk, open, recorded_nvme};
use smartmontools_sys::recording::pages;
use smartmontools_sys::recording::smartctl::{self, Recording};
use smartmontools_sys::recording::{Log, dump};
use smartmontools_sys::{
    Basis, Bus, Cause, Celsius, Concern, Device, Health, Percent, SelfTest, SelfTestOutcome,
    SelfTestState, SmartSupport, Survey, scan,
};

#[test]
fn a_sleeping_disk_is_asked_for_its_power_mode_and_nothing_else() {
    let mut disk = healthy_disk();
    disk.power = 0x00;
    let recording = disk.clone();
    let survey = open(disk).survey().unwrap();
    assert!(matches!(survey, Survey::Asleep(_)));
    let asked: Vec<u8> = recording.asked().iter().map(|one| one.command).collect();
    assert_eq!(asked, [0xe5]);
}

#[test]
fn a_survey_reads_all_of_a_disk_that_is_awake() {
    let Survey::Awake(report) = open(healthy_disk()).survey().unwrap() else {
        panic!("asleep");
    };
    assert_eq!(report.identity.model, "Imaginary Disk");
    assert_eq!(report.health.unwrap(), Health::Passed(Basis::SmartStatus));
    assert_eq!(report.temperature, Some(Celsius(33)));
    assert_eq!(report.self_test.unwrap(), SelfTestState::Idle);
}

#[test]
fn a_disk_that_says_it_fails_is_failing_and_the_attribute_is_named() {
    let mut disk = disk_with(&[attribute(5, 3, 10, 4_000)]);
    disk.passes = Some(false);
    let Health::Failing(basis, concerns) = open(disk).health().unwrap() else {
        panic!("passed");
    };
    assert_eq!(basis, Basis::SmartStatus);
    let name = "Reallocated_Sector_Ct".to_owned();
    let expected = [Concern::SaysSo, Concern::Attribute { id: 5, name }];
    assert_eq!(concerns, expected);
}

#[test]
fn behind_a_bridge_that_drops_registers_the_attributes_decide() {
    let mut well = healthy_disk();
    well.passes = None;
    let health = open(well).health().unwrap();
    assert_eq!(health, Health::Passed(Basis::Attributes));

    let mut failing = disk_with(&[attribute(5, 3, 10, 4_000)]);
    failing.passes = None;
    let health = open(failing.clone()).health().unwrap();
    assert!(matches!(health, Health::Failing(Basis::Attributes, _)));

    // With no thresholds either, nothing is known: that is not health.
    failing.thresholds = None;
    assert!(open(failing).health().is_err());
}

#[test]
fn a_disk_with_smart_switched_off_says_so() {
    let mut disk = healthy_disk();
    disk.identify[2 * 85] &= !1;
    let mut device = open(disk);
    assert_eq!(device.identity().unwrap().smart, SmartSupport::Disabled);
    assert_eq!(device.health().unwrap_err().cause, Cause::Off);
    assert_eq!(device.ata_smart().unwrap_err().cause, Cause::Off);
    device.enable_smart().unwrap();
}

#[test]
fn a_wrong_checksum_is_told() {
    let mut disk = healthy_disk();
    disk.values.as_mut().unwrap()[400] ^= 1;
    assert!(open(disk).ata_smart().unwrap().wrong_checksum);
    assert!(!open(healthy_disk()).ata_smart().unwrap().wrong_checksum);
}

#[test]
fn a_self_test_is_started_watched_and_stopped() {
    let mut disk = healthy_disk();
    let values = disk.values.as_mut().unwrap();
    values[367] = 0x11;
    pages::seal(values);
    disk.logs.insert(Log::Smart(0x06), [0; 512]);
    let mut device = open(disk);
    assert_eq!(device.self_test_state().unwrap(), SelfTestState::Idle);
    device.start_self_test(SelfTest::Short).unwrap();
    let running = SelfTestState::Running { done: Percent(10) };
    assert_eq!(device.self_test_state().unwrap(), running);
    // A second one would break off the first.
    assert!(device.start_self_test(SelfTest::Extended).is_err());
    device.abort_self_test().unwrap();
    assert_eq!(device.self_test_state().unwrap(), SelfTestState::Idle);
    assert_eq!(device.self_tests().unwrap(), Some(Vec::new()));
}

#[test]
fn a_disk_without_self_tests_says_so() {
    let error = open(healthy_disk()).start_self_test(SelfTest::Short);
    assert!(error.unwrap_err().cause.is_unsupported());
}

#[test]
fn an_nvme_self_test_is_started_watched_and_stopped() {
    let mut disk = recorded_nvme();
    disk.allow_self_tests();
    let page = disk.self_tests.as_mut().unwrap();
    // The newest entry: an extended test that failed at a block, after 258 hours.
    page[4..].fill(0x0f);
    page[4] = 0x27;
    page[6] = 0x02;
    page[8..16].copy_from_slice(&258_u64.to_le_bytes());
    page[20..28].copy_from_slice(&77_u64.to_le_bytes());
    let mut device = Device::replay("nvme", Bus::Nvme, disk).unwrap();
    let log = device.self_tests().unwrap().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].outcome, SelfTestOutcome::Failed(7));
    assert_eq!(log[0].failing_block, Some(77));
    assert_eq!(log[0].at, Duration::from_secs(258 * 3600));

    device.start_self_test(SelfTest::Extended).unwrap();
    let running = SelfTestState::Running { done: Percent(10) };
    assert_eq!(device.self_test_state().unwrap(), running);
    device.abort_self_test().unwrap();
    assert_eq!(device.self_test_state().unwrap(), SelfTestState::Idle);
}

#[test]
fn an_nvme_alarm_is_a_failing_disk() {
    let mut disk = recorded_nvme();
    disk.health[0] = 0x04;
    disk.health[5] = 103;
    let mut device = Device::replay("nvme", Bus::Nvme, disk).unwrap();
    let Health::Failing(_, concerns) = device.health().unwrap() else {
        panic!("passed");
    };
    assert!(matches!(concerns[..], [Concern::Warning(warning)] if warning.is_degraded()));
    assert_eq!(device.nvme_health().unwrap().used, Percent(103));
    // It has no self-tests: no log, and none runs.
    assert_eq!(device.self_tests().unwrap(), None);
    assert_eq!(device.self_test_state().unwrap(), SelfTestState::Idle);
}

#[test]
fn a_scsi_exception_is_a_failing_disk() {
    let text = include_str!("../recordings/exporter/SEAGATE_ST373453LC_26.json");
    let Recording::Scsi(mut disk) = smartctl::parse(text).unwrap() else {
        panic!("not a SCSI disk");
    };
    (disk.sense.asc, disk.sense.ascq) = (0x5d, 0x10);
    let mut device = Device::replay("scsi", Bus::Scsi, disk.clone()).unwrap();
    let Health::Failing(_, concerns) = device.health().unwrap() else {
        panic!("passed");
    };
    let [Concern::Exception(words)] = &concerns[..] else {
        panic!("{concerns:?}");
    };
    assert!(words.starts_with("Hardware impending failure"), "{words}");
    assert_eq!(device.scsi_health().unwrap().code, Some((0x5d, 0x10)));

    // A self-test in progress.
    (disk.sense.key, disk.sense.asc, disk.sense.ascq) = (2, 4, 9);
    let mut device = Device::replay("scsi", Bus::Scsi, disk).unwrap();
    let state = device.self_test_state().unwrap();
    assert!(matches!(state, SelfTestState::Running { .. }));
}

#[test]
fn the_flash_statistics_tell_the_wear() {
    let text = include_str!("../recordings/scrutiny/smart-ata-full.json");
    let Recording::Ata(mut disk) = smartctl::parse(text).unwrap() else {
        panic!("not an ATA disk");
    };
    let page = disk.logs.get_mut(&Log::General(0x04, 7)).unwrap();
    page[8] = 91;
    page[15] = 0xc0;
    let mut device = open(*disk);
    assert_eq!(device.ata_endurance_used().unwrap(), Some(Percent(91)));
}

#[test]
fn a_question_for_another_kind_of_disk_is_refused() {
    let error = open(healthy_disk()).nvme_health().unwrap_err();
    assert_eq!(error.cause, Cause::WrongBus);
}

#[test]
fn a_dump_of_smartctl_replays() {
    let text = include_str!("../recordings/dumps/failing.ioctl");
    let mut device = open(dump::parse(text).unwrap());
    let Health::Failing(basis, concerns) = device.health().unwrap() else {
        panic!("passed");
    };
    assert_eq!(basis, Basis::SmartStatus);
    let name = "Reallocated_Sector_Ct".to_owned();
    assert!(concerns.contains(&Concern::Attribute { id: 5, name }));
    let smart = device.ata_smart().unwrap();
    assert_eq!(smart.attribute(5).unwrap().raw_text, "1975");
    assert_eq!(smart.attribute(194).unwrap().raw_text, "25 (Min/Max 19/39)");
    assert_eq!(device.ata_errors().unwrap().count, 56);
    let tests = device.self_tests().unwrap().unwrap();
    assert_eq!(tests[2].failing_block, Some(104_870_168));
}

#[test]
fn scanning_a_machine_gives_a_list() {
    // Whatever disks there are; each has a path.
    for found in scan().unwrap() {
        assert!(found.path.starts_with("/dev/"), "{found:?}");
    }
}
