//! Disks that several tests begin with.

// Each test file uses some of them.
#![allow(dead_code, clippy::unwrap_used)]

use smartmontools_sys::recording::pages::{self, Identify, TableEntry};
use smartmontools_sys::recording::smartctl::{self, Recording};
use smartmontools_sys::recording::{AtaRecording, NvmeRecording};
use smartmontools_sys::{Bus, Device};

/// A pre-failure attribute.
pub fn attribute(id: u8, value: u8, threshold: u8, raw: u64) -> TableEntry {
    let mut entry = TableEntry {
        id,
        flags: 0x33,
        value,
        worst: value,
        threshold: Some(threshold),
        ..TableEntry::default()
    };
    entry.set_raw(raw);
    entry
}

/// A disk that passes, with these attributes.
pub fn disk_with(table: &[TableEntry]) -> AtaRecording {
    let mut disk = AtaRecording::new(pages::identify(&Identify {
        model: "Imaginary Disk",
        serial: "1",
        capacity: 4_000_787_030_016,
        ..Identify::default()
    }));
    let (values, thresholds) = pages::smart(16, table);
    disk.values = Some(values);
    disk.thresholds = Some(thresholds);
    disk.passes = Some(true);
    disk
}

pub fn healthy_disk() -> AtaRecording {
    disk_with(&[
        attribute(5, 100, 10, 0),
        attribute(9, 90, 0, 8_000),
        attribute(194, 67, 0, 33),
    ])
}

pub fn open(disk: AtaRecording) -> Device {
    Device::replay("disk", Bus::Ata, disk).unwrap()
}

pub fn recorded_nvme() -> NvmeRecording {
    let text = include_str!("../../recordings/scrutiny/smart-nvme.json");
    match smartctl::parse(text).unwrap() {
        Recording::Nvme(disk) => *disk,
        other => panic!("not an NVMe disk: {other:?}"),
    }
}
