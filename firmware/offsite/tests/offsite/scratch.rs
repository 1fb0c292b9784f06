//! A folder, and a small disk, that are gone at the end of a test.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("preau-offsite-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn join(&self, below: &str) -> PathBuf {
        self.0.join(below)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A failed test leaves its folder to be looked at.
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// A small disk in memory.
pub struct Mounted(PathBuf);

impl Mounted {
    /// Makes the folder and mounts it there.
    pub fn new(at: &Path, size: &str) -> Self {
        fs::create_dir(at).unwrap();
        let status = Command::new("/usr/bin/mount")
            .args(["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"])
            .arg(at)
            .status()
            .unwrap();
        assert!(status.success());
        Self(at.into())
    }

    pub fn grow(&self, size: &str) {
        let status = Command::new("/usr/bin/mount")
            .args(["-o", &format!("remount,size={size}")])
            .arg(&self.0)
            .status()
            .unwrap();
        assert!(status.success());
    }

    fn filler(&self) -> PathBuf {
        self.0.join("filler")
    }

    /// Fills it, but for so many bytes and what is less than a page.
    pub fn fill_but(&self, left: u64) {
        let facts = rustix::fs::statvfs(&self.0).unwrap();
        let mut room = (facts.f_bavail * facts.f_frsize).saturating_sub(left);
        let mut file = fs::File::create(self.filler()).unwrap();
        let piece = [1; 4096];
        while room > 0 && file.write(&piece).is_ok() {
            room = room.saturating_sub(piece.len() as u64);
        }
    }

    pub fn make_room(&self) {
        fs::remove_file(self.filler()).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("/usr/bin/umount").arg(&self.0).status();
    }
}
