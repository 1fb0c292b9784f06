//! The history of the copies: one row for each run.

use super::{Store, StoreError, from_json, to_json};
use jiff::Timestamp;
use preau_domain::copies::{End, Ending, Run};
use rusqlite::params;
use uuid::Uuid;

/// How many runs of a destination are kept: a year of nights with their proofs.
const KEPT: u32 = 600;

impl Store {
    /// Every run that is kept, the newest first. One that has no end was cut short,
    /// since nothing runs yet when this is asked.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub async fn copy_runs(&self, now: Timestamp) -> Result<Vec<Run>, StoreError> {
        self.call(move |connection| {
            let mut runs = Vec::new();
            {
                let mut statement = connection
                    .prepare("SELECT number, body FROM copy_runs ORDER BY number DESC")?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let body: String = row.get(1)?;
                    let mut run: Run = from_json("run", &body)?;
                    run.number = row.get(0)?;
                    runs.push(run);
                }
            }
            for run in runs.iter_mut().filter(|run| run.end.is_none()) {
                run.end = Some(End {
                    at: now.max(run.started_at),
                    ending: Ending::Cut,
                });
                connection.execute(
                    "UPDATE copy_runs SET body = ?2 WHERE number = ?1",
                    params![run.number, to_json("run", run)?],
                )?;
            }
            Ok(runs)
        })
        .await
    }

    /// Writes down that a run begins, and gives it its number.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn begin_copy_run(&self, run: Run) -> Result<u64, StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            transaction.execute(
                "INSERT INTO copy_runs (destination, body) VALUES (?1, ?2)",
                params![run.destination.to_string(), to_json("run", &run)?],
            )?;
            let number = transaction.last_insert_rowid();
            transaction.execute(
                "DELETE FROM copy_runs WHERE destination = ?1 AND number NOT IN
                 (SELECT number FROM copy_runs WHERE destination = ?1
                  ORDER BY number DESC LIMIT ?2)",
                params![run.destination.to_string(), KEPT],
            )?;
            transaction.commit()?;
            u64::try_from(number).map_err(|error| StoreError::Shape {
                what: "run's number",
                why: error.to_string(),
            })
        })
        .await
    }

    /// Writes down how a run ended.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn end_copy_run(&self, run: Run) -> Result<(), StoreError> {
        self.call(move |connection| {
            connection.execute(
                "UPDATE copy_runs SET body = ?2 WHERE number = ?1",
                params![run.number, to_json("run", &run)?],
            )?;
            Ok(())
        })
        .await
    }

    /// Forgets the runs of a destination that is one no longer.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn forget_copy_runs(&self, destination: Uuid) -> Result<(), StoreError> {
        self.call(move |connection| {
            connection.execute(
                "DELETE FROM copy_runs WHERE destination = ?1",
                [destination.to_string()],
            )?;
            Ok(())
        })
        .await
    }
}
