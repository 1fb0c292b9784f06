//! Speaks to a program, waits for it, and says what that cost.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use preau_offsite_job::{
    Destination, EscapedPath, Event, Existing, Job, Outcome, Secret, ShareSource, SnapshotId, Task,
    VERSION, line,
};

use super::disk::Disk;
use super::server::Server;

const PASSWORD: &str = "quatre mots sur une fiche";
/// Between two looks at a program's memory. Its peak is kept by the kernel; only what it
/// takes in its last moment is missed.
const LOOK: Duration = Duration::from_millis(10);
/// The kernel counts processor time in hundredths of a second, on every machine.
const TICKS: f64 = 100.0;
const MIB: f64 = 1024.0 * 1024.0;

/// What a step cost.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Seconds.
    pub wall: f64,
    /// Seconds, of all its threads.
    pub cpu: f64,
    /// Resident, at its peak, in MiB.
    pub memory: f64,
    /// MiB over the wire to the server.
    pub sent: f64,
    /// MiB from it.
    pub fetched: f64,
}

/// One of the two programs.
pub struct Speaker<'a> {
    kind: Kind<'a>,
    cache: PathBuf,
    disk: &'a Disk,
    server: &'a Server,
    last: Option<SnapshotId>,
}

enum Kind<'a> {
    Worker(&'a Path),
    Restic,
}

impl<'a> Speaker<'a> {
    pub fn worker(program: &'a Path, disk: &'a Disk, server: &'a Server) -> Self {
        Self::new(Kind::Worker(program), disk, server)
    }

    pub fn restic(disk: &'a Disk, server: &'a Server) -> Self {
        Self::new(Kind::Restic, disk, server)
    }

    fn new(kind: Kind<'a>, disk: &'a Disk, server: &'a Server) -> Self {
        Self {
            kind,
            cache: disk.root().join("cache"),
            disk,
            server,
            last: None,
        }
    }

    pub fn init(&mut self) -> Result<()> {
        match &self.kind {
            Kind::Worker(_) => self.work(Task::Init).map(drop),
            Kind::Restic => self.restic_runs(&["init"]).map(drop),
        }
    }

    pub fn back_up(&mut self, share: &Path) -> Result<Cost> {
        match &self.kind {
            Kind::Restic => self.restic_runs(&["backup", text(share)?]),
            Kind::Worker(_) => {
                let source = ShareSource {
                    share: "commun".into(),
                    path: share.to_owned(),
                    taken_at: Timestamp::from_second(now_second()?)?,
                    exclude: Vec::new(),
                };
                let (cost, outcome) = self.work(Task::BackUp {
                    shares: vec![source],
                    settings: None,
                })?;
                let Outcome::BackUp { copied } = outcome else {
                    bail!("no copy");
                };
                self.last = copied.first().map(|copied| copied.snapshot.clone());
                Ok(cost)
            }
        }
    }

    pub fn restore(&mut self, to: &Path) -> Result<Cost> {
        match &self.kind {
            Kind::Restic => self.restic_runs(&["restore", "latest", "--target", text(to)?]),
            Kind::Worker(_) => {
                let task = Task::Restore {
                    snapshot: self.last.clone().context("there is no copy yet")?,
                    path: EscapedPath::default(),
                    to: to.to_owned(),
                    existing: Existing::Refuse,
                };
                self.work(task).map(|(cost, _)| cost)
            }
        }
    }

    fn work(&self, task: Task) -> Result<(Cost, Outcome)> {
        let Kind::Worker(program) = &self.kind else {
            bail!("restic takes no jobs");
        };
        fs::create_dir_all(&self.cache)?;
        // As the supervisor starts it.
        let environment = task.environment();
        let job = Job {
            version: VERSION,
            host: "preau-bench".into(),
            destination: Destination::Rest {
                url: self.server.url(),
                account: None,
                certificate: None,
            },
            password: Some(Secret::new(PASSWORD)),
            cache: Some(self.cache.clone()),
            upload_limit: None,
            task,
        };
        let job = line(&job)?;
        let mut last = None;
        let cost = self.measure(program, &[], Some(environment), |child| {
            let mut input = child.stdin.take().context("no input")?;
            input.write_all(job.as_bytes())?;
            for text in BufReader::new(child.stdout.take().context("no output")?).lines() {
                last = Some(serde_json::from_str::<Event>(&text?)?);
            }
            Ok(())
        })?;
        match last {
            Some(Event::Done(outcome)) => Ok((cost, outcome)),
            other => bail!("the worker ended with {other:?}"),
        }
    }

