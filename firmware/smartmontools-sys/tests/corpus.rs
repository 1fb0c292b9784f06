//! Every recorded drive is replayed beneath the library, and what the library
//! then reads is what smartctl had printed about the real one.

// What a test's helper cannot unwrap is the test's failure.
#![allow(clippy::unwrap_used)]

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use smartmontools_sys::recording::smartctl::{self, Recording};
use smartmontools_sys::recording::{AtaRecording, NvmeRecording, ScsiRecording, facts};
use smartmontools_sys::{Basis, Bus, Device, Health, SelfTestOutcome};

/// Attributes that the database of the smartctl that printed them named or read in
/// another way than ours does. Their numbers and counters agree all the same.
const OTHER_DATABASE: [(&str, &[u8]); 6] = [
    // Earlier database: the two halves of the name changed places.
    (
        "sat-Phison_Driven_SSDs-KINGSTON_SA400M8120G-sda.json",
        &[170],
    ),
    // Earlier database, which did not have the PM893 yet.
    (
        "sat-null-SAMSUNG_MZ7L3480HCHQ-00A07-sda.json",
        &[187, 195, 199, 202, 235, 243, 244, 245, 246, 247, 251],
    ),
    // Earlier databases, which did not have these models: no helium in their default.
    ("smart-ata-date.json", &[22]),
    ("smart-ata.json", &[22]),
    // A model's name that was changed after printing: ours does not know it.
    ("smart-ata2.json", &[187, 195, 199, 235]),
    // Earlier database: counters of several parts were read as one number.
    ("Intel-SSDSC2BA100G3-B86A1A473BE0.json", &[175, 234]),
];

/// What did not agree, over all drives.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn expect_none(self) {
        let Differences(found) = self;
        let list = found.join("\n");
        assert!(found.is_empty(), "{} differ:\n{list}", found.len());
    }
}

struct Drive<'a> {
    name: String,
    json: &'a Value,
    differences: &'a mut Differences,
}

impl Drive<'_> {
    fn printed(&self, pointer: &str) -> Option<&Value> {
        self.json.pointer(pointer)
    }

    fn number(&self, pointer: &str) -> Option<u64> {
        self.printed(pointer)?.as_u64()
    }

    fn text(&self, pointer: &str) -> Option<String> {
        self.printed(pointer)?.as_str().map(str::to_owned)
    }

    fn same<T: PartialEq + Debug>(&mut self, what: &str, read: T, printed: T) {
        if read != printed {
            let name = &self.name;
            self.differences.0.push(format!(
                "{name}: {what}: read {read:?}, printed {printed:?}"
            ));
        }
    }

    /// Compares what depends on the database; a known difference has to be there.
    fn same_by_database(&mut self, id: u8, read: [&str; 2], printed: [Option<&str>; 2]) {
        let file = self.name.rsplit('/').next().unwrap_or_default();
        let differs = OTHER_DATABASE
            .iter()
            .any(|(name, ids)| *name == file && ids.contains(&id));
        let agree = read
            .iter()
            .zip(printed)
            .all(|(read, printed)| printed.is_none_or(|printed| printed == *read));
        if agree == differs {
            let what = format!("attribute {id}, differs: {differs}");
            self.same(&what, read.map(Some), printed);
        }
    }

    /// Compares only what smartctl printed.
    fn same_if_printed<T: PartialEq + Debug>(
        &mut self,
        what: &str,
        read: Option<T>,
        printed: Option<T>,
    ) {
        if printed.is_some() {
            self.same(what, read, printed);
        }
    }
}

fn recordings(folder: &str) -> Vec<(PathBuf, Value)> {
    let folder = Path::new("recordings").join(folder);
    let mut found: Vec<PathBuf> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let json = serde_json::from_str(&text).unwrap();
            (path, json)
        })
        .collect()
}

fn printed_by_smartctl() -> Vec<(PathBuf, Value)> {
    [recordings("exporter"), recordings("scrutiny")].concat()
}

