//! Every page, its words, and who may see it.

#![allow(clippy::unwrap_used)] // helpers of tests fail like tests

mod browser;
mod fake;
#[path = "common/site.rs"]
mod site;

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use browser::request;
use fake::{PASSWORD, SHEET, Scene, TOKEN, scenes};
use http_body_util::Full;
use preau_api::DiskRole;
use preau_domain::settings::SetupStep;

const PAGES: [&str; 14] = [
    "/",
    "/array",
    "/array/add?disk=ST4000VN006-3CW104_ZW60ABCD",
    "/disks",
    "/disks/ST4000VN006-3CW104_ZW60ABCD",
    "/people",
    "/mail",
    "/history",
    "/certificate",
    "/sheet",
    "/sheet/words",
    "/sheet/code",
    "/replace?disk=ST4000VN006-3CW104_ZW60ABCD",
    "/status/fragment",
];

const STEPS: [(SetupStep, &str); 10] = [
    (SetupStep::Admin, "/setup/admin"),
    (SetupStep::Box, "/setup/box"),
    (SetupStep::Disks, "/setup/disks"),
    (SetupStep::People, "/setup/volume"),
    (SetupStep::People, "/setup/volume/fragment"),
    (SetupStep::People, "/setup/people"),
    (SetupStep::Mail, "/setup/mail"),
    (SetupStep::Sheet, "/setup/sheet"),
    (SetupStep::Sheet, "/setup/sheet/words"),
    (SetupStep::Finish, "/setup/done"),
];

/// A text that is missing shows as its key in braces, an argument as `{$name}`.
#[track_caller]
fn check_words(path: &str, body: &str) {
    assert!(
        !body.contains('{'),
        "{path}: {}",
        &body[body.find('{').unwrap()..]
    );
    assert!(
        !body.contains("style="),
        "{path}: the policy forbids style attributes"
    );
    assert!(
        !body.contains("<script>"),
        "{path}: the policy forbids inline scripts"
    );
}

async fn look(scene: Scene, paths: &[&str]) {
    let site = site::open(scene).await;
    for language in ["fr", "en"] {
        let mut browser = site.browser("fr");
        browser.cookies.insert("__Host-preau".into(), TOKEN.into());
        browser.cookies.insert("preau-lang".into(), language.into());
        for path in paths {
            let (led_to, page) = browser.open(path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert_eq!(led_to, *path);
            check_words(path, &page.body);
            if !path.ends_with("fragment") {
                page.has(&format!("<html lang=\"{language}\">"));
                assert_eq!(page.headers["cache-control"], "no-store");
            }
        }
    }
}

#[tokio::test]
async fn every_page_has_its_words_in_every_language() {
    look(scenes::replaceable(), &PAGES).await;
    for scene in [
        scenes::well(),
        scenes::rebuilding(),
        scenes::failing(),
        scenes::forgetful(),
        scenes::growable(),
        scenes::unclean(),
    ] {
        look(scene, &["/", "/array", "/mail"]).await;
    }
}

#[tokio::test]
async fn every_step_has_its_words_in_every_language() {
    for (step, path) in STEPS {
        let mut scene = if step > SetupStep::Disks {
            scenes::well()
        } else {
            scenes::fresh()
        };
        scene.set_up_to(step);
        look(scene, &[path]).await;
    }
    look(scenes::fresh(), &["/setup/language", "/setup/code"]).await;
}

#[tokio::test]
async fn nobody_sees_anything_without_logging_in() {
    let site = site::open(scenes::replaceable()).await;
    for path in PAGES {
        let mut stranger = site.browser("fr");
        let (led_to, page) = stranger.open(path).await;
        assert_eq!(led_to, "/login", "{path}");
        page.has_not("ZW60ABCD")
            .has_not("classe.cp")
            .has_not("orange.fr");
        stranger
            .cookies
            .insert("__Host-preau".into(), "guessed".into());
        let (led_to, _) = stranger.open(path).await;
        assert_eq!(led_to, "/login", "{path}");
    }
    let forms = [
        "/people",
        "/people/remove",
        "/mail",
        "/mail/code",
        "/replace",
        "/take-back",
        "/array/add",
        "/array/start",
    ];
    for path in forms {
        let mut stranger = site.browser("fr");
        let (led_to, _) = stranger
            .post(path, &[("disk", "x"), ("login", "p.martin")])
            .await;
        assert_ne!(led_to, path);
    }
    assert_eq!(site.fake.scene().people.len(), 3);
}

#[tokio::test]
async fn logging_in_and_out_works_and_keeps_the_login_of_a_wrong_try() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    let wrong = [("login", "elodie.durand"), ("password", "wrong")];
    let (_, page) = browser.post("/login", &wrong).await;
    page.has("data-error=\"wrong-password\"")
        .has("value=\"elodie.durand\"");
    let right = [("login", "elodie.durand"), ("password", PASSWORD)];
    let (path, page) = browser.post("/login", &right).await;
    assert_eq!(path, "/");
    page.has("data-severity=\"none\"")
        .has("data-state=\"protected\"");
    let (path, _) = browser.post("/logout", &[]).await;
    assert_eq!(path, "/login");
    assert!(!browser.cookies.contains_key("__Host-preau"));
}

