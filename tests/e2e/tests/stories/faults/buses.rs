//! Disks are pulled on every bus, idle and while files are written. One that is put
//! back is taken back with what it has; one that comes and goes is held out.

use anyhow::{Result, ensure};
use preau_api::DiskRole;
use preau_domain::incidents::IncidentCode;
use preau_domain::layouts::Layout;
use preau_lab::{Lab, Smb, Socket, mib, mins, within};

use super::{Files, assert_names, serial, with_files};

/// md notes what a lost disk lacks in pieces of 64 MiB; there are several times as
/// many as a few files touch.
const DISK: u64 = mib(512);

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_pulled_on_any_bus_loses_nothing_and_one_that_flaps_is_held_out() -> Result<()> {
    let bays = ["bay2", "bay3", "bay4", "bay5"];
    let lab = Lab::new("buses")
        .disk_size(DISK)
        .socket("bay3", Socket::Nvme)
        .socket("bay4", Socket::Virtio)
        .socket("bay5", Socket::Usb)
        .disks(bays)
        .start()
        .await?;
    lab.set_up_with(Layout::Pairs, 0, &bays).await?;
    lab.nas().wait_until_protected().await?;
    let (share, mut files) = with_files(&lab).await?;
    lab.mailbox().tolerate("array-rebuilding");

    for bay in ["bay3", "bay4", "bay5"] {
        pull_idle_and_put_back(&lab, bay, &share, &mut files).await?;
        pull_under_load(&lab, bay, &share, &mut files).await?;
        lab.disk(bay).put_back().await?;
        lab.nas().wait_until_protected().await?;
        // A disk that dropped out is trusted once it has stayed for a while.
        lab.guest().put_clock_forward(mins(2)).await?;
        lab.mailbox()
            .closed("array-degraded", within(mins(2)))
            .await?;
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
    let mail = lab
        .mailbox()
        .opened("array-degraded", within(mins(1)))
        .await?;
    assert_names(&mail, bay, &disk.serial)?;
    files.add(share, mib(2)).await?;
    lab.disk(bay).insert(disk).await?;
    lab.nas().wait_until_protected().await?;
    let written = lab.disk(bay).written().await?;
    ensure!(
        written < DISK / 2,
        "{bay} was filled with {written} bytes instead of what it lacked"
    );
    files.assert_held(share).await
}

/// Pulled again before its return could be trusted: the page says so at once, and nobody
/// gets a second mail.
async fn pull_under_load(lab: &Lab, bay: &str, share: &Smb, files: &mut Files) -> Result<()> {
    let serial = serial(lab, bay)?;
    let (put, pulled) = tokio::join!(files.add(share, mib(24)), async {
        lab.disk(bay).wait_for_writes().await?;
        lab.disk(bay).pull().await
    });
    put?;
    pulled?;
    let told = lab
        .nas()
        .wait_for_status("the loss on the page", mins(1), |status| {
            let mut open = status.incidents.iter();
            open.any(|incident| incident.code == IncidentCode::ArrayDegraded)
        })
        .await?;
    let steps = told.incidents.iter().flat_map(|it| &it.text.what_to_do);
    let end = &serial[serial.len() - 4..];
    ensure!(
        steps.clone().any(|step| step.contains(end)),
        "the page does not name the disk …{end}: {told:?}"
    );
    files.assert_held(share).await
}

/// The third time within an hour the disk stays out, until a person lets it back in. The
/// mail about that tells of all of it.
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

    // The mail that all is well again waits until the disk can be trusted to stay.
    lab.nas().take_back(bay).await?;
    lab.nas().wait_for_role(bay, DiskRole::InUse).await?;
    lab.nas().wait_until_protected().await
}
