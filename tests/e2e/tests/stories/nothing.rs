//! The school burned down. A new box arrives, its disks blank; the town hall has the
//! copy, and the recovery sheet was in its safe.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use preau_api::{LookForCopy, SetDestination, WorkNow};
use preau_domain::copies::{Place, SftpLogin};
use preau_domain::settings::SetupStep;
use preau_lab::sftp::{ACCOUNT, SftpServer};
use preau_lab::{ADMIN, ADMIN_PASSWORD, Lab, mib, mins};

const FOLDER: &str = "preau";
const NOEMIE: &str = "la craie du lundi matin";

fn town_hall(server: &SftpServer, host_key: Option<&str>) -> Place {
    Place::Sftp {
        host: "10.0.2.2".to_owned(),
        port: server.port(),
        user: ACCOUNT.to_owned(),
        folder: server.kept(FOLDER).display().to_string(),
        host_key: host_key.map(str::to_owned),
        login: SftpLogin::Key,
    }
}

/// The files of the copies that the server keeps.
fn kept(server: &SftpServer) -> Result<BTreeSet<String>> {
    let folder = server.kept(FOLDER).join("snapshots");
    let files = std::fs::read_dir(folder)?;
    files
        .map(|file| Ok(file?.file_name().to_string_lossy().into_owned()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_box_comes_back_from_nothing_but_a_copy_and_the_sheet() -> Result<()> {
    let mut lab = Lab::new("nothing").start_with_mirror().await?;
    let words = lab.sheet_words().join(" ");
    let nas = lab.nas();
    let person = nas.add_person("Mme Noémie Lefèvre", NOEMIE).await?;
    let lessons = lab
        .smb_as("commun", &person.login, NOEMIE)?
        .put_random(mib(48))
        .await?;

    let server = lab.sftp_server().await?;
    server.authorise(&nas.box_key().await?)?;
    let destination = |host_key| SetDestination {
        name: "Mairie".to_owned(),
        place: town_hall(&server, host_key),
        secret: None,
        days: None,
        hour: None,
        keep: None,
        kilobits_at_school: None,
        enabled: None,
    };
    let shown = nas.add_destination(&destination(None)).await?;
    let key = shown.confirm.context("the server's key is not shown")?.key;
    nas.add_destination(&destination(Some(&key))).await?;
    nas.wait_for_destination("a copy that was proved", mins(8), |found| {
        found.last_good.is_some() && found.last_proof.is_some() && found.running.is_none()
    })
    .await?;
    let authority = lab.authority().await?;

    // Everything is gone but what the town hall has. Its server knows only the key of
    // the box that burned.
    lab.switch_off().await?;
    let before = kept(&server)?;
    lab.start_with_all_blank().await?;
    let nas = lab.nas();
    nas.claim(&lab.claim_code().await?).await?;
    let look = |host_key, code: &str| LookForCopy {
        place: town_hall(&server, host_key),
        secret: None,
        code: code.to_owned(),
    };
    let shown = nas.look_for_copy(&look(None, &words)).await?;
    let shown = shown.ok().and_then(|looked| looked.confirm);
    let shown = shown.context("the server's key is not shown")?;
    ensure!(
        shown.fingerprint == server.fingerprint().await?,
        "{shown:?}"
    );
    let other = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    let refused = nas.look_for_copy(&look(Some(&shown.key), other)).await?;
    // The server does not know the key that another sheet gives.
    ensure!(
        refused.as_ref().err().map(String::as_str) == Some("key-of-sheet-refused"),
        "another sheet: {refused:?}"
    );
    let found = nas.look_for_copy(&look(Some(&shown.key), &words)).await?;
    let found = found.ok().and_then(|looked| looked.found);
    let found = found.context("nothing was found")?;
    ensure!(
        found.name.as_deref() == Some("École Jules-Ferry")
            && found.people.len() == 2
            && found
                .shares
                .iter()
                .map(|share| share.bytes)
                .eq([Some(lessons.bytes)]),
        "{found:?}"
    );

    nas.recover_onto_mirror(["bay1", "bay2"]).await?;
    lab.meet_again(&authority).await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    lab.nas()
        .wait_for_status("the files to be coming", mins(5), |status| {
            let mut shares = status.coming_back.iter().flat_map(|coming| &coming.shares);
            shares.any(|share| !share.back) && status.shares.iter().all(|share| !share.online)
        })
        .await?;
    lab.mailbox().opened("files-coming", mins(2)).await?;
    // It goes on where it was, whenever it is switched off.
    lab.reboot().await?;
    let status = lab
        .nas()
        .wait_for_status("the files to be back", mins(10), |status| {
            status.coming_back.is_none() && status.shares.iter().any(|share| share.online)
        })
        .await?;
    let mail = lab.mailbox().opened("files-back", mins(2)).await?;
    ensure!(mail.text.contains("Mairie"), "{}", mail.text);
    ensure!(
        status.setup == SetupStep::Done
            && status.box_name.as_deref() == Some("École Jules-Ferry")
            && status.mail.proved
            && status.reminders.is_empty(),
        "after the return: {status:?}"
    );
    let share = lab.smb_as("commun", &person.login, NOEMIE)?;
    share.assert_holds(&lessons).await?;
    share.put_random(mib(2)).await?;
    ensure!(
        before.is_subset(&kept(&server)?),
        "copies are missing at the town hall"
    );

    // The copies go on, as those of the same box.
    let nas = lab.nas();
    let id = nas.destination().await?.id.to_string();
    nas.run_now(&id, WorkNow::BackUp).await?;
    let run = nas.wait_for_run(&id, "back_up", 0, mins(5)).await?;
    ensure!(run.good, "{run:?}");
    let hosts: BTreeSet<String> = nas
        .snapshots(&id)
        .await?
        .into_iter()
        .map(|snapshot| snapshot.host)
        .collect();
    ensure!(hosts.len() == 1, "{hosts:?}");
    lab.nas()
        .wait_for_destination("the copies to be at rest", mins(8), |found| {
            found.last_proof.is_some() && found.running.is_none()
        })
        .await?;
    lab.finish().await
}
