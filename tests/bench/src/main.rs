//! Measures the box and compares it with the budgets of the design.
//!
//! One machine is booted and set up through the API. Then it is left alone for some
//! minutes, its first page is asked for again and again, and a disk is pulled a few
//! times; another machine replaces disks. Each figure keeps all its samples. The table
//! goes to the terminal, the same as JSON to the file that `PREAU_BENCH_JSON` names. A
//! benchmark measures; it fails only when something could not be measured.
//!
//! A word measures one thing alone: `faults` how soon each fault is noticed beside
//! `mdadm` and `smartd`, `idle`, `rebuild`, `pull`, `layers` what decision 0005 chose
//! from, and `stored` what decision 0014 did. `copies` needs no machine: it measures the
//! offsite worker beside `restic`. `record` measures nothing: it writes down what the
//! kernel and the programs say.

mod copies;
mod faults;
mod figures;
mod idle;
mod layers;
mod pull;
mod rebuild;
mod record;
mod rest;
mod stored;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use preau_lab::{Lab, lab::setting, mib};

use figures::{Figure, Report};

/// How often each fault is made when nobody says otherwise.
const SAMPLES: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let out = PathBuf::from(setting("PREAU_BENCH_JSON")?);
    let args: Vec<String> = std::env::args().skip(1).collect();
    let word = args.first().map(String::as_str);
    let mut report = Report::default();
    let measured = measure(word, args.get(1..).unwrap_or_default(), &mut report, &out).await;
    // What was measured is told even if the machine then complains of something.
    print!("{}", report.table());
    report.write(&out)?;
    measured
}

async fn measure(
    word: Option<&str>,
    rest: &[String],
    report: &mut Report,
    out: &Path,
) -> Result<()> {
    match word {
        None => everything(report).await,
        Some("layers") => layers::compare(report).await,
        Some("faults") => {
            let samples = match rest.first() {
                Some(samples) => samples.parse().context("reading how many samples")?,
                None => SAMPLES,
            };
            let smartd = PathBuf::from(setting("PREAU_BENCH_SMARTD")?);
            let only = rest.get(1).map(String::as_str);
            faults::measure(report, &smartd, samples, only).await
        }
        Some("idle") => {
            let lab = mirror().await?;
            add_all(report, idle::measure(&lab).await?);
            lab.finish().await
        }
        Some("pull") => {
            let lab = mirror().await?;
            add_all(report, pull::measure(&lab).await?);
            lab.finish().await
        }
        Some("rebuild") => {
            add_all(report, rebuild::measure().await?);
            Ok(())
        }
        Some("stored") => {
            let lab = mirror().await?;
            add_all(report, stored::measure(&lab).await?);
            lab.finish().await
        }
        Some("copies") => {
            let sizes: Vec<u64> = rest
                .iter()
                .map(|files| files.parse().context("reading a number of files"))
                .collect::<Result<_>>()?;
            let sizes = if sizes.is_empty() {
                &copies::FILES[..]
            } else {
                &sizes
            };
            copies::compare(report, sizes)
        }
        Some("record") => record::write(&out.with_extension("")).await,
        Some(other) => bail!("nothing here measures {other:?}"),
    }
}

async fn everything(report: &mut Report) -> Result<()> {
    let image = PathBuf::from(setting("PREAU_IMAGE_DIR")?);
    report.add(rest::image_size(&image)?);

    let (lab, boot) = Lab::new("bench")
        .disk_size(mib(256))
        .disks(["bay1", "bay2"])
        .start_from_power_on()
        .await?;
    report.add(Figure::new(
        "power-on to the page's first answer",
        "s",
        None,
        vec![boot.as_secs_f64()],
    ));
    lab.set_up_with_mirror(["bay1", "bay2"]).await?;
    lab.nas().wait_until_protected().await?;
    add_all(report, idle::measure(&lab).await?);
    report.add(rest::page_latency(&lab).await?);
    add_all(report, pull::measure(&lab).await?);
    lab.finish()
        .await
        .context("ending the benchmark's machine")?;
    add_all(report, rebuild::measure().await?);
    Ok(())
}

/// A machine with a whole mirror.
async fn mirror() -> Result<Lab> {
    Lab::new("bench").start_with_mirror().await
}

fn add_all(report: &mut Report, figures: Vec<Figure>) {
    for figure in figures {
        report.add(figure);
    }
}
