//! Mails that wait to leave: one row for each recipient of each transition and of each
//! letter of the month, gone once the server took it.

use super::{Store, StoreError, from_json, time, to_json};
use jiff::Timestamp;
use preau_domain::incidents::{Incident, Transition, TransitionKind};
use preau_domain::snapshot::{MailFailure, OutboxHealth};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A mail that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its row.
    pub id: i64,
    /// What it says.
    pub says: Says,
    /// To whom.
    pub recipient: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last try failed.
    pub failure: Option<MailFailure>,
}

/// What a mail says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// Something happened to an incident.
    Told {
        /// As it was then.
        incident: Box<Incident>,
        /// What happened to it.
        kind: TransitionKind,
    },
    /// How the box is, once a month.
    Letter(Letter),
}

/// A letter of the month, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Of which month: `2026-11`.
    pub month: String,
    /// The subject line.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
}

/// The kind of a row that holds a letter.
const LETTER: &str = "\"letter\"";

/// What came of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// The server took it.
    Taken,
    /// It did not.
    Failed(MailFailure),
}

/// How the outbox stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OutboxState {
    /// What is judged.
    pub health: OutboxHealth,
    /// How many wait.
    pub waiting: u32,
}

impl Store {
    /// The mails that wait, the oldest first. Those to people who are no longer
    /// recipients are dropped.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub async fn waiting_mails(
        &self,
        recipients: BTreeSet<String>,
    ) -> Result<Vec<Waiting>, StoreError> {
        self.call(move |connection| {
            let all = select(connection)?;
            let (kept, dropped): (Vec<_>, Vec<_>) = all
                .into_iter()
                .partition(|mail| recipients.contains(&mail.recipient));
            for mail in dropped {
                connection.execute("DELETE FROM outbox WHERE id = ?1", [mail.id])?;
            }
            Ok(kept)
        })
        .await
    }

    /// Whether the letter of that month was written.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn has_letter(&self, month: String) -> Result<bool, StoreError> {
        self.call(move |connection| {
            let asked = "SELECT EXISTS (SELECT 1 FROM letters WHERE month = ?1)";
            Ok(connection.query_row(asked, [month], |row| row.get(0))?)
        })
        .await
    }

    /// Queues the letter of a month, once however often it is asked.
    ///
    /// # Errors
    /// When the card does not take it; nothing is written then.
    pub async fn write_letter(
        &self,
        letter: Letter,
        recipients: Vec<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            let is_new = transaction.execute(
                "INSERT OR IGNORE INTO letters (month) VALUES (?1)",
                [&letter.month],
            )?;
            let body = to_json("letter", &letter)?;
            for recipient in recipients.iter().filter(|_| is_new > 0) {
                transaction.execute(
                    "INSERT INTO outbox (kind, recipient, body, created_at)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![LETTER, recipient, body, now.to_string()],
                )?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Writes down what came of a try.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn tried(&self, id: i64, delivery: Delivery) -> Result<(), StoreError> {
        self.call(move |connection| {
            match delivery {
                Delivery::Taken => {
                    connection.execute("DELETE FROM outbox WHERE id = ?1", [id])?;
                }
                Delivery::Failed(failure) => {
                    connection.execute(
                        "UPDATE outbox SET attempts = attempts + 1, failure = ?2 WHERE id = ?1",
                        params![id, to_json("failure", &failure)?],
                    )?;
                }
            }
            Ok(())
        })
        .await
    }

    /// How the outbox stands.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn outbox(&self) -> Result<OutboxState, StoreError> {
        self.call(|connection| {
            let (waiting, since): (u32, Option<String>) = connection.query_row(
                "SELECT count(*), min(created_at) FROM outbox",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            let failures: Vec<MailFailure> = select(connection)?
                .into_iter()
                .filter_map(|mail| mail.failure)
                .collect();
            // One that waiting cannot mend is what somebody must hear of.
            let grave = failures.iter().find(|failure| failure.is_permanent());
            let last_failure = grave.or(failures.first()).copied();
            Ok(OutboxState {
                health: OutboxHealth {
                    waiting_since: since.as_deref().map(time).transpose()?,
                    last_failure,
                },
                waiting,
            })
        })
        .await
    }
}

/// Queues the mail of a transition to one recipient; told twice, it is sent once, with
/// what was said last.
pub(super) fn queue(
    connection: &Connection,
    transition: &Transition,
    recipient: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO outbox (incident, kind, recipient, body, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (incident, kind, recipient) DO UPDATE SET body = excluded.body",
        params![
            transition.incident.number,
            to_json("transition", &transition.kind)?,
            recipient,
            to_json("incident", &transition.incident)?,
            now.to_string(),
        ],
    )?;
    Ok(())
}

fn select(connection: &Connection) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = connection
        .prepare("SELECT id, body, kind, recipient, attempts, failure FROM outbox ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let (body, kind): (String, String) = (row.get(1)?, row.get(2)?);
        let failure: Option<String> = row.get(5)?;
        waiting.push(Waiting {
            id: row.get(0)?,
            says: match kind.as_str() {
                LETTER => Says::Letter(from_json("letter", &body)?),
                kind => Says::Told {
                    incident: from_json("incident", &body)?,
                    kind: from_json("transition", kind)?,
                },
            },
            recipient: row.get(3)?,
            attempts: row.get(4)?,
            failure: failure
                .map(|text| from_json("failure", &text))
                .transpose()?,
        });
    }
    Ok(waiting)
}
