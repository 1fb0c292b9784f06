//! What the kernel's log says of disks. `/dev/kmsg` gives one record for each read;
//! [`parse_record`] takes it apart, [`notice_in`] finds in its words what happened and
//! to which device, and [`Places`] finds the disk behind that device: a port or a
//! controller is known by the path of whatever hangs on it.
//!
//! Only what is said of disks is kept. How often, since when and what it means is for
//! [`preau_domain::health`].

use jiff::{SignedDuration, Timestamp};
use preau_domain::health::{KernelNote, Noticed};
use preau_domain::ids::DiskId;
use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The longest record that the kernel hands out.
const RECORD_MAX: usize = 8192;
/// A disk that dies says hundreds of lines a minute. The newest are enough to judge.
const KEPT: usize = 512;
/// At most this many are read at once: the log of a long boot, and no endless stream.
const READ_AT_ONCE: usize = 20_000;
/// Something was lost between two reads.
const EPIPE: i32 = 32;

/// One record of the kernel's log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record<'a> {
    /// Since the start of the kernel.
    pub(crate) since_start: SignedDuration,
    pub(crate) message: &'a str,
}

/// Reads `level,sequence,microseconds,flags[,…];message`, followed by lines of facts
/// that are not needed here.
pub(crate) fn parse_record(text: &str) -> Option<Record<'_>> {
    let (head, rest) = text.split_once(';')?;
    let mut fields = head.split(',').skip(2);
    let micros = fields.next()?.parse::<u64>().ok()?;
    let micros = i64::try_from(micros).ok()?;
    Some(Record {
        since_start: SignedDuration::from_micros(micros),
        message: rest.split('\n').next().unwrap_or_default(),
    })
}

