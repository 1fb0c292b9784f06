//! The card has died. Somebody writes the image on a new one, and takes the recovery
//! sheet out of the safe.

use anyhow::{Context, Result, ensure};
use preau_domain::settings::SetupStep;
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, mib};

const NOEMIE: &str = "la craie du lundi matin";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_card_becomes_the_old_box_with_the_words_of_the_sheet() -> Result<()> {
    let mut lab = Lab::new("adopt").disks(["bay1", "bay2"]).start().await?;
    let nas = lab.nas();
    nas.claim(&lab.claim_code().await?).await?;
    nas.set_admin().await?;
    nas.set_box("École Jules-Ferry").await?;
    nas.make_mirror(["bay1", "bay2"]).await?;
    let person = nas.add_person("Mme Noémie Lefèvre", NOEMIE).await?;
    nas.advance(SetupStep::People).await?;
    lab.set_up_mail().await?;
    lab.nas().advance(SetupStep::Mail).await?;
    let words = lab.nas().pass_sheet().await?.join(" ");
    lab.nas().advance(SetupStep::Finish).await?;
    lab.nas().wait_until_protected().await?;
    lab.nas().wait_for_share().await?;
    let lessons = lab
        .smb_as("commun", &person.login, NOEMIE)?
        .put_random(mib(8))
        .await?;
    let authority = lab.authority().await?;
    lab.switch_off().await?;
    let before = [lab.disk("bay1").sha256()?, lab.disk("bay2").sha256()?];

    lab.start_with_blank_card().await?;
    let nas = lab.nas();
    nas.claim(&lab.claim_code().await?).await?;
    let found = nas.adoptable().await?;
    let set = found.sets.first().context("no disks of another box")?;
    ensure!(
        set.disks.len() == 2 && set.wanted == Some(2) && set.used_at.is_some(),
        "the disks tell {set:?}"
    );
    let typed: Vec<&str> = words.split(' ').collect();
    let eleven = typed[..11].join(" ");
    let other = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    for (code, refused) in [(eleven.as_str(), "sheet-count"), (other, "wrong-sheet")] {
        let answer = nas.adopt(&set.set, code).await?;
        ensure!(answer.as_deref() == Some(refused), "{code}: {answer:?}");
    }
    let after = [lab.disk("bay1").sha256()?, lab.disk("bay2").sha256()?];
    ensure!(
        before == after,
        "the disks were written on before the right words"
    );

    let scrawled = words.to_uppercase().replace(' ', " - ");
    let answer = lab.nas().adopt(&set.set, &scrawled).await?;
    ensure!(answer.is_none(), "the right words: {answer:?}");
    lab.meet_again(&authority).await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas().wait_until_protected().await?;
    lab.nas().wait_for_share().await?;
    let status = lab.nas().status().await?;
    ensure!(
        status.setup == SetupStep::Done
            && status.box_name.as_deref() == Some("École Jules-Ferry")
            && status.mail.proved
            && status.reminders.is_empty()
            && status.incidents.is_empty(),
        "after the adoption: {status:?}"
    );
    let share = lab.smb_as("commun", &person.login, NOEMIE)?;
    share.assert_holds(&lessons).await?;
    let more = share.put_random(mib(2)).await?;
    lab.smb("commun")?.assert_holds(&more).await?;
    lab.smb_as("commun", &person.login, "not the password")?
        .refusal(&[])
        .await?;
    lab.finish().await
}
