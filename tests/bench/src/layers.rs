//! What could find silent corruption under the volume: what does each cost, and what
//! does it do when a disk comes and goes?
//!
//! One machine is booted, its supervisor stopped, and the same two disks are used for
//! one layout after the other, so that the figures compare within one boot; the
//! absolute ones say little under emulation. `dd` writes and reads through btrfs, with
//! the file system unmounted in between: page cache and checksums in memory are gone.
//! Nothing is measured while a layer still computes the checksums of a new disk.

use std::time::Duration;

mod layout;

use anyhow::{Context, Result};
use preau_lab::{Lab, Look, mib, mins, secs, wait_until};

use crate::figures::{Figure, Report};
use layout::{ALL, Layout, speed};

const DISK: u64 = mib(640);
/// Written and read in each round: larger than what a layer holds back in memory.
const FILE_MIB: u32 = 160;
const ROUNDS: usize = 3;
const PLACE: &str = "/srv/preau";
const ARRAY: &str = "/dev/md/bench";
const MDADM: &str = "/usr/sbin/mdadm";
const INTEGRITY: &str = "/usr/sbin/integritysetup";

/// One machine on which the layouts are compared.
struct Stand {
    lab: Lab,
    /// Names that stay when a disk comes back: `/dev/disk/by-id/wwn-…`.
    disks: [String; 2],
}

/// Compares the layouts.
pub async fn compare(report: &mut Report) -> Result<()> {
    let lab = Lab::new("layers")
        .disk_size(DISK)
        .disks(["bay1", "bay2"])
        .start()
        .await?;
    let by_id = |bay| -> Result<String> {
        let disk = lab.disk(bay).label()?;
        Ok(format!("/dev/disk/by-id/wwn-0x{:016x}", disk.wwn))
    };
    let disks = [by_id("bay1")?, by_id("bay2")?];
    let stand = Stand { lab, disks };
    stand
        .run("/usr/bin/systemctl", ["stop", "preau-supervise"])
        .await?;
    for layout in ALL {
        stand.measure(layout, report).await?;
    }
    // Pulled disks and wrong sums were asked for: the journal is full of them.
    println!("the journal is not checked");
    Ok(())
}

