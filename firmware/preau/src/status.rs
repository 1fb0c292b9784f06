//! `preau status`: asks the supervisor and says it in a few lines, in the box's
//! language.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Empty};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use preau_api::{SOCKET, Status};
use preau_texts::Texts;
use std::fmt::Write;
use std::process::ExitCode;
use std::time::Duration;
use tokio::net::UnixStream;

/// The supervisor answers from memory; longer means that it hangs.
const LIMIT: Duration = Duration::from_secs(10);

#[allow(
    clippy::print_stdout,
    reason = "the answer to whoever typed the command"
)]
pub async fn print() -> anyhow::Result<ExitCode> {
    let status = tokio::time::timeout(LIMIT, ask())
        .await
        .context("the supervisor did not answer in time")??;
    print!("{}", describe(&status));
    Ok(match status.severity {
        None => ExitCode::SUCCESS,
        Some(_) => ExitCode::FAILURE,
    })
}

async fn ask() -> anyhow::Result<Status> {
    let stream = UnixStream::connect(SOCKET)
        .await
        .with_context(|| format!("connecting to {SOCKET}"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let request = Request::get("/v1/status")
        .header("Host", "preau")
        .body(Empty::<Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let code = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !code.is_success() {
        bail!("the supervisor answered {code}; only root may ask here");
    }
    serde_json::from_slice(&body).context("reading the supervisor's answer")
}

/// The headline, then one line for each thing that is wrong and what to do.
fn describe(status: &Status) -> String {
    let texts = Texts::new(status.language);
    let mut text = String::new();
    let name = status
        .box_name
        .clone()
        .unwrap_or_else(|| texts.t("box-without-name"));
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name}: {}", status.headline);
    for incident in &status.incidents {
        let _ = writeln!(text, "\n{}", incident.text.what_happened);
        for (number, step) in (1..).zip(&incident.text.what_to_do) {
            let _ = writeln!(text, "  {number}. {step}");
        }
    }
    if let Some(volume) = &status.volume {
        let _ = writeln!(text, "\n{}", volume.detail);
    }
    text
}
