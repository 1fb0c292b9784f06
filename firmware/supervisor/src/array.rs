//! The volume's disks in words: a picture becomes what the page about them shows,
//! and what can be done with them now is said in one place. Pure.

use crate::picture::Picture;
use crate::reconcile::Problem;
use crate::refusal::Reason;
use crate::status::{array_of, detail, joinable, mounted, progress, volume_state};
use preau_api::{ArrayView, GrowthView, MemberRole, MemberView};
use preau_domain::arrays::{Array, MemberState};
use preau_domain::disks::Disk;
use preau_domain::layouts::{DISKS_MAX, Growth, Layout, growths, member_bytes};
use preau_domain::settings::{VolumeMember, VolumeSettings};
use preau_domain::snapshot::Snapshot;
use preau_texts::{Texts, growth, protection_now};

/// The disks of the volume, for a reader of that language.
pub fn array_view(volume: &VolumeSettings, picture: &Picture, texts: Texts) -> ArrayView {
    let snapshot = &picture.snapshot;
    let array = array_of(volume, snapshot);
    let running = array.filter(|array| array.running && volume.formatted);
    let mount = mounted(volume, snapshot);
    let blocked = may_change(volume, snapshot).err();
    let candidates = joinable(volume, snapshot);
    let waits = picture.problem == Some(Problem::Unclean);
    ArrayView {
        layout: volume.layout,
        state: volume_state(volume, array, mount),
        protection: running.map_or_else(String::new, |array| {
            protection_now(texts, array.may_still_fail(), volume.layout)
        }),
        may_fail: count(volume.layout.may_fail(volume.width())),
        may_still_fail: running.map(Array::may_still_fail),
        total: mount.map(|mount| mount.total),
        free: mount.map(|mount| mount.free),
        progress: array
            .and_then(|array| array.sync.as_ref())
            .map(|sync| progress(sync, picture)),
        members: members(volume, snapshot, texts),
        growths: match blocked {
            None => growth_views(volume, texts),
            Some(_) => Vec::new(),
        },
        no_growth: blocked.map(|reason| reason.message(texts)),
        candidates: if volume.formatted {
            candidates
        } else {
            Vec::new()
        },
        waits_for_consent: waits,
        start_with: match snapshot.disks.known() {
            Some(disks) if waits => present(volume, disks)
                .map(|member| member.serial.clone())
                .collect(),
            _ => Vec::new(),
        },
        detail: array.map_or_else(String::new, detail),
    }
}

/// The disks of the volume that are there with what they hold of it, those that are
/// to leave included.
pub fn present<'a>(
    volume: &'a VolumeSettings,
    disks: &'a [Disk],
) -> impl Iterator<Item = &'a VolumeMember> {
    let carries = |member: &&VolumeMember| {
        let is_it = |disk: &Disk| disk.id == member.disk && disk.member_of == Some(volume.array);
        disks.iter().any(is_it)
    };
    volume.members.iter().chain(&volume.leaving).filter(carries)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Whether a disk may be added, or one that works be replaced: not while md copies,
/// a disk is missing, or an earlier change is not over.
///
/// # Errors
/// Why not.
pub fn may_change(volume: &VolumeSettings, snapshot: &Snapshot) -> Result<(), Reason> {
    if !volume.formatted {
        return Err(Reason::NoVolume);
    }
    let array = array_of(volume, snapshot).filter(|array| array.running);
    let array = array.ok_or(Reason::DisksUnreadable)?;
    let joined = |member: &VolumeMember| array.takes_part(&member.disk);
    let busy = array.sync.is_some()
        || array.missing_members > 0
        || volume.growing
        || !volume.leaving.is_empty()
        || !volume.members.iter().all(joined);
    if busy {
        return Err(Reason::ChangeUnderWay);
    }
    Ok(())
}

/// What one more disk can bring to this volume.
pub fn possible_growths(volume: &VolumeSettings) -> Vec<(Growth, Layout)> {
    if volume.members.len() >= DISKS_MAX {
        return Vec::new();
    }
    growths(volume.layout, volume.width())
}

fn growth_views(volume: &VolumeSettings, texts: Texts) -> Vec<GrowthView> {
    let each = member_bytes(volume.smallest_member());
    possible_growths(volume)
        .into_iter()
        .map(|(what, layout)| {
            let width = volume.width() + usize::from(what != Growth::Spare);
            let may_fail = count(layout.may_fail(width));
            let usable = each * layout.data_disks(width) as u64;
            GrowthView {
                growth: what,
                layout,
                may_fail,
                usable,
                words: growth(texts, what, may_fail, usable),
            }
        })
        .collect()
}

fn members(volume: &VolumeSettings, snapshot: &Snapshot, texts: Texts) -> Vec<MemberView> {
    let may = may_change(volume, snapshot).is_ok();
    let free = preau_domain::plan::free_places(volume, snapshot);
    let view = |member: &VolumeMember, role: MemberRole, replaceable| {
        let found = snapshot.disks.known().into_iter().flatten();
        let bay = found
            .filter(|disk| disk.id == member.disk)
            .find_map(|disk| disk.bay.clone());
        MemberView {
            disk: member.disk.clone(),
            bay: bay.or_else(|| member.bay.clone()),
            model: member.model.clone(),
            serial: member.serial.clone(),
            size: member.size,
            role,
            word: texts.t(word(role)),
            replaceable,
        }
    };
    let staying = volume.members.iter().enumerate().map(|(place, member)| {
        let role = role(volume, member, snapshot);
        let replaceable = free.contains(&place) || (may && role == MemberRole::InUse);
        view(member, role, replaceable)
    });
    let leaving = volume
        .leaving
        .iter()
        .map(|member| view(member, MemberRole::Leaving, false));
    staying.chain(leaving).collect()
}

fn role(volume: &VolumeSettings, member: &VolumeMember, snapshot: &Snapshot) -> MemberRole {
    let array = array_of(volume, snapshot);
    let found = array.and_then(|array| array.member(&member.disk));
    let disks = snapshot.disks.known();
    match found.map(|found| found.state) {
        Some(MemberState::InSync) => MemberRole::InUse,
        Some(MemberState::Rebuilding) => MemberRole::Filling,
        Some(MemberState::Spare) => MemberRole::Spare,
        Some(MemberState::Faulty) => MemberRole::Failed,
        None if !disks.is_some_and(|disks| disks.iter().any(|d| d.id == member.disk)) => {
            MemberRole::Missing
        }
        None if array.is_some_and(|array| array.running) => MemberRole::Joining,
        None => MemberRole::Waiting,
    }
}

const fn word(role: MemberRole) -> &'static str {
    match role {
        MemberRole::InUse => "member-in-use",
        MemberRole::Filling => "member-filling",
        MemberRole::Spare => "member-spare",
        MemberRole::Leaving => "member-leaving",
        MemberRole::Failed => "member-failed",
        MemberRole::Joining => "member-joining",
        MemberRole::Waiting => "member-waiting",
        MemberRole::Missing => "member-missing",
    }
}
