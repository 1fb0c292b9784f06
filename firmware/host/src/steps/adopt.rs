//! Looking at the disks of another Préau without writing on them. Opening a layer,
//! starting an array or mounting a file system may each write a little; so none of
//! them gets the disks. Each partition is covered by a snapshot that keeps every write
//! in this machine's memory; layer, array and volume are opened on the covers, the
//! bundles are read, and all of it is put away again. A power cut in between leaves
//! nothing, since nothing of it is on the disks.

use super::{LONG, MDADM};
use crate::command::Command;
use crate::durable::remove_durably;
use crate::kept::read_bundles;
use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::md::{ExaminedSet, parse_examined_set};
use crate::samba::make_folder;
use crate::system::{Bundles, HostError, SetFacts};
use preau_domain::plan;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// Where the volume of another Préau is looked at.
const PEEK: &str = "/run/preau/peek";
/// Nothing on it is run, followed as a device, or written; nothing in its log replayed.
const PEEK_OPTIONS: &str = "ro,rescue=nologreplay,nosuid,nodev,noexec";
const PEEK_ARRAY: &str = "/dev/md/peek";
/// Begins the device-mapper names of the covers, and of what is opened on them.
const COVER: &str = "peek-cover-";
const OPENED: &str = "peek-opened-";
/// Room for what is written on a cover, in bytes. md writes some blocks, and a layer
/// that is still computing checksums a few megabytes in the time that a look takes.
const COVER_BYTES: u64 = 64 << 20;
/// Sectors of 512 bytes that a cover copies at once.
const COVER_CHUNK: u32 = 8;
const DMSETUP: &str = "/usr/sbin/dmsetup";
const LOSETUP: &str = "/usr/sbin/losetup";

impl Machine {
    /// What the superblocks of a set of disks tell without any code.
    pub(crate) async fn examine_set(&self, set: &str) -> Result<SetFacts, HostError> {
        let _one_step = self.one_step.lock().await;
        self.put_away().await?;
        let facts = async {
            let (_, examined) = self.cover(set).await?;
            Ok(SetFacts {
                wanted: examined.iter().filter_map(|found| found.wanted).max(),
                used_at: examined.iter().filter_map(|found| found.used_at).max(),
            })
        }
        .await;
        self.put_away().await?;
        facts
    }

    /// Reads the bundles that a set of disks carries.
    pub(crate) async fn peek_into_set(&self, set: &str) -> Result<Bundles, HostError> {
        let _one_step = self.one_step.lock().await;
        // A look that was cut short leaves things behind.
        self.put_away().await?;
        let bundles = self.look_into(set).await;
        self.put_away().await?;
        bundles
    }

    async fn look_into(&self, set: &str) -> Result<Bundles, HostError> {
        let (devices, examined) = self.cover(set).await?;
        let array = examined.iter().find_map(|found| found.array);
        let array: Uuid = array
            .filter(|array| plan::partition_name(*array) == set)
            .ok_or_else(|| HostError::Missing(format!("the array of {set}")))?;
        Command::new(MDADM)
            .args(["--assemble", PEEK_ARRAY, "--readonly", "--run"])
            .arg(format!("--uuid={}", super::arrays::mdadm_uuid(array)))
            .args(&devices)
            .within(LONG)
            .run()
            .await?;
        let started = self.running_array(array).await?;
        make_folder(Path::new(PEEK), 0o700)?;
        Command::new("/usr/bin/mount")
            .args(["--types", "btrfs", "--options", PEEK_OPTIONS])
            .arg(format!("/dev/{}", started.kname))
            .arg(PEEK)
            .within(LONG)
            .run()
            .await?;
        read_bundles(Path::new(PEEK))
    }