/// Runs `compare` on every drive that `wanted` picks and returns how many it was.
fn for_each<R>(
    wanted: impl Fn(Recording) -> Option<R>,
    open: impl Fn(&str, R) -> Device,
    compare: impl Fn(&mut Drive<'_>, &mut Device),
) -> usize {
    let mut differences = Differences::default();
    let mut count = 0;
    for (path, json) in printed_by_smartctl() {
        let Ok(recording) = smartctl::parse(&json.to_string()) else {
            continue;
        };
        let Some(recording) = wanted(recording) else {
            continue;
        };
        count += 1;
        let name = path.display().to_string();
        let mut device = open(&name, recording);
        let mut drive = Drive {
            name,
            json: &json,
            differences: &mut differences,
        };
        compare(&mut drive, &mut device);
    }
    differences.expect_none();
    count
}

fn compare_identity(drive: &mut Drive<'_>, device: &mut Device) {
    let identity = device.identity().unwrap();
    let model = drive.text("/model_name").or(drive.text("/scsi_model_name"));
    drive.same_if_printed("model", Some(identity.model), model);
    let capacity = drive.number("/user_capacity/bytes");
    drive.same_if_printed("capacity", identity.capacity.map(|size| size.0), capacity);
    let sector = drive.number("/logical_block_size");
    drive.same_if_printed("sector", identity.logical_sector.map(|size| size.0), sector);
    if let Some(wwn) = drive.printed("/wwn") {
        let part = |name: &str| wwn[name].as_u64().unwrap();
        let printed = part("naa") << 60 | part("oui") << 36 | part("id");
        let read = identity.wwn.map(|wwn| wwn.to_string());
        drive.same("name", read, Some(format!("0x{printed:016x}")));
    }
}

fn compare_health(drive: &mut Drive<'_>, device: &mut Device) {
    let printed = drive.printed("/smart_status/passed");
    let printed = printed.and_then(Value::as_bool);
    let read = device.health().ok();
    match (printed, read) {
        // No verdict came through the bridge: ours then rests on the attributes.
        (None, Some(Health::Passed(Basis::Attributes))) => {}
        (printed, read) => drive.same("health", read.as_ref().map(Health::is_passed), printed),
    }
}

fn compare_ata(drive: &mut Drive<'_>, device: &mut Device) {
    compare_identity(drive, device);
    compare_health(drive, device);
    let smart = device.ata_smart().unwrap();
    let table = drive.printed("/ata_smart_attributes/table").unwrap();
    let table = table.as_array().unwrap().clone();
    drive.same("attributes", smart.attributes.len(), table.len());
    for (read, printed) in smart.attributes.iter().zip(&table) {
        let byte = |name: &str| printed[name].as_u64().map(|value| value as u8);
        let what = format!("attribute {}", read.id);
        drive.same(&what, Some(read.id), byte("id"));
        drive.same(&what, read.value, byte("value"));
        drive.same(&what, read.worst, byte("worst"));
        drive.same(&what, read.threshold, byte("thresh"));
        drive.same(&what, Some(read.raw), printed["raw"]["value"].as_u64());
        let printed = [printed["name"].as_str(), printed["raw"]["string"].as_str()];
        drive.same_by_database(read.id, [&read.name, &read.raw_text], printed);
    }
    let hours = smart.powered_on.map(|time| time.as_secs() / 3600);
    drive.same_if_printed("hours", hours, drive.number("/power_on_time/hours"));
    let cycles = drive.number("/power_cycle_count");
    drive.same_if_printed("power cycles", smart.power_cycles, cycles);
    let temperature = match smart.temperature {
        Some(found) => Some(found),
        None => device.ata_sct_temperature().unwrap(),
    };
    let temperature = temperature.map(|found| found.0 as u64);
    let printed = drive
        .number("/temperature/current")
        .filter(|degrees| *degrees != 0);
    drive.same_if_printed("temperature", temperature, printed);

    if let Some(count) = drive.number("/ata_smart_error_log/summary/count") {
        let read = device.ata_errors().unwrap();
        drive.same("errors", u64::from(read.count), count);
    }
    compare_self_tests(drive, device);
}

fn compare_self_tests(drive: &mut Drive<'_>, device: &mut Device) {
    let log = "/ata_smart_self_test_log";
    let table = ["/standard/table", "/extended/table"];
    let printed = table
        .iter()
        .find_map(|table| drive.printed(&format!("{log}{table}")));
    let Some(printed) = printed.and_then(Value::as_array).cloned() else {
        return;
    };
    let read = device.self_tests().unwrap().unwrap();
    drive.same("self-tests", read.len(), printed.len());
    for (read, printed) in read.iter().zip(&printed) {
        let passed = read.outcome == SelfTestOutcome::Passed;
        let said = printed["status"]["passed"].as_bool().unwrap_or(false);
        drive.same("self-test", passed, said);
        let hours = printed["lifetime_hours"].as_u64();
        drive.same("self-test", Some(read.at.as_secs() / 3600), hours);
        drive.same("self-test", read.failing_block, printed["lba"].as_u64());
    }
}

#[test]
fn every_ata_drive_reads_as_smartctl_printed_it() {
    let count = for_each(
        |recording| match recording {
            Recording::Ata(disk) if disk.values.is_some() => Some(*disk),
            _ => None,
        },
        |name, disk: AtaRecording| Device::replay(name, Bus::Ata, disk).unwrap(),
        compare_ata,
    );
    assert_eq!(count, 85);
}

#[test]
fn every_nvme_drive_reads_as_smartctl_printed_it() {
    let count = for_each(
        |recording| match recording {
            Recording::Nvme(disk) => Some(*disk),
            _ => None,
        },
        |name, disk: NvmeRecording| Device::replay(name, Bus::Nvme, disk).unwrap(),
        |drive, device| {
            compare_identity(drive, device);
            compare_health(drive, device);
            let read = device.nvme_health().unwrap();
            let temperature = read
                .temperature
                .map(|found| u128::from(found.0.unsigned_abs()));
            let fields = [
                ("critical_warning", u128::from(read.critical_warning.0)),
                ("temperature", temperature.unwrap_or(0)),
                ("available_spare", read.spare.0.into()),
                ("available_spare_threshold", read.spare_threshold.0.into()),
                ("percentage_used", read.used.0.into()),
                ("data_units_read", read.data_units_read),
                ("data_units_written", read.data_units_written),
                ("host_reads", read.host_reads),
                ("host_writes", read.host_writes),
                ("controller_busy_time", read.busy_minutes),
                ("power_cycles", read.power_cycles),
                ("power_on_hours", read.power_on_hours),
                ("unsafe_shutdowns", read.unsafe_shutdowns),
                ("media_errors", read.media_errors),
                ("num_err_log_entries", read.error_log_entries),
                ("warning_temp_time", (read.time_warm.as_secs() / 60).into()),
                ("critical_comp_time", (read.time_hot.as_secs() / 60).into()),
            ];
            for (name, value) in fields {
                let pointer = format!("/nvme_smart_health_information_log/{name}");
                let printed = drive.number(&pointer).map(u128::from);
                drive.same_if_printed(name, Some(value), printed);
            }
        },
    );
    assert_eq!(count, 38);
}

#[test]
fn every_scsi_drive_reads_as_smartctl_printed_it() {
    let count = for_each(
        |recording| match recording {
            Recording::Scsi(disk) => Some(disk),
            _ => None,
        },
        |name, disk: ScsiRecording| Device::replay(name, Bus::Scsi, disk).unwrap(),
        |drive, device| {
            compare_identity(drive, device);
            compare_health(drive, device);
            let read = device.scsi_health().unwrap();
            let counters = [
                ("read", read.read),
                ("write", read.write),
                ("verify", read.verify),
            ];
            for (name, found) in counters {
                let at = |field: &str| format!("/scsi_error_counter_log/{name}/{field}");
                let corrected = drive.number(&at("total_errors_corrected"));
                drive.same(name, found.corrected, corrected);
                let uncorrected = drive.number(&at("total_uncorrected_errors"));
                drive.same(name, found.uncorrected, uncorrected);
            }
            let defects = drive.number("/scsi_grown_defect_list");
            drive.same("defects", read.grown_defects.map(u64::from), defects);
            let printed = drive
                .number("/temperature/current")
                .filter(|degrees| *degrees != 0);
            let temperature = read.temperature.map(|found| found.0 as u64);
            drive.same_if_printed("temperature", temperature, printed);
            let hours = read.powered_on.map(|time| time.as_secs() / 3600);
            drive.same_if_printed("hours", hours, drive.number("/power_on_time/hours"));
        },
    );
    assert_eq!(count, 5);
}

#[test]
fn every_printed_attribute_table_reads_as_it_was_printed() {
    let mut differences = Differences::default();
    let mut count = 0;
    for (path, json) in recordings("linuxhw") {
        let Some(table) = json["attributes"].as_array() else {
            continue;
        };
        count += 1;
        let name = path.display().to_string();
        let disk = facts::parse(&json.to_string()).unwrap();
        let mut device = Device::replay(&name, Bus::Ata, disk).unwrap();
        let smart = device.ata_smart().unwrap();
        let mut drive = Drive {
            name,
            json: &json,
            differences: &mut differences,
        };
        drive.same("attributes", smart.attributes.len(), table.len());
        for (read, printed) in smart.attributes.iter().zip(table) {
            let what = format!("attribute {}", read.id);
            let byte = |name: &str| printed[name].as_u64().map(|value| value as u8);
            drive.same(&what, Some(read.id), byte("id"));
            drive.same(&what, read.value, byte("value"));
            drive.same(&what, read.threshold, byte("thresh"));
            let printed = [None, printed["raw"].as_str()];
            drive.same_by_database(read.id, [&read.name, &read.raw_text], printed);
        }
        let passed = device.health().unwrap().is_passed();
        drive.same("health", passed, json["overall_health"] == "PASSED");
    }
    differences.expect_none();
    assert_eq!(count, 33);
}

#[test]
fn every_printed_nvme_log_reads_as_it_was_printed() {
    let mut count = 0;
    for (path, json) in recordings("linuxhw") {
        let Some(log) = json["nvme_health_log"].as_object() else {
            continue;
        };
        count += 1;
        let name = path.display().to_string();
        let disk = facts::parse_nvme(&json.to_string()).unwrap();
        let mut device = Device::replay(&name, Bus::Nvme, disk).unwrap();
        let passed = device.health().unwrap().is_passed();
        assert_eq!(passed, json["overall_health"] == "PASSED", "{name}");
        let read = device.nvme_health().unwrap();
        let digits = |field: &str| -> String {
            let text = log[field].as_str().unwrap();
            let number = text.split_whitespace().next().unwrap();
            number.trim_end_matches('%').replace(',', "")
        };
        assert_eq!(read.power_on_hours.to_string(), digits("Power On Hours"));
        assert_eq!(
            read.data_units_written.to_string(),
            digits("Data Units Written")
        );
        assert_eq!(read.used.0.to_string(), digits("Percentage Used"));
        assert_eq!(read.spare.0.to_string(), digits("Available Spare"));
        let errors = digits("Media and Data Integrity Errors");
        assert_eq!(read.media_errors.to_string(), errors);
        let warning = format!("0x{:02x}", read.critical_warning.0);
        assert_eq!(warning, digits("Critical Warning"));
        let temperature = read.temperature.unwrap().0.to_string();
        assert_eq!(temperature, digits("Temperature"));
        let sensors = log
            .keys()
            .filter(|key| key.starts_with("Temperature Sensor"));
        assert_eq!(read.sensors.len(), sensors.count(), "{name}");
    }
    assert_eq!(count, 4);
}
