//! Makes one disk show where it sits: by the light of its bay where the kernel has one
//! (`/sys/class/enclosure`, from the modules `ses` and `enclosure`), else by reading it
//! in bursts, which its activity light shows. One at a time: of two that blink, a
//! person would pull the other.

use crate::lsblk::Node;
use crate::machine::Machine;
use crate::system::{Change, HostError};
use crate::touch::{Place, open_past_caches, place, read_block};
use crate::visits::apart;
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::disks::Bus;
use preau_domain::ids::DiskId;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Long enough to walk to the box and find a screwdriver; a light that stays on for
/// good would one day be taken for today's.
const LIGHT_FOR: Duration = Duration::from_secs(300);
/// Bursts slow the shares down, so they are few: half a minute of them.
const RHYTHM: Rhythm = Rhythm {
    burst: Duration::from_secs(1),
    rest: Duration::from_secs(1),
    times: 15,
};
const ENCLOSURES: &str = "sys/class/enclosure";

/// How a disk is read to be seen.
#[derive(Debug, Clone, Copy)]
struct Rhythm {
    burst: Duration,
    rest: Duration,
    times: u32,
}

impl Rhythm {
    fn length(self) -> Duration {
        (self.burst + self.rest) * self.times
    }
}

/// The disk that shows itself now, if one does.
#[derive(Debug, Default)]
pub(crate) struct Shown(Mutex<Option<Now>>);

#[derive(Debug)]
struct Now {
    disk: DiskId,
    by: BlinkBy,
    until: Instant,
    /// Dropped with this: the bursts end, and the light goes out.
    _end: End,
}

#[derive(Debug)]
enum End {
    Bursts { _stop: Sender<()> },
    Light { _lit: Lit },
}

/// A light that is on. It goes out with this, or when its time is over.
#[derive(Debug)]
struct Lit {
    switch: PathBuf,
    timer: tokio::task::JoinHandle<()>,
}

impl Drop for Lit {
    fn drop(&mut self) {
        self.timer.abort();
        put_out(&self.switch);
    }
}

impl Shown {
    fn now(&self) -> MutexGuard<'_, Option<Now>> {
        // One assignment changes it: it is whole after each.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Which disk shows itself now.
    pub(crate) fn read(&self) -> Option<Blinking> {
        let now = self.now();
        let now = now.as_ref()?;
        let left = now.until.checked_duration_since(Instant::now())?;
        Some(Blinking {
            disk: now.disk.clone(),
            by: now.by,
            // The last second is one, too.
            seconds_left: u32::try_from(left.as_secs()).unwrap_or(u32::MAX) + 1,
        })
    }

    /// Ends what is shown.
    pub(crate) fn end(&self) -> Change {
        let was = self.read().is_some();
        *self.now() = None;
        if was {
            Change::Changed
        } else {
            Change::Unchanged
        }
    }

    fn begin(&self, disk: &DiskId, by: BlinkBy, length: Duration, end: End) {
        *self.now() = Some(Now {
            disk: disk.clone(),
            by,
            until: Instant::now() + length,
            _end: end,
        });
    }
}

impl Machine {
    /// See [`crate::System::blink_by`].
    pub(crate) async fn means_of_blinking(&self, disk: &DiskId) -> Result<BlinkBy, HostError> {
        let nodes = self.nodes().await?;
        let node = nodes
            .find(disk)
            .ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        Ok(self.means(node).0)
    }

    fn means(&self, node: &Node) -> (BlinkBy, Option<PathBuf>) {
        match find_light(self.root(), &node.kname) {
            Some(switch) => (BlinkBy::BayLight, Some(switch)),
            None => (BlinkBy::Activity, None),
        }
    }

