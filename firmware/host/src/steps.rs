//! How the real machine carries a step out. Every step looks first, so that one
//! that is already done changes nothing, and looks again afterwards where the
//! program's exit status does not tell enough.

mod adopt;
mod arrays;
mod layers;
mod leave;
mod partition;
mod shape;
mod volume;

use crate::lsblk::{Node, Nodes};
use crate::machine::Machine;
use crate::md::RawArray;
use crate::system::{Change, HostError};
use preau_domain::ids::DiskId;
use preau_domain::plan::Step;
use std::time::Duration;
use uuid::Uuid;

/// For programs that write: a disk may have to spin up, a card may be slow.
pub(crate) const LONG: Duration = Duration::from_secs(180);
/// For what the kernel and udev do after a program has ended.
const SOON: Duration = Duration::from_secs(30);
/// Between two looks at something that nothing announces.
const PAUSE: Duration = Duration::from_millis(200);

const MDADM: &str = "/usr/sbin/mdadm";
/// The array's own name, whatever number the kernel gives it.
const ARRAY_NODE: &str = "/dev/md/preau";

impl Machine {
    pub(crate) async fn apply_step(&self, step: &Step) -> Result<Change, HostError> {
        match step {
            Step::PreparePartition {
                consent,
                partition_name,
            } => self.prepare_partition(consent, partition_name).await,
            Step::CreateArray {
                array,
                layout,
                disks,
                spares,
            } => self.create_array(*array, *layout, disks, spares).await,
            Step::Assemble {
                array,
                disks,
                start,
            } => self.assemble(*array, disks, *start).await,
            Step::OpenLayers { array, disks } => self.open_layers(*array, disks).await,
            Step::ForgetDetached { array } => self.forget_detached(*array).await,
            Step::AddMember { array, disk } => self.add_member(*array, disk).await,
            Step::ReplaceMember {
                array,
                leaving,
                joining,
            } => self.replace_member(*array, leaving, joining).await,
            Step::ReleaseMember { array, disk } => self.release_member(*array, disk).await,
            Step::Reshape {
                array,
                layout,
                width,
            } => self.reshape(*array, *layout, *width).await,
            Step::NoteWrites { array, layout } => self.note_writes(*array, *layout).await,
            Step::GrowFilesystem { filesystem } => self.grow_filesystem(*filesystem).await,
            Step::Format { array, filesystem } => self.format(*array, *filesystem).await,
            Step::PutAway { array } => self.put_volume_away(*array).await,
            Step::Mount { filesystem } => self.mount(*filesystem).await,
            Step::CreateShare { name } => self.create_share(name).await,
            Step::ServeShares => self.serve_shares().await,
            Step::StopShares => self.stop_shares().await,
        }
    }

    /// Observes until it holds; `what` says what was waited for.
    async fn wait_for(
        &self,
        what: &'static str,
        holds: impl Fn(&Nodes, &[(Uuid, RawArray)]) -> bool + Send,
    ) -> Result<(), HostError> {
        let deadline = tokio::time::Instant::now() + SOON;
        loop {
            self.settle_udev().await?;
            let nodes = self.nodes().await?;
            let arrays = self.raw_arrays().await?;
            if holds(&nodes, &arrays) {
                return Ok(());
            }
            if tokio::time::Instant::now() > deadline {
                return Err(HostError::Missing(format!("{what}, after {SOON:?},")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn array(&self, uuid: Uuid) -> Result<Option<RawArray>, HostError> {
        let arrays = self.raw_arrays().await?;
        Ok(arrays
            .into_iter()
            .find(|(found, _)| *found == uuid)
            .map(|(_, array)| array))
    }

    pub(crate) async fn running_array(&self, uuid: Uuid) -> Result<RawArray, HostError> {
        self.array(uuid)
            .await?
            .filter(RawArray::is_running)
            .ok_or_else(|| HostError::Missing(format!("the array {uuid}")))
    }

    async fn stop_array(&self, array: &RawArray) -> Result<(), HostError> {
        crate::command::Command::new(MDADM)
            .arg("--stop")
            .arg(format!("/dev/{}", array.kname))
            .run()
            .await
            .map(drop)
    }
}

/// sysfs wants one write, and says in its answer whether it did it.
pub(crate) fn write_attribute(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    std::fs::OpenOptions::new()
        .write(true)
        .open(path)?
        .write_all(text.as_bytes())
}

/// The partition that was prepared on a disk for an array.
fn prepared_partition<'a>(
    nodes: &'a Nodes,
    id: &DiskId,
    array: Uuid,
) -> Result<&'a Node, HostError> {
    let name = preau_domain::plan::partition_name(array);
    let missing = || HostError::Missing(format!("the prepared partition of {id}"));
    let disk = nodes.find(id).ok_or_else(missing)?;
    match nodes.partitions(disk).as_slice() {
        [only] if only.partlabel.as_ref() == Some(&name) => Ok(only),
        _ => Err(missing()),
    }
}

/// What md is given of a disk that was prepared for an array: the open layer on its
/// partition, or the partition itself for an array of before the layer.
fn member_device<'a>(nodes: &'a Nodes, id: &DiskId, array: Uuid) -> Result<&'a Node, HostError> {
    let partition = prepared_partition(nodes, id, array)?;
    let closed = || HostError::Missing(format!("the open layer of {id}"));
    nodes.top_of(partition).ok_or_else(closed)
}
