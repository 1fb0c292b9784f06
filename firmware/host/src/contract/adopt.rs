//! The stories about what a box keeps of itself on its disks, and about the disks of
//! another one.

use super::{Hands, changes, make_mirror, observe};
use crate::system::{Bundles, Change, HostError, System};
use preau_domain::plan::{COMMON_SHARE, Step, partition_name};
use uuid::Uuid;

/// Kept in two generations beside the shares; read on another box without a trace.
pub async fn disks_of_another_box_are_read_and_left(system: &impl System, hands: &impl Hands) {
    let disks = hands.start_over().await;
    let (array, filesystem) = (Uuid::new_v4(), Uuid::new_v4());
    let set = partition_name(array);
    let nowhere = system.keep_bundle(b"first", None).await;
    assert!(matches!(nowhere, Err(HostError::Missing(_))), "{nowhere:?}");
    let nothing = system.read_set(&set).await;
    assert!(matches!(nothing, Err(HostError::Missing(_))), "{nothing:?}");

    make_mirror(system, &disks[..2], array, filesystem).await;
    hands.finish_copying().await;
    assert_eq!(system.kept_bundles().await.ok(), Some(Bundles::default()));
    let keep = async |bundle: &[u8], previous: Option<&[u8]>| {
        let kept = system.keep_bundle(bundle, previous).await;
        kept.expect("it is kept")
    };
    assert_eq!(keep(b"first", None).await, Change::Changed);
    assert_eq!(keep(b"first", None).await, Change::Unchanged);
    assert_eq!(keep(b"second", Some(b"first")).await, Change::Changed);
    let both = Bundles {
        current: Some(b"second".to_vec()),
        previous: Some(b"first".to_vec()),
    };
    assert_eq!(system.kept_bundles().await.ok().as_ref(), Some(&both));
    let found = observe(system).await;
    let volume = found.volume.known().expect("it is mounted");
    assert_eq!(volume.subvolumes, [COMMON_SHARE], "no share of that name");

    hands.restart().await;
    for missing in [None, Some(&disks[1])] {
        if let Some(disk) = missing {
            hands.pull(disk).await;
        }
        let facts = system.describe_set(&set).await.expect("they tell");
        assert_eq!(facts.wanted, Some(2));
        assert!(facts.used_at.is_some());
        let read = system.read_set(&set).await;
        assert_eq!(read.expect("they are read"), both);
        let found = observe(system).await;
        assert!(found.volume.known().is_none(), "nothing stays mounted");
        let arrays = found.arrays.known().expect("they can be read");
        assert!(arrays.iter().all(|array| !array.running), "{arrays:?}");
    }
    hands.insert(&disks[1]).await;
    super::until(system, "both disks", |found| {
        disks[..2]
            .iter()
            .all(|disk| super::disk_of(found, disk).is_some())
    })
    .await;
    let members = disks[..2].to_vec();
    changes(
        system,
        &Step::OpenLayers {
            array,
            disks: members.clone(),
        },
    )
    .await;
    // Had anything been written with one of them alone, the other would be left out.
    let start = Step::Assemble {
        array,
        disks: members,
        start: preau_domain::plan::Start::Whole,
    };
    changes(system, &start).await;
    let found = observe(system).await;
    let mirror = super::array_of(&found, array).expect("it was started");
    assert_eq!(mirror.missing_members, 0);
    changes(system, &Step::Mount { filesystem }).await;
    assert_eq!(system.kept_bundles().await.ok(), Some(both));
}