    /// See [`crate::System::blink`].
    pub(crate) async fn show_disk(&self, disk: &DiskId, wake: Wake) -> Result<Blinked, HostError> {
        let nodes = self.nodes().await?;
        let node = nodes
            .find(disk)
            .ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        if let (by, Some(switch)) = self.means(node) {
            // The light of another bay first: two at once show nothing.
            self.blinking.end();
            let lit = light(&switch)?;
            self.blinking
                .begin(disk, by, LIGHT_FOR, End::Light { _lit: lit });
            return Ok(Blinked::Shown);
        }
        let bus = self
            .disks(&nodes)
            .into_iter()
            .find(|found| found.id == *disk);
        let has_commands = bus.is_some_and(|it| !matches!(it.bus, Bus::Virtio | Bus::Other));
        if wake == Wake::No && has_commands && self.is_asleep(disk).await? {
            return Ok(Blinked::Asleep);
        }
        let (path, size) = (node.path(), node.size);
        let (stop, stopped) = channel();
        let end = End::Bursts { _stop: stop };
        self.blinking
            .begin(disk, BlinkBy::Activity, RHYTHM.length(), end);
        // Nobody waits for the end of it: a disk that hangs keeps its thread.
        drop(apart(move || show_by_reading(&path, size, &stopped)));
        Ok(Blinked::Shown)
    }

    /// A disk that cannot be asked has no way to sleep.
    async fn is_asleep(&self, disk: &DiskId) -> Result<bool, HostError> {
        self.ask(disk, |device| {
            Ok(device.power_mode().is_ok_and(|mode| mode.is_spun_down()))
        })
        .await
    }
}

/// Reads a disk in bursts until it is enough or somebody says so. It is opened once: a
/// disk that takes the name of one that was pulled does not show itself in its place.
fn show_by_reading(path: &str, size: u64, stopped: &Receiver<()>) {
    let disk = match open_past_caches(path) {
        Ok(disk) => disk,
        Err(error) => {
            tracing::warn!("making {path} blink: {error}");
            return;
        }
    };
    let mut turn = 0;
    in_bursts(RHYTHM, stopped, || {
        // One thread at most waits for a disk; the minute's read goes first.
        let _place = Place::take(path).map_err(|_| io::ErrorKind::ResourceBusy)?;
        turn += 1;
        read_block(&disk, place(size, turn))
    });
}

