//! Tells each time that the kernel says something of disks or arrays, what the
//! arrays look like then, and how long it took to see: for latencies, and to see
//! that an idle machine is silent.

use jiff::Timestamp;
use preau_host::{Machine, System};
use std::time::Instant;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let machine = match Machine::open() {
        Ok(machine) => machine,
        Err(error) => panic!("{error}"),
    };
    let started = Instant::now();
    loop {
        machine.changed().await;
        let rung = started.elapsed();
        let found = machine.observe(Timestamp::UNIX_EPOCH).await;
        let arrays = found.arrays.known().map_or(0, Vec::len);
        let missing: u32 = found
            .arrays
            .known()
            .into_iter()
            .flatten()
            .map(|array| array.missing_members)
            .sum();
        println!(
            "{:9.3} s: {} disks, {arrays} arrays, {missing} members missing (seen after {} ms; {})",
            rung.as_secs_f64(),
            found.disks.known().map_or(0, Vec::len),
            (started.elapsed() - rung).as_millis(),
            uptime(),
        );
    }
}

/// The kernel's clock, as its log writes it.
fn uptime() -> String {
    std::fs::read_to_string("/proc/uptime")
        .ok()
        .and_then(|text| text.split(' ').next().map(str::to_owned))
        .unwrap_or_default()
}
