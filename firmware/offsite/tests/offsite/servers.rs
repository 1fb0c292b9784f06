//! Real servers on a port of this machine, ended with the test.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use preau_offsite_job::{Account, Destination, Secret, SshLogin};

use crate::scratch::Scratch;

pub const USER: &str = "ecole";
pub const ACCOUNT_PASSWORD: &str = "un autre mot de passe";

/// The account of the object store, in the form that Garage asks for.
pub const ACCESS_KEY: &str = "GK0123456789abcdef01234567";
pub const SECRET_KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub const REGION: &str = "garage";
pub const BUCKET: &str = "ecole";

/// A port that nothing listens on.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// A server and what it keeps.
pub struct Server {
    child: Child,
    command: Command,
    pub port: u16,
    /// Where its files lie on this machine.
    pub folder: PathBuf,
    pub scratch: Scratch,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(mut command: Command, port: u16, scratch: Scratch) -> Self {
        let child = spawn(&mut command, port);
        let folder = scratch.join("kept");
        Self {
            child,
            command,
            port,
            folder,
            scratch,
        }
    }

    /// Ends it in the middle of whatever it does.
    pub fn die(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again on the same port.
    pub fn come_back(&mut self) {
        self.child = spawn(&mut self.command, self.port);
    }
}

fn spawn(command: &mut Command, port: u16) -> Child {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "{command:?} ended");
        assert!(Instant::now() < deadline, "{command:?} does not answer");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    child
}

fn account() -> Option<Account> {
    Some(Account {
        user: USER.into(),
        password: Secret::new(ACCOUNT_PASSWORD),
    })
}

/// A key pair in OpenSSH's form: its private and public half.
fn make_key(path: &Path) -> (String, String) {
    let made = Command::new("/usr/bin/ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f"])
        .arg(path)
        .status()
        .unwrap();
    assert!(made.success());
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    let public: Vec<&str> = public.split_whitespace().take(2).collect();
    (fs::read_to_string(path).unwrap(), public.join(" "))
}

/// OpenSSH's server.
pub struct Sshd {
    pub server: Server,
    client_key: String,
    host_key: String,
}

impl Sshd {
    pub fn start(name: &str) -> Self {
        let scratch = Scratch::new(name);
        fs::create_dir(scratch.join("kept")).unwrap();
        fs::create_dir_all("/run/sshd").unwrap();
        let (client_key, client_public) = make_key(&scratch.join("client"));
        let (_, host_key) = make_key(&scratch.join("host"));
        fs::write(scratch.join("authorized"), format!("{client_public}\n")).unwrap();
        let port = free_port();
        let path = |name: &str| scratch.join(name).display().to_string();
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\n\
             PasswordAuthentication yes\nKbdInteractiveAuthentication no\n\
             PermitRootLogin yes\nStrictModes no\nUsePAM no\nPidFile none\n\
             PerSourcePenalties no\nMaxStartups 100\n\
             Subsystem sftp internal-sftp\n",
            path("host"),
            path("authorized")
        );
        fs::write(scratch.join("config"), config).unwrap();
        let shadow = shadow_with_password(&scratch);
        // Passwords are looked up in a file of its own view of the system.
        let mut command = Command::new("/usr/bin/unshare");
        command
            .args(["--mount", "--", "/bin/sh", "-c"])
            .arg(r#"mount --bind "$1" /etc/shadow && exec /usr/sbin/sshd -D -e -f "$2""#)
            .arg("sh")
            .arg(shadow)
            .arg(scratch.join("config"));
        let server = Server::start(command, port, scratch);
        Self {
            server,
            client_key,
            host_key,
        }
    }

    pub fn destination(&self) -> Destination {
        self.destination_with(Some(self.host_key.clone()), self.key())
    }

    pub fn key(&self) -> SshLogin {
        SshLogin::Key(Secret::new(self.client_key.clone()))
    }