#[tokio::test]
async fn a_lost_disk_is_replaced_from_the_page() {
    let site = site::open(scenes::replaceable()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/").await;
    page.has("data-code=\"array-degraded\"")
        .has("data-lost=\"WD-WX12D90J7K2P\"");
    assert_eq!(page.body.matches("data-action=\"replace\"").count(), 2);
    let id = "ST4000VN006-3CW104_ZW60ABCD";
    let mut fields = vec![
        ("disk", id),
        ("serial", "ZW60ABCD"),
        ("contents_digest", "digest-of-ZW60ABCD"),
    ];
    let (_, page) = browser.post("/replace", &fields).await;
    page.has("data-error=\"contents-changed\"")
        .has("SAUVEGARDE");
    fields.push(("erase", id));
    let (path, page) = browser.post("/replace", &fields).await;
    assert_eq!(path, "/");
    page.has("data-state=\"rebuilding\"").has("42 %");
}

#[tokio::test]
async fn a_new_disk_is_asked_what_it_is_for() {
    let site = site::open(scenes::growable()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/").await;
    page.has("data-action=\"array\"")
        .has_not("data-action=\"replace\"");
    let (_, page) = browser.open("/array").await;
    page.has("data-member-role=\"in_use\"")
        .has("data-action=\"array-add\"")
        .has("n° WD-WX52A11NEW1");
    let new = "WDC_WD40EFZX-68AWUN0_WD-WX52A11NEW1";
    let (_, page) = browser.open(&format!("/array/add?disk={new}")).await;
    page.has("data-use=\"safer\"")
        .has("data-use=\"larger\"")
        .has(&format!("data-use=\"replace:{}\"", &DYING[7..]));
    assert_eq!(page.body.matches(" checked").count(), 1);
    let mut fields = vec![
        ("disk", new),
        ("serial", "WD-WX52A11NEW1"),
        ("contents_digest", ""),
    ];
    let (_, page) = browser.post("/array/add", &fields).await;
    page.has("data-error=\"choose-use\"");
    fields.push(("use", "larger"));
    let (path, page) = browser.post("/array/add", &fields).await;
    assert_eq!(path, "/array");
    page.has("data-member-role=\"filling\"");
    let sent = site.fake.bodies("POST", "/v1/array/grow");
    assert!(sent[0].ends_with("\"growth\":\"larger\"}"), "{sent:?}");
}

#[tokio::test]
async fn a_disk_that_is_wearing_out_is_the_first_thing_a_new_one_is_for() {
    let mut scene = scenes::failing();
    scene
        .status
        .disks
        .extend(scenes::growable().status.disks.pop());
    let site = site::open(scene).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let new = "WDC_WD40EFZX-68AWUN0_WD-WX52A11NEW1";
    let (_, page) = browser.open(&format!("/array/add?disk={new}")).await;
    let worn = format!("replace:{}", &DYING[7..]);
    page.has(&format!("value=\"{worn}\" required checked"));
    let fields = [
        ("disk", new),
        ("serial", "WD-WX52A11NEW1"),
        ("contents_digest", ""),
        ("use", &worn),
    ];
    let (path, _) = browser.post("/array/add", &fields).await;
    assert_eq!(path, "/array");
    let sent = site.fake.bodies("POST", "/v1/array/replace");
    let leaving = format!("\"leaving\":\"{}\"", &DYING[7..]);
    assert!(sent[0].contains(&leaving), "{sent:?}");
}

#[tokio::test]
async fn a_half_written_space_is_opened_only_once_somebody_has_agreed() {
    let site = site::open(scenes::unclean()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/").await;
    page.has("data-action=\"array-consent\"");
    let (_, page) = browser.open("/array").await;
    page.has("remettez-le d’abord dans sa baie")
        .has("name=\"serial\" value=\"WD-WX12D9075H7K\"")
        .has_not("http-equiv=\"refresh\"");
    let serial = ("serial", "WD-WX12D9075H7K");
    let (path, _) = browser.post("/array/start", &[serial]).await;
    assert_eq!(path, "/array", "not without the tick");
    let (_, page) = browser
        .post("/array/start", &[("serial", "OTHER"), ("agree", "yes")])
        .await;
    page.has("data-error=\"nothing-to-start\"");
    assert_eq!(site.fake.bodies("POST", "/v1/array/start").len(), 1);
    let (path, page) = browser
        .post("/array/start", &[serial, ("agree", "yes")])
        .await;
    assert_eq!(path, "/");
    page.has("data-state=\"degraded\"")
        .has_not("data-action=\"array-consent\"");
}

#[tokio::test]
async fn two_of_three_parts_prove_that_somebody_has_the_sheet() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/sheet/words").await;
    page.has("href=\"/sheet/code\"");
    let (path, page) = browser.post("/sheet/code", &[("code", SHEET)]).await;
    assert_eq!(path, "/sheet/code");
    page.has("data-error=\"other-sheet\"").has("cascade lézard");
    let both = format!("{SHEET} {SHEET}");
    let (path, _) = browser.post("/sheet/code", &[("code", &both)]).await;
    assert_eq!(path, "/sheet");
}

const DYING: &str = "/disks/WDC_WD40EFZX-68AWUN0_WD-WX12D90J7K2P";

#[tokio::test]
async fn a_dying_disk_is_found_from_the_first_page_and_says_why() {
    let site = site::open(scenes::failing()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/").await;
    page.has(&format!("href=\"{DYING}\""))
        .has("data-verdict=\"replace_soon\"")
        .has("data-verdict=\"healthy\"");
    let (_, page) = browser.open("/disks").await;
    page.has(&format!("href=\"{DYING}\"")).has("34\u{a0}°C");
    let (_, page) = browser.open(DYING).await;
    page.has("Remplacez-le avant")
        .has("dont 30 ce mois-ci")
        .has("WD-WX12D90J7K2P")
        .has("class=\"curve\"")
        .has("Reallocated Sector Ct")
        .has("data-code=\"disk-failing\"");
    check_words(DYING, &page.body);
}

#[tokio::test]
async fn a_disk_tests_itself_from_its_page() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let form = format!("{DYING}/self-test");
    let (_, page) = browser.open(DYING).await;
    page.has("environ 8 heures").has_not("data-self-test");
    let (path, page) = browser.post(&form, &[("kind", "extended")]).await;
    assert_eq!(path, format!("{DYING}#self-test"));
    page.has("data-self-test=\"30\"");
    let sent = site.fake.bodies("POST", &format!("/v1{form}"));
    assert_eq!(sent, ["{\"kind\":\"extended\"}"]);
    let (_, page) = browser.post(&form, &[("kind", "abort")]).await;
    page.has_not("data-self-test");
}

#[tokio::test]
async fn a_disk_blinks_from_its_page_until_a_second_click() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let form = format!("{DYING}/blink");
    let (_, page) = browser.open(DYING).await;
    page.has("value=\"start\"").has_not("data-blink");
    let (path, page) = browser.post(&form, &[("act", "start")]).await;
    assert_eq!(path, format!("{DYING}#blink"));
    page.has("data-blink").has("Encore 27 secondes");
    let (_, page) = browser.post(&form, &[("act", "stop")]).await;
    page.has_not("data-blink");

    // A sleeping one says that it is woken, and is only by the button that says so.
    site.fake.scene().status.disks[0].health.asleep = true;
    let id = site.fake.scene().status.disks[0].disk.id.to_string();
    let here = format!("/disks/{id}");
    let (_, page) = browser.open(&here).await;
    page.has("il se réveille pour clignoter");
    let form = format!("{here}/blink");
    let (_, page) = browser.post(&form, &[("act", "start")]).await;
    page.has("data-error=\"disk-asleep\"");
    let (_, page) = browser.post(&form, &[("act", "wake")]).await;
    page.has("data-blink");
}

#[tokio::test]
async fn the_schools_hours_are_shown_and_changed_beside_the_disks() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open("/disks").await;
    page.has("<option value=\"7\" selected>")
        .has("<option value=\"19\" selected>");
    check_words("/disks", &page.body);
    let wrong = [("from", "18"), ("to", "8")];
    let (_, page) = browser.post("/school-hours", &wrong).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("data-error=\"school-hours\"")
        .has("<option value=\"18\" selected>");
    let lent = [("from", "8"), ("to", "22"), ("weekends", "yes")];
    let (path, page) = browser.post("/school-hours", &lent).await;
    assert_eq!(path, "/disks#school-hours");
    page.has("<option value=\"22\" selected>").has(" checked>");
    let sent = site.fake.bodies("PUT", "/v1/school-hours");
    assert_eq!(sent[1], "{\"from\":8,\"to\":22,\"weekends\":true}");
}

