//! The faults: how each is made, as what the box tells it, and how the mirror is made
//! whole again.

use std::time::Duration;

use anyhow::{Context, Result};
use preau_domain::incidents::IncidentCode;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Fault as Breakage, mib, mins};

use super::{NVME, SCSI, Stand};

/// A block of the stored file that the faults of one place are made in.
const BLOCK: u64 = 700;
const SHARE: &str = "/srv/preau/commun";

/// What happens to a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Pulled while nothing is written.
    PulledIdle(&'static str),
    /// Pulled while a file is written.
    PulledUnderLoad(&'static str),
    /// Takes no more writes; counted from the next write.
    WritesFail,
    /// A place that can neither be read nor written; counted from the start of a check,
    /// which reads it.
    HiddenPlace,
    /// Answers nothing, and nobody asks it anything.
    Hangs,
    /// Warns in its own log.
    Warns,
    /// Holds other bytes than were written; counted from a reading of the file.
    LiesToReader,
    /// The same, counted from the start of a scrub.
    LiesToScrub,
    /// Taken out while the box was off; counted from the start of the kernel, and for
    /// those who are started by hand from their start.
    MissingAtStart,
}

/// All of them.
pub const FAULTS: [Fault; 11] = [
    Fault::PulledIdle(SCSI),
    Fault::PulledIdle(NVME),
    Fault::PulledUnderLoad(SCSI),
    Fault::PulledUnderLoad(NVME),
    Fault::WritesFail,
    Fault::HiddenPlace,
    Fault::Hangs,
    Fault::Warns,
    Fault::LiesToReader,
    Fault::LiesToScrub,
    Fault::MissingAtStart,
];

/// From when a fault counts, in milliseconds of the guest's clock.
pub struct Began {
    /// For the box.
    pub fault: u64,
    /// For the others.
    pub others: u64,
}

impl Fault {
    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::PulledIdle(SCSI) => "pulled idle (virtio-scsi)",
            Self::PulledIdle(_) => "pulled idle (NVMe)",
            Self::PulledUnderLoad(SCSI) => "pulled under load (virtio-scsi)",
            Self::PulledUnderLoad(_) => "pulled under load (NVMe)",
            Self::WritesFail => "write errors (NVMe)",
            Self::HiddenPlace => "medium error that md hides (NVMe)",
            Self::Hangs => "hung, idle (virtio-scsi)",
            Self::Warns => "NVMe critical warning",
            Self::LiesToReader => "corruption, read",
            Self::LiesToScrub => "corruption, scrubbed",
            Self::MissingAtStart => "missing at start (NVMe)",
        }
    }

    /// The incidents of which one tells it.
    pub const fn told_as(self) -> &'static [IncidentCode] {
        match self {
            Self::PulledIdle(_) | Self::PulledUnderLoad(_) | Self::MissingAtStart => {
                &[IncidentCode::ArrayDegraded]
            }
            Self::WritesFail => &[IncidentCode::ArrayDegraded, IncidentCode::DiskFailing],
            Self::HiddenPlace | Self::Warns => &[IncidentCode::DiskFailing],
            Self::Hangs => &[IncidentCode::DiskSilent, IncidentCode::ArrayDegraded],
            Self::LiesToReader | Self::LiesToScrub => {
                &[IncidentCode::ScrubRepaired, IncidentCode::DiskFailing]
            }
        }
    }

    /// The design's budget, which is for one bus.
    pub fn budget(self, who: &str) -> Option<f64> {
        (self == Self::PulledIdle(SCSI) && who == "Préau").then_some(2.0)
    }

    /// How long the box is waited for.
    pub const fn box_within(self) -> Duration {
        match self {
            // A disk is read once a minute, and is silent when it was for two minutes.
            Self::Hangs => mins(8),
            // Its log is read every few minutes.
            Self::Warns => mins(15),
            _ => mins(4),
        }
    }

    /// Whether the box is waited for longer than the others.
    pub fn must_be_told(self) -> bool {
        self != Self::LiesToReader
    }

    /// Breaks it.
    pub async fn make(self, stand: &mut Stand) -> Result<Began> {
        let lab = &stand.lab;
        match self {
            Self::PulledIdle(bay) => {
                let at = stand.milliseconds().await?;
                lab.disk(bay).pull().await?;
                Ok(Began::at(at))
            }
            Self::PulledUnderLoad(bay) => {
                let share = lab.smb("commun")?;
                let (put, pulled) = tokio::join!(share.put_random(mib(24)), async {
                    lab.disk(bay).wait_for_writes().await?;
                    let at = stand.milliseconds().await?;
                    lab.disk(bay).pull().await?;
                    anyhow::Ok(at)
                });
                put?;
                Ok(Began::at(pulled?))
            }
            Self::WritesFail => {
                lab.disk(NVME).break_disk(Breakage::WritesFail).await?;
                let at = stand.milliseconds().await?;
                let to = format!("of={SHARE}/bench");
                let args = ["if=/dev/zero", &to, "bs=1M", "count=1", "conv=fsync"];
                let guest = lab.guest();
                guest.run_within("/usr/bin/dd", args, mins(2)).await?;
                Ok(Began::at(at))
            }
            Self::HiddenPlace => {
                let share = lab.smb("commun")?;
                let disk = lab.disk(NVME);
                let at = disk.place_of(&share, &stand.photos, BLOCK).await?;
                disk.break_disk(Breakage::CannotUse { at }).await?;
                let at = stand.milliseconds().await?;
                let check = ["--action=check", "/dev/md/preau"];
                let guest = lab.guest();
                guest.run("/usr/sbin/mdadm", check).await?.success()?;
                Ok(Began::at(at))
            }
            Self::Hangs => {
                let at = stand.milliseconds().await?;
                lab.disk(SCSI).break_disk(Breakage::Hangs).await?;
                Ok(Began::at(at))
            }
            Self::Warns => {
                let at = stand.milliseconds().await?;
                // Bit 2: the disk is no longer reliable.
                lab.disk(NVME).warn(1 << 2).await?;
                Ok(Began::at(at))
            }
            Self::LiesToReader => {
                let share = lab.smb("commun")?;
                lie(stand).await?;
                let at = stand.milliseconds().await?;
                share.assert_holds(&stand.photos).await?;
                Ok(Began::at(at))
            }
            Self::LiesToScrub => {
                lie(stand).await?;
                let at = stand.milliseconds().await?;
                lab.nas().scrub().await?;
                Ok(Began::at(at))
            }
            Self::MissingAtStart => {
                stand
                    .lab
                    .while_off_unchecked(|bays| bays.take_out(NVME).map(drop))
                    .await?;
                let nas = stand.lab.nas();
                nas.log_in(ADMIN, ADMIN_PASSWORD).await?;
                let uptime = stand.lab.guest().read_file("/proc/uptime").await?;
                let now = stand.milliseconds().await?;
                let uptime = String::from_utf8(uptime)?;
                let seconds: f64 = uptime
                    .split_whitespace()
                    .next()
                    .context("no uptime")?
                    .parse()?;
                stand.watchers.start_again(stand.lab.guest()).await?;
                Ok(Began {
                    fault: now.saturating_sub((seconds * 1000.0) as u64),
                    others: now,
                })
            }
        }
    }

    /// Makes everything whole.
    pub async fn heal(self, stand: &Stand) -> Result<()> {
        match self {
            Self::PulledIdle(bay) | Self::PulledUnderLoad(bay) => stand.replace(bay).await,
            Self::WritesFail | Self::HiddenPlace | Self::Warns | Self::MissingAtStart => {
                stand.replace(NVME).await
            }
            Self::Hangs => {
                stand.lab.disk(SCSI).mend().await?;
                stand.replace(SCSI).await
            }
            Self::LiesToReader | Self::LiesToScrub => {
                // What the fault left is put right, for the next sample to begin whole.
                stand.lab.nas().scrub().await?;
                stand.replace(NVME).await
            }
        }
    }
}

impl Began {
    const fn at(moment: u64) -> Self {
        Self {
            fault: moment,
            others: moment,
        }
    }
}

/// Changes blocks of the stored file on one member, all over the file: whichever copy
/// md reads where, some of it is wrong.
async fn lie(stand: &Stand) -> Result<()> {
    let share = stand.lab.smb("commun")?;
    let original = share.original(&stand.photos);
    stand.lab.guest().drop_caches().await?;
    let blocks = stand.lab.disk(NVME).find_blocks(&original)?;
    let some: Vec<_> = blocks.into_iter().step_by(20).collect();
    stand.lab.disk(NVME).spoil(&some)?;
    stand.lab.guest().drop_caches().await
}
