//! The history: incidents, mails that wait to leave, sessions. One SQLite file on
//! the card; an incident and the mails about it are written in one transaction, so
//! that neither exists without the other. Every call runs on a blocking thread.

mod copies;
mod incidents;
mod outbox;
mod samples;
mod schema;
mod sessions;

pub use outbox::{Delivery, Letter, OutboxState, Says, Waiting};
pub use samples::Sample;
pub use sessions::StoredSession;

use rusqlite::{Connection, OptionalExtension};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Why the history could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the history")]
    Sqlite(#[from] rusqlite::Error),
    /// What is stored is not what this program writes.
    #[error("a stored {what} is not of the expected shape: {why}")]
    Shape {
        /// What it should be.
        what: &'static str,
        /// Why it is not.
        why: String,
    },
    /// It was written by a newer Préau.
    #[error("the history is of version {found}, this program knows up to {known}")]
    TooNew {
        /// The version found.
        found: i64,
        /// The newest known.
        known: i64,
    },
    /// The kernel gave no random numbers.
    #[error("random numbers")]
    Random(#[from] getrandom::Error),
    /// The thread of the call was ended.
    #[error("a call to the history was cut short")]
    Cut,
}

/// The history.
#[derive(Debug, Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    /// When the card does not take it, or it is of a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let mut connection = Connection::open(path)?;
        // FULL: an incident that was told must still be there after a power cut.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // Pages stay in the kernel's cache; ours would count twice.
        connection.pragma_update(None, "cache_size", -256)?;
        schema::migrate(&mut connection)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    /// Runs `act` on a thread that may block.
    async fn call<T, F>(&self, act: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let connection = Arc::clone(&self.connection);
        tokio::task::spawn_blocking(move || {
            // A transaction of a thread that panicked was rolled back.
            let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            act(&mut connection)
        })
        .await
        .map_err(|_| StoreError::Cut)?
    }

    /// A name for this box that no other has; made at first use. It is part of the
    /// mails' identities.
    ///
    /// # Errors
    /// When the history cannot be read or written.
    pub async fn box_id(&self) -> Result<String, StoreError> {
        self.call(|connection| {
            let found: Option<String> = connection
                .query_row("SELECT value FROM meta WHERE key = 'box_id'", [], |row| {
                    row.get(0)
                })
                .optional()?;
            if let Some(found) = found {
                return Ok(found);
            }
            let mut bytes = [0_u8; 8];
            getrandom::fill(&mut bytes)?;
            let id = hex(&bytes);
            connection.execute("INSERT INTO meta (key, value) VALUES ('box_id', ?1)", [&id])?;
            Ok(id)
        })
        .await
    }
}

/// Bytes in lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A time as it is stored, and back.
fn time(text: &str) -> Result<jiff::Timestamp, StoreError> {
    text.parse()
        .map_err(|error: jiff::Error| StoreError::Shape {
            what: "time",
            why: error.to_string(),
        })
}

fn from_json<T: serde::de::DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Shape {
        what,
        why: error.to_string(),
    })
}

fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Shape {
        what,
        why: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
