//! How mails leave: the server, the test, and the code that proves that it arrived.
//! As a step of the set-up, and as a page afterwards.

use super::place::Place;
use super::setup::{Progress, Step, is_due};
use super::{Answer, go, refused};
use crate::forms::{Fields, Refusal};
use crate::page::{Nav, Page, render};
use crate::providers::{PROVIDERS, Provider, provider, security_name};
use crate::visit::Visit;
use crate::words::Words;
use askama::Template;
use preau_api::{ApiError, MailTestResult, MailView, SetMail};
use preau_domain::settings::{MailSecurity, SetupStep};

/// As a step of the set-up.
const SETUP: Place = Place::Setup(Step::Mail);
/// By itself.
const SITE: Place = Place::Site(Nav::Mail);

/// Its address.
const fn address(place: Place) -> &'static str {
    match place {
        Place::Setup(_) => "/setup/mail",
        Place::Site(_) => "/mail",
    }
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    page: Page,
    progress: Option<Progress>,
    base: &'static str,
    refusal: Refusal,
    providers: &'static [Provider],
    values: Values,
}

impl MailPage {
    fn password_hint(&self) -> String {
        self.page.t(if self.values.has_password {
            "mail-password-kept"
        } else {
            "mail-password-hint"
        })
    }
}

/// What the form holds.
#[derive(Default)]
struct Values {
    provider: String,
    host: String,
    port: String,
    security: String,
    login: String,
    from: String,
    recipients: String,
    extra_ca_pem: String,
    has_password: bool,
    proved: bool,
}

impl Values {
    fn stored(mail: &MailView) -> Self {
        Self {
            provider: PROVIDERS
                .iter()
                .find(|provider| !provider.host.is_empty() && provider.host == mail.host)
                .map_or("", |provider| provider.id)
                .to_owned(),
            host: mail.host.clone(),
            port: mail.port.to_string(),
            security: security_name(mail.security).to_owned(),
            login: mail.login.clone().unwrap_or_default(),
            from: mail.from.clone(),
            recipients: mail.recipients.join("\n"),
            extra_ca_pem: mail.extra_ca_pem.clone().unwrap_or_default(),
            has_password: mail.has_password,
            proved: mail.proved,
        }
    }

    fn typed(fields: &Fields) -> Self {
        Self {
            provider: fields.text("provider"),
            host: fields.text("host"),
            port: fields.text("port"),
            security: fields.text("security"),
            login: fields.text("login"),
            from: fields.text("from"),
            recipients: fields.all("recipients").collect::<Vec<_>>().join("\n"),
            extra_ca_pem: fields.text("extra_ca_pem"),
            has_password: false,
            proved: false,
        }
    }

    /// What a provider publishes, in place of what was typed.
    fn filled_in(mut self) -> Self {
        if let Some(provider) = provider(&self.provider) {
            provider.host.clone_into(&mut self.host);
            self.port = provider.port.to_string();
            provider.security_name().clone_into(&mut self.security);
        }
        if self.login.is_empty() {
            self.login.clone_from(&self.from);
        }
        self
    }

