// NVMe: pages as the device sends them.
#include "internal.hpp"

#include <cerrno>
#include <cstring>

using namespace smartmontools;

namespace {

const uint32_t all_namespaces = 0xffffffff;

template <class Work> int with_nvme(shim_device *device, shim_error *error, Work work) {
  return shim::guarded(error, [=] {
    nvme_device *nvme = device->device->to_nvme();
    if (!nvme)
      return shim::wrong_bus(error);
    nvme->clear_err();
    return int(work(nvme));
  });
}

// Asked before the log and the command are: a disk without self-tests refuses them
// in words that could mean anything.
int require_self_test(nvme_device *nvme, shim_error *error) {
  nvme_id_ctrl id;
  if (!nvme_read_id_ctrl(nvme, id))
    return shim::fail(error, *nvme);
  const unsigned has_self_test = 0x0010;
  if (id.oacs & has_self_test)
    return SHIM_OK;
  shim::fail(error, ENOTSUP, "the disk has no self-test");
  return SHIM_UNSUPPORTED;
}

} // namespace

extern "C" int shim_nvme_identify(shim_device *device, uint8_t *controller,
                                  uint8_t *namespace_page, uint32_t *nsid, shim_error *error) {
  return with_nvme(device, error, [=](nvme_device *nvme) {
    nvme_id_ctrl id;
    if (!nvme_read_id_ctrl(nvme, id))
      return shim::fail(error, *nvme);
    *nsid = nvme->get_nsid();
    // The controller's own node speaks for all namespaces; with one, that is it.
    if (*nsid == all_namespaces && id.nn == 1)
      *nsid = 1;
    nvme_id_ns space;
    memset(&space, 0, sizeof(space));
    if (*nsid != all_namespaces && !nvme_read_id_ns(nvme, *nsid, space))
      return shim::fail(error, *nvme);
    memcpy(controller, &id, sizeof(id));
    memcpy(namespace_page, &space, sizeof(space));
    return int(SHIM_OK);
  });
}

extern "C" int shim_nvme_health_log(shim_device *device, uint8_t *page512, shim_error *error) {
  return with_nvme(device, error, [=](nvme_device *nvme) {
    nvme_smart_log log;
    if (!nvme_read_smart_log(nvme, log))
      return shim::fail(error, *nvme);
    memcpy(page512, &log, sizeof(log));
    return int(SHIM_OK);
  });
}

extern "C" int shim_nvme_self_test_log(shim_device *device, uint8_t *page564, shim_error *error) {
  return with_nvme(device, error, [=](nvme_device *nvme) {
    const int status = require_self_test(nvme, error);
    if (status)
      return status;
    nvme_self_test_log log;
    if (!nvme_read_self_test_log(nvme, nvme->get_nsid(), log))
      return shim::fail(error, *nvme);
    memcpy(page564, &log, sizeof(log));
    return int(SHIM_OK);
  });
}

extern "C" int shim_nvme_self_test(shim_device *device, uint8_t test, shim_error *error) {
  return with_nvme(device, error, [=](nvme_device *nvme) {
    const int status = require_self_test(nvme, error);
    if (status)
      return status;
    return nvme_self_test(nvme, test, nvme->get_nsid()) ? int(SHIM_OK)
                                                       : shim::fail(error, *nvme);
  });
}
