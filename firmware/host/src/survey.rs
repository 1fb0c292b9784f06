//! A disk's own words, as the judge reads them: what `smartmontools-sys` surveyed
//! becomes a [`Report`]. Only conversion; the visits themselves are in `visits`.

use jiff::Timestamp;
use preau_domain::health::{
    self, DiskReading, Figure, Hours, Medium, Report, SelfTestLine, SelfTestMinutes, SelfTestState,
};
use preau_domain::reading::Reading;
use smartmontools_sys::{
    AtaSmart, AttributeState, Cause, Details, NvmeHealth, Rotation, ScsiHealth, SelfTestEntry,
    SelfTestKind, SelfTestOutcome,
};
use std::time::Duration;

/// What was found by one question.
type Answer<T> = Result<Option<T>, smartmontools_sys::Error>;

/// A survey, for the judge and for people.
pub fn report(survey: &smartmontools_sys::Report, at: Timestamp) -> Report {
    let self_tests = survey.self_tests.as_ref().ok().and_then(Option::as_ref);
    let (figures, self_test_minutes) = match &survey.details {
        Details::Ata {
            smart: Ok(smart), ..
        } => (ata_figures(smart), minutes(smart)),
        Details::Nvme(Ok(log)) => (nvme_figures(log), None),
        Details::Scsi(Ok(log)) => (scsi_figures(log), None),
        Details::Ata { .. } | Details::Nvme(_) | Details::Scsi(_) => (Vec::new(), None),
    };
    Report {
        reading: reading(survey, at),
        firmware: survey.identity.firmware.clone(),
        family: survey.identity.family.clone(),
        warning: survey.identity.warning.clone(),
        turns: match survey.identity.rotation {
            Rotation::PerMinute(turns) => Some(turns),
            Rotation::Solid | Rotation::Unknown => None,
        },
        figures,
        self_test: match &survey.self_test {
            // A disk that keeps no log has nothing to run.
            _ if matches!(survey.self_tests, Ok(None)) => SelfTestState::Unsupported,
            Ok(smartmontools_sys::SelfTestState::Idle) => SelfTestState::Idle,
            Ok(smartmontools_sys::SelfTestState::Running { done }) => SelfTestState::Running {
                done: health::Percent(done.0),
            },
            Err(error) if lacks_it(error) => SelfTestState::Unsupported,
            Err(_) => SelfTestState::Unknown,
        },
        self_tests: self_tests.map(|log| log.iter().map(self_test_line).collect()),
        self_test_minutes,
    }
}

/// What is judged of a survey.
pub fn reading(survey: &smartmontools_sys::Report, at: Timestamp) -> DiskReading {
    let mut found = DiskReading {
        own_verdict: known(
            match &survey.health {
                Ok(own) if own.is_passed() => Ok(Some(health::OwnVerdict::Passed)),
                Ok(_) => Ok(Some(health::OwnVerdict::Failed)),
                Err(error) => Err(error.clone()),
            },
            at,
        ),
        temperature: known(Ok(survey.temperature.map(|it| health::Celsius(it.0))), at),
        used: known(Ok(survey.used.map(|it| health::Percent(it.0))), at),
        self_tests: known(
            survey
                .self_tests
                .clone()
                .map(|log| log.map(|log| log.iter().map(self_test).collect())),
            at,
        ),
        ..DiskReading::without_smart(at, medium(survey.identity.rotation))
    };
    match &survey.details {
        Details::Ata { smart, .. } => {
            found.attributes = known(smart.clone().map(|it| Some(attributes(&it))), at);
            let on = smart.clone().map(|it| it.powered_on.map(hours));
            found.powered_on = known(on, at);
            // An Intel 520 answers 255 beside a wear-out indicator of 99.
            if survey.used.is_some_and(|used| used.0 == u8::MAX) {
                found.used = Reading::Absent;
            }
        }
        Details::Nvme(log) => {
            found.nvme = known(log.clone().map(|log| Some(nvme_log(&log))), at);
            let on = |log: NvmeHealth| u64::try_from(log.power_on_hours).ok().map(Hours);
            found.powered_on = known(log.clone().map(on), at);
        }
        Details::Scsi(log) => {
            found.scsi = known(log.clone().map(|log| Some(scsi_log(&log))), at);
            found.powered_on = known(log.clone().map(|log| log.powered_on.map(hours)), at);
        }
    }
    found
}

/// What a disk lacks is absent: a disk is not accused of having no thermometer.
fn known<T>(answer: Answer<T>, at: Timestamp) -> Reading<T> {
    match answer {
        Ok(Some(value)) => Reading::at(value, at),
        Ok(None) => Reading::Absent,
        Err(error) if lacks_it(&error) => Reading::Absent,
        Err(error) => Reading::Unreadable {
            reason: crate::chain(&error),
        },
    }
}

/// The disk has no such thing, or cannot be told to watch itself.
fn lacks_it(error: &smartmontools_sys::Error) -> bool {
    error.cause.is_unsupported() || error.cause == Cause::Off
}