    pub fn host_key(&self) -> String {
        self.host_key.clone()
    }

    pub fn destination_with(&self, host_key: Option<String>, login: SshLogin) -> Destination {
        self.at(self.server.port, host_key, login)
    }

    /// The same server behind a wire.
    pub fn behind(&self, port: u16) -> Destination {
        self.at(port, Some(self.host_key()), self.key())
    }

    fn at(&self, port: u16, host_key: Option<String>, login: SshLogin) -> Destination {
        Destination::Sftp {
            host: "127.0.0.1".into(),
            port,
            user: "root".into(),
            folder: self.server.folder.join("préau").display().to_string(),
            host_key,
            login,
        }
    }

    /// Another key, as after the server was made anew, or somebody in between.
    pub fn other_key(&self) -> String {
        make_key(&self.server.scratch.join("other")).1
    }
}

fn shadow_with_password(scratch: &Scratch) -> PathBuf {
    let output = Command::new("/usr/bin/openssl")
        .args(["passwd", "-6", ACCOUNT_PASSWORD])
        .output()
        .unwrap();
    let hash = String::from_utf8(output.stdout).unwrap();
    let shadow = fs::read_to_string("/etc/shadow").unwrap();
    let lines: Vec<String> = shadow
        .lines()
        .map(|line| match line.strip_prefix("root:") {
            Some(rest) => {
                let rest = rest.split_once(':').unwrap().1;
                format!("root:{}:{rest}", hash.trim())
            }
            None => line.to_owned(),
        })
        .collect();
    let path = scratch.join("shadow");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

/// A certificate that the server made for itself, and its key.
fn certificate(scratch: &Scratch) -> (PathBuf, PathBuf) {
    let (certificate, key) = (scratch.join("server.pem"), scratch.join("server.key"));
    let made = Command::new("/usr/bin/openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt"])
        .args(["ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args([
            "-subj",
            "/CN=abri",
            "-addext",
            "subjectAltName=IP:127.0.0.1",
        ])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .stderr(Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    (certificate, key)
}

/// How a web server is spoken to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Speech {
    /// With a certificate of its own.
    Encrypted,
    /// So that a wire in between understands it.
    Plain,
}

fn rclone(kind: &str, extra: &[&str], speech: Speech, scratch: Scratch) -> Server {
    fs::create_dir(scratch.join("kept")).unwrap();
    let port = free_port();
    let mut command = Command::new("/usr/bin/rclone");
    command
        .args(["serve", kind, "--config", "/dev/null"])
        .args(["--addr", &format!("127.0.0.1:{port}")])
        .args(["--user", USER, "--pass", ACCOUNT_PASSWORD])
        .args(extra);
    if speech == Speech::Encrypted {
        let (certificate, key) = certificate(&scratch);
        command.arg("--cert").arg(certificate).arg("--key").arg(key);
    }
    command.arg(scratch.join("kept"));
    Server::start(command, port, scratch)
}

/// rclone's REST server, which never deletes.
pub struct Rest(pub Server);

impl Rest {
    pub fn start(name: &str) -> Self {
        Self::speaking(Speech::Encrypted, name)
    }

    pub fn plain(name: &str) -> Self {
        Self::speaking(Speech::Plain, name)
    }

    fn speaking(speech: Speech, name: &str) -> Self {
        let extra = ["--append-only"];
        Self(rclone("restic", &extra, speech, Scratch::new(name)))
    }

    /// The same server behind a wire.
    pub fn at(port: u16) -> Destination {
        Destination::Rest {
            url: format!("http://127.0.0.1:{port}/"),
            account: account(),
            certificate: None,
        }
    }

    pub fn destination(&self) -> Destination {
        self.destination_with(Some(self.certificate()))
    }

    pub fn certificate(&self) -> String {
        fs::read_to_string(self.0.scratch.join("server.pem")).unwrap()
    }

