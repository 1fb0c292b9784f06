//! Readings of the disks over the years: a row when a judged figure changed, with
//! what was read, else a row an hour with the temperature alone. Rows are in the
//! order in which they were made, which a clock that was set does not change.

use super::{Store, StoreError, to_json};
use jiff::{SignedDuration, Timestamp};
use preau_domain::health::{Celsius, DiskReading, History};
use preau_domain::ids::DiskId;
use rusqlite::{Connection, params};

/// Rows that judging looks back on: thirty days of hours, and as many changes.
const JUDGED_ROWS: u32 = 1500;
/// How long each span of time is told by how many rows, and for how long at all.
const THINNED: [(SignedDuration, i64); 2] = [
    (SignedDuration::from_hours(24), 3600),
    (SignedDuration::from_hours(30 * 24), 24 * 3600),
];
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(5 * 366 * 24);
/// What lies further ahead was written before the clock was put right.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What is written of one visit.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Whose.
    pub disk: DiskId,
    /// When.
    pub at: Timestamp,
    /// Its temperature, if it told one.
    pub temperature: Option<Celsius>,
    /// What was read; `None` when that is as it was.
    pub reading: Option<DiskReading>,
}

impl Store {
    /// Writes samples, all in one go.
    ///
    /// # Errors
    /// When the card does not take them.
    pub async fn keep_samples(&self, samples: Vec<Sample>) -> Result<(), StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            for sample in &samples {
                let reading = sample.reading.as_ref();
                let body = reading.map(|reading| to_json("reading", reading));
                transaction.execute(
                    "INSERT INTO disk_samples (disk, at, temperature, body)
                     VALUES (?1, ?2, ?3, ?4)",
                    params![
                        sample.disk.as_str(),
                        sample.at.as_second(),
                        sample.temperature.map(|degrees| degrees.0),
                        body.transpose()?,
                    ],
                )?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }

    /// What judging needs of a disk's past.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn disk_history(&self, disk: DiskId) -> Result<History, StoreError> {
        self.call(move |connection| read_history(connection, &disk))
            .await
    }

    /// A disk's temperatures since then, oldest first.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn temperatures(
        &self,
        disk: DiskId,
        since: Timestamp,
    ) -> Result<Vec<(Timestamp, Celsius)>, StoreError> {
        self.call(move |connection| {
            let mut statement = connection.prepare(
                "SELECT at, temperature FROM disk_samples
                 WHERE disk = ?1 AND at >= ?2 AND temperature IS NOT NULL ORDER BY at, id",
            )?;
            let mut rows = statement.query(params![disk.as_str(), since.as_second()])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                found.push((moment(row.get(0)?)?, Celsius(row.get(1)?)));
            }
            Ok(found)
        })
        .await
    }

    /// Forgets what need not be told in such detail any more: one row an hour for
    /// thirty days, one a day for five years. Of a span the latest row stays, and the
    /// latest with a reading.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn thin_samples(&self, now: Timestamp) -> Result<(), StoreError> {
        let ago = move |age: SignedDuration| now.as_second() - age.as_secs();
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "DELETE FROM disk_samples WHERE at < ?1 OR at > ?2",
                params![ago(KEPT_FOR), ago(-AHEAD)],
            )?;
            for (age, span) in THINNED {
                transaction.execute(
                    "DELETE FROM disk_samples WHERE at < ?1 AND id NOT IN (
                         SELECT max(id) FROM disk_samples WHERE at < ?1
                         GROUP BY disk, at / ?2, body IS NULL
                     )",
                    params![ago(age), span],
                )?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }
}

fn moment(seconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_second(seconds).map_err(|error| StoreError::Shape {
        what: "time",
        why: error.to_string(),
    })
}

fn read_history(connection: &Connection, disk: &DiskId) -> Result<History, StoreError> {
    let mut statement = connection.prepare(
        "SELECT at, body FROM (
             SELECT id, at, body FROM disk_samples WHERE disk = ?1 ORDER BY id DESC LIMIT ?2
         ) ORDER BY id",
    )?;
    let mut rows = statement.query(params![disk.as_str(), JUDGED_ROWS])?;
    let mut history = History::default();
    while let Some(row) = rows.next()? {
        let at = moment(row.get(0)?)?;
        let Some(body) = row.get::<_, Option<String>>(1)? else {
            history.extend(at);
            continue;
        };
        match serde_json::from_str::<DiskReading>(&body) {
            Ok(reading) => drop(history.add(&reading)),
            // Written by another version. The disk is asked anew in a moment.
            Err(error) => tracing::warn!("a stored reading of {disk} is left out: {error}"),
        }
    }
    Ok(history)
}
