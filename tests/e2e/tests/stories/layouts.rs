//! More than two disks: what may fail is chosen in words, shown before anything is
//! erased, and kept as a promise; a box that was set up small grows.

use anyhow::{Context, Result, ensure};
use preau_api::{ArrayView, DiskRole, MemberRole, ScrubState, VolumeState};
use preau_domain::layouts::{Growth, Layout};
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, mib, mins, secs, within};

/// Small, since each story fills several of them.
const DISK: u64 = mib(256);

/// What files can use of a volume is a little less than what was shown before: the file
/// system and the checksums take their share.
fn is_about(shown: u64, found: u64) -> bool {
    found <= shown && found >= shown - shown / 10
}

#[tokio::test(flavor = "multi_thread")]
async fn two_disks_may_fail_one_after_the_other_and_are_replaced() -> Result<()> {
    let bays = ["bay1", "bay2", "bay3", "bay4"];
    let lab = Lab::new("two-may-fail")
        .disk_size(DISK)
        .disks(bays)
        .start()
        .await?;
    let nas = lab.nas();
    nas.set_up_to_disks(lab.machine()).await?;
    let offered = nas.protections(&bays).await?;
    let safest = offered.choices.first().context("nothing is offered")?;
    ensure!(
        safest.recommended && safest.layout == Layout::DoubleParity && safest.may_fail == 2,
        "the first choice is {safest:?}"
    );
    for bay in bays {
        ensure!(
            lab.disk(bay).is_untouched()?,
            "asking what is possible wrote on {bay}"
        );
    }
    lab.set_up_from_disks(safest.layout, safest.spares, &bays)
        .await?;
    nas.wait_until_protected().await?;
    let whole = nas.array().await?;
    let total = whole.total.context("it is not mounted")?;
    ensure!(
        is_about(safest.usable, total),
        "{} were promised, there are {total}",
        safest.usable
    );
    assert_eq!((whole.may_fail, whole.may_still_fail), (2, Some(2)));

    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(24)).await?;
    lab.disk("bay2").pull().await?;
    let first = lab
        .mailbox()
        .opened("array-degraded", within(secs(30)))
        .await?;
    ensure!(
        first.text.contains("Un autre disque peut encore lâcher"),
        "the first mail does not say what is left:\n{}",
        first.text
    );
    share.assert_holds(&photos).await?;

    lab.disk("bay4").pull().await?;
    let second = lab
        .mailbox()
        .worsened("array-degraded", within(secs(30)))
        .await?;
    for part in ["baie 2", "baie 4", "aucun autre disque ne doit lâcher"] {
        ensure!(
            second.text.contains(part),
            "the second mail does not say {part:?}:\n{}",
            second.text
        );
    }
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;
    // Written while nothing protects it any more, and copied with the rest.
    let letters = share.put_random(mib(8)).await?;

    // One at a time, or both at once: people do as they like.
    lab.mailbox().tolerate("array-rebuilding");
    for bay in ["bay2", "bay4"] {
        lab.disk(bay).replace_with_blank().await?;
        nas.rebuild_onto(bay).await?;
    }
    let closed = lab
        .mailbox()
        .closed("array-degraded", within(mins(8)))
        .await?;
    ensure!(
        closed
            .text
            .contains("Deux disques peuvent de nouveau lâcher"),
        "the last mail does not say what may fail again:\n{}",
        closed.text
    );
    nas.wait_until_protected().await?;
    assert_eq!(nas.array().await?.may_still_fail, Some(2));
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;
    share.assert_holds(&letters).await?;
    ensure!(
        nas.status().await?.incidents.is_empty(),
        "incidents are still open"
    );
    lab.finish().await
}

