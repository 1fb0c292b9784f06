//! What breaks in a box, one row of the field notes' table after the other: what the
//! box notices, what its mail says, and that every byte written before is read back.

mod buses;
mod errors;
mod losses;
mod quiet;

use anyhow::{Context, Result, ensure};
use preau_lab::{Lab, Mail, Smb, Stored, mib};

/// Files of different sizes, since a file's name and contents follow from its size.
#[derive(Debug, Default)]
struct Files {
    all: Vec<Stored>,
}

impl Files {
    /// Puts one more file of about `bytes` on the share.
    async fn add(&mut self, share: &Smb, bytes: u64) -> Result<Stored> {
        let bytes = bytes + 4096 * self.all.len() as u64;
        let stored = share.put_random(bytes).await?;
        self.all.push(stored.clone());
        Ok(stored)
    }

    /// Every byte that was written is read back.
    async fn assert_held(&self, share: &Smb) -> Result<()> {
        for stored in &self.all {
            share.assert_holds(stored).await?;
        }
        Ok(())
    }
}

/// The share, with a first file on it.
async fn with_files(lab: &Lab) -> Result<(Smb, Files)> {
    let share = lab.smb("commun")?;
    let mut files = Files::default();
    files.add(&share, mib(8)).await?;
    Ok((share, files))
}

/// The mail names the bay and the end of the serial number.
fn assert_names(mail: &Mail, bay: &str, serial: &str) -> Result<()> {
    let number = bay.strip_prefix("bay").unwrap_or(bay);
    let end = &serial[serial.len() - 4..];
    for part in [&format!("baie {number}"), end] {
        ensure!(
            mail.text.contains(part),
            "the mail does not name {part:?}:\n{}",
            mail.text
        );
    }
    Ok(())
}

/// The serial number of the disk in a bay.
fn serial(lab: &Lab, bay: &str) -> Result<String> {
    let disk = lab.disk(bay).label();
    Ok(disk.with_context(|| format!("the disk in {bay}"))?.serial)
}
