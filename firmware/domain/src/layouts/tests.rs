//! What people are offered for the disks that they have.

use super::*;

const TB: u64 = 1_000_000_000_000;

fn disks(sizes: &[u64]) -> Vec<(DiskId, u64)> {
    let id = |bay: usize| DiskId::from_identity(Some(&format!("0x{bay}")), "", None).unwrap();
    sizes
        .iter()
        .enumerate()
        .map(|(place, size)| (id(place + 1), *size))
        .collect()
}

fn offered_for(sizes: &[u64]) -> Vec<(Layout, u32, u64, u32)> {
    protections(&disks(sizes))
        .choices
        .iter()
        .map(|choice| {
            // In tenths of a terabyte, as a person reads it.
            let tenths = (choice.usable + TB / 20) / (TB / 10);
            (choice.layout, choice.spares, tenths, choice.may_fail)
        })
        .collect()
}

#[test]
fn from_one_disk_to_eight_every_count_has_its_choices() {
    use Layout::{DoubleParity, Mirror, Pairs, Parity, Single};
    let of = |count| offered_for(&vec![4 * TB; count]);
    assert_eq!(of(0), []);
    assert_eq!(of(1), [(Single, 0, 40, 0)]);
    assert_eq!(of(2), [(Mirror, 0, 40, 1)]);
    assert_eq!(of(3), [(Parity, 0, 80, 1), (Mirror, 0, 40, 2)]);
    assert_eq!(
        of(4),
        [
            (DoubleParity, 0, 80, 2),
            (Parity, 0, 120, 1),
            (Pairs, 0, 80, 1)
        ]
    );
    assert_eq!(
        of(8),
        [
            (DoubleParity, 0, 240, 2),
            (DoubleParity, 1, 200, 2),
            (Pairs, 0, 160, 1),
            (Parity, 0, 280, 1)
        ]
    );
    assert_eq!(of(9), []);
}

#[test]
fn whatever_is_offered_can_be_made_and_exactly_one_is_recommended() {
    for count in 1..=DISKS_MAX {
        let choices = protections(&disks(&vec![4 * TB; count])).choices;
        assert_eq!(
            choices.iter().filter(|choice| choice.recommended).count(),
            1
        );
        for choice in choices {
            let spares = choice.spares as usize;
            assert_eq!(check_layout(choice.layout, count, spares), Ok(()));
        }
    }
}

#[test]
fn mixed_sizes_count_as_the_smallest_and_say_what_is_left_over() {
    let mixed = disks(&[4 * TB, 6 * TB, 4 * TB + TB / 200]);
    let found = protections(&mixed);
    assert_eq!(found.choices[0].usable, 2 * member_bytes(4 * TB));
    let left: Vec<_> = found
        .leftovers
        .iter()
        .map(|l| (&l.disk, l.unused))
        .collect();
    assert_eq!(left, [(&mixed[1].0, 2 * TB)], "rounding is no other size");
    assert_eq!(found.better_without, None);
}

#[test]
fn a_disk_that_costs_more_than_it_brings_is_named() {
    let mixed = disks(&[4 * TB, TB, 4 * TB]);
    let found = protections(&mixed);
    assert_eq!(found.choices[0].usable, 2 * member_bytes(TB));
    let better = found.better_without.unwrap();
    assert_eq!(
        (better.disk, better.usable),
        (mixed[1].0.clone(), member_bytes(4 * TB))
    );
    // Without the smaller of two there would be no protection.
    assert_eq!(protections(&disks(&[4 * TB, TB])).better_without, None);
}

#[test]
fn a_disk_too_small_to_be_a_member_makes_nothing_possible() {
    assert_eq!(
        protections(&disks(&[4 * TB, 100 << 20])),
        Protections::default()
    );
}

#[test]
fn layouts_that_cannot_be_made_are_refused_with_the_reason() {
    use LayoutRefused::{Count, Misfit};
    assert_eq!(check_layout(Layout::Mirror, 0, 0), Err(Count));
    assert_eq!(check_layout(Layout::DoubleParity, 9, 0), Err(Count));
    assert_eq!(
        check_layout(Layout::Mirror, 1, 0),
        Err(Misfit(Layout::Mirror))
    );
    assert_eq!(
        check_layout(Layout::Single, 2, 1),
        Err(Misfit(Layout::Single))
    );
    assert_eq!(
        check_layout(Layout::Pairs, 5, 0),
        Err(Misfit(Layout::Pairs))
    );
    assert_eq!(check_layout(Layout::Pairs, 5, 1), Ok(()));
    assert_eq!(
        check_layout(Layout::Parity, 3, 4),
        Err(Misfit(Layout::Parity))
    );
}

#[test]
fn growing_never_leaves_the_files_less_protected() {
    for layout in Layout::ALL {
        for width in (1..DISKS_MAX).filter(|width| layout.fits(*width)) {
            for (growth, then) in growths(layout, width) {
                let (before, after) = (layout.may_fail(width), then.may_fail(width + 1));
                match growth {
                    Growth::Spare => assert_eq!(then, layout),
                    Growth::Safer => assert_eq!(after, before + 1),
                    Growth::Larger => {
                        assert_eq!(after, before);
                        assert_eq!(then.data_disks(width + 1), layout.data_disks(width) + 1);
                    }
                }
            }
        }
    }
}
