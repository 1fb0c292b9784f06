//! The calls into the shim, each made safe: exclusive buffers of the size that
//! the header asks for go in, a status comes out and becomes a [`Cause`].

use std::ffi::{CStr, CString, c_char};
use std::ptr::{self, NonNull};
use std::sync::OnceLock;

use crate::error::Cause;
use crate::ffi;
use crate::replay::Callbacks;

type Outcome<T> = Result<T, Cause>;

/// An open device of the library.
pub(crate) struct Handle {
    device: NonNull<ffi::shim_device>,
    /// A replay's side of the callbacks: pointed to by the device, so dropped
    /// after it.
    _replay: Option<Callbacks>,
}

// SAFETY: the device belongs to this handle alone, the library ties nothing to a
// thread, what its devices share is behind the shim's lock, and a replay is Send.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut error = ffi::shim_error::default();
        // SAFETY: the device was opened by the shim, and is not used after this:
        // the handle that owned it is gone. Closing can only fail for a file that
        // is closed already; nothing is lost with its error.
        unsafe { ffi::shim_close(self.device.as_ptr(), &mut error) };
    }
}

fn outcome(status: i32, error: &ffi::shim_error) -> Outcome<()> {
    let message = || text(&error.message);
    match u32::try_from(status) {
        Ok(ffi::SHIM_OK) => Ok(()),
        Ok(ffi::SHIM_UNSUPPORTED) => Err(Cause::Unsupported(message())),
        Ok(ffi::SHIM_UNKNOWN_BRIDGE) => Err(Cause::UnknownBridge(message())),
        Ok(ffi::SHIM_EXCEPTION) => Err(Cause::Exception(message())),
        Ok(ffi::SHIM_WRONG_BUS) => Err(Cause::WrongBus),
        _ => Err(Cause::Refused {
            number: error.number,
            message: message(),
        }),
    }
}

