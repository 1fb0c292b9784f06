//! Boxes as they are found in schools, at several moments of their lives.

use super::{Scene, TOKEN};
use jiff::Timestamp;
use preau_api::{
    Candidate, DiskRole, DiskView, IncidentText, IncidentView, LostDisk, MailStatus, MailView,
    PersonView, Progress, Reminder, ShareView, Status, VolumeState, VolumeView,
};
use preau_domain::arrays::SyncAction;
use preau_domain::disks::{Bus, Content, Disk};
use preau_domain::health::{Reason, SelfTestState, Verdict};
use preau_domain::ids::{Bay, DiskId};
use preau_domain::incidents::{Facts, IncidentCode, IncidentState, Severity};
use preau_domain::language::Language;
use preau_domain::layouts::Layout;
use preau_domain::settings::{EraseConsent, MailSecurity, Role, SchoolHours, SetupStep};

const TERA: u64 = 1_000_000_000_000;

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Tuesday 24 November 2026, 7:50 in Paris.
fn now() -> Timestamp {
    time("2026-11-24T06:50:00Z")
}

fn disk(bay: u8, model: &str, serial: &str, size: u64, contents: &[(&str, &str, u64)]) -> Disk {
    Disk {
        id: DiskId::from_identity(None, model, Some(serial)).unwrap(),
        bay: Some(Bay(bay.to_string())),
        model: model.to_owned(),
        serial: serial.to_owned(),
        size,
        bus: Bus::Ata,
        contents: contents
            .iter()
            .map(|(kind, label, size)| Content {
                kind: (*kind).to_owned(),
                label: (!label.is_empty()).then(|| (*label).to_owned()),
                size: *size,
            })
            .collect(),
        contents_digest: format!("digest-of-{serial}"),
        member_of: None,
        layer: preau_domain::disks::Layer::None,
        partition_name: None,
    }
}

fn views(disks: &[Disk]) -> Vec<DiskView> {
    disks
        .iter()
        .map(|disk| DiskView {
            set: None,
            role: if disk.is_blank() {
                DiskRole::Free
            } else {
                DiskRole::HoldsData
            },
            health: super::disks::well(),
            disk: disk.clone(),
        })
        .collect()
}

fn blank(bay: u8, serial: &str) -> Disk {
    disk(bay, "WDC WD40EFZX-68AWUN0", serial, 4 * TERA, &[])
}

/// Just unpacked: two new disks, and one that somebody found in a drawer.
pub fn fresh() -> Scene {
    let photos = [
        ("partition_table", "", 2 * TERA),
        ("ntfs", "PHOTOS 2019", 2 * TERA - 500_000_000),
        ("ext4", "", 500_000_000),
    ];
    let disks = [
        blank(1, "WD-WX12D9075H7K"),
        blank(2, "WD-WX12D90J7K2P"),
        disk(3, "ST2000DM008-2FR102", "ZFL1A9QX", 2 * TERA, &photos),
    ];
    Scene {
        status: Status {
            now: now(),
            time_zone: None,
            box_name: None,
            language: Language::Fr,
            setup: SetupStep::Admin,
            severity: None,
            headline: "Le boîtier n’est pas encore prêt : terminez sa mise en route.".to_owned(),
            reminders: vec![Reminder::MailNotSet],
            disks: views(&disks),
            lost_disks: Vec::new(),
            volume: None,
            shares: Vec::new(),
            incidents: Vec::new(),
            scrub: None,
            coming_back: None,
            copies: None,
            mail: MailStatus {
                configured: false,
                proved: false,
                waiting: 0,
                last_failure: None,
                message: None,
            },
        },
        people: Vec::new(),
        mail: None,
        past: Vec::new(),
        self_test: SelfTestState::Idle,
        school_hours: SchoolHours::default(),
        blinking: None,
        opened: None,
        tokens: vec![TOKEN.to_owned()],
        asked: Vec::new(),
        wrong_codes: 0,
        sets: Vec::new(),
    }
}

