//! Shows the pages without a box: `cargo run -p preau-web --example pages -- SCENE`
//! serves them at <https://localhost:8443> from a supervisor in memory. A scene is
//! `fresh`, `well`, `degraded`, `replaceable`, `rebuilding`, `growable`, `unclean`,
//! `failing` or `forgetful`; the first one takes the code that is printed, the others
//! the login `elodie.durand` and the password `cheval agrafe pile`.
//!
//! The scene `real` is the real supervisor on a machine that is not there, with two
//! blank disks. Lines on standard input change the machine: `pull BAY`,
//! `insert BAY`, `fail BAY` (seen at the next visit), `rebuild PERCENT`, `code`; for the
//! copies `write PATH TEXT` puts a file into the share, `hold` keeps workers under way
//! until `release`, `lock` lets every destination refuse until `unlock`. `burn` puts a
//! new box in the place of this one; what the destinations keep stays.

#[path = "../tests/fake/mod.rs"]
mod fake;

use fake::{CODE, Fake, Folder, PASSWORD, make_certificate, scenes};
use preau_host::FakeMachine;
use preau_offsite_job::Failure;
use preau_supervisor::auth::passwords::Judge;
use preau_supervisor::paths::Paths;
use preau_web::{Config, serve};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader, stdin};
use tokio::sync::Mutex;

type Trouble = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Trouble> {
    let mut arguments = std::env::args().skip(1);
    let scene = arguments.next().unwrap_or_else(|| "fresh".to_owned());
    let port: u16 = arguments.next().map_or(Ok(8443), |port| port.parse())?;
    let folder = Folder::new();
    let socket = folder.path().join("api.sock");
    let (mut certificate, mut key) = make_certificate(folder.path());
    let mut real_socket = None;
    let scene = match scene.as_str() {
        "fresh" => Some(scenes::fresh()),
        "well" => Some(scenes::well()),
        "degraded" => Some(scenes::degraded()),
        "replaceable" => Some(scenes::replaceable()),
        "rebuilding" => Some(scenes::rebuilding()),
        "growable" => Some(scenes::growable()),
        "unclean" => Some(scenes::unclean()),
        "failing" => Some(scenes::failing()),
        "forgetful" => Some(scenes::forgetful()),
        "real" => None,
        other => return Err(format!("no scene is called {other}").into()),
    };
    match scene {
        Some(scene) => Fake::new(scene).listen(&socket),
        None => {
            let paths = Paths::below(folder.path());
            certificate = paths.tls().join("server.pem");
            key = paths.tls().join("server.key");
            real_socket = Some(supervise(paths).await);
        }
    }
    let config = Config {
        https: ([127, 0, 0, 1], port).into(),
        http: ([127, 0, 0, 1], port + 1).into(),
        socket: real_socket.unwrap_or(socket),
        certificate,
        key,
    };
    let shown = serve(config, |https, http| {
        println!(
            "https://localhost:{}, explained at port {}",
            https.port(),
            http.port()
        );
        println!("code {CODE}, password {PASSWORD}");
    });
    tokio::select! {
        ended = shown => ended?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}

/// The real supervisor, on a machine that obeys standard input. As systemd does, it is
/// started again when it ends.
async fn supervise(paths: Paths) -> std::path::PathBuf {
    let socket = paths.socket().to_owned();
    let (burns, mut burnt) = tokio::sync::mpsc::channel::<()>(1);
    let machine = Arc::new(Mutex::new(FakeMachine::with_blank_disks(2)));
    let shown = Arc::clone(&machine);
    tokio::spawn(async move {
        loop {
            let box_now = shown.lock().await.clone();
            let runs = preau_supervisor::run(box_now.clone(), paths.clone(), Judge::Here);
            tokio::select! {
                ended = runs => println!("the supervisor ended: {ended:?}"),
                _ = burnt.recv() => {
                    if let Err(error) = std::fs::remove_dir_all(paths.state()) {
                        println!("{error}");
                    }
                    *shown.lock().await = box_now.burn(2);
                }
            }
        }
    });
    tokio::spawn(async move {
        let mut lines = BufReader::new(stdin()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if line == "burn" {
                // It takes one at a time.
                let _ = burns.try_send(());
                continue;
            }
            obey(&*machine.lock().await, &line);
        }
    });
    while !socket.exists() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    socket
}

fn obey(machine: &FakeMachine, line: &str) {
    match line.split_once(' ').unwrap_or((line, "")) {
        ("pull", bay) => match machine.disk_in(bay) {
            Some(disk) => machine.pull(&disk.id),
            None => println!("bay {bay} is empty"),
        },
        ("insert", bay) => {
            machine.insert_blank(bay);
        }
        ("fail", bay) => match machine.disk_in(bay) {
            Some(disk) => machine.reallocate(&disk.id, 214),
            None => println!("bay {bay} is empty"),
        },
        ("rebuild", percent) => machine.tick_rebuild(percent.parse().unwrap_or(100)),
        ("write", rest) => match rest.split_once(' ') {
            Some((path, text)) => machine.write_file("commun", path, text),
            None => println!("write PATH TEXT"),
        },
        ("hold", _) => machine.hold_workers_back(true),
        ("release", _) => machine.hold_workers_back(false),
        ("lock", _) => machine.refuse_copies(Some(Failure::LoginRefused)),
        ("unlock", _) => machine.refuse_copies(None),
        ("code", _) => println!("{}", machine.claim_notice().unwrap_or_default()),
        _ => println!(
            "pull, insert or fail BAY, rebuild PERCENT, write PATH TEXT, hold, release, lock, unlock, burn, code"
        ),
    }
}