/// A zero-ended field of the shim's.
pub(crate) fn text(field: &[c_char]) -> String {
    let bytes: Vec<u8> = field
        .iter()
        .map(|byte| byte.cast_unsigned_char())
        .take_while(|byte| *byte != 0)
        .collect();
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

/// `c_char` is signed on one of our targets and unsigned on the other.
trait CastUnsigned {
    fn cast_unsigned_char(self) -> u8;
}

impl CastUnsigned for c_char {
    fn cast_unsigned_char(self) -> u8 {
        self.to_ne_bytes()[0]
    }
}

fn c_string(text: &str) -> Outcome<CString> {
    CString::new(text).map_err(|_| Cause::Name)
}

/// Starts the library, once; what it said then is said again to every later call.
fn start() -> Outcome<()> {
    static STARTED: OnceLock<Outcome<()>> = OnceLock::new();
    STARTED
        .get_or_init(|| {
            let mut error = ffi::shim_error::default();
            // SAFETY: `error` is an exclusive, initialised shim_error.
            let status = unsafe { ffi::shim_start(&mut error) };
            outcome(status, &error)
        })
        .clone()
}

/// Path and type of every disk that the library finds.
pub(crate) fn scan() -> Outcome<Vec<(String, String)>> {
    start()?;
    // More than any board we know has sockets for, USB included.
    let mut found = vec![ffi::shim_found::default(); 256];
    let mut count = 0;
    let mut error = ffi::shim_error::default();
    // SAFETY: `found` has room for as many entries as are said, and it, `count`
    // and `error` are exclusive to the call.
    let status = unsafe { ffi::shim_scan(found.as_mut_ptr(), found.len(), &mut count, &mut error) };
    outcome(status, &error)?;
    found.truncate(count);
    Ok(found
        .iter()
        .map(|one| (text(&one.path), text(&one.type_)))
        .collect())
}

/// Calls a function of the shim on the handle's device.
macro_rules! call {
    ($handle:expr, $function:ident $(, $argument:expr)*) => {{
        let mut error = ffi::shim_error::default();
        let device = $handle.device.as_ptr();
        // SAFETY: the device is open and, through `&mut Handle`, used by this call
        // alone; every other argument is a number or a pointer to a local of the
        // caller's, exclusive to the call and as large as shim.h asks for (the
        // parameter types of the methods below are those sizes).
        let status = unsafe { ffi::$function(device $(, $argument)*, &mut error) };
        outcome(status, &error)
    }};
}

impl Handle {
    pub(crate) fn open(path: &str, kind: Option<&str>) -> Outcome<Handle> {
        start()?;
        let path = c_string(path)?;
        let kind = kind.map(c_string).transpose()?;
        let kind = kind.as_deref().map_or(ptr::null(), CStr::as_ptr);
        let mut device = ptr::null_mut();
        let mut error = ffi::shim_error::default();
        // SAFETY: both strings live through the call and end in zero, or are null
        // as the header allows; `device` and `error` are exclusive to it.
        let status = unsafe { ffi::shim_open(path.as_ptr(), kind, &mut device, &mut error) };
        Self::opened(status, device, &error, None)
    }

    pub(crate) fn replay(name: &str, bus: u32, callbacks: Callbacks) -> Outcome<Handle> {
        start()?;
        let name = c_string(name)?;
        let table = callbacks.table();
        let mut device = ptr::null_mut();
        let mut error = ffi::shim_error::default();
        // SAFETY: the shim copies the table; the context in it belongs to the
        // callbacks, which the handle keeps for longer than the device. The rest as in
        // `open`.
        let status = unsafe {
            ffi::shim_open_replay(
                name.as_ptr(),
                bus.cast_signed(),
                &table,
                &mut device,
                &mut error,
            )
        };
        Self::opened(status, device, &error, Some(callbacks))
    }

    fn opened(
        status: i32,
        device: *mut ffi::shim_device,
        error: &ffi::shim_error,
        replay: Option<Callbacks>,
    ) -> Outcome<Handle> {
        outcome(status, error)?;
        let device = NonNull::new(device)
            .ok_or_else(|| Cause::Exception("opened, and yet no device".to_owned()))?;
        Ok(Handle {
            device,
            _replay: replay,
        })
    }

    pub(crate) fn bus(&self) -> u32 {
        // SAFETY: the device is open, and the function only reads it.
        unsafe { ffi::shim_device_bus(self.device.as_ptr()) }.cast_unsigned()
    }

    pub(crate) fn kind(&self) -> String {
        let mut kind = [0; 64];
        // SAFETY: the device is open, the function only reads it, and `kind` has
        // the room that is said.
        unsafe { ffi::shim_device_type(self.device.as_ptr(), kind.as_mut_ptr(), kind.len()) };
        text(&kind)
    }

    pub(crate) fn ata_identity(&mut self) -> Outcome<ffi::shim_ata_identity> {
        let mut identity = ffi::shim_ata_identity::default();
        call!(self, shim_ata_identify, &mut identity)?;
        Ok(identity)
    }

    pub(crate) fn ata_power_mode(&mut self) -> Outcome<u8> {
        let mut mode = 0;
        call!(self, shim_ata_power_mode, &mut mode)?;
        Ok(mode)
    }

    pub(crate) fn ata_enable_smart(&mut self) -> Outcome<()> {
        call!(self, shim_ata_enable_smart)
    }

    pub(crate) fn ata_says_failing(&mut self) -> Outcome<bool> {
        let mut failing = 0;
        call!(self, shim_ata_smart_status, &mut failing)?;
        Ok(failing != 0)
    }

    pub(crate) fn ata_smart(&mut self) -> Outcome<Box<ffi::shim_ata_smart>> {
        let mut smart = Box::<ffi::shim_ata_smart>::default();
        call!(self, shim_ata_read_smart, &mut *smart)?;
        Ok(smart)
    }

    pub(crate) fn ata_error_log(&mut self) -> Outcome<[u8; 512]> {
        let mut page = [0; 512];
        call!(self, shim_ata_error_log, page.as_mut_ptr())?;
        Ok(page)
    }

    pub(crate) fn ata_self_test_log(&mut self) -> Outcome<[u8; 512]> {
        let mut page = [0; 512];
        call!(self, shim_ata_self_test_log, page.as_mut_ptr())?;
        Ok(page)
    }

    pub(crate) fn ata_extended_self_test_log(&mut self) -> Outcome<[u8; 512]> {
        let mut page = [0; 512];
        call!(self, shim_ata_extended_self_test_log, page.as_mut_ptr())?;
        Ok(page)
    }

    pub(crate) fn ata_sct_status(&mut self) -> Outcome<[u8; 512]> {
        let mut page = [0; 512];
        call!(self, shim_ata_sct_status, page.as_mut_ptr())?;
        Ok(page)
    }

    /// One page of a general purpose log.
    pub(crate) fn ata_log(&mut self, log: u8, page: u32) -> Outcome<[u8; 512]> {
        let mut data = [0; 512];
        call!(self, shim_ata_read_log, log, page, 1, data.as_mut_ptr())?;
        Ok(data)
    }

    pub(crate) fn ata_self_test(&mut self, test: u8) -> Outcome<()> {
        call!(self, shim_ata_self_test, test)
    }

    /// Controller page, namespace page, namespace.
    pub(crate) fn nvme_identity(&mut self) -> Outcome<(Vec<u8>, Vec<u8>, u32)> {
        let (mut controller, mut space) = (vec![0; 4096], vec![0; 4096]);
        let mut nsid = 0;
        call!(
            self,
            shim_nvme_identify,
            controller.as_mut_ptr(),
            space.as_mut_ptr(),
            &mut nsid
        )?;
        Ok((controller, space, nsid))
    }

    pub(crate) fn nvme_health_log(&mut self) -> Outcome<[u8; 512]> {
        let mut page = [0; 512];
        call!(self, shim_nvme_health_log, page.as_mut_ptr())?;
        Ok(page)
    }

    pub(crate) fn nvme_self_test_log(&mut self) -> Outcome<[u8; 564]> {
        let mut page = [0; 564];
        call!(self, shim_nvme_self_test_log, page.as_mut_ptr())?;
        Ok(page)
    }

    pub(crate) fn nvme_self_test(&mut self, test: u8) -> Outcome<()> {
        call!(self, shim_nvme_self_test, test)
    }

    pub(crate) fn scsi_identity(&mut self) -> Outcome<ffi::shim_scsi_identity> {
        let mut identity = ffi::shim_scsi_identity::default();
        call!(self, shim_scsi_identify, &mut identity)?;
        Ok(identity)
    }

    pub(crate) fn scsi_health(&mut self) -> Outcome<ffi::shim_scsi_health> {
        let mut health = ffi::shim_scsi_health::default();
        call!(self, shim_scsi_read_health, &mut health)?;
        Ok(health)
    }

    /// Key, code, qualifier and progress of the disk's present sense.
    pub(crate) fn scsi_sense(&mut self) -> Outcome<(u8, u8, u8, i32)> {
        let (mut key, mut asc, mut ascq, mut progress) = (0, 0, 0, 0);
        call!(
            self,
            shim_scsi_sense,
            &mut key,
            &mut asc,
            &mut ascq,
            &mut progress
        )?;
        Ok((key, asc, ascq, progress))
    }

    /// A log page of up to 512 bytes, header included.
    pub(crate) fn scsi_log(&mut self, page: u8) -> Outcome<[u8; 512]> {
        let mut data = [0; 512];
        call!(self, shim_scsi_log, page, 0, data.as_mut_ptr(), data.len())?;
        Ok(data)
    }

    pub(crate) fn scsi_grown_defects(&mut self) -> Outcome<u32> {
        let mut count = 0;
        call!(self, shim_scsi_grown_defects, &mut count)?;
        Ok(count)
    }

    pub(crate) fn scsi_self_test(&mut self, test: u8) -> Outcome<()> {
        call!(self, shim_scsi_self_test, test)
    }
}