    /// The address is what most servers want as the login, and the one who sets the
    /// box up is the first to be written to.
    fn request(&self, words: Words, password: &str) -> Result<SetMail, ApiError> {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let port = self.port.parse().map_err(|_| ApiError {
            field: Some("port".to_owned()),
            code: "not-a-port".to_owned(),
            message: words.t("mail-port-wrong"),
            retry_after: None,
        })?;
        Ok(SetMail {
            host: self.host.clone(),
            port,
            security: if self.security == security_name(MailSecurity::Starttls) {
                MailSecurity::Starttls
            } else {
                MailSecurity::Tls
            },
            login: filled(&self.login),
            password: filled(password),
            from: self.from.clone(),
            extra_ca_pem: filled(&self.extra_ca_pem),
            recipients: self
                .recipients
                .split(['\n', ',', ';'])
                .map(str::trim)
                .filter(|address| !address.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    }
}

#[derive(Template)]
#[template(path = "mail_code.html")]
struct CodePage {
    page: Page,
    progress: Option<Progress>,
    base: &'static str,
    refusal: Refusal,
    results: Vec<ResultPart>,
}

impl CodePage {
    /// Somebody may have received a code.
    fn may_confirm(&self) -> bool {
        self.results.is_empty() || self.results.iter().any(|result| result.result == "sent")
    }
}

/// What came of one test mail.
struct ResultPart {
    recipient: String,
    /// `sent`, or the failure as the API writes it.
    result: String,
    message: String,
    detail: Option<String>,
}

impl ResultPart {
    fn of(words: Words, result: MailTestResult) -> Self {
        let code = result.failure.map_or_else(
            || "sent".to_owned(),
            |failure| match serde_json::to_value(failure) {
                Ok(serde_json::Value::String(code)) => code,
                _ => "refused".to_owned(),
            },
        );
        let message = result.message.unwrap_or_else(|| {
            words.t(if result.failure.is_some() {
                "mail-result-failed"
            } else {
                "mail-result-sent"
            })
        });
        Self {
            recipient: result.recipient,
            result: code,
            message,
            detail: result.detail,
        }
    }
}

fn form(visit: &Visit, place: Place, refusal: Refusal, values: Values) -> axum::response::Response {
    render(&MailPage {
        page: visit.page("mail-title", place.nav()),
        progress: place.progress(visit.words),
        base: address(place),
        refusal,
        providers: &PROVIDERS,
        values,
    })
}

async fn show_at(visit: Visit, place: Place) -> Answer {
    let values = match visit.api().mail().await? {
        Some(mail) => Values::stored(&mail),
        None => Values {
            port: "465".to_owned(),
            ..Values::default()
        },
    };
    Ok(form(&visit, place, Refusal::NONE, values))
}

async fn store_at(visit: Visit, place: Place, fields: Fields) -> Answer {
    let mut values = Values::typed(&fields);
    if fields.has("act", "fill") {
        return Ok(form(&visit, place, Refusal::NONE, values.filled_in()));
    }
    let stored = match values.request(visit.words, fields.raw("password")) {
        Ok(mail) => match visit.api().set_mail(&mail).await {
            Ok(()) => Ok(()),
            Err(trouble) => Err(trouble.refusal()?),
        },
        Err(error) => Err(error),
    };
    if let Err(error) = stored {
        let mail = visit.api().mail().await?;
        values.has_password = mail.is_some_and(|mail| mail.has_password);
        return refused(form(&visit, place, Refusal::of(error), values));
    }
    match visit.api().test_mail().await {
        Ok(test) => {
            let results = test
                .results
                .into_iter()
                .map(|result| ResultPart::of(visit.words, result))
                .collect();
            Ok(code_form(&visit, place, Refusal::NONE, results))
        }
        Err(trouble) => {
            let error = trouble.refusal()?;
            values.has_password = true;
            refused(form(&visit, place, Refusal::of(error), values))
        }
    }
}

fn code_form(
    visit: &Visit,
    place: Place,
    refusal: Refusal,
    results: Vec<ResultPart>,
) -> axum::response::Response {
    render(&CodePage {
        page: visit.page("mail-code-title", place.nav()),
        progress: place.progress(visit.words),
        base: address(place),
        refusal,
        results,
    })
}

async fn confirm_at(visit: Visit, place: Place, fields: Fields) -> Answer {
    match visit.api().confirm_mail(fields.text("code")).await {
        Ok(()) => match place {
            Place::Site(_) => go("/mail"),
            Place::Setup(_) => super::setup::leave(&visit, SetupStep::Mail).await,
        },
        Err(trouble) => {
            let refusal = Refusal::of(trouble.refusal()?);
            refused(code_form(&visit, place, refusal, Vec::new()))
        }
    }
}

pub(crate) async fn show(visit: Visit) -> Answer {
    show_at(visit, SITE).await
}

pub(crate) async fn store_and_test(visit: Visit, fields: Fields) -> Answer {
    store_at(visit, SITE, fields).await
}

pub(crate) async fn confirm(visit: Visit, fields: Fields) -> Answer {
    confirm_at(visit, SITE, fields).await
}

pub(super) async fn show_step(visit: Visit) -> Answer {
    if !is_due(&visit, SetupStep::Mail) {
        return go("/");
    }
    show_at(visit, SETUP).await
}

pub(super) async fn store_and_test_step(visit: Visit, fields: Fields) -> Answer {
    store_at(visit, SETUP, fields).await
}

pub(super) async fn confirm_step(visit: Visit, fields: Fields) -> Answer {
    confirm_at(visit, SETUP, fields).await
}
