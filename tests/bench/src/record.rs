//! Writes down what the kernel and the programs of this image say of disks, whole and
//! broken, one file for each. What the parsers are tested with comes from here; it is
//! taken anew when the image has another kernel.
//!
//! Disks on every bus are made to fail a read and a write; the mirror loses a member,
//! holds wrong bytes and is scrubbed.

use std::path::Path;

use anyhow::{Context, Result};
use preau_lab::{Fault, Lab, Socket, mib, mins, secs};

const BUSES: [(&str, Socket); 4] = [
    ("bay3", Socket::Nvme),
    ("bay4", Socket::Virtio),
    ("bay5", Socket::Usb),
    ("bay6", Socket::Ahci),
];
/// A place on a disk that holds nothing.
const PLACE: u64 = mib(8);
const MD_FILES: [&str; 10] = [
    "array_state",
    "component_size",
    "degraded",
    "level",
    "mismatch_cnt",
    "raid_disks",
    "sync_action",
    "sync_completed",
    "sync_min",
    "sync_speed",
];
const MEMBER_FILES: [&str; 4] = ["bad_blocks", "offset", "slot", "state"];

struct Recorder<'a> {
    lab: &'a Lab,
    folder: &'a Path,
}

/// Records everything into a folder.
pub async fn write(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let mut lab = Lab::new("record")
        .disk_size(mib(256))
        .disks(["bay1", "bay2"]);
    for (bay, socket) in BUSES {
        lab = lab.socket(bay, socket).disks([bay]);
    }
    let (lab, _) = lab.start_from_power_on().await?;
    lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    let recorder = Recorder { lab: &lab, folder };
    recorder.uevents().await?;
    recorder.mirror("whole").await?;
    recorder.scrub().await?;
    for (bay, _) in BUSES {
        recorder.break_loose(bay).await?;
    }
    recorder.lose_member().await?;
    recorder.mirror("degraded").await?;
    recorder.end().await?;
    println!(
        "the journal is not checked; the records are in {}",
        folder.display()
    );
    Ok(())
}

