//! What lsblk says, in parts that are made here; recordings are in `fixtures/`.

use super::*;
use preau_domain::ids::Bay;
use serde_json::{Value, json};

/// A node with every column, all but the given ones empty.
fn node(kname: &str, kind: &str, filled: Value) -> Value {
    let mut node = json!({
        "kname": kname, "maj:min": "8:0", "type": kind, "size": 4_000_787_030_016_u64,
        "model": null, "serial": null, "wwn": null, "tran": null, "fstype": null,
        "label": null, "uuid": null, "partlabel": null, "parttype": null,
        "partuuid": null, "pttype": null, "mountpoints": [null], "pkname": null,
    });
    let (Some(node_fields), Value::Object(filled)) = (node.as_object_mut(), filled) else {
        unreachable!("both are written as objects");
    };
    node_fields.extend(filled);
    node
}

fn disk(kname: &str, filled: Value) -> Value {
    let mut node = node(
        kname,
        "disk",
        json!({"model": "WD40", "serial": kname, "wwn": format!("0x{kname}")}),
    );
    if let (Some(fields), Value::Object(filled)) = (node.as_object_mut(), filled) {
        fields.extend(filled);
    }
    node
}

fn read(nodes: &[Value]) -> Nodes {
    let mut nodes = parse_lsblk(&json!({ "blockdevices": nodes }).to_string()).unwrap();
    nodes.mark_known(|_| true);
    nodes
}

fn disks(nodes: &Nodes) -> Vec<Disk> {
    nodes.disks(&Board::default(), |_| None)
}

#[test]
fn a_disk_with_nothing_on_it_is_blank() {
    let found = disks(&read(&[disk("sda", json!({}))]));
    assert_eq!(found.len(), 1);
    assert!(found[0].is_blank());
    assert_eq!(found[0].id.as_str(), "wwn-0xsda");
    assert_eq!((found[0].serial.as_str(), found[0].bus), ("sda", Bus::Scsi));
    assert_eq!(
        (found[0].member_of, &found[0].partition_name),
        (None, &None)
    );
}

#[test]
fn everything_on_a_disk_is_told_and_changes_its_digest() {
    let part = |label: &str| {
        node(
            "sda1",
            "part",
            json!({
                "pkname": "sda", "fstype": "ntfs", "label": label, "uuid": "01D", "size": 1 << 30,
                "partlabel": "Basic data partition",
            }),
        )
    };
    let with = |label: &str| {
        let children = json!({"pttype": "gpt", "children": [part(label)]});
        disks(&read(&[disk("sda", children)])).remove(0)
    };
    let found = with("Photos");
    let kinds: Vec<_> = found.contents.iter().map(|c| c.kind.as_str()).collect();
    assert_eq!(kinds, ["partition_table", "ntfs"]);
    assert_eq!(found.contents[1].label.as_deref(), Some("Photos"));
    assert_eq!(
        found.partition_name.as_deref(),
        Some("Basic data partition")
    );
    assert_eq!(found.contents_digest, with("Photos").contents_digest);
    assert_ne!(found.contents_digest, with("Compta").contents_digest);
}

#[test]
fn the_digest_does_not_depend_on_the_name_of_the_day() {
    let at = |name: &str| {
        let mut disk = disk(name, json!({"wwn": "0x1", "fstype": "ext4", "uuid": "u"}));
        disk["maj:min"] = json!("8:32");
        disks(&read(&[disk])).remove(0).contents_digest
    };
    assert_eq!(at("sda"), at("sdc"));
}

#[test]
fn a_member_knows_its_array_in_whichever_form_the_uuid_is_written() {
    for form in [
        "00112233-4455-6677-8899-aabbccddeeff",
        "00112233:44556677:8899aabb:ccddeeff",
    ] {
        let part = node(
            "sda1",
            "part",
            json!({
                "pkname": "sda", "fstype": "linux_raid_member", "uuid": form, "partlabel": "preau-x",
            }),
        );
        let found = disks(&read(&[disk("sda", json!({"children": [part]}))])).remove(0);
        let uuid = Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
        assert_eq!(found.member_of, Some(uuid));
        assert_eq!(found.partition_name.as_deref(), Some("preau-x"));
    }
}

#[test]
fn the_card_and_what_is_no_disk_are_left_out() {
    let data = node(
        "vda4",
        "part",
        json!({"pkname": "vda", "mountpoints": ["/data"]}),
    );
    let found = disks(&read(&[
        disk("vda", json!({"children": [data]})),
        disk("zram0", json!({})),
        disk("sdz", json!({"size": 0})),
        disk("mmcblk0boot0", json!({})),
        node("loop0", "loop", json!({"serial": "x"})),
        node("sr0", "rom", json!({"serial": "x"})),
        disk("sda", json!({})),
    ]));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].serial, "sda");
}

#[test]
fn a_disk_that_udev_has_not_looked_at_yet_is_not_told() {
    let part = node("sda1", "part", json!({"pkname": "sda", "maj:min": "8:1"}));
    let mut nodes = read(&[
        disk("sda", json!({"children": [part]})),
        disk("sdb", json!({"maj:min": "8:16"})),
    ]);
    nodes.mark_known(|number| number != "8:1");
    let found = disks(&nodes);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].serial, "sdb");
    nodes.mark_known(|number| number != "8:0");
    assert_eq!(disks(&nodes), found);
    nodes.mark_known(|number| number != "8:16");
    assert_eq!(disks(&nodes)[0].serial, "sda");
}

