//! What the supervisor asks of a machine, answered from its state.

use super::*;

impl System for FakeMachine {
    async fn observe(&self, now: Timestamp) -> Snapshot {
        let state = self.state();
        let kernel = &state.kernel;
        let shares_served = Reading::at(kernel.shares_served, now);
        if let Some(reason) = &state.unreadable {
            let unreadable = || Reading::Unreadable {
                reason: reason.clone(),
            };
            return Snapshot {
                disks: Reading::Unreadable {
                    reason: reason.clone(),
                },
                arrays: Reading::Unreadable {
                    reason: reason.clone(),
                },
                volume: unreadable(),
                shares_served,
                kernel: Reading::Unreadable {
                    reason: reason.clone(),
                },
            };
        }
        Snapshot {
            disks: Reading::at(kernel.plugged().map(FakeDisk::describe).collect(), now),
            arrays: Reading::at(kernel.describe_arrays(), now),
            volume: kernel
                .describe_volume()
                .map_or(Reading::Absent, |volume| Reading::at(volume, now)),
            shares_served,
            kernel: Reading::at(state.notes.clone(), now),
        }
    }

    async fn apply(&self, step: &Step) -> Result<Change, HostError> {
        let mut state = self.state();
        if let Some(failure) = state.next_failure.take() {
            return Err(failure);
        }
        if matches!(step, Step::ServeShares) && state.share_config.is_none() {
            return Err(HostError::Missing("Samba's configuration".to_owned()));
        }
        let result = steps::apply(&mut state.kernel, step);
        drop(state);
        if result.as_ref().is_ok_and(|done| *done == Change::Changed) {
            self.inner.changed.notify_one();
        }
        result
    }

    async fn survey(&self, now: Timestamp) -> Result<BTreeMap<DiskId, Visit>, HostError> {
        let state = self.state();
        if let Some(reason) = &state.unreadable {
            return Err(HostError::Unexpected {
                what: "the machine",
                text: reason.clone(),
            });
        }
        let visit = |disk: &FakeDisk| (disk.id.clone(), disk.health.visit(now));
        Ok(state.kernel.plugged().map(visit).collect())
    }

    async fn read_a_block(
        &self,
        disks: &[DiskId],
        turn: u64,
    ) -> Result<BTreeMap<DiskId, Touch>, HostError> {
        let state = self.state();
        let touch = |disk: &FakeDisk| (disk.id.clone(), disk.health.touch());
        let wanted = |disk: &&FakeDisk| disks.contains(&disk.id);
        tracing::trace!(turn, "reading a block of {} disks", disks.len());
        Ok(state.kernel.plugged().filter(wanted).map(touch).collect())
    }

    async fn start_self_test(
        &self,
        disk: &DiskId,
        kind: SelfTestKind,
    ) -> Result<Change, HostError> {
        self.ask(disk, |health| health.start_self_test(kind))
    }

    async fn abort_self_test(&self, disk: &DiskId) -> Result<Change, HostError> {
        self.ask(disk, FakeHealth::abort_self_test)
    }

    async fn blink_by(&self, disk: &DiskId) -> Result<BlinkBy, HostError> {
        self.state().means_of_blinking(disk)
    }

    async fn blink(&self, disk: &DiskId, wake: Wake) -> Result<Blinked, HostError> {
        let mut state = self.state();
        let by = state.means_of_blinking(disk)?;
        if by == BlinkBy::Activity
            && let Some(found) = state.kernel.plugged_mut(disk)
            && found.health.behaviour == Behaviour::Sleeps
        {
            if wake == Wake::No {
                return Ok(Blinked::Asleep);
            }
            found.health.behaviour = Behaviour::Answers;
        }
        state.blinking = Some(Blinking {
            disk: disk.clone(),
            by,
            seconds_left: match by {
                BlinkBy::BayLight => 300,
                BlinkBy::Activity => 30,
            },
        });
        Ok(Blinked::Shown)
    }

    fn stop_blinking(&self) -> Change {
        match self.state().blinking.take() {
            Some(_) => Change::Changed,
            None => Change::Unchanged,
        }
    }

    fn blinking(&self) -> Option<Blinking> {
        self.state().blinking.clone()
    }

    async fn open_disk(&self, disk: &DiskId, _kept: &[String]) -> Result<OpenedDisk, HostError> {
        let mut state = self.state();
        let found = state.kernel.plugged().find(|found| found.id == *disk);
        let found = found.ok_or_else(|| HostError::Missing(format!("the disk {disk}")))?;
        let readable = |content: &&Content| FILESYSTEMS.contains(&content.kind.as_str());
        let folder = |content: &Content| Folder {
            name: content.label.clone().unwrap_or_else(|| "disque".to_owned()),
            kind: content.kind.clone(),
            size: content.size,
        };
        let folders: Vec<Folder> = found.foreign.iter().filter(readable).map(folder).collect();
        if folders.is_empty() {
            return Err(HostError::Missing(format!("a file system on {disk}")));
        }
        let opened = OpenedDisk {
            disk: disk.clone(),
            folders,
        };
        state.opened = Some(opened.clone());
        Ok(opened)
    }

