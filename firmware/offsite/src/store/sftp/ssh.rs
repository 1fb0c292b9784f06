//! The `ssh` process under a session: OpenSSH from the system, with every option said
//! here and no configuration read. Keys, passwords and the server's key are handed
//! over in memory files of this process, which exist nowhere else and vanish with it.

use std::fs::{File, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use preau_offsite_job::{Failure, HostKey, SshLogin};
use sha2::{Digest, Sha256};

use super::Server;

const SSH: &str = "/usr/bin/ssh";
const KEYSCAN: &str = "/usr/bin/ssh-keyscan";

/// How long a server may take to answer, in seconds.
const CONNECT_SECONDS: u32 = 20;

/// The variable in which `ssh`, asking for a password, finds the memory file that
/// holds it. The password itself is in no environment.
const ANSWER: &str = "PREAU_OFFSITE_ANSWER";

/// Of a server's keys the one to remember, best first.
const KEY_TYPES: [&str; 3] = ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"];

/// Answers `ssh` when it asks this program for the password. `None` when it was not
/// started by `ssh`.
pub fn answer_ssh() -> Option<io::Result<()>> {
    let path = std::env::var_os(ANSWER)?;
    let answer = || {
        let mut secret = String::new();
        File::open(path)?.read_to_string(&mut secret)?;
        let mut out = io::stdout().lock();
        out.write_all(secret.as_bytes())?;
        out.write_all(b"\n")
    };
    Some(answer())
}

/// A file in memory that only this user may read, and its name for other processes.
#[derive(Debug)]
pub struct MemoryFile {
    /// Keeps the name valid.
    _file: File,
    path: String,
}

impl MemoryFile {
    fn new(content: &str) -> io::Result<Self> {
        let fd = rustix::fs::memfd_create("preau", rustix::fs::MemfdFlags::CLOEXEC)?;
        let mut file = File::from(fd);
        // ssh refuses a key that others may read.
        file.set_permissions(Permissions::from_mode(0o600))?;
        file.write_all(content.as_bytes())?;
        let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        Ok(Self { _file: file, path })
    }
}

/// What stays the same for all connections of a job.
#[derive(Debug)]
pub struct Credentials {
    known_hosts: MemoryFile,
    secret: MemoryFile,
}

impl Credentials {
    /// Lays the server's key and the login's secret out for `ssh`.
    pub fn new(server: &Server, host_key: &str) -> io::Result<Self> {
        let secret = match &server.login {
            // OpenSSH wants the last line ended.
            SshLogin::Key(key) => format!("{}\n", key.reveal().trim_end()),
            SshLogin::Password(password) => password.reveal().to_owned(),
        };
        Ok(Self {
            known_hosts: MemoryFile::new(&format!("{} {host_key}\n", known_name(server)))?,
            secret: MemoryFile::new(&secret)?,
        })
    }
}

/// The name under which OpenSSH looks a server up.
fn known_name(server: &Server) -> String {
    match server.port {
        22 => server.host.clone(),
        port => format!("[{}]:{port}", server.host),
    }
}

/// A running `ssh`.
#[derive(Debug)]
pub struct Ssh {
    child: Child,
    /// What it says on standard error, all at once when it has ended.
    words: mpsc::Receiver<String>,
}

impl Ssh {
    /// Starts it with the sftp subsystem at the other end.
    pub fn start(server: &Server, credentials: &Credentials) -> io::Result<Self> {
        let mut command = command(SSH);
        command.args(["-F", "none", "-T", "-x", "-a"]);
        let mut option = |text: String| {
            command.args(["-o", &text]);
        };
        option("StrictHostKeyChecking=yes".into());
        option(format!(
            "UserKnownHostsFile={}",
            credentials.known_hosts.path
        ));
        option("GlobalKnownHostsFile=none".into());
        option("UpdateHostKeys=no".into());
        option("CheckHostIP=no".into());
        option(format!("ConnectTimeout={CONNECT_SECONDS}"));
        // A server that is gone is noticed after a minute.
        option("ServerAliveInterval=15".into());
        option("ServerAliveCountMax=4".into());
        option("NumberOfPasswordPrompts=1".into());
        option("LogLevel=ERROR".into());
        match &server.login {
            SshLogin::Key(_) => {
                option(format!("IdentityFile={}", credentials.secret.path));
                option("IdentitiesOnly=yes".into());
                option("PreferredAuthentications=publickey".into());
                option("BatchMode=yes".into());
            }
            SshLogin::Password(_) => {
                option("PreferredAuthentications=password,keyboard-interactive".into());
                option("PubkeyAuthentication=no".into());
                command.env("SSH_ASKPASS", std::env::current_exe()?);
                command.env("SSH_ASKPASS_REQUIRE", "force");
                command.env(ANSWER, &credentials.secret.path);
            }
        }
        command.args(["-p", &server.port.to_string(), "-l", &server.user]);
        command.args(["-s", "--", &server.host, "sftp"]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (say, words) = mpsc::channel();
        if let Some(mut stderr) = child.stderr.take() {
            std::thread::spawn(move || {
                let mut text = Vec::new();
                // What was read before an error is still worth telling.
                let _ = stderr.read_to_end(&mut text);
                let _ = say.send(String::from_utf8_lossy(&text).trim().to_owned());
            });
        }
        Ok(Self { child, words })
    }

    /// The pipes to the server, once.
    pub fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>) {
        (self.child.stdin.take(), self.child.stdout.take())
    }

    /// Ends it and returns what it had to say.
    pub fn last_words(mut self) -> String {
        // One that lost its server ends by itself; one that hangs is ended.
        let words = self.words.recv_timeout(Duration::from_secs(2));
        self.end();
        words
            .or_else(|_| self.words.recv_timeout(Duration::from_secs(2)))
            .unwrap_or_default()
    }

    fn end(&mut self) {
        // Both fail only for a process that has ended and was waited for.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Ssh {
    fn drop(&mut self) {
        self.end();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the worker's only other program; its time limits are ssh's own options"
)]
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("LC_ALL", "C")
        .env("HOME", "/nonexistent")
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Asks the server for its key, without logging in.
pub fn ask_for_key(server: &Server) -> io::Result<Result<HostKey, String>> {
    let output = command(KEYSCAN)
        .args(["-T", &CONNECT_SECONDS.to_string()])
        .args(["-p", &server.port.to_string()])
        .args(["-t", "ed25519,ecdsa,rsa", "--", &server.host])
        .stdout(Stdio::piped())
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(choose_key(&text).ok_or_else(|| String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

/// The key to remember, of what `ssh-keyscan` prints: lines of name, type and key.
fn choose_key(text: &str) -> Option<HostKey> {
    let keys: Vec<(&str, &str)> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            Some((fields.next()?, fields.next()?))
        })
        .collect();
    KEY_TYPES.iter().find_map(|wanted| {
        let (kind, key) = keys.iter().find(|(kind, _)| kind == wanted)?;
        Some(HostKey {
            fingerprint: fingerprint(key)?,
            key: format!("{kind} {key}"),
        })
    })
}

/// As OpenSSH shows it.
fn fingerprint(key: &str) -> Option<String> {
    let key = STANDARD.decode(key).ok()?;
    Some(format!(
        "SHA256:{}",
        STANDARD_NO_PAD.encode(Sha256::digest(key))
    ))
}

/// What the last words of `ssh` mean. `None`: the server's key is not the one that
/// was confirmed, and the one that it shows must be asked for.
pub fn judge(words: &str) -> Option<Failure> {
    let says = |text: &str| words.contains(text);
    if says("Host key verification failed")
        || says("REMOTE HOST IDENTIFICATION HAS CHANGED")
        || says("no matching host key type")
    {
        return None;
    }
    Some(
        if says("Could not resolve hostname") || says("Name or service not known") {
            Failure::NameNotFound
        } else if says("Connection refused") {
            Failure::PortClosed
        } else if says("Permission denied")
            || says("Too many authentication failures")
            || says("error in libcrypto")
            || says("Load key")
        {
            Failure::LoginRefused
        } else if says("timed out")
            || says("No route to host")
            || says("Network is unreachable")
            || says("Connection closed by")
            || says("Connection reset by")
            || says("kex_exchange_identification")
        {
            Failure::NoAnswer
        } else if says("subsystem request failed") {
            Failure::ServerError
        } else {
            Failure::Cut
        },
    )
}

/// What `ssh-keyscan` means when it prints no key. It is silent about a server that
/// does not answer, and says a refused connection in other words than `ssh`.
pub fn judge_scan(words: &str) -> Failure {
    match judge(words) {
        Some(Failure::Cut) if words.contains("getaddrinfo") => Failure::NameNotFound,
        None | Some(Failure::Cut) => Failure::NoAnswer,
        Some(failure) => failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `ssh-keyscan` of OpenSSH 10.0 prints for a server with two keys, and the
    /// fingerprint that `ssh-keygen -l` shows for the second.
    const SCAN: &str = "# 127.0.0.1:2222 SSH-2.0-OpenSSH_10.0\n\
        [127.0.0.1]:2222 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC0\n\
        [127.0.0.1]:2222 ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n";

    #[test]
    fn the_best_key_of_a_server_is_remembered_with_its_fingerprint() {
        let key = choose_key(SCAN).unwrap();
        assert!(key.key.starts_with("ssh-ed25519 AAAAC3"));
        assert_eq!(
            key.fingerprint,
            "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"
        );
        assert_eq!(choose_key("# nothing\n"), None);
    }

    #[test]
    fn what_ssh_says_is_told_apart() {
        let cases = [
            (
                "ssh: Could not resolve hostname nas.example: Name or service not known",
                Some(Failure::NameNotFound),
            ),
            (
                "ssh: connect to host 127.0.0.1 port 9: Connection refused",
                Some(Failure::PortClosed),
            ),
            (
                "ssh: connect to host 192.0.2.1 port 22: Connection timed out",
                Some(Failure::NoAnswer),
            ),
            (
                "ecole@mairie: Permission denied (publickey).",
                Some(Failure::LoginRefused),
            ),
            ("Host key verification failed.", None),
            (
                "client_loop: send disconnect: Broken pipe",
                Some(Failure::Cut),
            ),
        ];
        for (words, failure) in cases {
            assert_eq!(judge(words), failure, "{words}");
        }
    }
}
