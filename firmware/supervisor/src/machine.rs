//! [`System`] behind one pointer, so that the desk and the routes are not generic
//! over the machine they run on.

use jiff::Timestamp;
use preau_domain::blink::{BlinkBy, Blinked, Blinking, Wake};
use preau_domain::health::{SelfTestKind, Touch, Visit};
use preau_domain::ids::DiskId;
use preau_domain::opened::OpenedDisk;
use preau_domain::plan::Step;
use preau_domain::scrub::{Act, ScrubSeen};
use preau_domain::settings::Person;
use preau_domain::snapshot::Snapshot;
use preau_host::{Bundles, Change, HostError, SetFacts, System};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use uuid::Uuid;

type Promise<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The same as [`System`], method by method.
pub trait Machine: Send + Sync + 'static {
    /// See [`System::observe`].
    fn observe(&self, now: Timestamp) -> Promise<'_, Snapshot>;
    /// See [`System::apply`].
    fn apply<'a>(&'a self, step: &'a Step) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::survey`].
    fn survey(&self, now: Timestamp) -> Promise<'_, Result<BTreeMap<DiskId, Visit>, HostError>>;
    /// See [`System::read_a_block`].
    fn read_a_block<'a>(
        &'a self,
        disks: &'a [DiskId],
        turn: u64,
    ) -> Promise<'a, Result<BTreeMap<DiskId, Touch>, HostError>>;
    /// See [`System::start_self_test`].
    fn start_self_test<'a>(
        &'a self,
        disk: &'a DiskId,
        kind: SelfTestKind,
    ) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::abort_self_test`].
    fn abort_self_test<'a>(&'a self, disk: &'a DiskId) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::blink_by`].
    fn blink_by<'a>(&'a self, disk: &'a DiskId) -> Promise<'a, Result<BlinkBy, HostError>>;
    /// See [`System::blink`].
    fn blink<'a>(&'a self, disk: &'a DiskId, wake: Wake)
    -> Promise<'a, Result<Blinked, HostError>>;
    /// See [`System::stop_blinking`].
    fn stop_blinking(&self) -> Change;
    /// See [`System::blinking`].
    fn blinking(&self) -> Option<Blinking>;
    /// See [`System::open_disk`].
    fn open_disk<'a>(
        &'a self,
        disk: &'a DiskId,
        kept: &'a [String],
    ) -> Promise<'a, Result<OpenedDisk, HostError>>;
    /// See [`System::close_disk`].
    fn close_disk(&self) -> Promise<'_, Result<Change, HostError>>;
    /// See [`System::opened_disk`].
    fn opened_disk(&self) -> Option<OpenedDisk>;
    /// See [`System::read_scrub`].
    fn read_scrub(
        &self,
        array: Uuid,
        since: Timestamp,
    ) -> Promise<'_, Result<ScrubSeen, HostError>>;
    /// See [`System::scrub`].
    fn scrub(&self, array: Uuid, act: Act) -> Promise<'_, Result<Change, HostError>>;
    /// See [`System::settle`].
    fn settle(&self) -> Promise<'_, Result<(), HostError>>;
    /// See [`System::changed`].
    fn changed(&self) -> Promise<'_, ()>;
    /// See [`System::keep_accounts`].
    fn keep_accounts<'a>(&'a self, people: &'a [Person]) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::set_share_password`].
    fn set_share_password<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> Promise<'a, Result<(), HostError>>;
    /// See [`System::share_passwords`].
    fn share_passwords(&self) -> Promise<'_, Result<String, HostError>>;
    /// See [`System::restore_share_passwords`].
    fn restore_share_passwords<'a>(
        &'a self,
        passwords: &'a str,
    ) -> Promise<'a, Result<(), HostError>>;
    /// See [`System::kept_bundles`].
    fn kept_bundles(&self) -> Promise<'_, Result<Bundles, HostError>>;
    /// See [`System::keep_bundle`].
    fn keep_bundle<'a>(
        &'a self,
        bundle: &'a [u8],
        previous: Option<&'a [u8]>,
    ) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::describe_set`].
    fn describe_set<'a>(&'a self, set: &'a str) -> Promise<'a, Result<SetFacts, HostError>>;
    /// See [`System::read_set`].
    fn read_set<'a>(&'a self, set: &'a str) -> Promise<'a, Result<Bundles, HostError>>;
    /// See [`System::renew_pages`].
    fn renew_pages(&self) -> Promise<'_, Result<(), HostError>>;
    /// See [`System::write_share_config`].
    fn write_share_config<'a>(
        &'a self,
        box_name: &'a str,
        people: &'a [Person],
    ) -> Promise<'a, Result<Change, HostError>>;
    /// See [`System::show_claim_code`].
    fn show_claim_code<'a>(
        &'a self,
        notice: Option<&'a str>,
    ) -> Promise<'a, Result<Change, HostError>>;
}

impl<S: System> Machine for S {
    fn observe(&self, now: Timestamp) -> Promise<'_, Snapshot> {
        Box::pin(System::observe(self, now))
    }

    fn apply<'a>(&'a self, step: &'a Step) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::apply(self, step))
    }

    fn survey(&self, now: Timestamp) -> Promise<'_, Result<BTreeMap<DiskId, Visit>, HostError>> {
        Box::pin(System::survey(self, now))
    }

    fn read_a_block<'a>(
        &'a self,
        disks: &'a [DiskId],
        turn: u64,
    ) -> Promise<'a, Result<BTreeMap<DiskId, Touch>, HostError>> {
        Box::pin(System::read_a_block(self, disks, turn))
    }

    fn start_self_test<'a>(
        &'a self,
        disk: &'a DiskId,
        kind: SelfTestKind,
    ) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::start_self_test(self, disk, kind))
    }

    fn abort_self_test<'a>(&'a self, disk: &'a DiskId) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::abort_self_test(self, disk))
    }

    fn blink_by<'a>(&'a self, disk: &'a DiskId) -> Promise<'a, Result<BlinkBy, HostError>> {
        Box::pin(System::blink_by(self, disk))
    }

    fn blink<'a>(
        &'a self,
        disk: &'a DiskId,
        wake: Wake,
    ) -> Promise<'a, Result<Blinked, HostError>> {
        Box::pin(System::blink(self, disk, wake))
    }

    fn stop_blinking(&self) -> Change {
        System::stop_blinking(self)
    }

    fn blinking(&self) -> Option<Blinking> {
        System::blinking(self)
    }

    fn open_disk<'a>(
        &'a self,
        disk: &'a DiskId,
        kept: &'a [String],
    ) -> Promise<'a, Result<OpenedDisk, HostError>> {
        Box::pin(System::open_disk(self, disk, kept))
    }

    fn close_disk(&self) -> Promise<'_, Result<Change, HostError>> {
        Box::pin(System::close_disk(self))
    }

    fn opened_disk(&self) -> Option<OpenedDisk> {
        System::opened_disk(self)
    }

    fn read_scrub(
        &self,
        array: Uuid,
        since: Timestamp,
    ) -> Promise<'_, Result<ScrubSeen, HostError>> {
        Box::pin(System::read_scrub(self, array, since))
    }

    fn scrub(&self, array: Uuid, act: Act) -> Promise<'_, Result<Change, HostError>> {
        Box::pin(System::scrub(self, array, act))
    }

    fn settle(&self) -> Promise<'_, Result<(), HostError>> {
        Box::pin(System::settle(self))
    }

    fn changed(&self) -> Promise<'_, ()> {
        Box::pin(System::changed(self))
    }

    fn keep_accounts<'a>(&'a self, people: &'a [Person]) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::keep_accounts(self, people))
    }

    fn set_share_password<'a>(
        &'a self,
        login: &'a str,
        password: &'a str,
    ) -> Promise<'a, Result<(), HostError>> {
        Box::pin(System::set_share_password(self, login, password))
    }

    fn share_passwords(&self) -> Promise<'_, Result<String, HostError>> {
        Box::pin(System::share_passwords(self))
    }

    fn restore_share_passwords<'a>(
        &'a self,
        passwords: &'a str,
    ) -> Promise<'a, Result<(), HostError>> {
        Box::pin(System::restore_share_passwords(self, passwords))
    }

    fn kept_bundles(&self) -> Promise<'_, Result<Bundles, HostError>> {
        Box::pin(System::kept_bundles(self))
    }

    fn keep_bundle<'a>(
        &'a self,
        bundle: &'a [u8],
        previous: Option<&'a [u8]>,
    ) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::keep_bundle(self, bundle, previous))
    }

    fn describe_set<'a>(&'a self, set: &'a str) -> Promise<'a, Result<SetFacts, HostError>> {
        Box::pin(System::describe_set(self, set))
    }

    fn read_set<'a>(&'a self, set: &'a str) -> Promise<'a, Result<Bundles, HostError>> {
        Box::pin(System::read_set(self, set))
    }

    fn renew_pages(&self) -> Promise<'_, Result<(), HostError>> {
        Box::pin(System::renew_pages(self))
    }

    fn write_share_config<'a>(
        &'a self,
        box_name: &'a str,
        people: &'a [Person],
    ) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::write_share_config(self, box_name, people))
    }

    fn show_claim_code<'a>(
        &'a self,
        notice: Option<&'a str>,
    ) -> Promise<'a, Result<Change, HostError>> {
        Box::pin(System::show_claim_code(self, notice))
    }
}
