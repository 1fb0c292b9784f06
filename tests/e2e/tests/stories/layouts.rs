//! More than two disks: what may fail is chosen in words, shown before anything is
//! erased, and kept as a promise; a box that was set up small grows.

use anyhow::{Context, Result, ensure};
use preau_api::{ArrayView, VolumeState};
use preau_domain::layouts::{Growth, Layout};
use preau_lab::{Lab, mib, mins, secs, within};

/// What files can use of a volume is a little less than what was shown before: the file
/// system and the checksums take their share.
fn is_about(shown: u64, found: u64) -> bool {
    found <= shown && found >= shown - shown / 10
}

#[tokio::test(flavor = "multi_thread")]
async fn two_disks_may_fail_one_after_the_other_and_are_replaced() -> Result<()> {
    let bays = ["bay1", "bay2", "bay3", "bay4"];
    let lab = Lab::new("two-may-fail").disks(bays).start().await?;
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
    lab.guest().drop_caches().await?;
    share.assert_holds(&photos).await?;
    share.assert_holds(&letters).await?;
    lab.finish().await
}
