//! restic, a program that is not ours, on what the box wrote.

use std::path::Path;

use anyhow::Result;
use preau_lab::{Lab, mins, process, tools};

/// restic with a repository and its key.
pub struct Restic {
    repository: String,
    password: String,
}

impl Restic {
    /// restic on the repository in a folder of this machine.
    pub fn new(lab: &Lab, folder: &Path, key: &str) -> Result<Self> {
        let password = lab.folder().join("restic.password");
        #[expect(
            clippy::disallowed_methods,
            reason = "a file of a test, which need not outlive a power cut"
        )]
        std::fs::write(&password, key)?;
        Ok(Self {
            repository: folder.display().to_string(),
            password: password.display().to_string(),
        })
    }

    /// What it says when it ends well.
    pub async fn run(&self, args: &[&str]) -> Result<String> {
        let common = [
            "--repo",
            &self.repository,
            "--password-file",
            &self.password,
            "--no-cache",
        ];
        let args = common.iter().chain(args).copied();
        let said = process::run(tools::RESTIC, args, mins(3)).await?;
        Ok(String::from_utf8_lossy(&said).into_owned())
    }
}
