//! Disks that are not there: a [`Replay`] answers commands where the kernel's
//! driver would, so that the library's whole way down to the command is tried.
//!
//! Data flows: the library's device (a subclass in `shim/replay.cpp`) calls one
//! of three functions here with its command; that function turns the pointers
//! into slices, asks the recording, and writes the answer back. The library's
//! lock is not held meanwhile, as it is not with a real disk.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{self, NonNull};
use std::slice;

use crate::ffi;

/// An errno with which a disk refuses a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// EIO: the command failed.
    pub const IO: Errno = Errno(5);
    /// ENOSYS: no such command, as the library marks what a disk lacks.
    pub const UNSUPPORTED: Errno = Errno(38);
}

/// What moves along with a command.
#[derive(Debug)]
pub enum Transfer<'a> {
    /// Nothing.
    None,
    /// From the disk: to be filled; zeros at first.
    In(&'a mut [u8]),
    /// To the disk.
    Out(&'a [u8]),
}

impl Transfer<'_> {
    /// Fills the buffer with as much of `page` as it holds.
    pub fn fill(&mut self, page: &[u8]) {
        if let Transfer::In(data) = self {
            let size = data.len().min(page.len());
            data[..size].copy_from_slice(&page[..size]);
        }
    }
}

/// An ATA command's registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtaCommand {
    /// Command register.
    pub command: u8,
    /// Features register, 16 bits with 48-bit commands.
    pub features: u16,
    /// Sector count.
    pub count: u16,
    /// Low, mid and high address registers.
    pub lba: u64,
    /// Device register.
    pub device: u8,
}

/// The registers that come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AtaRegisters {
    /// Error register.
    pub error: u8,
    /// Status register.
    pub status: u8,
    /// Device register.
    pub device: u8,
    /// Sector count.
    pub count: u16,
    /// Low, mid and high address registers.
    pub lba: u64,
}

/// An NVMe admin command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NvmeCommand {
    /// Opcode.
    pub opcode: u8,
    /// Namespace.
    pub nsid: u32,
    /// Command words 10 to 15.
    pub words: [u32; 6],
}

/// An NVMe command's status field, if it is not success.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NvmeStatus(pub u16);

/// A SCSI command block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScsiCommand<'a>(pub &'a [u8]);

/// What a SCSI disk complains of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScsiSense {
    /// Sense key.
    pub key: u8,
    /// Additional sense code.
    pub asc: u8,
    /// Its qualifier.
    pub ascq: u8,
}

/// A disk that answers from a recording. A method that panics becomes an
/// exception in the library and an error outside of it.
pub trait Replay: Send {
    /// Answers an ATA command. `None`: it worked, and the bridge gives no registers.
    fn ata(
        &mut self,
        _command: &AtaCommand,
        _transfer: Transfer<'_>,
    ) -> Result<Option<AtaRegisters>, Errno> {
        Err(Errno::UNSUPPORTED)
    }

    /// Answers an NVMe admin command; `Some` status is a failure.
    fn nvme(
        &mut self,
        _command: &NvmeCommand,
        _transfer: Transfer<'_>,
    ) -> Result<Option<NvmeStatus>, Errno> {
        Err(Errno::UNSUPPORTED)
    }

    /// Answers a SCSI command; `Some` sense is a complaint.
    fn scsi(
        &mut self,
        _command: &ScsiCommand<'_>,
        _transfer: Transfer<'_>,
    ) -> Result<Option<ScsiSense>, Errno> {
        Err(Errno::UNSUPPORTED)
    }
}

/// The recording, at an address that stays: the library's device points to it.
/// Raw, because no box may claim it alone while the device does too.
pub(crate) struct Callbacks(NonNull<Box<dyn Replay>>);

impl Callbacks {
    pub(crate) fn new(replay: Box<dyn Replay>) -> Callbacks {
        Callbacks(NonNull::from(Box::leak(Box::new(replay))))
    }

    pub(crate) fn table(&self) -> ffi::shim_replay {
        ffi::shim_replay {
            context: self.0.as_ptr().cast(),
            ata: Some(answer_ata),
            nvme: Some(answer_nvme),
            scsi: Some(answer_scsi),
        }
    }
}