/// A device as the kernel's messages call it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named<'a> {
    /// `sdb`, `nvme0n1`.
    Block(&'a str),
    /// `ata3`, `2-5`, `nvme0`: a folder in the path of the disk behind it.
    Folder(&'a str),
}

/// What a message says happened, and to what; `None` when it is about something else.
pub(crate) fn notice_in(message: &str) -> Option<(Named<'_>, Noticed)> {
    block_error(message)
        .or_else(|| scsi_timeout(message))
        .or_else(|| ata_trouble(message))
        .or_else(|| usb_reset(message))
        .or_else(|| nvme_trouble(message))
}

/// `critical medium error, dev sdb, sector 409600 op 0x0:(READ) …`
fn block_error(message: &str) -> Option<(Named<'_>, Noticed)> {
    let (kind, rest) = message.split_once(" error, dev ")?;
    let (name, _) = rest.split_once(", sector ")?;
    let noticed = match kind {
        "critical medium" => Noticed::Medium,
        "timeout" => Noticed::TimedOut,
        "I/O" | "critical target" | "recoverable transport" | "protection" => Noticed::Failed,
        _ => return None,
    };
    Some((Named::Block(name), noticed))
}

/// `sd 0:0:1:0: [sdb] tag#3 FAILED Result: hostbyte=DID_TIME_OUT …`
fn scsi_timeout(message: &str) -> Option<(Named<'_>, Noticed)> {
    let rest = message.strip_prefix("sd ")?;
    let (_, rest) = rest.split_once(": [")?;
    let (name, rest) = rest.split_once("] ")?;
    rest.contains("DID_TIME_OUT")
        .then_some((Named::Block(name), Noticed::TimedOut))
}

/// `ata3: hard resetting link`, `ata3.00: error: { ICRC ABRT }`
fn ata_trouble(message: &str) -> Option<(Named<'_>, Noticed)> {
    let (name, rest) = message.split_once(": ")?;
    let port = name.split('.').next()?;
    let number = port.strip_prefix("ata")?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let says = |word: &str| rest.split([' ', ',']).any(|found| found == word);
    let noticed = if rest.ends_with(" resetting link") {
        Noticed::Reset
    } else if rest.starts_with("error: {") && says("UNC") {
        Noticed::Medium
    } else if rest.starts_with("error: {") && says("ICRC")
        || rest.starts_with("SError: {") && says("BadCRC")
    {
        Noticed::Garbled
    } else if rest.starts_with("qc timeout") {
        Noticed::TimedOut
    } else {
        return None;
    };
    Some((Named::Folder(port), noticed))
}

/// `usb 2-5: reset SuperSpeed USB device number 2 using xhci_hcd`
fn usb_reset(message: &str) -> Option<(Named<'_>, Noticed)> {
    let (port, rest) = message.strip_prefix("usb ")?.split_once(": ")?;
    rest.starts_with("reset ")
        .then_some((Named::Folder(port), Noticed::Reset))
}

/// `nvme nvme0: I/O tag 5 … timeout, aborting …`, `nvme nvme0: controller is down; …`
fn nvme_trouble(message: &str) -> Option<(Named<'_>, Noticed)> {
    let (name, rest) = message.strip_prefix("nvme ")?.split_once(": ")?;
    let noticed = if rest.starts_with("controller is down") || rest.contains("reset controller") {
        Noticed::Reset
    } else if rest.starts_with("I/O ") && rest.contains(" timeout, ") {
        Noticed::TimedOut
    } else {
        return None;
    };
    Some((Named::Folder(name), noticed))
}

/// Where the disks hang.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Places(BTreeMap<String, (DiskId, String)>);

impl Places {
    /// From kernel names, identities and paths below `/sys/devices`. A disk that has
    /// left stays known by its name until another takes it: what is said of it is
    /// often read after it has gone.
    pub(crate) fn add(&mut self, kname: &str, id: DiskId, path: String) {
        self.0.insert(kname.to_owned(), (id, path));
    }

    fn find(&self, named: Named<'_>) -> Option<(&DiskId, &str)> {
        let (id, path) = match named {
            Named::Block(name) => self.0.get(name)?,
            Named::Folder(folder) => self
                .0
                .values()
                .find(|(_, path)| path.split('/').any(|part| part == folder))?,
        };
        Some((id, controller_of(path)))
    }
}

/// The path down to the last PCI function, or else to the first folder that differs
/// from disk to disk: all disks of a controller have this in common.
fn controller_of(path: &str) -> &str {
    let mut end = 0;
    let mut place = 0;
    for part in path.split('/') {
        place += part.len();
        if is_pci_function(part) {
            end = place;
        }
        place += 1;
    }
    &path[..end]
}

/// `0000:00:05.0`
fn is_pci_function(part: &str) -> bool {
    let bytes = part.as_bytes();
    bytes.len() == 12
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            4 | 7 => *byte == b':',
            10 => *byte == b'.',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// The kernel's log, read on as it grows, and what it said of disks.
#[derive(Debug)]
pub(crate) struct KernelLog {
    file: File,
    places: Places,
    notes: VecDeque<KernelNote>,
}

impl KernelLog {
    /// Opens the log below a root.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let file = File::options()
            .read(true)
            .custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed())
            .open(root.join("dev/kmsg"))?;
        Ok(Self {
            file,
            places: Places::default(),
            notes: VecDeque::new(),
        })
    }

    /// Reads what is new and returns all that is known; `started` is when the kernel
    /// began to count, by the same clock as `now` of the observation.
    pub(crate) fn read_on(
        &mut self,
        disks: impl IntoIterator<Item = (String, DiskId, String)>,
        started: Timestamp,
    ) -> io::Result<Vec<KernelNote>> {
        for (kname, id, path) in disks {
            self.places.add(&kname, id, path);
        }
        let mut buffer = [0; RECORD_MAX];
        for _ in 0..READ_AT_ONCE {
            match self.file.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => {
                    let text = String::from_utf8_lossy(&buffer[..length]);
                    let note = note_of(&text, &self.places, started);
                    self.notes.extend(note);
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // The kernel wrote faster than this was read: the rest still counts.
                Err(error) if error.raw_os_error() == Some(EPIPE) => {}
                Err(error) => return Err(error),
            }
        }
        let too_many = self.notes.len().saturating_sub(KEPT);
        self.notes.drain(..too_many);
        Ok(self.notes.iter().cloned().collect())
    }
}

/// What one record says of a disk, if it does.
pub(crate) fn note_of(text: &str, places: &Places, started: Timestamp) -> Option<KernelNote> {
    let record = parse_record(text)?;
    let (named, noticed) = notice_in(record.message)?;
    let (disk, controller) = places.find(named)?;
    Some(KernelNote {
        at: started.checked_add(record.since_start).ok()?,
        disk: disk.clone(),
        controller: controller.to_owned(),
        noticed,
    })
}

