//! How the disks of the fake machine are. Each keeps its figures as a real one does:
//! made failing, it goes on counting; a self-test that was started runs until a test
//! says how far it is, and is in the log when it is over.

use jiff::Timestamp;
use preau_domain::health::{
    Attribute, Celsius, DiskReading, Figure, Hours, Medium, OwnVerdict, Percent, Report, SelfTest,
    SelfTestKind, SelfTestLine, SelfTestMinutes, SelfTestOutcome, SelfTestState, Touch, Visit,
};
use preau_domain::reading::Reading;
use std::time::Duration;

/// What a school's room makes of a disk.
const USUAL: Celsius = Celsius(34);

/// How a disk is, and how it behaves when it is asked.
#[derive(Debug, Clone)]
pub(super) struct FakeHealth {
    pub(super) behaviour: Behaviour,
    pub(super) temperature: Celsius,
    /// Attribute 5.
    pub(super) reallocated: u64,
    /// Attribute 197.
    pub(super) pending: u64,
    pub(super) own_verdict: OwnVerdict,
    pub(super) reads_fail: bool,
    hours: Hours,
    running: Option<(SelfTestKind, Percent)>,
    log: Vec<SelfTestLine>,
}

/// What a disk does when it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Behaviour {
    Answers,
    Sleeps,
    KeepsSilent,
    /// Reads have waited that long.
    Hangs(Duration),
    /// As QEMU's virtio disks.
    HasNoSmart,
}

impl Default for FakeHealth {
    fn default() -> Self {
        Self {
            behaviour: Behaviour::Answers,
            temperature: USUAL,
            reallocated: 0,
            pending: 0,
            own_verdict: OwnVerdict::Passed,
            reads_fail: false,
            hours: Hours(12_345),
            running: None,
            log: Vec::new(),
        }
    }
}

impl FakeHealth {
    pub(super) fn visit(&self, at: Timestamp) -> Visit {
        match self.behaviour {
            Behaviour::Sleeps => Visit::Asleep,
            Behaviour::KeepsSilent | Behaviour::Hangs(_) => Visit::Silent {
                reason: "the disk did not answer within 20 s".to_owned(),
            },
            Behaviour::HasNoSmart => {
                let reading = DiskReading::without_smart(at, Medium::Platters);
                Visit::Told(Box::new(Report::of_a_disk_without_smart(reading)))
            }
            Behaviour::Answers => Visit::Told(Box::new(self.report(at))),
        }
    }

    pub(super) fn touch(&self) -> Touch {
        match self.behaviour {
            Behaviour::Sleeps => Touch::Asleep,
            Behaviour::Hangs(since) => Touch::Waiting(since),
            _ if self.reads_fail => Touch::Failed {
                reason: "Input/output error (os error 5)".to_owned(),
            },
            _ => Touch::Answered { warning: None },
        }
    }

    /// False while one runs.
    pub(super) fn start_self_test(&mut self, kind: SelfTestKind) -> bool {
        let idle = self.running.is_none();
        if idle {
            self.running = Some((kind, Percent(0)));
        }
        idle
    }

    /// False while none runs.
    pub(super) fn abort_self_test(&mut self) -> bool {
        let running = self.running.is_some();
        self.end_self_test(SelfTestOutcome::Unfinished);
        running
    }

    /// A running test gets that far; at 100 it is over and finds what there is.
    pub(super) fn tick_self_test(&mut self, percent: u8) {
        if let Some((kind, _)) = self.running {
            self.running = Some((kind, Percent(percent)));
            if percent >= 100 {
                let well = self.pending == 0 && self.own_verdict == OwnVerdict::Passed;
                self.end_self_test(match well {
                    true => SelfTestOutcome::Passed,
                    false => SelfTestOutcome::Failed,
                });
            }
        }
    }

    fn end_self_test(&mut self, outcome: SelfTestOutcome) {
        if let Some((kind, _)) = self.running.take() {
            let failing_block = (outcome == SelfTestOutcome::Failed).then_some(0x1a2b3c);
            self.log.insert(
                0,
                SelfTestLine {
                    kind,
                    outcome,
                    at: self.hours,
                    failing_block,
                },
            );
        }
    }

    /// A spinning SATA disk's usual lines: number, name, threshold, pre-failure, raw.
    fn lines(&self) -> [(u8, &'static str, u8, bool, u64); 7] {
        let degrees = u64::try_from(self.temperature.0).unwrap_or_default();
        [
            (5, "Reallocated_Sector_Ct", 10, true, self.reallocated),
            (9, "Power_On_Hours", 0, false, self.hours.0),
            (12, "Power_Cycle_Count", 0, false, 41),
            (194, "Temperature_Celsius", 0, false, degrees),
            (197, "Current_Pending_Sector", 0, false, self.pending),
            (198, "Offline_Uncorrectable", 0, false, 0),
            (199, "UDMA_CRC_Error_Count", 0, false, 0),
        ]
    }

    fn report(&self, at: Timestamp) -> Report {
        let attribute = |(id, _, threshold, prefailure, raw)| Attribute {
            id,
            value: Some(100),
            threshold: Some(threshold),
            prefailure,
            raw,
        };
        let figure = |(id, name, threshold, _, raw): (u8, &str, u8, bool, u64)| Figure {
            id: Some(id),
            name: name.to_owned(),
            value: Some(100),
            worst: Some(100),
            threshold: Some(threshold),
            failing: false,
            raw: raw.to_string(),
        };
        let test = |line: &SelfTestLine| SelfTest {
            kind: line.kind,
            outcome: line.outcome,
            at: line.at,
        };
        let tests = self.log.iter().map(test).collect();
        Report {
            reading: DiskReading {
                own_verdict: Reading::at(self.own_verdict, at),
                powered_on: Reading::at(self.hours, at),
                temperature: Reading::at(self.temperature, at),
                attributes: Reading::at(self.lines().map(attribute).to_vec(), at),
                self_tests: Reading::at(tests, at),
                ..DiskReading::without_smart(at, Medium::Platters)
            },
            firmware: Some("1.0".to_owned()),
            family: Some("Fake disks".to_owned()),
            warning: None,
            turns: Some(5400),
            figures: self.lines().map(figure).to_vec(),
            self_test: match self.running {
                Some((_, done)) => SelfTestState::Running { done },
                None => SelfTestState::Idle,
            },
            self_tests: Some(self.log.clone()),
            self_test_minutes: Some(SelfTestMinutes {
                short: 2,
                extended: 480,
            }),
        }
    }
}
