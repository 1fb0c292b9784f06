//! How mails leave.

use super::extract::{Admin, Body, Reader};
use crate::desk::Desk;
use crate::mail::test as test_mail;
use crate::refusal::{MAIL_LOGIN_MAX, Reason, Refusal};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use lettre::transport::smtp::client::Certificate;
use preau_api::{ConfirmMail, ErrorBody, MailTest, MailView, SetMail};
use preau_domain::names::{NameRule, check_mail_address};
use preau_domain::settings::{MailSettings, Settings};
use preau_texts::Named;
use std::sync::Arc;

/// How mails leave, without the password; `null` while that is not set.
#[utoipa::path(
    get,
    path = "/v1/mail",
    security(("session" = [])),
    responses((status = OK, body = Option<MailView>), (status = "4XX", body = ErrorBody))
)]
pub async fn read(State(desk): State<Arc<Desk>>, _admin: Admin) -> Json<Option<MailView>> {
    let has_password = desk.mail_password().await.is_some();
    let settings = desk.settings();
    Json(settings.mail.as_ref().map(|mail| MailView {
        host: mail.host.clone(),
        port: mail.port,
        security: mail.security,
        login: mail.login.clone(),
        has_password,
        from: mail.from.clone(),
        extra_ca_pem: mail.extra_ca_pem.clone(),
        recipients: mail.recipients.clone(),
        proved: mail.proved,
    }))
}

/// Says how mails leave.
#[utoipa::path(
    put,
    path = "/v1/mail",
    request_body = SetMail,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn set(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(wanted): Body<SetMail>,
) -> Result<StatusCode, Refusal> {
    let password = wanted.password.clone();
    let mut mail = check(wanted)?;
    let mut held = desk.hold().await?;
    let mut settings = Settings::clone(&held.settings());
    if !settings.is_claimed() {
        return Err(Reason::NotThisStep.into());
    }
    let mut secrets = held.secrets().clone();
    if let Some(password) = password {
        secrets.mail_password = Some(password).filter(|password| !password.is_empty());
    }
    if mail.login.is_none() {
        secrets.mail_password = None;
    }
    // What was proved stays so as long as nothing changed.
    mail.proved = secrets == *held.secrets()
        && settings.mail.as_ref().is_some_and(|before| {
            before.proved
                && *before
                    == MailSettings {
                        proved: true,
                        ..mail.clone()
                    }
        });
    let known = settings.mail.take().map(|mail| mail.recipients);
    let newcomers: Vec<String> = mail
        .recipients
        .iter()
        .filter(|recipient| !known.iter().flatten().any(|known| known == *recipient))
        .cloned()
        .collect();
    settings.mail = Some(mail);
    held.save_secrets(secrets).await?;
    held.save(settings).await?;
    drop(held);
    tell_newcomers(&desk, newcomers).await;
    desk.mail_changed.notify_one();
    desk.look.notify_one();
    Ok(StatusCode::NO_CONTENT)
}

/// Tells new recipients of what is going on already.
async fn tell_newcomers(desk: &Desk, newcomers: Vec<String>) {
    let picture = desk.picture.borrow().clone();
    let open = picture.map_or_else(Vec::new, |picture| {
        let told = picture
            .incidents
            .active
            .iter()
            .filter(|incident| incident.is_open() && incident.announced);
        told.cloned().collect()
    });
    if open.is_empty() || newcomers.is_empty() {
        return;
    }
    let now = desk.now();
    if let Err(error) = desk.store.tell_newcomers(open, newcomers, now).await {
        tracing::error!(error = &error as &dyn std::error::Error, "queueing mails");
    }
}

fn check(wanted: SetMail) -> Result<MailSettings, Refusal> {
    let host = wanted.host.trim().trim_end_matches('.').to_lowercase();
    if !is_host(&host) {
        return Err(Refusal::of(Reason::MailHost, "host"));
    }
    if wanted.port == 0 {
        return Err(Refusal::of(Reason::MailPort, "port"));
    }
    let login = wanted.login.map(|login| login.trim().to_owned());
    if login.as_ref().is_some_and(|login| {
        login.is_empty() || login.len() > MAIL_LOGIN_MAX || login.chars().any(char::is_control)
    }) {
        return Err(Refusal::of(Reason::MailLogin, "login"));
    }
    let from = address(&wanted.from, "from")?;
    if wanted.recipients.is_empty() || wanted.recipients.len() > 10 {
        return Err(Refusal::of(Reason::MailRecipients, "recipients"));
    }
    let mut recipients: Vec<String> = Vec::with_capacity(wanted.recipients.len());
    for (place, recipient) in wanted.recipients.iter().enumerate() {
        let field = format!("recipients[{place}]");
        let recipient = address(recipient, &field)?;
        if recipients.contains(&recipient) {
            let reason = Reason::Name(Named::MailAddress, NameRule::Taken);
            return Err(Refusal::of(reason, &field));
        }
        recipients.push(recipient);
    }
    let extra_ca_pem = wanted
        .extra_ca_pem
        .map(|pem| pem.trim().to_owned())
        .filter(|pem| !pem.is_empty());
    if let Some(pem) = &extra_ca_pem
        && (!pem.contains("-----BEGIN CERTIFICATE-----")
            || Certificate::from_pem(pem.as_bytes()).is_err())
    {
        return Err(Refusal::of(Reason::MailCertificate, "extra_ca_pem"));
    }
    Ok(MailSettings {
        host,
        port: wanted.port,
        security: wanted.security,
        login,
        from,
        extra_ca_pem,
        recipients,
        proved: false,
    })
}

fn address(text: &str, field: &str) -> Result<String, Refusal> {
    let address = text.trim();
    let refused = |rule| Refusal::of(Reason::Name(Named::MailAddress, rule), field);
    check_mail_address(address).map_err(refused)?;
    // What the library that writes the mails would refuse later.
    address
        .parse::<lettre::Address>()
        .map_err(|_| refused(NameRule::Characters))?;
    Ok(address.to_owned())
}

/// A host name (RFC 1123) or an address.
pub(super) fn is_host(host: &str) -> bool {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return true;
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    !host.is_empty() && host.len() <= 253 && host.split('.').all(is_label)
}

/// Sends a test mail with a code to every recipient.
#[utoipa::path(
    post,
    path = "/v1/mail/test",
    security(("session" = [])),
    responses((status = OK, body = MailTest), (status = "4XX", body = ErrorBody))
)]
pub async fn test(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Reader(texts): Reader,
) -> Result<Json<MailTest>, Refusal> {
    test_mail::send(&desk, texts).await.map(Json)
}

/// Types the code of a test mail back.
#[utoipa::path(
    post,
    path = "/v1/mail/test/confirm",
    request_body = ConfirmMail,
    security(("session" = [])),
    responses((status = NO_CONTENT), (status = "4XX", body = ErrorBody))
)]
pub async fn confirm(
    State(desk): State<Arc<Desk>>,
    _admin: Admin,
    Body(typed): Body<ConfirmMail>,
) -> Result<StatusCode, Refusal> {
    test_mail::confirm(&desk, &typed.code).await?;
    Ok(StatusCode::NO_CONTENT)
}