/// The volume right after it was chosen.
pub fn new_volume() -> VolumeView {
    VolumeView {
        state: VolumeState::Copying,
        layout: Layout::Mirror,
        protection: "Un disque peut lâcher sans que rien ne soit perdu.".to_owned(),
        waits_for_consent: false,
        problem: None,
        total: Some(4 * TERA - 17_000_000_000),
        free: Some(4 * TERA - 17_100_000_000),
        progress: Some(Progress {
            action: SyncAction::Resync,
            percent: 3,
            remaining_seconds: Some(6 * 3600 + 700),
        }),
        candidates: Vec::new(),
        detail: "md127 raid1 [2/2] resync 3 %".to_owned(),
    }
}

/// All is well, since a year.
pub fn well() -> Scene {
    let mut scene = fresh();
    let member = [("linux_raid_member", "preau", 4 * TERA)];
    let mut disks = vec![blank(1, "WD-WX12D9075H7K"), blank(2, "WD-WX12D90J7K2P")];
    for disk in &mut disks {
        disk.contents = vec![Content {
            kind: member[0].0.to_owned(),
            label: None,
            size: member[0].2,
        }];
    }
    let status = &mut scene.status;
    status.disks = views(&disks);
    for view in &mut status.disks {
        view.role = DiskRole::InUse;
    }
    status.time_zone = Some("Europe/Paris".to_owned());
    status.box_name = Some("École Jules-Ferry".to_owned());
    status.setup = SetupStep::Done;
    status.headline = "Tout va bien.".to_owned();
    status.reminders = Vec::new();
    status.volume = Some(VolumeView {
        state: VolumeState::Protected,
        free: Some(2_760_000_000_000),
        progress: None,
        detail: "md127 raid1 [2/2]".to_owned(),
        ..new_volume()
    });
    status.shares = vec![ShareView {
        name: "commun".to_owned(),
        online: true,
    }];
    status.mail.configured = true;
    status.mail.proved = true;
    scene.people = vec![
        person("elodie.durand", "Mme Durand", Role::Admin),
        person("classe.cp", "Classe de CP", Role::Member),
        person("p.martin", "M. Martin", Role::Member),
    ];
    scene.mail = Some(MailView {
        host: "smtp.orange.fr".to_owned(),
        port: 465,
        security: MailSecurity::Tls,
        login: Some("ecole.jules-ferry@orange.fr".to_owned()),
        has_password: true,
        from: "ecole.jules-ferry@orange.fr".to_owned(),
        extra_ca_pem: None,
        recipients: vec![
            "elodie.durand@orange.fr".to_owned(),
            "technique@mairie.example".to_owned(),
        ],
        proved: true,
    });
    scene.past = vec![closed_incident()];
    scene
}

pub fn person(login: &str, display_name: &str, role: Role) -> PersonView {
    PersonView {
        login: login.to_owned(),
        display_name: display_name.to_owned(),
        role,
    }
}

fn facts() -> Facts {
    Facts {
        bay: Some(Bay("2".to_owned())),
        model: Some("WDC WD40EFZX-68AWUN0".to_owned()),
        serial: Some("WD-WX12D90J7K2P".to_owned()),
        size: Some(4 * TERA),
        survivors: vec![Bay("1".to_owned())],
        others_hold_all: true,
        detail: "md127 (RAID1) : 1 membre sur 2".to_owned(),
        ..Facts::default()
    }
}

fn degraded_incident() -> IncidentView {
    IncidentView {
        number: 7,
        code: IncidentCode::ArrayDegraded,
        severity: Severity::DataAtRisk,
        state: IncidentState::Open,
        opened_at: Some(time("2026-11-24T06:42:00Z")),
        closed_at: None,
        facts: facts(),
        text: IncidentText {
            title: "Un disque a lâché — vos fichiers sont intacts".to_owned(),
            what_happened: "Le disque de la baie 2 (WDC WD40EFZX-68AWUN0, n° …7K2P) ne répond plus depuis mardi 24 novembre à 7 h 42.".to_owned(),
            is_data_safe: "Oui. Le disque de la baie 1 en garde une copie complète et l’école peut continuer à travailler. Mais il est maintenant seul : s’il lâchait aussi, les fichiers seraient perdus.".to_owned(),
            what_to_do: vec![
                "Achetez un disque d’au moins 4 To, prévu pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).".to_owned(),
                "Laissez le boîtier allumé et retirez le disque de la baie 2 — étiquette WDC WD40EFZX-68AWUN0, n° …7K2P.".to_owned(),
                "Glissez le nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide.".to_owned(),
            ],
            by_when: Some("Dans les 7 jours.".to_owned()),
            detail: "md127 (RAID1) : 1 membre sur 2 ; incident n° 7".to_owned(),
        },
    }
}

