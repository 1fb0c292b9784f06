//! Files that are whole or not there at all, whatever the moment of a power cut:
//! a temporary file in the same folder, fsync, rename, fsync of the folder.

use crate::system::HostError;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Replaces the file at `path` by `bytes`, with the permissions `mode` whatever
/// the umask. Returns once it is on stable storage.
///
/// # Errors
/// When the folder is not there, full, or read-only; the old file is then as it was.
pub fn write_durably(path: &Path, bytes: &[u8], mode: u32) -> Result<(), HostError> {
    let failed = |source| HostError::File {
        act: "writing",
        path: path.to_owned(),
        source,
    };
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(failed(io::ErrorKind::InvalidInput.into()));
    };
    // One name per file: what a cut left behind is overwritten by the next try.
    let mut temporary_name = std::ffi::OsString::from(".");
    temporary_name.push(name);
    temporary_name.push(".new");
    let temporary = folder.join(temporary_name);
    let written = write_synced(&temporary, bytes, mode)
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| sync_folder(folder));
    if written.is_err() && temporary.exists() {
        // The write has failed already and says so; this only tidies.
        let _ = fs::remove_file(&temporary);
    }
    written.map_err(failed)
}

fn write_synced(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    // `create_new` follows no link and opens nothing that somebody else made;
    // 0600 until the content is there.
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    file.sync_all()
}

/// Removes the file at `path`, if it is there. Returns once that is on stable storage.
///
/// # Errors
/// When the folder is read-only.
pub fn remove_durably(path: &Path) -> Result<(), HostError> {
    let removed = match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(()) => path.parent().map_or(Ok(()), sync_folder),
    };
    removed.map_err(|source| HostError::File {
        act: "removing",
        path: path.to_owned(),
        source,
    })
}

/// Makes a rename or a removal in `folder` outlive a power cut.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Folder;

    #[test]
    fn a_file_is_replaced_whole_and_with_its_mode() {
        let folder = Folder::new("durable");
        let path = folder.path().join("settings.json");
        write_durably(&path, b"old", 0o644).unwrap();
        write_durably(&path, b"new", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_power_cut_left_behind_is_no_obstacle() {
        let folder = Folder::new("durable-left");
        let path = folder.path().join("settings.json");
        fs::create_dir_all(folder.path()).unwrap();
        File::create(folder.path().join(".settings.json.new")).unwrap();
        write_durably(&path, b"new", 0o600).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_missing_folder_is_an_error_that_names_the_file() {
        let error = write_durably(Path::new("/nonexistent/x"), b"", 0o600).unwrap_err();
        assert_eq!(error.to_string(), "writing /nonexistent/x");
    }
}
