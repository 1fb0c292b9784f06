//! The status in words: a picture becomes what the first page shows. Pure.

use crate::desk::Damage;
use crate::disk_view::summary;
use crate::picture::Picture;
use crate::readings::Health;
use crate::reconcile::Problem;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{
    Candidate, DiskRole, DiskView, IncidentView, LostDisk, MailStatus, Progress, Reminder,
    ShareView, Status, VolumeState, VolumeView,
};
use preau_domain::adopt;
use preau_domain::arrays::{Array, MemberState, SyncAction};
use preau_domain::disks::Disk;
use preau_domain::ids::DiskId;
use preau_domain::incidents::{Incident, IncidentCode, Incidents};
use preau_domain::plan::{COMMON_SHARE, free_places};
use preau_domain::settings::{
    EraseConsent, HeldWhy, Settings, SetupStep, VolumeMember, VolumeSettings,
};
use preau_domain::snapshot::{Snapshot, Volume};
use preau_texts::{Headline, Setting, Texts, headline, incident_text, mail_failure};

/// The status, for a reader of that language.
pub fn status(picture: &Picture, texts: Texts, now: Timestamp) -> Status {
    let settings = &picture.settings;
    let volume = settings.volume.as_ref();
    let zone = time_zone(settings);
    let mut open: Vec<&Incident> = picture
        .incidents
        .active
        .iter()
        .filter(|incident| incident.is_shown() && !is_explained(incident, &picture.incidents))
        .collect();
    open.sort_by_key(|incident| {
        let severity = incident.severity();
        (std::cmp::Reverse(severity), incident.code)
    });
    let volume_view = volume.map(|volume| volume_view(volume, picture, texts));
    Status {
        now,
        time_zone: settings.time_zone.clone(),
        box_name: settings.box_name.clone(),
        language: settings.language,
        setup: settings.setup_step(),
        severity: open.iter().map(|incident| incident.severity()).max(),
        headline: headline(texts, choose_headline(picture, &open, volume_view.as_ref())),
        reminders: reminders(picture),
        disks: disks(picture),
        lost_disks: volume.map_or_else(Vec::new, |volume| lost(volume, &picture.snapshot)),
        shares: volume
            .filter(|volume| volume.formatted)
            .map(|volume| share_view(volume, &picture.snapshot))
            .into_iter()
            .collect(),
        volume: volume_view,
        incidents: open
            .iter()
            .map(|incident| incident_view(incident, texts, &zone, now))
            .collect(),
        scrub: volume.filter(|volume| volume.formatted).and_then(|volume| {
            let mount = mounted(volume, &picture.snapshot);
            crate::scrub::view(&picture.scrub, mount, now, &zone)
        }),
        // Whoever knows the runs adds them.
        copies: None,
        coming_back: None,
        mail: mail_status(picture, texts),
    }
}

/// A graver incident says the same and more: a lost disk is one story, not two.
fn is_explained(incident: &Incident, all: &Incidents) -> bool {
    let graver = incident.code.definition().suppressed_by;
    graver.iter().any(|code| all.open(*code).is_some())
}

/// The box's time zone; UTC until it is chosen.
pub fn time_zone(settings: &Settings) -> TimeZone {
    let name = settings.time_zone.as_deref().unwrap_or("UTC");
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// An incident, for a reader of that language.
pub fn incident_view(
    incident: &Incident,
    texts: Texts,
    time_zone: &TimeZone,
    now: Timestamp,
) -> IncidentView {
    IncidentView {
        number: incident.number,
        code: incident.code,
        severity: incident.severity(),
        state: incident.state,
        opened_at: incident.opened_at,
        closed_at: incident.closed_at,
        facts: incident.facts.clone(),
        text: incident_text(texts, incident, &Setting { time_zone, now }),
    }
}

/// Every disk with its role.
pub fn disks(picture: &Picture) -> Vec<DiskView> {
    let volume = picture.settings.volume.as_ref();
    let array = volume.and_then(|volume| array_of(volume, &picture.snapshot));
    let found = picture.snapshot.disks.known();
    found
        .into_iter()
        .flatten()
        .map(|disk| DiskView {
            role: role(disk, volume, array),
            set: adopt::set_of(disk, volume).map(str::to_owned),
            health: summary(picture.health.get(&disk.id)),
            disk: disk.clone(),
        })
        .collect()
}

/// One disk with its role, as it is now.
pub fn disk_view(picture: &Picture, health: &Health, id: &DiskId) -> Option<DiskView> {
    let view = disks(picture)
        .into_iter()
        .find(|view| view.disk.id == *id)?;
    Some(DiskView {
        health: summary(health.get(id)),
        ..view
    })
}

fn role(disk: &Disk, volume: Option<&VolumeSettings>, array: Option<&Array>) -> DiskRole {
    let member = array.and_then(|array| {
        let is_it = |member: &&preau_domain::arrays::Member| member.disk.as_ref() == Some(&disk.id);
        array.members.iter().find(is_it)
    });
    match member.map(|member| member.state) {
        Some(MemberState::InSync) => DiskRole::InUse,
        Some(MemberState::Rebuilding) => DiskRole::Rebuilding,
        Some(MemberState::Faulty) => DiskRole::Failed,
        Some(MemberState::Spare) => DiskRole::Waiting,
        None if volume.is_some_and(|volume| belongs(volume, disk)) => {
            match volume.and_then(|volume| volume.held_out(&disk.id)) {
                Some(HeldWhy::Flapping) => DiskRole::HeldOut,
                Some(HeldWhy::Diverged) => DiskRole::Diverged,
                None => DiskRole::Waiting,
            }
        }
        None if disk.is_blank() => DiskRole::Free,
        None => DiskRole::HoldsData,
    }
}

fn belongs(volume: &VolumeSettings, disk: &Disk) -> bool {
    let mut all = volume.members.iter().chain(&volume.leaving);
    all.any(|member| member.disk == disk.id)
}

/// The volume's array, if the kernel shows it.
pub fn array_of<'a>(volume: &VolumeSettings, snapshot: &'a Snapshot) -> Option<&'a Array> {
    let arrays = snapshot.arrays.known()?;
    arrays.iter().find(|array| array.uuid == volume.array)
}

