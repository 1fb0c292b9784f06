//! md's arrays as sysfs shows them, below a root folder that a recording can stand
//! in for: `/sys/block/md*/md/*` is read into [`RawArray`], and [`describe`] names
//! its members by the disks that lsblk found. Only what is said in several words
//! is parsed: states, progress.

use crate::layers::is_backed;
use crate::lsblk::{Nodes, parse_array_uuid};
use jiff::Timestamp;
use preau_domain::arrays::{
    Array, Consistency, Marks, Member, MemberState, SyncAction, SyncProgress, is_readable,
};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use uuid::Uuid;

/// An array as sysfs tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawArray {
    /// `md127`.
    pub(crate) kname: String,
    /// `None` on a kernel that does not tell, or for an array without superblock.
    pub(crate) uuid: Option<Uuid>,
    pub(crate) state: String,
    level: String,
    raid_disks: u32,
    /// Its shape is being changed, whether md is at it right now or not.
    reshapes: bool,
    degraded: u32,
    /// Sectors of 512 bytes.
    sectors: u64,
    /// What each member holds, in bytes.
    pub(crate) component_size: u64,
    sync_action: String,
    sync_completed: String,
    pub(crate) sync_speed: String,
    consistency_policy: String,
    pub(crate) members: Vec<RawMember>,
}

/// A member as sysfs tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RawMember {
    /// `dm-0`, or `sda1` for a member without a layer.
    pub(crate) kname: String,
    pub(crate) state: String,
    /// What md no longer uses on it, in sectors of 512 bytes.
    bad_sectors: u64,
    /// Its place, unless it has none.
    pub(crate) slot: Option<usize>,
    /// Where the data begins on it, in bytes.
    pub(crate) data_offset: u64,
    /// Its device is still there.
    pub(crate) attached: bool,
}

impl RawMember {
    pub(crate) fn is_in_sync(&self) -> bool {
        has_word(&self.state, "in_sync") && !self.is_faulty()
    }

    pub(crate) fn is_faulty(&self) -> bool {
        has_word(&self.state, "faulty")
    }

    /// It is being filled beside the one whose place it takes.
    fn is_replacement(&self) -> bool {
        has_word(&self.state, "replacement") && !self.is_faulty()
    }

    fn marks(&self) -> Marks {
        Marks {
            write_error: has_word(&self.state, "write_error"),
            wants_replacement: has_word(&self.state, "want_replacement"),
            bad_sectors: self.bad_sectors,
        }
    }
}

/// The sectors in md's list of bad blocks: a line `first length` for each run, both
/// in sectors of 512 bytes. The kernel ends a long list in the middle of a line.
/// `None` when it is no such list: a list that is not understood is not an empty one.
pub(crate) fn parse_bad_blocks(text: &str) -> Option<u64> {
    let mut sectors = 0_u64;
    for line in text.split_inclusive('\n') {
        let run = line.trim_end().split_once(' ').and_then(|(first, length)| {
            let _: u64 = first.parse().ok()?;
            length.parse::<u64>().ok()
        });
        match run {
            Some(length) => sectors = sectors.saturating_add(length),
            None if line.trim().is_empty() => {}
            // Cut off.
            None if !line.ends_with('\n') && has_digits_only(line) => {}
            None => return None,
        }
    }
    Some(sectors)
}

fn has_digits_only(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b' ')
}

fn has_word(state: &str, word: &str) -> bool {
    state.trim().split(',').any(|found| found == word)
}

