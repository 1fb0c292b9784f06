//! Windows file sharing, through Debian's `smbclient`: SMB3 only, signed.
//!
//! Files are random but repeatable: their contents follow from a seed, their
//! SHA-256 is computed on this side before they leave.

use std::{
    fs::File,
    io::{BufWriter, Write},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use crate::{
    process::{output, run},
    tools,
    wait::{mins, secs},
};

/// A file that was put on a share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its name there.
    pub name: String,
    /// SHA-256 of its contents.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
}

/// One person's view of one share.
#[derive(Debug, Clone)]
pub struct Smb {
    share: String,
    port: u16,
    folder: PathBuf,
    account: PathBuf,
}

impl Smb {
    /// The share `name`, reached at `port` with an account; local files go to `folder`.
    pub fn new(folder: &Path, port: u16, name: &str, login: &str, password: &str) -> Result<Self> {
        let folder = folder.join("smb");
        std::fs::create_dir_all(&folder)?;
        let account = folder.join(format!("{login}.account"));
        let mut file = File::options()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&account)
            .with_context(|| format!("writing {}", account.display()))?;
        write!(
            file,
            "username = {login}\npassword = {password}\ndomain = WORKGROUP\n"
        )?;
        Ok(Self {
            share: name.to_owned(),
            port,
            folder,
            account,
        })
    }

    /// Puts a file of `bytes` random bytes on the share.
    pub async fn put_random(&self, bytes: u64) -> Result<Stored> {
        let file = self.make_random(bytes)?;
        self.command(&self.put(&file), mins(5)).await?;
        Ok(file)
    }

    /// Puts `count` files of about `bytes` random bytes on the share, one after the
    /// other over one connection, and returns how long that took from the first on.
    pub async fn put_many(&self, count: u64, bytes: u64) -> Result<Duration> {
        let mut commands = vec![];
        for number in 0..count {
            commands.push(self.put(&self.make_random(bytes + number)?));
        }
        let start = Instant::now();
        self.command(&commands.join("; "), mins(20)).await?;
        Ok(start.elapsed())
    }

    /// A file on this machine, not on the share; its name follows from its size.
    pub fn make_random(&self, bytes: u64) -> Result<Stored> {
        let name = format!("photos-{bytes}.bin");
        let sha256 = write_random(&self.folder.join(&name), bytes)?;
        Ok(Stored {
            name,
            sha256,
            bytes,
        })
    }

    /// smbclient's command that puts it.
    fn put(&self, file: &Stored) -> String {
        format!("put {} {}", self.original(file).display(), file.name)
    }

    /// Where this machine keeps what was put.
    pub fn original(&self, stored: &Stored) -> PathBuf {
        self.folder.join(&stored.name)
    }

    /// Gets a file back and compares it with what was put.
    pub async fn assert_holds(&self, stored: &Stored) -> Result<()> {
        let local = format!("{}.back", stored.name.replace('/', "-"));
        let local = self.folder.join(local);
        let get = format!("get \"{}\" \"{}\"", stored.name, local.display());
        self.command(&get, mins(5)).await?;
        let found = sha256_of(&local)?;
        ensure!(
            found == stored.sha256,
            "{} came back different: {found}, not {}",
            stored.name,
            stored.sha256
        );
        std::fs::remove_file(&local)?;
        Ok(())
    }

    /// The `block`th 4,096 bytes of a file that was put, as they were sent.
    pub(crate) fn block_of(&self, stored: &Stored, block: u64) -> Result<Vec<u8>> {
        const BLOCK: usize = 4096;
        let path = self.folder.join(&stored.name);
        let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
        let mut bytes = vec![0; BLOCK];
        file.read_exact_at(&mut bytes, block * BLOCK as u64)
            .with_context(|| format!("reading block {block} of {}", path.display()))?;
        Ok(bytes)
    }

    /// Deletes a file that was put.
    pub async fn remove(&self, stored: &Stored) -> Result<()> {
        self.command(&format!("del {}", stored.name), secs(60))
            .await
            .map(drop)
    }

    /// Gives a file that was put another name.
    pub async fn rename(&self, stored: &Stored, name: &str) -> Result<Stored> {
        self.command(&format!("rename {} \"{name}\"", stored.name), secs(60))
            .await?;
        let renamed = self.folder.join(name);
        std::fs::rename(self.original(stored), &renamed)
            .with_context(|| format!("renaming to {}", renamed.display()))?;
        Ok(Stored {
            name: name.to_owned(),
            ..stored.clone()
        })
    }

    /// The names on the share.
    pub async fn list(&self) -> Result<String> {
        self.command("ls", secs(60)).await
    }

    /// What the server says to a client that tries something it must not allow.
    pub async fn refusal(&self, options: &[&str]) -> Result<String> {
        let mut args = self.args("ls");
        args.extend(options.iter().map(|option| (*option).to_owned()));
        let output = output(tools::SMBCLIENT, args, secs(60)).await?;
        ensure!(!output.status.success(), "the server allowed {options:?}");
        Ok(format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))
    }

    async fn command(&self, command: &str, limit: Duration) -> Result<String> {
        let out = run(tools::SMBCLIENT, self.args(command), limit)
            .await
            .with_context(|| format!("{command} on the share {}", self.share))?;
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    /// `command` is smbclient's own language; the lab's names have no odd characters.
    fn args(&self, command: &str) -> Vec<String> {
        let account = self.account.to_string_lossy().into_owned();
        [
            &format!("//127.0.0.1/{}", self.share),
            "-p",
            &self.port.to_string(),
            "-A",
            &account,
            "-m",
            "SMB3",
            "--option=client min protocol=SMB3",
            "--client-protection=sign",
            // Each request; the default of 20 s is short for an emulated machine
            // that shares two cores.
            "--timeout=120",
            "-c",
            command,
        ]
        .map(str::to_owned)
        .to_vec()
    }
}

/// Writes pseudo-random bytes (xorshift64*, seeded by the length) and returns their SHA-256.
fn write_random(path: &Path, bytes: u64) -> Result<String> {
    let file = File::create(path).with_context(|| format!("writing {}", path.display()))?;
    let mut writer = BufWriter::new(file);
    let mut digest = Sha256::new();
    let (mut state, mut left) = (bytes | 1, bytes);
    while left > 0 {
        let mut block = [0; 4096];
        for chunk in block.chunks_exact_mut(8) {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            chunk.copy_from_slice(&state.wrapping_mul(0x2545_F491_4F6C_DD1D).to_le_bytes());
        }
        let take = usize::try_from(left.min(4096))?;
        digest.update(&block[..take]);
        writer.write_all(&block[..take])?;
        left -= take as u64;
    }
    writer.flush()?;
    Ok(hex(&digest.finalize()))
}

/// SHA-256 of a file, in hexadecimal.
pub fn sha256_of(path: &Path) -> Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path).with_context(|| format!("opening {}", path.display()))?;
    let mut block = vec![0; 1 << 20];
    loop {
        let read = std::io::Read::read(&mut file, &mut block)?;
        if read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&block[..read]);
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_files_are_of_the_size_asked_for_and_repeatable() {
        let path = std::env::temp_dir().join(format!("preau-random-{}", std::process::id()));
        let first = write_random(&path, 10_001).unwrap();
        assert_eq!(path.metadata().unwrap().len(), 10_001);
        assert_eq!(sha256_of(&path).unwrap(), first);
        assert_eq!(write_random(&path, 10_001).unwrap(), first);
        std::fs::remove_file(&path).unwrap();
    }
}
