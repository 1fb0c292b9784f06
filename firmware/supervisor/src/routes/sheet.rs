//! The recovery sheet: what may be known of it, its words, and the proof that
//! somebody has it on paper. The words leave the box only in the answers to `show` and
//! `parts`.

use super::adoption::unreadable;
use super::extract::{Admin, Body};
use super::session::check_password;
use crate::desk::{Desk, Held};
use crate::refusal::{Reason, Refusal};
use crate::sheet::{Sheet, choose_places};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use preau_api::{
    ErrorBody, ProveSheet, ProveSheetCode, SheetParts, SheetView, SheetWords, ShowSheet,
};
use preau_domain::settings::SetupStep;
use preau_sheet::{Code, Part};
use std::sync::Arc;
use tokio::time::Instant;

/// The subject of wrong words.
const THE_SHEET: &str = "sheet";

/// When the sheet was made, whether it was proved, and which words are asked for.
#[utoipa::path(
    get,
    path = "/v1/sheet",
    security(("session" = [])),
    responses((status = OK, body = SheetView), (status = "4XX", body = ErrorBody))
)]
pub async fn read(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
) -> Result<Json<SheetView>, Refusal> {
    let dates = desk.sheet_dates().ok_or(Reason::NoSheet)?;
    Ok(Json(SheetView {
        made_at: dates.made_at,
        proved_at: dates.proved_at,
        asked: asked(&desk).await?,
    }))
}

/// The places that are asked for: the same ones until they are proved, since the
/// page is read first and answered later.
async fn asked(desk: &Desk) -> Result<Vec<usize>, Refusal> {
    let mut asked = desk.sheet_asked.lock().await;
    if asked.is_empty() {
        *asked = choose_places().map_err(|error| Reason::System(error.to_string()))?;
    }
    Ok(asked.clone())
}

/// Shows the words, to whoever gives their password again.
#[utoipa::path(
    post,
    path = "/v1/sheet/show",
    request_body = ShowSheet,
    security(("session" = [])),
    responses((status = OK, body = SheetWords), (status = "4XX", body = ErrorBody))
)]
pub async fn show(
    State(desk): State<Arc<Desk>>,
    admin: Admin,
    Body(wanted): Body<ShowSheet>,
) -> Result<Json<SheetWords>, Refusal> {
    let Sheet { code, dates } = open(&desk, admin, wanted).await?;
    Ok(Json(SheetWords {
        words: code.words(),
        language: code.language(),
        made_at: dates.made_at,
    }))
}

/// Shows the words in three parts, two of which are enough, to whoever gives their
/// password again.
#[utoipa::path(
    post,
    path = "/v1/sheet/parts",
    request_body = ShowSheet,
    security(("session" = [])),
    responses((status = OK, body = SheetParts), (status = "4XX", body = ErrorBody))
)]
pub async fn parts(
    State(desk): State<Arc<Desk>>,
    admin: Admin,
    Body(wanted): Body<ShowSheet>,
) -> Result<Json<SheetParts>, Refusal> {
    let Sheet { code, dates } = open(&desk, admin, wanted).await?;
    Ok(Json(SheetParts {
        parts: preau_sheet::split(&code).iter().map(Part::words).collect(),
        language: code.language(),
        made_at: dates.made_at,
    }))
}

/// The sheet, for whoever may see it.
async fn open(desk: &Desk, admin: Admin, wanted: ShowSheet) -> Result<Sheet, Refusal> {
    // During the set-up somebody has chosen the password minutes ago; a session that
    // is left open later must not be enough.
    let first_time = desk.settings().setup_step() <= SetupStep::Sheet;
    if let Some(token) = admin.token.filter(|_| !first_time) {
        let login = desk.sessions.login(&token).ok_or(Reason::NotLoggedIn)?;
        check_password(desk, &login, wanted.password.unwrap_or_default()).await?;
    }
    Ok(desk.sheet().await.ok_or(Reason::NoSheet)?)
}

/// Proves that somebody has the paper.
#[utoipa::path(
    post,
    path = "/v1/sheet/prove",
    request_body = ProveSheet,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn prove(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(typed): Body<ProveSheet>,
) -> Result<StatusCode, Refusal> {
    let held = desk.hold().await?;
    let sheet = held.secrets().sheet.as_ref().ok_or(Reason::NoSheet)?;
    let mut places: Vec<usize> = typed.words.iter().map(|word| word.place).collect();
    places.sort_unstable();
    if places != asked(&desk).await? {
        return Err(Refusal::of(Reason::OtherWordsAsked, "words"));
    }
    desk.sheet_tries
        .check(THE_SHEET, Instant::now())
        .map_err(Reason::TooManyTries)?;
    for (index, typed) in typed.words.iter().enumerate() {
        if !sheet.code.is_word(typed.place, &typed.word) {
            desk.sheet_tries.wrong(THE_SHEET, Instant::now());
            let field = format!("words[{index}]");
            return Err(Refusal::of(Reason::WrongWord(typed.place), &field));
        }
    }
    note_proof(&desk, held).await
}

/// Proves that somebody has the paper, or two of its three parts, which have none of
/// the words that are asked for.
#[utoipa::path(
    post,
    path = "/v1/sheet/prove-code",
    request_body = ProveSheetCode,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn prove_code(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(typed): Body<ProveSheetCode>,
) -> Result<StatusCode, Refusal> {
    let held = desk.hold().await?;
    let sheet = held.secrets().sheet.as_ref().ok_or(Reason::NoSheet)?;
    let code = Code::read(&typed.code, sheet.code.language())
        .map_err(|error| Refusal::of(unreadable(error), "code"))?;
    desk.sheet_tries
        .check(THE_SHEET, Instant::now())
        .map_err(Reason::TooManyTries)?;
    if code != sheet.code {
        desk.sheet_tries.wrong(THE_SHEET, Instant::now());
        return Err(Refusal::of(Reason::OtherSheet, "code"));
    }
    note_proof(&desk, held).await
}

async fn note_proof(desk: &Desk, mut held: Held<'_>) -> Result<StatusCode, Refusal> {
    desk.sheet_tries.right(THE_SHEET);
    let mut secrets = held.secrets().clone();
    let sheet = secrets.sheet.as_mut().ok_or(Reason::NoSheet)?;
    sheet.dates.proved_at = Some(desk.now());
    held.save_secrets(secrets).await?;
    desk.sheet_asked.lock().await.clear();
    desk.look.notify_one();
    Ok(StatusCode::NO_CONTENT)
}