impl Drop for Callbacks {
    fn drop(&mut self) {
        // SAFETY: leaked in `new` and freed nowhere else; the handle drops its
        // callbacks after its device, so nobody calls them any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

/// Asks the recording; neither its refusal nor its panic goes further than here.
fn ask<T>(
    context: *mut c_void,
    work: impl FnOnce(&mut dyn Replay) -> Result<T, Errno>,
) -> Result<T, c_int> {
    // SAFETY: `context` is what `Callbacks::table` gave, freed only after the
    // device is closed and used by nobody else; the device is used by one thread
    // at a time and asks one command at a time.
    let replay = unsafe { &mut *context.cast::<Box<dyn Replay>>() };
    match catch_unwind(AssertUnwindSafe(|| work(replay.as_mut()))) {
        Ok(answer) => answer.map_err(|Errno(number)| number.max(1)),
        Err(_) => Err(ffi::SHIM_CALLBACK_PANICKED),
    }
}

/// # Safety
/// `data` is null or points to `size` bytes that are the command's alone until
/// the slice's life ends.
unsafe fn transfer<'a>(direction: u8, data: *mut u8, size: usize) -> Transfer<'a> {
    if data.is_null() || size == 0 {
        return Transfer::None;
    }
    match u32::from(direction) {
        ffi::SHIM_DATA_IN => {
            // SAFETY: as promised by the caller; the library's buffer may never
            // have been written, and a slice must be, so it is zeroed first.
            unsafe { ptr::write_bytes(data, 0, size) };
            // SAFETY: as promised by the caller, and written just now.
            Transfer::In(unsafe { slice::from_raw_parts_mut(data, size) })
        }
        ffi::SHIM_DATA_OUT => {
            // SAFETY: as promised by the caller; what goes to a disk is written.
            Transfer::Out(unsafe { slice::from_raw_parts(data, size) })
        }
        _ => Transfer::None,
    }
}

unsafe extern "C" fn answer_ata(
    context: *mut c_void,
    command: *const ffi::shim_ata_command,
    result: *mut ffi::shim_ata_result,
) -> c_int {
    // SAFETY: the shim passes a command of its own for the length of the call.
    let raw = unsafe { &*command };
    // SAFETY: buffer and size come from one command of the library's.
    let transfer = unsafe { transfer(raw.direction, raw.data, raw.size) };
    let command = AtaCommand {
        command: raw.command,
        features: raw.features,
        count: raw.count,
        lba: raw.lba,
        device: raw.device,
    };
    match ask(context, |replay| replay.ata(&command, transfer)) {
        Ok(registers) => {
            let found = registers.unwrap_or_default();
            let answer = ffi::shim_ata_result {
                has_registers: registers.is_some().into(),
                error: found.error,
                status: found.status,
                device: found.device,
                count: found.count,
                lba: found.lba,
            };
            // SAFETY: the shim passes a result of its own to be written.
            unsafe { result.write(answer) };
            0
        }
        Err(number) => number,
    }
}

unsafe extern "C" fn answer_nvme(
    context: *mut c_void,
    command: *const ffi::shim_nvme_command,
    result: *mut ffi::shim_nvme_result,
) -> c_int {
    // SAFETY: the shim passes a command of its own for the length of the call.
    let raw = unsafe { &*command };
    // SAFETY: buffer and size come from one command of the library's.
    let transfer = unsafe { transfer(raw.direction, raw.data, raw.size) };
    let command = NvmeCommand {
        opcode: raw.opcode,
        nsid: raw.nsid,
        words: raw.cdw,
    };
    match ask(context, |replay| replay.nvme(&command, transfer)) {
        Ok(status) => {
            let answer = ffi::shim_nvme_result {
                result: 0,
                status: status.map_or(0, |NvmeStatus(status)| status),
            };
            // SAFETY: the shim passes a result of its own to be written.
            unsafe { result.write(answer) };
            0
        }
        Err(number) => number,
    }
}

unsafe extern "C" fn answer_scsi(
    context: *mut c_void,
    command: *const ffi::shim_scsi_command,
    result: *mut ffi::shim_scsi_result,
) -> c_int {
    const CHECK_CONDITION: u8 = 2;
    // SAFETY: the shim passes a command of its own for the length of the call.
    let raw = unsafe { &*command };
    // SAFETY: buffer and size come from one command of the library's.
    let transfer = unsafe { transfer(raw.direction, raw.data, raw.size) };
    // SAFETY: the library's command block, as long as it says, for this call.
    let block = unsafe { slice::from_raw_parts(raw.command, raw.command_size) };
    match ask(context, |replay| replay.scsi(&ScsiCommand(block), transfer)) {
        Ok(sense) => {
            let answer = sense.map_or_else(ffi::shim_scsi_result::default, |sense| {
                ffi::shim_scsi_result {
                    status: CHECK_CONDITION,
                    key: sense.key,
                    asc: sense.asc,
                    ascq: sense.ascq,
                }
            });
            // SAFETY: the shim passes a result of its own to be written.
            unsafe { result.write(answer) };
            0
        }
        Err(number) => number,
    }
}
