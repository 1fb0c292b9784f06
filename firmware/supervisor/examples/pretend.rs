//! The whole supervisor on a machine that is not there, for work on the pages:
//! `cargo run -p preau-supervisor --example pretend -- FOLDER`. The socket is
//! `FOLDER/api.sock`; the code is printed, and in `FOLDER/state/secrets.json`. Lines
//! on standard input: `pull 2`, `insert 2` (a blank disk), `rebuild 40`, `full`.

use preau_host::FakeMachine;
use preau_supervisor::auth::passwords::Judge;
use preau_supervisor::paths::Paths;
use std::error::Error;
use std::io::BufRead;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).map(PathBuf::from);
    let folder = folder.ok_or("say in which folder to keep the state")?;
    let paths = Paths::below(&folder);
    let machine = FakeMachine::with_blank_disks(4);
    let hands = machine.clone();
    std::thread::spawn(move || obey(&hands));
    let shown = machine.clone();
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(4)
        .build()?
        .block_on(async {
            let supervisor = preau_supervisor::run(machine, paths, Judge::Here);
            tokio::pin!(supervisor);
            let mut told = false;
            loop {
                tokio::select! {
                    ended = &mut supervisor => return ended.map_err(Into::into),
                    () = tokio::time::sleep(std::time::Duration::from_millis(200)), if !told => {
                        if let Some(notice) = shown.claim_notice() {
                            eprintln!("{notice}");
                            told = true;
                        }
                    }
                }
            }
        })
}

fn obey(machine: &FakeMachine) {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let mut words = line.split_whitespace();
        match (words.next(), words.next()) {
            (Some("pull"), Some(bay)) => match machine.disk_in(bay) {
                Some(disk) => machine.pull(&disk.id),
                None => eprintln!("bay {bay} is empty"),
            },
            (Some("insert"), Some(bay)) => {
                machine.insert_blank(bay);
            }
            (Some("rebuild"), Some(percent)) => match percent.parse() {
                Ok(percent) => machine.tick_rebuild(percent),
                Err(error) => eprintln!("{percent}: {error}"),
            },
            (Some("full"), None) => machine.fill_volume(0),
            _ => eprintln!("pull BAY, insert BAY, rebuild PERCENT, full"),
        }
    }
}
