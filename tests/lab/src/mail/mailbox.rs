//! The messages that the lab's server delivered.
//!
//! A story says which mails it expects by waiting for them; what nobody waited
//! for is unexpected, and [`Mailbox::unexpected`] lists it when the lab finishes.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use mail_parser::{HeaderForm, HeaderValue, MessageParser};

use crate::wait::{Look, wait_until};

/// One message, as its reader would see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The file that holds it.
    pub file: PathBuf,
    /// Its subject.
    pub subject: String,
    /// Its recipient's address, from the envelope.
    pub to: String,
    /// Its Message-ID, which a second delivery of the same mail repeats.
    pub message_id: String,
    /// The incident's code, for a mail about an incident (`X-Preau-Incident`).
    pub incident: Option<String>,
    /// `opened` or `closed`, for a mail about an incident (`X-Preau-Transition`).
    pub transition: Option<String>,
    /// The plain text.
    pub text: String,
    /// The HTML.
    pub html: String,
    /// When the server took it, in seconds since 1970 by this machine's clock.
    pub accepted_at: i64,
}

impl Mail {
    /// Reads one message.
    pub fn parse(file: &Path, bytes: &[u8]) -> Result<Self> {
        let message = MessageParser::default()
            .parse(bytes)
            .with_context(|| format!("{} is not a message", file.display()))?;
        let header = |name: &str| {
            message
                .header_raw(name)
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
        };
        // Not a header of the standard, so it is read as one.
        let delivered = message
            .header_as("Delivery-date", HeaderForm::Date)
            .first()
            .and_then(|value| match value {
                HeaderValue::DateTime(date) => Some(date.to_timestamp()),
                _ => None,
            });
        Ok(Self {
            file: file.to_owned(),
            subject: message.subject().unwrap_or_default().to_owned(),
            to: header("Envelope-to").unwrap_or_default(),
            message_id: message.message_id().unwrap_or_default().to_owned(),
            incident: header("X-Preau-Incident"),
            transition: header("X-Preau-Transition"),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            accepted_at: delivered.unwrap_or(0),
        })
    }

    fn is_about(&self, code: &str, transition: &str) -> bool {
        self.incident.as_deref() == Some(code) && self.transition.as_deref() == Some(transition)
    }
}

/// Where the messages are.
#[derive(Debug, Clone)]
pub struct Mailbox {
    folder: PathBuf,
    expected: Arc<Mutex<BTreeSet<PathBuf>>>,
    tolerated: Arc<Mutex<BTreeSet<String>>>,
}

impl Mailbox {
    /// The mailbox in `folder`, which may not exist yet.
    pub fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            expected: Arc::default(),
            tolerated: Arc::default(),
        }
    }

    /// The folder with one file for each message.
    pub fn files(&self) -> PathBuf {
        self.folder.join("new")
    }

    /// All messages, oldest first.
    pub fn all(&self) -> Result<Vec<Mail>> {
        let entries = match std::fs::read_dir(self.files()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
            Err(error) => {
                return Err(error).with_context(|| format!("listing {}", self.folder.display()));
            }
        };
        let mut files = entries
            .map(|entry| Ok(entry?.path()))
            .collect::<Result<Vec<_>>>()?;
        // A maildir name begins with the second and the microsecond of delivery.
        files.sort();
        files
            .iter()
            .map(|file| {
                let bytes =
                    std::fs::read(file).with_context(|| format!("reading {}", file.display()))?;
                Mail::parse(file, &bytes)
            })
            .collect()
    }

    /// Waits for a message and marks it as expected.
    pub async fn wait_for(
        &self,
        reason: &str,
        limit: Duration,
        wanted: impl Fn(&Mail) -> bool,
    ) -> Result<Mail> {
        let mail = wait_until(reason, limit, || async {
            let all = self.all()?;
            let fresh: Vec<_> = all
                .into_iter()
                .filter(|mail| !self.marked().contains(&mail.file))
                .collect();
            Ok(match fresh.iter().find(|mail| wanted(mail)) {
                Some(mail) => Look::Found(mail.clone()),
                None => Look::NotYet(format!(
                    "{:?}",
                    fresh.iter().map(|mail| &mail.subject).collect::<Vec<_>>()
                )),
            })
        })
        .await?;
        self.expect(&mail);
        Ok(mail)
    }

    /// Waits for the mail that says that an incident has opened.
    pub async fn opened(&self, code: &str, limit: Duration) -> Result<Mail> {
        self.wait_for(&format!("the mail that opens {code}"), limit, |mail| {
            mail.is_about(code, "opened")
        })
        .await
    }

    /// Waits for the mail that says that an open incident has become graver.
    pub async fn worsened(&self, code: &str, limit: Duration) -> Result<Mail> {
        self.wait_for(
            &format!("the mail that says that {code} is graver"),
            limit,
            |mail| mail.is_about(code, "worsened"),
        )
        .await
    }

    /// Waits for the mail that says that an incident is over.
    pub async fn closed(&self, code: &str, limit: Duration) -> Result<Mail> {
        self.wait_for(&format!("the mail that closes {code}"), limit, |mail| {
            mail.is_about(code, "closed")
        })
        .await
    }

    /// Marks a message as expected.
    pub fn expect(&self, mail: &Mail) {
        self.marked().insert(mail.file.clone());
    }

    /// Mails about this incident may come or not: a copy of a few megabytes is over
    /// before the box looks, or is not.
    pub fn tolerate(&self, code: &str) {
        self.tolerated
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .insert(code.to_owned());
    }

    /// Messages that nobody waited for.
    pub fn unexpected(&self) -> Result<Vec<Mail>> {
        let marked = self.marked().clone();
        let tolerated = self
            .tolerated
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone();
        let is_fine = |mail: &Mail| {
            marked.contains(&mail.file)
                || mail
                    .incident
                    .as_ref()
                    .is_some_and(|code| tolerated.contains(code))
        };
        Ok(self
            .all()?
            .into_iter()
            .filter(|mail| !is_fine(mail))
            .collect())
    }

    /// An error if any message came that nobody waited for.
    pub fn assert_nothing_else(&self) -> Result<()> {
        let unexpected = self.unexpected()?;
        let shown: Vec<String> = unexpected
            .iter()
            .map(|mail| {
                format!(
                    "{} ({:?} {:?})",
                    mail.subject, mail.incident, mail.transition
                )
            })
            .collect();
        ensure!(
            unexpected.is_empty(),
            "mails that nobody expected:\n{}",
            shown.join("\n")
        );
        Ok(())
    }

    fn marked(&self) -> std::sync::MutexGuard<'_, BTreeSet<PathBuf>> {
        self.expected
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_about_an_incident_is_read_with_its_marks() {
        let text = "Delivery-date: Tue, 24 Nov 2026 07:42:00 +0100\r\nEnvelope-to: direction@ecole.example\r\n\
            Message-ID: <2026-0007.1@preau>\r\nSubject: =?utf-8?Q?Un_disque_a_l=C3=A2ch=C3=A9?=\r\n\
            X-Preau-Incident: array-degraded\r\nX-Preau-Transition: opened\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\r\nLe disque de la baie 2\r\n";
        let mail = Mail::parse(Path::new("x"), text.as_bytes()).unwrap();
        assert_eq!(mail.subject, "Un disque a lâché");
        assert!(mail.is_about("array-degraded", "opened"));
        assert_eq!(mail.to, "direction@ecole.example");
        assert_eq!(mail.accepted_at, 1_795_502_520);
        assert!(mail.text.starts_with("Le disque"));
    }
}
