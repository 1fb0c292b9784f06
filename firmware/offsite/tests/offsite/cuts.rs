//! A hundred cuts, at moments that a seed chooses: the worker is killed, its line is cut,
//! its destination fills up, in the middle of copies, of forgetting and of pruning. After
//! each the next run succeeds and `restic` finds nothing wrong with any byte.
//!
//! | | disk | SSH | WebDAV | S3 | append-only |
//! |---|---|---|---|---|---|
//! | the worker is killed | 2 × 20 | 10 | 10 | 10 | 10 |
//! | the line is cut | | 5 | | 5 | |
//! | the destination is full | 10 | | | | |

use std::ffi::OsStr;
use std::fs;
use std::time::{Duration, Instant};

use preau_offsite_job::{Destination, Event, Failure};

use crate::restic::check;
use crate::scratch::{Mounted, Scratch};
use crate::servers::{BUCKET, Garage, Rest, SECRET_KEY, Sshd, WebDav};
use crate::tree::{assert_same, noise, plain};
use crate::wire::Wire;
use crate::worker::{
    Running, back_up, back_up_task, forget_task, init, job, outcome, prune_task, restore_task, run,
};

/// Of the cuts at servers; a disk takes twice as many in each of its two tests, since no
/// server has to be waited for there.
const CUTS: u64 = 10;

/// Number `cut` of the parts of one that a seed gives.
fn part(seed: u64, cut: u64) -> f64 {
    let bytes = noise(seed * 1000 + cut, 4);
    f64::from(u32::from_le_bytes(bytes.try_into().unwrap())) / f64::from(u32::MAX)
}

/// A share, a repository with a first copy, and how long that took.
struct Story<'a> {
    scratch: Scratch,
    share: std::path::PathBuf,
    destination: &'a Destination,
    usual: Duration,
}

impl<'a> Story<'a> {
    fn begin(name: &str, destination: &'a Destination) -> Self {
        let scratch = Scratch::new(name);
        let share = scratch.join("commun");
        plain(&share, 1);
        init(destination);
        let started = Instant::now();
        back_up(destination, &share);
        Self {
            scratch,
            share,
            destination,
            usual: started.elapsed(),
        }
    }

    /// Something new to copy.
    fn add(&self, number: u64) {
        let content = noise(100 + number, 4 << 20);
        fs::write(self.share.join("gros.bin"), content).unwrap();
    }

    /// Copies once more, and has it all back.
    fn end(self) {
        let last = back_up(self.destination, &self.share);
        let back = self.scratch.join("back");
        outcome(self.destination, restore_task(&last.snapshot, "", &back));
        assert_same(&self.share, &back);
    }
}

/// Whether what was copied may be removed there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Removing {
    Allowed,
    Refused,
}

fn survives_being_killed(
    seed: u64,
    cuts: u64,
    removing: Removing,
    destination: &Destination,
    kept: impl AsRef<OsStr>,
) {
    let mut story = Story::begin("kill", destination);
    let (mut tried, mut struck) = (0, 0);
    while struck < cuts {
        story.add(tried);
        let task = match tried % 5 {
            3 if removing == Removing::Allowed => forget_task(1),
            4 if removing == Removing::Allowed => prune_task(),
            _ => back_up_task(&story.share),
        };
        let moment = story.usual.mul_f64(part(seed, tried));
        if Running::start(&job(destination, task.clone())).kill_after(moment) {
            struck += 1;
        } else {
            // The machine was slower when it was measured: cut sooner from now on.
            story.usual = story.usual.mul_f64(0.8);
        }
        tried += 1;
        // What was cut succeeds the next time, and leaves nobody kept out.
        outcome(destination, task);
        check(kept.as_ref());
    }
    story.end();
}

fn kill_at_a_disk(seed: u64) {
    let scratch = Scratch::new("kill-disk");
    let path = scratch.join("copies");
    let destination = Destination::Folder { path: path.clone() };
    survives_being_killed(seed, CUTS * 2, Removing::Allowed, &destination, &path);
}