#[tokio::test]
async fn a_disk_that_somebody_brought_is_opened_and_closed_from_its_page() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let (_, page) = browser.open(DYING).await;
    page.has_not("id=\"open\"");
    site.fake.scene().status.disks[0].role = preau_api::DiskRole::HoldsData;
    let id = site.fake.scene().status.disks[0].disk.id.to_string();
    let here = format!("/disks/{id}");
    let (_, page) = browser.open(&here).await;
    page.has("Ouvrir pour copier").has_not("data-open");
    let photos = preau_domain::disks::Content {
        kind: "exfat".to_owned(),
        label: None,
        size: 1,
    };
    let offer = format!("href=\"{here}#open\"");
    let (_, page) = browser.open("/disks").await;
    page.has_not(&offer);
    site.fake.scene().status.disks[0].disk.contents = vec![photos];
    site.fake.scene().status.disks[0].disk.member_of = None;
    let (_, page) = browser.open("/disks").await;
    page.has(&offer);
    let form = format!("{here}/open");
    let (path, page) = browser.post(&form, &[("act", "open")]).await;
    assert_eq!(path, format!("{here}#open"));
    page.has("data-open")
        .has("PHOTOS (exfat")
        .has("\\\\preau.local\\usb");
    check_words(&here, &page.body);
    let (_, page) = browser.post(&form, &[("act", "close")]).await;
    page.has_not("data-open");
}

