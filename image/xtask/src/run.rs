//! `cargo xtask run`: builds what changed, starts a mail server and the box, says
//! how to reach them, and keeps both until Ctrl-C.
//!
//! Everything of a box is in its state folder: card, disks, mails, the sockets
//! that drive the machine, and `box.json` ([`State`]), in which `cargo xtask disk`
//! and `mail` find the rest. The card and the disks outlive the run.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use preau_lab::machine::{Card, MONITOR, Plan, Ports, SERIAL, free_ports};
use preau_lab::mail::{self, MailServer, Recipients};
use preau_lab::wait::Look;
use preau_lab::{Machine, claim, mib, mins, secs, wait_until};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::files;
use crate::image;
use crate::inside;
use crate::paths::Paths;

/// What `cargo xtask run` is told.
#[derive(Args)]
pub struct RunArgs {
    /// Start with a new card and empty disks
    #[arg(long)]
    pub fresh: bool,
    /// Do not show the box's console
    #[arg(long)]
    pub headless: bool,
    /// How many empty disks the box has
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=8))]
    pub disks: u8,
    /// The size of a disk, for example 512M or 4G
    #[arg(long, default_value = "1G")]
    pub disk_size: String,
    /// The port of this machine that leads to the box's port 80
    #[arg(long, default_value_t = 8080)]
    pub http_port: u16,
    /// The port of this machine that leads to the box's page
    #[arg(long, default_value_t = 8443)]
    pub https_port: u16,
    /// The port of this machine that leads to the box's files
    #[arg(long, default_value_t = 4450)]
    pub smb_port: u16,
    /// Keeps card, disks, mails and sockets in this folder
    #[arg(long)]
    pub state: Option<PathBuf>,
}

/// A card that leaves a data partition as large as a small real card's.
const CARD: u64 = mib(4096);
/// How long a boot may take before something is wrong.
const BOOT: Duration = mins(4);

/// What other commands need to know of a box.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// Where the box is reached.
    ports: Ports,
    /// The mail server's ports; the box keeps them in its settings, so they stay.
    mail: [u16; 2],
}

impl State {
    const FILE: &str = "box.json";

    fn load(folder: &Path) -> Result<Option<Self>> {
        let path = folder.join(Self::FILE);
        if !path.exists() {
            return Ok(None);
        }
        serde_json::from_str(&files::read(&path)?)
            .with_context(|| format!("reading {}", path.display()))
            .map(Some)
    }

    fn save(&self, folder: &Path) -> Result<()> {
        files::write(&folder.join(Self::FILE), serde_json::to_vec_pretty(self)?)
    }
}

/// The state folder that a command means.
pub fn state_folder(state: Option<&Path>, paths: &Paths) -> PathBuf {
    state.map_or_else(|| paths.default_state(), |state| paths.absolute(state))
}

/// Boots the box.
pub fn run(args: RunArgs, paths: &Paths) -> Result<()> {
    let size = parse_size(&args.disk_size)?;
    let folder = state_folder(args.state.as_deref(), paths);
    inside::ensure_inside(paths, std::slice::from_ref(&folder))?;
    files::make_folder(&folder)?;
    let _held = hold(&folder)?;
    if args.fresh {
        forget(&folder)?;
    }
    let image = image::ensure(paths, image::QEMU_BOARD)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("starting the runtime")?
        .block_on(boot(args, size, &folder, image))
}