#[test]
fn a_worker_that_is_killed_leaves_a_disk_usable() {
    kill_at_a_disk(1);
}

#[test]
fn a_worker_that_is_killed_at_other_moments_leaves_a_disk_usable() {
    kill_at_a_disk(2);
}

#[test]
fn a_worker_that_is_killed_leaves_an_ssh_server_usable() {
    let sshd = Sshd::start("kill-sshd");
    let kept = sshd.server.folder.join("préau");
    survives_being_killed(3, CUTS, Removing::Allowed, &sshd.destination(), &kept);
}

#[test]
fn a_worker_that_is_killed_leaves_a_web_folder_usable() {
    let webdav = WebDav::start("kill-webdav");
    let kept = webdav.kept();
    survives_being_killed(4, CUTS, Removing::Allowed, &webdav.destination(), kept);
}

#[test]
fn a_worker_that_is_killed_leaves_an_object_store_usable() {
    let garage = Garage::start("kill-garage");
    let kept = garage.kept();
    survives_being_killed(5, CUTS, Removing::Allowed, &garage.destination(), kept);
}

#[test]
fn a_worker_that_is_killed_leaves_a_server_that_never_deletes_usable() {
    let rest = Rest::start("kill-rest");
    let kept = rest.0.folder.clone();
    survives_being_killed(6, CUTS, Removing::Refused, &rest.destination(), kept);
}

/// A line that is cut and comes back is no reason to fail: the run goes on by itself.
fn survives_a_cut_line(seed: u64, wire: &Wire, destination: &Destination, kept: impl AsRef<OsStr>) {
    let mut story = Story::begin("line", destination);
    let (mut tried, mut struck) = (0, 0);
    while struck < CUTS / 2 {
        story.add(tried);
        let worker = Running::start(&job(destination, back_up_task(&story.share)));
        let end = Instant::now() + story.usual.mul_f64(part(seed, tried));
        while Instant::now() < end {
            std::thread::park_timeout(Duration::from_millis(2));
        }
        if wire.cut() {
            struck += 1;
        } else {
            story.usual = story.usual.mul_f64(0.8);
        }
        tried += 1;
        worker.finish().outcome();
        check(kept.as_ref());
    }
    story.end();
}

#[test]
fn a_line_to_an_ssh_server_that_is_cut_is_taken_up_again() {
    let sshd = Sshd::start("line-sshd");
    let wire = Wire::raw(sshd.server.port);
    let kept = sshd.server.folder.join("préau");
    survives_a_cut_line(7, &wire, &sshd.behind(wire.port), &kept);
}

#[test]
fn a_line_to_an_object_store_that_is_cut_is_taken_up_again() {
    let garage = Garage::start("line-garage");
    let wire = Wire::raw(garage.0.port);
    let destination = Garage::at(wire.port, BUCKET, SECRET_KEY);
    survives_a_cut_line(8, &wire, &destination, garage.kept());
}

#[test]
fn a_disk_that_fills_up_at_any_moment_stays_usable() {
    let scratch = Scratch::new("fills");
    let disk = scratch.join("disk");
    let mounted = Mounted::new(&disk, "512m");
    let kept = disk.join("copies");
    let destination = Destination::Folder { path: kept.clone() };
    let story = Story::begin("fills-share", &destination);
    let (mut tried, mut struck) = (0, 0);
    while struck < CUTS {
        story.add(tried);
        let task = match tried % 5 {
            3 => forget_task(1),
            4 => prune_task(),
            _ => back_up_task(&story.share),
        };
        let left = (f64::from(4 << 20) * part(9, tried)) as u64;
        mounted.fill_but(left);
        match run(&destination, task.clone()).events.last() {
            Some(Event::Failed(report)) => {
                assert_eq!(report.failure, Failure::NoSpace, "{}", report.detail);
                struck += 1;
            }
            // There was room enough for this.
            Some(Event::Done(_)) => {}
            other => panic!("{other:?}"),
        }
        mounted.make_room();
        tried += 1;
        outcome(&destination, task);
        check(&kept);
    }
    story.end();
    drop(mounted);
}