#[tokio::test]
async fn a_refused_self_test_says_why_on_the_disks_page() {
    let site = site::open(scenes::rebuilding()).await;
    let mut browser = site.browser("fr");
    browser.cookies.insert("__Host-preau".into(), TOKEN.into());
    let here = "/disks/WDC_WD40EFZX-68AWUN0_WD-WX12D9075H7K";
    let (_, page) = browser
        .post(&format!("{here}/self-test"), &[("kind", "short")])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    page.has("data-error=\"copy-running\"")
        .has("Ce disque va bien");
}

#[tokio::test]
async fn a_disk_that_is_left_aside_is_taken_back_from_the_page() {
    for (role, button, why) in [
        (DiskRole::HeldOut, "Reprendre ce disque", "a disparu"),
        (
            DiskRole::Diverged,
            "Effacer ce disque et le reprendre",
            "a servi ailleurs",
        ),
    ] {
        let scene = scenes::left_aside(role);
        let disk = scene.status.disks[1].disk.clone();
        let site = site::open(scene).await;
        let mut browser = site.browser("fr");
        browser.cookies.insert("__Host-preau".into(), TOKEN.into());
        let path = format!("/take-back?disk={}", disk.id);
        let (_, page) = browser.open("/").await;
        page.has("data-action=\"take-back\"");
        let (_, page) = browser.open(&path).await;
        page.has(button).has(why).has(&disk.serial);
        let mut form = vec![
            ("disk", disk.id.as_str()),
            ("serial", disk.serial.as_str()),
            ("contents_digest", disk.contents_digest.as_str()),
        ];
        if role == DiskRole::Diverged {
            let (_, page) = browser.post("/take-back", &form).await;
            page.has("data-error=");
            form.push(("erase", disk.id.as_str()));
        }
        let (led_to, page) = browser.post("/take-back", &form).await;
        assert_eq!(led_to, "/");
        page.has_not("data-action=\"take-back\"");
        let (led_to, _) = browser.open(&path).await;
        assert_eq!(led_to, "/", "there is nothing to take back any more");
    }
    for role in [DiskRole::HeldOut, DiskRole::Diverged] {
        let scene = scenes::left_aside(role);
        let path = format!("/take-back?disk={}", scene.status.disks[1].disk.id);
        look(scene, &["/", &path]).await;
    }
}

