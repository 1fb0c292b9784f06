//! What the box costs while nobody uses it: processor time, wake-ups and memory of each
//! of its services, over some minutes in which nothing is asked of it.
//!
//! The kernel's own counts are read at both ends of the span: `cpu.stat` of a unit's
//! control group, the context switches of its threads (each is a wake-up, or the end of
//! one), and `smaps_rollup` for memory, where what is shared is divided.

use std::time::Duration;

use anyhow::{Context, Result};
use preau_lab::{Lab, mins};

use crate::figures::Figure;

/// The services that are Préau's own.
const UNITS: [&str; 2] = ["preau-supervise.service", "preau-web.service"];
/// Long enough for what is done once a minute to be counted several times.
const SPAN: Duration = mins(2);
/// How many spans, one after the other.
const SPANS: usize = 3;

/// The counts of a unit at one moment.
#[derive(Debug, Clone, Copy)]
struct Counts {
    /// The guest's clock, in nanoseconds.
    at: u64,
    /// Processor time since the unit started, in microseconds.
    cpu: u64,
    /// Context switches of its threads since they started.
    switches: u64,
}

/// Measures each service at rest. Nothing may be asked of the box meanwhile.
pub async fn measure(lab: &Lab) -> Result<Vec<Figure>> {
    let mut cpu = UNITS.map(|_| Vec::new());
    let mut wakes = UNITS.map(|_| Vec::new());
    for _ in 0..SPANS {
        let before = [count(lab, UNITS[0]).await?, count(lab, UNITS[1]).await?];
        // What is measured is a length of time, in which nothing is waited for.
        tokio::time::sleep(SPAN).await;
        for (place, unit) in UNITS.into_iter().enumerate() {
            let (from, to) = (before[place], count(lab, unit).await?);
            let nanoseconds = to.at.saturating_sub(from.at) as f64;
            let used = to.cpu.saturating_sub(from.cpu) as f64 * 1000.0;
            cpu[place].push(100.0 * used / nanoseconds);
            let switches = to.switches.saturating_sub(from.switches) as f64;
            wakes[place].push(switches * 60e9 / nanoseconds);
        }
    }
    let mut figures = Vec::new();
    for (unit, samples) in UNITS.iter().zip(cpu) {
        let name = format!("{}, idle, of one core", short(unit));
        figures.push(Figure::new(&name, "%", None, samples));
    }
    for (unit, samples) in UNITS.iter().zip(wakes) {
        let name = format!("{}, idle, context switches a minute", short(unit));
        figures.push(Figure::new(&name, "", None, samples));
    }
    figures.extend(memory(lab).await?);
    Ok(figures)
}

/// What is resident of each service, and of both together: what they share counted twice,
/// and counted once beside the budget.
pub async fn memory(lab: &Lab) -> Result<Vec<Figure>> {
    let mut figures = Vec::new();
    let (mut twice, mut once) = (0.0, 0.0);
    for unit in UNITS {
        let pid = main_pid(lab, unit).await?;
        let text = read(lab, &format!("/proc/{pid}/smaps_rollup")).await?;
        let resident = kib_of(&text, "Rss:")? / 1024.0;
        twice += resident;
        once += kib_of(&text, "Pss:")? / 1024.0;
        let name = format!("{}, idle, resident", short(unit));
        figures.push(Figure::new(&name, "MiB", None, vec![resident]));
    }
    for (how, budget, size) in [
        ("what they share counted twice", None, twice),
        ("what they share counted once", Some(24.0), once),
    ] {
        let name = format!("supervisor and web, idle, {how}");
        figures.push(Figure::new(&name, "MiB", budget, vec![size]));
    }
    Ok(figures)
}

async fn count(lab: &Lab, unit: &str) -> Result<Counts> {
    let pid = main_pid(lab, unit).await?;
    let group = format!("/sys/fs/cgroup/system.slice/{unit}/cpu.stat");
    let cpu = number_after(&read(lab, &group).await?, "usage_usec")?;
    let at = lab.guest().clock().await?;
    let tasks = format!("/proc/{pid}/task");
    let threads = lab.guest().run("/usr/bin/ls", [&tasks]).await?.success()?;
    // One program for all threads: each question to the guest costs it a process.
    let files = threads.lines().map(|id| format!("{tasks}/{id}/status"));
    let told = lab.guest().run("/usr/bin/cat", files).await?;
    // A thread that ends meanwhile is an error to cat, and no loss.
    let switches = told.stdout.lines().filter_map(|line| {
        let (name, count) = line.split_once(':')?;
        name.ends_with("ctxt_switches").then_some(())?;
        count.trim().parse::<u64>().ok()
    });
    Ok(Counts {
        at,
        cpu,
        switches: switches.sum(),
    })
}

async fn main_pid(lab: &Lab, unit: &str) -> Result<u32> {
    let args = ["show", "--property=MainPID", "--value", unit];
    let told = lab.guest().run("/usr/bin/systemctl", args).await?;
    let pid = told.success()?;
    pid.trim()
        .parse()
        .with_context(|| format!("the process of {unit}"))
}

async fn read(lab: &Lab, path: &str) -> Result<String> {
    let bytes = lab.guest().read_file(path).await?;
    String::from_utf8(bytes).with_context(|| format!("reading the guest's {path}"))
}

fn short(unit: &str) -> &str {
    unit.trim_end_matches(".service")
}

/// `Rss:   1234 kB`
fn kib_of(text: &str, field: &str) -> Result<f64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let number = line.and_then(|line| line.trim().strip_suffix("kB"));
    let number = number.with_context(|| format!("no {field}"))?;
    number
        .trim()
        .parse()
        .with_context(|| format!("reading {field}"))
}

/// `usage_usec 1234`
fn number_after(text: &str, word: &str) -> Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(word));
    let number = line.with_context(|| format!("no {word}"))?;
    number
        .trim()
        .parse()
        .with_context(|| format!("reading {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_counts_are_read() {
        let rollup = "Rss:               21504 kB\nPss:   18000 kB\nPss_Dirty: 9 kB\n";
        assert_eq!(kib_of(rollup, "Rss:").unwrap(), 21504.0);
        assert_eq!(kib_of(rollup, "Pss:").unwrap(), 18000.0);
        assert!(kib_of(rollup, "Swap:").is_err());
        let stat = "usage_usec 81234\nuser_usec 50000\n";
        assert_eq!(number_after(stat, "usage_usec").unwrap(), 81234);
    }
}
