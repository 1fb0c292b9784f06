//! OpenSSH's server on the loopback, as a town hall's would be for the box: one
//! account, files over SFTP and nothing else, a folder of the lab's own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::{
    process::{Service, run},
    tools,
    wait::{Look, secs, wait_until},
};

/// The account, which is the one that the server runs as.
pub const ACCOUNT: &str = "root";

/// The server. Dropped, it is down.
#[derive(Debug)]
pub struct SftpServer {
    folder: PathBuf,
    port: u16,
    running: Option<Service>,
}

impl SftpServer {
    /// Makes a host key and a configuration in `folder`, and starts the server.
    pub async fn start(folder: &Path, port: u16) -> Result<Self> {
        fs::create_dir_all(folder.join("kept"))
            .with_context(|| format!("making {}", folder.display()))?;
        let key = folder.join("host");
        run(
            tools::SSH_KEYGEN,
            ["-q", "-t", "ed25519", "-N", "", "-f"]
                .map(str::to_owned)
                .into_iter()
                .chain([key.display().to_string()]),
            secs(30),
        )
        .await?;
        let config = format!(
            "Port {port}\nListenAddress 127.0.0.1\nHostKey {}\nAuthorizedKeysFile {}\n\
             PasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\nStrictModes no\nUsePAM no\nPidFile none\n\
             PerSourcePenalties no\nMaxStartups 100\nSubsystem sftp internal-sftp\n\
             ForceCommand internal-sftp -d {}\n",
            key.display(),
            folder.join("authorized").display(),
            folder.join("kept").display(),
        );
        write(&folder.join("config"), &config)?;
        write(&folder.join("authorized"), "")?;
        // sshd gives up its rights there.
        fs::create_dir_all("/run/sshd").context("making /run/sshd")?;
        let mut server = Self {
            folder: folder.to_owned(),
            port,
            running: None,
        };
        server.resume().await?;
        Ok(server)
    }

    /// Starts it again.
    pub async fn resume(&mut self) -> Result<()> {
        let config = self.folder.join("config").display().to_string();
        self.running = Some(Service::start(
            tools::SSHD,
            ["-D", "-e", "-f", &config],
            &self.folder,
            &self.folder.join("sshd.log"),
        )?);
        let port = self.port;
        wait_until("sshd to listen", secs(20), || async {
            let connected = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
            Ok(match connected {
                Ok(_) => Look::Found(()),
                Err(error) => Look::NotYet(error.to_string()),
            })
        })
        .await
    }

    /// Lets the owner of a key in.
    pub fn authorise(&self, public_key: &str) -> Result<()> {
        write(&self.folder.join("authorized"), &format!("{public_key}\n"))
    }

    /// Lets nobody in any more.
    pub fn refuse_everybody(&self) -> Result<()> {
        write(&self.folder.join("authorized"), "")
    }

    /// The fingerprint of its key, as its own people see it.
    pub async fn fingerprint(&self) -> Result<String> {
        let key = self.folder.join("host.pub").display().to_string();
        let said = run(tools::SSH_KEYGEN, ["-l", "-f", &key], secs(30)).await?;
        let said = String::from_utf8(said)?;
        let fingerprint = said.split_whitespace().nth(1);
        Ok(fingerprint
            .context("ssh-keygen shows no fingerprint")?
            .to_owned())
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// A folder that it keeps, here.
    pub fn kept(&self, name: &str) -> PathBuf {
        self.folder.join("kept").join(name)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "files of a test, which need not outlive a power cut"
)]
fn write(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text).with_context(|| format!("writing {}", path.display()))
}
