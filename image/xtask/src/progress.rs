//! One line when a long step starts, and its seconds when it ends.

use std::io::Write;
use std::time::Instant;

use anyhow::Result;

/// Runs `work`, named `step` on the terminal.
pub fn step<T>(step: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let start = Instant::now();
    print!("  {step} …");
    // A line that cannot be shown is no reason to stop a build.
    let _ = std::io::stdout().flush();
    let result = work();
    let seconds = start.elapsed().as_secs_f32();
    match &result {
        Ok(_) => println!(" {seconds:.1} s"),
        Err(_) => println!(" failed after {seconds:.1} s"),
    }
    result
}
