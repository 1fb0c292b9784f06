//! What the supervisor may ask of the system.

use jiff::Timestamp;
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::health::{SelfTestKind, Touch, Visit};
use preau_domain::ids::DiskId;
use preau_domain::opened::OpenedDisk;
use preau_domain::plan::Step;
use preau_domain::scrub::{self, ScrubSeen};
use preau_domain::settings::Person;
use preau_domain::snapshot::Snapshot;
use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::path::PathBuf;
use uuid::Uuid;

/// Whether an action changed anything. Done twice, the second is `Unchanged`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The system is different now.
    Changed,
    /// It already was as asked.
    Unchanged,
}

impl Change {
    /// `Changed` when what was before is not what is now.
    pub fn from_difference<T: PartialEq>(before: &T, after: &T) -> Self {
        if before == after {
            Self::Unchanged
        } else {
            Self::Changed
        }
    }
}

/// The two generations of the box's own settings on a volume, sealed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bundles {
    /// The current one.
    pub current: Option<Vec<u8>>,
    /// The one before.
    pub previous: Option<Vec<u8>>,
}

/// What the disks of another Préau tell of themselves without any code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SetFacts {
    /// How many disks belong together, when that can be told.
    pub wanted: Option<u32>,
    /// When they were last written on, by the clock of that box.
    pub used_at: Option<Timestamp>,
}

/// Why the system did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// A file or folder.
    #[error("{act} {path}")]
    File {
        /// e.g. `writing`.
        act: &'static str,
        /// Which.
        path: PathBuf,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// A program could not be started.
    #[error("starting {program}")]
    Start {
        /// Its path.
        program: &'static str,
        /// The kernel's answer.
        #[source]
        source: io::Error,
    },
    /// A program ended with a failure.
    #[error("{program} ended with {status}: {stderr}")]
    Failed {
        /// Its path.
        program: &'static str,
        /// Exit status or signal.
        status: String,
        /// The end of what it said.
        stderr: String,
    },
    /// A program did not end in time and was ended.
    #[error("{program} did not end within {seconds} s")]
    TimedOut {
        /// Its path.
        program: &'static str,
        /// The limit.
        seconds: u64,
    },
    /// A program or the kernel said something that is not understood.
    #[error("{what} is not as expected: {text}")]
    Unexpected {
        /// e.g. `lsblk's answer`.
        what: &'static str,
        /// What was found, shortened.
        text: String,
    },
    /// A disk is not what a person confirmed; nothing was written.
    #[error("the disk {disk} is not as it was confirmed: {why:?}")]
    NotAsConfirmed {
        /// Its identity.
        disk: String,
        /// Why.
        why: preau_domain::plan::ConsentRefused,
    },
    /// Something is mounted from it, or an array runs on it; nothing was written.
    #[error("{0} is in use")]
    InUse(String),
    /// A disk is too small to take a place in the array.
    #[error("the disk {disk} offers {size} bytes where the array needs {needed}")]
    TooSmall {
        /// Its identity.
        disk: String,
        /// What its partition holds, in bytes.
        size: u64,
        /// What a member must hold, in bytes.
        needed: u64,
    },
    /// A returning disk was used without the others meanwhile: both have files that
    /// the other lacks. Nothing was written.
    #[error("the disk {disk} was used elsewhere without the others")]
    Diverged {
        /// Its identity.
        disk: String,
    },
    /// Members are missing and a stripe may have been half written: starting the
    /// array may damage what was being written. Nothing was started.
    #[error("the array {array} was not shut down and misses members")]
    Unclean {
        /// Which.
        array: uuid::Uuid,
    },
    /// A disk did not do what it was asked.
    #[error("asking the disk {disk}")]
    Disk {
        /// Its identity.
        disk: String,
        /// What it answered, if it did.
        #[source]
        source: smartmontools_sys::Unreadable,
    },
    /// What a step needs is not there.
    #[error("{0} is not there")]
    Missing(String),
}

impl HostError {
    /// Only the beginning of `text` is kept.
    pub(crate) fn unexpected(what: &'static str, text: &str) -> Self {
        Self::Unexpected {
            what,
            text: text.chars().take(200).collect(),
        }
    }
}

impl HostError {
    /// A disk answered, and the answer is no.
    pub const fn disk_said_no(&self) -> bool {
        matches!(
            self,
            Self::Disk {
                source: smartmontools_sys::Unreadable::Refused(_),
                ..
            }
        )
    }
}

