//! The box at rest: how large it is, and how fast its first page.

use std::{os::unix::fs::MetadataExt, path::Path, time::Instant};

use anyhow::{Context, Result};
use preau_lab::Lab;

use crate::figures::Figure;

/// Requests for the page's latency: enough for a 99th percentile.
const REQUESTS: usize = 300;

/// The root image, compressed.
pub fn image_size(image: &Path) -> Result<Figure> {
    let found = image
        .join("root.squashfs")
        .metadata()
        .context("reading the root image")?;
    Ok(Figure::new(
        "root image, compressed",
        "MB",
        Some(100.0),
        vec![found.size() as f64 / 1e6],
    ))
}

/// The status page for somebody who is logged in, over one TLS connection.
pub async fn page_latency(lab: &Lab) -> Result<Figure> {
    let mut samples = Vec::with_capacity(REQUESTS);
    // The first opens the connection.
    lab.nas().page("/").await?;
    for _ in 0..REQUESTS {
        let start = Instant::now();
        lab.nas().page("/").await?;
        samples.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(Figure::at(
        99,
        "status page, 99th percentile",
        "ms",
        Some(50.0),
        samples,
    ))
}
