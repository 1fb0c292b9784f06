//! Disks that stay in their bay and fail: one takes no more writes, one has a place
//! that md hides, one answers nothing for a while. At last the volume fills up.

use anyhow::{Context, Result, ensure};
use preau_api::DiskRole;
use preau_domain::incidents::IncidentCode;
use preau_lab::{Fault, Lab, Look, Smb, mib, mins, secs, wait_until, within};

use super::{Files, assert_names, serial, with_files};

#[tokio::test(flavor = "multi_thread")]
async fn disks_that_fail_in_their_bay_and_a_full_volume_are_told_and_lose_nothing() -> Result<()> {
    let lab = Lab::new("errors").disk_size(mib(256)).disks(["bay3"]);
    let lab = lab.start_with_mirror().await?;
    let (share, mut files) = with_files(&lab).await?;
    lab.mailbox().tolerate("array-rebuilding");

    no_more_writes(&lab, &share, &mut files).await?;
    silence(&lab, &share, &mut files).await?;
    a_place_that_md_hides(&lab, &share, &files).await?;
    full(&lab, &share, &mut files).await?;
    files.assert_held(&share).await?;
    lab.finish().await
}

/// md gives the disk up with the next write; it is still plugged in, and named.
async fn no_more_writes(lab: &Lab, share: &Smb, files: &mut Files) -> Result<()> {
    lab.disk("bay2").break_disk(Fault::WritesFail).await?;
    files.add(share, mib(4)).await?;
    let mail = lab
        .mailbox()
        .opened("array-degraded", within(mins(2)))
        .await?;
    assert_names(&mail, "bay2", &serial(lab, "bay2")?)?;
    lab.nas().wait_for_role("bay2", DiskRole::Failed).await?;
    files.assert_held(share).await?;

    lab.nas().rebuild_onto("bay3").await?;
    lab.mailbox()
        .closed("array-degraded", within(mins(5)))
        .await?;
    lab.nas().wait_until_protected().await
}

/// The file waits for the disk, the page does not; nobody is told of a disk that
/// answers again within minutes.
async fn silence(lab: &Lab, share: &Smb, files: &mut Files) -> Result<()> {
    lab.disk("bay3").break_disk(Fault::Hangs).await?;
    let (put, page) = tokio::join!(files.add(share, mib(4)), async {
        wait_until_asked(lab, "bay3").await?;
        for _ in 0..3 {
            lab.nas().status().await.context("while a disk hangs")?;
            lab.nas().page("/").await.context("while a disk hangs")?;
        }
        lab.disk("bay3").mend().await
    });
    page?;
    put?;
    files.assert_held(share).await
}

/// Returns once the guest waits for an answer of the disk in `bay`.
async fn wait_until_asked(lab: &Lab, bay: &str) -> Result<()> {
    let serial = serial(lab, bay)?;
    let list = ["-n", "-d", "-o", "KNAME,SERIAL"];
    let disks = lab.guest().run("/usr/bin/lsblk", list).await?.success()?;
    let row = disks.lines().find(|row| row.ends_with(&serial));
    let name = row.and_then(|row| row.split_whitespace().next());
    let under_way = format!("/sys/block/{}/inflight", name.context("no such disk")?);
    wait_until("the disk to be asked", secs(120), || async {
        let counts = lab.guest().run("/usr/bin/cat", [&under_way]).await?;
        let counts = counts.success()?;
        Ok(if counts.split_whitespace().any(|count| count != "0") {
            Look::Found(())
        } else {
            Look::NotYet(counts)
        })
    })
    .await
}

/// A place of one disk can neither be read nor written. md serves the other copy and
/// notes the place; the array looks whole.
async fn a_place_that_md_hides(lab: &Lab, share: &Smb, files: &Files) -> Result<()> {
    let stored = files.all.first().context("a file")?;
    let at = lab.disk("bay3").place_of(share, stored, 700).await?;
    lab.disk("bay3").break_disk(Fault::CannotUse { at }).await?;
    let check = ["--action=check", "/dev/md/preau"];
    lab.guest().run("/usr/sbin/mdadm", check).await?.success()?;
    let mail = lab
        .mailbox()
        .opened("disk-failing", within(mins(3)))
        .await?;
    assert_names(&mail, "bay3", &serial(lab, "bay3")?)?;
    let open = lab.nas().status().await?.incidents;
    ensure!(
        !open
            .iter()
            .any(|incident| incident.code == IncidentCode::ArrayDegraded),
        "md did not hide it"
    );
    files.assert_held(share).await
}

async fn full(lab: &Lab, share: &Smb, files: &mut Files) -> Result<()> {
    let volume = lab.nas().status().await?.volume.context("a volume")?;
    let (total, free) = volume.total.zip(volume.free).context("no space is told")?;
    files.add(share, free - total / 40).await?;
    wait_for_room(lab, "little room", |found| found < total / 20).await?;
    // What is written and deleted at once is not told: it must last.
    let mail = lab.mailbox().opened("volume-full", within(mins(4))).await?;
    ensure!(
        mail.subject.contains("presque plein"),
        "the subject is {}",
        mail.subject
    );
    lab.mailbox().tolerate("volume-filling");
    let large = files.all.pop().context("the large file")?;
    share.remove(&large).await?;
    wait_for_room(lab, "the space to be free", |found| found > free / 2).await?;
    lab.mailbox()
        .closed("volume-full", within(mins(4)))
        .await
        .map(drop)
}

/// Waits until as many bytes can still be written as `is_it` says.
async fn wait_for_room(lab: &Lab, what: &str, is_it: impl Fn(u64) -> bool) -> Result<()> {
    lab.nas()
        .wait_for_status(what, mins(2), |status| {
            let volume = status.volume.as_ref();
            volume.and_then(|volume| volume.free).is_some_and(&is_it)
        })
        .await
        .map(drop)
}
