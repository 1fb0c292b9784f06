//! The town hall keeps a copy of the school's files. It cannot read it; the paper in
//! the safe can, on any computer.

use anyhow::{Context, Result, ensure};
use preau_api::{RestoreFiles, RestoreTarget, SetDestination, WorkNow};
use preau_domain::copies::{Place, Restored, SftpLogin};
use preau_domain::language::Language;
use preau_lab::sftp::{ACCOUNT, SftpServer};
use preau_lab::{ADMIN, ADMIN_PASSWORD, Browser, Lab, Screen, mib, mins, secs, sha256_of};
use preau_sheet::{Code, Purpose};

use crate::pictures::{picture, with_evidence};
use crate::restic::Restic;

const FOLDER: &str = "preau";

fn town_hall(server: &SftpServer, host_key: Option<String>) -> SetDestination {
    SetDestination {
        name: "Mairie".to_owned(),
        place: Place::Sftp {
            host: "10.0.2.2".to_owned(),
            port: server.port(),
            user: ACCOUNT.to_owned(),
            folder: server.kept(FOLDER).display().to_string(),
            host_key,
            login: SftpLogin::Key,
        },
        secret: None,
        days: None,
        hour: None,
        keep: None,
        kilobits_at_school: None,
        enabled: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_elsewhere_is_made_read_by_restic_and_brought_back() -> Result<()> {
    let lab = Lab::new("copies").start_with_mirror().await?;
    let words = lab.sheet_words().join(" ");
    let nas = lab.nas();
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(8)).await?;

    // The server is shown before it is believed.
    let server = lab.sftp_server().await?;
    server.authorise(&nas.box_key().await?)?;
    let shown = nas.add_destination(&town_hall(&server, None)).await?;
    let shown = shown.confirm.context("the server's key is not shown")?;
    ensure!(
        shown.fingerprint == server.fingerprint().await? && !shown.changed,
        "another fingerprint: {shown:?}"
    );
    let added = nas
        .add_destination(&town_hall(&server, Some(shown.key)))
        .await?;
    let id = added.id.context("it is not stored")?.to_string();
    let copied = nas
        .wait_for_destination("a copy that was proved", mins(8), |found| {
            found.last_good.is_some() && found.last_proof.is_some() && found.running.is_none()
        })
        .await?;
    ensure!(copied.problem.is_none(), "{copied:?}");

    // The paper is enough, with a program that is not ours.
    let code = Code::read(&words, Language::Fr).context("the words of the sheet")?;
    let key = code.key_text(Purpose::Offsite);
    let restic = Restic::new(&lab, &server.kept(FOLDER), &key)?;
    restic.run(&["check", "--read-data"]).await?;
    let back = lab.folder().join("restored");
    let target = back.display().to_string();
    restic
        .run(&[
            "restore", "latest", "--path", "/commun", "--target", &target,
        ])
        .await?;
    let found = sha256_of(&back.join("commun").join(&photos.name))?;
    ensure!(found == photos.sha256, "restic restored another file");

    // A file is lost, and comes back in both ways.
    share.remove(&photos).await?;
    let snapshot = nas.snapshots(&id).await?;
    let snapshot = snapshot.first().context("no copy is listed")?;
    let mut wanted = RestoreFiles {
        snapshot: snapshot.id.clone(),
        share: "commun".to_owned(),
        path: photos.name.clone(),
        kind: Restored::File,
        to: RestoreTarget::Over,
        confirmed: true,
    };
    nas.restore(&id, &wanted).await?;
    let run = nas.wait_for_run(&id, "restore", 0, mins(3)).await?;
    ensure!(run.good, "{run:?}");
    share.assert_holds(&photos).await?;
    wanted.to = RestoreTarget::Beside;
    let begun = nas.restore(&id, &wanted).await?;
    let run = nas
        .wait_for_run(&id, "restore", run.number, mins(3))
        .await?;
    ensure!(run.good, "{run:?}");
    let folder = begun.folder.context("no folder is named")?;
    let path = format!("/srv/preau/commun/{folder}");
    let modes = lab
        .guest()
        .run("/usr/bin/stat", ["-c", "%a %u", &path])
        .await?;
    let modes = modes.success()?;
    ensure!(modes.trim() == "2770 0", "{folder} is of mode {modes}");
    ensure!(
        share.list().await?.contains("Restaur"),
        "nobody sees {folder}"
    );

    // The server lets nobody in: told once it was tried again.
    server.refuse_everybody()?;
    let mut last = run.number;
    for _ in 0..2 {
        nas.run_now(&id, WorkNow::BackUp).await?;
        let run = nas.wait_for_run(&id, "back_up", last, mins(3)).await?;
        ensure!(!run.good, "{run:?}");
        last = run.number;
    }
    let mail = lab.mailbox().opened("offsite-failed", secs(60)).await?;
    ensure!(mail.text.contains("Mairie"), "{}", mail.text);
    server.authorise(&nas.box_key().await?)?;
    nas.run_now(&id, WorkNow::BackUp).await?;
    let run = nas.wait_for_run(&id, "back_up", last, mins(3)).await?;
    ensure!(run.good, "{run:?}");
    lab.mailbox().closed("offsite-failed", secs(60)).await?;
    let page = nas.page("/copies").await?;
    ensure!(page.contains("data-state=\"good\""), "{page}");
    restic.run(&["check", "--read-data"]).await?;

    // Somebody has the right to be gone from there. Nothing is deleted while the clock is
    // not trusted: no time server can be reached from here, so its word is put down.
    lab.guest()
        .write_file("/run/systemd/timesync/synchronized", b"")
        .await?;
    share.remove(&photos).await?;
    let browser = lab.browser().await?;
    let told = strike(&browser, &id, &photos.name).await;
    with_evidence(&browser, told).await?;
    browser.close().await?;
    let struck = nas.wait_for_run(&id, "strike", last, mins(5)).await?;
    ensure!(struck.good, "{struck:?}");
    let found = restic
        .run(&["find", "--path", "/commun", &photos.name])
        .await?;
    let path = format!("/commun/{}", photos.name);
    ensure!(!found.contains(&path), "it is still there:\n{found}");
    restic.run(&["check", "--read-data"]).await?;
    // The copy that follows is proved.
    let proved = nas
        .wait_for_run(&id, "drill", struck.number, mins(8))
        .await?;
    ensure!(proved.good, "{proved:?}");
    nas.wait_for_destination("rest", mins(3), |found| found.running.is_none())
        .await?;
    // Of all that was held still for copies, the last one waits for its drill.
    let still = lab
        .guest()
        .run("/usr/bin/ls", ["/srv/preau/.preau/copies/still"])
        .await?
        .success()?;
    ensure!(still.lines().count() == 1, "left over: {still}");
    lab.finish().await
}

/// Finds the file in the latest copy, and has it erased from all of them.
async fn strike(browser: &Browser, destination: &str, name: &str) -> Result<()> {
    browser.open("/login").await?;
    browser.fill("login", ADMIN).await?;
    browser.fill("password", ADMIN_PASSWORD).await?;
    browser.act("login").await?;
    browser.wait_for("main[data-page=status]").await?;
    browser
        .open(&format!("/copies/{destination}/files"))
        .await?;
    let row = format!("li[data-path=\"{name}\"] [data-action=restore-link]");
    browser.find(&row).await?.click().await?;
    browser.wait_for("#strike").await?;
    browser.unfold("#strike").await?;
    picture(browser, "strike").await?;
    browser.show_on(Screen::PHONE).await?;
    picture(browser, "strike-phone").await?;
    browser.show_on(Screen::DESK).await?;
    browser.tick("#strike-files input[name=delete]").await?;
    browser.act("strike").await?;
    browser.wait_for("[data-strikes]").await?;
    picture(browser, "strikes").await?;
    let text = browser.text().await?;
    let said = format!("commun / {name} » : effacé au plus tard le ");
    ensure!(
        text.contains(&said),
        "the page does not say by when it is gone:\n{text}"
    );
    Ok(())
}
