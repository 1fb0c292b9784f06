//! exim, run in the foreground with everything in one folder.
//!
//! It offers STARTTLS on one port and implicit TLS on another, wants a login, and
//! delivers every message as a file into `mailbox/new`, whoever it is for. What a
//! school's provider may do wrong can be asked for: a certificate that nobody
//! signed, a recipient it does not know, a server that is down.

use std::{
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context, Result};
use tokio::net::TcpStream;

use super::{Mailbox, authority};
use crate::{
    process::{Service, run},
    tools,
    wait::{Look, secs, wait_until},
};

/// The login that the server knows.
pub const LOGIN: &str = "boitier";
/// Its password; the odd character is there on purpose.
pub const PASSWORD: &str = "craie&tableau-42";

/// Which certificate the server shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    /// One from the lab's authority.
    Good,
    /// One from an authority that nobody was told about.
    Stranger,
}

/// Addresses of the lab.
#[derive(Debug)]
pub struct Recipients;

impl Recipients {
    /// The head teacher, who gets the mails.
    pub const HEAD: &'static str = "direction@ecole.example";
    /// The deputy.
    pub const DEPUTY: &'static str = "mairie@ecole.example";
    /// An address that the server refuses.
    pub const UNKNOWN: &'static str = "inconnu@ecole.example";
}

/// The lab's mail server. Dropped, it is down.
#[derive(Debug)]
pub struct MailServer {
    folder: PathBuf,
    /// The same folder under a path that exim's own user may walk.
    reachable: PathBuf,
    starttls: u16,
    implicit: u16,
    running: Option<Service>,
}

impl MailServer {
    /// Makes certificates and configuration in `folder` and starts the server on
    /// two ports of the loopback: STARTTLS first, then implicit TLS.
    pub async fn start(folder: &Path, [starttls, implicit]: [u16; 2]) -> Result<Self> {
        for name in ["", "spool", "log", "mailbox", "tls"] {
            let path = folder.join(name);
            std::fs::create_dir_all(&path).with_context(|| format!("making {}", path.display()))?;
        }
        let tls = folder.join("tls");
        if !tls.join("good.pem").exists() {
            for (authority, name) in [("authority", "good"), ("stranger", "bad")] {
                authority::found(&tls, authority).await?;
                authority::issue(&tls, authority, name).await?;
            }
        }
        hand_over(folder)?;
        let reachable = make_reachable(folder).await?;
        let mut server = Self {
            folder: folder.to_owned(),
            reachable,
            starttls,
            implicit,
            running: None,
        };
        server.start_again(Certificate::Good).await?;
        Ok(server)
    }

    /// The port for STARTTLS.
    pub fn starttls_port(&self) -> u16 {
        self.starttls
    }

    /// The port for implicit TLS.
    pub fn implicit_port(&self) -> u16 {
        self.implicit
    }

    /// The authority's certificate, to be pasted into the mail settings.
    pub fn authority_pem(&self) -> Result<String> {
        std::fs::read_to_string(self.folder.join("tls/authority.pem"))
            .context("reading the lab's authority")
    }

    /// What the server delivered.
    pub fn mailbox(&self) -> Mailbox {
        Mailbox::new(&self.folder.join("mailbox"))
    }

    /// The server goes down, as at a provider's bad hour.
    pub async fn stop(&mut self) -> Result<()> {
        match self.running.take() {
            Some(mut service) => service.kill().await,
            None => Ok(()),
        }
    }

    /// The server comes back, or shows another certificate.
    #[expect(
        clippy::disallowed_methods,
        reason = "a lab's file: losing it in a crash of the host loses nothing"
    )]
    pub async fn start_again(&mut self, certificate: Certificate) -> Result<()> {
        self.stop().await?;
        let path = self.folder.join("exim.conf");
        let text = configuration(&self.reachable, self.starttls, self.implicit, certificate);
        std::fs::write(&path, text).context("writing the mail server's configuration")?;
        // exim refuses a configuration that others could have written.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
        let log = self.folder.join("log/stderr.log");
        let mut service = Service::start(
            tools::EXIM,
            ["-C", &path.to_string_lossy(), "-bdf", "-q1m"],
            &self.folder,
            &log,
        )?;
        let port = self.starttls;
        let up = wait_until("the mail server", secs(20), || async {
            Ok(match TcpStream::connect(("127.0.0.1", port)).await {
                Ok(_) => Look::Found(()),
                Err(error) => Look::NotYet(error.to_string()),
            })
        });
        if let Err(error) = up.await {
            service.check_alive()?;
            return Err(error);
        }
        self.running = Some(service);
        Ok(())
    }

    /// When the server took each message so far: milliseconds since midnight, UTC,
    /// by this machine's clock.
    pub fn accepted_at(&self) -> Result<Vec<u64>> {
        let path = self.folder.join("log/mainlog");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter_map(time_of_acceptance).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(vec![]),
            Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
        }
    }

    /// A port of the loopback where nothing answers, for "the server is down".
    pub fn dead_port() -> Result<u16> {
        let [port] = crate::machine::free_ports()?;
        Ok(port)
    }
}

