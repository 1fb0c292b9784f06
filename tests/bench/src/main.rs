//! Measures the box and compares it with the budgets of the design.
//!
//! One machine is booted and set up through the API. Then its memory is read, its
//! first page is asked for again and again, and a disk is pulled a few times; each
//! figure keeps all its samples. The table goes to the terminal, the same as JSON
//! to the file that `PREAU_BENCH_JSON` names. A benchmark measures; it fails only
//! when something could not be measured. With the word `layers` it compares what
//! decision 0005 chose from, instead.

mod figures;
mod layers;
mod pull;
mod rest;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use preau_lab::{Lab, lab::setting, mib};

use figures::{Figure, Report};

#[tokio::main]
async fn main() -> Result<()> {
    let image = PathBuf::from(setting("PREAU_IMAGE_DIR")?);
    let out = PathBuf::from(setting("PREAU_BENCH_JSON")?);
    let mut report = Report::default();
    match std::env::args().nth(1).as_deref() {
        None => {}
        Some("layers") => {
            let compared = layers::compare(&mut report).await;
            print!("{}", report.table());
            report.write(&out)?;
            return compared;
        }
        Some(other) => bail!("nothing here measures {other:?}"),
    }
    report.add(rest::image_size(&image)?);

    let (lab, boot) = Lab::new("bench")
        .disk_size(mib(256))
        .disks(["bay1", "bay2"])
        .start_timed()
        .await?;
    report.add(Figure::new(
        "power-on to the page's first answer",
        "s",
        None,
        vec![boot.as_secs_f64()],
    ));
    lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    report.add(rest::resident_memory(&lab).await?);
    report.add(rest::page_latency(&lab).await?);
    for figure in pull::measure(&lab).await? {
        report.add(figure);
    }
    // What was measured is told even if the machine then complains of something.
    print!("{}", report.table());
    report.write(&out)?;
    lab.finish().await.context("ending the benchmark's machine")
}
