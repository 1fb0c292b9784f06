//! What happens inside the machine, asked of QEMU's guest agent.
//!
//! For checks only (failed units, the journal, the guest's clock): a story drives
//! the box through its front door. The agent speaks JSON lines over a virtio
//! serial port; after a time-out or a reboot the two sides may be out of step,
//! so each connection starts with a marked `guest-sync-delimited`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::UnixStream,
    sync::Mutex,
};

use crate::{
    socket,
    wait::{Look, secs, wait_until},
};

const CALL_LIMIT: Duration = secs(30);

/// What a command inside the guest did.
#[derive(Debug, Clone)]
pub struct Ran {
    /// Its exit code, or 128 and the signal that ended it.
    pub code: i64,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Ran {
    /// The output of a command that must succeed.
    pub fn success(self) -> Result<String> {
        ensure!(
            self.code == 0,
            "the guest's command ended with {}: {}{}",
            self.code,
            self.stderr,
            self.stdout
        );
        Ok(self.stdout)
    }
}

#[derive(Deserialize)]
struct Started {
    pid: i64,
}

#[derive(Deserialize)]
struct Status {
    exited: bool,
    exitcode: Option<i64>,
    signal: Option<i64>,
    #[serde(rename = "out-data")]
    out: Option<String>,
    #[serde(rename = "err-data")]
    err: Option<String>,
}

#[derive(Deserialize)]
struct Piece {
    count: usize,
    #[serde(rename = "buf-b64")]
    data: String,
    eof: bool,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "return")]
    value: Option<Value>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    desc: String,
}

/// The inside of one machine.
#[derive(Debug)]
pub struct Guest {
    folder: PathBuf,
    connection: Mutex<Option<BufReader<UnixStream>>>,
}

impl Guest {
    /// The agent's socket in a machine's folder.
    pub const SOCKET: &str = "agent.sock";