/// Shows `folder` below `/run`: exim gives up root, and its user may not walk
/// through the home folder that a cache usually lies in. The mount goes with the
/// private namespace that xtask runs its commands in.
async fn make_reachable(folder: &Path) -> Result<PathBuf> {
    /// Nothing can be shown where a folder was shown that is gone: each server has a
    /// place of its own.
    static SERVERS: AtomicU32 = AtomicU32::new(0);
    let number = SERVERS.fetch_add(1, Ordering::Relaxed);
    let reachable = PathBuf::from(format!("/run/preau-mail/{}-{number}", std::process::id()));
    std::fs::create_dir_all(&reachable)
        .with_context(|| format!("making {}", reachable.display()))?;
    run(
        tools::MOUNT,
        ["--bind".as_ref(), folder.as_os_str(), reachable.as_os_str()],
        secs(10),
    )
    .await
    .context("showing the mail server its folder")?;
    Ok(reachable)
}

/// The time of a line of exim's log that says that a message was taken, which is
/// `DATE HH:MM:SS.mmm ID <= …`.
fn time_of_acceptance(line: &str) -> Option<u64> {
    let mut words = line.split(' ');
    let time = words.nth(1)?;
    if words.nth(1)? != "<=" {
        return None;
    }
    let (clock, milliseconds) = time.split_once('.')?;
    let seconds = clock.split(':').try_fold(0, |sum: u64, part| {
        Some(sum * 60 + part.parse::<u64>().ok()?)
    })?;
    Some(seconds * 1000 + milliseconds.parse::<u64>().ok()?)
}

/// Gives the server's folders to the user that exim becomes after binding its ports.
fn hand_over(folder: &Path) -> Result<()> {
    let users = std::fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
    let ids = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == "Debian-exim").then(|| (fields.nth(1), fields.next()))
    });
    let Some((Some(user), Some(group))) = ids else {
        anyhow::bail!("there is no user Debian-exim: is exim4-daemon-light installed?");
    };
    let (user, group) = (user.parse()?, group.parse()?);
    for name in [
        "spool",
        "log",
        "mailbox",
        "tls",
        "tls/good.pem",
        "tls/good.key",
        "tls/bad.pem",
        "tls/bad.key",
    ] {
        let path = folder.join(name);
        chown(&path, Some(user), Some(group))
            .with_context(|| format!("handing over {}", path.display()))?;
    }
    Ok(())
}

/// exim's configuration, as a pure function.
fn configuration(folder: &Path, starttls: u16, implicit: u16, certificate: Certificate) -> String {
    let folder = folder.display();
    let name = match certificate {
        Certificate::Good => "good",
        Certificate::Stranger => "bad",
    };
    let unknown = Recipients::UNKNOWN;
    // In exim's expansions a percent sign is plain, but `$`, `{` and `\` are not:
    // the login and password of the lab have none.
    format!(
        "\
primary_hostname = mail.ecole.example
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/spool/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {starttls} : {implicit}
tls_on_connect_ports = {implicit}
disable_ipv6 = true
tls_advertise_hosts = *
tls_certificate = {folder}/tls/{name}.pem
tls_privatekey = {folder}/tls/{name}.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
acl_smtp_rcpt = check_recipient
host_lookup =
rfc1413_query_timeout = 0s
keep_environment =
deliver_drop_privilege = true
timezone = UTC
log_selector = +millisec
message_size_limit = 1M

begin acl
check_recipient:
  deny !authenticated = *
       message = log in first
  deny recipients = {unknown}
       message = there is no mailbox of that name
  accept

begin routers
everyone:
  driver = accept
  transport = files

begin transports
files:
  driver = appendfile
  maildir_format
  directory = {folder}/mailbox
  create_directory
  directory_mode = 0755
  mode = 0644
  delivery_date_add
  envelope_to_add
  return_path_add

begin retry
* * F,1h,5s

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{{LOGIN}}}}}{{eq{{$auth3}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{LOGIN}}}}}{{eq{{$auth2}}{{{PASSWORD}}}}}}}}}
  server_set_id = $auth1
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_says_when_a_message_was_taken() {
        let line = "2026-11-22 01:00:02.034 1vMabc-00000000abc-1234 <= boitier@ecole.example H=x P=esmtpsa";
        assert_eq!(time_of_acceptance(line), Some(3_602_034));
        assert_eq!(time_of_acceptance(&line.replace("<=", "=>")), None);
        assert_eq!(
            time_of_acceptance("2026-11-22 01:00:02.034 exim 4.98 daemon started"),
            None
        );
    }

    #[test]
    fn no_login_is_offered_before_the_line_is_encrypted() {
        let text = configuration(Path::new("/lab"), 2525, 4465, Certificate::Good);
        assert!(
            text.contains("auth_advertise_hosts = ${if eq{$tls_in_cipher}{}{}{*}}"),
            "{text}"
        );
    }
}