    /// Covers each partition of a set, and opens the layer on the cover if there is
    /// one; tells what md would be given, and what its superblock says. A disk that
    /// cannot be opened does not keep the others from being read.
    async fn cover(&self, set: &str) -> Result<(Vec<String>, Vec<ExaminedSet>), HostError> {
        self.settle_udev().await?;
        let nodes = self.nodes().await?;
        let (mut devices, mut examined) = (Vec::new(), Vec::new());
        let mut failure = None;
        for (number, partition) in partitions_of(&nodes, set).into_iter().enumerate() {
            match self.cover_one(number, partition).await {
                Ok((device, found)) => {
                    devices.push(device);
                    examined.push(found);
                }
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        if devices.is_empty() {
            return Err(failure.unwrap_or_else(|| HostError::Missing(format!("the disks {set}"))));
        }
        if let Some(error) = failure {
            tracing::warn!(%error, "a disk of {set} cannot be looked at");
        }
        Ok((devices, examined))
    }

    async fn cover_one(
        &self,
        number: usize,
        partition: &Node,
    ) -> Result<(String, ExaminedSet), HostError> {
        let file = cover_file(number);
        let made = File::create(&file).and_then(|file| file.set_len(COVER_BYTES));
        made.map_err(|source| HostError::File {
            act: "making",
            path: file.clone(),
            source,
        })?;
        let answer = Command::new(LOSETUP)
            .args(["--find", "--show"])
            .arg(&file)
            .run()
            .await?;
        let cover = format!("{COVER}{number}");
        let sectors = partition.size / 512;
        // N: not to outlive this machine.
        let table = format!(
            "0 {sectors} snapshot {} {} N {COVER_CHUNK}",
            partition.path(),
            answer.trim()
        );
        Command::new(DMSETUP)
            .args(["create", &cover, "--table", &table])
            .within(LONG)
            .run()
            .await?;
        let mut device = format!("/dev/mapper/{cover}");
        if partition.has_layer() {
            let opened = format!("{OPENED}{number}");
            self.open_layer_as(&device, &opened).await?;
            device = format!("/dev/mapper/{opened}");
        }
        let text = Command::new(MDADM)
            .args(["--examine", "--export"])
            .arg(&device)
            .run()
            .await?;
        Ok((device, parse_examined_set(&text)))
    }

    /// Takes apart whatever a look has put together, from the top.
    async fn put_away(&self) -> Result<(), HostError> {
        if crate::volume::mounted_at(self.root(), PEEK)?.is_some() {
            Command::new("/usr/bin/umount")
                .arg(PEEK)
                .within(LONG)
                .run()
                .await?;
        }
        if Path::new(PEEK_ARRAY).exists() {
            Command::new(MDADM)
                .args(["--stop", PEEK_ARRAY])
                .within(LONG)
                .run()
                .await?;
        }
        for prefix in [OPENED, COVER] {
            for name in names_in(Path::new("/dev/mapper"), prefix)? {
                Command::new(DMSETUP)
                    // udev may still be looking at it.
                    .args(["remove", "--retry", &name])
                    .within(LONG)
                    .run()
                    .await?;
            }
        }
        for name in names_in(Path::new("/run/preau"), COVER)? {
            let file = Path::new("/run/preau").join(name);
            let loops = Command::new(LOSETUP)
                .args(["--noheadings", "--output=NAME", "--associated"])
                .arg(&file)
                .run()
                .await?;
            for device in loops.split_whitespace() {
                Command::new(LOSETUP)
                    .args(["--detach", device])
                    .run()
                    .await?;
            }
            remove_durably(&file)?;
        }
        Ok(())
    }
}

/// In memory: `/run` is a tmpfs, and the file takes what is written.
fn cover_file(number: usize) -> PathBuf {
    Path::new("/run/preau").join(format!("{COVER}{number}"))
}

/// The partitions of that name, one for each disk of the set.
fn partitions_of<'a>(nodes: &'a Nodes, set: &str) -> Vec<&'a Node> {
    nodes
        .iter()
        .filter(|node| node.kind == "part" && node.partlabel.as_deref() == Some(set))
        .collect()
}

/// The names in a folder that begin with a prefix, in order.
fn names_in(folder: &Path, prefix: &str) -> Result<Vec<String>, HostError> {
    let read = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(folder)? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.starts_with(prefix) {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        result => result.map_err(|source| HostError::File {
            act: "reading",
            path: folder.to_owned(),
            source,
        }),
    }
}
