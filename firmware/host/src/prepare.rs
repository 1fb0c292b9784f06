//! The last look before a disk is erased: the same judgement for the real machine
//! and for the fake one, as a pure function of the disk as it is right now.

use crate::system::HostError;
use preau_domain::disks::{Disk, Layer};
use preau_domain::plan::{self, check_consent};
use preau_domain::settings::EraseConsent;
use uuid::Uuid;

/// What is to be done with a disk that may be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prepared {
    /// It already has the partition that was asked for, and the layer on it.
    Already,
    /// It has the partition, and nothing is on it: power went before the layer was.
    Unfinished,
    /// It is as confirmed, and may be erased.
    MayErase,
}

/// Nothing but a partition table is on it.
fn is_bare(disk: &Disk) -> bool {
    let mut kinds = disk.contents.iter().map(|content| content.kind.as_str());
    kinds.all(|kind| kind == "partition_table")
}

/// Decides whether a disk may be erased for the array that `partition_name` marks.
pub(crate) fn judge(
    consent: &EraseConsent,
    disk: Option<&Disk>,
    partition_name: &str,
) -> Result<Prepared, HostError> {
    let refuse = |why| HostError::NotAsConfirmed {
        disk: consent.disk.to_string(),
        why,
    };
    if let Some(disk) = disk
        && disk.serial == consent.serial
        && disk.partition_name.as_deref() == Some(partition_name)
    {
        let named_for = |array| plan::partition_name(array) == partition_name;
        // A member that was used elsewhere without the others is prepared already, and
        // yet a person agreed to lose exactly what is on it now.
        let meant = consent.contents_digest.as_ref() == Some(&disk.contents_digest);
        match (disk.layer, disk.member_of) {
            _ if meant => {}
            (_, Some(array)) if named_for(array) => return Ok(Prepared::Already),
            (Layer::Open | Layer::Closed, None) => return Ok(Prepared::Already),
            (Layer::None, None) if is_bare(disk) => return Ok(Prepared::Unfinished),
            _ => {}
        }
    }
    // The step names no array; a disk prepared for it has been answered above, so
    // that here every superblock is a foreign one.
    check_consent(consent, disk, Uuid::nil()).map_err(refuse)?;
    Ok(Prepared::MayErase)
}
