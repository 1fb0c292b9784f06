//! What the kernel tells of itself: a thread sleeps in poll(2) on the uevents of
//! netlink, on `/proc/mdstat` and on the attributes of every array that the kernel
//! notifies, and rings a bell that keeps one ring, so that a change between two
//! waits is not missed.
//!
//! A ring follows the arming of every attribute (sysfs wants a read before the
//! next poll), so whoever observes after it sees at least what it was rung for.
//! Not listened to: `array_state`, which changes at every pause between writes,
//! and `sync_completed`, which changes while a copy is made.

use nix::sys::socket::{
    AddressFamily, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, setsockopt,
    socket, sockopt,
};
use rustix::event::{PollFd, PollFlags, poll};
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};
use tokio::sync::Notify;

/// The netlink groups of the kernel's own announcements and of udev's, which come
/// once udev has looked at a device.
const GROUPS: u32 = 1 | 2;
/// A burst of announcements (a controller with eight disks) must not overflow.
const RECEIVE_BUFFER: usize = 1 << 20;

/// The bell.
#[derive(Debug, Clone)]
pub(crate) struct Events(Arc<Notify>);

impl Events {
    /// Starts to listen, below `root` for files. The thread ends some time after
    /// the last bell was dropped.
    pub(crate) fn listen(root: &Path) -> io::Result<Self> {
        let bell = Arc::new(Notify::new());
        let uevents = open_uevents()?;
        let ring = Arc::downgrade(&bell);
        let root = root.to_owned();
        std::thread::Builder::new()
            .name("kernel-events".to_owned())
            .spawn(move || {
                if let Err(error) = watch(&root, &uevents, &ring) {
                    tracing::error!(%error, "the kernel's events are no longer heard");
                }
            })?;
        Ok(Self(bell))
    }

    /// Waits for the next ring, or returns at once for one that was not waited for.
    pub(crate) async fn changed(&self) {
        self.0.notified().await;
    }
}

fn open_uevents() -> io::Result<OwnedFd> {
    let fd = socket(
        AddressFamily::Netlink,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        SockProtocol::NetlinkKObjectUEvent,
    )?;
    setsockopt(&fd, sockopt::RcvBuf, &RECEIVE_BUFFER)?;
    bind(fd.as_raw_fd(), &NetlinkAddr::new(0, GROUPS))?;
    Ok(fd)
}

fn watch(root: &Path, uevents: &OwnedFd, ring: &Weak<Notify>) -> io::Result<()> {
    loop {
        let attributes = arm(root)?;
        let Some(bell) = ring.upgrade() else {
            return Ok(());
        };
        bell.notify_one();
        drop(bell);
        let urgent = PollFlags::PRI | PollFlags::ERR;
        let mut fds = vec![PollFd::new(uevents, PollFlags::IN)];
        fds.extend(attributes.iter().map(|file| PollFd::new(file, urgent)));
        loop {
            match poll(&mut fds, None) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            let attribute = fds[1..].iter().any(|fd| fd.revents().intersects(urgent));
            if drain(uevents)? || attribute {
                break;
            }
        }
    }
}

/// Opens and reads everything that the kernel notifies, as it is now.
fn arm(root: &Path) -> io::Result<Vec<File>> {
    let mut paths = vec![root.join("proc/mdstat")];
    for entry in std::fs::read_dir(root.join("sys/block"))? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("md") {
            paths.extend(attributes_of(&entry.path().join("md")));
        }
    }
    // One that has gone meanwhile has nothing more to tell.
    Ok(paths
        .iter()
        .filter_map(|path| open_and_read(path).ok())
        .collect())
}

fn attributes_of(md: &Path) -> Vec<PathBuf> {
    let mut paths = vec![md.join("degraded"), md.join("sync_action")];
    let Ok(entries) = std::fs::read_dir(md) else {
        // The array was stopped; `/proc/mdstat` tells of it.
        return paths;
    };
    let members = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("dev-"))
        .flat_map(|entry| ["state", "bad_blocks"].map(|name| entry.path().join(name)));
    paths.extend(members);
    paths
}

fn open_and_read(path: &Path) -> io::Result<File> {
    let mut file = File::open(path)?;
    file.read_to_end(&mut Vec::new())?;
    Ok(file)
}

/// Takes every announcement from the socket, and says whether one was about a block
/// device; what it says is observed afterwards.
fn drain(uevents: &OwnedFd) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let mut about_block = false;
    loop {
        match recv(uevents.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            Ok(length) => about_block |= is_about_block(&buffer[..length]),
            Err(nix::errno::Errno::EINTR) => {}
            // Announcements were lost, which is one more reason to look.
            Err(nix::errno::Errno::ENOBUFS) => about_block = true,
            Err(nix::errno::Errno::EAGAIN) => return Ok(about_block),
            Err(error) => return Err(error.into()),
        }
    }
}

/// The kernel and udev both send `NAME=value` texts that end with a zero, after a
/// head of their own.
pub(crate) fn is_about_block(message: &[u8]) -> bool {
    message
        .split(|byte| *byte == 0)
        .any(|field| field == b"SUBSYSTEM=block")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_about_disks_are_told_from_others() {
        assert!(is_about_block(
            b"remove@/devices/x/block/sdb\0ACTION=remove\0SUBSYSTEM=block\0DEVTYPE=disk\0"
        ));
        assert!(is_about_block(
            b"libudev\0\xfe\xed\xca\xfeACTION=add\0SUBSYSTEM=block\0"
        ));
        assert!(!is_about_block(b"add@/devices/y\0SUBSYSTEM=net\0"));
        assert!(!is_about_block(b""));
    }

    #[tokio::test]
    async fn the_bell_rings_once_for_the_state_at_the_start() {
        let events = Events::listen(Path::new("/")).unwrap();
        events.changed().await;
    }
}