#[test]
fn a_disk_without_any_identity_is_not_told() {
    let found = disks(&read(&[disk("sda", json!({"wwn": null, "serial": " "}))]));
    assert_eq!(found, []);
}

#[test]
fn disks_are_in_the_order_of_the_bays() {
    let board = Board::parse(
        "[[bay]]\nlabel = \"1\"\nmatch = \"/target0:0:0/\"\n[[bay]]\nlabel = \"2\"\nmatch = \"/target0:0:1/\"",
    )
    .unwrap();
    let path = |kname: &str| {
        let target = if kname == "sda" { 1 } else { 0 };
        Some(format!(
            "/sys/devices/host0/target0:0:{target}/block/{kname}"
        ))
    };
    let nodes = read(&[disk("sda", json!({})), disk("sdb", json!({}))]);
    let found = nodes.disks(&board, path);
    let bays: Vec<_> = found
        .iter()
        .map(|disk| (disk.bay.clone(), disk.serial.as_str()))
        .collect();
    let bay = |label: &str| Some(Bay(label.to_owned()));
    assert_eq!(bays, [(bay("1"), "sdb"), (bay("2"), "sda")]);
}

#[test]
fn an_array_below_two_disks_is_one_node() {
    let array = || {
        node(
            "md127",
            "raid1",
            json!({"fstype": "btrfs", "uuid": Uuid::from_u128(5).to_string()}),
        )
    };
    let part =
        |name: &str, of: &str| node(name, "part", json!({"pkname": of, "children": [array()]}));
    let nodes = read(&[
        disk("sda", json!({"children": [part("sda1", "sda")]})),
        disk("sdb", json!({"children": [part("sdb1", "sdb")]})),
    ]);
    assert_eq!(nodes.iter().count(), 5);
    assert_eq!(
        nodes.get("md127").unwrap().filesystem(),
        Some(Uuid::from_u128(5))
    );
    assert_eq!(nodes.disk_id_under("sdb1").unwrap().as_str(), "wwn-0xsdb");
}

/// `sda1` with the layer, and what lies on it when it is open.
fn layered(open: Option<Value>) -> Nodes {
    let part = node(
        "sda1",
        "part",
        json!({
            "pkname": "sda", "fstype": "DM_integrity", "partlabel": "preau-x",
            "partuuid": "0A1B", "children": open.into_iter().collect::<Vec<_>>(),
        }),
    );
    read(&[disk("sda", json!({"children": [part]}))])
}

#[test]
fn a_layer_is_seen_closed_and_open_with_the_same_digest() {
    let closed = disks(&layered(None)).remove(0);
    assert_eq!((closed.layer, closed.member_of), (Layer::Closed, None));
    let member = json!({
        "pkname": "sda1", "fstype": "linux_raid_member",
        "uuid": "00112233-4455-6677-8899-aabbccddeeff",
    });
    let nodes = layered(Some(node("dm-0", "crypt", member)));
    let open = disks(&nodes).remove(0);
    assert_eq!(open.layer, Layer::Open);
    assert!(open.member_of.is_some());
    assert_eq!(open.contents_digest, closed.contents_digest);
    assert_eq!(nodes.disk_id_under("dm-0"), Some(open.id));
}

#[test]
fn md_is_given_the_open_layer_and_never_what_lies_under_a_closed_one() {
    let top = |nodes: &Nodes| {
        let part = nodes.get("sda1").unwrap().clone();
        nodes.top_of(&part).map(|node| node.kname.clone())
    };
    assert_eq!(top(&layered(None)), None);
    let open = node("dm-0", "crypt", json!({"pkname": "sda1"}));
    assert_eq!(top(&layered(Some(open))).as_deref(), Some("dm-0"));
    let bare = node("sda1", "part", json!({"pkname": "sda"}));
    let bare = read(&[disk("sda", json!({"children": [bare]}))]);
    assert_eq!(top(&bare).as_deref(), Some("sda1"), "an array of before");
}

#[test]
fn a_layer_whose_disk_has_gone_is_on_no_disk() {
    let orphan = read(&[node("dm-0", "crypt", json!({}))]);
    assert_eq!(orphan.disk_id_under("dm-0"), None);
    assert_eq!(disks(&orphan), []);
}

#[test]
fn what_is_not_lsblks_answer_is_an_error_and_nothing_is_no_disks() {
    assert!(parse_lsblk("{").is_err());
    assert!(parse_lsblk("{\"blockdevices\": [{}]}").is_err());
    assert_eq!(parse_lsblk("").unwrap(), Nodes::default());
}

/// See `fixtures/rebuilding/README.md`.
#[test]
fn a_recorded_machine_has_its_three_disks_and_not_its_card() {
    let mut nodes = parse_lsblk(include_str!("../../fixtures/rebuilding/lsblk.json")).unwrap();
    nodes.mark_known(|_| true);
    let found = disks(&nodes);
    let serials: Vec<_> = found.iter().map(|disk| disk.serial.as_str()).collect();
    assert_eq!(serials, ["WD-WX00001", "WD-WX00002", "WD-WX00003"]);
    assert!(found[2].is_blank());
    let member = &found[0];
    assert_eq!((member.model.as_str(), member.size), ("WD40EFZX", 1 << 28));
    let kinds: Vec<_> = member.contents.iter().map(|c| c.kind.as_str()).collect();
    assert_eq!(kinds, ["partition_table", "linux_raid_member"]);
    let array = "a2c0f29c-05f8-4b2e-9820-830e439badb3".parse().unwrap();
    assert_eq!(member.member_of, Some(array));
    let name = preau_domain::plan::partition_name(array);
    assert_eq!(member.partition_name, Some(name));
}
