//! The frame that every page stands in, and how a template becomes an answer.

use crate::assets::NAMES;
use crate::forms::{Refusal, Said};
use crate::words::Words;
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use preau_api::BoxInfo;
use preau_domain::language::Language;

/// Which part of the site a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nav {
    /// No navigation: log-in, refusals.
    None,
    /// The set-up.
    Setup,
    /// The status page.
    Home,
    /// How each disk is.
    Disks,
    /// Those who use the shares.
    People,
    /// The copies elsewhere.
    Copies,
    /// How mails leave.
    Mail,
    /// What happened.
    History,
    /// The certificate.
    Certificate,
    /// The recovery sheet.
    Sheet,
}

/// An entry of the navigation.
pub(crate) struct Entry {
    pub(crate) href: &'static str,
    pub(crate) label: String,
    pub(crate) here: bool,
}

/// The frame.
pub(crate) struct Page {
    pub(crate) words: Words,
    pub(crate) title: String,
    pub(crate) nav: Nav,
    pub(crate) box_name: Option<String>,
    pub(crate) version: Option<String>,
    /// After how many seconds a reader without script looks again.
    pub(crate) reload: Option<u32>,
    /// The page's own address, to come back to after choosing a language.
    pub(crate) path: String,
}

impl Page {
    pub(crate) fn new(words: Words, title: &str, nav: Nav, path: String, info: &BoxInfo) -> Self {
        Self {
            words,
            title: words.t(title),
            nav,
            box_name: info.name.clone(),
            version: Some(info.version.clone()),
            reload: None,
            path,
        }
    }

    /// A frame for a page that is made without asking the box anything.
    pub(crate) fn bare(words: Words, title: &str) -> Self {
        Self {
            words,
            title: words.t(title),
            nav: Nav::None,
            box_name: None,
            version: None,
            reload: None,
            path: "/".to_owned(),
        }
    }

    /// The page changes by itself: readers without script look again.
    pub(crate) const fn live(mut self) -> Self {
        self.reload = Some(10);
        self
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.words.t(key)
    }

    pub(crate) fn t1(&self, key: &str, name: &str, value: impl ToString) -> String {
        self.words.t1(key, name, value)
    }

    pub(crate) fn lang(&self) -> &'static str {
        self.words.language().tag()
    }

    pub(crate) fn style(&self) -> &'static str {
        &NAMES.style
    }

    pub(crate) fn script(&self) -> &'static str {
        &NAMES.script
    }

    pub(crate) fn icon_file(&self) -> &'static str {
        &NAMES.icon
    }

    /// The navigation of somebody who is logged in; empty elsewhere.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let all = [
            (Nav::Home, "/", "nav-home"),
            (Nav::Disks, "/disks", "nav-disks"),
            (Nav::Copies, "/copies", "nav-copies"),
            (Nav::People, "/people", "nav-people"),
            (Nav::Mail, "/mail", "nav-mail"),
            (Nav::History, "/history", "nav-history"),
        ];
        if matches!(self.nav, Nav::None | Nav::Setup) {
            return Vec::new();
        }
        all.into_iter()
            .map(|(nav, href, label)| Entry {
                href,
                label: self.t(label),
                here: nav == self.nav,
            })
            .collect()
    }

    /// The other languages, each in its own words.
    pub(crate) fn other_languages(&self) -> Vec<(&'static str, String)> {
        Language::ALL
            .into_iter()
            .filter(|language| *language != self.words.language())
            .map(|language| (language.tag(), Words::new(language).t("language-name")))
            .collect()
    }

    /// An icon; beside it there is always a word.
    pub(crate) fn icon(&self, name: &str) -> String {
        let shape = match name {
            "ok" => {
                r#"<circle cx="12" cy="12" r="10"/><path class="ink" d="m7.5 12.4 3 3.1 6-6.6"/>"#
            }
            "info" => r#"<circle cx="12" cy="12" r="10"/><path class="ink" d="M12 11v6M12 7v.1"/>"#,
            "attention" => {
                r#"<path d="M12 2.6 22.6 21H1.4Z"/><path class="ink" d="M12 9.5v5M12 17.6v.1"/>"#
            }
            "danger" => {
                r#"<path d="M7.9 2h8.2L22 7.9v8.2L16.1 22H7.9L2 16.1V7.9Z"/><path class="ink" d="M12 7v6M12 16.6v.1"/>"#
            }
            "copy" => {
                r#"<circle cx="12" cy="12" r="10"/><path class="ink" d="M7 10.3h9l-2.6-2.6M17 13.7H8l2.6 2.6"/>"#
            }
            _ => r#"<circle cx="12" cy="12" r="10"/>"#,
        };
        format!(
            r#"<svg class="icon icon-{name}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{shape}</svg>"#
        )
    }

    /// The sentence beside a refused field, or nothing.
    pub(crate) fn error(&self, field: &str, refusal: &Refusal) -> String {
        self.said(&format!("{field}-error"), refusal.field(field))
    }

    /// The sentence about the form as a whole, or nothing. `shown` are the fields
    /// that have their own place for one.
    pub(crate) fn form_error(&self, shown: &str, refusal: &Refusal) -> String {
        self.said("form-error", refusal.whole(shown))
    }

    fn said(&self, id: &str, said: Option<Said<'_>>) -> String {
        let Some(said) = said else {
            return String::new();
        };
        let icon = self.icon("attention");
        ErrorText { icon, id, said }
            .render()
            .unwrap_or_else(|error| {
                tracing::error!(%error, "rendering a refusal");
                String::new()
            })
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorText<'a> {
    icon: String,
    id: &'a str,
    said: Said<'a>,
}

/// A template as an answer. Rendering fails only if writing into memory does.
pub(crate) fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "rendering a page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
