// The library as a whole: its start, its lock, what it expects its caller to
// define, and devices from open to close.
#include "internal.hpp"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <mutex>

#include <cerrno>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace {

std::mutex the_lock;
thread_local bool holds_lock = false;

// Plain characters: a thread may end without a destructor to run for it.
thread_local char printed_text[512];
thread_local bool wrong_checksum = false;

} // namespace

namespace shim {

Lock::Lock() {
  the_lock.lock();
  holds_lock = true;
}

Lock::~Lock() {
  holds_lock = false;
  the_lock.unlock();
}

Away::Away() : held(holds_lock) {
  if (held) {
    holds_lock = false;
    the_lock.unlock();
  }
}

Away::~Away() {
  if (held) {
    const int number = errno;
    the_lock.lock();
    holds_lock = true;
    errno = number;
  }
}

const char *printed() { return printed_text; }

void forget_printed() {
  printed_text[0] = 0;
  wrong_checksum = false;
}

bool checksum_was_wrong() { return wrong_checksum; }

void copy(char *to, size_t room, const char *from) {
  snprintf(to, room, "%s", from ? from : "");
}

int fail(shim_error *error, int number, const char *message) {
  error->number = number;
  if (message && *message)
    copy(error->message, sizeof(error->message), message);
  else
    copy(error->message, sizeof(error->message), printed_text);
  return SHIM_FAILED;
}

int fail(shim_error *error, const smart_device &device) {
  fail(error, device.get_errno(), device.get_errmsg());
  return device.is_syscall_unsup() ? SHIM_UNSUPPORTED : SHIM_FAILED;
}

int fail_scsi(shim_error *error, const smart_device &device, int result) {
  if (result < 0)
    return fail(error, device);
  fail(error, EIO, scsiErrString(result));
  return result == SIMPLE_ERR_BAD_OPCODE || result == SIMPLE_ERR_BAD_FIELD ? SHIM_UNSUPPORTED
                                                                            : SHIM_FAILED;
}

int wrong_bus(shim_error *error) {
  fail(error, 0, "the device speaks another protocol");
  return SHIM_WRONG_BUS;
}

} // namespace shim

// ---- what the library leaves to the program around it ----

// Would allow a megaraid driver's faults to be passed over. Never.
unsigned char failuretest_permissive = 0;

void pout(const char *format, ...) {
  const size_t used = strlen(printed_text);
  va_list values;
  va_start(values, format);
  vsnprintf(printed_text + used, sizeof(printed_text) - used, format, values);
  va_end(values);
}

void checksumwarning(const char *) { wrong_checksum = true; }

// The library's open, ioctl and close; config.h says how they get these names.
extern "C" int preau_smart_open(const char *path, int flags, ...) {
  // Never with O_CREAT, so there is no mode.
  shim::Away away;
  return open(path, flags | O_CLOEXEC);
}

extern "C" int preau_smart_ioctl(int file, unsigned long request, ...) {
  va_list values;
  va_start(values, request);
  void *argument = va_arg(values, void *);
  va_end(values);
  shim::Away away;
  return ioctl(file, request, argument);
}

extern "C" int preau_smart_close(int file) {
  shim::Away away;
  return close(file);
}

// ---- start, scan, open, close ----

extern "C" int shim_start(shim_error *error) {
  return shim::guarded(error, [=] {
    static bool started = false;
    if (started)
      return int(SHIM_OK);
    smart_interface::init();
    if (!init_drive_database(true))
      return shim::fail(error, 0, nullptr);
    started = true;
    return int(SHIM_OK);
  });
}

extern "C" int shim_scan(shim_found *found, size_t room, size_t *count, shim_error *error) {
  return shim::guarded(error, [=] {
    smart_device_list devices;
    if (!smi()->scan_smart_devices(devices, smart_devtype_list()))
      return shim::fail(error, smi()->get_errno(), smi()->get_errmsg());
    *count = devices.size();
    for (size_t i = 0; i < devices.size() && i < room; i++) {
      shim::copy(found[i].path, sizeof(found[i].path), devices.at(i)->get_dev_name());
      shim::copy(found[i].type, sizeof(found[i].type), devices.at(i)->get_dev_type());
    }
    return int(SHIM_OK);
  });
}

extern "C" int shim_open(const char *path, const char *type, shim_device **device,
                         shim_error *error) {
  return shim::guarded(error, [=] {
    smart_device_auto_ptr opened(smi()->get_smart_device(path, type));
    if (!opened) {
      shim::fail(error, smi()->get_errno(), smi()->get_errmsg());
      if (!error->message[0])
        shim::copy(error->message, sizeof(error->message), "not a kind of disk that is known");
      // The interface has no other sign of it than its words.
      const bool unknown = strstr(error->message, "USB bridge") != nullptr;
      return int(unknown ? SHIM_UNKNOWN_BRIDGE : SHIM_FAILED);
    }
    // May give back another object in place of its own, which is then gone.
    opened.replace(opened->autodetect_open());
    if (!opened->is_open() || opened->get_errno())
      return shim::fail(error, *opened);
    *device = new shim_device(opened.get());
    opened.release();
    return int(SHIM_OK);
  });
}

extern "C" int shim_close(shim_device *device, shim_error *error) {
  return shim::guarded(error, [=] {
    const bool closed = !device->device->is_open() || device->device->close();
    const int result = closed ? int(SHIM_OK) : shim::fail(error, *device->device);
    delete device;
    return result;
  });
}

extern "C" int shim_device_bus(const shim_device *device) {
  if (device->device->is_ata())
    return SHIM_BUS_ATA;
  return device->device->is_nvme() ? SHIM_BUS_NVME : SHIM_BUS_SCSI;
}

extern "C" int shim_device_type(const shim_device *device, char *text, size_t room) {
  shim::copy(text, room, device->device->get_dev_type());
  return SHIM_OK;
}
