//! Bytes on a disk change by themselves, and nobody ever reads them.

use anyhow::{Result, ensure};
use preau_lab::{Lab, mib, mins, within};

/// More than md by itself tolerates in an hour before it gives a disk up.
const BLOCKS: usize = 40;

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_changed_on_one_disk_reach_nobody_and_are_put_right() -> Result<()> {
    let lab = Lab::new("corruption").start_with_mirror().await?;
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(16)).await?;
    lab.guest().drop_caches().await?;

    // Different blocks on each disk: whichever is read, some of it is wrong.
    let first = lab.disk("bay1").find_blocks(&share.original(&photos))?;
    let second = lab.disk("bay2").find_blocks(&share.original(&photos))?;
    ensure!(
        first.len() > 2 * BLOCKS && second.len() == first.len(),
        "the file lies on the disks in {} and {} blocks",
        first.len(),
        second.len()
    );
    let every_other: Vec<_> = first.iter().step_by(2).take(BLOCKS).cloned().collect();
    let the_others: Vec<_> = second
        .iter()
        .skip(1)
        .step_by(2)
        .take(BLOCKS)
        .cloned()
        .collect();
    lab.disk("bay1").spoil(&every_other)?;
    lab.disk("bay2").spoil(&the_others)?;
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;

    // What nobody has read is still wrong.
    lab.disk("bay1").spoil(&every_other)?;
    lab.disk("bay2").spoil(&the_others)?;
    lab.guest().drop_caches().await?;
    let scrub = lab.nas().scrub().await?;
    ensure!(
        scrub.repaired_bytes > 0,
        "the scrub put nothing right: {scrub:?}"
    );
    ensure!(scrub.broken_files.is_empty(), "{scrub:?}");
    let mut told = String::new();
    for _ in 0..2 {
        let mail = lab.mailbox().opened("scrub-repaired", within(mins(1)));
        told.push_str(&mail.await?.text);
    }
    for bay in ["baie 1", "baie 2"] {
        ensure!(told.contains(bay), "the mails do not name {bay}:\n{told}");
    }
    lab.guest().drop_caches().await?;
    for (bay, blocks) in [("bay1", &every_other), ("bay2", &the_others)] {
        let wrong = lab.disk(bay).count_wrong(blocks)?;
        ensure!(wrong == 0, "{wrong} blocks of {bay} are still wrong");
    }

    let again = lab.nas().scrub().await?;
    ensure!(again.repaired_bytes == 0, "{again:?}");
    share.assert_holds(&photos).await?;
    let status = lab.nas().status().await?;
    ensure!(status.lost_disks.is_empty(), "a disk was given up");
    lab.finish().await
}