/// Calls `read` for the length of each burst. One that fails has its rest at once.
fn in_bursts(rhythm: Rhythm, stopped: &Receiver<()>, mut read: impl FnMut() -> io::Result<()>) {
    for _ in 0..rhythm.times {
        let end = Instant::now() + rhythm.burst;
        while read().is_ok() && Instant::now() < end {
            if stopped.try_recv() != Err(TryRecvError::Empty) {
                return;
            }
        }
        if stopped.recv_timeout(rhythm.rest) != Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// The switch of the light of a disk's bay: each place of an enclosure has a link
/// `device` to what is plugged in there (`Documentation/ABI/stable/sysfs-class-enclosure`
/// and `drivers/misc/enclosure.c` of the kernel).
fn find_light(root: &Path, kname: &str) -> Option<PathBuf> {
    let device = root.join("sys/block").join(kname).join("device");
    let device = fs::canonicalize(device).ok()?;
    let is_its = |switch: &PathBuf| {
        let place = switch.parent().map(|place| place.join("device"));
        place
            .and_then(|place| fs::canonicalize(place).ok())
            .as_ref()
            == Some(&device)
    };
    switches(root).into_iter().find(is_its)
}

/// The switches of all bays' lights.
fn switches(root: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| -> Vec<PathBuf> {
        // Most boxes have no enclosure that the kernel knows.
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let enclosures = inside(&root.join(ENCLOSURES));
    let places = enclosures.iter().flat_map(|enclosure| inside(enclosure));
    let switches = places.map(|place| place.join("locate"));
    switches.filter(|switch| switch.is_file()).collect()
}

/// Puts every bay's light out: one that was left on by a supervisor that was ended
/// would show the wrong bay.
pub(crate) fn put_out_all(root: &Path) {
    switches(root).iter().for_each(|switch| put_out(switch));
}

#[allow(
    clippy::disallowed_methods,
    reason = "a switch in sysfs, which has no content to lose"
)]
fn turn(switch: &Path, value: &str) -> io::Result<()> {
    fs::write(switch, value)
}

fn put_out(switch: &Path) {
    if let Err(error) = turn(switch, "0") {
        tracing::warn!("putting {} out: {error}", switch.display());
    }
}

fn light(switch: &Path) -> Result<Lit, HostError> {
    turn(switch, "1").map_err(|source| HostError::File {
        act: "writing",
        path: switch.to_owned(),
        source,
    })?;
    let late = switch.to_owned();
    Ok(Lit {
        switch: switch.to_owned(),
        timer: tokio::spawn(async move {
            tokio::time::sleep(LIGHT_FOR).await;
            put_out(&late);
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;
    use std::os::unix::fs::symlink;

    /// Two bays of an enclosure, as `ses` shows them; the second is empty.
    fn enclosure(folder: &Folder) -> PathBuf {
        let root = folder.path();
        let disk = root.join("sys/devices/pci0/host0/target0:0:1/0:0:1:0");
        fs::create_dir_all(&disk).unwrap();
        fs::create_dir_all(root.join("sys/block/sda")).unwrap();
        fs::create_dir_all(root.join("sys/block/sdb")).unwrap();
        symlink(&disk, root.join("sys/block/sda/device")).unwrap();
        for bay in ["Slot 01", "Slot 02"] {
            let place = root.join(ENCLOSURES).join("0:0:9:0").join(bay);
            fs::create_dir_all(&place).unwrap();
            turn(&place.join("locate"), "1").unwrap();
        }
        let first = root.join(ENCLOSURES).join("0:0:9:0/Slot 01");
        symlink(&disk, first.join("device")).unwrap();
        first.join("locate")
    }

    fn state(switch: &Path) -> String {
        fs::read_to_string(switch).unwrap()
    }

    #[tokio::test]
    async fn the_light_of_a_disks_bay_is_found_and_goes_out_again() {
        let folder = Folder::new("blink-light");
        let switch = enclosure(&folder);
        assert_eq!(find_light(folder.path(), "sda"), Some(switch.clone()));
        assert_eq!(find_light(folder.path(), "sdb"), None);

        put_out_all(folder.path());
        assert_eq!(state(&switch), "0");
        let shown = Shown::default();
        let disk = DiskId::from_identity(Some("0x5000c500a1b2c3d4"), "", None).unwrap();
        let lit = light(&switch).unwrap();
        shown.begin(
            &disk,
            BlinkBy::BayLight,
            LIGHT_FOR,
            End::Light { _lit: lit },
        );
        assert_eq!(state(&switch), "1");
        let blinking = shown.read().unwrap();
        assert_eq!((blinking.disk, blinking.seconds_left), (disk, 300));
        assert_eq!(shown.end(), Change::Changed);
        assert_eq!(state(&switch), "0");
        assert_eq!(shown.end(), Change::Unchanged);
    }

    const QUICK: Rhythm = Rhythm {
        burst: Duration::from_secs(3600),
        rest: Duration::ZERO,
        times: 15,
    };

    #[test]
    fn a_disk_that_cannot_be_read_is_tried_once_in_each_burst() {
        let (_stop, stopped) = channel();
        let mut tries = 0;
        in_bursts(QUICK, &stopped, || {
            tries += 1;
            Err(io::ErrorKind::ResourceBusy.into())
        });
        assert_eq!(tries, 15);
    }

    #[test]
    fn the_bursts_end_when_nobody_wants_them_any_more() {
        let (stop, stopped) = channel();
        let mut stop = Some(stop);
        let mut reads = 0;
        in_bursts(QUICK, &stopped, || {
            reads += 1;
            if reads == 3 {
                stop = None;
            }
            Ok(())
        });
        assert_eq!(reads, 3);
    }
}