fn closed_incident() -> IncidentView {
    let mut incident = degraded_incident();
    incident.number = 3;
    incident.state = IncidentState::Closed;
    incident.opened_at = Some(time("2026-03-03T09:12:00Z"));
    incident.closed_at = Some(time("2026-03-05T16:40:00Z"));
    incident.text.title =
        "Tout est rentré dans l’ordre — vos fichiers ont de nouveau deux copies".to_owned();
    incident.text.what_happened = "Depuis jeudi 5 mars à 17 h 40, la copie est terminée : les deux disques contiennent de nouveau tous les fichiers.".to_owned();
    incident.text.is_data_safe =
        "Oui. Un disque peut de nouveau lâcher sans que rien soit perdu.".to_owned();
    incident.text.what_to_do = Vec::new();
    incident.text.by_when = None;
    incident
}

/// The disk of bay 2 was pulled.
pub fn degraded() -> Scene {
    let mut scene = well();
    let lost = scene.status.disks.remove(1).disk;
    scene.status.lost_disks = vec![LostDisk {
        bay: lost.bay,
        model: lost.model,
        serial: lost.serial,
        size: lost.size,
    }];
    scene.status.severity = Some(Severity::DataAtRisk);
    scene.status.headline = "Un disque est à remplacer. Vos fichiers sont intacts.".to_owned();
    scene.status.incidents = vec![degraded_incident()];
    scene.volume().state = VolumeState::Degraded;
    scene.volume().protection =
        "Aucun autre disque ne doit lâcher : les fichiers seraient perdus.".to_owned();
    scene.volume().detail = "md127 raid1 [2/1]".to_owned();
    scene
}

/// Two disks could take its place: a blank one and one that holds something.
pub fn replaceable() -> Scene {
    let mut scene = degraded();
    let old = disk(
        3,
        "ST4000VN006-3CW104",
        "ZW60ABCD",
        4 * TERA,
        &[("ntfs", "SAUVEGARDE", 4 * TERA)],
    );
    let disks = [blank(2, "WD-WX52A11NEW1"), old];
    for view in views(&disks) {
        let digest = view.disk.contents_digest.clone();
        scene.volume().candidates.push(Candidate {
            disk: view.disk.id.clone(),
            consent: EraseConsent {
                disk: view.disk.id.clone(),
                serial: view.disk.serial.clone(),
                contents_digest: (!view.disk.is_blank()).then_some(digest),
            },
        });
        scene.status.disks.push(view);
    }
    scene
}

/// The second disk is left aside, in one of the two roles that are.
pub fn left_aside(role: DiskRole) -> Scene {
    let mut scene = well();
    scene.status.disks[1].role = role;
    scene
}

/// All is well, and a disk was pushed in that is blank.
pub fn growable() -> Scene {
    let mut scene = well();
    scene
        .status
        .disks
        .extend(views(&[blank(3, "WD-WX52A11NEW1")]));
    scene
}

/// The power went while something was written, and the disk of bay 2 is missing since.
pub fn unclean() -> Scene {
    let mut scene = degraded();
    scene.status.headline = "Les fichiers ne sont pas accessibles pour le moment.".to_owned();
    let volume = scene.volume();
    volume.state = VolumeState::Offline;
    volume.waits_for_consent = true;
    volume.protection = String::new();
    (volume.total, volume.free) = (None, None);
    scene.status.shares[0].online = false;
    let incident = &mut scene.status.incidents[0];
    incident.code = IncidentCode::ArrayFailed;
    incident.text.title = "Les fichiers ne sont plus accessibles".to_owned();
    incident.text.what_happened = "Le courant a été coupé pendant une écriture et il manque un disque. Depuis mardi 24 novembre à 7 h 42, le boîtier attend votre accord avant de rouvrir l’espace.".to_owned();
    incident.text.is_data_safe = "Très probablement, sauf peut-être ce qui s’écrivait au moment de la coupure. Rien n’a été effacé.".to_owned();
    scene
}

