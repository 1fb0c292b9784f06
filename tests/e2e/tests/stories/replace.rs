//! A disk dies, the head teacher reads a mail, a new disk takes its place.

use anyhow::{Result, ensure};
use preau_domain::incidents::{IncidentCode, IncidentState};
use preau_lab::{Lab, mib, mins, secs, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_pulled_disk_is_mailed_and_the_mirror_heals() -> Result<()> {
    let lab = Lab::new("replace").start_with_mirror().await?;
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(16)).await?;

    let pulled = lab.disk("bay2").pull().await?;

    let mail = lab
        .mailbox()
        .opened("array-degraded", within(secs(30)))
        .await?;
    let last_four = &pulled.serial[pulled.serial.len() - 4..];
    for part in ["baie 2", pulled.model.as_str(), last_four] {
        ensure!(
            mail.text.contains(part),
            "the mail does not name {part:?}:\n{}",
            mail.text
        );
        ensure!(
            mail.html.contains(part),
            "the mail's HTML does not name {part:?}:\n{}",
            mail.html
        );
    }
    ensure!(
        mail.subject.contains("École Jules-Ferry"),
        "the subject does not name the school: {}",
        mail.subject
    );
    share.assert_holds(&photos).await?;
    let status = lab.nas().status().await?;
    ensure!(
        status
            .lost_disks
            .iter()
            .any(|disk| disk.serial == pulled.serial),
        "the lost disk is not shown"
    );

    lab.disk("bay2").replace_with_blank().await?;
    lab.nas().rebuild_onto("bay2").await?;

    lab.mailbox()
        .opened("array-rebuilding", within(mins(1)))
        .await?;
    lab.mailbox()
        .closed("array-degraded", within(mins(5)))
        .await?;
    lab.nas().wait_until_protected().await?;
    share.assert_holds(&photos).await?;
    let status = lab.nas().status().await?;
    ensure!(
        status.incidents.is_empty(),
        "incidents are still open: {:?}",
        status.incidents
    );
    let degraded = lab.nas().incidents().await?;
    let degraded = degraded
        .iter()
        .find(|incident| incident.code == IncidentCode::ArrayDegraded);
    ensure!(
        degraded.is_some_and(|incident| incident.state == IncidentState::Closed),
        "history: {degraded:?}"
    );
    lab.finish().await
}
