//! The languages say the same things: every text exists in each of them and asks
//! for the same arguments, and whatever can go wrong has its words.

use crate::bundle::sources;
use crate::incident::words;
use crate::{
    Headline, Named, Setting, Texts, copy_failure, failure_code, headline, incident_mail,
    mail_failure, name_rule,
};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use preau_domain::health::{Reason, Verdict};
use preau_domain::ids::Bay;
use preau_domain::incidents::{
    Facts, Incident, IncidentCode, IncidentState, OtherDisk, TransitionKind,
};
use preau_domain::language::Language;
use preau_domain::layouts::{Growth, Layout, Protection};
use preau_domain::names::NameRule;
use preau_domain::snapshot::MailFailure;
use preau_offsite_job::{Failure, HostKey, LockHolder};
use std::collections::{BTreeMap, BTreeSet};

/// The arguments of every message of a language.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for source in sources(language) {
        let resource = fluent_syntax::parser::parse(source)
            .unwrap_or_else(|(_, errors)| panic!("{language:?}: {errors:?}"));
        for entry in resource.body {
            let Entry::Message(message) = entry else {
                continue;
            };
            let mut arguments = BTreeSet::new();
            if let Some(pattern) = &message.value {
                collect(pattern, &mut arguments);
            }
            let name = message.id.name.to_owned();
            assert!(
                messages.insert(name.clone(), arguments).is_none(),
                "{language:?} has {name} twice"
            );
        }
    }
    messages
}

fn collect(pattern: &Pattern<&str>, arguments: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            collect_expression(expression, arguments);
        }
    }
}

fn collect_expression(expression: &Expression<&str>, arguments: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => collect_inline(inline, arguments),
        Expression::Select { selector, variants } => {
            collect_inline(selector, arguments);
            for variant in variants {
                collect(&variant.value, arguments);
            }
        }
    }
}

fn collect_inline(inline: &InlineExpression<&str>, arguments: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            arguments.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => collect_expression(expression, arguments),
        _ => {}
    }
}

#[test]
fn every_text_exists_in_every_language_with_the_same_arguments() {
    let french = messages(Language::Fr);
    for language in Language::ALL {
        let other = messages(language);
        for (key, arguments) in &french {
            assert_eq!(other.get(key), Some(arguments), "{language:?}: {key}");
        }
        for key in other.keys() {
            assert!(french.contains_key(key), "{key} is missing in French");
        }
    }
}

fn incident(code: IncidentCode) -> Incident {
    let at: Timestamp = "2026-11-24T06:42:10Z".parse().unwrap();
    let of_a_disk = matches!(
        code,
        IncidentCode::DiskFailing | IncidentCode::DiskSilent | IncidentCode::DiskHot
    );
    let worn_out = Reason::Reallocated {
        sectors: 214,
        grown: 30,
    };
    Incident {
        number: 7,
        code,
        subject: "box".to_owned(),
        state: IncidentState::Open,
        seen_at: at,
        since: at,
        opened_at: Some(at),
        closed_at: Some(at),
        announced: true,
        told: None,
        worse_at: None,
        facts: Facts {
            bay: Some(Bay("2".to_owned())),
            model: Some("WDC WD40EFZX".to_owned()),
            serial: Some("WX12D9075H7K".to_owned()),
            size: Some(4_000_787_030_016),
            survivors: vec![Bay("1".to_owned())],
            others_hold_all: true,
            verdict: Some(Verdict::ReplaceSoon),
            reasons: if of_a_disk {
                vec![worn_out]
            } else {
                Vec::new()
            },
            disks: 2,
            free: Some(150_000_000_000),
            others: Vec::new(),
            layout: Some(Layout::Mirror),
            may_still_fail: Some(0),
            spare: false,
            waits_for_consent: false,
            mail_failure: Some(MailFailure::LoginRefused),
            destination: Some("Mairie".to_owned()),
            copy_failure: Some(Failure::LoginRefused),
            last_copy: Some(at),
            detail: if of_a_disk { "" } else { "md raid1 [2/1]" }.to_owned(),
            count: Some(1200),
            bytes: Some(4_000_000_000),
            incomplete: 0,
            repaired: Some(8192),
            files: vec!["commun/photo.jpg".to_owned()],
        },
    }
}

/// The same where no other disk helps.
fn graver(code: IncidentCode) -> Incident {
    let incident = incident(code);
    Incident {
        facts: Facts {
            others_hold_all: false,
            spare: true,
            verdict: Some(Verdict::Failed),
            disks: 1,
            ..incident.facts.clone()
        },
        ..incident
    }
}

