//! The post: takes what waits in the outbox to the server, one mail after the other.
//! A mail leaves the outbox once the server took it, so that a power cut may send it
//! twice, with the same identity, and never not at all.

use super::deliver::{Undelivered, deliver};
use super::message::{self, Envelope};
use crate::desk::Desk;
use crate::reconcile::chain;
use crate::status::time_zone;
use crate::store::{Delivery, Says, Waiting};
use preau_domain::settings::{MailSettings, Settings};
use preau_domain::snapshot::MailFailure;
use preau_texts::{MailText, Setting, Texts, incident_mail};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause after a failure; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// The longest pause when a server refused: it must not be pestered.
const LONGEST_PAUSE: Duration = Duration::from_secs(15 * 60);
/// The longest pause when none was reached: a try costs nobody anything, and the
/// mail leaves soon after the network is back.
const LONGEST_UNREACHED: Duration = Duration::from_secs(60);
/// Attempts beyond this change no pause and are not written to the card.
const ATTEMPTS_WRITTEN: u32 = 10;

/// The post.
pub struct Post {
    desk: Arc<Desk>,
    /// When each mail may be tried again; empty at start, so that a restart tries
    /// at once.
    not_before: HashMap<i64, Instant>,
    attempts: HashMap<i64, u32>,
}

impl Post {
    /// Nothing tried yet.
    pub fn new(desk: Arc<Desk>) -> Self {
        Self {
            desk,
            not_before: HashMap::new(),
            attempts: HashMap::new(),
        }
    }

    /// Delivers for ever.
    pub async fn run(mut self) {
        loop {
            let pause = self.deliver_due().await;
            let desk = Arc::clone(&self.desk);
            tokio::select! {
                () = desk.post.notified() => {}
                () = desk.mail_changed.notified() => self.hurry(),
                () = wait(pause) => {}
            }
        }
    }

    /// Forgets all pauses: what waits is tried at the next turn.
    pub fn hurry(&mut self) {
        self.not_before.clear();
    }

    /// Tries every mail that is due, and says how long the next one waits.
    pub async fn deliver_due(&mut self) -> Option<Duration> {
        let settings = self.desk.settings();
        let mail = settings.mail.clone()?;
        let recipients = mail.recipients.iter().cloned().collect();
        let waiting = match self.desk.store.waiting_mails(recipients).await {
            Ok(waiting) => waiting,
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "reading the outbox"
                );
                return Some(LONGEST_UNREACHED);
            }
        };
        self.not_before
            .retain(|id, _| waiting.iter().any(|mail| mail.id == *id));
        self.attempts
            .retain(|id, _| waiting.iter().any(|mail| mail.id == *id));
        for waiting in &waiting {
            let due = self.not_before.get(&waiting.id);
            if due.is_none_or(|at| Instant::now() >= *at) {
                self.try_one(&settings, &mail, waiting).await;
            }
        }
        let next = self.not_before.values().min()?;
        Some(next.saturating_duration_since(Instant::now()))
    }

    async fn try_one(&mut self, settings: &Settings, mail: &MailSettings, waiting: &Waiting) {
        let outcome = self.send(settings, mail, waiting).await;
        let delivery = match &outcome {
            Ok(()) => Delivery::Taken,
            Err(undelivered) => Delivery::Failed(undelivered.failure),
        };
        let about = about(&waiting.says);
        let tried = self.attempts.entry(waiting.id).or_insert(waiting.attempts);
        *tried = tried.saturating_add(1);
        let tried = *tried;
        match &outcome {
            Ok(()) => {
                tracing::info!(about, "mail taken by the server");
                self.not_before.remove(&waiting.id);
            }
            Err(undelivered) => {
                tracing::warn!(about, tried, failure = ?undelivered.failure,
                    detail = undelivered.detail, "mail not taken");
                let pause = pause(undelivered.failure, tried);
                self.not_before.insert(waiting.id, Instant::now() + pause);
            }
        }
        let same = outcome.err().map(|undelivered| undelivered.failure) == waiting.failure;
        if delivery == Delivery::Taken || !same || tried <= ATTEMPTS_WRITTEN {
            if let Err(error) = self.desk.store.tried(waiting.id, delivery).await {
                tracing::error!(error = &error as &dyn std::error::Error, "storing a try");
            }
            self.desk.look.notify_one();
        }
    }

    async fn send(
        &self,
        settings: &Settings,
        mail: &MailSettings,
        waiting: &Waiting,
    ) -> Result<(), Undelivered> {
        let texts = Texts::new(settings.language);
        let box_name = box_name(settings, texts);
        let now = self.desk.now();
        let setting = Setting {
            time_zone: &time_zone(settings),
            now,
        };
        let (text, headers) = match &waiting.says {
            Says::Told { incident, kind } => (
                incident_mail(texts, incident, *kind, &box_name, &setting),
                vec![
                    ("X-Preau-Incident", incident.code.as_str()),
                    ("X-Preau-Transition", message::transition(*kind)),
                ],
            ),
            Says::Letter(letter) => (
                MailText {
                    subject: letter.subject.clone(),
                    text: letter.text.clone(),
                    html: letter.html.clone(),
                },
                vec![("X-Preau-Letter", letter.month.as_str())],
            ),
        };
        let envelope = Envelope {
            box_name: &box_name,
            from: &mail.from,
            to: &waiting.recipient,
            now,
        };
        let id = message::message_id(&waiting.says, &waiting.recipient, &self.desk.box_id);
        let message =
            message::build(text, &envelope, id, &headers).map_err(|error| Undelivered {
                failure: MailFailure::Refused,
                detail: chain(&error),
            })?;
        let password = self.desk.mail_password().await;
        deliver(mail, password.as_deref(), &waiting.recipient, &message).await
    }
}

/// What a mail is about, for the journal.
fn about(says: &Says) -> String {
    match says {
        Says::Told { incident, .. } => format!("incident {}", incident.number),
        Says::Letter(letter) => format!("letter {}", letter.month),
    }
}

/// How a mail calls the box.
pub fn box_name(settings: &Settings, texts: Texts) -> String {
    settings
        .box_name
        .clone()
        .unwrap_or_else(|| texts.t("box-without-name"))
}

/// The pause after that many attempts.
fn pause(failure: MailFailure, attempts: u32) -> Duration {
    let longest = match failure {
        MailFailure::NameNotFound | MailFailure::Unreachable => LONGEST_UNREACHED,
        // Waiting cannot help; a person changes the settings, which tries at once.
        _ if failure.is_permanent() => return LONGEST_PAUSE,
        _ => LONGEST_PAUSE,
    };
    let doublings = attempts.saturating_sub(1).min(16);
    (FIRST_PAUSE * (1 << doublings)).min(longest)
}

async fn wait(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_bound() {
        let seconds = |failure| -> Vec<u64> {
            (1..=9)
                .map(|attempt| pause(failure, attempt).as_secs())
                .collect()
        };
        assert_eq!(
            seconds(MailFailure::TryLater),
            [5, 10, 20, 40, 80, 160, 320, 640, 900]
        );
        assert_eq!(
            seconds(MailFailure::Unreachable),
            [5, 10, 20, 40, 60, 60, 60, 60, 60]
        );
        assert_eq!(seconds(MailFailure::LoginRefused), [900; 9]);
    }
}
