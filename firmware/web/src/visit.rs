//! Who asks: the session's cookie, the language, and what the box says of itself.

use crate::client::{ANSWER_WITHIN, Api};
use crate::page::{Nav, Page};
use crate::trouble::{Kind, Trouble};
use crate::words::Words;
use crate::{Shared, Site};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use preau_api::{ApiError, BoxInfo, Session};
use preau_domain::language::Language;
use preau_domain::settings::SetupStep;

/// The session's token. The prefix makes browsers insist on `Secure`, `Path=/` and
/// no `Domain`, so that no other host of the network can plant one.
const SESSION_COOKIE: &str = "__Host-preau";

/// The language that a reader chose.
const LANGUAGE_COOKIE: &str = "preau-lang";

/// A year: the language is asked once.
const LANGUAGE_SECONDS: u32 = 365 * 24 * 3600;

/// One request for a page.
pub(crate) struct Visit {
    pub(crate) site: Shared,
    pub(crate) words: Words,
    /// The reader chose it, rather than the browser or the box.
    pub(crate) language_chosen: bool,
    token: Option<String>,
    /// The page's own address.
    path: String,
    pub(crate) info: BoxInfo,
}

impl Visit {
    /// The supervisor, asked in this reader's name.
    pub(crate) fn api(&self) -> Api<'_> {
        Api {
            socket: &self.site.socket,
            language: self.words.language(),
            token: self.token.clone(),
            within: ANSWER_WITHIN,
        }
    }

    pub(crate) const fn has_session(&self) -> bool {
        self.token.is_some()
    }

    /// The page's frame. `title` is a key.
    pub(crate) fn page(&self, title: &str, nav: Nav) -> Page {
        Page::new(self.words, title, nav, self.path.clone(), &self.info)
    }

    pub(crate) const fn trouble(&self, kind: Kind) -> Trouble {
        Trouble::new(self.words.language(), kind)
    }

    /// A refusal that no form can show.
    pub(crate) fn refusal(&self, error: ApiError) -> Trouble {
        self.trouble(Kind::Refused(axum::http::StatusCode::CONFLICT, error))
    }

    /// The set-up is over, or not yet at `step`: the address that fits better.
    pub(crate) fn elsewhere(&self, step: SetupStep) -> bool {
        self.info.setup == SetupStep::Done || self.info.setup < step
    }
}

impl FromRequestParts<Shared> for Visit {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Trouble> {
        let guessed = language_of(&parts.headers);
        let chosen = chosen_language(&parts.headers);
        let token = cookie(&parts.headers, SESSION_COOKIE).map(str::to_owned);
        let info = ask_box(site, guessed).await?;
        // Before it has an owner the box speaks its reader's language; then the one
        // that its owner chose, until a reader chooses another.
        let language = match chosen {
            Some(language) => language,
            None if info.setup == SetupStep::Admin => guessed,
            None => info.language,
        };
        Ok(Self {
            site: Shared::clone(site),
            words: Words::new(language),
            language_chosen: chosen.is_some(),
            token,
            path: parts
                .uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned(),
            info,
        })
    }
}

async fn ask_box(site: &Site, language: Language) -> Result<BoxInfo, Trouble> {
    let api = Api {
        socket: &site.socket,
        language,
        token: None,
        within: ANSWER_WITHIN,
    };
    api.box_info().await
}

/// The value of a cookie. Browsers send them all in one header, or in several.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

/// The session's token, for the API's pass-through.
pub(crate) fn session_token(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, SESSION_COOKIE)
}

fn chosen_language(headers: &HeaderMap) -> Option<Language> {
    let tag = cookie(headers, LANGUAGE_COOKIE)?;
    language_from_tag(tag)
}

/// The language of a BCP 47 tag, if it is one of ours.
pub(crate) fn language_from_tag(tag: &str) -> Option<Language> {
    Language::ALL
        .into_iter()
        .find(|language| language.tag() == tag)
}

/// The reader's language as far as the request itself tells.
pub(crate) fn language_of(headers: &HeaderMap) -> Language {
    chosen_language(headers)
        .or_else(|| {
            let accepted = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            Language::from_accept_language(accepted)
        })
        .unwrap_or_default()
}

/// An answer for somebody whose request cannot be looked at any further.
pub(crate) fn refuse(language: Language, kind: Kind) -> Response {
    Trouble::new(language, kind).into_response()
}

/// Sets the session's cookie. It ends with the browser: schools share computers.
pub(crate) fn open_session(response: &mut Response, session: &Session) {
    let cookie = format!(
        "{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Strict",
        session.token
    );
    set_cookie(response, &cookie);
}

/// Ends the session in the browser.
pub(crate) fn close_session(response: &mut Response) {
    let cookie = format!("{SESSION_COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    set_cookie(response, &cookie);
}

/// Keeps the reader's language.
pub(crate) fn keep_language(response: &mut Response, language: Language) {
    let cookie = format!(
        "{LANGUAGE_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={LANGUAGE_SECONDS}",
        language.tag()
    );
    set_cookie(response, &cookie);
}

fn set_cookie(response: &mut Response, cookie: &str) {
    match HeaderValue::from_str(cookie) {
        Ok(value) => {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
        // The supervisor's tokens are letters and digits.
        Err(_) => tracing::error!("a session's token does not fit into a cookie"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        let value = HeaderValue::from_static("x__Host-preau=no; __Host-preau=yes; a=b");
        headers.insert(header::COOKIE, value);
        assert_eq!(session_token(&headers), Some("yes"));
        assert_eq!(cookie(&headers, "preau"), None);
    }
}