/// The system under the supervisor. Every method may be called again after a power
/// cut: what is already so stays so.
pub trait System: Send + Sync + 'static {
    /// Reads disks, arrays, volume and share service. A part that cannot be read
    /// is `Unreadable` in the snapshot; the rest is still told.
    fn observe(&self, now: Timestamp) -> impl Future<Output = Snapshot> + Send;

    /// Carries out one step. Before it erases, it looks at the disk again and
    /// refuses with [`HostError::NotAsConfirmed`] when the consent does not hold.
    fn apply(&self, step: &Step) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// Visits every disk of the box and asks it how it is. A sleeping disk is left
    /// asleep; one that does not answer in time is [`Visit::Silent`], and neither
    /// holds up the others nor is asked again until it has answered.
    fn survey(
        &self,
        now: Timestamp,
    ) -> impl Future<Output = Result<BTreeMap<DiskId, Visit>, HostError>> + Send;

    /// Reads one block of each of those disks that is there and awake, past all
    /// caches, at a place that `turn` chooses: a disk that died or hangs while nobody
    /// uses it is found no other way. Never more than one such read waits for a disk.
    fn read_a_block(
        &self,
        disks: &[DiskId],
        turn: u64,
    ) -> impl Future<Output = Result<BTreeMap<DiskId, Touch>, HostError>> + Send;

    /// Lets a disk test itself, beside its work. `Unchanged` while it does already.
    fn start_self_test(
        &self,
        disk: &DiskId,
        kind: SelfTestKind,
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// Ends a disk's self-test. `Unchanged` when none runs.
    fn abort_self_test(
        &self,
        disk: &DiskId,
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// By what a disk can show where it sits. The disk itself is left in peace.
    fn blink_by(&self, disk: &DiskId) -> impl Future<Output = Result<BlinkBy, HostError>> + Send;

    /// Makes a disk show where it sits, for five minutes by the light of its bay or for
    /// half a minute by its own, from the beginning if it does already. Another that
    /// does ends: only one shows itself at a time. A sleeping disk whose own light is
    /// needed is woken only where that is allowed.
    fn blink(
        &self,
        disk: &DiskId,
        wake: Wake,
    ) -> impl Future<Output = Result<Blinked, HostError>> + Send;

    /// Ends it, whichever disk shows itself. `Unchanged` when none does.
    fn stop_blinking(&self) -> Change;

    /// The disk that shows itself now.
    fn blinking(&self) -> Option<Blinking>;

    /// Opens a disk that somebody brought, to copy from it: nothing is written on it
    /// from now on, whoever tries. Another that is open is closed. The share appears with
    /// the next [`System::write_share_config`]. Refused with [`HostError::InUse`] where
    /// something of it is mounted, or carries one of the file systems in `kept`.
    fn open_disk(
        &self,
        disk: &DiskId,
        kept: &[String],
    ) -> impl Future<Output = Result<OpenedDisk, HostError>> + Send;

    /// Closes the disk that is open, pulled or not, and what a supervisor that was ended
    /// has left open. `Unchanged` when there is nothing.
    fn close_disk(&self) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// The disk that is open.
    fn opened_disk(&self) -> Option<OpenedDisk>;

    /// Reads how a scrub of an array and of the volume on it goes, and what md wrote
    /// anew; the files that could not be repaired are those named from `since` on.
    fn read_scrub(
        &self,
        array: Uuid,
        since: Timestamp,
    ) -> impl Future<Output = Result<ScrubSeen, HostError>> + Send;

    /// Begins, stops or goes on with a part of a scrub, which then runs by itself.
    fn scrub(
        &self,
        array: Uuid,
        act: scrub::Act,
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// Waits until the kernel has announced every device found so far.
    fn settle(&self) -> impl Future<Output = Result<(), HostError>> + Send;

    /// Waits until the kernel says that disks or arrays changed. May also return
    /// when nothing did.
    fn changed(&self) -> impl Future<Output = ()> + Send;

    /// Makes the Unix accounts exactly those of `people`, and forgets the share
    /// passwords of everybody else.
    fn keep_accounts(
        &self,
        people: &[Person],
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// Sets somebody's password for the shares; the Unix account must exist.
    /// Returns once it is on stable storage.
    fn set_share_password(
        &self,
        login: &str,
        password: &str,
    ) -> impl Future<Output = Result<(), HostError>> + Send;

    /// Everybody's password for the shares, hashed, in a form that
    /// [`System::restore_share_passwords`] takes on another box.
    fn share_passwords(&self) -> impl Future<Output = Result<String, HostError>> + Send;

    /// Sets the share passwords of those who have an account here. Returns once they
    /// are on stable storage.
    fn restore_share_passwords(
        &self,
        passwords: &str,
    ) -> impl Future<Output = Result<(), HostError>> + Send;

    /// The sealed settings on the mounted volume.
    fn kept_bundles(&self) -> impl Future<Output = Result<Bundles, HostError>> + Send;

    /// Replaces the sealed settings on the mounted volume, and the generation before
    /// when that is given. Returns once they are on the disks.
    fn keep_bundle(
        &self,
        bundle: &[u8],
        previous: Option<&[u8]>,
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// What a set of disks from another Préau tells without any code. `set` is the
    /// name of their partitions.
    fn describe_set(&self, set: &str) -> impl Future<Output = Result<SetFacts, HostError>> + Send;

    /// Reads the sealed settings on a set of disks from another Préau. Nothing is
    /// written on them, and nothing of them is left mounted or started.
    fn read_set(&self, set: &str) -> impl Future<Output = Result<Bundles, HostError>> + Send;

    /// Has the pages take up the certificate that is on the card now.
    fn renew_pages(&self) -> impl Future<Output = Result<(), HostError>> + Send;

    /// Writes Samba's configuration for the shares: `box_name` is shown to other
    /// computers, `people` may log in.
    fn write_share_config(
        &self,
        box_name: &str,
        people: &[Person],
    ) -> impl Future<Output = Result<Change, HostError>> + Send;

    /// Shows the claim code, the page's address and the certificate's fingerprint
    /// on the console and in a file on the card's boot partition; `None` removes
    /// the file, since the box has an owner.
    fn show_claim_code(
        &self,
        notice: Option<&str>,
    ) -> impl Future<Output = Result<Change, HostError>> + Send;
}

/// An error with all its causes, on one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