/// What is mounted, if it is the volume.
pub fn mounted<'a>(volume: &VolumeSettings, snapshot: &'a Snapshot) -> Option<&'a Volume> {
    snapshot
        .volume
        .known()
        .filter(|found| found.filesystem == volume.filesystem)
}

fn lost(volume: &VolumeSettings, snapshot: &Snapshot) -> Vec<LostDisk> {
    lost_members(volume, snapshot)
        .into_iter()
        .map(|member| LostDisk {
            bay: member.bay.clone(),
            model: member.model.clone(),
            serial: member.serial.clone(),
            size: member.size,
        })
        .collect()
}

/// The members whose disk is known not to be there.
pub fn lost_members<'a>(volume: &'a VolumeSettings, snapshot: &Snapshot) -> Vec<&'a VolumeMember> {
    let Some(disks) = snapshot.disks.known() else {
        return Vec::new();
    };
    let is_gone = |member: &&VolumeMember| !disks.iter().any(|disk| disk.id == member.disk);
    volume.members.iter().filter(is_gone).collect()
}

fn volume_view(volume: &VolumeSettings, picture: &Picture, texts: Texts) -> VolumeView {
    let snapshot = &picture.snapshot;
    let array = array_of(volume, snapshot);
    let mount = mounted(volume, snapshot);
    // How far a check is, the scrub says.
    let sync = array
        .and_then(|array| array.sync.as_ref())
        .filter(|sync| sync.action != SyncAction::Check);
    VolumeView {
        state: volume_state(volume, array, mount),
        layout: volume.layout,
        protection: protection(volume, array, texts),
        waits_for_consent: picture.problem == Some(Problem::Unclean),
        problem: problem(volume, picture, texts),
        total: mount.map(|mount| mount.total),
        free: mount.map(|mount| mount.free),
        progress: sync.map(|sync| progress(sync, picture)),
        candidates: candidates(volume, snapshot),
        detail: array.map_or_else(String::new, detail),
    }
}

/// How many disks may fail now; nothing while the array is not there.
fn protection(volume: &VolumeSettings, array: Option<&Array>, texts: Texts) -> String {
    array
        .filter(|array| array.running && volume.formatted)
        .map_or_else(String::new, |array| {
            preau_texts::protection_now(texts, array.may_still_fail(), volume.layout)
        })
}

/// How far md has got with the volume.
pub fn progress(sync: &preau_domain::arrays::SyncProgress, picture: &Picture) -> Progress {
    Progress {
        action: sync.action,
        percent: sync.percent(),
        remaining_seconds: picture.remaining_seconds,
    }
}

/// The technical line.
pub fn detail(array: &Array) -> String {
    let wanted = array.wanted_members;
    let there = wanted.saturating_sub(array.missing_members);
    format!("md {} [{wanted}/{there}]", array.level)
}

/// Why making the volume what it should be does not go on.
fn problem(volume: &VolumeSettings, picture: &Picture, texts: Texts) -> Option<String> {
    let problem = picture.problem.as_ref().filter(|_| {
        // A volume that works has no problem; its disks may have.
        volume_state(
            volume,
            array_of(volume, &picture.snapshot),
            mounted(volume, &picture.snapshot),
        ) != VolumeState::Protected
    })?;
    Some(match problem {
        Problem::DiskGone => texts.t("volume-problem-disk-gone"),
        Problem::Unclean => texts.t("volume-problem-unclean"),
        Problem::NotAsConfirmed => texts.t("volume-problem-not-as-confirmed"),
        Problem::Failed(detail) => {
            texts.t_with("volume-problem", &[("detail", detail.as_str().into())])
        }
    })
}

