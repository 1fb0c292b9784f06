//! The last look before a disk is erased: the same judgement for the real machine
//! and for the fake one, as a pure function of the disk as it is right now.

use crate::system::HostError;
use preau_domain::disks::Disk;
use preau_domain::plan::{self, check_consent};
use preau_domain::settings::EraseConsent;
use uuid::Uuid;

/// What is to be done with a disk that may be prepared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prepared {
    /// It already has the partition that was asked for.
    Already,
    /// It is as confirmed, and may be erased.
    MayErase,
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
        if disk.member_of.is_none_or(named_for) {
            return Ok(Prepared::Already);
        }
    }
    // The step names no array; a disk prepared for it has been answered above, so
    // that here every superblock is a foreign one.
    check_consent(consent, disk, Uuid::nil()).map_err(refuse)?;
    Ok(Prepared::MayErase)
}
