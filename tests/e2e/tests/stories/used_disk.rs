//! A volunteer reuses a disk from home, with last year's photos on it.

use std::{fs::File, path::Path};

use anyhow::{Result, ensure};
use preau_api::CreateVolume;
use preau_domain::settings::{EraseConsent, Layout, SetupStep};
use preau_lab::{Lab, mib, process::run, secs, sha256_of};
use reqwest::Method;
use serde_json::to_value;

/// A disk with an ext4 file system called `photos` on it, without a partition.
async fn make_used_disk(file: &Path) -> Result<()> {
    File::create(file)?.set_len(mib(512))?;
    let path = file.to_string_lossy();
    run(
        "/usr/sbin/mke2fs",
        ["-q", "-t", "ext4", "-L", "photos", &path],
        secs(60),
    )
    .await?;
    Ok(())
}

async fn refused(lab: &Lab, erase: &[&EraseConsent]) -> Result<String> {
    let volume = CreateVolume {
        layout: Layout::Mirror,
        erase: erase.iter().map(|one| (*one).clone()).collect(),
        spares: 0,
    };
    let answer = lab
        .nas()
        .request(Method::POST, "/volume", Some(to_value(volume)?))
        .await?;
    Ok(answer.refusal()?.code)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_disk_is_never_erased_without_its_own_confirmation() -> Result<()> {
    let lab = Lab::new("used-disk");
    let file = lab.folder()?.join("used.raw");
    make_used_disk(&file).await?;
    let before = sha256_of(&file)?;
    let lab = lab
        .disks(["bay1", "bay3"])
        .used_disk("bay2", &file)
        .start()
        .await?;
    lab.nas().claim(&lab.claim_code().await?).await?;
    lab.nas().set_admin().await?;
    lab.nas().set_box("École Jules-Ferry").await?;

    let shown = lab.nas().disk_in("bay2").await?.disk;
    ensure!(
        shown
            .contents
            .iter()
            .any(|content| content.kind == "ext4" && content.label.as_deref() == Some("photos")),
        "what is on the disk is not shown: {:?}",
        shown.contents
    );
    let blank = lab.nas().consent("bay1").await?;
    let agreed = lab.nas().consent("bay2").await?;

    let unticked = EraseConsent {
        contents_digest: None,
        ..agreed.clone()
    };
    let stale = EraseConsent {
        contents_digest: Some("0000".to_owned()),
        ..agreed.clone()
    };
    let mistaken = EraseConsent {
        serial: blank.serial.clone(),
        ..agreed.clone()
    };
    for (wrong, code) in [
        (&unticked, "contents-changed"),
        (&stale, "contents-changed"),
        (&mistaken, "other-serial"),
    ] {
        assert_eq!(refused(&lab, &[&blank, wrong]).await?, code, "{wrong:?}");
    }

    // The disk vanishes between choice and confirmation: nothing else is erased.
    let third = lab.nas().consent("bay3").await?;
    lab.disk("bay3").pull().await?;
    lab.nas().wait_until_gone(&third.disk).await?;
    assert_eq!(refused(&lab, &[&blank, &third]).await?, "disk-gone");
    ensure!(
        lab.disk("bay1").is_untouched()?,
        "a refused confirmation wrote on the blank disk"
    );
    ensure!(
        sha256_of(&file)? == before,
        "a refused confirmation wrote on the used disk"
    );
    assert_eq!(lab.nas().info().await?.setup, SetupStep::Disks);

    lab.nas().make_mirror(["bay1", "bay2"]).await?;
    ensure!(
        sha256_of(&file)? != before,
        "the agreed erasure did not take place"
    );
    lab.finish().await
}
