//! A disk taken out while the box is off, a volume that can no longer be written, and
//! both disks lost one after the other: the shares go offline, the card takes nothing,
//! and all files are there once the disks are back.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use preau_domain::incidents::IncidentCode;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Disk, Fault, Lab, Smb, mib, mins, within};

use super::{Files, assert_names, with_files};

#[tokio::test(flavor = "multi_thread")]
async fn a_degraded_start_serves_files_and_a_lost_volume_writes_nothing_on_the_card() -> Result<()>
{
    let mut lab = Lab::new("losses").start_with_mirror().await?;
    let (share, mut files) = with_files(&lab).await?;
    lab.mailbox().tolerate("array-rebuilding");

    // Taken out while the box is off: it starts all the same, serves, and tells.
    let mut taken = None;
    lab.while_off(|bays| {
        taken = Some(bays.take_out("bay2")?);
        Ok(())
    })
    .await?;
    let taken = taken.context("no disk was taken out")?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    let mail = lab
        .mailbox()
        .opened("array-degraded", within(mins(3)))
        .await?;
    assert_names(&mail, "bay2", &taken.serial)?;
    files.assert_held(&share).await?;
    files.add(&share, mib(4)).await?;
    lab.disk("bay2").insert(taken).await?;
    lab.nas().wait_until_protected().await?;
    files.assert_held(&share).await?;

    // What the kernel says of the writes that failed may make a disk one to replace.
    lab.mailbox().tolerate("disk-failing");
    // One disk takes no more writes, then the other: nothing is served, and what was
    // written before is there once they can be used again.
    lab.disk("bay1").break_disk(Fault::WritesFail).await?;
    files.add(&share, mib(2)).await?;
    another_is_lost(&lab, within(mins(3))).await?;
    lab.expect_lost_volume();
    lab.disk("bay2").break_disk(Fault::WritesFail).await?;
    // It may be refused at once, or be taken and lost.
    let _ = share.put_random(mib(3)).await;
    the_loss_is_told(&lab).await?;
    lab.while_off(|_| Ok(())).await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    all_is_back(&lab, &share, &files).await?;
    lab.mailbox()
        .closed("array-degraded", within(mins(1)))
        .await?;
    lab.finish().await
}

/// Both disks went while the volume was used, and are back: no restart is needed.
#[tokio::test(flavor = "multi_thread")]
async fn a_volume_whose_disks_all_went_is_served_again_once_they_are_back() -> Result<()> {
    let lab = Lab::new("came-back").start_with_mirror().await?;
    let (share, mut files) = with_files(&lab).await?;
    lab.mailbox().tolerate("array-rebuilding");
    let [first, second] = lose_both(&lab, &share, &mut files).await?;

    lab.disk("bay2").insert(second).await?;
    lab.disk("bay1").insert(first).await?;
    lab.nas().wait_for_share().await?;
    lab.nas().wait_until_protected().await?;
    all_is_back(&lab, &share, &files).await?;
    files.add(&share, mib(2)).await?;
    files.assert_held(&share).await?;
    lab.finish().await
}

/// Pulls the disk in bay 2 and then that in bay 1, with a file written in between, and
/// returns them in the order of their bays.
async fn lose_both(lab: &Lab, share: &Smb, files: &mut Files) -> Result<[Disk; 2]> {
    let second = lab.disk("bay2").pull().await?;
    lab.mailbox()
        .opened("array-degraded", within(mins(1)))
        .await?;
    files.add(share, mib(2)).await?;
    lab.expect_lost_volume();
    let first = lab.disk("bay1").pull().await?;
    the_loss_is_told(lab).await?;
    let open = lab.nas().status().await?.incidents;
    ensure!(
        open.iter()
            .any(|incident| incident.code == IncidentCode::ArrayFailed),
        "the page does not say so: {open:?}"
    );
    Ok([first, second])
}

/// Nothing is served at once; a mail says so when that lasts.
async fn the_loss_is_told(lab: &Lab) -> Result<()> {
    nothing_is_served(lab).await?;
    lab.mailbox()
        .opened("array-failed", within(mins(5)))
        .await
        .map(drop)
}

/// The disk that came back is trusted, and now the other one is lost.
async fn another_is_lost(lab: &Lab, limit: Duration) -> Result<()> {
    lab.mailbox().closed("array-degraded", limit).await?;
    lab.mailbox().opened("array-degraded", limit).await?;
    Ok(())
}

/// A mail says that files can be reached, and every byte is there.
async fn all_is_back(lab: &Lab, share: &Smb, files: &Files) -> Result<()> {
    lab.mailbox()
        .closed("array-failed", within(mins(3)))
        .await?;
    lab.nas().wait_until_protected().await?;
    files.assert_held(share).await
}

/// The share is offline on the page and nothing answers for it; what would be its
/// folder on the card is empty.
async fn nothing_is_served(lab: &Lab) -> Result<()> {
    lab.nas()
        .wait_for_status("the share to be offline", mins(2), |status| {
            status.shares.iter().all(|share| !share.online)
        })
        .await?;
    let active = ["is-active", "smbd.service"];
    let smbd = lab.guest().run("/usr/bin/systemctl", active).await?;
    ensure!(smbd.code != 0, "Samba still serves");
    let root = ["--noheadings", "--output=OPTIONS", "--target", "/srv"];
    let options = lab.guest().run("/usr/bin/findmnt", root).await?.success()?;
    ensure!(
        options.split(',').any(|option| option.trim() == "ro"),
        "the card's root can be written: {options}"
    );
    Ok(())
}
