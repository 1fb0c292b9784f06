//! Asking the supervisor on its socket, as root on the console.

use anyhow::{Context, bail};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use preau_api::{ErrorBody, SOCKET};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::net::UnixStream;

/// The supervisor answers from memory; longer means that it hangs.
const LIMIT: Duration = Duration::from_secs(10);

/// Asks the supervisor for something that needs nothing but the place.
pub async fn ask<T: DeserializeOwned>(method: &str, path: &str) -> anyhow::Result<T> {
    tokio::time::timeout(LIMIT, exchange(method, path))
        .await
        .context("the supervisor did not answer in time")?
}

async fn exchange<T: DeserializeOwned>(method: &str, path: &str) -> anyhow::Result<T> {
    let stream = UnixStream::connect(SOCKET)
        .await
        .with_context(|| format!("connecting to {SOCKET}"))?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let body = if method == "GET" { "" } else { "{}" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("Host", "preau")
        .body(Full::new(Bytes::from_static(body.as_bytes())))?;
    let response = sender.send_request(request).await?;
    let code = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !code.is_success() {
        match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(body) => bail!("{}", body.error.message),
            Err(_) => bail!("the supervisor answered {code}; only root may ask here"),
        }
    }
    serde_json::from_slice(&body).context("reading the supervisor's answer")
}
