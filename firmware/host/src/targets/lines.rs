//! Texts of one line after the other.

use super::text_of;
use crate::kmsg::{Named, Places, note_of, notice_in, parse_record};
use crate::layers::parse_layer_states;
use crate::lsblk::parse_array_uuid;
use crate::md::{parse_detail_uuid, parse_examined_members, parse_examined_set};
use crate::scrub::{parse_named_files, parse_scrub_status};
use jiff::Timestamp;
use preau_domain::ids::DiskId;
use preau_domain::scrub::FilesSeen;

/// Disks on four buses, as the kernel places them.
pub(crate) fn places() -> Places {
    let mut places = Places::default();
    let pci = "/sys/devices/pci0000:00";
    for (kname, path) in [
        (
            "sdb",
            "0000:00:03.0/virtio2/host0/target0:0:1/0:0:1:0/block/sdb",
        ),
        (
            "sdc",
            "0000:00:05.0/ata3/host3/target3:0:0/3:0:0:0/block/sdc",
        ),
        (
            "sdd",
            "0000:00:04.0/usb2/2-5/2-5:1.0/host1/target1:0:0/1:0:0:0/block/sdd",
        ),
        ("nvme0n1", "0000:00:13.0/0000:01:00.0/nvme/nvme0/nvme0n1"),
    ] {
        if let Some(id) = DiskId::from_identity(Some(kname), "", None) {
            places.add(kname, id, format!("{pci}/{path}"));
        }
    }
    places
}

/// A record is read as it is printed, and what it says is said of a device that it
/// names.
pub(super) fn kmsg(bytes: &[u8]) {
    let text = text_of(bytes);
    let places = places();
    for started in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        if let Some(note) = note_of(&text, &places, started) {
            assert!(note.at >= started);
            let record = parse_record(&text).expect("a note comes from a record");
            assert!(notice_in(record.message).is_some());
            assert!(note.controller.starts_with("/sys/devices/pci0000:00/"));
        }
    }
    let Some(record) = parse_record(&text) else {
        return;
    };
    assert!(text.contains(record.message) && !record.message.contains('\n'));
    let printed = format!(
        "6,1,{},-;{}\n SUBSYSTEM=x\n",
        record.since_start.as_micros(),
        record.message
    );
    assert_eq!(parse_record(&printed).as_ref(), Some(&record));
    if let Some((Named::Block(name) | Named::Folder(name), _)) = notice_in(record.message) {
        assert!(record.message.contains(name));
    }
}

/// A UUID stands in the text, and a letter that mdadm does not have is no member that
/// is missing.
pub(super) fn mdadm(bytes: &[u8]) {
    let text = text_of(bytes);
    let set = parse_examined_set(&text);
    for uuid in [parse_detail_uuid(&text), parse_array_uuid(&text), set.array] {
        let Some(uuid) = uuid else { continue };
        let digits: String = text
            .to_lowercase()
            .chars()
            .filter(|c| !":-".contains(*c))
            .collect();
        assert!(digits.contains(&uuid.simple().to_string()));
        assert_eq!(parse_array_uuid(&uuid.to_string()), Some(uuid));
    }
    if let Some(wanted) = set.wanted {
        assert!(text.contains("MD_DEVICES=") && text.contains(&wanted.to_string()));
    }
    if let Some(members) = parse_examined_members(&text) {
        assert!(!members.is_empty() && members.len() <= text.len());
        let letters: String = members
            .iter()
            .map(|there| if *there { 'A' } else { '.' })
            .collect();
        assert!(text.replace('R', "A").contains(&letters));
    }
}

/// Each line is a layer, or the whole is an error.
pub(super) fn integrity(bytes: &[u8]) {
    let text = text_of(bytes);
    let Ok(layers) = parse_layer_states(&text) else {
        return;
    };
    let told = |line: &&str| !line.trim().is_empty() && *line != "No devices found";
    assert_eq!(layers.len(), text.lines().filter(told).count());
    for layer in layers {
        assert!(text.contains(&layer.name));
        let (done, total) = match layer.checksums {
            Some(checksums) => (checksums.done.to_string(), checksums.total),
            None => ("-".to_owned(), 2048),
        };
        let (name, refused) = (&layer.name, layer.refused);
        let printed = format!("{name}: 0 {total} integrity {refused} {total} {done}\n");
        assert_eq!(parse_layer_states(&printed).ok(), Some(vec![layer]));
    }
}

/// Nothing is known of a scrub only before the first one, and a file that is named
/// stands in the text.
pub(super) fn scrub(bytes: &[u8]) {
    let text = text_of(bytes);
    match parse_scrub_status(&text) {
        Ok(seen) if seen == FilesSeen::default() => {
            assert!(text.contains("no stats available") || text.contains("Status:"));
        }
        Ok(seen) => {
            assert!(!(seen.running && seen.finished));
            assert!(text.contains("Status:") && text.contains("Duration:"));
            assert!(text.contains("uncorrectable_errors:"));
        }
        Err(_) => {}
    }
    let files = parse_named_files(&text);
    assert!(files.is_sorted() && files.windows(2).all(|pair| pair[0] != pair[1]));
    for file in files {
        assert!(text.contains(&format!("(path: {file})")));
    }
}
