//! Sessions, so that a restart does not log everybody out. Only the SHA-256 of a
//! token is stored: who reads the card cannot use it.

use super::{Store, StoreError, time};
use jiff::Timestamp;
use rusqlite::params;

/// A session as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// SHA-256 of the token.
    pub token: [u8; 32],
    /// Whose it is; `None` for one that the claim code opened.
    pub login: Option<String>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was last used, to within some minutes.
    pub used_at: Timestamp,
}

impl Store {
    /// All that are stored, expired ones too.
    ///
    /// # Errors
    /// When the history cannot be read.
    pub async fn sessions(&self) -> Result<Vec<StoredSession>, StoreError> {
        self.call(|connection| {
            let mut statement =
                connection.prepare("SELECT token, login, created_at, used_at FROM sessions")?;
            let mut rows = statement.query([])?;
            let mut sessions = Vec::new();
            while let Some(row) = rows.next()? {
                let (created_at, used_at): (String, String) = (row.get(2)?, row.get(3)?);
                sessions.push(StoredSession {
                    token: row.get(0)?,
                    login: row.get(1)?,
                    created_at: time(&created_at)?,
                    used_at: time(&used_at)?,
                });
            }
            Ok(sessions)
        })
        .await
    }

    /// Writes a session, new or changed.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn keep_session(&self, session: StoredSession) -> Result<(), StoreError> {
        self.call(move |connection| {
            connection.execute(
                "INSERT INTO sessions (token, login, created_at, used_at)
                 VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (token) DO UPDATE
                 SET login = excluded.login, used_at = excluded.used_at",
                params![
                    session.token,
                    session.login,
                    session.created_at.to_string(),
                    session.used_at.to_string(),
                ],
            )?;
            Ok(())
        })
        .await
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// When the card does not take it.
    pub async fn drop_sessions(&self, tokens: Vec<[u8; 32]>) -> Result<(), StoreError> {
        self.call(move |connection| {
            let transaction = connection.transaction()?;
            for token in tokens {
                transaction.execute("DELETE FROM sessions WHERE token = ?1", [token])?;
            }
            transaction.commit()?;
            Ok(())
        })
        .await
    }
}
