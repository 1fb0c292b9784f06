//! Texts as templates ask for them, and the words for the API's values.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{DiskRole, LostDisk, MemberRole, Progress, Reminder, VolumeState, VolumeView};
use preau_domain::arrays::SyncAction;
use preau_domain::disks::{Bus, Content, Disk};
use preau_domain::health::{Celsius, Verdict};
use preau_domain::ids::Bay;
use preau_domain::incidents::{IncidentState, Severity};
use preau_domain::language::Language;
use preau_domain::layouts::Growth;
use preau_domain::settings::Role;
use preau_texts::Texts;

/// The texts of one language. Copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Words(Texts);

impl Words {
    pub(crate) const fn new(language: Language) -> Self {
        Self(Texts::new(language))
    }

    pub(crate) const fn language(self) -> Language {
        self.0.language()
    }

    /// The texts themselves.
    pub(crate) const fn texts(self) -> Texts {
        self.0
    }

    pub(crate) fn t(self, key: &str) -> String {
        self.0.t(key)
    }

    /// The text of `key` with one argument.
    pub(crate) fn t1(self, key: &str, name: &str, value: impl ToString) -> String {
        self.0.t_with(key, &[(name, value.to_string().into())])
    }

    /// The text of `key` with two arguments.
    pub(crate) fn t2(
        self,
        key: &str,
        first: (&str, impl ToString),
        second: (&str, impl ToString),
    ) -> String {
        self.0.t_with(
            key,
            &[
                (first.0, first.1.to_string().into()),
                (second.0, second.1.to_string().into()),
            ],
        )
    }

    /// The text of `key` with three arguments.
    pub(crate) fn t3(
        self,
        key: &str,
        first: (&str, impl ToString),
        second: (&str, impl ToString),
        third: (&str, impl ToString),
    ) -> String {
        self.0.t_with(
            key,
            &[
                (first.0, first.1.to_string().into()),
                (second.0, second.1.to_string().into()),
                (third.0, third.1.to_string().into()),
            ],
        )
    }

    /// The text of `key` for a number of things.
    pub(crate) fn count(self, key: &str, count: usize) -> String {
        self.0.t_with(key, &[("count", count.into())])
    }

    pub(crate) fn bytes(self, bytes: &u64) -> String {
        self.0.bytes(*bytes)
    }

    pub(crate) fn moment(self, at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
        self.0.moment(at, now, zone)
    }

    /// `mardi 24 novembre 2026`.
    pub(crate) fn day(self, at: Timestamp, zone: &TimeZone) -> String {
        self.0.day(at, zone)
    }

    /// `24 novembre`.
    pub(crate) fn day_and_month(self, at: Timestamp, zone: &TimeZone) -> String {
        self.0.day_and_month(at, zone)
    }

    pub(crate) fn about(self, length: SignedDuration) -> String {
        self.0.about(length)
    }

    /// The same in every language; never broken at the end of a line.
    pub(crate) fn degrees(self, degrees: Celsius) -> String {
        format!("{}\u{a0}°C", degrees.0)
    }

    /// A disk's verdict in one or two words.
    pub(crate) fn verdict(self, verdict: Option<Verdict>) -> String {
        preau_texts::verdict(self.0, verdict)
    }

    /// `Baie 2`, or what a disk without a bay is.
    pub(crate) fn bay(self, bay: Option<&Bay>) -> String {
        match bay {
            Some(bay) => self.t1("bay", "bay", bay),
            None => self.t("bay-none"),
        }
    }

    /// What is on a disk: `ntfs « PHOTOS », 1,2 To`.
    pub(crate) fn content(self, content: &Content) -> String {
        let (key, name) = described(&content.kind);
        let what = self.t1(key, "kind", name);
        match &content.label {
            Some(label) => self.0.t_with(
                "content-labelled",
                &[
                    ("what", what.into()),
                    ("label", label.as_str().into()),
                    ("size", self.bytes(&content.size).into()),
                ],
            ),
            None => self.t2(
                "content-plain",
                ("what", what),
                ("size", self.bytes(&content.size)),
            ),
        }
    }

