//! The tables, and how an older file becomes one of today.

use super::StoreError;
use rusqlite::Connection;

/// One script for each version, from the one before.
const MIGRATIONS: [&str; 4] = [
    // 1: incidents, outbox, sessions.
    "CREATE TABLE meta (
        key TEXT PRIMARY KEY NOT NULL,
        value TEXT NOT NULL
    ) STRICT;
    CREATE TABLE incidents (
        number INTEGER PRIMARY KEY NOT NULL,
        closed INTEGER NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX incidents_open ON incidents (number) WHERE closed = 0;
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY NOT NULL,
        incident INTEGER NOT NULL REFERENCES incidents (number),
        kind TEXT NOT NULL,
        recipient TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        failure TEXT,
        UNIQUE (incident, kind, recipient)
    ) STRICT;
    CREATE TABLE sessions (
        token BLOB PRIMARY KEY NOT NULL,
        login TEXT,
        created_at TEXT NOT NULL,
        used_at TEXT NOT NULL
    ) STRICT;",
    // 2: readings of the disks. `at` in seconds since 1970, `temperature` in degrees
    // Celsius, `body` what was read when it differs from the row before.
    "CREATE TABLE disk_samples (
        id INTEGER PRIMARY KEY NOT NULL,
        disk TEXT NOT NULL,
        at INTEGER NOT NULL,
        temperature INTEGER,
        body TEXT
    ) STRICT;
    CREATE INDEX disk_samples_of ON disk_samples (disk, id);",
    // 3: the runs of the copies elsewhere.
    "CREATE TABLE copy_runs (
        number INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
        destination TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX copy_runs_of ON copy_runs (destination, number);",
    // 4: letters of the month are about no incident; which were written, so that each
    // is written once.
    "CREATE TABLE outbox_4 (
        id INTEGER PRIMARY KEY NOT NULL,
        incident INTEGER REFERENCES incidents (number),
        kind TEXT NOT NULL,
        recipient TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        failure TEXT,
        UNIQUE (incident, kind, recipient)
    ) STRICT;
    INSERT INTO outbox_4 SELECT id, incident, kind, recipient, body, created_at, attempts,
        failure FROM outbox;
    DROP TABLE outbox;
    ALTER TABLE outbox_4 RENAME TO outbox;
    CREATE TABLE letters (month TEXT PRIMARY KEY NOT NULL) STRICT;",
];

pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = MIGRATIONS.len() as i64;
    if found > known {
        return Err(StoreError::TooNew { found, known });
    }
    for (version, script) in (1_i64..).zip(MIGRATIONS) {
        if version <= found {
            continue;
        }
        let transaction = connection.transaction()?;
        transaction.execute_batch(script)?;
        transaction.pragma_update(None, "user_version", version)?;
        transaction.commit()?;
    }
    Ok(())
}