async fn wait_until_changed(lab: &Lab, layout: Layout) -> Result<ArrayView> {
    lab.nas()
        .wait_for_array("the change to be over", mins(10), |array| {
            // While nothing can be added, something is still going on.
            array.layout == layout
                && array.state == VolumeState::Protected
                && array.no_growth.is_none()
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_disk_gets_a_companion_then_more_room_then_a_younger_disk() -> Result<()> {
    let lab = Lab::new("grows")
        .disk_size(DISK)
        .disks(["bay1", "bay2", "bay3", "bay4"])
        .start()
        .await?;
    let nas = lab.nas();
    lab.set_up_with(Layout::Single, 0, &["bay1"]).await?;
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(24)).await?;
    let alone = nas.array().await?;
    assert_eq!(
        (alone.layout, alone.may_still_fail),
        (Layout::Single, Some(0))
    );
    let page = nas.page("/array").await?;
    ensure!(
        page.contains("Rien ne protège ces fichiers"),
        "the page does not say that nothing protects the files:\n{page}"
    );
    let total = alone.total.context("it is not mounted")?;

    nas.grow("bay2", Growth::Safer).await?;
    let pair = wait_until_changed(&lab, Layout::Mirror).await?;
    assert_eq!((pair.may_still_fail, pair.total), (Some(1), Some(total)));

    let shown = pair
        .growths
        .iter()
        .find(|growth| growth.growth == Growth::Larger);
    let shown = shown.context("more room is not offered")?.usable;
    nas.grow("bay3", Growth::Larger).await?;
    let letters = share.put_random(mib(8)).await?;
    let larger = wait_until_changed(&lab, Layout::Parity).await?;
    assert_eq!(larger.may_still_fail, Some(1));
    let grown = larger.total.context("it is not mounted")?;
    ensure!(
        grown > total + total / 2 && is_about(shown, grown),
        "{total} before, {shown} shown, {grown} found"
    );

    // A disk that still works is copied, and is never missed.
    nas.replace_working("bay1", "bay4").await?;
    let replaced = nas
        .wait_for_array("bay1 to be let go", mins(10), |array| {
            let bay = |member: &preau_api::MemberView| {
                let bay = member.bay.as_ref();
                bay.is_some_and(|bay| bay.0 == "1")
            };
            array.no_growth.is_none() && !array.members.iter().any(bay)
        })
        .await?;
    assert_eq!(replaced.may_still_fail, Some(1));
    let let_go = nas.disk_in("bay1").await?.disk.id;
    lab.disk("bay1").pull().await?;
    nas.wait_until_gone(&let_go).await?;
    let nothing_told = nas.status().await?;
    ensure!(
        nothing_told.incidents.is_empty(),
        "a disk that was let go is missed: {:?}",
        nothing_told.incidents
    );

    // A parity of three becomes one of four.
    lab.disk("bay1").insert_blank(DISK).await?;
    nas.grow("bay1", Growth::Larger).await?;
    let widest = wait_until_changed(&lab, Layout::Parity).await?;
    let in_four = widest.total.context("it is not mounted")?;
    ensure!(
        widest.may_still_fail == Some(1) && in_four > grown + grown / 3,
        "{grown} on three disks, {in_four} on four"
    );
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;
    share.assert_holds(&letters).await?;
    lab.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spare_takes_the_place_of_a_lost_disk_though_nobody_is_there() -> Result<()> {
    let bays = ["bay1", "bay2", "bay3", "bay4", "bay5"];
    let lab = Lab::new("spare")
        .disk_size(DISK)
        .disks(bays)
        .start()
        .await?;
    let nas = lab.nas();
    lab.set_up_with(Layout::Pairs, 1, &bays).await?;
    nas.wait_until_protected().await?;
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(24)).await?;

    lab.disk("bay1").pull().await?;
    let lost = lab
        .mailbox()
        .opened("array-degraded", within(secs(30)))
        .await?;
    ensure!(
        lost.text.contains("réserve"),
        "the mail does not say that the spare takes over:\n{}",
        lost.text
    );
    lab.mailbox().tolerate("array-rebuilding");
    lab.mailbox()
        .closed("array-degraded", within(mins(8)))
        .await?;
    nas.wait_until_protected().await?;
    assert_eq!(nas.array().await?.may_still_fail, Some(1));
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;
    let missing = lab
        .mailbox()
        .opened("disk-missing", within(mins(3)))
        .await?;
    ensure!(
        missing.text.contains("baie 1"),
        "the mail does not name the bay:\n{}",
        missing.text
    );

    // The new disk is the next spare.
    lab.disk("bay1").replace_with_blank().await?;
    nas.rebuild_onto("bay1").await?;
    nas.wait_for_role("bay1", DiskRole::Waiting).await?;
    nas.wait_until_protected().await?;
    share.assert_holds(&photos).await?;
    ensure!(
        nas.status().await?.incidents.is_empty(),
        "incidents are still open"
    );
    lab.finish().await
}

/// Makes md wait before it notes that nothing is being written any more, so that a
/// power cut after a write always falls into the middle of one.
async fn keep_writing(lab: &Lab) -> Result<()> {
    lab.guest()
        .write_file("/sys/block/md127/md/safe_mode_delay", b"600")
        .await
}

/// Files that are on the disks, and a write that a power cut then interrupts.
async fn write_and_go_on_writing(lab: &Lab) -> Result<preau_lab::Stored> {
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(8)).await?;
    lab.guest().run("/usr/bin/sync", [""; 0]).await?.success()?;
    keep_writing(lab).await?;
    share.put_random(mib(2)).await?;
    lab.guest().run("/usr/bin/sync", [""; 0]).await?.success()?;
    Ok(photos)
}

#[tokio::test(flavor = "multi_thread")]
async fn half_written_with_a_disk_missing_it_opens_once_somebody_agrees() -> Result<()> {
    let bays = ["bay1", "bay2", "bay3", "bay4"];
    let mut lab = Lab::new("half-written")
        .disk_size(DISK)
        .disks(bays)
        .power_can_be_cut()
        .start()
        .await?;
    lab.set_up_with(Layout::DoubleParity, 0, &bays).await?;
    lab.nas().wait_until_protected().await?;
    let photos = write_and_go_on_writing(&lab).await?;

    let mut lost = None;
    lab.cut_power_and(|bays| {
        lost = Some(bays.take_out("bay4")?);
        Ok(())
    })
    .await?;
    let lost = lost.context("no disk was taken out")?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    let waiting = lab
        .nas()
        .wait_for_array("the box to ask", mins(3), |array| array.waits_for_consent)
        .await?;
    assert_eq!(waiting.start_with.len(), 3);
    ensure!(!waiting.start_with.contains(&lost.serial));
    let missing = waiting
        .members
        .iter()
        .find(|member| member.serial == lost.serial);
    assert_eq!(missing.map(|member| member.role), Some(MemberRole::Missing));

    // One mail, which asks: nobody is first told that the files are out of reach.
    let mail = lab
        .mailbox()
        .opened("array-failed", within(mins(2)))
        .await?;
    for part in ["demande votre accord", "sauf peut-être ce qui s’écrivait"] {
        ensure!(
            mail.text.contains(part),
            "the mail does not say {part:?}:\n{}",
            mail.text
        );
    }
    let home = lab.nas().page("/").await?;
    ensure!(
        home.contains("data-action=\"array-consent\""),
        "the first page does not lead on:\n{home}"
    );
    let page = lab.nas().page("/array").await?;
    for serial in &waiting.start_with {
        ensure!(page.contains(serial), "the page does not name {serial}");
    }
    ensure!(
        !lab.nas()
            .status()
            .await?
            .shares
            .iter()
            .any(|share| share.online),
        "the share is open before anybody agreed"
    );

    lab.nas().start_unclean(waiting.start_with).await?;
    lab.nas().wait_for_share().await?;
    lab.mailbox()
        .closed("array-failed", within(mins(2)))
        .await?;
    lab.mailbox()
        .opened("array-degraded", within(mins(2)))
        .await?;
    let share = lab.smb("commun")?;
    share.assert_holds(&photos).await?;

    // The disk comes back, gets what it lacks, and everything is read once.
    lab.mailbox().tolerate("array-rebuilding");
    lab.disk("bay4").insert(lost).await?;
    lab.nas().wait_until_protected().await?;
    lab.mailbox()
        .closed("array-degraded", within(mins(1)))
        .await?;
    let read = lab
        .nas()
        .wait_for_status("everything to be read", mins(10), |status| {
            let scrub = status.scrub.as_ref();
            scrub.is_some_and(|scrub| {
                scrub.state == ScrubState::Idle && scrub.last_finished.is_some()
            })
        })
        .await?;
    let scrub = read.scrub.context("waited for")?;
    ensure!(scrub.broken_files.is_empty(), "damaged: {scrub:?}");
    share.assert_holds(&photos).await?;
    lab.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn half_written_with_one_parity_it_opens_by_itself() -> Result<()> {
    let bays = ["bay1", "bay2", "bay3"];
    let mut lab = Lab::new("parity-log")
        .disk_size(DISK)
        .disks(bays)
        .power_can_be_cut()
        .start()
        .await?;
    lab.set_up_with(Layout::Parity, 0, &bays).await?;
    lab.nas().wait_until_protected().await?;
    let photos = write_and_go_on_writing(&lab).await?;
    lab.cut_power_and(|bays| bays.take_out("bay2").map(drop))
        .await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    // The parity log tells what was half written: nobody is asked.
    lab.nas().wait_for_share().await?;
    let array = lab.nas().array().await?;
    assert_eq!(
        (array.waits_for_consent, array.may_still_fail),
        (false, Some(0))
    );
    lab.smb("commun")?.assert_holds(&photos).await?;
    lab.mailbox()
        .opened("array-degraded", within(mins(2)))
        .await?;
    lab.finish().await
}
