//! One emulated box: a card with the release image, bays with disks, a network.
//!
//! A [`Plan`] says what to build; [`media`] makes the files, [`arguments`] turns
//! plan and bays into QEMU's argument list (pure), and [`Machine`] is the running
//! thing: its monitor (QMP), its guest agent, its serial log. Everything lives in
//! one folder, so that another process can find the monitor's socket there and
//! change disks ([`Bays`]), and so that a failed story leaves its evidence.

mod arguments;
mod asleep;
mod bays;
mod faults;
mod media;
mod power;
mod refresh;
mod sockets;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

pub use self::{
    bays::{Bay, Bays, Disk},
    faults::Fault,
    media::Card,
    power::Replayed,
    sockets::Socket,
};
use crate::{
    agent::Guest,
    process::Service,
    qmp::{Qmp, wait_for_event},
    tools,
    wait::secs,
};

/// The monitor that the lab itself holds.
const CONTROL: &str = "control.sock";
/// The monitor for other programs: QEMU serves one client on each socket.
pub const MONITOR: &str = "qmp.sock";
/// What the guest wrote on its serial line.
pub const SERIAL: &str = "serial.log";
/// What QEMU itself said.
pub const QEMU_LOG: &str = "qemu.log";

/// Where the box's services are reached on this machine's loopback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    /// Port 80 of the box.
    pub http: u16,
    /// Port 443 of the box.
    pub https: u16,
    /// Port 445 of the box.
    pub smb: u16,
}

impl Ports {
    /// Three ports that nobody uses right now.
    pub fn free() -> Result<Self> {
        let [http, https, smb] = free_ports()?;
        Ok(Self { http, https, smb })
    }
}

/// `N` different ports of the loopback that nobody uses right now.
pub fn free_ports<const N: usize>() -> Result<[u16; N]> {
    // All are held before the first is let go, so that they differ.
    let held: Vec<TcpListener> = (0..N)
        .map(|_| TcpListener::bind(("127.0.0.1", 0)))
        .collect::<Result<_, _>>()
        .context("looking for free ports")?;
    let mut ports = [0; N];
    for (port, listener) in ports.iter_mut().zip(&held) {
        *port = listener.local_addr()?.port();
    }
    Ok(ports)
}

/// What a machine is made of.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The folder of the built image: `card.img` and `u-boot.bin`.
    pub image: PathBuf,
    /// The machine's own folder, made if missing.
    pub folder: PathBuf,
    /// How the card is kept.
    pub card: Card,
    /// Blank disks for bays that have never held one, by name (`bay1`).
    pub blank: Vec<(String, u64)>,
    /// Disks made beforehand, by bay: a raw file that becomes the machine's.
    pub used: Vec<(String, PathBuf)>,
    /// Bays that do not hang on the virtio-scsi controller.
    pub sockets: Vec<(String, Socket)>,
    /// Where the box is reached.
    pub ports: Ports,
}

/// A running box. Dropped, it is switched off at once.
#[derive(Debug)]
pub struct Machine {
    plan: Plan,
    qemu: Service,
    qmp: Qmp,
    guest: Guest,
}

impl Machine {
    /// Makes the files that are missing and switches the box on.
    pub async fn start(plan: Plan) -> Result<Self> {
        media::prepare(&plan).await?;
        let (qemu, qmp) = switch_on(&plan, None).await?;
        let guest = Guest::new(&plan.folder);
        Ok(Self {
            plan,
            qemu,
            qmp,
            guest,
        })
    }

    /// The folder with the machine's files.
    pub fn folder(&self) -> &Path {
        &self.plan.folder
    }

    /// Where the box is reached.
    pub fn ports(&self) -> Ports {
        self.plan.ports
    }

    /// The inside of the box.
    pub fn guest(&self) -> &Guest {
        &self.guest
    }

    /// The monitor.
    pub fn qmp(&self) -> &Qmp {
        &self.qmp
    }

    /// QEMU's process.
    pub fn pid(&self) -> Option<u32> {
        self.qemu.pid()
    }

    /// The bay called `name`.
    pub fn bay<'a>(&'a self, name: &'a str) -> Bay<'a> {
        Bay::new(&self.qmp, &self.plan.folder, name)
    }

