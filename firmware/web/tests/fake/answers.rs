//! The fake's answers.

#![allow(clippy::result_large_err)] // an answer is an answer

use super::{Asked, CODE, Fake, MAIL_CODE, PASSWORD, SHEET, SHEET_ASKED, Scene, TOKEN, scenes};
use axum::Json;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post, put};
use preau_api::*;
use preau_domain::health::{Percent, SelfTestState};
use preau_domain::language::Language;
use preau_domain::names::{check_login, propose_login};
use preau_domain::settings::{EraseConsent, Role, SchoolHours, SetupStep};
use preau_domain::snapshot::MailFailure;

type Answer = Result<Response, Response>;

pub fn router(fake: Fake) -> Router {
    Router::new()
        .route("/v1/session", get(|| async { Json(serde_json::json!({})) }))
        .route("/v1/status", get(status))
        .route("/v1/disks", get(disks))
        .route("/v1/disks/{id}", get(disk))
        .route(
            "/v1/disks/{id}/self-test",
            post(start_self_test).delete(abort_self_test),
        )
        .route("/v1/disks/{id}/open", post(open_disk).delete(close_disk))
        .route("/v1/disks/{id}/blink", post(blink).delete(stop_blink))
        .route("/v1/school-hours", get(school_hours).put(set_school_hours))
        .route("/v1/setup/language", put(language))
        .route("/v1/setup/admin", put(admin))
        .route("/v1/setup/box", put(name))
        .route("/v1/setup/advance", post(advance))
        .route("/v1/volume", post(volume))
        .route("/v1/array", get(array))
        .route("/v1/array/replace", post(replace))
        .route("/v1/array/take-back", post(take_back))
        .route("/v1/array/grow", post(grow))
        .route("/v1/array/start", post(start))
        .route("/v1/people", get(people).post(add))
        .route("/v1/people/{login}", delete(remove))
        .route("/v1/mail", get(mail).put(set_mail))
        .route("/v1/mail/test", post(test_mail))
        .route("/v1/mail/test/confirm", post(confirm))
        .route("/v1/incidents", get(incidents))
        .route("/v1/adoption", get(adoptable).post(adopt))
        .route("/v1/sheet", get(sheet))
        .route("/v1/sheet/show", post(show_sheet))
        .route("/v1/sheet/parts", post(show_parts))
        .route("/v1/sheet/prove", post(prove_sheet))
        .route("/v1/sheet/prove-code", post(prove_sheet_code))
        .route("/v1/logout", post(|| async { StatusCode::NO_CONTENT }))
        .route("/v1/events", get(super::events))
        .layer(middleware::from_fn_with_state(fake.clone(), session))
        .route("/v1/box", get(the_box))
        .route("/v1/claim", post(claim))
        .route("/v1/login", post(login))
        .layer(middleware::from_fn_with_state(fake.clone(), record))
        .with_state(fake)
}

fn refuse(status: StatusCode, field: Option<&str>, code: &str, message: &str) -> Response {
    let error = ApiError {
        field: field.map(str::to_owned),
        code: code.to_owned(),
        message: message.to_owned(),
        retry_after: None,
    };
    (status, Json(ErrorBody { error })).into_response()
}

fn not_good(field: &str, code: &str, message: &str) -> Response {
    refuse(StatusCode::UNPROCESSABLE_ENTITY, Some(field), code, message)
}