    pub(crate) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            connection: Mutex::new(None),
        }
    }

    /// Waits until the agent inside answers.
    pub async fn wait_up(&self, limit: Duration) -> Result<()> {
        wait_until("the guest agent", limit, || async {
            Ok(
                match self
                    .call_within::<Value>("guest-ping", json!({}), secs(2))
                    .await
                {
                    Ok(_) => Look::Found(()),
                    Err(error) => Look::NotYet(format!("{error:#}")),
                },
            )
        })
        .await
    }

    /// Runs a command inside as root and waits for its end.
    pub async fn run<A: AsRef<str>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Ran> {
        self.run_within(program, args, secs(120)).await
    }

    /// Runs a command inside as root, for at most `limit`.
    pub async fn run_within<A: AsRef<str>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
        limit: Duration,
    ) -> Result<Ran> {
        let args: Vec<String> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        let started: Started = self
            .call(
                "guest-exec",
                json!({"path": program, "arg": args, "capture-output": true}),
            )
            .await
            .with_context(|| format!("starting {program} in the guest"))?;
        let reason = format!("{program} {} in the guest", args.join(" "));
        wait_until(&reason, limit, || async {
            let status: Status = self
                .call("guest-exec-status", json!({"pid": started.pid}))
                .await?;
            if !status.exited {
                return Ok(Look::NotYet("it runs".into()));
            }
            Ok(Look::Found(Ran {
                code: status
                    .exitcode
                    .unwrap_or_else(|| 128 + status.signal.unwrap_or(0)),
                stdout: decode_text(status.out)?,
                stderr: decode_text(status.err)?,
            }))
        })
        .await
    }

    /// Starts a command inside whose end nobody will see (a reboot).
    pub async fn start_and_forget<A: AsRef<str>>(
        &self,
        program: &str,
        args: impl IntoIterator<Item = A>,
    ) -> Result<()> {
        let args: Vec<String> = args.into_iter().map(|a| a.as_ref().to_owned()).collect();
        self.call::<Started>("guest-exec", json!({"path": program, "arg": args}))
            .await
            .map(drop)
    }

    /// Begins anew with the next call: the guest has restarted.
    pub(crate) async fn forget_connection(&self) {
        *self.connection.lock().await = None;
    }

    /// Lets go of the connection so that another client can have it.
    #[cfg(feature = "clients")]
    pub(crate) fn let_go(&self) {
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
    }

    /// A whole file of the guest.
    pub async fn read_file(&self, path: &str) -> Result<Vec<u8>> {
        let handle: i64 = self
            .call("guest-file-open", json!({"path": path, "mode": "r"}))
            .await
            .with_context(|| format!("opening the guest's {path}"))?;
        let mut bytes = Vec::new();
        loop {
            let piece: Piece = self
                .call(
                    "guest-file-read",
                    json!({"handle": handle, "count": 1 << 20}),
                )
                .await?;
            let data = BASE64.decode(&piece.data)?;
            ensure!(
                data.len() == piece.count,
                "the guest agent's count does not match its data"
            );
            bytes.extend(data);
            if piece.eof || piece.count == 0 {
                break;
            }
        }
        self.call::<Value>("guest-file-close", json!({"handle": handle}))
            .await?;
        Ok(bytes)
    }

    /// Writes a file of the guest, or an attribute of its kernel.
    pub async fn write_file(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let handle: i64 = self
            .call("guest-file-open", json!({"path": path, "mode": "w"}))
            .await
            .with_context(|| format!("opening the guest's {path}"))?;
        self.call::<Value>(
            "guest-file-write",
            json!({"handle": handle, "buf-b64": BASE64.encode(bytes)}),
        )
        .await?;
        self.call::<Value>("guest-file-close", json!({"handle": handle}))
            .await?;
        Ok(())
    }

    /// Writes everything out and forgets what was read: the next reading is the disks'.
    pub async fn drop_caches(&self) -> Result<()> {
        self.run("/usr/bin/sync", [""; 0]).await?.success()?;
        self.write_file("/proc/sys/vm/drop_caches", b"3\n").await
    }

    /// Puts the guest's clock forward, as a time server does to one that is late. What
    /// the box waits for by its clock is over with its next look, but for what it has not
    /// told anybody of yet: that must last, whatever the clock says.
    pub async fn put_clock_forward(&self, by: Duration) -> Result<()> {
        self.set_clock(&format!("{} seconds", by.as_secs())).await
    }

    /// Sets the guest's clock to what GNU `date` understands.
    pub async fn set_clock(&self, to: &str) -> Result<()> {
        let set = self.run("/usr/bin/date", ["--set", to]).await?;
        set.success().map(drop)
    }

    /// The guest's clock, in nanoseconds since 1970.
    pub async fn clock(&self) -> Result<u64> {
        self.call("guest-get-time", json!({})).await
    }

    async fn call<T: DeserializeOwned>(&self, command: &str, arguments: Value) -> Result<T> {
        self.call_within(command, arguments, CALL_LIMIT).await
    }

    async fn call_within<T: DeserializeOwned>(
        &self,
        command: &str,
        arguments: Value,
        limit: Duration,
    ) -> Result<T> {
        let mut connection = self.connection.lock().await;
        let exchange = async {
            let mut stream = match connection.take() {
                Some(stream) => stream,
                None => self.connect().await?,
            };
            let mut line =
                serde_json::to_vec(&json!({"execute": command, "arguments": arguments}))?;
            line.push(b'\n');
            stream.write_all(&line).await?;
            let mut answer = String::new();
            ensure!(
                stream.read_line(&mut answer).await? > 0,
                "the machine is off"
            );
            // Only a finished exchange leaves the two sides in step.
            *connection = Some(stream);
            Ok(answer)
        };
        let answer = match tokio::time::timeout(limit, exchange).await {
            Ok(answer) => answer?,
            Err(_) => bail!(
                "the guest agent did not answer {command} within {} s",
                limit.as_secs()
            ),
        };
        match serde_json::from_str(answer.trim())
            .with_context(|| format!("the guest agent said {answer:?}"))?
        {
            Answer {
                error: Some(error), ..
            } => bail!("the guest agent refuses {command}: {}", error.desc),
            Answer { value, .. } => serde_json::from_value(value.unwrap_or_default())
                .with_context(|| format!("reading {command}'s answer")),
        }
    }

    /// Opens a connection and throws away what an earlier one left behind.
    async fn connect(&self) -> Result<BufReader<UnixStream>> {
        let mut stream = BufReader::new(socket::connect(&self.folder, Self::SOCKET).await?);
        // The leading 0xFF ends whatever half line the agent may still hold; it
        // answers the sync with an 0xFF of its own.
        let mut ask = vec![0xFF];
        ask.extend(br#"{"execute":"guest-sync-delimited","arguments":{"id":7465}}"#);
        ask.push(b'\n');
        stream.write_all(&ask).await?;
        loop {
            let mut stale = Vec::new();
            stream.read_until(0xFF, &mut stale).await?;
            let mut line = String::new();
            ensure!(stream.read_line(&mut line).await? > 0, "the machine is off");
            if line.contains("7465") {
                return Ok(stream);
            }
        }
    }
}

fn decode_text(data: Option<String>) -> Result<String> {
    match data {
        Some(data) => Ok(String::from_utf8_lossy(&BASE64.decode(data)?).into_owned()),
        None => Ok(String::new()),
    }
}
