//! The provider's mail server is down when a disk dies, and the box restarts. The letter
//! of the month tells of it.

use anyhow::{Result, ensure};
use preau_lab::{Lab, mail::Certificate, mins, secs, within};

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_for_a_server_that_comes_back() -> Result<()> {
    let mut lab = Lab::new("mail-waits").start_with_mirror().await?;

    lab.mail_server().stop().await?;
    lab.disk("bay2").pull().await?;
    lab.nas()
        .wait_for_status("the mail to wait", secs(60), |status| {
            status.mail.waiting > 0 && status.mail.last_failure.is_some()
        })
        .await?;
    lab.reboot().await?;
    let waiting = lab.nas().status().await?.mail.waiting;
    ensure!(waiting >= 1, "the restart lost the mail that waited");

    lab.mail_server().start_again(Certificate::Good).await?;
    let mail = lab
        .mailbox()
        .opened("array-degraded", within(mins(6)))
        .await?;
    ensure!(
        mail.text.contains("baie 2"),
        "the mail that waited is another one:\n{}",
        mail.text
    );
    lab.nas()
        .wait_for_status("no mail to wait", mins(1), |status| {
            status.mail.waiting == 0
        })
        .await?;

    // With the new month comes a letter: what happened, and how the box is now. The start
    // is over: what is waited for then would be over with the clock that jumps.
    lab.nas().wait_for_share().await?;
    let first = lab.guest().run("/usr/bin/date", ["+%Y-%m-01"]).await?;
    let morning = format!("{} 09:00 1 month", first.success()?.trim());
    lab.guest().set_clock(&morning).await?;
    // By then it may be thirty days since somebody proved that they have the sheet.
    lab.mailbox().tolerate("key-not-proved");
    let letter = lab
        .mailbox()
        .wait_for("the letter of the month", within(mins(2)), |mail| {
            mail.text.contains("Des nouvelles du boîtier")
        })
        .await?;
    for part in ["Un disque est à remplacer.", "baie 2", "Un disque a lâché"] {
        ensure!(letter.text.contains(part), "{part}\n{}", letter.text);
    }
    lab.finish().await
}
