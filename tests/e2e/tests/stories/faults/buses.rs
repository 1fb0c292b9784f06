//! Disks are pulled on every bus, idle and while files are written. One that is put
//! back is taken back with what it has; one that comes and goes is held out.

use anyhow::{Result, ensure};
use preau_api::DiskRole;
use preau_domain::incidents::IncidentCode;
use preau_domain::layouts::Layout;
use preau_lab::{Lab, Smb, Socket, mib, mins, secs, within};

use super::{Files, assert_names, serial, with_files};

/// md notes what a lost disk lacks in pieces of 64 MiB; there are several times as
/// many as a few files touch.
const DISK: u64 = mib(640);

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

    // In each round one disk of either pair goes: each is pulled once while nobody uses
    // it and once while a file is written.
    for [one, other] in [["bay3", "bay5"], ["bay4", "bay2"]] {
        pull_and_put_back(&lab, [one, other], &share, &mut files).await?;
        let mail = lab
            .mailbox()
            .opened("array-degraded", within(mins(1)))
            .await?;
        assert_names(&mail, one, &serial(&lab, one)?)?;
        // Again before they could be trusted: nobody gets a second mail.
        pull_and_put_back(&lab, [other, one], &share, &mut files).await?;
        if other != "bay2" {
            // A disk that dropped out is trusted once it has stayed for a while.
            lab.guest().put_clock_forward(mins(2)).await?;
            lab.mailbox()
                .closed("array-degraded", within(mins(2)))
                .await?;
        }
    }
    flap(&lab, "bay2").await?;
    files.assert_held(&share).await?;
    lab.finish().await
}

/// One disk is pulled while nothing is written, the other while a file is; the page names
/// each at once. Writes go on without them, and when they are put back both are brought
/// up to date, not filled from nothing.
async fn pull_and_put_back(
    lab: &Lab,
    [idle, busy]: [&str; 2],
    share: &Smb,
    files: &mut Files,
) -> Result<()> {
    let first = lab.disk(idle).pull().await?;
    wait_until_told_of(lab, [(idle, &first.serial)]).await?;
    // Disks that drop out together are not to blame: a loose plug that they share is.
    lab.guest().put_clock_forward(secs(15)).await?;
    let (put, second) = tokio::join!(files.add(share, mib(24)), async {
        lab.disk(busy).wait_for_writes().await?;
        lab.disk(busy).pull().await
    });
    put?;
    let second = second?;
    let both = [(idle, &first.serial[..]), (busy, &second.serial)];
    wait_until_told_of(lab, both).await?;
    files.assert_held(share).await?;

    lab.disk(idle).insert(first).await?;
    lab.disk(busy).insert(second).await?;
    lab.nas().wait_until_protected().await?;
    for bay in [idle, busy] {
        let written = lab.disk(bay).written().await?;
        ensure!(
            written < DISK / 2,
            "{bay} was filled with {written} bytes instead of what it lacked"
        );
    }
    files.assert_held(share).await
}

/// The page says that the disks in these bays do not answer, and to take out those whose
/// serial numbers end like theirs. The label of an earlier loss, which is not over yet, does
/// not count.
async fn wait_until_told_of<const N: usize>(lab: &Lab, lost: [(&str, &str); N]) -> Result<()> {
    let disks = lost.map(|(bay, serial)| {
        let end = &serial[serial.len() - 4..];
        (bay.replace("bay", "baie "), end)
    });
    lab.nas()
        .wait_for_status("the lost disks' labels on the page", mins(1), |status| {
            let mut open = status.incidents.iter();
            let lost = open.find(|incident| incident.code == IncidentCode::ArrayDegraded);
            lost.is_some_and(|incident| {
                let text = &incident.text;
                let steps = text.what_to_do.join(" ");
                let is_named = |(bay, end): &(String, &str)| {
                    text.what_happened.contains(bay) && steps.contains(end)
                };
                disks.iter().all(is_named)
            })
        })
        .await
        .map(drop)
}

/// The third time within an hour the disk stays out, until a person lets it back in. The
/// mail about that tells of all of it.
async fn flap(lab: &Lab, bay: &str) -> Result<()> {
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
