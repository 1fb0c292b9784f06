//! Asking the supervisor on its socket, as root on the console.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use preau_api::{ErrorBody, SOCKET};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::UnixStream;

/// The supervisor answers from memory; longer means that it hangs.
const LIMIT: Duration = Duration::from_secs(10);
/// For what it asks a server far away; it gives up after 120 seconds.
const FAR_LIMIT: Duration = Duration::from_secs(130);
/// For what it asks a disk.
const DISK_LIMIT: Duration = Duration::from_secs(40);

/// Asks the supervisor for something that needs nothing but the place.
pub async fn ask<T: DeserializeOwned>(method: &str, path: &str) -> anyhow::Result<T> {
    let body = if method == "GET" { "" } else { "{}" };
    let answer = send(method, path, body.to_owned(), LIMIT).await?;
    serde_json::from_slice(&answer).context("reading the supervisor's answer")
}

/// The same where the supervisor asks a server far away.
pub async fn ask_far<T: DeserializeOwned>(method: &str, path: &str) -> anyhow::Result<T> {
    let answer = send(method, path, String::new(), FAR_LIMIT).await?;
    serde_json::from_slice(&answer).context("reading the supervisor's answer")
}

/// Asks for something that has a body, and may take as long.
pub async fn ask_with<T: DeserializeOwned>(
    method: &str,
    path: &str,
    body: &(impl Serialize + Sync),
) -> anyhow::Result<T> {
    let body = serde_json::to_string(body).context("writing the request")?;
    let answer = send(method, path, body, FAR_LIMIT).await?;
    serde_json::from_slice(&answer).context("reading the supervisor's answer")
}

/// Asks for something to be done by a disk, which may take its time.
pub async fn tell(method: &str, path: &str, body: String) -> anyhow::Result<()> {
    send(method, path, body, DISK_LIMIT).await.map(drop)
}

/// Says the answer to whoever typed the command.
#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub fn say(text: &str) {
    print!("{text}");
}

/// A text as one segment of a path (RFC 3986, section 3.3).
pub fn in_a_path(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

async fn send(method: &str, path: &str, body: String, limit: Duration) -> anyhow::Result<Bytes> {
    tokio::time::timeout(limit, exchange(method, path, body))
        .await
        .context("the supervisor did not answer in time")?
}

async fn exchange(method: &str, path: &str, body: String) -> anyhow::Result<Bytes> {
    let stream = UnixStream::connect(SOCKET)
        .await
        .with_context(|| format!("connecting to {SOCKET}"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "preau")
        .body(Full::new(Bytes::from(body)))?;
    let response = sender.send_request(request).await?;
    let code = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if code.is_success() {
        return Ok(body);
    }
    match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(body) => bail!("{}", body.error.message),
        Err(_) => bail!("the supervisor answered {code}; only root may ask here"),
    }
}
