//! What it costs that a file which a client has closed is on the disks.
//!
//! One boot, a mirror, each way in turn: Samba as it comes, a flush of each file when it
//! is closed (`syncops`), that and a flush of the folder with each name that changes,
//! and a flush with each write (`sync always`). Once with disks as fast as the machine
//! has them, once with disks that answer as often as one that turns at 5,400 rpm.

use anyhow::{Result, ensure};
use preau_lab::{Fault, Lab, mib};

use crate::figures::Figure;

const CONFIG: &str = "/run/preau/smb.conf";
const MODULES: &str = "    vfs objects = catia fruit streams_xattr";
const ROUNDS: usize = 3;
/// Requests in a second of a disk that turns: a quarter turn and a short way of its arm.
const PER_SECOND: u64 = 120;
const LARGE: u64 = mib(48);
const SMALL: u64 = 24 << 10;
const MANY: u64 = 60;

struct Way {
    name: &'static str,
    /// What follows the list of modules, and lines of its own.
    lines: &'static str,
}

const WAYS: [Way; 4] = [
    Way {
        name: "as it comes",
        lines: "",
    },
    Way {
        name: "flushed when closed",
        lines: " syncops\n    syncops:onmeta = no",
    },
    Way {
        name: "flushed when closed, names too",
        lines: " syncops",
    },
    Way {
        name: "flushed with each write",
        lines: "\n    sync always = yes",
    },
];

/// Measures every way of being sure, a few times in turn.
pub async fn measure(lab: &Lab) -> Result<Vec<Figure>> {
    let shipped = read(lab).await?;
    let mut figures = vec![];
    for disks in ["quick disks", "disks that turn"] {
        if disks != "quick disks" {
            for bay in ["bay1", "bay2"] {
                let slow = Fault::Slow {
                    per_second: PER_SECOND,
                };
                lab.disk(bay).break_disk(slow).await?;
            }
        }
        let mut samples = [const { (vec![], vec![]) }; WAYS.len()];
        for _ in 0..ROUNDS {
            for (way, (large, small)) in WAYS.iter().zip(&mut samples) {
                let chosen = choose(lab, &shipped, way).await?;
                let share = lab.smb("commun")?;
                // What an earlier way left to be written is not this one's cost.
                lab.guest().run("/usr/bin/sync", [""; 0]).await?.success()?;
                large.push(LARGE as f64 / 1e6 / share.put_many(1, LARGE).await?.as_secs_f64());
                lab.guest().run("/usr/bin/sync", [""; 0]).await?.success()?;
                small.push(MANY as f64 / share.put_many(MANY, SMALL).await?.as_secs_f64());
                ensure!(
                    read(lab).await? == chosen,
                    "the box wrote its own configuration meanwhile"
                );
            }
        }
        for (way, (large, small)) in WAYS.iter().zip(samples) {
            let name = |what: &str| format!("{disks}, {}: {what}", way.name);
            figures.push(Figure::new(&name("one large file"), "MB/s", None, large));
            figures.push(Figure::new(
                &name("files of 24 KiB"),
                "files/s",
                None,
                small,
            ));
        }
    }
    Ok(figures)
}

/// Writes the configuration of one way; whoever connects from now on gets it.
async fn choose(lab: &Lab, shipped: &str, way: &Way) -> Result<String> {
    let mut text = String::new();
    for line in shipped.lines() {
        let modules = line.trim_start().starts_with("vfs objects");
        text.push_str(if modules { MODULES } else { line });
        text.push_str(if modules { way.lines } else { "" });
        text.push('\n');
    }
    ensure!(text.contains(MODULES), "the configuration names no modules");
    lab.guest().write_file(CONFIG, text.as_bytes()).await?;
    lab.guest()
        .run(
            "/usr/bin/smbcontrol",
            ["-s", CONFIG, "smbd", "reload-config"],
        )
        .await?
        .success()?;
    Ok(text)
}

async fn read(lab: &Lab) -> Result<String> {
    lab.guest().run("/usr/bin/cat", [CONFIG]).await?.success()
}