    pub(crate) fn bus(self, bus: Bus) -> &'static str {
        match bus {
            Bus::Ata => "SATA",
            Bus::Scsi => "SCSI",
            Bus::Nvme => "NVMe",
            Bus::Usb => "USB",
            Bus::Virtio => "virtio",
            Bus::Other => "",
        }
    }

    /// `le disque de la baie 2 (WDC WD40EFZX, n° …7K2P)`, for one that is gone.
    pub(crate) fn lost_name(self, disk: &LostDisk) -> String {
        self.0
            .disk(disk.bay.as_ref(), Some(&disk.model), Some(&disk.serial))
    }

    /// The same with the whole serial, to compare with the label before something
    /// is erased.
    pub(crate) fn full_name(self, disk: &Disk) -> String {
        let label = self.t2(
            "disk-full-label",
            ("model", &disk.model),
            ("serial", &disk.serial),
        );
        match &disk.bay {
            Some(bay) => self.t2("the-disk-of-bay-label", ("bay", bay), ("label", label)),
            None => self.t1("the-disk-label", "label", label),
        }
    }

    pub(crate) fn disk_role(self, role: DiskRole) -> String {
        self.t(match role {
            DiskRole::InUse => "disk-in-use",
            DiskRole::Rebuilding => "disk-rebuilding",
            DiskRole::Failed => "disk-failed",
            DiskRole::Waiting => "disk-waiting",
            DiskRole::HeldOut => "disk-held-out",
            DiskRole::Diverged => "disk-diverged",
            DiskRole::Free => "disk-free",
            DiskRole::HoldsData => "disk-holds-data",
        })
    }

    pub(crate) fn volume_state(self, state: VolumeState) -> String {
        self.t(&format!("volume-{}", volume_state(state).replace('_', "-")))
    }

    /// What the volume is doing, and what protects it now.
    pub(crate) fn volume(self, volume: &VolumeView) -> String {
        match volume.state {
            VolumeState::Protected if !volume.protection.is_empty() => volume.protection.clone(),
            VolumeState::Degraded if !volume.protection.is_empty() => {
                format!("{}. {}", self.volume_state(volume.state), volume.protection)
            }
            state => self.volume_state(state),
        }
    }

    pub(crate) fn severity(self, severity: Option<Severity>) -> String {
        self.t(match severity {
            None => "severity-none",
            Some(Severity::Info) => "severity-info",
            Some(Severity::Attention) => "severity-attention",
            Some(Severity::DataAtRisk) => "severity-data-at-risk",
        })
    }

    pub(crate) fn reminder(self, which: Reminder) -> String {
        self.t(&format!("reminder-{}", reminder(which).replace('_', "-")))
    }

    pub(crate) fn incident_state(self, state: IncidentState) -> String {
        self.t(match state {
            IncidentState::Pending => "incident-pending",
            IncidentState::Open => "incident-open",
            IncidentState::Acknowledged => "incident-acknowledged",
            IncidentState::Clearing => "incident-clearing",
            IncidentState::Closed => "incident-closed",
        })
    }

    pub(crate) fn role(self, role: Role) -> String {
        self.t(match role {
            Role::Admin => "role-admin",
            Role::Member => "role-member",
        })
    }

    /// What is being copied: `La copie se reconstruit`.
    pub(crate) fn action(self, action: SyncAction) -> String {
        self.t(match action {
            SyncAction::Resync => "progress-resync",
            SyncAction::Recover => "progress-recover",
            SyncAction::Check => "progress-check",
            SyncAction::Repair => "progress-repair",
            SyncAction::Reshape => "progress-reshape",
        })
    }

    /// `42 % — encore environ 3 heures`.
    pub(crate) fn progress(self, progress: &Progress) -> String {
        self.percent_and_rest(progress.percent, progress.remaining_seconds)
    }

    /// The same of anything that takes a while.
    pub(crate) fn percent_and_rest(self, percent: u8, remaining_seconds: Option<u64>) -> String {
        match remaining_seconds {
            Some(seconds) => {
                let left = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
                self.t2(
                    "progress-with-rest",
                    ("percent", percent),
                    ("rest", self.0.about(left)),
                )
            }
            None => self.t1("progress-plain", "percent", percent),
        }
    }
}