/// How long the kernel has run, from the text of `/proc/uptime`.
pub(crate) fn parse_uptime(text: &str) -> Option<SignedDuration> {
    let seconds = text.split_whitespace().next()?.parse::<f64>().ok()?;
    SignedDuration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::places;

    // See `fixtures/kmsg/README.md`.
    const RECORDED: &str = include_str!("../fixtures/kmsg/recorded.txt");
    const FORMATS: &str = include_str!("../fixtures/kmsg/formats.txt");

    fn id(name: &str) -> DiskId {
        DiskId::from_identity(Some(name), "", None).unwrap()
    }

    /// The disks of the machine that was recorded.
    fn recorded_places() -> Places {
        let mut places = Places::default();
        let pci = "/sys/devices/platform/4010000000.pcie/pci0000:00";
        for (kname, path) in [
            (
                "sda",
                "0000:00:05.0/virtio4/host0/target0:0:0/0:0:0:0/block/sda",
            ),
            (
                "sdb",
                "0000:00:05.0/virtio4/host0/target0:0:1/0:0:1:0/block/sdb",
            ),
            (
                "sdc",
                "0000:00:07.0/ata6/host6/target6:0:0/6:0:0:0/block/sdc",
            ),
            (
                "sdd",
                "0000:00:06.0/usb2/2-5/2-5:1.0/host7/target7:0:0/7:0:0:0/block/sdd",
            ),
            ("vdb", "0000:00:14.0/0000:02:00.0/virtio5/block/vdb"),
            ("nvme0n1", "0000:00:13.0/0000:01:00.0/nvme/nvme0/nvme0n1"),
        ] {
            places.add(kname, id(kname), format!("{pci}/{path}"));
        }
        places
    }

    fn noticed(text: &str, places: &Places) -> Vec<(String, Noticed)> {
        text.split("\n--\n")
            .filter_map(|record| note_of(record, places, Timestamp::UNIX_EPOCH))
            .map(|note| (note.disk.to_string(), note.noticed))
            .collect()
    }

    #[test]
    fn what_the_kernel_said_of_broken_disks_is_told_from_the_rest() {
        use Noticed::{Failed, Medium};
        let expected = [
            ("nvme0n1", Medium),
            ("nvme0n1", Medium),
            ("vdb", Failed),
            ("vdb", Failed),
            ("sdd", Medium),
            ("sdd", Failed),
            ("sdc", Failed),
            ("sdb", Failed),
        ]
        .map(|(name, noticed)| (id(name).to_string(), noticed));
        assert_eq!(noticed(RECORDED, &recorded_places()), expected);
    }

    #[test]
    fn faults_that_no_emulated_machine_shows_are_known_by_their_formats() {
        use Noticed::{Garbled, Medium, Reset, TimedOut};
        let expected = [
            ("sdc", TimedOut),
            ("sdc", Reset),
            ("sdc", Garbled),
            ("sdc", Garbled),
            ("sdc", Medium),
            ("sdd", Reset),
            ("nvme0n1", TimedOut),
            ("nvme0n1", Reset),
            ("sdb", TimedOut),
        ]
        .map(|(name, noticed)| (id(name).to_string(), noticed));
        assert_eq!(noticed(FORMATS, &places()), expected);
    }

    #[test]
    fn the_time_of_a_record_is_that_of_the_clock() {
        let text = "3,7,61500000,-;critical medium error, dev sdb, sector 1 op 0x0:(READ)\n X=1\n";
        let started = Timestamp::from_second(1_000).unwrap();
        let note = note_of(text, &places(), started).unwrap();
        assert_eq!(note.at.as_millisecond(), 1_061_500);
        assert_eq!(note.controller, "/sys/devices/pci0000:00/0000:00:03.0");
        let uptime = parse_uptime("350735.47 234388.90\n").unwrap();
        assert_eq!(uptime.as_millis(), 350_735_470);
        assert_eq!(parse_uptime("soon"), None);
        assert_eq!(parse_uptime("inf 0"), None);
    }

    #[test]
    fn disks_of_one_controller_have_it_in_common_and_others_have_not() {
        let bays = ["0", "1"].map(|target| {
            format!("/sys/devices/pci0000:00/0000:00:03.0/virtio2/host0/target0:0:{target}/x")
        });
        assert_eq!(controller_of(&bays[0]), controller_of(&bays[1]));
        let nvme = "/sys/devices/pci0000:00/0000:00:13.0/0000:01:00.0/nvme/nvme0/nvme0n1";
        assert!(controller_of(nvme).ends_with("0000:01:00.0"));
        assert_eq!(controller_of("/sys/devices/platform/mmc/x"), "");
    }

    #[test]
    fn a_disk_that_is_not_known_is_left_out() {
        let text = "3,7,1,-;critical medium error, dev sdz, sector 1 op 0x0:(READ)";
        assert_eq!(note_of(text, &places(), Timestamp::UNIX_EPOCH), None);
    }
}
