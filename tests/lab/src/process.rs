//! Runs the lab's programs: argument lists, no shell, a time limit.
//!
//! [`run`] waits for a program and returns what it printed; [`Service`] keeps one
//! going (QEMU, the mail server, the WebDriver) and ends it when dropped. A
//! service also ends with the thread that started it (`setpriv --pdeathsig`), so
//! that a killed test leaves no machine behind: start it from a runtime's own
//! thread, never from `spawn_blocking`, whose threads come and go.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the lab's place for commands"
)]

use std::{
    ffi::OsStr,
    fs::File,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use tokio::process::{Child, Command};

use crate::{
    tools,
    wait::{Look, secs, wait_until},
};

/// Runs a program to its end and returns what it printed on standard output.
///
/// A program that fails, or that is not done after `limit`, is an error which
/// carries its standard error.
pub async fn run<A: AsRef<OsStr>>(
    program: &str,
    args: impl IntoIterator<Item = A>,
    limit: Duration,
) -> Result<Vec<u8>> {
    let output = output(program, args, limit).await?;
    ensure!(
        output.status.success(),
        "{program} ended with {}: {}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr).trim(),
        String::from_utf8_lossy(&output.stdout).trim(),
    );
    Ok(output.stdout)
}

/// Runs a program to its end, whatever its exit code.
pub async fn output<A: AsRef<OsStr>>(
    program: &str,
    args: impl IntoIterator<Item = A>,
    limit: Duration,
) -> Result<Output> {
    let child = Command::new(program)
        .args(args)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("starting {program}: is it installed?"))?;
    match tokio::time::timeout(limit, child.wait_with_output()).await {
        Ok(output) => output.with_context(|| format!("waiting for {program}")),
        Err(_) => bail!("{program} was not done after {} s", limit.as_secs()),
    }
}

/// A program that runs for as long as this value lives.
#[derive(Debug)]
pub struct Service {
    name: String,
    log: PathBuf,
    child: Child,
}

impl Service {
    /// Starts `program` in `folder`, with both of its outputs appended to `log`.
    pub fn start<A: AsRef<OsStr>>(
        program: &str,
        args: impl IntoIterator<Item = A>,
        folder: &Path,
        log: &Path,
    ) -> Result<Self> {
        ensure!(Path::new(program).exists(), "{program} is not installed");
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("opening {}", log.display()))?;
        let err = out.try_clone()?;
        let child = Command::new(tools::SETPRIV)
            .args(["--pdeathsig", "KILL", "--", program])
            .args(args)
            .current_dir(folder)
            // Ctrl-C is for the program that started this one, which ends it in order.
            .process_group(0)
            .env("LC_ALL", "C.UTF-8")
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {program}"))?;
        let name = Path::new(program)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        Ok(Self {
            name,
            log: log.to_owned(),
            child,
        })
    }

    /// The process's id, as long as it has not been waited for.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// An error with the end of the log if the program is no longer running.
    pub fn check_alive(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!(
                "{} ended by itself with {status}: {}",
                self.name,
                self.last_words()
            );
        }
        Ok(())
    }

    /// Waits for the program to end by itself.
    pub async fn wait(&mut self, limit: Duration) -> Result<()> {
        match tokio::time::timeout(limit, self.child.wait()).await {
            Ok(status) => {
                status?;
                Ok(())
            }
            Err(_) => bail!("{} did not end within {} s", self.name, limit.as_secs()),
        }
    }

    /// Ends the program at once, as if the power had gone, and waits for the processes
    /// that it started: the mail server's deliveries still write after it has ended.
    pub async fn kill(&mut self) -> Result<()> {
        let group = self.child.id();
        self.child
            .kill()
            .await
            .with_context(|| format!("killing {}", self.name))?;
        let Some(group) = group else {
            return Ok(());
        };
        wait_until(
            "the processes of a program that ended",
            secs(10),
            || async {
                Ok(match is_group_alive(group)? {
                    true => Look::NotYet(format!("some of group {group} live")),
                    false => Look::Found(()),
                })
            },
        )
        .await
        .with_context(|| format!("ending what {} started", self.name))
    }

    /// The last lines of the program's log.
    pub fn last_words(&self) -> String {
        let text = match std::fs::read(&self.log) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("no log at {}: {error}", self.log.display()),
        };
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(15)..].join("\n")
    }
}

/// Whether a process of the group is left, other than one that only waits to be reaped.
fn is_group_alive(group: u32) -> Result<bool> {
    for entry in std::fs::read_dir("/proc").context("listing the processes")? {
        // One that ends meanwhile has no state any more.
        let Ok(stat) = std::fs::read_to_string(entry?.path().join("stat")) else {
            continue;
        };
        if is_alive_in(&stat, group) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads `/proc/PID/stat` (proc_pid_stat(5)): `pid (name) state ppid pgrp …`, where the
/// name may hold anything.
fn is_alive_in(stat: &str, group: u32) -> bool {
    let Some((_, after_name)) = stat.rsplit_once(')') else {
        return false;
    };
    let mut fields = after_name.split_whitespace();
    let state = fields.next();
    let process_group = fields.nth(1).and_then(|text| text.parse().ok());
    process_group == Some(group) && !matches!(state, Some("Z" | "X"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_of_a_group_is_told_by_its_state() {
        let name_of_any_kind = "4242 (exim4 (a) b) S 1 4200 4200 0 -1";
        assert!(is_alive_in(name_of_any_kind, 4200));
        assert!(!is_alive_in(name_of_any_kind, 4242));
        assert!(!is_alive_in("4242 (exim4) Z 1 4200 4200 0 -1", 4200));
    }

    /// The shell ends at once; what it started in its group ends a second later.
    #[tokio::test]
    async fn whoever_ends_a_program_waits_for_what_it_started() -> Result<()> {
        let folder = std::env::temp_dir().join(format!("preau-group-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let late = folder.join("late");
        let script = format!("(sleep 1; : > {}) & : > started; wait", late.display());
        let log = folder.join("log");
        let mut service = Service::start("/bin/sh", ["-c", &script], &folder, &log)?;
        let started = folder.join("started");
        wait_until("the shell", secs(10), || async {
            Ok(match started.exists() {
                true => Look::Found(()),
                false => Look::NotYet("not started".into()),
            })
        })
        .await?;
        service.kill().await?;
        ensure!(late.exists(), "it still writes after its end was told");
        std::fs::remove_dir_all(&folder)?;
        Ok(())
    }

    #[tokio::test]
    async fn a_failing_program_is_an_error_with_its_own_words() {
        let error = run(tools::CP, ["/does-not-exist", "/tmp/x"], secs(5))
            .await
            .unwrap_err();
        assert!(error.to_string().contains("does-not-exist"), "{error}");
    }

    #[tokio::test]
    async fn a_program_that_hangs_is_ended() {
        let error = run(
            "/usr/bin/tail",
            ["-f", "/dev/null"],
            Duration::from_millis(100),
        )
        .await
        .unwrap_err();
        assert!(error.to_string().contains("not done"), "{error}");
    }
}
