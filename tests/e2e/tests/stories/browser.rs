//! A head teacher, a browser, ten minutes.

use anyhow::{Context, Result, ensure};
use preau_domain::settings::SetupStep;
use preau_lab::{
    ADMIN, ADMIN_PASSWORD, Browser, Lab, Screen,
    mail::{HOST, LOGIN, PASSWORD, Recipients},
    mib, mins, secs, six_digits,
};

use crate::pictures::{picture, with_evidence};

#[tokio::test(flavor = "multi_thread")]
async fn a_head_teacher_sets_up_the_box_in_the_browser() -> Result<()> {
    let mut lab = Lab::new("browser")
        .disks(["bay1", "bay2", "bay3", "bay4"])
        .start()
        .await?;
    let browser = lab.browser().await?;
    let told = set_up(&mut lab, &browser).await;
    with_evidence(&browser, told).await?;
    browser.close().await?;
    assert_eq!(lab.nas().info().await?.setup, SetupStep::Done);
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(4)).await?;
    share.assert_holds(&photos).await?;
    lab.finish().await
}

async fn set_up(lab: &mut Lab, browser: &Browser) -> Result<()> {
    browser.open("/").await?;
    browser.at_step("language").await?;
    browser.act("language-fr").await?;
    browser.at_step("code").await?;
    ensure!(
        browser.text().await?.contains("code"),
        "the page does not ask for the code"
    );
    browser.fill("code", "AAAA-AAAA-AAAA").await?;
    browser.act("claim").await?;
    browser.wait_for("#code-error").await?;
    browser.fill("code", &lab.claim_code().await?).await?;
    browser.act("claim").await?;

    browser.at_step("admin").await?;
    browser.fill("display_name", "Élodie Durand").await?;
    browser.fill("login", ADMIN).await?;
    browser.fill("password", "password").await?;
    browser.act("admin").await?;
    browser.wait_for("#password-error").await?;
    browser.fill("display_name", "Élodie Durand").await?;
    browser.fill("login", ADMIN).await?;
    browser.fill("password", ADMIN_PASSWORD).await?;
    browser.act("admin").await?;

    browser.at_step("box").await?;
    browser.fill("name", "École Jules-Ferry").await?;
    browser.select("time_zone", "Europe/Paris").await?;
    browser.act("box").await?;

    browser.at_step("disks").await?;
    lab.nas().log_in(ADMIN, ADMIN_PASSWORD).await?;
    for bay in ["bay1", "bay2"] {
        let disk = lab.nas().disk_in(bay).await?.disk;
        let text = browser.text().await?;
        ensure!(
            text.contains(&disk.model) && text.contains(disk.serial_end()),
            "{bay} is not shown:\n{text}"
        );
        browser
            .tick(&format!("input[name=disk][value=\"{}\"]", disk.id))
            .await?;
    }
    picture(browser, "disks").await?;
    browser.act("disks-choose").await?;
    browser.at_step("disks-confirm").await?;
    browser.act("volume").await?;
    browser.at_step("volume").await?;
    browser
        .wait_for_within("[data-action=continue]", mins(3))
        .await?;
    browser.act("continue").await?;

    browser.at_step("people").await?;
    browser.fill("display_name", "Noémie Lefèvre").await?;
    browser.fill("login", "noemie").await?;
    browser.fill("password", "la craie du lundi matin").await?;
    browser.act("person-add").await?;
    browser.wait_for_text("Noémie Lefèvre", secs(20)).await?;
    browser.act("people-done").await?;

    set_up_mail(lab, browser).await?;
    pass_sheet(browser).await?;
    browser.at_step("done").await?;
    browser.act("finish").await?;

    browser.wait_for("main[data-page=status]").await?;
    lab.nas().wait_until_protected().await?;
    lab.nas().wait_for_share().await?;
    // Live, without a reload: the page itself must come to say so.
    browser
        .wait_for_within("#headline[data-severity=none]", secs(60))
        .await?;
    browser
        .wait_for_within("#volume[data-state=protected]", secs(60))
        .await?;
    let open = "[data-share=commun][data-online=true]";
    browser.wait_for_within(open, secs(60)).await?;
    picture(browser, "status").await?;
    browser.show_on(Screen::PHONE).await?;
    picture(browser, "status-phone").await?;
    let wide = browser
        .script("return document.documentElement.scrollWidth")
        .await?;
    ensure!(
        wide.as_u64().is_some_and(|wide| wide <= 390),
        "the page is {wide} wide on a phone of 390"
    );
    browser.show_on(Screen::DESK).await
}

/// Reads the words off the page as a printer would, and types four of them.
async fn pass_sheet(browser: &Browser) -> Result<()> {
    browser.at_step("sheet").await?;
    let words = browser
        .script(
            "return [...document.querySelectorAll('[data-word]')].map(word => word.textContent)",
        )
        .await?;
    let words: Vec<String> = serde_json::from_value(words)?;
    ensure!(words.len() == 12, "{} words on the sheet", words.len());
    picture(browser, "sheet").await?;
    browser.act("sheet-printed").await?;
    browser.at_step("sheet-words").await?;
    let asked = browser
        .script(
            "return [...document.querySelectorAll('#sheet-words input')].map(field => field.id)",
        )
        .await?;
    for field in serde_json::from_value::<Vec<String>>(asked)? {
        let place: usize = field.trim_start_matches("word-").parse()?;
        browser.fill(&field, &words[place - 1]).await?;
    }
    browser.act("sheet-prove").await
}

async fn set_up_mail(lab: &mut Lab, browser: &Browser) -> Result<()> {
    browser.at_step("mail").await?;
    let server = lab.mail_server();
    let (port, authority) = (server.starttls_port(), server.authority_pem()?);
    browser.fill("host", HOST).await?;
    browser.fill("port", &port.to_string()).await?;
    browser.select("security", "starttls").await?;
    browser.fill("login", LOGIN).await?;
    browser.fill("password", PASSWORD).await?;
    browser.fill("from", "boitier@ecole.example").await?;
    browser.fill("recipients", Recipients::HEAD).await?;
    browser.unfold("#mail-advanced").await?;
    browser.fill("extra_ca_pem", &authority).await?;
    browser.act("mail-test").await?;
    browser.at_step("mail-code").await?;
    let mail = lab
        .mailbox()
        .wait_for("the test mail", secs(60), |mail| {
            six_digits(&mail.text).is_some()
        })
        .await?;
    let code = six_digits(&mail.text).context("the test mail has no code")?;
    browser.fill("code", &code).await?;
    browser.act("mail-confirm").await
}