fn copy_failures() -> Vec<Failure> {
    let key = HostKey {
        key: "ssh-ed25519 AAAA".to_owned(),
        fingerprint: "SHA256:x".to_owned(),
    };
    vec![
        Failure::NameNotFound,
        Failure::PortClosed,
        Failure::NoAnswer,
        Failure::CertificateRefused,
        Failure::HostKeyUnknown(key.clone()),
        Failure::HostKeyChanged(key),
        Failure::LoginRefused,
        Failure::BucketMissing,
        Failure::FolderMissing,
        Failure::NoSpace,
        Failure::WriteRefused,
        Failure::DeleteRefused,
        Failure::NoRepository,
        Failure::RepositoryExists,
        Failure::WrongKey,
        Failure::Damaged,
        Failure::Locked(LockHolder {
            host: "autre".to_owned(),
            user: "root".to_owned(),
            since: Timestamp::UNIX_EPOCH,
        }),
        Failure::Cut,
        Failure::ServerError,
        Failure::SourceUnreadable,
        Failure::TargetUnwritable,
        Failure::TargetFull,
        Failure::TargetNotEmpty,
        Failure::SnapshotMissing,
        Failure::PathMissing,
        Failure::DrillMismatch,
        Failure::ClockNotTrusted,
        Failure::Cancelled,
        Failure::BadJob,
        Failure::Internal,
    ]
}

/// A text that was found has neither a key in braces nor a missing argument.
fn assert_whole(text: &str) {
    assert!(!text.is_empty());
    assert!(!text.contains('{') && !text.contains('}'), "{text}");
}

#[test]
fn every_incident_headline_failure_and_rule_has_its_words() {
    let setting = Setting {
        time_zone: &TimeZone::UTC,
        now: Timestamp::UNIX_EPOCH,
    };
    for texts in Language::ALL.map(Texts::new) {
        assert_whole(&headline(texts, Headline::SeveralLost));
        for code in IncidentCode::ALL {
            assert_whole(&headline(texts, Headline::Incident(code)));
            for kind in [TransitionKind::Opened, TransitionKind::Closed] {
                for incident in [incident(code), graver(code)] {
                    let words = words(texts, &incident, kind, &setting);
                    assert_whole(&words.title);
                    assert_whole(&words.what_happened);
                    assert_whole(&words.is_data_safe);
                    assert_eq!(words.what_to_do.is_empty(), kind == TransitionKind::Closed);
                    words.what_to_do.iter().for_each(|step| assert_whole(step));
                    words.by_when.iter().for_each(|when| assert_whole(when));
                }
            }
        }
        for line in [
            Headline::SetUp,
            Headline::Creating,
            Headline::Copying,
            Headline::AllWell,
            Headline::Offline,
            Headline::Opening,
            Headline::SettingsLost,
        ] {
            assert_whole(&headline(texts, line));
        }
        for failure in [
            MailFailure::NameNotFound,
            MailFailure::Unreachable,
            MailFailure::CertificateWrong,
            MailFailure::NoEncryption,
            MailFailure::LoginRefused,
            MailFailure::RecipientRefused,
            MailFailure::SenderRefused,
            MailFailure::TryLater,
            MailFailure::Refused,
        ] {
            assert_whole(&mail_failure(texts, failure));
        }
        for failure in copy_failures() {
            let text = copy_failure(texts, &failure);
            assert_whole(&text);
            assert!(text.ends_with('.'), "{text}");
            // Histories read it back by the same code.
            let json = serde_json::to_value(&failure).unwrap();
            assert_eq!(json["code"], failure_code(&failure));
        }
        for named in Named::ALL {
            for rule in [
                NameRule::Empty,
                NameRule::TooLong,
                NameRule::TooShort,
                NameRule::Reserved,
                NameRule::Characters,
                NameRule::Taken,
            ] {
                assert_whole(&name_rule(texts, named, rule));
            }
        }
    }
}

