//! The test mail: its code, typed back, proves that mails arrive.

use super::deliver::{Undelivered, deliver};
use super::message::{self, Envelope};
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::refusal::{Reason, Refusal};
use crate::store::hex;
use futures_util::future::join_all;
use preau_api::{MailTest, MailTestResult};
use preau_domain::settings::MailSettings;
use preau_domain::snapshot::MailFailure;
use preau_texts::{Texts, mail_failure, test_mail};
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::Instant;

/// How long a code is good for: mails may be slow, and so may people.
const VALID: Duration = Duration::from_secs(3600);
/// After that many wrong codes a new mail is needed: six digits are not many.
const TRIES_MAX: u32 = 10;

/// A test mail that waits for its code.
#[derive(Debug)]
pub struct PendingTest {
    code: String,
    /// The settings that it proves.
    settings: MailSettings,
    ends: Instant,
    tries: u32,
}

/// Sends a test mail to every recipient at once, past the outbox.
///
/// # Errors
/// When no server is set.
pub async fn send(desk: &Desk, reader: Texts) -> Result<MailTest, Refusal> {
    let settings = desk.settings();
    let mail = settings.mail.clone().ok_or(Reason::MailNotSet)?;
    let password = desk.mail_password().await;
    let code = six_digits().map_err(|error| Reason::System(error.to_string()))?;
    let texts = Texts::new(settings.language);
    let box_name = super::post::box_name(&settings, texts);
    *desk.mail_test.lock().await = Some(PendingTest {
        code: code.clone(),
        settings: mail.clone(),
        ends: Instant::now() + VALID,
        tries: 0,
    });
    let sent = mail.recipients.iter().map(|recipient| {
        let envelope = Envelope {
            box_name: &box_name,
            from: &mail.from,
            to: recipient,
            now: desk.now(),
        };
        let text = test_mail(texts, &box_name, &code);
        send_one(&mail, password.as_deref(), text, envelope, &desk.box_id)
    });
    let outcomes = join_all(sent).await;
    let results = mail.recipients.iter().zip(outcomes);
    Ok(MailTest {
        results: results
            .map(|(recipient, outcome)| {
                let failed = outcome.err();
                MailTestResult {
                    recipient: recipient.clone(),
                    failure: failed.as_ref().map(|failed| failed.failure),
                    message: failed
                        .as_ref()
                        .map(|failed| mail_failure(reader, failed.failure)),
                    detail: failed.map(|failed| failed.detail),
                }
            })
            .collect(),
    })
}

async fn send_one(
    mail: &MailSettings,
    password: Option<&str>,
    text: preau_texts::MailText,
    envelope: Envelope<'_>,
    box_id: &str,
) -> Result<(), Undelivered> {
    let unmade = |detail: String| Undelivered {
        failure: MailFailure::Refused,
        detail,
    };
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| unmade(error.to_string()))?;
    let id = format!("<preau-test-{}@{box_id}.preau.local>", hex(&random));
    let headers = [("X-Preau-Test", "1")];
    let message =
        message::build(text, &envelope, id, &headers).map_err(|error| unmade(chain(&error)))?;
    deliver(mail, password, envelope.to, &message).await
}

/// Takes the code of a test mail: mails arrive.
///
/// # Errors
/// When it is not the code, or none waits.
pub async fn confirm(desk: &Desk, typed: &str) -> Result<(), Refusal> {
    let proved = {
        let mut waiting = desk.mail_test.lock().await;
        let Some(test) = waiting.as_mut().filter(|test| Instant::now() < test.ends) else {
            *waiting = None;
            return Err(Reason::NoMailCode.into());
        };
        let typed: String = typed.chars().filter(char::is_ascii_digit).collect();
        let right = typed.len() == test.code.len()
            && bool::from(typed.as_bytes().ct_eq(test.code.as_bytes()));
        if !right {
            test.tries += 1;
            if test.tries >= TRIES_MAX {
                *waiting = None;
            }
            return Err(Refusal::of(Reason::WrongMailCode, "code"));
        }
        test.settings.clone()
    };
    let mut held = desk.hold().await?;
    let mut settings = preau_domain::settings::Settings::clone(&held.settings());
    match &mut settings.mail {
        // Other settings than those that were tried are not proved by it.
        Some(mail)
            if (MailSettings {
                proved: proved.proved,
                ..mail.clone()
            }) == proved =>
        {
            mail.proved = true;
        }
        _ => return Err(Reason::NoMailCode.into()),
    }
    held.save(settings).await
}

fn six_digits() -> Result<String, getrandom::Error> {
    // 2^32 is not a multiple of a million; the difference is one in 4,000.
    let number = getrandom::u32()? % 1_000_000;
    Ok(format!("{number:06}"))
}
