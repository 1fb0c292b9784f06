//! Where stories begin. Starting the box takes half a minute under emulation and the
//! set-up most of another, so both are done once: the box sleeps right after, and every
//! story wakes up one of its own.

use std::{net::TcpListener, path::PathBuf};

use anyhow::{Context, Result};
use tokio::sync::OnceCell;

use crate::{
    lab::{Lab, LabBuilder},
    machine::Socket,
    wait::mib,
};

/// The disks of [`mirror`]: small, so that a mirror is copied in seconds.
const DISK: u64 = mib(256);

/// A box that sleeps.
#[derive(Debug)]
pub(crate) struct Beginning {
    /// The machine's and the mail server's files.
    pub(crate) folder: PathBuf,
    /// The ports of the mail server that it was told of.
    pub(crate) mail_ports: Option<[u16; 2]>,
    /// What the administrator's client is known by.
    pub(crate) session: Option<String>,
    /// The words on its recovery sheet.
    pub(crate) words: Vec<String>,
}

static STARTED: OnceCell<Beginning> = OnceCell::const_new();
static MIRROR: OnceCell<Beginning> = OnceCell::const_new();

/// A box that was switched on for the first time, without a disk.
pub(crate) async fn started() -> Result<&'static Beginning> {
    STARTED
        .get_or_try_init(start)
        .await
        .context("starting a box for all stories")
}

/// A box that was set up: a whole mirror in `bay1` and `bay2`, and mail that arrives.
pub(crate) async fn mirror() -> Result<&'static Beginning> {
    MIRROR
        .get_or_try_init(set_up)
        .await
        .context("setting up a box for all stories")
}

/// With every kind of socket that a disk can be plugged into while it runs: a machine that
/// wakes up is built like the one that fell asleep.
fn lab(name: &str) -> LabBuilder {
    Lab::new(name)
        .socket("bay3", Socket::Nvme)
        .socket("bay4", Socket::Virtio)
        .socket("bay5", Socket::Usb)
}

async fn start() -> Result<Beginning> {
    let (lab, _) = lab("asleep-started").start_from_power_on().await?;
    Ok(Beginning {
        folder: lab.sleep().await?,
        mail_ports: None,
        session: None,
        words: vec![],
    })
}

async fn set_up() -> Result<Beginning> {
    let mail_ports = steady_ports()?;
    let lab = lab("asleep-mirror")
        .disk_size(DISK)
        .disks(["bay1", "bay2"])
        .mail_ports(mail_ports)
        .start()
        .await?;
    let words = lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    let session = lab.nas().session();
    Ok(Beginning {
        folder: lab.sleep().await?,
        mail_ports: Some(mail_ports),
        session,
        words,
    })
}

/// Two ports of the loopback that nobody uses, and that nobody who asks for any port is
/// given: the mail servers of one story after the other listen on them.
fn steady_ports() -> Result<[u16; 2]> {
    /// Where the kernel begins with those that it gives (`ip_local_port_range`).
    const GIVEN: u16 = 32_768;
    const LOWEST: u16 = 20_000;
    let first = LOWEST + u16::try_from(std::process::id() % 10_000)?;
    let mut free = (first..GIVEN).filter(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    let two = free.next().zip(free.next());
    let (starttls, implicit) = two.context("all ports for mail servers are taken")?;
    Ok([starttls, implicit])
}
