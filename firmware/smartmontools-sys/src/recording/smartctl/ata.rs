//! An ATA disk: two SMART pages and an identity out of a table, logs out of lists.

use super::Json;
use crate::recording::ata::{AtaRecording, Log};
use crate::recording::pages::{self, GeneralLogs, Identify, TableEntry};

pub(super) fn disk(json: Json<'_>) -> AtaRecording {
    let wwn = json.at("/wwn");
    let wwn = wwn.at("/naa").number() << 60
        | wwn.at("/oui").number() << 36
        | wwn.at("/id").number() & 0xf_ffff_ffff;
    let extended = json.at("/ata_smart_self_test_log/extended/table");
    let endurance = endurance(json);
    let has_general = extended.is_there() || endurance.is_some();
    let identify = pages::identify(&Identify {
        model: json.at("/model_name").text().unwrap_or_default(),
        serial: json.at("/serial_number").text().unwrap_or_default(),
        firmware: json.at("/firmware_version").text().unwrap_or_default(),
        wwn,
        capacity: json.at("/user_capacity/bytes").number(),
        logical_sector: json.at("/logical_block_size").number() as u32,
        physical_sector: json.at("/physical_block_size").number() as u32,
        rotation: match json.at("/rotation_rate").0.as_u64() {
            Some(0) => 1,
            Some(turns) => turns as u16,
            None => 0,
        },
        form: json.at("/form_factor/ata_value").word(),
        sct: json.at("/ata_sct_capabilities/value").word(),
        general_logs: if has_general {
            GeneralLogs::Present
        } else {
            GeneralLogs::Absent
        },
    });
    let mut disk = AtaRecording::new(identify);
    let attributes = json.at("/ata_smart_attributes");
    if attributes.is_there() {
        let table: Vec<TableEntry> = attributes.at("/table").items().map(entry).collect();
        let (mut values, thresholds) = pages::smart(attributes.at("/revision").word(), &table);
        fill_values(&mut values, json.at("/ata_smart_data"));
        disk.values = Some(values);
        disk.thresholds = Some(thresholds);
    }
    disk.passes = json.at("/smart_status/passed").0.as_bool();
    add_logs(&mut disk, json);
    if let Some(page) = endurance {
        disk.logs.insert(Log::General(0x04, 7), page);
    }
    disk
}

fn entry(line: Json<'_>) -> TableEntry {
    let mut entry = TableEntry {
        id: line.at("/id").byte(),
        flags: line.at("/flags/value").word(),
        value: line.at("/value").byte(),
        worst: line.at("/worst").byte(),
        threshold: line.at("/thresh").0.as_u64().map(|value| value as u8),
        ..TableEntry::default()
    };
    entry.set_raw(line.at("/raw/value").number());
    entry
}

/// Offsets: SMART READ DATA of ACS-3.
fn fill_values(values: &mut [u8; 512], data: Json<'_>) {
    values[362] = data.at("/offline_data_collection/status/value").byte();
    values[363] = data.at("/self_test/status/value").byte();
    values[367] = data.at("/capabilities/values/0").byte();
    values[368] = data.at("/capabilities/values/1").byte();
    values[370] = 1; // keeps an error log
    values[372] = data.at("/self_test/polling_minutes/short").byte();
    let extended = data.at("/self_test/polling_minutes/extended").word();
    match u8::try_from(extended) {
        Ok(minutes) if minutes < 0xff => values[373] = minutes,
        _ => {
            values[373] = 0xff;
            values[375..377].copy_from_slice(&extended.to_le_bytes());
        }
    }
    values[374] = data.at("/self_test/polling_minutes/conveyance").byte();
    pages::seal(values);
}

fn add_logs(disk: &mut AtaRecording, json: Json<'_>) {
    let tests = json.at("/ata_smart_self_test_log");
    if tests.at("/standard").is_there() {
        let page = self_test_log(tests.at("/standard/table"));
        disk.logs.insert(Log::Smart(0x06), page);
    }
    if tests.at("/extended/table").is_there() {
        let page = extended_self_test_log(tests.at("/extended/table"));
        disk.logs.insert(Log::General(0x07, 0), page);
    }
    let errors = json.at("/ata_smart_error_log/summary");
    if errors.is_there() {
        disk.logs.insert(Log::Smart(0x01), error_log(errors));
    }
    let sct = json.at("/ata_sct_status/temperature");
    if sct.is_there() {
        let mut page = [0; 512];
        page[..2].copy_from_slice(&3_u16.to_le_bytes());
        page[200] = sct.at("/current").byte();
        disk.logs.insert(Log::Smart(0xe0), page);
    }
}

fn self_test_log(table: Json<'_>) -> [u8; 512] {
    let mut page = [0; 512];
    page[..2].copy_from_slice(&1_u16.to_le_bytes());
    // JSON has the newest first; the ring's newest is its last entry here.
    let count = table.items().count().min(21);
    for (index, test) in table.items().take(count).enumerate() {
        let at = 2 + 24 * (count - 1 - index);
        write_test(&mut page[at..at + 24], test);
        let block = test.at("/lba").0.as_u64().unwrap_or(u32::MAX.into());
        page[at + 5..at + 9].copy_from_slice(&block.to_le_bytes()[..4]);
    }
    page[508] = count as u8;
    pages::seal(&mut page);
    page
}

fn extended_self_test_log(table: Json<'_>) -> [u8; 512] {
    let mut page = [0; 512];
    page[0] = 1;
    let count = table.items().count().min(19);
    for (index, test) in table.items().take(count).enumerate() {
        let at = 4 + 26 * (count - 1 - index);
        write_test(&mut page[at..at + 26], test);
        let block = test.at("/lba").0.as_u64().unwrap_or(u64::MAX);
        page[at + 5..at + 11].copy_from_slice(&block.to_le_bytes()[..6]);
    }
    page[2] = count as u8;
    pages::seal(&mut page);
    page
}

fn write_test(entry: &mut [u8], test: Json<'_>) {
    entry[0] = test.at("/type/value").byte();
    entry[1] = test.at("/status/value").byte();
    entry[2..4].copy_from_slice(&test.at("/lifetime_hours").word().to_le_bytes());
}

/// Only what is counted: how many, and the newest one's hour.
fn error_log(errors: Json<'_>) -> [u8; 512] {
    let mut page = [0; 512];
    page[0] = 1;
    let count = errors.at("/count").word();
    if let Some(newest) = errors.at("/table").items().next() {
        page[1] = 1;
        let hours = newest.at("/lifetime_hours").word();
        page[2 + 88..2 + 90].copy_from_slice(&hours.to_le_bytes());
    }
    page[452..454].copy_from_slice(&count.to_le_bytes());
    pages::seal(&mut page);
    page
}

/// The device statistics page for flash, if it was printed.
fn endurance(json: Json<'_>) -> Option<[u8; 512]> {
    let table = json.at("/ata_device_statistics/pages");
    let page = table
        .items()
        .find(|page| page.at("/number").number() == 7)?;
    let used = page
        .at("/table")
        .items()
        .find(|line| line.at("/offset").number() == 8)?;
    let mut page = [0; 512];
    page[2] = 7;
    page[8] = used.at("/value").byte();
    page[15] = used.at("/flags/value").byte() | 0x80;
    Some(page)
}
