//! The pages in front of the real supervisor, on a machine that is not there: what
//! the pages send is what the supervisor takes, from the first visit to a new disk.

#![allow(clippy::unwrap_used)] // helpers of tests fail like tests

mod browser;
mod fake;

use browser::{Answer, Browser, Site};
use fake::Folder;
use preau_domain::disks::Content;
use preau_host::FakeMachine;
use preau_supervisor::auth::passwords::Judge;
use preau_supervisor::paths::Paths;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const PASSWORD: &str = "girafe vélo tartine lundi";

/// How long the supervisor may take to start or to see a change: it makes keys and
/// password hashes, on a machine that does other things too.
const SOON: Duration = Duration::from_secs(60);

async fn start(machine: &FakeMachine, folder: &Path) -> Site {
    start_watched(machine, folder).await.0
}

type Running = tokio::task::JoinHandle<Result<(), preau_supervisor::RunError>>;

/// The same, for a supervisor that will end.
async fn start_watched(machine: &FakeMachine, folder: &Path) -> (Site, Running) {
    let paths = Paths::below(folder);
    let (socket, tls) = (paths.socket().to_owned(), paths.tls());
    // One that ended leaves its socket.
    let _ = std::fs::remove_file(&socket);
    let running = tokio::spawn(preau_supervisor::run(machine.clone(), paths, Judge::Here));
    let deadline = Instant::now() + SOON;
    while !socket.exists() {
        assert!(!running.is_finished(), "the supervisor ended");
        assert!(Instant::now() < deadline, "no socket");
        sleep(Duration::from_millis(20)).await;
    }
    let site = Site::open(socket, tls.join("server.pem"), tls.join("server.key")).await;
    (site, running)
}

/// The box's code, which is shown a moment after the start.
async fn code(machine: &FakeMachine) -> String {
    let deadline = Instant::now() + SOON;
    let notice = loop {
        if let Some(notice) = machine.claim_notice() {
            break notice;
        }
        assert!(Instant::now() < deadline, "no code is shown");
        sleep(Duration::from_millis(20)).await;
    };
    let line = notice
        .lines()
        .find_map(|line| line.strip_prefix("Code of the box: "));
    line.unwrap().to_owned()
}

