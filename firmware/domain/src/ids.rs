//! Identities that outlive a reboot: a disk by its WWN or model and serial, a bay
//! by its label, an array and a file system by their UUID. Kernel names such as
//! `sda` change with every plug and never leave `preau-host`.

use serde::{Deserialize, Serialize};
use std::fmt;
use utoipa::ToSchema;

/// A disk, known by its World Wide Name, else by model and serial.
/// Shape: `wwn-0x5000c500a1b2c3d4` or `WDC_WD40EFZX-68AWUN0_WD-WX12D9075H7K`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct DiskId(String);

impl DiskId {
    /// The identity of a disk from what the kernel and udev read of it; `None`
    /// when it gives neither a WWN nor a serial, which no array may be built on.
    pub fn from_identity(wwn: Option<&str>, model: &str, serial: Option<&str>) -> Option<Self> {
        let filled = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        if let Some(wwn) = filled(wwn) {
            return Some(Self(format!("wwn-{wwn}")));
        }
        let serial = filled(serial)?;
        let name = format!("{}_{serial}", model.trim());
        Some(Self(
            name.chars()
                .map(|c| if c.is_whitespace() { '_' } else { c })
                .collect(),
        ))
    }

    /// The text of it, for a key or a form field.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DiskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A bay of the box, by the label that is written beside it: `1` to `8`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct Bay(pub String);

impl fmt::Display for Bay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wwn_is_preferred_and_a_disk_without_any_identity_has_none() {
        let id = DiskId::from_identity(Some("0x5000c500a1b2c3d4"), "WD40", Some("S1"));
        assert_eq!(id.unwrap().as_str(), "wwn-0x5000c500a1b2c3d4");
        let id = DiskId::from_identity(None, "WDC WD40EFZX", Some(" WX1 "));
        assert_eq!(id.unwrap().as_str(), "WDC_WD40EFZX_WX1");
        assert_eq!(DiskId::from_identity(Some(" "), "USB bridge", None), None);
    }
}