/// The replacement is being filled.
pub fn rebuilding() -> Scene {
    let mut scene = well();
    scene.status.disks[1].role = DiskRole::Rebuilding;
    scene.status.disks[1].disk.serial = "WD-WX52A11NEW1".to_owned();
    scene.status.severity = Some(Severity::Info);
    scene.status.headline = "La copie se reconstruit. Vos fichiers sont intacts.".to_owned();
    scene.status.incidents = vec![IncidentView {
        number: 8,
        code: IncidentCode::ArrayRebuilding,
        severity: Severity::Info,
        text: IncidentText {
            title: "La copie se reconstruit — vos fichiers sont intacts".to_owned(),
            what_happened: "Depuis mardi 24 novembre à 7 h 48, le boîtier recopie tous les fichiers sur le disque de la baie 2.".to_owned(),
            is_data_safe: "Oui. Le disque de la baie 1 garde tout pendant ce temps, et l’école peut continuer à travailler.".to_owned(),
            what_to_do: vec!["Laissez le boîtier allumé et ne retirez aucun disque.".to_owned()],
            by_when: None,
            detail: "md127 (RAID1) : recover 42 %".to_owned(),
        },
        ..degraded_incident()
    }];
    scene.volume().state = VolumeState::Rebuilding;
    scene.volume().progress = Some(Progress {
        action: SyncAction::Recover,
        percent: 42,
        remaining_seconds: Some(3 * 3600 + 1200),
    });
    scene
}

/// The disk of bay 2 still works, and will not for long.
pub fn failing() -> Scene {
    let mut scene = well();
    scene.status.disks[1].health.verdict = Some(Verdict::ReplaceSoon);
    scene.status.severity = Some(Severity::Attention);
    scene.status.headline = "Un disque est à remplacer. Vos fichiers sont intacts.".to_owned();
    scene.status.incidents = vec![IncidentView {
        number: 9,
        code: IncidentCode::DiskFailing,
        severity: Severity::Attention,
        facts: Facts {
            verdict: Some(Verdict::ReplaceSoon),
            reasons: vec![Reason::Reallocated {
                sectors: 214,
                grown: 30,
            }],
            ..facts()
        },
        text: IncidentText {
            title: "Un disque est à remplacer bientôt — vos fichiers sont intacts".to_owned(),
            what_happened: "Le disque de la baie 2 (WDC WD40EFZX-68AWUN0, n° …7K2P) fonctionne encore, mais montre depuis mardi 24 novembre à 7 h 42 qu’il va lâcher. Il a dû remplacer 214 endroits abîmés de sa surface, dont 30 ce mois-ci.".to_owned(),
            is_data_safe: "Oui. Ce que garde ce disque se trouve aussi ailleurs dans le boîtier, et l’école peut continuer à travailler. Remplacez-le pendant que tout fonctionne.".to_owned(),
            what_to_do: vec![
                "Achetez un disque d’au moins 4 To, prévu pour un serveur de fichiers (par exemple de la gamme WD Red Plus ou Seagate IronWolf).".to_owned(),
                "Quand vous l’avez, laissez le boîtier allumé et retirez le disque de la baie 2 — étiquette WDC WD40EFZX-68AWUN0, n° …7K2P.".to_owned(),
                "Glissez le nouveau disque à sa place et ouvrez http://preau.local : le boîtier vous guide.".to_owned(),
            ],
            by_when: Some("Dans les 14 jours.".to_owned()),
            detail: "214 secteurs réalloués, +30 en 30 jours".to_owned(),
        },
        ..degraded_incident()
    }];
    scene
}

/// Set up, but nobody gets mail.
pub fn forgetful() -> Scene {
    let mut scene = well();
    scene.status.reminders = vec![Reminder::MailNotSet];
    scene.status.mail.configured = false;
    scene.status.mail.proved = false;
    scene.mail = None;
    scene
}
