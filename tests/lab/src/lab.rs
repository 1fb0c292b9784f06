//! One story's laboratory: a machine, a mail server, and the clients.
//!
//! ```no_run
//! # async fn story() -> anyhow::Result<()> {
//! use preau_lab::Lab;
//! let lab = Lab::new("example").disks(["bay1", "bay2"]).start().await?;
//! lab.set_up_with_mirror(["bay1", "bay2"]).await?;
//! lab.finish().await
//! # }
//! ```
//!
//! The image is in the folder that `PREAU_IMAGE_DIR` names, evidence goes to a
//! folder below `PREAU_EVIDENCE`; `cargo xtask test` sets both. A lab that is not
//! finished keeps its files there and says so; a finished one removes them.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result};
use preau_domain::settings::Layout;

use crate::{
    agent::Guest,
    beginnings::{self, Beginning},
    claim::claim_code,
    clients::{
        browser::Browser,
        nas::{ADMIN, ADMIN_PASSWORD, Nas},
        smb::Smb,
    },
    evidence::{self, Trouble},
    hands::{LabBay, Troubles},
    machine::{Bays, Card, Machine, Plan, Ports, Replayed, Socket, free_ports},
    mail::{self, MailServer, Mailbox},
    sftp::SftpServer,
    wait::{Look, mib, mins, secs, wait_until},
};

/// A card large enough for the image's slots and a data partition. Making its file
/// system is logged where the power can be cut, zeroes and all, and replayed at the cut.
const CARD: u64 = mib(2048);
/// Disks are small so that a mirror is copied in seconds under emulation.
const DISK: u64 = mib(512);
/// How long a boot may take with another machine beside it on two cores.
const BOOT: Duration = mins(4);

/// What a lab will be made of.
#[derive(Debug)]
pub struct LabBuilder {
    name: String,
    blank: Vec<(String, u64)>,
    used: Vec<(String, PathBuf)>,
    sockets: Vec<(String, Socket)>,
    disk_size: u64,
    card: Card,
    mail_ports: Option<[u16; 2]>,
}

impl LabBuilder {
    /// What the disk of a bay is plugged into, for bays that do not hang on the
    /// virtio-scsi controller.
    pub fn socket(mut self, bay: &str, socket: Socket) -> Self {
        self.sockets.push((bay.to_owned(), socket));
        self
    }

    /// Blank disks in these bays.
    pub fn disks<'a>(mut self, bays: impl IntoIterator<Item = &'a str>) -> Self {
        self.blank
            .extend(bays.into_iter().map(|bay| (bay.to_owned(), self.disk_size)));
        self
    }

    /// The size of the disks that are named after this.
    pub fn disk_size(mut self, bytes: u64) -> Self {
        self.disk_size = bytes;
        self
    }

    /// A disk with something on it: a raw file, which the lab may change.
    pub fn used_disk(mut self, bay: &str, file: &Path) -> Self {
        self.used.push((bay.to_owned(), file.to_owned()));
        self
    }

    /// Logs every write, so that [`Lab::cut_power`] can lose the right ones.
    pub fn power_can_be_cut(mut self) -> Self {
        self.card = Card::Logged { bytes: CARD };
        self
    }

    /// A folder of the lab's own, for files that a story prepares.
    pub fn folder(&self) -> Result<PathBuf> {
        let folder = evidence_folder()?.join(&self.name);
        std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// The ports of the mail server, for a box that knows them already.
    pub(crate) fn mail_ports(mut self, ports: [u16; 2]) -> Self {
        self.mail_ports = Some(ports);
        self
    }

    /// A box that was switched on for the first time. It was started once for all stories,
    /// and the disks are plugged in while it runs.
    pub async fn start(self) -> Result<Lab> {
        self.wake(beginnings::started().await?).await
    }

    /// A box that was set up as by [`Lab::set_up_with_mirror`], with a whole mirror on the
    /// disks of 256 MiB in `bay1` and `bay2`. Further disks are plugged in while it runs.
    pub async fn start_with_mirror(self) -> Result<Lab> {
        self.wake(beginnings::mirror().await?).await
    }

    /// Starts the mail server, switches the machine on, and waits until the page answers;
    /// with the time that this took.
    pub async fn start_from_power_on(self) -> Result<(Lab, Duration)> {
        let (server, plan) = self.prepare(None).await?;
        let power_on = std::time::Instant::now();
        let machine = Machine::start(plan).await?;
        let mut lab = Lab::of(self.name, machine, server);
        lab.wait_for_page().await?;
        Ok((lab, power_on.elapsed()))
    }

    async fn wake(self, asleep: &Beginning) -> Result<Lab> {
        let (server, plan) = self.prepare(Some(asleep)).await?;
        let machine = Machine::wake(plan, &asleep.folder).await?;
        let mut lab = Lab::of(self.name, machine, server);
        lab.wait_for_page().await?;
        lab.sheet_words.clone_from(&asleep.words);
        if let Some(session) = &asleep.session {
            lab.nas().go_on_with(session);
        }
        Ok(lab)
    }

    /// The mail server, and what the machine will be made of.
    async fn prepare(&self, asleep: Option<&Beginning>) -> Result<(MailServer, Plan)> {
        let folder = evidence_folder()?.join(&self.name);
        forget_earlier(&folder, &self.used)?;
        let mail = folder.join("mail");
        if let Some(asleep) = asleep {
            // New ones would begin to be valid later than the box's clock says it is.
            mail::use_authority_of(&asleep.folder.join("mail"), &mail)?;
        }
        let known = asleep.and_then(|asleep| asleep.mail_ports);
        let ports = match known.or(self.mail_ports) {
            Some(ports) => ports,
            None => free_ports()?,
        };
        let server = MailServer::start(&mail, ports).await?;
        let plan = Plan {
            image: PathBuf::from(setting("PREAU_IMAGE_DIR")?),
            folder,
            card: self.card,
            blank: self.blank.clone(),
            used: self.used.clone(),
            sockets: self.sockets.clone(),
            ports: Ports::free()?,
        };
        Ok((server, plan))
    }
}

