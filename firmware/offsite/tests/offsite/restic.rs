//! The other implementation: Debian's `restic`.

use std::path::Path;
use std::process::Command;

use crate::worker::PASSWORD;

/// Runs it on a repository and returns what it prints.
pub fn restic(repository: &str, arguments: &[&str]) -> String {
    let output = Command::new("/usr/bin/restic")
        .args(["--no-cache", "-r", repository])
        .args(arguments)
        .env_clear()
        .env("HOME", "/root")
        .env("RESTIC_PASSWORD", PASSWORD)
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
pub fn check(repository: &Path) {
    let text = restic(repository.to_str().unwrap(), &["check", "--read-data"]);
    assert!(text.contains("no errors were found"), "{text}");
}