/// Every array that the kernel shows below `root`, by name.
pub(crate) fn read_arrays(root: &Path) -> io::Result<Vec<RawArray>> {
    let mut arrays = Vec::new();
    let block = root.join("sys/block");
    for entry in fs::read_dir(&block)? {
        let kname = entry?.file_name().to_string_lossy().into_owned();
        if !kname.starts_with("md") {
            continue;
        }
        match read_array(root, &kname) {
            Ok(array) => arrays.extend(array),
            // Stopped while it was read.
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    arrays.sort_by(|a, b| a.kname.cmp(&b.kname));
    Ok(arrays)
}

/// What the kernel answers for an attribute of something that has just gone.
fn is_gone(error: &io::Error) -> bool {
    const ENODEV: i32 = 19;
    error.kind() == io::ErrorKind::NotFound || error.raw_os_error() == Some(ENODEV)
}

/// `None` for a device that has no array, as md leaves it after a stop.
fn read_array(root: &Path, kname: &str) -> io::Result<Option<RawArray>> {
    let device = root.join("sys/block").join(kname);
    let md = device.join("md");
    if !md.exists() {
        return Ok(None);
    }
    let text = |name: &str| read_text(&md.join(name));
    let state = text("array_state")?;
    if state == "clear" {
        return Ok(None);
    }
    let mut members = Vec::new();
    for entry in fs::read_dir(&md)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let Some(member) = name.strip_prefix("dev-") else {
            continue;
        };
        match read_member(root, &md.join(&name), member) {
            Ok(member) => members.push(member),
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    members.sort_by(|a, b| {
        (a.slot.is_none(), a.slot, &a.kname).cmp(&(b.slot.is_none(), b.slot, &b.kname))
    });
    // Arrays without redundancy, and inactive ones, lack what follows.
    let optional = |name: &str| match text(name) {
        Err(error) if is_gone(&error) => Ok(String::new()),
        result => result,
    };
    let array = RawArray {
        kname: kname.to_owned(),
        uuid: parse_array_uuid(&optional("uuid")?),
        state,
        level: text("level")?,
        raid_disks: first_number(&text("raid_disks")?)?,
        // During a reshape: `4 (3)`.
        reshapes: text("raid_disks")?.contains('('),
        degraded: first_number_or(&optional("degraded")?, 0)?,
        sectors: first_number(&read_text(&device.join("size"))?)?,
        component_size: first_number_or::<u64>(&optional("component_size")?, 0)? * 1024,
        sync_action: optional("sync_action")?,
        sync_completed: optional("sync_completed")?,
        sync_speed: optional("sync_speed")?,
        consistency_policy: optional("consistency_policy")?,
        members,
    };
    array.require_understood()?;
    Ok(Some(array))
}

fn read_member(root: &Path, folder: &Path, kname: &str) -> io::Result<RawMember> {
    let text = |name: &str| read_text(&folder.join(name));
    // A kernel or an array without such a list has no file.
    let bad_blocks = match text("bad_blocks") {
        Err(error) if is_gone(&error) => String::new(),
        result => result?,
    };
    let member = RawMember {
        state: text("state")?,
        bad_sectors: parse_bad_blocks(&bad_blocks)
            .ok_or_else(|| not_understood("bad_blocks", &bad_blocks))?,
        slot: match text("slot")?.as_str() {
            "none" => None,
            slot => Some(first_number(slot)?),
        },
        data_offset: first_number_or::<u64>(&text("offset")?, 0)? * 512,
        // The link dangles once the device has been unplugged. A layer stays when the
        // disk below it goes.
        attached: folder.join("block").exists() && is_backed(root, kname),
        kname: kname.replace('!', "/"),
    };
    member.require_understood()?;
    Ok(member)
}

fn read_text(path: &PathBuf) -> io::Result<String> {
    Ok(fs::read_to_string(path)?.trim().to_owned())
}

/// The number that a text begins with: `raid_disks` is `2 (3)` during a reshape.
fn first_number<T: FromStr>(text: &str) -> io::Result<T> {
    let word = text.split_whitespace().next().unwrap_or_default();
    word.parse()
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, format!("no number: {text:?}")))
}

fn first_number_or<T: FromStr>(text: &str, default: T) -> io::Result<T> {
    match text {
        "" | "none" => Ok(default),
        text => first_number(text),
    }
}

/// What `md/sync_completed` says, in sectors: `(done, total)`; `None` while there
/// is nothing to say (`none`) or another array is waited for (`delayed`).
pub(crate) fn parse_sync_completed(text: &str) -> Option<(u64, u64)> {
    let (done, total) = text.split_once('/')?;
    Some((done.trim().parse().ok()?, total.trim().parse().ok()?))
}

/// What `md/sync_action` says; `None` for `idle`, `frozen` and what is not known.
pub(crate) fn parse_sync_action(text: &str) -> Option<SyncAction> {
    match text.trim() {
        "resync" => Some(SyncAction::Resync),
        "recover" => Some(SyncAction::Recover),
        "check" => Some(SyncAction::Check),
        "repair" => Some(SyncAction::Repair),
        "reshape" => Some(SyncAction::Reshape),
        _ => None,
    }
}

#[cfg(test)]
impl RawArray {
    /// An idle array with complete members in these slots, for tests.
    pub(crate) fn of_complete(level: &str, raid_disks: u32, slots: &[usize]) -> Self {
        let member = |slot: &usize| RawMember {
            kname: format!("sd{slot}1"),
            state: "in_sync".to_owned(),
            slot: Some(*slot),
            data_offset: 1 << 20,
            bad_sectors: 0,
            attached: true,
        };
        Self {
            kname: "md127".to_owned(),
            uuid: None,
            state: "clean".to_owned(),
            level: level.to_owned(),
            raid_disks,
            reshapes: false,
            degraded: 0,
            sectors: 2048,
            component_size: 1 << 20,
            sync_action: "idle".to_owned(),
            sync_completed: "none".to_owned(),
            sync_speed: "none".to_owned(),
            consistency_policy: "bitmap".to_owned(),
            members: slots.iter().map(member).collect(),
        }
    }
}

impl RawArray {
    /// Whether its data can be read at all: md runs it, and enough complete
    /// members are really there. md alone does not say: it keeps the last member
    /// of a mirror in its place even when its disk is gone.
    pub(crate) fn is_running(&self) -> bool {
        const RUNNING: [&str; 7] = [
            "clean",
            "active",
            "active-idle",
            "write-pending",
            "readonly",
            "read-auto",
            "suspended",
        ];
        let complete: Vec<u32> = self
            .members
            .iter()
            .filter(|member| member.is_in_sync() && member.attached)
            .filter_map(|member| u32::try_from(member.slot?).ok())
            .collect();
        RUNNING.contains(&self.state.as_str())
            && is_readable(&self.level, self.raid_disks, &complete)
    }

    fn member_state(&self, member: &RawMember) -> MemberState {
        if member.is_faulty() {
            MemberState::Faulty
        } else if member.is_in_sync() {
            MemberState::InSync
        } else if member.slot.is_some() || self.has_free_place() {
            MemberState::Rebuilding
        } else {
            MemberState::Spare
        }
    }

    /// Between `--add` and the start of the copy a new member has no slot yet; it
    /// is about to get one when there is a place to fill.
    fn has_free_place(&self) -> bool {
        let placed = self.members.iter().filter(|m| m.slot.is_some()).count();
        placed < self.raid_disks as usize
    }

    pub(crate) fn is_level(&self, level: &str) -> bool {
        self.level == level
    }

    pub(crate) fn has_shape(&self, level: &str, disks: u32) -> bool {
        self.level == level && self.raid_disks == disks
    }

    pub(crate) fn consistency(&self) -> Consistency {
        match self.consistency_policy.as_str() {
            "bitmap" => Consistency::Bitmap,
            "ppl" => Consistency::ParityLog,
            _ => Consistency::Resync,
        }
    }

    /// How far md's check has come, in sectors done and in all; `None` when none runs.
    pub(crate) fn check_progress(&self) -> Option<(u64, u64)> {
        let checks = parse_sync_action(&self.sync_action) == Some(SyncAction::Check);
        let progress = parse_sync_completed(&self.sync_completed);
        checks.then(|| progress.unwrap_or((0, self.component_size / 512)))
    }

    fn sync(&self) -> Option<SyncProgress> {
        // After a start a reshape waits for the first write.
        let waits = self.reshapes.then_some(SyncAction::Reshape);
        let action = parse_sync_action(&self.sync_action).or(waits)?;
        let is_filled = |member: &RawMember| {
            member.attached && self.member_state(member) == MemberState::Rebuilding
        };
        // For seconds after a member was lost, md says `recover` while it finds out
        // that it has nothing to fill.
        if action == SyncAction::Recover && !self.members.iter().any(is_filled) {
            return None;
        }
        let (done, total) =
            parse_sync_completed(&self.sync_completed).unwrap_or((0, self.component_size / 512));
        Some(SyncProgress {
            action,
            done,
            total,
            // Known to the layers below the members.
            checksums: None,
        })
    }
}

/// An array in the domain's terms; `uuid` was found by the caller when the kernel
/// does not tell it.
pub(crate) fn describe(raw: &RawArray, uuid: Uuid, nodes: &Nodes) -> Array {
    Array {
        uuid,
        level: raw.level.clone(),
        wanted_members: raw.raid_disks,
        missing_members: raw.degraded,
        running: raw.is_running(),
        size: raw.sectors * 512,
        filesystem: nodes
            .get(&raw.kname)
            .and_then(crate::lsblk::Node::filesystem),
        members: raw
            .members
            .iter()
            .map(|member| Member {
                disk: nodes
                    .disk_id_under(&member.kname)
                    .filter(|_| member.attached),
                state: raw.member_state(member),
                marks: member.marks(),
                slot: member.slot.and_then(|slot| u32::try_from(slot).ok()),
                replacing: member.is_replacement(),
            })
            .collect(),
        sync: raw.sync(),
        consistency: raw.consistency(),
    }
}

/// What `mdadm --detail --export` says of an array's UUID.
pub(crate) fn parse_detail_uuid(text: &str) -> Option<Uuid> {
    text.lines()
        .find_map(|line| line.strip_prefix("MD_UUID="))
        .and_then(parse_array_uuid)
}

/// From `mdadm --examine`, the place that a member had: `Device Role : Active device
/// 1`; `None` for a spare.
pub(crate) fn parse_examined_slot(text: &str) -> Option<usize> {
    let role = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Device Role : Active device "))?;
    role.trim().parse().ok()
}

/// From `mdadm --examine`, which members the array had when this one last wrote
/// its superblock, by slot.
pub(crate) fn parse_examined_members(text: &str) -> Option<Vec<bool>> {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Array State : "))?;
    let letters = line.split_whitespace().next()?;
    let present = |letter| match letter {
        // The second is being replaced by another that is there too.
        'A' | 'R' => Some(true),
        '.' => Some(false),
        _ => None,
    };
    letters.chars().map(present).collect()
}

/// What a superblock tells of the array that its device belongs to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ExaminedSet {
    pub(crate) array: Option<Uuid>,
    /// How many members there should be.
    pub(crate) wanted: Option<u32>,
    /// When it was last written.
    pub(crate) used_at: Option<Timestamp>,
}

/// Reads the answer of `mdadm --examine --export`.
pub(crate) fn parse_examined_set(text: &str) -> ExaminedSet {
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name))?;
        line.strip_prefix('=')
    };
    ExaminedSet {
        array: value("MD_UUID").and_then(parse_array_uuid),
        wanted: value("MD_DEVICES").and_then(|count| count.parse().ok()),
        used_at: value("MD_UPDATE_TIME")
            .and_then(|seconds| seconds.parse().ok())
            .and_then(|seconds| Timestamp::from_second(seconds).ok()),
    }
}

mod understood;
use understood::not_understood;

#[cfg(test)]
mod tests;
