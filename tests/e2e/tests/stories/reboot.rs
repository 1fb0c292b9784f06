//! The box is restarted with files on it.

use anyhow::Result;
use preau_lab::{Lab, mib};

#[tokio::test(flavor = "multi_thread")]
async fn files_survive_a_reboot() -> Result<()> {
    let mut lab = Lab::new("reboot").start_with_mirror().await?;
    let share = lab.smb("commun")?;
    let photos = share.put_random(mib(64)).await?;

    lab.reboot().await?;

    lab.nas().wait_for_share().await?;
    share.assert_holds(&photos).await?;
    lab.finish().await
}