    /// What the guest wrote on its serial line since the machine's folder was made.
    pub fn serial_log(&self) -> Result<String> {
        let bytes =
            std::fs::read(self.plan.folder.join(SERIAL)).context("reading the serial log")?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// An error with QEMU's own words if it is no longer running.
    pub fn check_alive(&mut self) -> Result<()> {
        self.qemu.check_alive()
    }

    /// Asks the guest to restart, as a person would, and waits until it begins again.
    pub async fn reboot(&self) -> Result<()> {
        let mut events = self.qmp.events();
        // The answer never comes back: the guest is gone by then.
        self.guest
            .start_and_forget("/usr/bin/systemctl", ["reboot"])
            .await?;
        wait_for_event(&mut events, "the guest to restart", secs(120), |e| {
            e.event == "RESET"
        })
        .await?;
        self.guest.forget_connection().await;
        Ok(())
    }

    /// Asks the guest to switch itself off, and waits until it has.
    pub async fn shut_down(mut self, limit: Duration) -> Result<()> {
        self.guest
            .start_and_forget("/usr/bin/systemctl", ["poweroff"])
            .await?;
        self.qemu.wait(limit).await
    }

    /// Asks the guest to switch itself off, and waits until it has. Its files stay, for
    /// [`Machine::start_with_blank_card`].
    pub async fn switch_off(&mut self, limit: Duration) -> Result<()> {
        self.guest
            .start_and_forget("/usr/bin/systemctl", ["poweroff"])
            .await?;
        self.qemu.wait(limit).await
    }

    /// Switches the box on again with the same disks and a card that was never used.
    pub async fn start_with_blank_card(&mut self) -> Result<()> {
        media::replace_card(&self.plan).await?;
        self.start_again().await
    }

    /// Switches a new box on: a card that was never used, and a blank disk in the place
    /// of each.
    pub async fn start_with_all_blank(&mut self) -> Result<()> {
        self.change_bays(|bays| bays.replace_all_with_blanks(&self.plan.folder))?;
        self.start_with_blank_card().await
    }

    /// Takes the power away and gives it back.
    ///
    /// Needs a card of the kind [`Card::Logged`]: see [`power`] for what is lost.
    pub async fn cut_power(&mut self) -> Result<Vec<Replayed>> {
        self.cut_power_and(|_| Ok(())).await
    }

    /// The same, with `hands` changing what is in the bays before it is given back.
    pub async fn cut_power_and(
        &mut self,
        hands: impl FnOnce(&mut Bays) -> Result<()>,
    ) -> Result<Vec<Replayed>> {
        self.qemu.kill().await?;
        let replayed = media::lose_unflushed(&self.plan).await?;
        self.change_bays(hands)?;
        self.start_again().await?;
        Ok(replayed)
    }

    /// Pulls the box's plug and puts it back. What the disks took is there; for a cut
    /// that loses what nobody asked to keep see [`Machine::cut_power`].
    pub async fn pull_plug(&mut self) -> Result<()> {
        self.qemu.kill().await?;
        self.start_again().await
    }

    /// Lets the guest switch itself off, lets `hands` change what is in the bays, and
    /// switches the box on again.
    pub async fn while_off(&mut self, hands: impl FnOnce(&mut Bays) -> Result<()>) -> Result<()> {
        self.guest
            .start_and_forget("/usr/bin/systemctl", ["poweroff"])
            .await?;
        self.qemu.wait(secs(120)).await?;
        self.change_bays(hands)?;
        self.start_again().await
    }

    /// Lets `hands` change what is in the bays of the machine that is off.
    fn change_bays(&self, hands: impl FnOnce(&mut Bays) -> Result<()>) -> Result<()> {
        let mut bays = Bays::load(&self.plan.folder)?;
        hands(&mut bays)?;
        bays.save(&self.plan.folder)
    }

    async fn start_again(&mut self) -> Result<()> {
        let (qemu, qmp) = switch_on(&self.plan, None).await?;
        self.qemu = qemu;
        self.qmp = qmp;
        self.guest.forget_connection().await;
        Ok(())
    }

    /// Switches the box off at once and keeps its files.
    pub async fn kill(&mut self) -> Result<()> {
        self.qemu.kill().await
    }
}

/// Starts QEMU; `memory` is what a machine that was put to sleep had in mind.
async fn switch_on(plan: &Plan, memory: Option<&Path>) -> Result<(Service, Qmp)> {
    let bays = Bays::load(&plan.folder)?;
    let mut args = arguments::qemu(plan, &bays);
    if let Some(memory) = memory {
        args.extend(["-incoming".to_owned(), format!("file:{}", memory.display())]);
    }
    for socket in [CONTROL, MONITOR, Guest::SOCKET] {
        match std::fs::remove_file(plan.folder.join(socket)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("removing an old {socket}"));
            }
            _ => {}
        }
    }
    let mut qemu = Service::start(tools::QEMU, args, &plan.folder, &plan.folder.join(QEMU_LOG))?;
    match Qmp::connect(&plan.folder, CONTROL).await {
        Ok(qmp) => Ok((qemu, qmp)),
        Err(error) => {
            qemu.check_alive()?;
            Err(error)
        }
    }
}
