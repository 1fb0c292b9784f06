//! Starts the worker as the supervisor does, and hears what it says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use preau_offsite_job::{
    ClockTrusted, Copied, Destination, EscapedPath, Event, Existing, Failure, Job, Keep, Order,
    Outcome, Secret, ShareSource, Snapshot, SnapshotId, Task, VERSION, line,
};

use crate::scratch::Scratch;

pub const PASSWORD: &str = "quatre mots sur une fiche";

pub fn job(destination: &Destination, task: Task) -> Job {
    Job {
        version: VERSION,
        host: "preau-ecole".into(),
        destination: destination.clone(),
        password: Some(Secret::new(PASSWORD)),
        cache: None,
        upload_limit: None,
        task,
    }
}

/// A worker under way.
pub struct Running {
    pub child: Child,
}

impl Running {
    pub fn start(job: &Job) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_preau-offsite"))
            .env_clear()
            .env("TZ", "Europe/Paris")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let text = line(job).unwrap();
        let input = child.stdin.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        Self { child }
    }

    pub fn order(&mut self, order: Order) {
        let text = line(&order).unwrap();
        let input = self.child.stdin.as_mut().unwrap();
        input.write_all(text.as_bytes()).unwrap();
    }

    /// Waits until something was sent.
    pub fn wait_until_sending(&mut self) {
        let output = BufReader::new(self.child.stdout.as_mut().unwrap());
        for text in output.lines() {
            match serde_json::from_str(&text.unwrap()).unwrap() {
                Event::Progress(progress) if progress.sent > 100_000 => return,
                Event::Done(_) | Event::Failed(_) => panic!("it ended before it sent anything"),
                _ => {}
            }
        }
        panic!("it ended without a word");
    }

    /// Ends it at a moment, as a power cut would. Says whether it was still at work.
    pub fn kill_after(mut self, time: Duration) -> bool {
        let end = Instant::now() + time;
        while Instant::now() < end {
            if self.child.try_wait().unwrap().is_some() {
                return false;
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        true
    }

    pub fn finish(mut self) -> Said {
        let mut stderr = self.child.stderr.take().unwrap();
        let words = std::thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).unwrap();
            text
        });
        let output = BufReader::new(self.child.stdout.take().unwrap());
        let events = output
            .lines()
            .map(|text| serde_json::from_str(&text.unwrap()).unwrap())
            .collect();
        self.child.wait().unwrap();
        Said {
            events,
            words: words.join().unwrap(),
        }
    }
}

/// All that a worker said.
#[derive(Debug)]
pub struct Said {
    pub events: Vec<Event>,
    pub words: String,
}

impl Said {
    pub fn outcome(self) -> Outcome {
        match self.events.last() {
            Some(Event::Done(outcome)) => outcome.clone(),
            _ => panic!("it failed: {:#?}\n{}", self.events, self.words),
        }
    }

    pub fn failure(&self) -> Failure {
        match self.events.last() {
            Some(Event::Failed(report)) => report.failure.clone(),
            _ => panic!("it did not fail: {:#?}\n{}", self.events, self.words),
        }
    }
}

pub fn run(destination: &Destination, task: Task) -> Said {
    Running::start(&job(destination, task)).finish()
}

/// With a cache, as on the box.
pub fn run_cached(destination: &Destination, task: Task, cache: &Path) -> Said {
    let mut job = job(destination, task);
    job.cache = Some(cache.into());
    Running::start(&job).finish()
}

pub fn outcome(destination: &Destination, task: Task) -> Outcome {
    run(destination, task).outcome()
}

pub fn share(path: &Path) -> ShareSource {
    ShareSource {
        share: "commun".into(),
        path: path.into(),
        taken_at: Timestamp::now(),
        exclude: Vec::new(),
    }
}

pub fn back_up_task(path: &Path) -> Task {
    Task::BackUp {
        shares: vec![share(path)],
        settings: None,
    }
}

pub fn init(destination: &Destination) {
    assert_eq!(outcome(destination, Task::Init), Outcome::Init);
}

pub fn back_up(destination: &Destination, path: &Path) -> Copied {
    match outcome(destination, back_up_task(path)) {
        Outcome::BackUp { mut copied } => copied.remove(0),
        other => panic!("{other:?}"),
    }
}

/// Makes a repository in `copies` and copies the share `commun` into it.
pub fn copied(scratch: &Scratch) -> (Destination, SnapshotId) {
    let destination = Destination::Folder {
        path: scratch.join("copies"),
    };
    init(&destination);
    let snapshot = back_up(&destination, &scratch.join("commun")).snapshot;
    (destination, snapshot)
}

pub fn list(destination: &Destination) -> Vec<Snapshot> {
    match outcome(destination, Task::List) {
        Outcome::List { snapshots } => snapshots,
        other => panic!("{other:?}"),
    }
}

pub fn restore_task(snapshot: &SnapshotId, path: &str, to: &Path) -> Task {
    restoring(snapshot, path, to, Existing::Refuse)
}

/// Over what is there.
pub fn restore_over_task(snapshot: &SnapshotId, path: &str, to: &Path) -> Task {
    restoring(snapshot, path, to, Existing::Replace)
}

fn restoring(snapshot: &SnapshotId, path: &str, to: &Path, existing: Existing) -> Task {
    Task::Restore {
        snapshot: snapshot.clone(),
        path: EscapedPath::from(path),
        to: to.into(),
        existing,
    }
}

pub fn forget_task(daily: u32) -> Task {
    let keep = Keep {
        daily,
        ..Keep::default()
    };
    Task::Forget {
        keep: BTreeMap::from([("commun".into(), keep)]),
        clock_trusted: ClockTrusted(true),
    }
}

pub fn prune_task() -> Task {
    Task::Prune {
        fetch_at_most: None,
        clock_trusted: ClockTrusted(true),
    }
}
