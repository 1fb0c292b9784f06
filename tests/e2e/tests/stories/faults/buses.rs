//! Disks are pulled on every bus, idle and while files are written. One that is put
//! back is taken back with what it has; one that comes and goes is held out.

use anyhow::{Result, ensure};
use preau_api::{DiskRole, IncidentView};
use preau_domain::incidents::IncidentCode;
use preau_lab::{Lab, Smb, Socket, mib, mins, within};

use super::{Files, assert_names, serial};

/// md notes what a lost disk lacks in pieces of 64 MiB; there are several times as
/// many as a few files touch.
const DISK: u64 = mib(768);

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_pulled_on_any_bus_loses_nothing_and_one_that_flaps_is_held_out() -> Result<()> {
    let lab = Lab::new("buses")
        .disk_size(DISK)
        .socket("bay3", Socket::Nvme)
        .socket("bay4", Socket::Virtio)
        .socket("bay5", Socket::Usb)
        .disks(["bay1", "bay2", "bay3", "bay4", "bay5"])
        .start()
        .await?;
    lab.set_up_with_mirror(["bay1", "bay3"]).await?;
    lab.nas().wait_until_protected().await?;
    lab.mailbox().tolerate("array-rebuilding");
    // The second loss of a disk is told if it lasts, its end once that has stayed: how
    // long the copies take decides which of those mails come.
    lab.mailbox().tolerate("array-degraded");
    let share = lab.smb("commun")?;
    let mut files = Files::default();
    files.add(&share, mib(8)).await?;

    for (bay, next) in [("bay3", "bay4"), ("bay4", "bay5"), ("bay5", "bay2")] {
        pull_idle_and_put_back(&lab, bay, &share, &mut files).await?;
        pull_under_load(&lab, bay, &share, &mut files).await?;
        lab.nas().rebuild_onto(next).await?;
        lab.nas().wait_until_protected().await?;
        files.assert_held(&share).await?;
    }
    pull_idle_and_put_back(&lab, "bay2", &share, &mut files).await?;
    pull_under_load(&lab, "bay2", &share, &mut files).await?;
    flap(&lab, "bay2").await?;
    files.assert_held(&share).await?;
    lab.finish().await
}

/// Pulled while nothing is written, then put back after writes went on without it: it
/// is brought up to date, not filled from nothing.
async fn pull_idle_and_put_back(
    lab: &Lab,
    bay: &str,
    share: &Smb,
    files: &mut Files,
) -> Result<()> {
    let disk = lab.disk(bay).pull().await?;
    let end = &disk.serial[disk.serial.len() - 4..];
    let mail = lab
        .mailbox()
        .wait_for("the mail about this loss", within(mins(1)), |mail| {
            mail.incident.as_deref() == Some("array-degraded")
                && mail.transition.as_deref() == Some("opened")
                && mail.text.contains(end)
        })
        .await?;
    assert_names(&mail, bay, &disk.serial)?;
    files.add(share, mib(2)).await?;
    lab.disk(bay).insert(disk).await?;
    // Whole on the page at once; a mail says so once it has stayed.
    lab.nas().wait_until_protected().await?;
    let written = lab.disk(bay).written().await?;
    ensure!(
        written < DISK / 2,
        "{bay} was filled with {written} bytes instead of what it lacked"
    );
    files.assert_held(share).await
}

async fn pull_under_load(lab: &Lab, bay: &str, share: &Smb, files: &mut Files) -> Result<()> {
    let serial = serial(lab, bay)?;
    let (put, pulled) = tokio::join!(files.add(share, mib(24)), async {
        lab.disk(bay).wait_for_writes().await?;
        lab.disk(bay).pull().await
    });
    put?;
    pulled?;
    // People have been told of this disk, and not yet that it came back.
    lab.nas()
        .wait_for_status("the loss to be shown", mins(1), |status| {
            let told = |incident: &IncidentView| {
                incident.code == IncidentCode::ArrayDegraded
                    && incident.facts.serial.as_deref() == Some(serial.as_str())
            };
            status.incidents.iter().any(told)
        })
        .await?;
    files.assert_held(share).await
}

/// The third time within an hour the disk stays out, until a person lets it back in.
async fn flap(lab: &Lab, bay: &str) -> Result<()> {
    lab.disk(bay).put_back().await?;
    lab.nas().wait_until_protected().await?;
    let disk = lab.disk(bay).pull().await?;
    let mail = lab
        .mailbox()
        .opened("disk-flapping", within(mins(1)))
        .await?;
    assert_names(&mail, bay, &disk.serial)?;
    lab.disk(bay).put_back().await?;
    lab.nas().wait_for_role(bay, DiskRole::HeldOut).await?;

    lab.nas().take_back(bay).await?;
    lab.nas().wait_for_role(bay, DiskRole::InUse).await?;
    lab.nas().wait_until_protected().await
}
