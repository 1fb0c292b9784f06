//! The set-up as somebody without scripts goes through it.

#![allow(clippy::unwrap_used)] // helpers of tests fail like tests

mod browser;
mod fake;
#[path = "common/site.rs"]
mod site;

use fake::{CODE, MAIL_CODE, PASSWORD, scenes};
use preau_api::AdoptableSet;
use preau_domain::ids::Bay;
use preau_domain::settings::SetupStep;
use serde_json::{Value, json};

const NEW: &str = "WDC_WD40EFZX-68AWUN0_WD-WX12D9075H7K";
const USED: &str = "ST2000DM008-2FR102_ZFL1A9QX";

fn json_of(bodies: &[String]) -> Value {
    serde_json::from_str(bodies.last().unwrap()).unwrap()
}

#[tokio::test]
async fn a_head_teacher_without_scripts_sets_the_box_up() {
    let site = site::open(scenes::fresh()).await;
    let mut browser = site.browser("en");

    let (path, page) = browser.open("/").await;
    assert_eq!(path, "/setup/language");
    page.has("data-step=\"language\"").has("Welcome");
    let (path, page) = browser.post("/setup/language", &[("language", "fr")]).await;
    assert_eq!(path, "/setup/code");
    page.has("Le code du boîtier").has("Étape 2 sur 8");

    let (_, page) = browser.post("/setup/code", &[("code", "0000")]).await;
    page.has("data-error=\"wrong-code\"").has("value=\"0000\"");
    let (path, page) = browser.post("/setup/code", &[("code", CODE)]).await;
    assert_eq!(path, "/setup/admin");
    page.has("data-step=\"admin\"");
    assert_eq!(
        json_of(&site.fake.bodies("POST", "/v1/claim")),
        json!({"code": CODE, "language": "fr"})
    );

    let wrong = [
        ("display_name", "Mme Durand"),
        ("login", "Élodie"),
        ("password", PASSWORD),
    ];
    let (_, page) = browser.post("/setup/admin", &wrong).await;
    page.has("id=\"login-error\"")
        .has("value=\"Élodie\"")
        .has("value=\"Mme Durand\"")
        .has_not(PASSWORD);
    let right = [
        ("display_name", "Mme Durand"),
        ("login", "elodie.durand"),
        ("password", PASSWORD),
    ];
    let (path, _) = browser.post("/setup/admin", &right).await;
    assert_eq!(path, "/setup/box", "the code's session gave way to another");

    let name = [("name", "École / Ferry"), ("time_zone", "Indian/Reunion")];
    let (_, page) = browser.post("/setup/box", &name).await;
    page.has("id=\"name-error\"").has("value=\"École / Ferry\"");
    page.has("value=\"Indian/Reunion\" selected");
    let name = [("name", "École Jules-Ferry"), ("time_zone", "Europe/Paris")];
    let (path, page) = browser.post("/setup/box", &name).await;
    assert_eq!(path, "/setup/disks");
    page.has("PHOTOS 2019").has(&format!("value=\"{NEW}\""));

    let (_, page) = browser
        .open(&format!("/setup/disks/confirm?disk={NEW}"))
        .await;
    page.has("data-protection=\"single:0\"")
        .has("Rien ne protège ces fichiers");
    let (_, page) = browser.open("/setup/disks/confirm").await;
    page.has("data-error=\"choose-disks\"");
    let (_, page) = browser
        .open(&format!("/setup/disks/confirm?disk={NEW}&disk={USED}"))
        .await;
    page.has("data-step=\"disks-confirm\"")
        .has("data-protection=\"mirror:0\"")
        .has("WD-WX12D9075H7K")
        .has("ZFL1A9QX");
    assert_eq!(page.body.matches("name=\"erase\"").count(), 1);

    let mut shown = vec![
        ("disk", NEW),
        ("serial", "WD-WX12D9075H7K"),
        ("contents_digest", ""),
        ("disk", USED),
        ("serial", "ZFL1A9QX"),
        ("contents_digest", "digest-of-ZFL1A9QX"),
    ];
    let (_, page) = browser.post("/setup/disks/confirm", &shown).await;
    page.has("data-error=\"contents-changed\"");
    shown.push(("erase", USED));
    let (path, page) = browser.post("/setup/disks/confirm", &shown).await;
    assert_eq!(path, "/setup/volume");
    page.has("data-state=\"copying\"").has("id=\"progress\"");
    assert_eq!(
        json_of(&site.fake.bodies("POST", "/v1/volume")),
        json!({"layout": "mirror", "spares": 0, "erase": [
            {"disk": NEW, "serial": "WD-WX12D9075H7K", "contents_digest": null},
            {"disk": USED, "serial": "ZFL1A9QX", "contents_digest": "digest-of-ZFL1A9QX"},
        ]})
    );

    let (path, _) = browser.open("/").await;
    assert_eq!(path, "/setup/people", "the set-up is taken up again");
    let person = [
        ("display_name", "Classe de CP"),
        ("login", ""),
        ("password", PASSWORD),
    ];
    let (_, page) = browser.post("/setup/people", &person).await;
    page.has("data-login=\"classe.de.cp\"");
    let (_, page) = browser.post("/setup/people", &person).await;
    page.has("data-error=\"taken\"");
    let (path, _) = browser.post("/setup/people/done", &[]).await;
    assert_eq!(path, "/setup/mail");

    let mail = |act: &'static str, recipients: &'static str| {
        [
            ("recipients", recipients),
            ("from", "ecole@orange.fr"),
            ("provider", "orange"),
            ("login", ""),
            ("password", "secret mot"),
            ("host", "smtp.orange.fr"),
            ("port", "465"),
            ("security", "tls"),
            ("extra_ca_pem", ""),
            ("act", act),
        ]
    };
    let (_, page) = browser.post("/setup/mail", &mail("fill", "")).await;
    page.has("value=\"smtp.orange.fr\"")
        .has("value=\"ecole@orange.fr\"");
    let (_, page) = browser.post("/setup/mail", &mail("", "direction")).await;
    page.has("id=\"recipients-error\"").has_not("secret mot");
    let two = "a@orange.fr\r\n b@mairie.fr\r\n";
    let (_, page) = browser.post("/setup/mail", &mail("", two)).await;
    page.has("data-step=\"mail-code\"")
        .has("data-recipient=\"b@mairie.fr\" data-result=\"sent\"");
    let sent = json_of(&site.fake.bodies("PUT", "/v1/mail"));
    assert_eq!(sent["recipients"], json!(["a@orange.fr", "b@mairie.fr"]));
    assert_eq!(sent["password"], "secret mot");
    assert_eq!(sent["login"], Value::Null);
    let (_, page) = browser.post("/setup/mail/code", &[("code", "1")]).await;
    page.has("data-error=\"wrong-code\"");
    let (path, page) = browser
        .post("/setup/mail/code", &[("code", MAIL_CODE)])
        .await;
    assert_eq!(path, "/setup/sheet");
    page.has("<svg").has("<span data-word>lézard</span>");
    let (_, page) = browser.open("/setup/sheet/words").await;
    page.has_not("lézard").has_not("tortue");
    let words = |second: &'static str| {
        [
            ("word-2", second),
            ("word-5", "tortue"),
            ("word-9", "fleuve"),
            ("word-12", "séjour"),
        ]
    };
    let (_, page) = browser.post("/setup/sheet/words", &words("autre")).await;
    page.has("id=\"word-2-error\"").has("value=\"tortue\"");
    let (path, page) = browser.post("/setup/sheet/words", &words("lézard")).await;
    assert_eq!(path, "/setup/done");
    page.has("\\\\preau.local\\commun");

    let (path, page) = browser.post("/setup/done", &[]).await;
    assert_eq!(path, "/");
    page.has("data-page=\"status\"").has("id=\"headline\"");
    let (path, _) = browser.open("/setup/disks").await;
    assert_eq!(path, "/", "the set-up is over");
}

