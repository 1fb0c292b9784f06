//! Somebody pulls the plug: while the box is being set up, and right after a file was
//! stored, renamed or deleted.

use anyhow::{Result, ensure};
use preau_domain::settings::SetupStep;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, Nas, mib};

#[tokio::test(flavor = "multi_thread")]
async fn power_cut_during_set_up_loses_no_acknowledged_step() -> Result<()> {
    let mut lab = Lab::new("power-cut")
        .disk_size(mib(256))
        .disks(["bay1", "bay2"])
        .power_can_be_cut()
        .start()
        .await?;
    let authority = lab.nas().info().await?.authority_fingerprint;
    lab.nas().claim(&lab.claim_code().await?).await?;
    lab.nas().set_admin().await?;
    lab.cut_power().await?;

    // The account is there, and the certificates that people were told to trust.
    assert_eq!(lab.nas().info().await?.authority_fingerprint, authority);
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    assert_eq!(lab.nas().info().await?.setup, SetupStep::Box);
    lab.nas().set_box("École Jules-Ferry").await?;
    lab.nas().ask_for_mirror(["bay1", "bay2"]).await?;
    lab.cut_power().await?;

    assert_eq!(
        lab.nas().info().await?.name.as_deref(),
        Some("École Jules-Ferry")
    );
    // The choice was acknowledged: the volume is made without being asked again.
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    let person = lab
        .nas()
        .add_person("Zoé Martin", "la craie du lundi matin")
        .await?;
    lab.nas().advance(SetupStep::People).await?;
    let settings = Nas::mail_settings(lab.mail_server())?;
    lab.nas().set_mail(&settings).await?;
    lab.cut_power().await?;

    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_for_share().await?;
    let share = lab.smb_as("commun", &person.login, "la craie du lundi matin")?;
    let file = share.put_random(mib(2)).await?;
    share.assert_holds(&file).await?;
    let mail = lab.nas().mail().await?;
    ensure!(
        mail.has_password && mail.recipients == settings.recipients,
        "the mail settings are {mail:?}"
    );
    lab.set_up_mail().await?;
    lab.nas().advance(SetupStep::Mail).await?;
    lab.nas().pass_sheet().await?;
    lab.nas().advance(SetupStep::Finish).await?;
    lab.cut_power().await?;

    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    let status = lab.nas().status().await?;
    ensure!(
        status.setup == SetupStep::Done && status.mail.proved,
        "after the last cut: {status:?}"
    );
    lab.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_client_was_told_is_stored_is_there_after_a_power_cut() -> Result<()> {
    let mut lab = Lab::new("stored")
        .power_can_be_cut()
        .start_with_mirror()
        .await?;
    let share = lab.smb("commun")?;
    let old = share.put_random(mib(1)).await?;
    let photos = share.put_random(mib(8)).await?;
    lab.cut_power().await?;

    lab.nas().wait_for_share().await?;
    share.assert_holds(&photos).await?;
    let renamed = share.rename(&photos, "fête de l'école.bin").await?;
    share.remove(&old).await?;
    let letter = share.put_random(4096).await?;
    lab.cut_power().await?;

    lab.nas().wait_for_share().await?;
    share.assert_holds(&renamed).await?;
    share.assert_holds(&letter).await?;
    let list = share.list().await?;
    ensure!(
        !list.contains(&old.name) && !list.contains(&photos.name),
        "an old name is back:\n{list}"
    );
    lab.finish().await
}
