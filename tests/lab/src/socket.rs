//! Unix sockets in folders with long names.
//!
//! A socket's path holds 107 bytes at most, and a checkout may lie deep. QEMU is
//! therefore started inside the machine's folder with relative names, and this
//! side goes through `/proc/self/fd/N`, which is short wherever the folder is.

use std::{fs::File, os::fd::AsRawFd, path::Path};

use anyhow::{Context, Result};
use tokio::net::UnixStream;

/// Connects to the socket `name` in `folder`.
pub async fn connect(folder: &Path, name: &str) -> Result<UnixStream> {
    let dir = File::open(folder).with_context(|| format!("opening {}", folder.display()))?;
    UnixStream::connect(format!("/proc/self/fd/{}/{name}", dir.as_raw_fd()))
        .await
        .with_context(|| format!("connecting to {}", folder.join(name).display()))
}