fn done() -> Answer {
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Writes every request down; the fake travels in the request's extensions.
async fn record(State(fake): State<Fake>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, BODY_MAX).await.unwrap();
    fake.scene().asked.push(Asked {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        headers: head.headers.clone(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    next.run(Request::from_parts(head, Body::from(body))).await
}

async fn session(State(fake): State<Fake>, request: Request, next: Next) -> Response {
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .unwrap_or_default()
        .to_owned();
    if !fake.scene().tokens.contains(&token) {
        return refuse(
            StatusCode::UNAUTHORIZED,
            None,
            "not-logged-in",
            "Connectez-vous.",
        );
    }
    next.run(request).await
}

async fn the_box(State(fake): State<Fake>) -> Json<BoxInfo> {
    let scene = fake.scene();
    Json(BoxInfo {
        name: scene.status.box_name.clone(),
        language: scene.status.language,
        version: "0.1.0".to_owned(),
        setup: scene.status.setup,
        authority_fingerprint: ["5A:0C:E1:77"; 8].join(":"),
    })
}

async fn status(State(fake): State<Fake>) -> Json<Status> {
    Json(fake.scene().status.clone())
}

async fn disks(State(fake): State<Fake>) -> Json<Disks> {
    Json(Disks {
        disks: fake.scene().status.disks.clone(),
        unreadable: None,
    })
}

async fn disk(State(fake): State<Fake>, Path(id): Path<String>) -> Answer {
    let details = super::disks::details(&fake.scene(), &id);
    let missing = || {
        let words = "Ce disque n’est pas branché.";
        refuse(StatusCode::NOT_FOUND, None, "no-such-disk", words)
    };
    Ok(Json(details.ok_or_else(missing)?).into_response())
}

async fn start_self_test(
    State(fake): State<Fake>,
    Path(_): Path<String>,
    Json(_): Json<StartSelfTest>,
) -> Answer {
    let mut scene = fake.scene();
    let copies = scene
        .status
        .volume
        .as_ref()
        .is_some_and(|volume| volume.progress.is_some());
    if copies {
        let words = "Une copie est en cours : les disques ont assez à faire.";
        return Err(refuse(StatusCode::CONFLICT, None, "copy-running", words));
    }
    let done = Percent(30);
    scene.self_test = SelfTestState::Running { done };
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn abort_self_test(State(fake): State<Fake>, Path(_): Path<String>) -> Answer {
    fake.scene().self_test = SelfTestState::Idle;
    done()
}

async fn blink(
    State(fake): State<Fake>,
    Path(id): Path<String>,
    Json(wanted): Json<StartBlink>,
) -> Answer {
    let mut scene = fake.scene();
    let asleep = |view: &DiskView| view.disk.id.as_str() == id && view.health.asleep;
    if scene.status.disks.iter().any(asleep) && !wanted.wake {
        let words = "Ce disque dort, et il faut le réveiller pour qu’il clignote.";
        return Err(refuse(StatusCode::CONFLICT, None, "disk-asleep", words));
    }
    scene.blinking = Some(id);
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn school_hours(State(fake): State<Fake>) -> Json<SchoolHours> {
    Json(fake.scene().school_hours.clone())
}

async fn set_school_hours(State(fake): State<Fake>, Json(wanted): Json<SchoolHours>) -> Answer {
    if !wanted.is_sensible() {
        let words = "La fin de la classe vient après le début.";
        return Err(not_good("to", "school-hours", words));
    }
    fake.scene().school_hours = wanted;
    done()
}

async fn open_disk(State(fake): State<Fake>, Path(id): Path<String>) -> Answer {
    fake.scene().opened = Some(id);
    Ok(Json(serde_json::json!({})).into_response())
}

async fn close_disk(State(fake): State<Fake>, Path(_): Path<String>) -> Answer {
    fake.scene().opened = None;
    done()
}

async fn stop_blink(State(fake): State<Fake>, Path(_): Path<String>) -> Answer {
    fake.scene().blinking = None;
    done()
}

fn open(scene: &mut Scene) -> Answer {
    let token = format!("token{}", scene.tokens.len());
    scene.tokens.push(token.clone());
    let expires_at = scene.status.now;
    Ok(Json(Session { token, expires_at }).into_response())
}

async fn claim(State(fake): State<Fake>, Json(claim): Json<Claim>) -> Answer {
    let mut scene = fake.scene();
    let plain = |code: &str| code.replace([' ', '-'], "").to_uppercase();
    if plain(&claim.code) != plain(CODE) {
        scene.wrong_codes += 1;
        return Err(refuse(
            StatusCode::FORBIDDEN,
            Some("code"),
            "wrong-code",
            "Ce n’est pas le code de ce boîtier. Vérifiez chaque caractère.",
        ));
    }
    scene.status.language = claim.language;
    open(&mut scene)
}

async fn login(State(fake): State<Fake>, Json(login): Json<Login>) -> Answer {
    let mut scene = fake.scene();
    let known = scene
        .people
        .iter()
        .any(|person| person.login == login.login);
    if !known || login.password != PASSWORD {
        return Err(refuse(
            StatusCode::FORBIDDEN,
            None,
            "wrong-password",
            "L’identifiant ou le mot de passe n’est pas le bon.",
        ));
    }
    open(&mut scene)
}

async fn language(State(fake): State<Fake>, Json(wanted): Json<SetLanguage>) -> Answer {
    fake.scene().status.language = wanted.language;
    done()
}

async fn admin(State(fake): State<Fake>, Json(wanted): Json<SetAdmin>) -> Answer {
    if check_login(&wanted.login).is_err() {
        return Err(not_good(
            "login",
            "characters",
            "L’identifiant n’accepte que des minuscules sans accent, des chiffres, un point ou un tiret. Écrivez par exemple : elodie.durand.",
        ));
    }
    if wanted.password.chars().count() < 10 {
        return Err(not_good(
            "password",
            "too-short",
            "Le mot de passe a moins de 10 caractères.",
        ));
    }
    let mut scene = fake.scene();
    scene.people = vec![scenes::person(
        &wanted.login,
        &wanted.display_name,
        Role::Admin,
    )];
    // The code's session ends with the code.
    scene.tokens.retain(|token| token == TOKEN);
    scene.status.setup = SetupStep::Box;
    done()
}

async fn name(State(fake): State<Fake>, Json(wanted): Json<SetBox>) -> Answer {
    if wanted.name.contains(['/', '\\']) {
        return Err(not_good(
            "name",
            "characters",
            "Le nom ne peut pas contenir / ou \\. Écrivez par exemple : École Jules-Ferry.",
        ));
    }
    let mut scene = fake.scene();
    scene.status.box_name = Some(wanted.name);
    scene.status.time_zone = Some(wanted.time_zone);
    scene.status.setup = SetupStep::Disks;
    done()
}

fn check_consent(scene: &Scene, consent: &EraseConsent) -> Result<(), Response> {
    let conflict = |code, message: &str| refuse(StatusCode::CONFLICT, None, code, message);
    let Some(disk) = scene.disk(consent.disk.as_str()) else {
        return Err(conflict(
            "disk-gone",
            "Un des disques choisis n’est plus là. Rien n’a été effacé.",
        ));
    };
    let shown = (!disk.is_blank()).then(|| disk.contents_digest.clone());
    if disk.serial != consent.serial {
        return Err(conflict("other-serial", "Ce n’est plus le même disque."));
    }
    if shown != consent.contents_digest {
        return Err(conflict(
            "contents-changed",
            "Ce disque n’est pas vide, et son effacement n’a pas été confirmé. Rien n’a été effacé.",
        ));
    }
    Ok(())
}

async fn volume(State(fake): State<Fake>, Json(wanted): Json<CreateVolume>) -> Answer {
    let mut scene = fake.scene();
    for consent in &wanted.erase {
        check_consent(&scene, consent)?;
    }
    scene.status.volume = Some(scenes::new_volume());
    scene.status.shares = vec![ShareView {
        name: "commun".to_owned(),
        online: true,
    }];
    for view in &mut scene.status.disks {
        if wanted
            .erase
            .iter()
            .any(|consent| consent.disk == view.disk.id)
        {
            view.role = DiskRole::InUse;
        }
    }
    scene.status.setup = SetupStep::People;
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn array(State(fake): State<Fake>) -> Answer {
    let view = super::array::view(&fake.scene());
    let missing = || {
        refuse(
            StatusCode::CONFLICT,
            None,
            "no-volume",
            "Il n’y a pas d’espace.",
        )
    };
    Ok(Json(view.ok_or_else(missing)?).into_response())
}

async fn grow(State(fake): State<Fake>, Json(wanted): Json<GrowVolume>) -> Answer {
    check_consent(&fake.scene(), &wanted.erase)?;
    fake.change(|scene| {
        for view in &mut scene.status.disks {
            if view.disk.id == wanted.erase.disk {
                view.role = DiskRole::Rebuilding;
            }
        }
        scene.volume().state = VolumeState::Changing;
    });
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn start(State(fake): State<Fake>, Json(wanted): Json<StartUnclean>) -> Answer {
    let shown = super::array::view(&fake.scene()).map(|view| view.start_with);
    if shown.as_ref() != Some(&wanted.serials) {
        let words = "L’espace n’attend pas cet accord, ou ses disques ont changé depuis.";
        return Err(refuse(
            StatusCode::CONFLICT,
            Some("serials"),
            "nothing-to-start",
            words,
        ));
    }
    fake.change(|scene| {
        scene.volume().waits_for_consent = false;
        scene.volume().state = VolumeState::Degraded;
    });
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn replace(State(fake): State<Fake>, Json(wanted): Json<ReplaceDisk>) -> Answer {
    check_consent(&fake.scene(), &wanted.erase)?;
    fake.change(|scene| {
        let asked = std::mem::take(&mut scene.asked);
        *scene = scenes::rebuilding();
        scene.asked = asked;
    });
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn take_back(State(fake): State<Fake>, Json(wanted): Json<TakeBack>) -> Answer {
    let view = fake.scene().status.disks[1].clone();
    assert_eq!(view.disk.id, wanted.disk);
    match (view.role, &wanted.erase) {
        (DiskRole::Diverged, Some(erase)) => check_consent(&fake.scene(), erase)?,
        (DiskRole::HeldOut, None) => {}
        odd => panic!("{odd:?}"),
    }
    fake.change(|scene| scene.status.disks[1].role = DiskRole::Rebuilding);
    Ok(StatusCode::ACCEPTED.into_response())
}

async fn people(State(fake): State<Fake>) -> Json<Vec<PersonView>> {
    Json(fake.scene().people.clone())
}

async fn add(State(fake): State<Fake>, Json(wanted): Json<AddPerson>) -> Answer {
    let login = wanted
        .login
        .unwrap_or_else(|| propose_login(&wanted.display_name));
    let mut scene = fake.scene();
    if scene.people.iter().any(|person| person.login == login) {
        return Err(not_good(
            "login",
            "taken",
            "Cet identifiant est déjà pris. Ajoutez par exemple un chiffre.",
        ));
    }
    let person = scenes::person(&login, &wanted.display_name, Role::Member);
    scene.people.push(person.clone());
    Ok((StatusCode::CREATED, Json(person)).into_response())
}

async fn remove(State(fake): State<Fake>, Path(login): Path<String>) -> Answer {
    fake.scene().people.retain(|person| person.login != login);
    done()
}

async fn mail(State(fake): State<Fake>) -> Json<Option<MailView>> {
    Json(fake.scene().mail.clone())
}

async fn set_mail(State(fake): State<Fake>, Json(wanted): Json<SetMail>) -> Answer {
    let odd = wanted
        .recipients
        .iter()
        .position(|address| !address.contains('@'));
    if let Some(place) = odd {
        return Err(not_good(
            &format!("recipients[{place}]"),
            "characters",
            "Une des adresses n’est pas complète. Écrivez par exemple : direction@ecole.fr.",
        ));
    }
    let mut scene = fake.scene();
    scene.mail = Some(MailView {
        host: wanted.host,
        port: wanted.port,
        security: wanted.security,
        login: wanted.login,
        has_password: wanted.password.is_some(),
        from: wanted.from,
        extra_ca_pem: wanted.extra_ca_pem,
        recipients: wanted.recipients,
        proved: false,
    });
    done()
}

async fn test_mail(State(fake): State<Fake>) -> Json<MailTest> {
    let scene = fake.scene();
    let mail = scene.mail.as_ref().unwrap();
    let refused = mail.host.contains("refuse");
    Json(MailTest {
        results: mail
            .recipients
            .iter()
            .enumerate()
            .map(|(place, recipient)| {
                let fails = refused || place == 2;
                MailTestResult {
                    recipient: recipient.clone(),
                    failure: fails.then_some(MailFailure::LoginRefused),
                    message: fails.then(|| "Le serveur refuse l’identifiant ou le mot de passe. Vérifiez-les, ou créez un mot de passe d’application.".to_owned()),
                    detail: fails.then(|| "535 5.7.8 Authentication credentials invalid".to_owned()),
                }
            })
            .collect(),
    })
}

async fn confirm(State(fake): State<Fake>, Json(typed): Json<ConfirmMail>) -> Answer {
    if typed.code != MAIL_CODE {
        return Err(refuse(
            StatusCode::FORBIDDEN,
            Some("code"),
            "wrong-code",
            "Ce n’est pas le code du dernier mail d’essai.",
        ));
    }
    let mut scene = fake.scene();
    scene.status.mail.configured = true;
    scene.status.mail.proved = true;
    scene.status.reminders.clear();
    if let Some(mail) = &mut scene.mail {
        mail.proved = true;
    }
    done()
}

async fn advance(State(fake): State<Fake>, Json(wanted): Json<Advance>) -> Answer {
    let mut scene = fake.scene();
    if scene.status.setup != wanted.from {
        return Err(refuse(
            StatusCode::CONFLICT,
            None,
            "not-this-step",
            "La mise en route en est ailleurs.",
        ));
    }
    scene.status.setup = match wanted.from {
        SetupStep::People => SetupStep::Mail,
        SetupStep::Mail => SetupStep::Sheet,
        SetupStep::Sheet => SetupStep::Finish,
        _ => SetupStep::Done,
    };
    done()
}

async fn incidents(State(fake): State<Fake>) -> Json<Vec<IncidentView>> {
    let scene = fake.scene();
    let open = scene.status.incidents.iter();
    Json(open.chain(&scene.past).cloned().collect())
}

async fn sheet(State(fake): State<Fake>) -> Json<SheetView> {
    let scene = fake.scene();
    let unproved = scene.status.reminders.contains(&Reminder::SheetNotProved);
    Json(SheetView {
        made_at: scene.status.now,
        proved_at: (scene.status.setup == SetupStep::Done && !unproved).then_some(scene.status.now),
        asked: SHEET_ASKED.to_vec(),
    })
}

async fn show_sheet(State(fake): State<Fake>, Json(wanted): Json<ShowSheet>) -> Answer {
    let scene = fake.scene();
    if scene.status.setup > SetupStep::Sheet && wanted.password.as_deref() != Some(PASSWORD) {
        return Err(refuse(
            StatusCode::FORBIDDEN,
            Some("password"),
            "wrong-password",
            "L’identifiant ou le mot de passe n’est pas le bon.",
        ));
    }
    let words = SheetWords {
        words: SHEET.split(' ').map(str::to_owned).collect(),
        language: Language::Fr,
        made_at: scene.status.now,
    };
    Ok(Json(words).into_response())
}

async fn show_parts(State(fake): State<Fake>, Json(wanted): Json<ShowSheet>) -> Answer {
    show_sheet(State(fake.clone()), Json(wanted)).await?;
    let part: Vec<String> = SHEET.split(' ').map(str::to_owned).collect();
    let words = SheetParts {
        parts: vec![[&part[..], &part[..3]].concat(); 3],
        language: Language::Fr,
        made_at: fake.scene().status.now,
    };
    Ok(Json(words).into_response())
}

async fn prove_sheet(State(fake): State<Fake>, Json(typed): Json<ProveSheet>) -> Answer {
    for (index, typed) in typed.words.iter().enumerate() {
        if SHEET.split(' ').nth(typed.place - 1) != Some(typed.word.as_str()) {
            let field = format!("words[{index}]");
            let message = format!("Ce n’est pas le mot n° {} de la fiche.", typed.place);
            let refusal = refuse(StatusCode::FORBIDDEN, Some(&field), "wrong-word", &message);
            return Err(refusal);
        }
    }
    let mut scene = fake.scene();
    let proved = |reminder: &Reminder| *reminder == Reminder::SheetNotProved;
    scene.status.reminders.retain(|reminder| !proved(reminder));
    done()
}

async fn prove_sheet_code(State(fake): State<Fake>, Json(typed): Json<ProveSheetCode>) -> Answer {
    if typed.code != format!("{SHEET} {SHEET}") {
        let message = "Ces mots sont ceux d’une autre fiche.";
        let refusal = refuse(StatusCode::FORBIDDEN, Some("code"), "other-sheet", message);
        return Err(refusal);
    }
    let mut scene = fake.scene();
    let proved = |reminder: &Reminder| *reminder == Reminder::SheetNotProved;
    scene.status.reminders.retain(|reminder| !proved(reminder));
    done()
}

async fn adoptable(State(fake): State<Fake>) -> Json<Adoptable> {
    Json(Adoptable {
        sets: fake.scene().sets.clone(),
    })
}

async fn adopt(State(fake): State<Fake>, Json(wanted): Json<Adopt>) -> Answer {
    let known = fake.scene().sets.iter().any(|set| set.set == wanted.set);
    if !known || wanted.code != SHEET {
        let message = "Ces mots ne sont pas possibles : n° 2 « lezardo ».";
        return Err(not_good("code", "sheet-words", message));
    }
    Ok(StatusCode::ACCEPTED.into_response())
}