    pub fn destination_with(&self, certificate: Option<String>) -> Destination {
        Destination::Rest {
            url: format!("https://127.0.0.1:{}/", self.0.port),
            account: account(),
            certificate,
        }
    }
}

/// rclone's WebDAV server.
pub struct WebDav(pub Server);

impl WebDav {
    pub fn start(name: &str) -> Self {
        Self::speaking(Speech::Encrypted, name)
    }

    pub fn plain(name: &str) -> Self {
        Self::speaking(Speech::Plain, name)
    }

    fn speaking(speech: Speech, name: &str) -> Self {
        // What `restic` writes behind its back is to be seen at once.
        let extra = ["--dir-cache-time", "0s"];
        Self(rclone("webdav", &extra, speech, Scratch::new(name)))
    }

    /// The same server behind a wire.
    pub fn at(port: u16) -> Destination {
        Destination::WebDav {
            url: format!("http://127.0.0.1:{port}/Pr%C3%A9au"),
            account: account(),
            certificate: None,
        }
    }

    pub fn destination(&self) -> Destination {
        let pem = fs::read_to_string(self.0.scratch.join("server.pem")).unwrap();
        Destination::WebDav {
            url: format!("https://127.0.0.1:{}/Pr%C3%A9au", self.0.port),
            account: account(),
            certificate: Some(pem),
        }
    }

    pub fn kept(&self) -> PathBuf {
        self.0.folder.join("Préau")
    }
}

/// Garage, the object store that several schools may share.
pub struct Garage(pub Server);

impl Garage {
    pub fn start(name: &str) -> Self {
        let program = std::env::var_os("PREAU_GARAGE")
            .expect("PREAU_GARAGE is not set: run the tests with `cargo xtask test`");
        let scratch = Scratch::new(name);
        let (port, between_nodes) = (free_port(), free_port());
        let path = |name: &str| scratch.join(name).display().to_string();
        // Several nodes would know each other by the secret; there is one.
        let config = format!(
            "metadata_dir = \"{}\"\ndata_dir = \"{}\"\ndb_engine = \"sqlite\"\n\
             replication_factor = 1\nrpc_bind_addr = \"127.0.0.1:{between_nodes}\"\n\
             rpc_public_addr = \"127.0.0.1:{between_nodes}\"\nrpc_secret = \"{SECRET_KEY}\"\n\
             [s3_api]\ns3_region = \"{REGION}\"\napi_bind_addr = \"127.0.0.1:{port}\"\n\
             root_domain = \".s3.garage\"\n",
            path("meta"),
            path("kept"),
        );
        fs::write(scratch.join("config"), config).unwrap();
        let mut command = Command::new(program);
        command
            .arg("--config")
            .arg(scratch.join("config"))
            .args(["server", "--single-node", "--default-bucket"])
            .env("GARAGE_DEFAULT_ACCESS_KEY", ACCESS_KEY)
            .env("GARAGE_DEFAULT_SECRET_KEY", SECRET_KEY)
            .env("GARAGE_DEFAULT_BUCKET", BUCKET);
        Self(Server::start(command, port, scratch))
    }

    pub fn destination(&self) -> Destination {
        self.destination_with(BUCKET, SECRET_KEY)
    }

    pub fn destination_with(&self, bucket: &str, secret_key: &str) -> Destination {
        Self::at(self.0.port, bucket, secret_key)
    }

    /// The same store, perhaps behind a wire.
    pub fn at(port: u16, bucket: &str, secret_key: &str) -> Destination {
        Destination::S3 {
            endpoint: format!("http://127.0.0.1:{port}"),
            region: REGION.into(),
            bucket: bucket.into(),
            folder: "préau".into(),
            access_key: ACCESS_KEY.into(),
            secret_key: Secret::new(secret_key),
            certificate: None,
        }
    }

    /// Where `restic` finds the same repository.
    pub fn kept(&self) -> String {
        format!("s3:http://127.0.0.1:{}/{BUCKET}/préau", self.0.port)
    }
}
