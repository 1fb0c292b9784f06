//! Whole files, answers and messages.

use super::text_of;
use crate::board::Board;
use crate::events::is_about_block;
use crate::kmsg::parse_uptime;
use crate::lsblk::parse_lsblk;
use crate::samba::{hashes_in, parse_pdbedit};
use crate::volume::{PLACE, parse_mount_at};
use serde_json::Value;
use std::collections::BTreeSet;

/// Every device that is told of is found, the card is no disk of the box, and a disk
/// with something on it is not blank.
pub(super) fn lsblk(bytes: &[u8]) {
    let text = text_of(bytes);
    let Ok(mut nodes) = parse_lsblk(&text) else {
        return;
    };
    let mut told = BTreeSet::new();
    if !text.trim().is_empty() {
        let answer: Value = serde_json::from_str(&text).expect("it was read");
        collect_names(&answer["blockdevices"], &mut told);
    }
    let found: BTreeSet<String> = nodes.iter().map(|node| node.kname.clone()).collect();
    assert_eq!(found, told);
    nodes.mark_known(|_| true);
    let disks = nodes.disks(&Board::default(), |_| None);
    assert!(disks.len() <= nodes.iter().count());
    assert_eq!(disks.len(), nodes.identities().count());
    for disk in &disks {
        assert!(disk.size > 0 && !disk.id.as_str().is_empty());
        assert!(disk.member_of.is_none() || !disk.is_blank());
        let node = nodes.find(&disk.id).expect("it was told");
        assert!(!node.mounts().any(|mount| mount == "/" || mount == "/data"));
    }
    for node in nodes.iter() {
        let top = nodes.top_of(node);
        assert!(top.is_none_or(|top| found.contains(&top.kname)));
        assert!(
            nodes
                .disk_under(&node.kname)
                .is_none_or(|disk| found.contains(&disk.kname))
        );
    }
}

fn collect_names(devices: &Value, names: &mut BTreeSet<String>) {
    for device in devices.as_array().into_iter().flatten() {
        names.extend(device["kname"].as_str().map(str::to_owned));
        collect_names(&device["children"], names);
    }
}

/// What lies on the volume's place is the last thing that was mounted there, and a time
/// is a time; the lists of Samba hold only what stands in them.
pub(super) fn procfs(bytes: &[u8]) {
    let text = text_of(bytes);
    if let Some(mount) = parse_mount_at(&text, PLACE) {
        assert!(text.contains(PLACE) && text.contains(&mount.kind) && text.contains(&mount.source));
        let over = format!("{text}\n9 9 9:9 / {PLACE} ro - btrfs /dev/md9 rw\n");
        let last = parse_mount_at(&over, PLACE).expect("something is mounted there");
        assert!(last.source == "/dev/md9" && last.read_only);
    }
    if let Some(uptime) = parse_uptime(&text) {
        let word = text.split_whitespace().next().unwrap_or_default();
        let seconds: f64 = word.parse().expect("it was read");
        assert!((uptime.as_secs_f64() - seconds).abs() <= 1.0 + seconds.abs() / 1e9);
    }
    for line in hashes_in(&text).lines() {
        assert!(text.contains(line));
    }
    for login in parse_pdbedit(&text) {
        assert!(text.contains(&format!("{login}:")));
    }
}

/// An announcement stays one whatever else comes with it.
pub(super) fn uevent(bytes: &[u8]) {
    let about = is_about_block(bytes);
    let with = |more: &[u8]| is_about_block(&[bytes, b"\0", more].concat());
    assert!(with(b"SUBSYSTEM=block\0"));
    assert_eq!(with(b"SUBSYSTEM=net\0"), about);
    assert_eq!(with(b"SUBSYSTEM=blocks\0"), about);
}
