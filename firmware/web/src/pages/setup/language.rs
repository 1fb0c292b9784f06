//! The first step, and the choice of another language on any page.

use super::{Progress, Step};
use crate::forms::Fields;
use crate::page::{Nav, Page, render};
use crate::pages::{Answer, go};
use crate::visit::{Visit, keep_language, language_from_tag};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Redirect};
use preau_domain::language::Language;
use preau_domain::settings::SetupStep;

#[derive(Template)]
#[template(path = "setup/language.html")]
struct LanguagePage {
    page: Page,
    progress: Progress,
    greetings: Vec<Greeting>,
}

/// A language, in its own words.
struct Greeting {
    tag: &'static str,
    greeting: String,
    name: String,
}

pub(crate) async fn show(visit: Visit) -> Answer {
    if visit.info.setup != SetupStep::Admin {
        return go("/");
    }
    Ok(render(&LanguagePage {
        page: visit.page("language-title", Nav::Setup),
        progress: Progress::at(visit.words, Step::Language),
        greetings: Language::ALL
            .into_iter()
            .map(|language| {
                let words = Words::new(language);
                Greeting {
                    tag: language.tag(),
                    greeting: words.t("language-greeting"),
                    name: words.t("language-name"),
                }
            })
            .collect(),
    }))
}

/// The language of the set-up. Nothing is stored in the box before its code was
/// given: the claim carries the language.
pub(crate) async fn choose(visit: Visit, fields: Fields) -> Answer {
    let language = language_from_tag(fields.raw("language")).unwrap_or(visit.words.language());
    let mut response = Redirect::to("/setup/code").into_response();
    keep_language(&mut response, language);
    Ok(response)
}

/// Another language for this reader; during the set-up, for the box.
pub(crate) async fn switch(visit: Visit, fields: Fields) -> Answer {
    let language = language_from_tag(fields.raw("language")).unwrap_or(visit.words.language());
    if visit.has_session()
        && visit.info.setup != SetupStep::Done
        && let Err(trouble) = visit.api().set_language(language).await
    {
        // The reader gets the language all the same.
        tracing::warn!(?trouble, "storing the language of the box");
    }
    let mut response = Redirect::to(local(fields.raw("back"))).into_response();
    keep_language(&mut response, language);
    Ok(response)
}

/// Only a path of this site is led to.
fn local(back: &str) -> &str {
    let is_path = back.starts_with('/') && !back.starts_with("//") && !back.contains('\\');
    if is_path && !back.chars().any(char::is_control) {
        back
    } else {
        "/"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_to_another_site() {
        assert_eq!(local("/setup/disks?disk=a"), "/setup/disks?disk=a");
        for odd in ["https://example.com", "//example.com", "/\\example.com", ""] {
            assert_eq!(local(odd), "/");
        }
    }
}
