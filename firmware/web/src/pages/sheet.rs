//! The recovery sheet: shown to be printed, then asked for by four of its words. As
//! the last step but one of the set-up, and as a page afterwards, where the words
//! are shown only in the answer to a password.

use super::place::Place;
use super::setup::{Progress, Step, is_due, leave};
use super::{Answer, go, refused};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::trouble::Trouble;
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use axum::response::Response;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_api::{
    ApiError, ProveSheet, ProveSheetCode, SheetParts, SheetView, SheetWord, SheetWords,
};
use preau_domain::language::Language;
use preau_domain::settings::SetupStep;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// As a step of the set-up.
const SETUP: Place = Place::Setup(Step::Sheet);
/// By itself.
const SITE: Place = Place::Site(Nav::Sheet);

/// Its address.
const fn address(place: Place) -> &'static str {
    match place {
        Place::Setup(_) => "/setup/sheet",
        Place::Site(_) => "/sheet",
    }
}

/// What stands on every paper of a sheet.
struct Paper {
    /// The sheet's own words: a reader's language is not that of the paper.
    words: Words,
    box_name: String,
    made: String,
}

impl Paper {
    fn new(visit: &Visit, language: Language, made: Timestamp, zone: &TimeZone) -> Self {
        let words = Words::new(language);
        let name = visit.info.name.clone();
        Self {
            words,
            box_name: name.unwrap_or_else(|| words.t("box-without-name")),
            made: words.day(made, zone),
        }
    }
}

/// The words of one paper, and what they are for.
struct PaperCode {
    title: String,
    what_for: String,
    words: Vec<String>,
    qr: String,
}

impl PaperCode {
    fn new(title: String, what_for: String, words: &[String]) -> Self {
        Self {
            title,
            what_for,
            qr: draw(&words.join(" ")),
            words: words.to_vec(),
        }
    }
}

#[derive(Template)]
#[template(path = "sheet/paper.html")]
struct PaperPage {
    page: Page,
    paper: Paper,
    progress: Option<Progress>,
    base: &'static str,
    code: PaperCode,
}

fn paper(visit: &Visit, place: Place, shown: &SheetWords, zone: &TimeZone) -> Response {
    let paper = Paper::new(visit, shown.language, shown.made_at, zone);
    let text = |key| paper.words.t(key);
    render(&PaperPage {
        page: visit.page("sheet-title", place.nav()),
        progress: place.progress(visit.words),
        base: address(place),
        code: PaperCode::new(text("paper-title"), text("paper-what-for"), &shown.words),
        paper,
    })
}

/// The words as a picture that any telephone reads. Paper is folded and gets wet: a
/// quarter of it may be unreadable.
fn draw(text: &str) -> String {
    match QrCode::with_error_correction_level(text, EcLevel::Q) {
        Ok(code) => code
            .render::<svg::Color<'_>>()
            .min_dimensions(200, 200)
            .build()
            .split_once("?>")
            .map(|(_, svg)| svg.to_owned())
            .unwrap_or_default(),
        Err(error) => {
            // Fifteen words are far below what a code holds.
            tracing::error!(%error, "drawing the sheet's code");
            String::new()
        }
    }
}

#[derive(Template)]
#[template(path = "sheet/parts.html")]
struct PartsPage {
    page: Page,
    paper: Paper,
    parts: Vec<PaperCode>,
}

fn parts(visit: &Visit, shown: &SheetParts, zone: &TimeZone) -> Response {
    let paper = Paper::new(visit, shown.language, shown.made_at, zone);
    let part = |(number, words): (usize, &Vec<String>)| {
        let parts = shown.parts.len();
        let text = |key| paper.words.t2(key, ("number", number), ("parts", parts));
        PaperCode::new(text("paper-part-title"), text("paper-part-what-for"), words)
    };
    render(&PartsPage {
        page: visit.page("sheet-parts-title", Nav::Sheet),
        parts: (1..).zip(&shown.parts).map(part).collect(),
        paper,
    })
}

#[derive(Template)]
#[template(path = "sheet/words.html")]
struct WordsPage {
    page: Page,
    progress: Option<Progress>,
    base: &'static str,
    refusal: Refusal,
    asked: Vec<Asked>,
}

/// A word that is asked for.
struct Asked {
    place: usize,
    /// The field's name.
    field: String,
    label: String,
    typed: String,
}

fn words_form(
    visit: &Visit,
    place: Place,
    sheet: &SheetView,
    refusal: Refusal,
    fields: &Fields,
) -> Response {
    render(&WordsPage {
        page: visit.page("sheet-words-title", place.nav()),
        progress: place.progress(visit.words),
        base: address(place),
        refusal,
        asked: sheet
            .asked
            .iter()
            .map(|place| {
                let field = field(*place);
                Asked {
                    place: *place,
                    label: visit.words.t1("sheet-word", "place", place),
                    typed: fields.text(&field),
                    field,
                }
            })
            .collect(),
    })
}

fn field(place: usize) -> String {
    format!("word-{place}")
}

#[derive(Template)]
#[template(path = "sheet/home.html")]
struct HomePage {
    page: Page,
    refusal: Refusal,
    made: String,
    proved: Option<String>,
}

async fn home(visit: &Visit, refusal: Refusal) -> Answer {
    let sheet = visit.api().sheet().await?;
    let zone = zone(visit).await?;
    Ok(render(&HomePage {
        page: visit.page("sheet-title", Nav::Sheet),
        refusal,
        made: visit.words.day(sheet.made_at, &zone),
        proved: sheet.proved_at.map(|at| visit.words.day(at, &zone)),
    }))
}