/// What a kind of libblkid is to people, and the name under which they may know it.
/// A kind that is not listed keeps its own name: it is shown, never hidden.
fn described(kind: &str) -> (&'static str, &str) {
    match kind {
        "partition_table" | "gpt" | "dos" | "mac" | "sgi" | "sun" | "bsd" | "PMBR" => {
            ("content-partition-table", kind)
        }
        "ntfs" => ("content-windows", "NTFS"),
        "exfat" => ("content-windows", "exFAT"),
        "vfat" => ("content-windows", "FAT"),
        "ReFS" => ("content-windows", "ReFS"),
        "apfs" => ("content-mac", "APFS"),
        "hfs" => ("content-mac", "HFS"),
        "hfsplus" => ("content-mac", "HFS+"),
        "btrfs" => ("content-linux", "Btrfs"),
        "xfs" => ("content-linux", "XFS"),
        "f2fs" => ("content-linux", "F2FS"),
        "zfs_member" => ("content-nas", "ZFS"),
        "ext2" | "ext3" | "ext4" | "bcachefs" | "jfs" | "reiserfs" | "reiser4" | "nilfs2" => {
            ("content-linux", kind)
        }
        "BitLocker" => ("content-encrypted", "BitLocker"),
        "FVE" => ("content-encrypted", "FileVault"),
        "crypto_LUKS" => ("content-encrypted", "LUKS"),
        "linux_raid_member" | "DM_integrity" => ("content-raid", "RAID"),
        "LVM1_member" | "LVM2_member" => ("content-lvm", "LVM"),
        "stratis" => ("content-lvm", "Stratis"),
        "bcache" | "drbd" | "ceph_bluestore" | "VMFS_volume_member" => ("content-lvm", kind),
        "swap" => ("content-swap", kind),
        "iso9660" => ("content-disc", "ISO 9660"),
        "udf" => ("content-disc", "UDF"),
        // isw, ddf, adaptec, promise_fasttrack, …: RAID by a controller's firmware.
        kind => match kind.strip_suffix("_raid_member") {
            Some(maker) => ("content-raid", maker),
            None => ("content-other", kind),
        },
    }
}

/// The value as the API writes it, for `data-state`.
pub(crate) const fn volume_state(state: VolumeState) -> &'static str {
    match state {
        VolumeState::Creating => "creating",
        VolumeState::Protected => "protected",
        VolumeState::Copying => "copying",
        VolumeState::Degraded => "degraded",
        VolumeState::Rebuilding => "rebuilding",
        VolumeState::Changing => "changing",
        VolumeState::Offline => "offline",
    }
}

/// The value as the API writes it, for `data-severity`.
pub(crate) const fn severity(severity: Option<Severity>) -> &'static str {
    match severity {
        None => "none",
        Some(Severity::Info) => "info",
        Some(Severity::Attention) => "attention",
        Some(Severity::DataAtRisk) => "data_at_risk",
    }
}

/// The value as the API writes it, for `data-role`.
pub(crate) const fn disk_role(role: DiskRole) -> &'static str {
    match role {
        DiskRole::InUse => "in_use",
        DiskRole::Rebuilding => "rebuilding",
        DiskRole::Failed => "failed",
        DiskRole::Waiting => "waiting",
        DiskRole::HeldOut => "held_out",
        DiskRole::Diverged => "diverged",
        DiskRole::Free => "free",
        DiskRole::HoldsData => "holds_data",
    }
}

/// The value as the API writes it, for `data-member-role`.
pub(crate) const fn member_role(role: MemberRole) -> &'static str {
    match role {
        MemberRole::InUse => "in_use",
        MemberRole::Filling => "filling",
        MemberRole::Spare => "spare",
        MemberRole::Leaving => "leaving",
        MemberRole::Failed => "failed",
        MemberRole::Joining => "joining",
        MemberRole::Waiting => "waiting",
        MemberRole::Missing => "missing",
    }
}

/// The value as the API writes it, for `data-use`.
pub(crate) const fn growth(growth: Growth) -> &'static str {
    match growth {
        Growth::Spare => "spare",
        Growth::Safer => "safer",
        Growth::Larger => "larger",
    }
}

