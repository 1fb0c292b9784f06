//! Disks as they are found in schools: one in good health, and one that is dying.

use super::Scene;
use jiff::{SignedDuration, Timestamp};
use preau_api::{
    BlinkView, DiskDetails, DiskHealthView, DiskRole, DiskView, OpenView, ReasonView, SelfTestView,
    TemperaturePoint,
};
use preau_domain::blink::BlinkBy;
use preau_domain::health::{
    Celsius, Figure, Hours, Reason, SelfTestKind, SelfTestLine, SelfTestMinutes, SelfTestOutcome,
    Verdict,
};
use preau_domain::opened::Folder;

/// A disk that is well.
pub fn well() -> DiskHealthView {
    DiskHealthView {
        verdict: Some(Verdict::Healthy),
        temperature: Some(Celsius(34)),
        asleep: false,
    }
}

/// All that is known of one of the scene's disks.
pub fn details(scene: &Scene, id: &str) -> Option<DiskDetails> {
    let view = scene
        .status
        .disks
        .iter()
        .find(|view| view.disk.id.as_str() == id)?;
    let now = scene.status.now;
    let dying = view.health.verdict >= Some(Verdict::ReplaceSoon);
    let about_it = |incident: &&preau_api::IncidentView| {
        incident.facts.serial.as_deref() == Some(view.disk.serial.as_str())
    };
    let incidents = scene.status.incidents.iter().chain(&scene.past);
    Some(DiskDetails {
        label: format!("{}, n° …{}", view.disk.model, view.disk.serial_end()),
        word: if dying {
            "À remplacer bientôt"
        } else {
            "En bonne santé"
        }
        .to_owned(),
        sentence: if dying {
            "Ce disque fonctionne encore. Remplacez-le avant qu’il ne lâche."
        } else {
            "Ce disque va bien."
        }
        .to_owned(),
        reasons: if dying { reasons() } else { Vec::new() },
        visited_at: Some(now),
        heat_limit: Celsius(60),
        temperatures: temperatures(now),
        powered_on: Some(Hours(26_302)),
        age: Some("environ 3 ans".to_owned()),
        used: None,
        firmware: Some("81.00A81".to_owned()),
        family: Some("Western Digital Red Plus".to_owned()),
        warning: None,
        turns: Some(5400),
        figures: figures(if dying { 214 } else { 0 }),
        self_test: SelfTestView {
            state: scene.self_test,
            log: log(dying),
            minutes: Some(SelfTestMinutes {
                short: 2,
                extended: 490,
            }),
        },
        blink: BlinkView {
            by: BlinkBy::Activity,
            seconds_left: (scene.blinking.as_deref() == Some(id)).then_some(27),
            wakes: view.health.asleep,
        },
        open: OpenView {
            can: view.role == DiskRole::HoldsData,
            folders: (scene.opened.as_deref() == Some(id)).then(|| {
                vec![Folder {
                    name: "PHOTOS".to_owned(),
                    kind: "exfat".to_owned(),
                    size: 2_000_398_934_016,
                }]
            }),
        },
        incidents: incidents.filter(about_it).cloned().collect(),
        view: DiskView::clone(view),
    })
}

fn reasons() -> Vec<ReasonView> {
    let said = |reason: Reason, text: &str, figure: &str| ReasonView {
        verdict: reason.verdict(),
        reason,
        text: text.to_owned(),
        figure: figure.to_owned(),
    };
    vec![
        said(
            Reason::Reallocated {
                sectors: 214,
                grown: 30,
            },
            "Il a dû remplacer 214 endroits abîmés de sa surface, dont 30 ce mois-ci.",
            "214 secteurs réalloués, +30 en 30 jours",
        ),
        said(
            Reason::SelfTestFailed {
                at: Hours(26_296),
                old: false,
            },
            "Il a trouvé une erreur en se contrôlant lui-même.",
            "autotest échoué à 26296 h",
        ),
    ]
}

/// A month: warmer by day, asleep for two nights, a heat wave at its end.
fn temperatures(now: Timestamp) -> Vec<TemperaturePoint> {
    (0..720)
        .filter(|hour| !(300..309).contains(hour) && !(324..333).contains(hour))
        .map(|hour: i64| {
            let day = [
                0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1, 0, 0, 0,
            ];
            let place = usize::try_from(hour % 24).unwrap();
            let warmth = 31 + day[place] + hour / 200;
            TemperaturePoint {
                at: now - SignedDuration::from_hours(720 - hour),
                degrees: Celsius(i16::try_from(warmth).unwrap()),
            }
        })
        .collect()
}

fn figures(reallocated: u64) -> Vec<Figure> {
    let figure = |id, name: &str, value, threshold, raw: &str| Figure {
        id: Some(id),
        name: name.to_owned(),
        value: Some(value),
        worst: Some(value),
        threshold: Some(threshold),
        failing: false,
        raw: raw.to_owned(),
    };
    vec![
        figure(1, "Raw_Read_Error_Rate", 200, 51, "0"),
        figure(3, "Spin_Up_Time", 178, 21, "6075"),
        figure(
            5,
            "Reallocated_Sector_Ct",
            198,
            140,
            &reallocated.to_string(),
        ),
        figure(9, "Power_On_Hours", 64, 0, "26302"),
        figure(194, "Temperature_Celsius", 116, 0, "34 (Min/Max 18/45)"),
        figure(197, "Current_Pending_Sector", 200, 0, "0"),
        figure(199, "UDMA_CRC_Error_Count", 200, 0, "0"),
    ]
}

fn log(dying: bool) -> Vec<SelfTestLine> {
    let line = |kind, outcome, at| SelfTestLine {
        kind,
        outcome,
        at: Hours(at),
        failing_block: None,
    };
    let last = match dying {
        true => SelfTestOutcome::Failed,
        false => SelfTestOutcome::Passed,
    };
    vec![
        line(SelfTestKind::Short, last, 26_296),
        line(SelfTestKind::Short, SelfTestOutcome::Passed, 26_130),
        line(SelfTestKind::Extended, SelfTestOutcome::Unfinished, 26_001),
        line(SelfTestKind::Extended, SelfTestOutcome::Passed, 25_590),
    ]
}