    fn restic_runs(&self, args: &[&str]) -> Result<Cost> {
        self.measure(Path::new("/usr/bin/restic"), args, None, |child| {
            for text in BufReader::new(child.stdout.take().context("no output")?).lines() {
                text?;
            }
            Ok(())
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "what is measured is a program's own cost; it is waited for"
    )]
    fn measure(
        &self,
        program: &Path,
        args: &[&str],
        environment: Option<(&str, &str)>,
        listen: impl FnOnce(&mut Child) -> Result<()>,
    ) -> Result<Cost> {
        self.disk.settle()?;
        self.server.take();
        let began = Instant::now();
        let mut child = Command::new(program)
            .args(args)
            .env_clear()
            .envs(environment)
            .env("HOME", &self.cache)
            .env("TZ", "Europe/Paris")
            .env("RESTIC_REPOSITORY", format!("rest:{}", self.server.url()))
            .env("RESTIC_PASSWORD", PASSWORD)
            .env("RESTIC_CACHE_DIR", &self.cache)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let watched = PathBuf::from(format!("/proc/{}", child.id()));
        let watcher = std::thread::spawn(move || watch(&watched));
        listen(&mut child)?;
        // Not waited for yet: the kernel keeps its account until then.
        let (cpu, memory) = watcher.join().unwrap_or((0.0, 0.0));
        let wall = began.elapsed().as_secs_f64();
        let status = child.wait()?;
        ensure!(status.success(), "{} {args:?} failed", program.display());
        let (sent, fetched) = self.server.take();
        Ok(Cost {
            wall,
            cpu,
            memory,
            sent: sent as f64 / MIB,
            fetched: fetched as f64 / MIB,
        })
    }
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().context("a path that is no text")
}

/// Looks at a process until it has ended and says its processor time and peak memory.
fn watch(folder: &Path) -> (f64, f64) {
    let mut memory = 0.0;
    loop {
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let Some((state, cpu)) = state_and_cpu(&stat) else {
            return (0.0, memory);
        };
        if state == "Z" {
            return (cpu, memory);
        }
        let status = fs::read_to_string(folder.join("status")).unwrap_or_default();
        if let Some(peak) = peak_in(&status) {
            memory = peak;
        }
        std::thread::park_timeout(LOOK);
    }
}

/// The third field of `/proc/PID/stat`, and the sum of the fourteenth and fifteenth.
fn state_and_cpu(stat: &str) -> Option<(&str, f64)> {
    // The name before it may hold anything but ends at the last bracket.
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let ticks = |place: usize| fields.get(place)?.parse::<f64>().ok();
    Some((fields.first()?, (ticks(11)? + ticks(12)?) / TICKS))
}

/// `VmHWM` of `/proc/PID/status`, in MiB.
fn peak_in(status: &str) -> Option<f64> {
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a copy has the date on which it is made"
)]
fn now_second() -> Result<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_secs())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_s_account_is_read() {
        // Of a process of Debian 13 whose name was chosen to be hard to read.
        let stat = "4711 (a) b (c) Z 1 4711 1 0 -1 4194304 99 0 0 0 250 50 0 0 20 0 1 0 7 0 0";
        assert_eq!(state_and_cpu(stat), Some(("Z", 3.0)));
        let status = "Name:\tx\nVmPeak:\t  900 kB\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak_in(status), Some(2.0));
        assert_eq!(peak_in("Name:\tx\n"), None);
    }
}
