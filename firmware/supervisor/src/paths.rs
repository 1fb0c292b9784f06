//! Where the supervisor keeps what must outlive a restart; decision 0001 says why.

use std::path::{Path, PathBuf};

/// The places that the supervisor writes to.
#[derive(Debug, Clone)]
pub struct Paths {
    state: PathBuf,
    socket: PathBuf,
}

impl Paths {
    /// The box's own.
    pub fn of_the_box() -> Self {
        Self {
            state: PathBuf::from("/data/preau"),
            socket: PathBuf::from(preau_api::SOCKET),
        }
    }

    /// Everything below one folder, for tests.
    pub fn below(folder: &Path) -> Self {
        Self {
            state: folder.join("state"),
            socket: folder.join("api.sock"),
        }
    }

    /// The folder of settings, secrets and history.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The API's socket.
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The settings.
    pub fn settings(&self) -> PathBuf {
        self.state.join("settings.json")
    }

    /// The secrets.
    pub fn secrets(&self) -> PathBuf {
        self.state.join("secrets.json")
    }

    /// What another card's disks brought, until it is in force.
    pub fn adoption(&self) -> PathBuf {
        self.state.join("adoption.json")
    }

    /// Incidents, outbox, sessions.
    pub fn history(&self) -> PathBuf {
        self.state.join("history.sqlite")
    }

    /// What is remembered of scrubs.
    pub fn scrubs(&self) -> PathBuf {
        self.state.join("scrubs.json")
    }

    /// Certificates and their keys.
    pub fn tls(&self) -> PathBuf {
        self.state.join("tls")
    }
}