impl Recorder<'_> {
    /// What a program says, whether it succeeds or not.
    async fn told(&self, program: &str, args: &[&str]) -> Result<String> {
        let ran = self.lab.guest().run_within(program, args, mins(2)).await?;
        Ok(ran.stdout)
    }

    async fn keep(&self, name: &str, program: &str, args: &[&str]) -> Result<()> {
        let text = self.told(program, args).await?;
        self.write(name, text.as_bytes())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a record: the next run makes it again"
    )]
    fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))
    }

    /// Begins to write down what the kernel and udev announce.
    async fn uevents(&self) -> Result<()> {
        let args = [
            "--unit=record-uevents",
            "--property=StandardOutput=file:/run/uevents",
            "/usr/bin/udevadm",
            "monitor",
            "--kernel",
            "--udev",
            "--property",
        ];
        let ran = self.lab.guest().run("/usr/bin/systemd-run", args).await?;
        ran.success().map(drop)
    }

    /// The mirror in the words of everybody who knows it.
    async fn mirror(&self, state: &str) -> Result<()> {
        let node = self
            .told("/usr/bin/readlink", &["-f", "/dev/md/preau"])
            .await?;
        let node = node.trim();
        let kname = node.rsplit('/').next().unwrap_or_default();
        let md = format!("/sys/block/{kname}/md");
        let entries = self.told("/usr/bin/ls", &[&md]).await?;
        let members: Vec<&str> = entries
            .lines()
            .filter_map(|line| line.strip_prefix("dev-"))
            .collect();
        let mut files: Vec<String> = MD_FILES.iter().map(|name| format!("{md}/{name}")).collect();
        files.push(format!("/sys/block/{kname}/size"));
        for member in &members {
            files.extend(MEMBER_FILES.map(|name| format!("{md}/dev-{member}/{name}")));
        }
        let mut args = vec!["--verbose"];
        args.extend(files.iter().map(String::as_str));
        self.keep(&format!("sysfs-{state}"), "/usr/bin/head", &args)
            .await?;
        let name = |what: &str| format!("{what}-{state}");
        let mdadm = "/usr/sbin/mdadm";
        self.keep(&name("detail"), mdadm, &["--detail", "--export", node])
            .await?;
        if let Some(member) = members.first() {
            let member = format!("/dev/{member}");
            self.keep(&name("examine"), mdadm, &["--examine", &member])
                .await?;
            let export = ["--examine", "--export", &member];
            self.keep(&name("examine-export"), mdadm, &export).await?;
        }
        let integrity = ["status", "--noflush", "--target", "integrity"];
        self.keep(&name("dmsetup"), "/usr/sbin/dmsetup", &integrity)
            .await?;
        let columns = "KNAME,MAJ:MIN,TYPE,SIZE,MODEL,SERIAL,WWN,TRAN,FSTYPE,LABEL,UUID,\
                       PARTLABEL,PARTTYPE,PARTUUID,PTTYPE,MOUNTPOINTS,PKNAME";
        let lsblk = ["--json", "--bytes", "--output", columns];
        self.keep(&name("lsblk.json"), "/usr/bin/lsblk", &lsblk)
            .await?;
        self.keep(
            &name("mountinfo"),
            "/usr/bin/cat",
            &["/proc/self/mountinfo"],
        )
        .await
    }

    /// btrfs' words before, during and after a scrub, and the layers' after wrong bytes.
    async fn scrub(&self) -> Result<()> {
        let lab = self.lab;
        let btrfs = "/usr/bin/btrfs";
        let status = ["scrub", "status", "-R", "/srv/preau"];
        self.keep("scrub-never", btrfs, &status).await?;
        let share = lab.smb("commun")?;
        let photos = share.put_random(mib(16)).await?;
        lab.guest().drop_caches().await?;
        let blocks = lab.disk("bay1").find_blocks(&share.original(&photos))?;
        let some: Vec<_> = blocks.into_iter().step_by(50).collect();
        lab.disk("bay1").spoil(&some)?;
        lab.guest().drop_caches().await?;
        lab.nas().scrub().await?;
        self.keep("scrub-ended", btrfs, &status).await?;
        self.told(btrfs, &["scrub", "start", "/srv/preau"]).await?;
        self.keep("scrub-started", btrfs, &status).await?;
        self.told(btrfs, &["scrub", "cancel", "/srv/preau"]).await?;
        self.keep("scrub-cancelled", btrfs, &status).await?;
        let integrity = ["status", "--noflush", "--target", "integrity"];
        self.keep("dmsetup-refused", "/usr/sbin/dmsetup", &integrity)
            .await
    }

    /// A read and a write of a disk that holds nothing fail.
    async fn break_loose(&self, bay: &str) -> Result<()> {
        let disk = self.lab.disk(bay);
        let serial = disk.label()?.serial;
        let told = self
            .told("/usr/bin/lsblk", &["-n", "-d", "-o", "KNAME,SERIAL"])
            .await?;
        let line = told.lines().find(|line| line.contains(&serial));
        let kname = line.and_then(|line| line.split_whitespace().next());
        let device = format!("/dev/{}", kname.with_context(|| format!("no {serial}"))?);
        let skip = (PLACE / 4096).to_string();
        println!("{bay}: a read fails");
        disk.break_disk(Fault::CannotRead { at: PLACE }).await?;
        let from = [
            &format!("if={device}"),
            "of=/dev/null",
            "bs=4096",
            "count=1",
            "iflag=direct",
            &format!("skip={skip}"),
        ];
        self.told("/usr/bin/dd", &from).await?;
        println!("{bay}: a write fails");
        disk.break_disk(Fault::WritesFail).await?;
        let to = [
            "if=/dev/zero",
            &format!("of={device}"),
            "bs=4096",
            "count=1",
            "oflag=direct",
            "conv=fsync",
            &format!("seek={skip}"),
        ];
        // Not mended: QEMU flushes a disk first, and this one takes no flush.
        self.told("/usr/bin/dd", &to).await.map(drop)
    }

    /// md gives a member up that takes no writes; then it is pulled.
    async fn lose_member(&self) -> Result<()> {
        let lab = self.lab;
        lab.disk("bay2").break_disk(Fault::WritesFail).await?;
        lab.smb("commun")?.put_random(mib(1)).await?;
        lab.mailbox().opened("array-degraded", mins(2)).await?;
        lab.disk("bay2").pull().await?;
        for (bay, socket) in BUSES {
            if socket.is_hot() {
                lab.disk(bay).pull().await?;
            }
        }
        self.told("/usr/bin/udevadm", &["settle"]).await.map(drop)
    }

    /// The kernel's log, record by record, and the announcements.
    async fn end(&self) -> Result<()> {
        let args = ["if=/dev/kmsg", "bs=8192", "iflag=nonblock"];
        self.keep("kmsg", "/usr/bin/dd", &args).await?;
        self.keep("version", "/usr/bin/cat", &["/proc/version"])
            .await?;
        let stop = ["stop", "record-uevents.service"];
        let guest = self.lab.guest();
        guest
            .run_within("/usr/bin/systemctl", stop, secs(60))
            .await?;
        let uevents = guest.read_file("/run/uevents").await?;
        self.write("uevents", &uevents)
    }
}