impl Stand {
    async fn run<A: AsRef<str>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
    ) -> Result<String> {
        let ran = self.lab.guest().run_within(program, args, mins(10)).await?;
        // dd tells on standard error.
        let told = ran.stderr.clone();
        Ok(ran.success().with_context(|| program.to_owned())? + &told)
    }

    async fn measure(&self, layout: Layout, report: &mut Report) -> Result<()> {
        let name = layout.name();
        let mut add = |what: &str, unit, samples: Vec<f64>| {
            report.add(Figure::new(&format!("{name}: {what}"), unit, None, samples));
        };
        println!("{name}");
        let made = self.make(layout).await?;
        add("opened and made", "s", vec![made]);
        if layout != Layout::Btrfs {
            add("first copy", "s", vec![self.wait_synced().await?]);
        }
        if layout.mode().is_some() {
            add(
                "checksums of blank disks",
                "s",
                vec![self.wait_summed().await?],
            );
        }
        let (mut written, mut read) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            written.push(self.write("file", FILE_MIB).await?);
            self.remount(layout).await?;
            read.push(self.read("file").await?);
        }
        add("written", "MB/s", written);
        add("read", "MB/s", read);
        add("rebuilt", "s", vec![self.rebuild(layout).await?]);
        let stale = self.come_back(layout).await?;
        add("wrong after a disk came back", "files", vec![stale]);
        let degraded = self.start_with_one(layout).await?;
        add("mounts with one disk", "1 = yes", vec![degraded]);
        self.unmake(layout).await
    }

    /// Seconds from blank disks to a mounted file system.
    async fn make(&self, layout: Layout) -> Result<f64> {
        for disk in &self.disks {
            self.run("/usr/sbin/wipefs", ["--all", disk]).await?;
        }
        let start = self.lab.guest().clock().await?;
        if let Some(mode) = layout.mode() {
            for place in 0..2 {
                let disk = &self.disks[place];
                let format = ["format", "--batch-mode", "--no-wipe", "--sector-size=4096"];
                let sums = ["--integrity=crc32c", disk];
                self.run(INTEGRITY, format.into_iter().chain(sums)).await?;
                self.open(mode, place, true).await?;
            }
        }
        let members = self.members(layout);
        if layout == Layout::Btrfs {
            let args = ["--force", "--nodiscard", "--data", "raid1"];
            let args = args.into_iter().chain(["--metadata", "raid1"]);
            let members = members.iter().map(String::as_str);
            self.run("/usr/sbin/mkfs.btrfs", args.chain(members))
                .await?;
        } else {
            let args = ["--create", ARRAY, "--run", "--level=1", "--bitmap=internal"];
            let args = args.into_iter().chain(["--raid-devices=2"]);
            let members = members.iter().map(String::as_str);
            self.run(MDADM, args.chain(members)).await?;
            let args = ["--force", "--nodiscard", "--metadata", "dup", ARRAY];
            self.run("/usr/sbin/mkfs.btrfs", args).await?;
        }
        self.mount(layout, false).await?;
        self.since(start).await
    }

    /// `fresh`: sums that were never computed are computed in the background.
    async fn open(&self, mode: &[&str], place: usize, fresh: bool) -> Result<()> {
        let name = format!("bench{place}");
        let args = ["open", "--integrity=crc32c", &self.disks[place], &name];
        let fresh = fresh.then_some("--integrity-recalculate");
        let args = args.into_iter().chain(mode.iter().copied()).chain(fresh);
        self.run(INTEGRITY, args).await.map(drop)
    }

    fn members(&self, layout: Layout) -> [String; 2] {
        match layout.mode() {
            Some(_) => ["/dev/mapper/bench0".into(), "/dev/mapper/bench1".into()],
            None => self.disks.clone(),
        }
    }

    async fn mount(&self, layout: Layout, degraded: bool) -> Result<String> {
        let device = match layout {
            Layout::Btrfs => self.disks[0].as_str(),
            _ => ARRAY,
        };
        self.run("/usr/bin/udevadm", ["settle"]).await?;
        if layout == Layout::Btrfs {
            // A multi-device file system has to be found first.
            self.run("/usr/bin/btrfs", ["device", "scan"]).await?;
        }
        let degraded = if degraded { "degraded" } else { "rw" };
        let args = ["-t", "btrfs", "-o", degraded, device, PLACE];
        self.run("/usr/bin/mount", args).await
    }

    async fn remount(&self, layout: Layout) -> Result<()> {
        self.run("/usr/bin/umount", [PLACE]).await?;
        self.mount(layout, false).await.map(drop)
    }

    /// Megabytes a second.
    async fn write(&self, name: &str, mib: u32) -> Result<f64> {
        let (to, count) = (format!("of={PLACE}/{name}"), format!("count={mib}"));
        let args = ["if=/dev/zero", &to, "bs=1M", &count, "conv=fsync"];
        let told = self.run("/usr/bin/dd", args).await?;
        speed(&told).with_context(|| told)
    }

    async fn read(&self, name: &str) -> Result<f64> {
        let from = format!("if={PLACE}/{name}");
        let told = self
            .run("/usr/bin/dd", [&from, "of=/dev/null", "bs=1M"])
            .await?;
        speed(&told).with_context(|| told)
    }

    async fn since(&self, start: u64) -> Result<f64> {
        let now = self.lab.guest().clock().await?;
        Ok(now.saturating_sub(start) as f64 / 1e9)
    }

    /// An attribute of the array's, as sysfs has it.
    async fn attribute(&self, name: &str) -> Result<String> {
        let node = self.run("/usr/bin/readlink", ["-f", ARRAY]).await?;
        let kname = node.trim().rsplit('/').next().unwrap_or_default();
        let path = format!("/sys/block/{kname}/md/{name}");
        let text = self.lab.guest().read_file(&path).await?;
        Ok(String::from_utf8_lossy(&text).trim().to_owned())
    }

    /// Seconds until every member holds everything. Not `mdadm --wait`: it returns at
    /// once while md has not begun yet.
    async fn wait_synced(&self) -> Result<f64> {
        let start = self.lab.guest().clock().await?;
        wait_until("both copies to be whole", mins(15), || async {
            let degraded = self.attribute("degraded").await?;
            let left = self.attribute("resync_start").await?;
            Ok(if degraded == "0" && left == "none" {
                Look::Found(())
            } else {
                Look::NotYet(format!("{degraded} missing, resync from {left}"))
            })
        })
        .await?;
        self.since(start).await
    }

    /// Seconds until the layers have computed the checksums of what lies on the disks.
    async fn wait_summed(&self) -> Result<f64> {
        let start = self.lab.guest().clock().await?;
        let args = ["status", "--noflush", "--target", "integrity"];
        wait_until("the layers' checksums", mins(15), || async {
            let told = self.run("/usr/sbin/dmsetup", args).await?;
            Ok(if told.lines().all(is_summed) {
                Look::Found(())
            } else {
                Look::NotYet(told)
            })
        })
        .await?;
        self.since(start).await
    }

    /// Seconds to fill a member that was erased. btrfs copies only what is in use.
    async fn rebuild(&self, layout: Layout) -> Result<f64> {
        let [_, second] = self.members(layout);
        if layout == Layout::Btrfs {
            self.run("/usr/bin/umount", [PLACE]).await?;
            self.run("/usr/sbin/wipefs", ["--all", &second]).await?;
            let forget = ["device", "scan", "--forget"];
            self.lab.guest().run("/usr/bin/btrfs", forget).await?;
            self.mount(layout, true).await?;
            let start = self.lab.guest().clock().await?;
            let args = ["replace", "start", "-B", "-f", "2", &second, PLACE];
            self.run("/usr/bin/btrfs", args).await?;
            let took = self.since(start).await?;
            self.remount(layout).await?;
            return Ok(took);
        }
        self.run(MDADM, [ARRAY, "--fail", &second, "--remove", &second])
            .await?;
        self.run(MDADM, ["--zero-superblock", &second]).await?;
        self.run(MDADM, [ARRAY, "--add", &second]).await?;
        self.wait_synced().await
    }

    /// A disk is pulled, missed a file, and comes back: how many of the files that
    /// were written meanwhile are read wrong?
    async fn come_back(&self, layout: Layout) -> Result<f64> {
        self.write("before", 8).await?;
        self.run("/usr/bin/sync", ["--file-system", PLACE]).await?;
        let start = self.lab.guest().clock().await?;
        let disk = self.lab.disk("bay2").pull().await?;
        self.run(
            "/usr/bin/cp",
            ["/usr/bin/preau", &format!("{PLACE}/meanwhile")],
        )
        .await?;
        let synced = self
            .lab
            .guest()
            .run("/usr/bin/sync", ["--file-system", PLACE])
            .await?;
        println!("  written without it: {} {}", synced.code, synced.stderr);
        if layout != Layout::Btrfs {
            let lost = ["--manage", ARRAY, "--fail", "detached"];
            self.lab.guest().run(MDADM, lost).await?;
            let [_, second] = self.members(layout);
            self.lab
                .guest()
                .run(MDADM, [ARRAY, "--fail", &second])
                .await?;
            let lost = ["--manage", ARRAY, "--remove", "failed"];
            let removed = self.lab.guest().run(MDADM, lost).await?;
            println!("  given up: {} {}", removed.code, removed.stderr);
            if layout.mode().is_some() {
                self.tell(INTEGRITY, ["close", "bench1"]).await?;
            }
        }
        self.lab.disk("bay2").insert(disk).await?;
        wait_until("the disk to come back", secs(60), || async {
            let there = self
                .lab
                .guest()
                .run("/usr/bin/test", ["-e", &self.disks[1]])
                .await?;
            Ok(match there.code {
                0 => Look::Found(()),
                code => Look::NotYet(format!("test: {code}")),
            })
        })
        .await?;
        if let Some(mode) = layout.mode() {
            self.open(mode, 1, false).await?;
        }
        if layout != Layout::Btrfs {
            let [_, second] = self.members(layout);
            self.tell(MDADM, [ARRAY, "--re-add", &second]).await?;
            println!(
                "  copied what it missed: {:.2} s",
                self.wait_synced().await?
            );
        }
        println!("  away and back: {:.2} s", self.since(start).await?);
        // Read with nothing in memory, several times: btrfs picks a copy by the
        // reader's process number.
        let sum = |path: String| async move {
            let told = self.run("/usr/bin/sha256sum", [path]).await?;
            anyhow::Ok(told.split(' ').next().unwrap_or_default().to_owned())
        };
        let right = sum("/usr/bin/preau".to_owned()).await?;
        let mut wrong = 0;
        for _ in 0..4 {
            self.remount(layout)
                .await
                .context("mounting it with the disk that came back")?;
            match sum(format!("{PLACE}/meanwhile")).await {
                Ok(found) if found == right => {}
                Ok(found) => {
                    println!("  it is {found}");
                    wrong += 1;
                }
                Err(error) => {
                    println!("  {error:#}");
                    wrong += 1;
                }
            }
        }
        if layout == Layout::Btrfs {
            self.tell("/usr/bin/btrfs", ["device", "stats", PLACE])
                .await?;
            self.tell("/usr/bin/btrfs", ["scrub", "start", "-B", PLACE])
                .await?;
        }
        if let Some(_mode) = layout.mode() {
            self.tell("/usr/sbin/dmsetup", ["status"]).await?;
        }
        Ok(f64::from(wrong))
    }

    /// Whether it comes up with the second disk missing, without being told.
    async fn start_with_one(&self, layout: Layout) -> Result<f64> {
        self.run("/usr/bin/umount", [PLACE]).await?;
        if layout != Layout::Btrfs {
            self.run(MDADM, ["--stop", ARRAY]).await?;
        }
        if layout.mode().is_some() {
            for name in ["bench0", "bench1"] {
                self.run(INTEGRITY, ["close", name]).await?;
            }
        }
        let disk = self.lab.disk("bay2").pull().await?;
        self.run("/usr/bin/udevadm", ["settle"]).await?;
        if layout == Layout::Btrfs {
            let forget = ["device", "scan", "--forget"];
            self.lab.guest().run("/usr/bin/btrfs", forget).await?;
        }
        if let Some(mode) = layout.mode() {
            self.open(mode, 0, false).await?;
        }
        if layout != Layout::Btrfs {
            let [first, _] = self.members(layout);
            self.run(MDADM, ["--assemble", ARRAY, "--run", &first])
                .await?;
        }
        let plain = self.mount(layout, false).await;
        if let Err(error) = &plain {
            println!("  {error:#}");
            self.mount(layout, true).await?;
        }
        self.lab.disk("bay2").insert(disk).await?;
        self.run("/usr/bin/udevadm", ["settle"]).await?;
        Ok(f64::from(u8::from(plain.is_ok())))
    }

    async fn unmake(&self, layout: Layout) -> Result<()> {
        self.run("/usr/bin/umount", [PLACE]).await?;
        if layout != Layout::Btrfs {
            self.run(MDADM, ["--stop", ARRAY]).await?;
        }
        if layout.mode().is_some() {
            self.run(INTEGRITY, ["close", "bench0"]).await?;
        }
        Ok(())
    }

    /// Shows what a program says, whether it succeeds or not.
    async fn tell<A: AsRef<str>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
    ) -> Result<()> {
        let limit: Duration = mins(5);
        let ran = self.lab.guest().run_within(program, args, limit).await?;
        println!("  {program}: {}\n{}{}", ran.code, ran.stdout, ran.stderr);
        Ok(())
    }
}

/// Whether the line of a layer says that no checksum is left to compute: the last word
/// is where it has got, all of it or `-`.
fn is_summed(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        [.., all, done] => *done == "-" || all == done,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_that_computes_checksums_is_told_from_one_that_is_done() {
        assert!(is_summed("bench0: 0 1299240 integrity 0 1299240 -"));
        assert!(is_summed("bench0: 0 1299240 integrity 0 1299240 1299240"));
        assert!(!is_summed("bench0: 0 1299240 integrity 0 1299240 8192"));
    }
}
