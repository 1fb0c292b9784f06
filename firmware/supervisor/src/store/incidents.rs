//! Incidents: those that go on, and the history of those that are over.

use super::{Store, StoreError, from_json, to_json};
use jiff::Timestamp;
use preau_domain::incidents::{Incident, IncidentState, Incidents, Transition, TransitionKind};
use rusqlite::{Connection, params};

/// How many closed incidents are kept: years of them, and still a small file.
const KEPT: u32 = 1000;

impl Store {
    /// The incidents that go on, and the next number.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn active_incidents(&self) -> Result<Incidents, StoreError> {
        self.call(|connection| {
            let last: Option<u64> =
                connection.query_row("SELECT max(number) FROM incidents", [], |row| row.get(0))?;
            let active = select(
                connection,
                "SELECT body FROM incidents WHERE closed = 0 ORDER BY number",
                u32::MAX,
            )?;
            Ok(Incidents {
                next_number: last.unwrap_or(0) + 1,
                active,
            })
        })
        .await
    }

    /// The latest incidents, open ones included, the latest first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn latest_incidents(&self, count: u32) -> Result<Vec<Incident>, StoreError> {
        self.call(move |connection| {
            select(
                connection,
                "SELECT body FROM incidents ORDER BY number DESC LIMIT ?1",
                count,
            )
        })
        .await
    }

    /// Writes what happened and the mails about it, all or nothing: for each
    /// transition that somebody is written to, one mail per recipient.
    ///
    /// # Errors
    /// When the card does not take it; nothing is written then.
    pub async fn record(
        &self,
        transitions: Vec<Transition>,
        recipients: Vec<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            for transition in &transitions {
                write(&transaction, &transition.incident)?;
                if !transition.notify {
                    continue;
                }
                for recipient in &recipients {
                    super::outbox::queue(&transaction, transition, recipient, now)?;
                }
            }
            transaction.execute(
                "DELETE FROM incidents WHERE closed = 1
                 AND number <= (SELECT max(number) FROM incidents) - ?1
                 AND number NOT IN
                    (SELECT incident FROM outbox WHERE incident IS NOT NULL)",
                [KEPT],
            )?;
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Queues the mails about incidents that go on, for people who are written to
    /// from now on.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn tell_newcomers(
        &self,
        incidents: Vec<Incident>,
        newcomers: Vec<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            for incident in incidents {
                let opened = Transition {
                    kind: TransitionKind::Opened,
                    incident,
                    notify: true,
                };
                for recipient in &newcomers {
                    super::outbox::queue(&transaction, &opened, recipient, now)?;
                }
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// Writes one incident as it is now.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn keep_incident(&self, incident: Incident) -> Result<(), StoreError> {
        self.call(move |connection| write(connection, &incident))
            .await
    }
}

fn write(connection: &Connection, incident: &Incident) -> Result<(), StoreError> {
    connection.execute(
        "INSERT INTO incidents (number, closed, body) VALUES (?1, ?2, ?3)
         ON CONFLICT (number) DO UPDATE SET closed = excluded.closed, body = excluded.body",
        params![
            incident.number,
            incident.state == IncidentState::Closed,
            to_json("incident", incident)?
        ],
    )?;
    Ok(())
}

fn select(connection: &Connection, sql: &str, count: u32) -> Result<Vec<Incident>, StoreError> {
    let mut statement = connection.prepare(sql)?;
    let wanted = statement.parameter_count();
    let mut rows = if wanted == 0 {
        statement.query([])?
    } else {
        statement.query([count])?
    };
    let mut incidents = Vec::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(0)?;
        incidents.push(from_json("incident", &body)?);
    }
    Ok(incidents)
}