/// What the volume is doing.
pub fn volume_state(
    volume: &VolumeSettings,
    array: Option<&Array>,
    mount: Option<&Volume>,
) -> VolumeState {
    let (Some(array), Some(_)) = (array.filter(|array| array.running), mount) else {
        return if volume.formatted {
            VolumeState::Offline
        } else {
            VolumeState::Creating
        };
    };
    if !volume.formatted {
        return VolumeState::Creating;
    }
    // Every disk takes part, and what is filled is one more than there was.
    let changes = volume.members.iter().all(|m| array.takes_part(&m.disk))
        && (volume.growing || !volume.leaving.is_empty());
    match array.sync.as_ref().map(|sync| sync.action) {
        _ if changes && (volume.growing || array.missing_members == 0) => VolumeState::Changing,
        Some(SyncAction::Recover) if array.missing_members > 0 => VolumeState::Rebuilding,
        _ if array.missing_members > 0 => VolumeState::Degraded,
        Some(SyncAction::Resync) => VolumeState::Copying,
        _ => VolumeState::Protected,
    }
}

fn candidates(volume: &VolumeSettings, snapshot: &Snapshot) -> Vec<Candidate> {
    if !volume.formatted || free_places(volume, snapshot).is_empty() {
        return Vec::new();
    }
    joinable(volume, snapshot)
}

/// The disks that could become members, and what must be agreed to for that.
pub fn joinable(volume: &VolumeSettings, snapshot: &Snapshot) -> Vec<Candidate> {
    let array = array_of(volume, snapshot);
    let needed = volume.smallest_member();
    let fits = |disk: &&Disk| {
        let role = role(disk, Some(volume), array);
        disk.size >= needed && matches!(role, DiskRole::Free | DiskRole::HoldsData)
    };
    let found = snapshot.disks.known();
    found
        .into_iter()
        .flatten()
        .filter(fits)
        .map(|disk| Candidate {
            disk: disk.id.clone(),
            consent: EraseConsent {
                disk: disk.id.clone(),
                serial: disk.serial.clone(),
                contents_digest: (!disk.is_blank()).then(|| disk.contents_digest.clone()),
            },
        })
        .collect()
}

fn share_view(volume: &VolumeSettings, snapshot: &Snapshot) -> ShareView {
    let writable = mounted(volume, snapshot).is_some_and(|mount| !mount.read_only);
    ShareView {
        name: COMMON_SHARE.to_owned(),
        online: is_served(snapshot) && writable,
    }
}

/// Samba answers.
fn is_served(snapshot: &Snapshot) -> bool {
    snapshot.shares_served.known() == Some(&true)
}

fn reminders(picture: &Picture) -> Vec<Reminder> {
    let step = picture.settings.setup_step();
    let mail = match &picture.settings.mail {
        None => Some(Reminder::MailNotSet),
        Some(mail) if !mail.proved => Some(Reminder::MailNotProved),
        Some(_) => None,
    };
    let unproved = picture.sheet.is_some_and(|sheet| sheet.proved_at.is_none());
    let sheet = unproved.then_some(Reminder::SheetNotProved);
    [
        mail.filter(|_| step > SetupStep::Mail),
        sheet.filter(|_| step > SetupStep::Sheet),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn mail_status(picture: &Picture, texts: Texts) -> MailStatus {
    let mail = picture.settings.mail.as_ref();
    let last_failure = picture.outbox.health.last_failure;
    MailStatus {
        configured: mail.is_some(),
        proved: mail.is_some_and(|mail| mail.proved),
        waiting: picture.outbox.waiting,
        last_failure,
        message: last_failure.map(|failure| mail_failure(texts, failure)),
    }
}

fn choose_headline(picture: &Picture, open: &[&Incident], volume: Option<&VolumeView>) -> Headline {
    if picture.damage == Damage::Lost {
        return Headline::SettingsLost;
    }
    let is_open = |code| open.iter().any(|incident| incident.code == code);
    if is_open(IncidentCode::ArrayFailed) {
        return Headline::Incident(IncidentCode::ArrayFailed);
    }
    // A replacement that is being filled says more than the loss before it.
    if is_open(IncidentCode::ArrayRebuilding) {
        return Headline::Incident(IncidentCode::ArrayRebuilding);
    }
    if let Some(gravest) = open.first() {
        let are_several = !gravest.facts.others.is_empty();
        return match gravest.code {
            IncidentCode::ArrayDegraded if are_several => Headline::SeveralLost,
            code => Headline::Incident(code),
        };
    }
    if picture.settings.setup_step() != SetupStep::Done {
        return Headline::SetUp;
    }
    match volume.map(|volume| volume.state) {
        Some(VolumeState::Creating) => Headline::Creating,
        Some(VolumeState::Copying) => Headline::Copying,
        Some(VolumeState::Changing) => Headline::Changing,
        Some(VolumeState::Offline) => Headline::Offline,
        // The incident opens with the next look.
        Some(VolumeState::Degraded) => Headline::Incident(IncidentCode::ArrayDegraded),
        Some(VolumeState::Rebuilding) => Headline::Incident(IncidentCode::ArrayRebuilding),
        // After a start Samba answers some seconds after the volume is there.
        Some(VolumeState::Protected) if !is_served(&picture.snapshot) => Headline::Opening,
        Some(VolumeState::Protected) | None => Headline::AllWell,
    }
}
