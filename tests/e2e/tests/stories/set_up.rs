//! A town hall's technician sets the box up with a script instead of the page.

use anyhow::{Context, Result, ensure};
use preau_domain::settings::{Role, SetupStep};
use preau_lab::{ADMIN, Lab, mib};
use reqwest::Method;

#[tokio::test(flavor = "multi_thread")]
async fn the_api_sets_up_the_box_like_the_page() -> Result<()> {
    let lab = Lab::new("api")
        .disks(["bay1", "bay2", "bay3", "bay4"])
        .start()
        .await?;
    let nas = lab.nas();
    assert_eq!(nas.info().await?.setup, SetupStep::Admin);
    nas.claim(&lab.claim_code().await?).await?;
    nas.set_admin().await?;
    assert_eq!(nas.info().await?.setup, SetupStep::Box);
    nas.set_box("École Jules-Ferry").await?;
    assert_eq!(nas.info().await?.setup, SetupStep::Disks);
    nas.make_mirror(["bay1", "bay2"]).await?;
    let person = nas
        .add_person("Mme Noémie Lefèvre", "la craie du lundi matin")
        .await?;
    assert_eq!(
        (person.login.as_str(), person.role),
        ("noemie.lefevre", Role::Member)
    );
    nas.advance(SetupStep::People).await?;
    lab.set_up_mail().await?;
    nas.advance(SetupStep::Mail).await?;
    nas.pass_sheet().await?;
    nas.advance(SetupStep::Finish).await?;

    let status = nas.status().await?;
    ensure!(
        status.setup == SetupStep::Done && status.mail.proved,
        "the set-up ended as {status:?}"
    );
    ensure!(
        status.reminders.is_empty() && status.incidents.is_empty(),
        "the set-up left {status:?}"
    );
    for bay in ["bay3", "bay4"] {
        ensure!(
            lab.disk(bay).is_untouched()?,
            "the disk in {bay} was not chosen, and was written on"
        );
    }

    // Both accounts use the share; nobody else, and nobody without SMB3, does.
    let theirs = lab.smb_as("commun", &person.login, "la craie du lundi matin")?;
    let lessons = theirs.put_random(mib(8)).await?;
    lab.smb("commun")?.assert_holds(&lessons).await?;
    lab.smb_as("commun", ADMIN, "not the password")?
        .refusal(&[])
        .await?;
    theirs.refusal(&["-U", "%", "-N"]).await?;
    theirs
        .refusal(&["--option=client min protocol=SMB2", "-m", "SMB2"])
        .await?;

    assert_the_document_names_everything(&lab).await?;
    lab.finish().await
}

/// Every request that this story made is in the OpenAPI document.
async fn assert_the_document_names_everything(lab: &Lab) -> Result<()> {
    let answer = lab
        .nas()
        .stranger()
        .request(Method::GET, "/openapi.json", None)
        .await?;
    ensure!(
        answer.status.is_success(),
        "the document is refused: {}",
        answer.status
    );
    let paths = answer.body["paths"]
        .as_object()
        .context("the document has no paths")?;
    for (path, method) in [
        ("/box", "get"),
        ("/claim", "post"),
        ("/login", "post"),
        ("/setup/admin", "put"),
        ("/setup/box", "put"),
        ("/disks", "get"),
        ("/volume", "post"),
        ("/people", "post"),
        ("/mail", "put"),
        ("/mail/test", "post"),
        ("/mail/test/confirm", "post"),
        ("/setup/advance", "post"),
        ("/status", "get"),
        ("/array/replace", "post"),
    ] {
        let known = paths
            .iter()
            .any(|(name, item)| name.ends_with(path) && item.get(method).is_some());
        ensure!(
            known,
            "the document does not name {method} {path}: {:?}",
            paths.keys()
        );
    }
    Ok(())
}