/// The value as the API writes it, for `data-verdict`.
pub(crate) const fn disk_verdict(verdict: Option<Verdict>) -> &'static str {
    match verdict {
        None => "unknown",
        Some(Verdict::Healthy) => "healthy",
        Some(Verdict::Unreadable) => "unreadable",
        Some(Verdict::Watch) => "watch",
        Some(Verdict::ReplaceSoon) => "replace_soon",
        Some(Verdict::Failed) => "failed",
    }
}

/// The value as the API writes it, for `data-reminder`.
pub(crate) const fn reminder(reminder: Reminder) -> &'static str {
    match reminder {
        Reminder::MailNotSet => "mail_not_set",
        Reminder::MailNotProved => "mail_not_proved",
        Reminder::SheetNotProved => "sheet_not_proved",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(language: Language, kind: &str) -> String {
        let content = Content {
            kind: kind.to_owned(),
            label: None,
            size: 2_000_398_934_016,
        };
        Words::new(language)
            .content(&content)
            .replace('\u{a0}', " ")
    }

    #[test]
    fn a_head_teacher_reads_what_is_on_a_foreign_disk() {
        for (kind, fr, en) in [
            (
                "ntfs",
                "disque Windows (NTFS), 2 To",
                "Windows disk (NTFS), 2 TB",
            ),
            (
                "exfat",
                "disque Windows (exFAT), 2 To",
                "Windows disk (exFAT), 2 TB",
            ),
            (
                "apfs",
                "disque de Mac (APFS), 2 To",
                "Mac disk (APFS), 2 TB",
            ),
            (
                "ext4",
                "disque de Linux (ext4), 2 To",
                "Linux disk (ext4), 2 TB",
            ),
            (
                "btrfs",
                "disque de Linux (Btrfs), 2 To",
                "Linux disk (Btrfs), 2 TB",
            ),
            (
                "zfs_member",
                "disque d’un serveur de fichiers (ZFS), 2 To",
                "disk of a file server (ZFS), 2 TB",
            ),
            (
                "crypto_LUKS",
                "disque chiffré (LUKS), 2 To",
                "encrypted disk (LUKS), 2 TB",
            ),
            (
                "BitLocker",
                "disque chiffré (BitLocker), 2 To",
                "encrypted disk (BitLocker), 2 TB",
            ),
            (
                "linux_raid_member",
                "partie d’un groupe de disques (RAID), 2 To",
                "part of a group of disks (RAID), 2 TB",
            ),
            (
                "isw_raid_member",
                "partie d’un groupe de disques (isw), 2 To",
                "part of a group of disks (isw), 2 TB",
            ),
        ] {
            assert_eq!(said(Language::Fr, kind), fr);
            assert_eq!(said(Language::En, kind), en);
        }
    }

    #[test]
    fn every_kind_that_is_known_to_libblkid_has_words() {
        // The names of libblkid 2.41's superblocks that hold data or belong to a set.
        for kind in [
            "linux_raid_member",
            "ddf_raid_member",
            "isw_raid_member",
            "lsi_mega_raid_member",
            "via_raid_member",
            "silicon_medley_raid_member",
            "nvidia_raid_member",
            "promise_fasttrack_raid_member",
            "highpoint_raid_member",
            "adaptec_raid_member",
            "jmicron_raid_member",
            "LVM2_member",
            "LVM1_member",
            "crypto_LUKS",
            "BitLocker",
            "FVE",
            "DM_integrity",
            "bcache",
            "bcachefs",
            "drbd",
            "ceph_bluestore",
            "stratis",
            "VMFS_volume_member",
            "zfs_member",
            "btrfs",
            "ext2",
            "ext3",
            "ext4",
            "xfs",
            "f2fs",
            "jfs",
            "reiserfs",
            "reiser4",
            "nilfs2",
            "ntfs",
            "exfat",
            "vfat",
            "ReFS",
            "apfs",
            "hfs",
            "hfsplus",
            "swap",
            "iso9660",
            "udf",
        ] {
            assert_ne!(described(kind).0, "content-other", "{kind}");
        }
        assert_eq!(described("minix"), ("content-other", "minix"));
    }
}
