//! What a person reads before the page can be trusted: the claim notice, on the
//! console and as a file on the card's boot partition, which any computer opens.
//! The partition is mounted read-only except for the moment of writing.

use crate::command::Command;
use crate::durable::sync_folder;
use crate::machine::Machine;
use crate::system::{Change, HostError};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

const BOOT: &str = "boot/firmware";
const NOTICE: &str = "code-du-boitier.txt";

/// The notice as Windows' Notepad reads it: byte order mark, CR LF.
fn for_notepad(notice: &str) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    for line in notice.lines() {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text.into_bytes()
}

impl Machine {
    pub(crate) async fn keep_claim_notice(
        &self,
        notice: Option<&str>,
    ) -> Result<Change, HostError> {
        if let Some(notice) = notice {
            print_on_console(&self.path("dev/console"), notice);
        }
        let path = self.path(BOOT).join(NOTICE);
        let wanted = notice.map(for_notepad);
        let found = match fs::read(&path) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(source) => {
                return Err(HostError::File {
                    act: "reading",
                    path,
                    source,
                });
            }
        };
        if found == wanted {
            return Ok(Change::Unchanged);
        }
        self.remount_boot("remount,rw").await?;
        let written = replace_on_fat(&path, wanted.as_deref());
        // Back to read-only in any case; the first failure is the one told.
        let closed = self.remount_boot("remount,ro").await;
        written.map_err(|source| HostError::File {
            act: "writing",
            path,
            source,
        })?;
        closed?;
        Ok(Change::Changed)
    }

    async fn remount_boot(&self, how: &str) -> Result<(), HostError> {
        if !self.is_real() {
            return Ok(());
        }
        Command::new("/usr/bin/mount")
            .args(["--options", how])
            .arg(self.path(BOOT))
            .run()
            .await?;
        Ok(())
    }
}

/// FAT has no permissions to set, so this is not `write_durably`.
fn replace_on_fat(path: &Path, bytes: Option<&[u8]>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    match bytes {
        Some(bytes) => {
            let temporary = folder.join("preau.new");
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&temporary, path)?;
        }
        None => fs::remove_file(path)?,
    }
    sync_folder(folder)
}

/// A box without a console still works: what fails here is only noted.
fn print_on_console(console: &Path, notice: &str) {
    let printed = OpenOptions::new()
        .write(true)
        .open(console)
        .and_then(|mut console| {
            let lines = notice.replace('\n', "\r\n");
            write!(console, "\r\n{lines}\r\n")
        });
    if let Err(error) = printed {
        tracing::warn!(%error, "the console does not show the notice");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[tokio::test]
    async fn the_notice_is_shown_until_the_box_has_an_owner() {
        let folder = Folder::new("notice");
        fs::create_dir_all(folder.path().join(BOOT)).unwrap();
        let machine = Machine::below(folder.path());
        let show = async |notice| machine.keep_claim_notice(notice).await.unwrap();
        assert_eq!(show(Some("Code : 123\nÀ lire")).await, Change::Changed);
        assert_eq!(show(Some("Code : 123\nÀ lire")).await, Change::Unchanged);
        let file = folder.path().join(BOOT).join(NOTICE);
        let bytes = fs::read(&file).unwrap();
        assert_eq!(bytes, "\u{feff}Code : 123\r\nÀ lire\r\n".as_bytes());
        assert_eq!(show(None).await, Change::Changed);
        assert_eq!(show(None).await, Change::Unchanged);
        assert!(!file.exists());
    }
}
