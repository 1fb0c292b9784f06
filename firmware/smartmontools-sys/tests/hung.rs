//! Disks that hang, throw or talk noise: an error in time, and nobody else held up.

// What a test's helper cannot unwrap is the test's failure.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use common::{healthy_disk, open};
use smartmontools_sys::{
    AtaCommand, AtaRegisters, Bus, Cause, Device, Errno, NvmeCommand, NvmeStatus, Probe, Replay,
    ScsiCommand, ScsiSense, Survey, Transfer, Unreadable,
};

const DEADLINE: Duration = Duration::from_millis(300);
/// For what must come at once, on a machine with other things to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// A disk that does not answer until its channel is closed.
struct Hung {
    asked: Sender<()>,
    released: Arc<Mutex<Receiver<()>>>,
}

impl Replay for Hung {
    fn ata(&mut self, _: &AtaCommand, _: Transfer<'_>) -> Result<Option<AtaRegisters>, Errno> {
        self.asked.send(()).map_err(|_| Errno::IO)?;
        // Ends when the test drops its end.
        let _closed = self.released.lock().unwrap().recv();
        Err(Errno::IO)
    }
}

struct Panics;

impl Replay for Panics {
    fn ata(&mut self, _: &AtaCommand, _: Transfer<'_>) -> Result<Option<AtaRegisters>, Errno> {
        panic!("a recording with a hole in it")
    }
}

/// A disk that answers everything with bytes from a generator (xorshift, Marsaglia).
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn fill(&mut self, transfer: Transfer<'_>) {
        if let Transfer::In(data) = transfer {
            data.fill_with(|| self.next() as u8);
        }
    }
}

impl Replay for Noise {
    fn ata(
        &mut self,
        command: &AtaCommand,
        transfer: Transfer<'_>,
    ) -> Result<Option<AtaRegisters>, Errno> {
        self.fill(transfer);
        let awake = command.command == 0xe5;
        Ok(Some(AtaRegisters {
            count: if awake { 0xff } else { self.next() as u16 },
            lba: self.next() & 0xffff_ffff_ffff,
            ..AtaRegisters::default()
        }))
    }

    fn nvme(
        &mut self,
        _: &NvmeCommand,
        transfer: Transfer<'_>,
    ) -> Result<Option<NvmeStatus>, Errno> {
        self.fill(transfer);
        Ok(None)
    }

    fn scsi(
        &mut self,
        command: &ScsiCommand<'_>,
        mut transfer: Transfer<'_>,
    ) -> Result<Option<ScsiSense>, Errno> {
        if let Transfer::In(data) = &mut transfer {
            data.fill_with(|| self.next() as u8);
            // So that log pages are taken for what was asked for.
            if let ([0x4d, _, page, ..], [first, ..]) = (command.0, &mut data[..]) {
                *first = page & 0x3f;
            }
        }
        Ok(None)
    }
}

#[test]
fn a_hung_disk_is_unreadable_in_time_and_holds_up_no_other() {
    let (asked, was_asked) = channel();
    let (release, released) = channel();
    let released = Arc::new(Mutex::new(released));
    let probe = Probe::with("hung", DEADLINE, move || {
        let (asked, released) = (asked.clone(), Arc::clone(&released));
        Device::replay("hung", Bus::Ata, Hung { asked, released })
    });

    let begin = Instant::now();
    let first = probe.run(|device| device.identity());
    assert!(
        matches!(first, Err(Unreadable::NoAnswer { .. })),
        "{first:?}"
    );
    assert!(begin.elapsed() < DEADLINE + PATIENCE);
    was_asked.recv_timeout(PATIENCE).unwrap();

    // It is not asked again, by whichever probe.
    let again = probe.clone().run(|device| device.identity());
    assert!(
        matches!(again, Err(Unreadable::StillSilent { .. })),
        "{again:?}"
    );
    assert!(was_asked.try_recv().is_err());

    // Its neighbour answers: the library's lock is not with the hung one.
    let well = Probe::with("well", PATIENCE, || {
        Device::replay("well", Bus::Ata, healthy_disk())
    });
    assert!(well.run(|device| device.health()).unwrap().is_passed());

    // When the kernel lets go of the command, the disk can be asked again.
    drop(release);
    let deadline = Instant::now() + PATIENCE;
    loop {
        match probe.run(|device| device.identity()) {
            Err(Unreadable::StillSilent { .. }) if Instant::now() < deadline => {
                std::thread::yield_now();
            }
            Err(Unreadable::Refused(_)) => break,
            other => panic!("still not let go: {other:?}"),
        }
    }
}

#[test]
fn an_exception_in_the_library_becomes_an_error() {
    let mut device = Device::replay("disk", Bus::Ata, Panics).unwrap();
    let error = device.identity().unwrap_err();
    assert_eq!(error.to_string(), "identifying disk");
    assert!(matches!(error.cause, Cause::Exception(_)), "{error:?}");
    // The lock was given back on the way out.
    assert!(open(healthy_disk()).health().unwrap().is_passed());
}

#[test]
fn work_that_panics_leaves_the_probe_usable() {
    let probe = Probe::with("panicky", PATIENCE, || {
        Device::replay("panicky", Bus::Ata, healthy_disk())
    });
    let broken = probe.run::<()>(|_| panic!("on purpose"));
    assert!(matches!(broken, Err(Unreadable::Broken(_))));
    assert!(probe.run(|device| device.health()).unwrap().is_passed());
}

#[test]
fn noise_from_a_disk_breaks_nothing() {
    for seed in 1..=60 {
        for bus in [Bus::Ata, Bus::Nvme, Bus::Scsi] {
            let mut device = Device::replay("noise", bus, Noise(seed)).unwrap();
            // Whatever it makes of it: it comes back, and the tables are short.
            if let Ok(Survey::Awake(report)) = device.survey() {
                let tests = report.self_tests.unwrap_or_default().unwrap_or_default();
                assert!(tests.len() <= 126);
            }
        }
    }
}