#[tokio::test]
async fn without_the_supervisor_the_page_waits_in_words() {
    let site = site::alone(scenes::fresh()).await;
    let mut browser = site.browser("fr");
    let (_, page) = browser.open("/").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    page.has("Le boîtier démarre").has("http-equiv=\"refresh\"");
    check_words("/", &page.body);
}

#[tokio::test]
async fn an_unknown_address_and_an_oversize_form_are_refused_in_words() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    let (_, page) = browser.open("/nowhere").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.has("Il n’y a rien à cette adresse");
    let (_, page) = browser
        .post("/login", &[("login", &"a".repeat(70_000))])
        .await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    page.has("Demande refusée");
}

#[tokio::test]
async fn assets_are_kept_for_ever_and_pages_never() {
    let site = site::open(scenes::well()).await;
    let mut browser = site.browser("fr");
    let (_, page) = browser.open("/login").await;
    let start = page.body.find("/assets/").unwrap();
    let asset: String = page.body[start..]
        .chars()
        .take_while(|c| *c != '"')
        .collect();
    let (_, asset) = browser.open(&asset).await;
    assert_eq!(asset.status, StatusCode::OK);
    let kept = asset.headers["cache-control"].to_str().unwrap();
    assert!(kept.contains("immutable"), "{kept}");
}

#[tokio::test]
async fn plain_http_explains_offers_the_authority_and_takes_nothing() {
    let site = site::open(scenes::well()).await;
    let get = |path| {
        request(Method::GET, path)
            .body(Full::new(Bytes::new()))
            .unwrap()
    };
    let page = site.send_plainly(get("/")).await;
    assert_eq!(page.status, StatusCode::OK);
    let secure = format!("https://preau.local:{}/", site.https.port());
    page.has(&format!("href=\"{secure}\"")).has("5A:0C:E1:77");
    check_words("/", &page.body);
    let page = site.send_plainly(get("/?lang=en")).await;
    page.has("<html lang=\"en\">");
    let authority = site.send_plainly(get("/preau-ca.pem")).await;
    authority.has("-----BEGIN CERTIFICATE-----");
    let led_on = site.send_plainly(get("/mail?a=b")).await;
    assert_eq!(led_on.status, StatusCode::PERMANENT_REDIRECT);
    assert_eq!(
        led_on.location(),
        Some(format!("{secure}mail?a=b").as_str())
    );
    let api = site.send_plainly(get("/api/v1/box")).await;
    assert_eq!(api.status, StatusCode::FORBIDDEN);
    let post = request(Method::POST, "/login").body(Full::new(Bytes::from("login=a")));
    assert_eq!(
        site.send_plainly(post.unwrap()).await.status,
        StatusCode::FORBIDDEN
    );
}