/// Opens `path` until it shows `text`.
async fn wait_for(browser: &mut Browser<'_>, path: &str, text: &str) -> Answer {
    let deadline = Instant::now() + SOON;
    loop {
        let (_, page) = browser.open(path).await;
        if page.body.contains(text) {
            return page;
        }
        assert!(Instant::now() < deadline, "no {text:?} in:\n{}", page.body);
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_and_the_supervisor_set_a_box_up_and_replace_a_disk() {
    let folder = Folder::new();
    let machine = FakeMachine::new();
    let first = machine.insert_blank("1");
    let second = machine.insert_blank("2");
    let old = Content {
        kind: "ntfs".to_owned(),
        label: Some("PHOTOS".to_owned()),
        size: 1 << 30,
    };
    machine.write_contents(&second, vec![old]);
    let site = start(&machine, folder.path()).await;
    let mut browser = site.browser("fr");

    browser.post("/setup/language", &[("language", "fr")]).await;
    let (_, page) = browser.post("/setup/code", &[("code", "AAAA")]).await;
    page.has("data-error=\"wrong-code\"");
    let (path, _) = browser
        .post("/setup/code", &[("code", &code(&machine).await)])
        .await;
    assert_eq!(path, "/setup/admin");
    let mut admin = [
        ("display_name", "Mme Durand"),
        ("login", "elodie.durand"),
        ("password", "motdepasse1"),
    ];
    let (_, page) = browser.post("/setup/admin", &admin).await;
    page.has("id=\"password-error\"");
    admin[2].1 = PASSWORD;
    let (path, _) = browser.post("/setup/admin", &admin).await;
    assert_eq!(path, "/setup/box");
    let mut name = [("name", "École/Ferry"), ("time_zone", "Europe/Paris")];
    let (_, page) = browser.post("/setup/box", &name).await;
    page.has("id=\"name-error\"").has("École/Ferry");
    name[0].1 = "École Jules-Ferry";
    let (path, page) = browser.post("/setup/box", &name).await;
    assert_eq!(path, "/setup/disks");
    page.has("PHOTOS").has(first.as_str());

    let (_, page) = browser
        .open(&format!("/setup/disks/confirm?disk={first}&disk={second}"))
        .await;
    let to = "/setup/disks/confirm";
    let (_, page) = browser.submit(to, &page, "volume", &[]).await;
    page.has("id=\"form-error\"");
    assert_eq!(machine.times_erased(&first), 0);
    let tick = [("erase", second.as_str())];
    let (path, _) = browser.submit(to, &page, "volume", &tick).await;
    assert_eq!(path, "/setup/volume");
    wait_for(&mut browser, "/setup/volume", "data-state=\"copying\"").await;

    let person = [
        ("display_name", "Classe de CP"),
        ("login", ""),
        ("password", "tableau craie 2026"),
    ];
    let (_, page) = browser.post("/setup/people", &person).await;
    page.has("data-login=\"classe.de.cp\"");
    let (path, _) = browser.post("/setup/people/done", &[]).await;
    assert_eq!(path, "/setup/mail");
    let mail = [
        ("recipients", "a@example.org"),
        ("from", "b@example.org"),
        ("host", "127.0.0.1"),
        ("port", "9"),
        ("security", "starttls"),
    ];
    let (_, page) = browser.post("/setup/mail", &mail).await;
    page.has("data-recipient=\"a@example.org\" data-result=\"unreachable\"");
    let (path, page) = browser.post("/setup/mail/later", &[]).await;
    assert_eq!(path, "/setup/sheet");
    assert_eq!(page.body.matches("<span data-word>").count(), 12);
    let (path, _) = browser.post("/setup/sheet/later", &[]).await;
    assert_eq!(path, "/setup/done");
    let (path, page) = browser.post("/setup/done", &[]).await;
    assert_eq!(path, "/");
    page.has("data-page=\"status\"")
        .has("data-reminder=\"mail_not_proved\"");

    machine.tick_rebuild(100);
    wait_for(&mut browser, "/", "data-state=\"protected\"").await;
    machine.pull(&second);
    let page = wait_for(&mut browser, "/", "data-code=\"array-degraded\"").await;
    page.has("data-state=\"degraded\"").has("data-lost=");
    let third = machine.insert_blank("2");
    let page = wait_for(&mut browser, "/", "data-action=\"replace\"").await;
    page.has(&format!("/replace?disk={third}"));
    let (_, page) = browser.open(&format!("/replace?disk={third}")).await;
    let (path, _) = browser.submit("/replace", &page, "replace", &[]).await;
    assert_eq!(path, "/");
    let page = wait_for(&mut browser, "/", "data-state=\"rebuilding\"").await;
    page.has("le nouveau disque est en place et reçoit la copie")
        .has_not("Achetez un disque");
    machine.tick_rebuild(100);
    wait_for(&mut browser, "/", "data-state=\"protected\"").await;
    let (_, page) = browser.open("/history").await;
    page.has("data-code=\"array-degraded\"");

    let (_, page) = browser.open("/sheet").await;
    page.has("data-proved=\"false\"").has_not("data-word");
    let wrong = [("password", "autre chose")];
    let (_, page) = browser.post("/sheet", &wrong).await;
    page.has("id=\"password-error\"").has_not("data-word");
    let right = [("password", PASSWORD)];
    let (_, page) = browser.post("/sheet", &right).await;
    assert_eq!(page.body.matches("<span data-word>").count(), 12);
    let (_, page) = browser.post("/sheet/parts", &wrong).await;
    page.has("id=\"password-error\"").has_not("data-word");
    let (_, page) = browser.post("/sheet/parts", &right).await;
    page.has("partie 3 sur 3");
    assert_eq!(page.body.matches("<span data-word>").count(), 45);

    browser.post("/logout", &[]).await;
    let login = [("login", "elodie.durand"), ("password", PASSWORD)];
    let (path, page) = browser.post("/login", &login).await;
    assert_eq!(path, "/");
    assert!(!page.body.contains('{'), "a text is missing");
}

/// A box that is set up on two disks, without people and mail.
async fn set_up(browser: &mut Browser<'_>, machine: &FakeMachine) {
    browser.post("/setup/language", &[("language", "fr")]).await;
    let code = code(machine).await;
    browser.post("/setup/code", &[("code", &code)]).await;
    let admin = [
        ("display_name", "Mme Durand"),
        ("login", "elodie.durand"),
        ("password", PASSWORD),
    ];
    browser.post("/setup/admin", &admin).await;
    let name = [("name", "École Jules-Ferry"), ("time_zone", "Europe/Paris")];
    browser.post("/setup/box", &name).await;
    let disks = ["1", "2"].map(|bay| machine.disk_in(bay).unwrap().id);
    let (_, page) = browser
        .open(&format!(
            "/setup/disks/confirm?disk={}&disk={}",
            disks[0], disks[1]
        ))
        .await;
    let to = "/setup/disks/confirm";
    browser.submit(to, &page, "volume", &[]).await;
    wait_for(browser, "/setup/volume", "data-state=\"copying\"").await;
    machine.tick_rebuild(100);
    for step in ["people/done", "mail/later", "sheet/later", "done"] {
        browser.post(&format!("/setup/{step}"), &[]).await;
    }
    wait_for(browser, "/", "data-state=\"protected\"").await;
}

/// The value of an attribute, where it first stands.
fn attribute(page: &Answer, name: &str) -> String {
    let start = format!("{name}=\"");
    let (_, rest) = page.body.split_once(&start).unwrap();
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_added_and_a_lost_file_found_again_on_the_pages() {
    let folder = Folder::new();
    let machine = FakeMachine::with_blank_disks(2);
    let site = start(&machine, folder.path()).await;
    let mut browser = site.browser("fr");
    set_up(&mut browser, &machine).await;
    machine.write_file("commun", "CP/Noël fêtes.odt", "chanson");
    let (_, page) = browser.open("/").await;
    page.has("data-part=\"copies\"")
        .has("un incendie ou un vol emporterait tout");

    let (_, page) = browser.open("/copies/add").await;
    page.has("value=\"sftp\"").has("value=\"usb_disk\"");
    let (_, page) = browser.open("/copies/add?kind=sftp").await;
    page.has("data-box-key").has("ssh-ed25519 ");
    let mut typed = vec![
        ("kind", "sftp"),
        ("name", "Mairie"),
        ("host", "sauvegarde.mairie.example"),
        ("port", "22"),
        ("user", "ecole"),
        ("folder", "preau"),
        ("login", "key"),
        ("hour", "1"),
        ("days", "monday"),
        ("days", "tuesday"),
        ("gentle", "yes"),
    ];
    let to = "/copies/add";
    let (_, page) = browser.post(to, &typed).await;
    page.has("data-confirm=\"host-key\"")
        .has(preau_host::fake::FAKE_FINGERPRINT)
        .has("value=\"sauvegarde.mairie.example\"");
    let host_key = attribute(&page, "name=\"host_key\" value");
    typed.push(("host_key", &host_key));
    let (path, _) = browser.post(to, &typed).await;
    assert_eq!(path, "/copies");
    wait_for(&mut browser, "/copies", "data-action=\"copies-drill\"").await;
    // The drill that follows the first copy ends a moment later.
    let page = wait_for(&mut browser, "/copies", "identiques").await;
    page.has("data-state=\"good\"").has("class=\"night-good\"");
    let id = attribute(&page, "data-destination");
    let (_, page) = browser.open("/").await;
    page.has("La copie à l’abri est à jour.");
    let (_, page) = browser.open(&format!("/copies/{id}/change")).await;
    page.has("value=\"Mairie\"").has_not("data-confirm");

    machine.delete_file("commun", "CP/Noël fêtes.odt");
    let files = format!("/copies/{id}/files");
    let (_, page) = browser.open(&files).await;
    page.has("data-path=\"CP\" data-kind=\"folder\"");
    let (_, page) = browser.open(&format!("{files}?name=no%C3%ABl")).await;
    let link = attribute(&page, "data-action=\"restore-link\" href").replace("&amp;", "&");
    let (_, page) = browser.open(link.split('#').next().unwrap()).await;
    page.has("data-action=\"restore-beside\"");
    let to = format!("/copies/{id}/restore");
    let (path, _) = browser.submit(&to, &page, "beside", &[]).await;
    assert_eq!(path, "/copies");
    wait_for(&mut browser, "/copies", "1 fichier est revenu").await;

    machine.refuse_copies(Some(preau_offsite_job::Failure::LoginRefused));
    browser
        .post(&format!("/copies/{id}/run"), &[("work", "back_up")])
        .await;
    let page = wait_for(&mut browser, "/copies", "data-problem=\"login_refused\"").await;
    page.has("Le serveur refuse l’identifiant");
    browser.post(&format!("/copies/{id}/remove"), &[]).await;
    let (_, page) = browser.open("/copies").await;
    page.has_not("data-destination");
    let (_, page) = browser.open("/copies/not-an-id/files").await;
    page.has_not("data-page=\"copies-files\"");
    assert!(!page.body.contains('{'), "a text is missing");
}

/// A box whose one copy holds a dictation and a song, and the destination's name.
async fn with_copy(browser: &mut Browser<'_>, machine: &FakeMachine) -> String {
    set_up(browser, machine).await;
    machine.write_file("commun", "CM2/dictée de Zoé.odt", "dictée");
    machine.write_file("commun", "CP/Noël.odt", "chanson");
    browser.open("/copies/add?kind=sftp").await;
    let destination = [
        ("kind", "sftp"),
        ("name", "Mairie"),
        ("host", "sauvegarde.mairie.example"),
        ("port", "22"),
        ("user", "ecole"),
        ("folder", "preau"),
        ("login", "key"),
        ("hour", "1"),
        ("days", "monday"),
        ("host_key", preau_host::fake::FAKE_HOST_KEY),
    ];
    browser.post("/copies/add", &destination).await;
    let page = wait_for(browser, "/copies", "identiques").await;
    attribute(&page, "data-destination")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_struck_from_every_copy_on_the_pages() {
    let folder = Folder::new();
    let machine = FakeMachine::with_blank_disks(2);
    let site = start(&machine, folder.path()).await;
    let mut browser = site.browser("fr");
    let id = with_copy(&mut browser, &machine).await;
    machine.delete_file("commun", "CM2/dictée de Zoé.odt");
    let files = format!("/copies/{id}/files");
    let (_, page) = browser.open(&format!("{files}?name=dict")).await;
    let link = attribute(&page, "data-action=\"restore-link\" href").replace("&amp;", "&");
    let (_, page) = browser.open(link.split('#').next().unwrap()).await;
    let what = "«\u{a0}commun / CM2/dictée de Zoé.odt\u{a0}»";
    page.has(&format!("Le fichier {what} disparaît de toutes les copies"))
        .has(&format!("Oui, effacer {what} pour toujours."))
        .has("S’il est encore dans l’espace «\u{a0}commun\u{a0}»");
    let untouched = page.form("strike-files");
    assert!(untouched.iter().all(|(name, _)| name != "delete"));

    // Sent without the tick, or with one that stood beside another name, nothing goes.
    for ticked in [&[][..], &[("delete", "CP/Noël.odt")]] {
        let to = "/copies/strike";
        let (_, refused) = browser.submit(to, &page, "strike-files", ticked).await;
        refused.has("rien n’a été effacé");
    }
    let (_, still) = browser.open("/copies").await;
    still.has_not("data-strikes");

    machine.hold_workers_back(true);
    let ticked = [("delete", "CM2/dictée de Zoé.odt")];
    let to = "/copies/strike";
    let (path, page) = browser.submit(to, &page, "strike-files", &ticked).await;
    assert_eq!(path, "/copies");
    page.has("data-strikes")
        .has(&format!("{what}\u{a0}: effacé au plus tard le "))
        .has("data-action=\"copies-withdraw\"");
    machine.hold_workers_back(false);
    let page = wait_for(&mut browser, "/copies", "effacé de 1 copie").await;
    page.has_not("data-strikes");
    let (_, page) = browser.open(&format!("{files}?name=dict")).await;
    page.has_not("data-path=");
    let (_, page) = browser.open(&format!("{files}?name=no%C3%ABl")).await;
    page.has("data-path=\"CP/Noël.odt\"");
    assert!(!page.body.contains('{'), "a text is missing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_keeps_everything_says_so_on_the_page_and_is_let_be() {
    let folder = Folder::new();
    let machine = FakeMachine::with_blank_disks(2);
    let site = start(&machine, folder.path()).await;
    let mut browser = site.browser("fr");
    let id = with_copy(&mut browser, &machine).await;
    machine.refuse_copies(Some(preau_offsite_job::Failure::DeleteRefused));
    let wanted = [("share", "commun"), ("path", "CP"), ("delete", "CP")];
    browser.post("/copies/strike", &wanted).await;
    let sentence = "commun / CP\u{a0}»\u{a0}: ne peut pas être effacé ici.";
    let page = wait_for(&mut browser, "/copies", sentence).await;
    page.has("rien ne peut y être effacé")
        .has_not("data-problem=");
    let (path, page) = browser.post(&format!("/copies/{id}/withdraw"), &[]).await;
    assert_eq!(path, "/copies");
    page.has_not("data-strikes");
}

/// What stands on the sheet.
fn words(page: &Answer) -> String {
    let parts = page.body.split("<span data-word>").skip(1);
    let words: Vec<&str> = parts.filter_map(|part| part.split('<').next()).collect();
    words.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burnt_box_comes_back_on_the_pages() {
    let folder = Folder::new();
    let machine = FakeMachine::with_blank_disks(2);
    let site = start(&machine, folder.path()).await;
    let mut browser = site.browser("fr");
    set_up(&mut browser, &machine).await;
    machine.write_file("commun", "CP/Noël.odt", "chanson");
    let mut place = vec![
        ("kind", "sftp"),
        ("host", "sauvegarde.mairie.example"),
        ("port", "22"),
        ("user", "ecole"),
        ("folder", "preau"),
        ("login", "key"),
    ];
    browser.open("/copies/add?kind=sftp").await;
    let mut destination = place.clone();
    destination.extend([("name", "Mairie"), ("hour", "1"), ("days", "monday")]);
    destination.push(("host_key", preau_host::fake::FAKE_HOST_KEY));
    browser.post("/copies/add", &destination).await;
    wait_for(&mut browser, "/copies", "identiques").await;
    let (_, page) = browser.post("/sheet", &[("password", PASSWORD)]).await;
    let words = words(&page);

    // Another box, with nothing on it.
    let new = folder.path().join("new");
    let machine = machine.burn(2);
    let (site, running) = start_watched(&machine, &new).await;
    let mut browser = site.browser("fr");
    browser.post("/setup/language", &[("language", "fr")]).await;
    let (_, page) = browser
        .post("/setup/code", &[("code", &code(&machine).await)])
        .await;
    page.has("href=\"/setup/nothing\"")
        .has("Nous avons une copie ailleurs et notre fiche de secours");
    let (_, page) = browser.open("/setup/nothing").await;
    page.has("data-step=\"nothing-kinds\"")
        .has("value=\"usb_disk\"");
    let (_, page) = browser.open("/setup/nothing?kind=sftp").await;
    page.has("data-step=\"nothing\"").has_not("data-box-key");
    let to = "/setup/nothing";
    let other = "legal winner thank year wave sausage worth useful legal winner thank yellow";
    place.push(("code", "abaisser abandon"));
    let (_, page) = browser.post(to, &place).await;
    page.has("data-error=\"sheet-count\"")
        .has("id=\"code-error\"");
    place.pop();
    place.push(("code", other));
    let (_, page) = browser.post(to, &place).await;
    page.has("data-confirm=\"host-key\"")
        .has("value=\"sauvegarde.mairie.example\"")
        .has(other);
    place.push(("host_key", preau_host::fake::FAKE_HOST_KEY));
    let (_, page) = browser.post(to, &place).await;
    page.has("data-error=\"sheet-of-other-copy\"");
    let (path, _) = browser.open("/setup/nothing/disks").await;
    assert_eq!(path, "/setup/nothing", "nothing was found yet");
    place[6].1 = &words;
    let (path, page) = browser.post(to, &place).await;
    assert_eq!(path, "/setup/nothing/found");
    page.has("École Jules-Ferry")
        .has("1 fichier")
        .has("Un compte")
        .has("Mme Durand")
        .has("Mairie");

    let (_, page) = browser.open("/setup/nothing/disks").await;
    let disks = ["1", "2"].map(|bay| machine.disk_in(bay).unwrap().id);
    page.has(disks[0].as_str())
        .has("action=\"/setup/nothing/confirm\"");
    let (_, page) = browser.open("/setup/nothing/confirm").await;
    page.has("data-error=\"choose-disks\"");
    let (_, page) = browser
        .open(&format!(
            "/setup/nothing/confirm?disk={}&disk={}",
            disks[0], disks[1]
        ))
        .await;
    page.has("Effacer ces disques et faire revenir les fichiers");
    let (_, page) = browser
        .submit("/setup/nothing/confirm", &page, "volume", &[])
        .await;
    page.has("data-step=\"nothing-decided\"");
    assert!(!page.body.contains('{'), "a text is missing");
    running.await.unwrap().unwrap();

    machine.hold_workers_back(true);
    let site = start(&machine, &new).await;
    let mut browser = site.browser("fr");
    let login = [("login", "elodie.durand"), ("password", PASSWORD)];
    browser.post("/login", &login).await;
    let page = wait_for(&mut browser, "/", "id=\"coming-progress\"").await;
    page.has("Les fichiers reviennent de")
        .has("data-state=\"running\"")
        .has("data-online=\"false\"");
    let (_, page) = browser.open("/coming/leave").await;
    page.has("id=\"coming-leave\"");
    let (path, _) = browser.post("/coming/leave", &[]).await;
    assert_eq!(path, "/coming/leave", "it must be agreed to");
    machine.hold_workers_back(false);
    let page = wait_for(&mut browser, "/", "data-code=\"files-back\"").await;
    page.has("Tous vos fichiers sont revenus");
    wait_for(&mut browser, "/", "data-online=\"true\"").await;
    assert_eq!(
        machine.read_file("commun", "CP/Noël.odt").as_deref(),
        Some("chanson")
    );
    assert!(!page.body.contains('{'), "a text is missing");
}