async fn boot(args: RunArgs, size: u64, folder: &Path, image: PathBuf) -> Result<()> {
    let mut stop = Stop::listen()?;
    let state = State {
        ports: Ports {
            http: args.http_port,
            https: args.https_port,
            smb: args.smb_port,
        },
        mail: match State::load(folder)? {
            Some(known) => known.mail,
            None => free_ports()?,
        },
    };
    state.save(folder)?;
    let mut server = MailServer::start(&folder.join("mail"), state.mail).await?;
    let plan = Plan {
        image,
        folder: folder.to_owned(),
        card: Card::Kept { bytes: CARD },
        blank: (1..=args.disks)
            .map(|n| (format!("bay{n}"), size))
            .collect(),
        used: vec![],
        sockets: vec![],
        ports: state.ports,
    };
    let shown = folder.join(SERIAL);
    let before = shown.metadata().map_or(0, |found| found.len());
    println!("  the box boots; Ctrl-C stops it");
    let mut machine = Machine::start(plan).await?;
    let mut console = Console::new(&shown, before, args.headless);
    let ready = tokio::select! {
        ready = wait_for_page(state.ports.http) => Some(ready),
        shown = console.follow() => Some(shown),
        () = stop.wanted() => None,
    };
    match ready {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            machine.check_alive()?;
            return Err(error);
        }
        None => return end(machine, &mut server, &mut stop).await,
    }
    explain(folder, &state, &machine, &server).await?;
    loop {
        tokio::select! {
            () = stop.wanted() => break,
            shown = console.follow() => shown?,
            ended = wait_for_end(&mut machine) => {
                ended?;
                println!("\nThe box has switched itself off.");
                return server.stop().await;
            }
        }
    }
    end(machine, &mut server, &mut stop).await
}

/// Asks the box to switch itself off; a second Ctrl-C does not wait for it.
async fn end(machine: Machine, server: &mut MailServer, stop: &mut Stop) -> Result<()> {
    println!("\nThe box switches itself off (Ctrl-C again: at once).");
    tokio::select! {
        done = machine.shut_down(secs(60)) => if let Err(error) = done {
            println!("It was stopped: {error:#}");
        },
        () = stop.wanted() => {}
    }
    server.stop().await
}

/// Waits until the machine is off by itself.
async fn wait_for_end(machine: &mut Machine) -> Result<()> {
    let mut events = machine.qmp().events();
    while let Ok(event) = events.recv().await {
        if event.event == "SHUTDOWN" && event.data["reason"] != "guest-reset" {
            break;
        }
    }
    Ok(())
}

/// Port 80 answers last: the page is up once it does.
async fn wait_for_page(port: u16) -> Result<()> {
    wait_until("the box's page to answer", BOOT, || async {
        Ok(match ask(port).await {
            Ok(true) => Look::Found(()),
            Ok(false) => Look::NotYet("no answer".to_owned()),
            Err(error) => Look::NotYet(format!("{error:#}")),
        })
    })
    .await
}

async fn ask(port: u16) -> Result<bool> {
    let request = async {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await?;
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: preau.local\r\nConnection: close\r\n\r\n")
            .await?;
        let mut start = [0; 5];
        stream.read_exact(&mut start).await?;
        Ok(&start == b"HTTP/")
    };
    tokio::time::timeout(secs(5), request)
        .await
        .context("the box does not answer yet")?
}

/// Says everything that a person needs to go on.
async fn explain(
    folder: &Path,
    state: &State,
    machine: &Machine,
    server: &MailServer,
) -> Result<()> {
    machine.guest().wait_up(BOOT).await?;
    let option = format!(" --state {}", folder.display());
    let Ports { http, https, smb } = state.ports;
    println!(
        "\nPage      https://localhost:{https}/  (the browser warns once: the box made its own certificate)"
    );
    println!("          http://localhost:{http}/ explains why, and offers the box's authority");
    match claim::claim_code(machine).await {
        Ok(code) => println!("Code      {code}"),
        Err(_) => {
            println!("Code      none: this box already has an owner (--fresh makes a new one)")
        }
    }
    println!("Files     smb://localhost:{smb}/commun");
    println!(
        "\nMail      host {}, port {} (STARTTLS) or {} (TLS)",
        mail::HOST,
        server.starttls_port(),
        server.implicit_port()
    );
    println!(
        "          login {}, password {}, to any address, e.g. {}",
        mail::LOGIN,
        mail::PASSWORD,
        Recipients::HEAD
    );
    println!(
        "          authority to paste: {}",
        folder.join("mail/tls/authority.pem").display()
    );
    println!(
        "          arrives in {}",
        server.mailbox().files().display()
    );
    println!("          cargo xtask mail list{option}");
    println!("          cargo xtask mail read 1{option}");
    println!("\nDisks     cargo xtask disk pull bay2{option}");
    println!("          cargo xtask disk insert bay2 --blank{option}");
    println!("Console   {}", folder.join(SERIAL).display());
    println!("Monitor   {} (QMP)", folder.join(MONITOR).display());
    println!(
        "\nCtrl-C stops the box; its card and disks are kept in {}",
        folder.display()
    );
    std::io::stdout().flush().context("writing to the terminal")
}