#[tokio::test]
async fn mail_can_be_put_off() {
    let mut scene = scenes::well();
    scene.set_up_to(SetupStep::Mail);
    let site = site::open(scene).await;
    let mut browser = site.browser("fr");
    browser
        .cookies
        .insert("__Host-preau".into(), fake::TOKEN.into());
    let (path, _) = browser.post("/setup/mail/later", &[]).await;
    assert_eq!(path, "/setup/sheet");
    // Pressed twice, or in another window.
    let (path, _) = browser.post("/setup/mail/later", &[]).await;
    assert_eq!(path, "/setup/sheet");
    let (path, _) = browser.post("/setup/sheet/later", &[]).await;
    assert_eq!(path, "/setup/done");
}

#[tokio::test]
async fn a_disk_that_left_is_not_erased_and_the_page_says_so() {
    let mut scene = scenes::fresh();
    scene.set_up_to(SetupStep::Disks);
    let site = site::open(scene).await;
    site.fake.change(|scene| {
        scene.status.disks.remove(0);
    });
    let mut browser = site.browser("fr");
    browser
        .cookies
        .insert("__Host-preau".into(), fake::TOKEN.into());
    let shown = [
        ("disk", NEW),
        ("serial", "WD-WX12D9075H7K"),
        ("contents_digest", ""),
    ];
    let (_, page) = browser.post("/setup/disks/confirm", &shown).await;
    page.has("data-error=\"disk-gone\"");
    assert!(site.fake.scene().status.volume.is_none());
}

#[tokio::test]
async fn disks_of_another_box_are_offered_and_a_wrong_word_is_pointed_at() {
    let set = "preau-0123456789abcdef";
    let mut scene = scenes::fresh();
    scene.set_up_to(SetupStep::Disks);
    scene.sets = vec![AdoptableSet {
        set: set.to_owned(),
        disks: vec![scene.status.disks[0].disk.id.clone()],
        bays: vec![Bay("1".to_owned())],
        wanted: Some(2),
        used_at: Some(scene.status.now),
    }];
    let site = site::open(scene).await;
    let mut browser = site.browser("fr");
    browser
        .cookies
        .insert("__Host-preau".into(), fake::TOKEN.into());
    let (_, page) = browser.open("/setup/disks").await;
    page.has(&format!("data-set=\"{set}\""))
        .has("Il en manque un");
    let (_, page) = browser.open(&format!("/setup/adopt?set={set}")).await;
    page.has("data-step=\"adopt\"").has("id=\"code\"");
    let (path, _) = browser.open("/setup/adopt?set=preau-none").await;
    assert_eq!(path, "/setup/disks");
    let wrong = [("set", set), ("code", "cascade lezardo")];
    let (_, page) = browser.post("/setup/adopt", &wrong).await;
    page.has("id=\"code-error\"")
        .has("cascade lezardo</textarea>");
    let right = [("set", set), ("code", fake::SHEET)];
    let (_, page) = browser.post("/setup/adopt", &right).await;
    page.has("data-step=\"adopted\"").has("href=\"/login\"");
}