#[test]
fn a_failed_disk_is_told_as_a_head_teacher_can_read_it() {
    let paris = TimeZone::get("Europe/Paris").unwrap();
    let incident = incident(IncidentCode::ArrayDegraded);
    let setting = Setting {
        time_zone: &paris,
        now: incident.seen_at,
    };
    let mail = incident_mail(
        Texts::new(Language::Fr),
        &incident,
        TransitionKind::Opened,
        "École Jules-Ferry",
        &setting,
    );
    assert_eq!(
        mail.subject,
        "Un disque a lâché — vos fichiers sont intacts (École Jules-Ferry)"
    );
    let text = mail.text.replace('\u{a0}', " ");
    for part in [
        "Le disque de la baie 2 ne répond plus depuis mardi 24 novembre à 7 h 42.",
        "Vos fichiers sont-ils en sécurité ?\nOui. Le disque de la baie 1 en garde une copie complète",
        "1. Achetez un disque d’au moins 4 To",
        "retirez le disque de la baie 2 — étiquette WDC WD40EFZX, n° …5H7K",
        "Avant quand ?\nDans les 7 jours.",
        "md raid1 [2/1]. Incident n° 2026-0007.",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
    assert!(mail.html.contains("<li"));
}

#[test]
fn a_dying_disk_is_told_before_it_is_lost() {
    let incident = incident(IncidentCode::DiskFailing);
    let setting = Setting {
        time_zone: &TimeZone::UTC,
        now: incident.seen_at,
    };
    let french = Texts::new(Language::Fr);
    let told = |incident: &Incident| {
        let kind = TransitionKind::Opened;
        let mail = incident_mail(french, incident, kind, "École Jules-Ferry", &setting);
        (mail.subject, mail.text.replace('\u{a0}', " "))
    };
    let (subject, text) = told(&incident);
    assert_eq!(
        subject,
        "Un disque est à remplacer bientôt — vos fichiers sont intacts (École Jules-Ferry)"
    );
    for part in [
        "Le disque de la baie 2 (WDC WD40EFZX, n° …5H7K) fonctionne encore",
        "Il a dû remplacer 214 endroits abîmés de sa surface, dont 30 ce mois-ci.",
        "Dans les 14 jours.",
        "214 secteurs réalloués, +30 en 30 jours. Incident n° 2026-0007.",
    ] {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
    let (_, text) = told(&graver(IncidentCode::DiskFailing));
    assert!(text.contains("Copiez dès maintenant"), "{text}");
    assert!(text.contains("Aujourd’hui."), "{text}");
}

#[test]
fn what_is_left_of_an_array_is_said_for_every_layout() {
    let setting = Setting {
        time_zone: &TimeZone::UTC,
        now: Timestamp::UNIX_EPOCH,
    };
    let say = |facts: Facts| {
        let lost = Incident {
            facts,
            ..incident(IncidentCode::ArrayDegraded)
        };
        words(
            Texts::new(Language::En),
            &lost,
            TransitionKind::Worsened,
            &setting,
        )
    };
    let other = |bay: &str| OtherDisk {
        bay: Some(Bay(bay.to_owned())),
        model: Some("ST4000VN006".to_owned()),
        serial: Some(format!("ZW60A1B{bay}")),
    };
    let facts = |layout, left, others: &[&str]| Facts {
        layout: Some(layout),
        may_still_fail: Some(left),
        survivors: ["1", "3", "5"].map(|bay| Bay(bay.to_owned())).to_vec(),
        others: others.iter().map(|bay| other(bay)).collect(),
        ..incident(IncidentCode::ArrayDegraded).facts
    };
    let one = say(facts(Layout::DoubleParity, 1, &[]));
    assert!(one.is_data_safe.contains("One more disk may still fail"));
    let two = say(facts(Layout::DoubleParity, 0, &["4"]));
    assert!(two.is_data_safe.contains("no other disk may fail"));
    assert!(two.title.starts_with("Several disks"), "{}", two.title);
    assert!(two.what_happened.contains("bay 2") && two.what_happened.contains("bay 4"));
    let steps = two.what_to_do.join(" ");
    for part in ["2 disks", "bay 2", "…5H7K", "bay 4", "…A1B4"] {
        assert!(steps.contains(part), "{part}: {steps}");
    }
    let spared = say(Facts {
        spare: true,
        ..facts(Layout::Mirror, 1, &["4"])
    });
    let steps = spared.what_to_do.join(" ");
    assert!(
        steps.contains("new spares") && steps.contains("…A1B4"),
        "{steps}"
    );
    let parity = say(facts(Layout::Parity, 0, &[]));
    assert!(parity.is_data_safe.contains("no other disk may fail"));
    for layout in Layout::ALL {
        let words = say(facts(layout, 0, &[]));
        assert_whole(&words.is_data_safe);
        assert_whole(&words.title);
    }
}

#[test]
fn every_protection_and_every_growth_has_its_words() {
    for texts in Language::ALL.map(Texts::new) {
        for layout in Layout::ALL {
            for left in 0..4 {
                let protection = Protection {
                    layout,
                    spares: left,
                    usable: 1,
                    may_fail: left,
                    recommended: true,
                };
                assert_whole(&crate::protection_title(texts, &protection));
                assert_whole(&crate::protection_how(texts, &protection));
                assert_whole(&crate::protection_now(texts, left, layout));
            }
        }
        for growth in [Growth::Spare, Growth::Safer, Growth::Larger] {
            assert_whole(&crate::growth(texts, growth, 1, 1));
        }
    }
}