const fn medium(rotation: Rotation) -> Medium {
    match rotation {
        Rotation::Solid => Medium::Flash,
        Rotation::PerMinute(_) | Rotation::Unknown => Medium::Platters,
    }
}

const fn hours(time: Duration) -> Hours {
    Hours(time.as_secs() / 3600)
}

fn attributes(smart: &AtaSmart) -> Vec<health::Attribute> {
    let convert = |found: &smartmontools_sys::Attribute| health::Attribute {
        id: found.id,
        value: found.value,
        threshold: found.threshold,
        prefailure: found.flags.is_prefailure(),
        raw: found.raw,
    };
    smart.attributes.iter().map(convert).collect()
}

const fn nvme_log(log: &NvmeHealth) -> health::NvmeLog {
    health::NvmeLog {
        critical_warning: log.critical_warning.0,
        spare: health::Percent(log.spare.0),
        spare_threshold: health::Percent(log.spare_threshold.0),
        media_errors: log.media_errors,
    }
}

fn scsi_log(found: &ScsiHealth) -> health::ScsiLog {
    let counters = [found.read, found.write, found.verify];
    let known: Vec<u64> = counters.iter().filter_map(|it| it.uncorrected).collect();
    health::ScsiLog {
        grown_defects: found.grown_defects.map(u64::from),
        uncorrected: (!known.is_empty()).then(|| known.iter().sum()),
    }
}

const fn kind(kind: SelfTestKind) -> health::SelfTestKind {
    match kind {
        SelfTestKind::Extended => health::SelfTestKind::Extended,
        SelfTestKind::Short | SelfTestKind::Other(_) => health::SelfTestKind::Short,
    }
}

const fn outcome(outcome: SelfTestOutcome) -> health::SelfTestOutcome {
    match outcome {
        SelfTestOutcome::Passed => health::SelfTestOutcome::Passed,
        SelfTestOutcome::Failed(_) => health::SelfTestOutcome::Failed,
        SelfTestOutcome::Aborted | SelfTestOutcome::Running => health::SelfTestOutcome::Unfinished,
    }
}

const fn self_test(found: &SelfTestEntry) -> health::SelfTest {
    health::SelfTest {
        kind: kind(found.kind),
        outcome: outcome(found.outcome),
        at: hours(found.at),
    }
}

const fn self_test_line(found: &SelfTestEntry) -> SelfTestLine {
    SelfTestLine {
        kind: kind(found.kind),
        outcome: outcome(found.outcome),
        at: hours(found.at),
        failing_block: found.failing_block,
    }
}

fn minutes(smart: &AtaSmart) -> Option<SelfTestMinutes> {
    let minutes = smart.self_test_minutes?;
    Some(SelfTestMinutes {
        short: minutes.short,
        extended: minutes.extended,
    })
}

fn ata_figures(smart: &AtaSmart) -> Vec<Figure> {
    let figure = |found: &smartmontools_sys::Attribute| Figure {
        id: Some(found.id),
        name: found.name.clone(),
        value: found.value,
        worst: found.worst,
        threshold: found.threshold,
        failing: found.state == AttributeState::FailingNow,
        raw: found.raw_text.clone(),
    };
    smart.attributes.iter().map(figure).collect()
}

/// A counter without a scale.
fn counter(name: &str, raw: impl ToString) -> Figure {
    Figure {
        id: None,
        name: name.to_owned(),
        value: None,
        worst: None,
        threshold: None,
        failing: false,
        raw: raw.to_string(),
    }
}

/// In the words of the NVM Express base specification.
fn nvme_figures(log: &NvmeHealth) -> Vec<Figure> {
    vec![
        Figure {
            failing: !log.critical_warning.is_silent(),
            ..counter(
                "Critical Warning",
                format!("0x{:02x}", log.critical_warning.0),
            )
        },
        counter("Available Spare", log.spare),
        counter("Available Spare Threshold", log.spare_threshold),
        counter("Percentage Used", log.used),
        counter("Data Units Read", log.data_units_read),
        counter("Data Units Written", log.data_units_written),
        counter("Power Cycles", log.power_cycles),
        counter("Power On Hours", log.power_on_hours),
        counter("Unsafe Shutdowns", log.unsafe_shutdowns),
        counter("Media and Data Integrity Errors", log.media_errors),
        counter("Error Information Log Entries", log.error_log_entries),
    ]
}

fn scsi_figures(log: &ScsiHealth) -> Vec<Figure> {
    let counted = [
        ("Read, corrected", log.read.corrected),
        ("Read, uncorrected", log.read.uncorrected),
        ("Write, corrected", log.write.corrected),
        ("Write, uncorrected", log.write.uncorrected),
        ("Verify, corrected", log.verify.corrected),
        ("Verify, uncorrected", log.verify.uncorrected),
        ("Grown defects", log.grown_defects.map(u64::from)),
    ];
    let counted = counted
        .into_iter()
        .filter_map(|(name, count)| Some(counter(name, count?)));
    let said = log.exception.as_ref().map(|words| Figure {
        failing: true,
        ..counter("Informational exception", words)
    });
    said.into_iter().chain(counted).collect()
}