/// A running laboratory.
#[derive(Debug)]
pub struct Lab {
    name: String,
    folder: PathBuf,
    machine: Machine,
    server: MailServer,
    mailbox: Mailbox,
    nas: Option<Nas>,
    sheet_words: Vec<String>,
    troubles: Troubles,
    finished: bool,
}

impl Lab {
    /// Begins to describe a lab; the name is that of its evidence's folder.
    #[expect(
        clippy::new_ret_no_self,
        reason = "reads like a story: Lab::new(..).disks(..).start()"
    )]
    pub fn new(name: &str) -> LabBuilder {
        LabBuilder {
            name: name.to_owned(),
            blank: vec![],
            used: vec![],
            sockets: vec![],
            disk_size: DISK,
            card: Card::Overlay { bytes: CARD },
            mail_ports: None,
        }
    }

    fn of(name: String, machine: Machine, server: MailServer) -> Self {
        Self {
            name,
            folder: machine.folder().to_owned(),
            mailbox: server.mailbox(),
            machine,
            server,
            nas: None,
            sheet_words: vec![],
            troubles: Troubles::default(),
            finished: false,
        }
    }

    /// Puts the box to sleep, for stories that wake it up, and says where its files are.
    pub(crate) async fn sleep(mut self) -> Result<PathBuf> {
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.mailbox.assert_nothing_else()?;
        self.machine.sleep().await?;
        self.server.stop().await?;
        self.finished = true;
        Ok(self.folder.clone())
    }

    /// The machine.
    pub fn machine(&self) -> &Machine {
        &self.machine
    }

    /// The inside of the machine, for checks.
    pub fn guest(&self) -> &Guest {
        self.machine.guest()
    }

    /// The box's API.
    pub fn nas(&self) -> &Nas {
        self.nas
            .as_ref()
            .expect("a started lab has a page that answered")
    }

    /// The words of the recovery sheet of a box that began with a mirror.
    pub fn sheet_words(&self) -> &[String] {
        &self.sheet_words
    }

    /// The mail server.
    pub fn mail_server(&mut self) -> &mut MailServer {
        &mut self.server
    }

    /// When the mail server took each message: see [`MailServer::accepted_at`].
    pub fn mail_log(&self) -> Result<Vec<u64>> {
        self.server.accepted_at()
    }

    /// What the mail server delivered.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// Where the lab's files are.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A bay with its disk.
    pub fn disk<'a>(&'a self, bay: &'a str) -> LabBay<'a> {
        LabBay::new(self.machine.bay(bay), &self.folder, &self.troubles)
    }

    /// From now on no disk is left for the file system, and it says so.
    pub fn expect_lost_volume(&self) {
        self.troubles.add(Trouble::Lost);
    }

    /// A share, seen with the administrator's account.
    pub fn smb(&self, share: &str) -> Result<Smb> {
        self.smb_as(share, ADMIN, ADMIN_PASSWORD)
    }

    /// A share, seen with any account.
    pub fn smb_as(&self, share: &str, login: &str, password: &str) -> Result<Smb> {
        Smb::new(
            &self.folder,
            self.machine.ports().smb,
            share,
            login,
            password,
        )
    }

    /// The code that claims the box.
    pub async fn claim_code(&self) -> Result<String> {
        claim_code(&self.machine).await
    }

    /// The whole set-up through the API, with mail that is proved to arrive, and the
    /// words of the sheet.
    pub async fn set_up_with_mirror(&self, bays: [&str; 2]) -> Result<Vec<String>> {
        self.nas()
            .set_up_with_mirror(&self.machine, &self.server, &self.mailbox, bays)
            .await
    }

    /// The same with any protection on the disks of these bays; spares come last.
    pub async fn set_up_with(
        &self,
        layout: Layout,
        spares: u32,
        bays: &[&str],
    ) -> Result<Vec<String>> {
        self.nas().set_up_to_disks(&self.machine).await?;
        self.set_up_from_disks(layout, spares, bays).await
    }

    /// The rest of it, for a box that waits for its disks.
    pub async fn set_up_from_disks(
        &self,
        layout: Layout,
        spares: u32,
        bays: &[&str],
    ) -> Result<Vec<String>> {
        let nas = self.nas();
        nas.ask_for(layout, spares, bays).await?;
        nas.wait_for_share().await?;
        nas.set_up_from_people(&self.server, &self.mailbox).await
    }

    /// Sets mail up with the lab's server and proves that it arrives.
    pub async fn set_up_mail(&self) -> Result<()> {
        self.nas().set_up_mail(&self.server, &self.mailbox).await
    }

    /// Proves that mail arrives with the settings that the box has.
    pub async fn prove_mail(&self) -> Result<()> {
        self.nas().prove_mail(&self.mailbox).await
    }

    /// A server that may keep copies; it lets nobody in yet.
    pub async fn sftp_server(&self) -> Result<SftpServer> {
        let [port] = free_ports()?;
        SftpServer::start(&self.folder.join("sftp"), port).await
    }

    /// A browser that trusts this box.
    pub async fn browser(&self) -> Result<Browser> {
        let certificate = self.folder.join("server.pem");
        write(
            &certificate,
            &self.guest().read_file("/data/preau/tls/server.pem").await?,
        )?;
        Browser::start(&self.folder, self.machine.ports().https, &certificate).await
    }

    /// Restarts the box as a person would, and waits until its page answers.
    pub async fn reboot(&mut self) -> Result<()> {
        // The journal is volatile: what it says is checked before it is gone.
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.troubles.forget();
        self.machine.reboot().await?;
        self.wait_for_page().await
    }

    /// Has the box switched off, lets `hands` change what is in the bays, has it
    /// switched on, and waits until the page answers.
    pub async fn while_off(&mut self, hands: impl FnOnce(&mut Bays) -> Result<()>) -> Result<()> {
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.while_off_unchecked(hands).await
    }

    /// The same whatever the journal says: for a benchmark, whose other watchers write
    /// errors of their own into it.
    pub async fn while_off_unchecked(
        &mut self,
        hands: impl FnOnce(&mut Bays) -> Result<()>,
    ) -> Result<()> {
        self.troubles.forget();
        self.machine.while_off(hands).await?;
        self.wait_for_page().await
    }

    /// Pulls the box's plug, puts it back, and waits until the page answers. Disks that
    /// were broken are whole again.
    pub async fn pull_plug(&mut self) -> Result<()> {
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.troubles.forget();
        self.machine.pull_plug().await?;
        self.wait_for_page().await
    }

    /// Switches the box off in good order.
    pub async fn switch_off(&mut self) -> Result<()> {
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.troubles.forget();
        self.machine.switch_off(secs(180)).await
    }

    /// Switches the box on with the same disks and a card that was never used, and
    /// waits until its page answers.
    pub async fn start_with_blank_card(&mut self) -> Result<()> {
        self.machine.start_with_blank_card().await?;
        self.nas = None;
        self.wait_for_page().await
    }

    /// Switches a new box on, with a blank disk in the place of each, and waits until its
    /// page answers.
    pub async fn start_with_all_blank(&mut self) -> Result<()> {
        self.machine.start_with_all_blank().await?;
        self.nas = None;
        self.wait_for_page().await
    }

    /// Waits until the page answers with that certificate authority, and speaks to it
    /// from now on.
    pub async fn meet_again(&mut self, authority: &[u8]) -> Result<()> {
        let nas = Nas::new(authority, self.machine.ports().https)?;
        wait_until("the page with its old certificate", BOOT, || async {
            Ok(match nas.info().await {
                Ok(_) => Look::Found(()),
                Err(error) => Look::NotYet(format!("{error:#}")),
            })
        })
        .await?;
        self.nas = Some(nas);
        Ok(())
    }

    /// The certificate authority that the box has now.
    pub async fn authority(&self) -> Result<Vec<u8>> {
        self.guest().read_file("/data/preau/tls/ca.pem").await
    }

    /// Takes the power away, gives it back, and waits until the page answers.
    pub async fn cut_power(&mut self) -> Result<Vec<Replayed>> {
        let replayed = self.machine.cut_power().await?;
        self.wait_for_page().await?;
        Ok(replayed)
    }

    /// The same, with `hands` changing what is in the bays before it is given back.
    pub async fn cut_power_and(
        &mut self,
        hands: impl FnOnce(&mut Bays) -> Result<()>,
    ) -> Result<Vec<Replayed>> {
        let replayed = self.machine.cut_power_and(hands).await?;
        self.troubles.forget();
        self.troubles.add(Trouble::HalfWritten);
        self.wait_for_page().await?;
        Ok(replayed)
    }

    /// Checks what must hold at the end of every story, and cleans up.
    pub async fn finish(mut self) -> Result<()> {
        evidence::check(self.guest(), &self.troubles.all()).await?;
        self.mailbox.assert_nothing_else()?;
        self.finished = true;
        self.machine.kill().await?;
        self.server.stop().await?;
        std::fs::remove_dir_all(&self.folder)
            .with_context(|| format!("removing {}", self.folder.display()))
    }

    async fn wait_for_page(&mut self) -> Result<()> {
        if let Err(error) = self.machine.guest().wait_up(BOOT).await {
            self.machine.check_alive()?;
            return Err(error.context(evidence::qemu_words(&self.folder)));
        }
        if self.nas.is_none() {
            let guest = self.machine.guest();
            let authority = wait_until("the box's certificate authority", BOOT, || async {
                Ok(match guest.read_file("/data/preau/tls/ca.pem").await {
                    Ok(pem) if !pem.is_empty() => Look::Found(pem),
                    Ok(_) => Look::NotYet("an empty file".into()),
                    Err(error) => Look::NotYet(format!("{error:#}")),
                })
            })
            .await?;
            self.nas = Some(Nas::new(&authority, self.machine.ports().https)?);
        }
        let nas = self.nas();
        wait_until("the page to answer", BOOT, || async {
            Ok(match nas.info().await {
                Ok(_) => Look::Found(()),
                Err(error) => Look::NotYet(format!("{error:#}")),
            })
        })
        .await
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        self.machine.guest().let_go();
        evidence::keep_journal(&self.folder);
        eprintln!(
            "{}: serial log, journal and disks are kept in {}",
            self.name,
            self.folder.display()
        );
    }
}

/// A setting that `cargo xtask test` gives; without it a story cannot run.
pub fn setting(name: &str) -> Result<String> {
    std::env::var(name).with_context(|| {
        format!("{name} is not set: run the machine tests with `cargo xtask test`")
    })
}

fn evidence_folder() -> Result<PathBuf> {
    Ok(PathBuf::from(setting("PREAU_EVIDENCE")?))
}

/// Removes what an earlier run of the same story left, but not the disks that the
/// story has just prepared.
fn forget_earlier(folder: &Path, used: &[(String, PathBuf)]) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if used.iter().any(|(_, file)| *file == path) {
            continue;
        }
        let removed = if path.is_dir() {
            std::fs::remove_dir_all(&path)
        } else {
            std::fs::remove_file(&path)
        };
        removed.with_context(|| format!("removing {}", path.display()))?;
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "a lab's file: losing it in a crash of the host loses nothing"
)]
fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}
