// Between the shim's own files: the lock, the exception barrier, the handle.
#ifndef PREAU_SMART_INTERNAL_HPP
#define PREAU_SMART_INTERNAL_HPP

#include "config.h"

#include "atacmds.h"
#include "dev_interface.h"
#include "knowndrives.h"
#include "nvmecmds.h"
#include "scsicmds.h"

#include "shim.h"

#include <exception>

// Owns the library's object for a disk and what was learnt when identifying it.
struct shim_device {
  explicit shim_device(smart_device *opened) : device(opened), entry(nullptr), identified(false) {}

  smart_device_auto_ptr device;
  ata_identify_device identity;
  ata_vendor_attr_defs definitions;
  firmwarebug_defs bugs;
  const drive_settings *entry;
  bool identified;
};

namespace shim {

// Holds the library's one lock: its drive database, its interface object and
// a handful of variables are shared by all devices and know nothing of threads.
class Lock {
public:
  Lock();
  ~Lock();
  Lock(const Lock &) = delete;
  void operator=(const Lock &) = delete;
};

// Gives the lock up for as long as a command is with the kernel or a callback,
// so that a disk which never answers holds up nobody else. Keeps errno.
class Away {
public:
  Away();
  ~Away();
  Away(const Away &) = delete;
  void operator=(const Away &) = delete;

private:
  bool held;
};

// What the library printed since the call began: its only words on some failures.
const char *printed();
void forget_printed();
bool checksum_was_wrong();

void copy(char *to, size_t room, const char *from);
int fail(shim_error *error, int number, const char *message);
// The error that the device keeps.
int fail(shim_error *error, const smart_device &device);
int fail_scsi(shim_error *error, const smart_device &device, int result);
int wrong_bus(shim_error *error);

// Every entry point runs its work through here: locked, and nothing thrown
// gets out.
template <class Work> int guarded(shim_error *error, Work work) noexcept {
  try {
    Lock lock;
    forget_printed();
    return work();
  } catch (const std::exception &thrown) {
    fail(error, 0, thrown.what());
  } catch (...) {
    fail(error, 0, "an exception without a name");
  }
  return SHIM_EXCEPTION;
}

} // namespace shim

#endif