    async fn close_disk(&self) -> Result<Change, HostError> {
        Ok(match self.state().opened.take() {
            Some(_) => Change::Changed,
            None => Change::Unchanged,
        })
    }

    fn opened_disk(&self) -> Option<OpenedDisk> {
        self.state().opened.clone()
    }

    async fn read_scrub(&self, array: Uuid, _since: Timestamp) -> Result<ScrubSeen, HostError> {
        self.state().kernel.see_scrub(array)
    }

    async fn scrub(&self, array: Uuid, act: Act) -> Result<Change, HostError> {
        self.change(|state| state.kernel.scrub(array, act))
    }

    async fn settle(&self) -> Result<(), HostError> {
        Ok(())
    }

    async fn changed(&self) {
        self.inner.changed.notified().await;
    }

    async fn keep_accounts(&self, people: &[Person]) -> Result<Change, HostError> {
        let mut state = self.state();
        let before = (state.accounts.clone(), state.share_passwords.len());
        state.accounts = people.to_vec();
        state
            .share_passwords
            .retain(|login, _| people.iter().any(|person| person.login == *login));
        let after = (state.accounts.clone(), state.share_passwords.len());
        Ok(Change::from_difference(&before, &after))
    }

    async fn set_share_password(&self, login: &str, password: &str) -> Result<(), HostError> {
        let mut state = self.state();
        if !state.accounts.iter().any(|person| person.login == login) {
            return Err(HostError::Missing(format!("the account {login}")));
        }
        state
            .share_passwords
            .insert(login.to_owned(), password.to_owned());
        Ok(())
    }

    async fn share_passwords(&self) -> Result<String, HostError> {
        let state = self.state();
        let lines = state.share_passwords.iter();
        Ok(lines
            .map(|(login, password)| format!("{login}:{password}\n"))
            .collect())
    }

    async fn restore_share_passwords(&self, passwords: &str) -> Result<(), HostError> {
        let mut state = self.state();
        for (login, password) in passwords.lines().filter_map(|line| line.split_once(':')) {
            if state.accounts.iter().any(|person| person.login == login) {
                let (login, password) = (login.to_owned(), password.to_owned());
                state.share_passwords.insert(login, password);
            }
        }
        Ok(())
    }

    async fn kept_bundles(&self) -> Result<Bundles, HostError> {
        let state = self.state();
        let kernel = &state.kernel;
        let mounted = kernel
            .mounted
            .and_then(|array| kernel.filesystems.get(&array));
        let mounted = mounted.ok_or_else(|| HostError::Missing("the mounted volume".to_owned()))?;
        Ok(mounted.bundles.clone())
    }

    async fn keep_bundle(
        &self,
        bundle: &[u8],
        previous: Option<&[u8]>,
    ) -> Result<Change, HostError> {
        let mut state = self.state();
        let kernel = &mut state.kernel;
        let mounted = kernel.mounted;
        let mounted = mounted.and_then(|array| kernel.filesystems.get_mut(&array));
        let mounted = mounted.ok_or_else(|| HostError::Missing("the mounted volume".to_owned()))?;
        let before = mounted.bundles.current.replace(bundle.to_vec());
        if before.as_deref() == Some(bundle) {
            return Ok(Change::Unchanged);
        }
        if let Some(previous) = previous {
            mounted.bundles.previous = Some(previous.to_vec());
        }
        Ok(Change::Changed)
    }

    async fn describe_set(&self, set: &str) -> Result<SetFacts, HostError> {
        let state = self.state();
        Ok(match state.kernel.array_of_set(set) {
            Some(_) => SetFacts {
                wanted: Some(2),
                used_at: Timestamp::from_second(1_795_504_935).ok(),
            },
            None => SetFacts::default(),
        })
    }

    async fn read_set(&self, set: &str) -> Result<Bundles, HostError> {
        let state = self.state();
        let array = state.kernel.array_of_set(set);
        let filesystem = array.and_then(|array| state.kernel.filesystems.get(&array));
        let missing = || HostError::Missing(format!("the disks {set}"));
        filesystem
            .map(|filesystem| filesystem.bundles.clone())
            .ok_or_else(missing)
    }

    async fn renew_pages(&self) -> Result<(), HostError> {
        Ok(())
    }

    async fn write_share_config(
        &self,
        box_name: &str,
        people: &[Person],
    ) -> Result<Change, HostError> {
        let mut state = self.state();
        let config = Some((box_name.to_owned(), people.to_vec()));
        let shared = state.opened.as_ref().map(|opened| opened.disk.clone());
        let is_same = state.share_config == config && state.shared == shared;
        let change = match is_same {
            true => Change::Unchanged,
            false => Change::Changed,
        };
        state.share_config = config;
        state.shared = shared;
        Ok(change)
    }

    async fn show_claim_code(&self, notice: Option<&str>) -> Result<Change, HostError> {
        let mut state = self.state();
        let notice = notice.map(str::to_owned);
        let change = Change::from_difference(&state.claim_notice, &notice);
        state.claim_notice = notice;
        Ok(change)
    }
}