async fn zone(visit: &Visit) -> Result<TimeZone, Trouble> {
    let status = visit.api().status().await?;
    let name = status.time_zone.as_deref().unwrap_or("UTC");
    Ok(TimeZone::get(name).unwrap_or(TimeZone::UTC))
}

pub(crate) async fn show(visit: Visit) -> Answer {
    home(&visit, Refusal::NONE).await
}

/// The sheet, for a password.
pub(crate) async fn show_paper(visit: Visit, fields: Fields) -> Answer {
    match visit.api().show_sheet(password(&fields)).await {
        Ok(shown) => Ok(paper(&visit, SITE, &shown, &zone(&visit).await?)),
        Err(trouble) => refuse(&visit, trouble).await,
    }
}

/// The sheet in three parts, for a password.
pub(crate) async fn show_parts(visit: Visit, fields: Fields) -> Answer {
    match visit.api().show_parts(password(&fields)).await {
        Ok(shown) => Ok(parts(&visit, &shown, &zone(&visit).await?)),
        Err(trouble) => refuse(&visit, trouble).await,
    }
}

fn password(fields: &Fields) -> Option<String> {
    Some(fields.raw("password").to_owned())
}

/// The page that asks for the password again, and says why.
async fn refuse(visit: &Visit, trouble: Trouble) -> Answer {
    let refusal = Refusal::of(trouble.refusal()?);
    refused(home(visit, refusal).await?)
}

pub(crate) async fn ask_words(visit: Visit) -> Answer {
    let sheet = visit.api().sheet().await?;
    let none = Fields::default();
    Ok(words_form(&visit, SITE, &sheet, Refusal::NONE, &none))
}

pub(crate) async fn prove(visit: Visit, fields: Fields) -> Answer {
    prove_at(visit, SITE, fields).await
}

#[derive(Template)]
#[template(path = "sheet/code.html")]
struct CodePage {
    page: Page,
    refusal: Refusal,
    code: String,
}

fn code_form(visit: &Visit, refusal: Refusal, code: String) -> Response {
    render(&CodePage {
        page: visit.page("sheet-words-title", Nav::Sheet),
        refusal,
        code,
    })
}

/// For who keeps the sheet in parts: these have none of the words that are asked for.
pub(crate) async fn ask_code(visit: Visit) -> Answer {
    visit.api().sheet().await?;
    Ok(code_form(&visit, Refusal::NONE, String::new()))
}

pub(crate) async fn prove_code(visit: Visit, fields: Fields) -> Answer {
    let code = fields.text("code");
    let typed = ProveSheetCode { code: code.clone() };
    match visit.api().prove_sheet_code(&typed).await {
        Ok(()) => go(address(SITE)),
        Err(trouble) => refused(code_form(&visit, Refusal::of(trouble.refusal()?), code)),
    }
}

pub(super) async fn show_step(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Sheet) {
        return go("/");
    }
    if visit.info.setup > SetupStep::Sheet {
        return go("/sheet");
    }
    let shown = visit.api().show_sheet(None).await?;
    Ok(paper(&visit, SETUP, &shown, &zone(&visit).await?))
}

pub(super) async fn ask_words_step(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Sheet) {
        return go("/");
    }
    let sheet = visit.api().sheet().await?;
    let none = Fields::default();
    Ok(words_form(&visit, SETUP, &sheet, Refusal::NONE, &none))
}

pub(super) async fn prove_step(visit: Visit, fields: Fields) -> Answer {
    prove_at(visit, SETUP, fields).await
}

pub(super) async fn later(visit: Visit) -> Answer {
    leave(&visit, SetupStep::Sheet).await
}

async fn prove_at(visit: Visit, place: Place, fields: Fields) -> Answer {
    let sheet = visit.api().sheet().await?;
    let typed = ProveSheet {
        words: sheet
            .asked
            .iter()
            .map(|place| SheetWord {
                place: *place,
                word: fields.text(&field(*place)),
            })
            .collect(),
    };
    match visit.api().prove_sheet(&typed).await {
        Ok(()) => match place {
            Place::Setup(_) => leave(&visit, SetupStep::Sheet).await,
            Place::Site(_) => go(address(place)),
        },
        Err(trouble) => {
            let error = beside_its_word(trouble.refusal()?, &sheet.asked);
            let refusal = Refusal::of(error);
            refused(words_form(&visit, place, &sheet, refusal, &fields))
        }
    }
}

/// The API numbers the words as they were sent; the form names them by their place.
fn beside_its_word(mut error: ApiError, asked: &[usize]) -> ApiError {
    let place = error.field.as_deref().and_then(|field| {
        let index = field.strip_prefix("words[")?.strip_suffix(']')?;
        asked.get(index.parse::<usize>().ok()?)
    });
    error.field = place.map(|place| field(*place)).or(error.field);
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_a_picture_without_anything_a_page_could_run() {
        let svg = draw("abaisser abandon abdiquer");
        assert!(svg.trim_start().starts_with("<svg"), "{svg}");
        assert!(!svg.contains("<script") && !svg.contains("style="), "{svg}");
    }

    #[test]
    fn a_refused_word_is_pointed_at_in_the_form() {
        let error = |field: &str| ApiError {
            field: Some(field.to_owned()),
            code: "wrong-word".to_owned(),
            message: String::new(),
            retry_after: None,
        };
        let asked = [2, 5, 9, 11];
        let pointed = |field: &str| beside_its_word(error(field), &asked).field;
        assert_eq!(pointed("words[2]").as_deref(), Some("word-9"));
        assert_eq!(pointed("words[7]").as_deref(), Some("words[7]"));
        assert_eq!(pointed("words").as_deref(), Some("words"));
    }
}
