//! The other implementation: Debian's `restic`.

use std::ffi::OsStr;
use std::process::Command;

use crate::servers::{ACCESS_KEY, REGION, SECRET_KEY};
use crate::worker::PASSWORD;

/// Runs it on a repository, a path or an address, and returns what it prints.
pub fn restic(repository: impl AsRef<OsStr>, arguments: &[&str]) -> String {
    let output = Command::new("/usr/bin/restic")
        .args(["--no-cache", "-r"])
        .arg(repository)
        .args(arguments)
        .env_clear()
        .env("HOME", "/root")
        .env("RESTIC_PASSWORD", PASSWORD)
        .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .env("AWS_DEFAULT_REGION", REGION)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "restic {arguments:?}: {text}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text
}

/// Checks everything, data included, and finds nothing wrong.
pub fn check(repository: impl AsRef<OsStr>) {
    let text = restic(repository, &["check", "--read-data"]);
    assert!(text.contains("no errors were found"), "{text}");
}