/// Ctrl-C, or a polite request of another program.
struct Stop {
    interrupt: Signal,
    terminate: Signal,
}

impl Stop {
    fn listen() -> Result<Self> {
        let listen = |kind| signal(kind).context("listening for Ctrl-C");
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn wanted(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// The box's serial console, shown as it grows.
struct Console {
    path: PathBuf,
    at: u64,
    hidden: bool,
}

impl Console {
    fn new(path: &Path, at: u64, hidden: bool) -> Self {
        Self {
            path: path.to_owned(),
            at,
            hidden,
        }
    }

    /// Shows what is new from time to time; ends only when it cannot go on.
    async fn follow(&mut self) -> Result<()> {
        if self.hidden {
            std::future::pending::<()>().await;
        }
        let mut ticks = tokio::time::interval(Duration::from_millis(250));
        loop {
            ticks.tick().await;
            let found = self.path.metadata().map_or(0, |found| found.len());
            if found > self.at {
                let mut file = File::open(&self.path).context("reading the console")?;
                file.seek(SeekFrom::Start(self.at))?;
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                self.at += bytes.len() as u64;
                let mut out = std::io::stdout().lock();
                out.write_all(&bytes)?;
                out.flush()?;
            }
        }
    }
}

/// One box in a folder at a time.
fn hold(folder: &Path) -> Result<File> {
    let path = folder.join("lock");
    let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        bail!(
            "a box already runs in {}: stop it, or choose another --state",
            folder.display()
        );
    }
    Ok(file)
}

/// Removes a box's own files from its folder, and nothing else that lies there.
fn forget(folder: &Path) -> Result<()> {
    const OWN: [&str; 5] = ["card.", "bay", "box.json", "serial.log", "qemu.log"];
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("listing {}", folder.display()))?
    {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name == "mail" || OWN.iter().any(|own| name.starts_with(own)) {
            files::remove(&folder.join(name))?;
        }
    }
    Ok(())
}

/// Reads `512M`, `4G` or a number of bytes.
fn parse_size(text: &str) -> Result<u64> {
    let (digits, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" => 1,
        "K" => 1 << 10,
        "M" => 1 << 20,
        "G" => 1 << 30,
        "T" => 1 << 40,
        _ => bail!("{text:?} is no size: write 512M or 4G"),
    };
    let number: u64 = digits
        .parse()
        .with_context(|| format!("{text:?} is no size: write 512M or 4G"))?;
    let bytes = number
        .checked_mul(factor)
        .with_context(|| format!("{text} is too large"))?;
    ensure!(
        bytes >= mib(128),
        "a disk needs 128M at least: {text} is too small for a file system"
    );
    ensure!(
        bytes % 4096 == 0,
        "a disk's size is a multiple of 4096 bytes, and {text} is not"
    );
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse_size("512M").unwrap(), mib(512));
        assert_eq!(parse_size("4g").unwrap(), mib(4096));
        for odd in ["", "M", "4 G", "12", "-1G", "1M", "99999999999T", "4GB"] {
            assert!(parse_size(odd).is_err(), "{odd}");
        }
    }
}
