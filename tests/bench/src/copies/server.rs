//! rclone's REST server behind a wire that counts.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

/// A server on loopback; ended when dropped.
pub struct Server {
    child: Child,
    port: u16,
    wire: Arc<Wire>,
}

#[derive(Default)]
struct Wire {
    sent: AtomicU64,
    fetched: AtomicU64,
}

impl Server {
    /// Keeps a repository in this folder.
    #[expect(
        clippy::disallowed_methods,
        reason = "the other end of a measurement, ended with it"
    )]
    pub fn start(kept: &Path) -> Result<Self> {
        let behind = free_port()?;
        let mut child = Command::new("/usr/bin/rclone")
            .args(["serve", "restic", "--config", "/dev/null", "--addr"])
            .arg(format!("127.0.0.1:{behind}"))
            .arg(kept)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting rclone")?;
        let deadline = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(("127.0.0.1", behind)).is_err() {
            ensure!(child.try_wait()?.is_none(), "rclone ended");
            ensure!(Instant::now() < deadline, "rclone does not answer");
            std::thread::park_timeout(Duration::from_millis(20));
        }
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let wire = Arc::<Wire>::default();
        let counted = wire.clone();
        // Ends with the process: waiting for connections is no work.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let counted = counted.clone();
                std::thread::spawn(move || carry(client?, behind, &counted));
            }
        });
        Ok(Self { child, port, wire })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// Bytes sent to it and fetched from it since this was last asked.
    pub fn take(&self) -> (u64, u64) {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        (take(&self.wire.sent), take(&self.wire.fetched))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn carry(client: TcpStream, behind: u16, wire: &Wire) -> io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", behind))?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    std::thread::scope(|scope| {
        scope.spawn(|| pass_on(&client, &server, &wire.sent));
        pass_on(&server, &client, &wire.fetched)
    })
}

fn pass_on(mut from: &TcpStream, mut to: &TcpStream, count: &AtomicU64) -> io::Result<()> {
    let mut piece = vec![0; 256 * 1024];
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return to.shutdown(Shutdown::Write);
        }
        count.fetch_add(length as u64, Ordering::Relaxed);
        to.write_all(&piece[..length])?;
    }
}
