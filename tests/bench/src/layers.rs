//! What could find silent corruption under the volume: what does each cost, and what
//! does it do when a disk comes and goes?
//!
//! One machine is booted, its supervisor stopped, and the same two disks are used for
//! one layout after the other, so that the figures compare within one boot; the
//! absolute ones say little under emulation. `dd` writes and reads through btrfs, with
//! the file system unmounted in between: page cache and checksums in memory are gone.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use preau_lab::{Lab, Look, mib, mins, secs, wait_until};

use crate::figures::{Figure, Report};

const DISK: u64 = mib(640);
/// Written and read in each round: larger than what a layer holds back in memory.
const FILE_MIB: u32 = 160;
const ROUNDS: usize = 3;
const PLACE: &str = "/srv/preau";
const ARRAY: &str = "/dev/md/bench";
const MDADM: &str = "/usr/sbin/mdadm";
const INTEGRITY: &str = "/usr/sbin/integritysetup";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// md alone.
    Md,
    /// md on dm-integrity, which notes regions being written in a bitmap.
    Bitmap,
    /// md on dm-integrity, which writes everything to a journal first.
    Journal,
    /// btrfs keeps both copies.
    Btrfs,
}

const ALL: [Layout; 4] = [Layout::Md, Layout::Bitmap, Layout::Journal, Layout::Btrfs];

impl Layout {
    const fn name(self) -> &'static str {
        match self {
            Self::Md => "md",
            Self::Bitmap => "md on dm-integrity (bitmap)",
            Self::Journal => "md on dm-integrity (journal)",
            Self::Btrfs => "btrfs raid1",
        }
    }

    /// How `integritysetup` is told of the mode.
    const fn mode(self) -> Option<&'static [&'static str]> {
        match self {
            Self::Bitmap => Some(&["--integrity-bitmap-mode"]),
            Self::Journal => Some(&[]),
            Self::Md | Self::Btrfs => None,
        }
    }
}

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
        let (mut written, mut read) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            written.push(self.write("file", FILE_MIB).await?);
            self.remount().await?;
            read.push(self.read("file").await?);
        }
        add("written", "MB/s", written);
        add("read", "MB/s", read);
        if layout != Layout::Btrfs {
            add("rebuilt", "s", vec![self.rebuild(layout).await?]);
        }
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

    async fn remount(&self) -> Result<()> {
        let source = self
            .run("/usr/bin/findmnt", ["-n", "-o", "SOURCE", PLACE])
            .await?;
        self.run("/usr/bin/umount", [PLACE]).await?;
        let args = ["-t", "btrfs", source.trim(), PLACE];
        self.run("/usr/bin/mount", args).await.map(drop)
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

    async fn wait_synced(&self) -> Result<f64> {
        let start = self.lab.guest().clock().await?;
        // Fails at once when there is nothing to wait for.
        let args = ["--wait", ARRAY];
        self.lab.guest().run_within(MDADM, args, mins(10)).await?;
        self.since(start).await
    }

    /// Seconds to fill a member that was erased.
    async fn rebuild(&self, layout: Layout) -> Result<f64> {
        let [_, second] = self.members(layout);
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
            self.tell("/usr/bin/lsblk", ["--output", "KNAME,TYPE,PKNAME,FSTYPE"])
                .await?;
            if layout.mode().is_some() {
                self.tell("/usr/bin/find", ["/sys/block/dm-1/slaves/", "-ls"])
                    .await?;
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
        let mut wrong = 0;
        for _ in 0..4 {
            if self.remount().await.is_err() {
                println!("  it is not mounted again");
                return Ok(f64::NAN);
            }
            let args = ["/usr/bin/preau", &format!("{PLACE}/meanwhile")];
            let same = self.lab.guest().run("/usr/bin/cmp", args).await?;
            if same.code != 0 {
                println!("  {} {}", same.stdout, same.stderr);
                wrong += 1;
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

/// Megabytes a second, from dd's last line: `… bytes (…) copied, 1.5 s, 112 MB/s`.
fn speed(told: &str) -> Result<f64> {
    let line = told
        .lines()
        .find(|line| line.contains("copied"))
        .context("dd did not say how much it copied")?;
    let number = |text: Option<&str>| -> Result<f64> {
        let word = text.and_then(|text| text.split_whitespace().next());
        Ok(word.context("no number")?.parse()?)
    };
    let bytes = number(Some(line))?;
    let seconds = number(line.split("copied, ").nth(1))?;
    ensure!(seconds > 0.0, "nothing takes no time: {line}");
    Ok(bytes / 1e6 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_speed_is_read_from_what_dd_says() {
        let told = "160+0 records in\n160+0 records out\n\
                    167772160 bytes (168 MB, 160 MiB) copied, 2 s, 83.9 MB/s\n";
        assert_eq!(speed(told).unwrap().round(), 84.0);
        assert!(speed("dd: no such file").is_err());
    }
}
