//! The worker beside Debian's `restic` with its defaults: the same files, the same
//! machine, the same kind of server (`rclone serve restic`, on loopback), one after the
//! other, each on a new file system of the box's kind. Both keep a cache, as they do in
//! use. What is measured of each step is the time on the wall, the processor's, the peak
//! of memory, and what went over the wire.
//!
//! The worker reads what it restored once more and compares it with its hashes; restic
//! does so only when it is told to, and is not, since that is its default.

mod data;
mod disk;
mod meter;
mod server;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use preau_lab::lab::setting;

use crate::figures::{Figure, Report};
use data::Tree;
use disk::Disk;
use meter::Cost;
use server::Server;

/// The sizes that are measured when nobody says otherwise.
pub const FILES: [u64; 3] = [1_000, 100_000, 1_000_000];
/// Below so many files a step is short, and is measured several times.
const FEW: u64 = 10_000;
const SAMPLES: usize = 3;
/// The budget for the worker's memory, in MiB.
const MEMORY: f64 = 256.0;

/// Who copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Worker,
    Restic,
}

impl Program {
    const BOTH: [Self; 2] = [Self::Worker, Self::Restic];

    const fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::Restic => "restic",
        }
    }
}

/// What is done, in this order.
const STEPS: [&str; 4] = ["first copy", "no change", "1 % changed", "restore"];

/// Compares the two at each number of files.
pub fn compare(report: &mut Report, sizes: &[u64]) -> Result<()> {
    let place = PathBuf::from(setting("PREAU_BENCH_PLACE")?);
    let worker = PathBuf::from(setting("PREAU_BENCH_WORKER")?);
    for files in sizes {
        let rounds = if *files < FEW { SAMPLES } else { 1 };
        let mut costs: Vec<(Program, Vec<Cost>)> = Vec::new();
        for _ in 0..rounds {
            for program in Program::BOTH {
                let stand = Stand::build(&place, &worker, *files)?;
                costs.push((program, stand.measure(program)?));
            }
        }
        tell(report, *files, &costs);
    }
    Ok(())
}

fn tell(report: &mut Report, files: u64, costs: &[(Program, Vec<Cost>)]) {
    for (place, step) in STEPS.iter().enumerate() {
        for program in Program::BOTH {
            let samples = |of: fn(&Cost) -> f64| -> Vec<f64> {
                let its = costs.iter().filter(|(who, _)| *who == program);
                its.map(|(_, steps)| of(&steps[place])).collect()
            };
            let name = |what: &str| format!("{files} files, {step}: {what}, {}", program.name());
            let budget = (program == Program::Worker).then_some(MEMORY);
            let mut add = |what: &str, unit, budget, samples| {
                report.add(Figure::new(&name(what), unit, budget, samples));
            };
            add("wall", "s", None, samples(|cost| cost.wall));
            add("CPU", "s", None, samples(|cost| cost.cpu));
            add("memory", "MiB", budget, samples(|cost| cost.memory));
            add("sent", "MiB", None, samples(|cost| cost.sent));
            add("fetched", "MiB", None, samples(|cost| cost.fetched));
        }
    }
}

/// Files, a server, and a program that copies the ones to the other.
struct Stand {
    tree: Tree,
    server: Server,
    worker: PathBuf,
    // The last, since the others use it.
    disk: Disk,
}

impl Stand {
    fn build(place: &Path, worker: &Path, files: u64) -> Result<Self> {
        let disk = Disk::mount(&place.join("copies"))?;
        let tree = Tree::grow(&disk.root().join("commun"), files)?;
        let server = Server::start(&disk.root().join("kept"))?;
        Ok(Self {
            tree,
            server,
            worker: worker.to_owned(),
            disk,
        })
    }

    fn measure(mut self, program: Program) -> Result<Vec<Cost>> {
        let mut speaker = match program {
            Program::Worker => meter::Speaker::worker(&self.worker, &self.disk, &self.server),
            Program::Restic => meter::Speaker::restic(&self.disk, &self.server),
        };
        speaker.init()?;
        let share = self.tree.root().to_owned();
        let mut costs = vec![speaker.back_up(&share)?, speaker.back_up(&share)?];
        self.tree.change(100)?;
        costs.push(speaker.back_up(&share)?);
        let back = self.disk.root().join("back");
        costs.push(speaker.restore(&back)?);
        let restored = match program {
            Program::Worker => back.clone(),
            // restic restores below the path that it copied.
            Program::Restic => back.join(share.strip_prefix("/").unwrap_or(&share)),
        };
        ensure!(
            self.tree.is_same(&restored)?,
            "{} brought something else back",
            program.name()
        );
        // The table comes when all is measured, which takes long.
        for (step, cost) in STEPS.iter().zip(&costs) {
            println!("{}, {step}: {cost:.1?}", program.name());
        }
        Ok(costs)
    }
}
