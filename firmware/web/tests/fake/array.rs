//! The volume's disks, as they follow from the scene.

use super::Scene;
use preau_api::{ArrayView, Candidate, DiskRole, DiskView, GrowthView, MemberRole, MemberView};
use preau_domain::ids::DiskId;
use preau_domain::layouts::{Growth, Layout};
use preau_domain::settings::EraseConsent;

pub fn view(scene: &Scene) -> Option<ArrayView> {
    let status = &scene.status;
    let volume = status.volume.as_ref()?;
    let waits = volume.waits_for_consent;
    let in_use = |view: &&DiskView| matches!(view.role, DiskRole::InUse | DiskRole::Rebuilding);
    let there = status.disks.iter().filter(in_use).map(|view| {
        let (role, word) = match view.role {
            _ if waits => (MemberRole::Waiting, "Est là"),
            DiskRole::Rebuilding => (MemberRole::Filling, "Se remplit"),
            _ => (MemberRole::InUse, "En service"),
        };
        MemberView {
            disk: view.disk.id.clone(),
            bay: view.disk.bay.clone(),
            model: view.disk.model.clone(),
            serial: view.disk.serial.clone(),
            size: view.disk.size,
            role,
            word: word.to_owned(),
            replaceable: role == MemberRole::InUse && status.lost_disks.is_empty(),
        }
    });
    let lost = status.lost_disks.iter().map(|disk| MemberView {
        disk: DiskId::from_identity(None, &disk.model, Some(&disk.serial)).unwrap(),
        bay: disk.bay.clone(),
        model: disk.model.clone(),
        serial: disk.serial.clone(),
        size: disk.size,
        role: MemberRole::Missing,
        word: "N’est pas là".to_owned(),
        replaceable: !waits,
    });
    let members: Vec<MemberView> = there.chain(lost).collect();
    let free = |view: &&DiskView| matches!(view.role, DiskRole::Free | DiskRole::HoldsData);
    let whole = status.lost_disks.is_empty() && volume.progress.is_none() && !waits;
    let growth = |growth, layout, may_fail, usable, words: &str| GrowthView {
        growth,
        layout,
        may_fail,
        usable,
        words: words.to_owned(),
    };
    Some(ArrayView {
        layout: volume.layout,
        state: volume.state,
        protection: if waits {
            String::new()
        } else {
            volume.protection.clone()
        },
        may_fail: 1,
        may_still_fail: (!waits).then_some(u32::from(whole)),
        total: volume.total,
        free: volume.free,
        progress: volume.progress.clone(),
        start_with: members
            .iter()
            .filter(|member| waits && member.role == MemberRole::Waiting)
            .map(|member| member.serial.clone())
            .collect(),
        members,
        growths: if whole {
            vec![
                growth(
                    Growth::Safer,
                    Layout::Mirror,
                    2,
                    4_000_000_000_000,
                    "Mieux protéger : deux disques pourront lâcher sans que rien ne soit perdu. 4 To utilisables, comme avant.",
                ),
                growth(
                    Growth::Larger,
                    Layout::Parity,
                    1,
                    8_000_000_000_000,
                    "Avoir plus de place : 8 To utilisables. Un disque peut lâcher sans que rien ne soit perdu, comme avant.",
                ),
            ]
        } else {
            Vec::new()
        },
        no_growth: (!whole).then(|| "Un disque manque. Attendez.".to_owned()),
        candidates: status
            .disks
            .iter()
            .filter(free)
            .map(|view| Candidate {
                disk: view.disk.id.clone(),
                consent: EraseConsent {
                    disk: view.disk.id.clone(),
                    serial: view.disk.serial.clone(),
                    contents_digest: (!view.disk.is_blank())
                        .then(|| view.disk.contents_digest.clone()),
                },
            })
            .collect(),
        waits_for_consent: waits,
        detail: volume.detail.clone(),
    })
}
