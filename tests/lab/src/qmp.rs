//! QEMU's monitor protocol: JSON lines over a Unix socket.
//!
//! One task reads the socket: answers go to whoever asked (matched by id), events
//! to everybody who subscribed. Subscribe before the command whose event you wait
//! for, or it may pass unseen.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    net::unix::{OwnedReadHalf, OwnedWriteHalf},
    sync::{broadcast, oneshot},
    task::JoinHandle,
};

use crate::{
    socket,
    wait::{Look, secs, wait_until},
};

/// QEMU answers at once unless its main loop is stuck.
const ANSWER_LIMIT: Duration = secs(30);

/// Something that QEMU tells by itself, such as `DEVICE_DELETED`.
#[derive(Debug, Clone, Deserialize)]
pub struct Event {
    /// Its name.
    pub event: String,
    /// What goes with it; its shape depends on the name.
    #[serde(default)]
    pub data: Value,
}

#[derive(Debug, Deserialize)]
struct Refusal {
    class: String,
    desc: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    id: Option<u64>,
    #[serde(rename = "return")]
    value: Option<Value>,
    error: Option<Refusal>,
}

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Answer>>>>;

/// A connection to one machine's monitor.
#[derive(Debug)]
pub struct Qmp {
    writer: tokio::sync::Mutex<(OwnedWriteHalf, u64)>,
    waiting: Waiting,
    events: broadcast::Sender<Event>,
    reader: JoinHandle<()>,
}

impl Drop for Qmp {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

impl Qmp {
    /// Connects to the monitor `name` in a machine's folder, waiting until it is there.
    pub async fn connect(folder: &Path, name: &str) -> Result<Self> {
        let stream = wait_until("QEMU's monitor", secs(20), || async {
            Ok(match socket::connect(folder, name).await {
                Ok(stream) => Look::Found(stream),
                Err(error) => Look::NotYet(format!("{error:#}")),
            })
        })
        .await?;
        let (read, write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let greeting = tokio::time::timeout(ANSWER_LIMIT, lines.next_line())
            .await
            .context("QEMU's monitor does not greet: is another program connected to it?")??;
        if !greeting.as_deref().is_some_and(|line| line.contains("QMP")) {
            bail!("this is not QEMU's monitor: {greeting:?}");
        }
        let waiting = Waiting::default();
        let (events, _) = broadcast::channel(256);
        let reader = tokio::spawn(read_all(lines, waiting.clone(), events.clone()));
        let qmp = Self {
            writer: tokio::sync::Mutex::new((write, 0)),
            waiting,
            events,
            reader,
        };
        qmp.execute::<Value>("qmp_capabilities", json!({})).await?;
        Ok(qmp)
    }

    /// Sends a command and returns its answer.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        command: &str,
        arguments: impl Serialize,
    ) -> Result<T> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut writer = self.writer.lock().await;
            writer.1 += 1;
            let id = writer.1;
            self.lock_waiting().insert(id, sender);
            let mut line =
                serde_json::to_vec(&json!({"execute": command, "arguments": arguments, "id": id}))?;
            line.push(b'\n');
            writer
                .0
                .write_all(&line)
                .await
                .with_context(|| format!("asking QEMU to {command}"))?;
        }
        let answer = tokio::time::timeout(ANSWER_LIMIT, receiver)
            .await
            .with_context(|| format!("QEMU does not answer {command}"))?
            .with_context(|| format!("QEMU went away during {command}"))?;
        match answer {
            Answer {
                error: Some(error), ..
            } => bail!("QEMU refuses {command}: {} ({})", error.desc, error.class),
            Answer { value, .. } => serde_json::from_value(value.unwrap_or_default())
                .with_context(|| format!("reading QEMU's answer to {command}")),
        }
    }

    /// Runs a command whose answer is empty.
    pub async fn order(&self, command: &str, arguments: impl Serialize) -> Result<()> {
        self.execute::<Value>(command, arguments).await.map(drop)
    }

    /// Events from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    fn lock_waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u64, oneshot::Sender<Answer>>> {
        self.waiting
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

async fn read_all(
    mut lines: Lines<BufReader<OwnedReadHalf>>,
    waiting: Waiting,
    events: broadcast::Sender<Event>,
) {
    // Ends with the connection; those who still wait then see their sender gone.
    while let Ok(Some(line)) = lines.next_line().await {
        if let Ok(event) = serde_json::from_str::<Event>(&line) {
            // Nobody listening is fine: events are for those who asked.
            let _ = events.send(event);
        } else if let Ok(answer) = serde_json::from_str::<Answer>(&line) {
            let asked = answer.id.and_then(|id| {
                waiting
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner)
                    .remove(&id)
            });
            if let Some(sender) = asked {
                let _ = sender.send(answer);
            }
        }
    }
    waiting
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .clear();
}

/// Waits for an event that `wanted` accepts.
pub async fn wait_for_event(
    events: &mut broadcast::Receiver<Event>,
    reason: &str,
    limit: Duration,
    wanted: impl Fn(&Event) -> bool,
) -> Result<Event> {
    let search = async {
        loop {
            let event = events.recv().await.context("QEMU went away")?;
            if wanted(&event) {
                return Ok(event);
            }
        }
    };
    match tokio::time::timeout(limit, search).await {
        Ok(found) => found,
        Err(_) => bail!("waited {} s for {reason}", limit.as_secs()),
    }
}
