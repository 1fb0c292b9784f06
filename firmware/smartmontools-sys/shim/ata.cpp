// ATA: commands through the library, with its drive database applied.
#include "internal.hpp"

#include <cerrno>
#include <cstring>

namespace {

// The library hands out pages that it has put into the machine's byte order, and
// Rust reads them as the disk's, which is little-endian.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "pages are passed on as they are");

template <class Work> int with_ata(shim_device *device, shim_error *error, Work work) {
  return shim::guarded(error, [=] {
    ata_device *ata = device->device->to_ata();
    if (!ata)
      return shim::wrong_bus(error);
    ata->clear_err();
    return int(work(ata));
  });
}

template <class Page> int pass_on(uint8_t *to, const Page &page) {
  static_assert(sizeof(page) == 512, "a log page");
  memcpy(to, &page, sizeof(page));
  return SHIM_OK;
}

// How long the disk has been on, from attribute 9, whose unit the database knows.
int64_t on_minutes(uint64_t raw, ata_attr_raw_format format) {
  int64_t minutes = 0;
  switch (format) {
  case RAWFMT_SEC2HOUR:
    minutes = raw / 60;
    break;
  case RAWFMT_MIN2HOUR:
    minutes = raw;
    break;
  case RAWFMT_HALFMIN2HOUR:
    minutes = raw / 2;
    break;
  case RAWFMT_MSEC24_HOUR32: {
    const uint64_t part = (raw >> 32) / 60000;
    minutes = (raw & 0xffffffff) * 60 + (part < 60 ? part : 0);
    break;
  }
  case RAWFMT_DEFAULT: // the high bytes may be anything
    minutes = (raw & 0xffffffff) * 60;
    break;
  case RAWFMT_RAW48:
  case RAWFMT_RAW64:
  case RAWFMT_RAW16_OPT_RAW16:
  case RAWFMT_RAW24_OPT_RAW8:
    if (raw > 0xffffff)
      return -1;
    minutes = raw * 60;
    break;
  default:
    return -1;
  }
  // Nothing has run for 1,900 years.
  return minutes / 60 > 0xffffff ? -1 : minutes;
}

int64_t power_cycles(uint64_t raw, ata_attr_raw_format format) {
  switch (format) {
  case RAWFMT_DEFAULT:
  case RAWFMT_RAW48:
  case RAWFMT_RAW64:
  case RAWFMT_RAW16_OPT_RAW16:
  case RAWFMT_RAW24_OPT_RAW8:
    return raw > 0xffffff ? -1 : int64_t(raw);
  default:
    return -1;
  }
}

uint8_t state_of(ata_attr_state state) {
  switch (state) {
  case ATTRSTATE_OK:
    return SHIM_ATTRIBUTE_OK;
  case ATTRSTATE_FAILED_PAST:
    return SHIM_ATTRIBUTE_FAILED_PAST;
  case ATTRSTATE_FAILED_NOW:
    return SHIM_ATTRIBUTE_FAILING_NOW;
  default:
    return SHIM_ATTRIBUTE_UNKNOWN;
  }
}

void add_attribute(shim_ata_smart *smart, const ata_smart_attribute &found, ata_attr_state state,
                   unsigned char threshold, const ata_vendor_attr_defs &definitions,
                   int rotation) {
  const ata_vendor_attr_defs::entry &definition = definitions[found.id];
  shim_ata_attribute &to = smart->attributes[smart->count++];
  to.id = found.id;
  to.state = state_of(state);
  to.flags = found.flags;
  to.value = state > ATTRSTATE_NO_NORMVAL ? found.current : -1;
  to.worst = definition.flags & ATTRFLAG_NO_WORSTVAL ? -1 : found.worst;
  to.threshold = state > ATTRSTATE_NO_THRESHOLD ? threshold : -1;
  to.raw = ata_get_attr_raw_value(found, definitions);
  const std::string name = ata_get_smart_attr_name(found.id, definitions, rotation);
  shim::copy(to.name, sizeof(to.name), name.c_str());
  shim::copy(to.raw_text, sizeof(to.raw_text),
             ata_format_attr_raw_value(found, definitions).c_str());
  if (found.id == 9 && !name.compare(0, 9, "Power_On_"))
    smart->on_minutes = on_minutes(to.raw, definition.raw_format);
  if (found.id == 12 && name == "Power_Cycle_Count")
    smart->power_cycles = power_cycles(to.raw, definition.raw_format);
}

uint8_t counter_id(bool offline, const ata_vendor_attr_defs &definitions) {
  bool increasing = false;
  return get_unc_attr_id(offline, definitions, increasing);
}

} // namespace

extern "C" int shim_ata_identify(shim_device *device, shim_ata_identity *to, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    memset(to, 0, sizeof(*to));
    ata_identify_device &id = device->identity;
    memset(&id, 0, sizeof(id));
    const int kind = ata_read_identity(ata, &id, false);
    if (kind < 0)
      return shim::fail(error, *ata);
    if (!nonempty(&id, sizeof(id)))
      return shim::fail(error, EIO, "the identity page is empty");
    device->definitions = ata_vendor_attr_defs();
    device->bugs = firmwarebug_defs();
    std::string database_version;
    device->entry =
        lookup_drive_apply_presets(&id, device->definitions, device->bugs, database_version);
    device->identified = true;

    memcpy(to->page, &id, sizeof(to->page));
    ata_format_id_string(to->model, id.model, sizeof(id.model));
    ata_format_id_string(to->serial, id.serial_no, sizeof(id.serial_no));
    ata_format_id_string(to->firmware, id.fw_rev, sizeof(id.fw_rev));
    if (device->entry) {
      shim::copy(to->family, sizeof(to->family), device->entry->modelfamily);
      shim::copy(to->warning, sizeof(to->warning), device->entry->warningmsg);
    }
    ata_size_info sizes;
    ata_get_size_info(&id, sizes);
    to->capacity = sizes.capacity;
    to->logical_sector = sizes.log_sector_size;
    to->physical_sector = sizes.phy_sector_size;
    to->rotation = ata_get_rotation_rate(&id);
    to->form = id.words088_255[168 - 88];
    unsigned oui = 0;
    uint64_t unique = 0;
    const int naa = ata_get_wwn(&id, oui, unique);
    if (naa >= 0)
      to->wwn = uint64_t(naa) << 60 | uint64_t(oui) << 36 | unique;
    to->packet = kind > 0;
    to->smart_supported = ataSmartSupport(&id);
    to->smart_enabled = ataIsSmartEnabled(&id);
    return int(SHIM_OK);
  });
}

extern "C" int shim_ata_power_mode(shim_device *device, uint8_t *mode, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    const int result = ataCheckPowerMode(ata);
    if (result < 0)
      return shim::fail(error, *ata);
    *mode = uint8_t(result);
    return int(SHIM_OK);
  });
}

extern "C" int shim_ata_enable_smart(shim_device *device, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    return ataEnableSmart(ata) ? shim::fail(error, *ata) : int(SHIM_OK);
  });
}

extern "C" int shim_ata_smart_status(shim_device *device, int32_t *failing, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    const int result = ataSmartStatus2(ata);
    if (result < 0)
      return shim::fail(error, *ata);
    *failing = result;
    return int(SHIM_OK);
  });
}

extern "C" int shim_ata_read_smart(shim_device *device, shim_ata_smart *smart, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    memset(smart, 0, sizeof(*smart));
    smart->on_minutes = smart->power_cycles = -1;
    if (!device->identified)
      return shim::fail(error, EINVAL, "the disk has not been identified yet");
    ata_smart_values values;
    if (ataReadSmartValues(ata, &values))
      return shim::fail(error, *ata);
    // Dropped by later standards, so a disk may do without them.
    ata_smart_thresholds_pvt thresholds;
    memset(&thresholds, 0, sizeof(thresholds));
    smart->has_thresholds = !ataReadSmartThresholds(ata, &thresholds);
    if (!smart->has_thresholds)
      memset(&thresholds, 0, sizeof(thresholds));
    smart->wrong_checksum = shim::checksum_was_wrong();
    memcpy(smart->values, &values, sizeof(values));
    memcpy(smart->thresholds, &thresholds, sizeof(thresholds));

    const ata_vendor_attr_defs &definitions = device->definitions;
    const int rotation = ata_get_rotation_rate(&device->identity);
    for (int i = 0; i < NUMBER_ATA_SMART_ATTRIBUTES; i++) {
      const ata_smart_attribute &found = values.vendor_attributes[i];
      unsigned char threshold = 0;
      const ata_attr_state state =
          ata_get_attr_state(found, i, thresholds.thres_entries, definitions, &threshold);
      if (state != ATTRSTATE_NON_EXISTING)
        add_attribute(smart, found, state, threshold, definitions, rotation);
    }
    smart->temperature = ata_return_temperature_value(&values, definitions);
    smart->pending_id = counter_id(false, definitions);
    smart->uncorrectable_id = counter_id(true, definitions);
    return int(SHIM_OK);
  });
}

extern "C" int shim_ata_error_log(shim_device *device, uint8_t *page, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    ata_smart_errorlog log;
    if (ataReadErrorLog(ata, &log, device->bugs))
      return shim::fail(error, *ata);
    return pass_on(page, log);
  });
}

extern "C" int shim_ata_self_test_log(shim_device *device, uint8_t *page, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    ata_smart_selftestlog log;
    if (ataReadSelfTestLog(ata, &log, device->bugs))
      return shim::fail(error, *ata);
    return pass_on(page, log);
  });
}

extern "C" int shim_ata_extended_self_test_log(shim_device *device, uint8_t *page,
                                               shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    ata_smart_extselftestlog log;
    if (!ataReadExtSelfTestLog(ata, &log, 1))
      return shim::fail(error, *ata);
    return pass_on(page, log);
  });
}

extern "C" int shim_ata_sct_status(shim_device *device, uint8_t *page, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    ata_sct_status_response status;
    if (ataReadSCTStatus(ata, &status))
      return shim::fail(error, *ata);
    return pass_on(page, status);
  });
}

extern "C" int shim_ata_read_log(shim_device *device, uint8_t log, uint32_t page,
                                 uint32_t sectors, uint8_t *data, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    if (!ataReadLogExt(ata, log, 0, page, data, sectors))
      return shim::fail(error, *ata);
    return int(SHIM_OK);
  });
}

extern "C" int shim_ata_self_test(shim_device *device, uint8_t test, shim_error *error) {
  return with_ata(device, error, [=](ata_device *ata) {
    ata_smart_values values;
    if (ataReadSmartValues(ata, &values))
      return shim::fail(error, *ata);
    if (!isSupportSelfTest(&values)) {
      shim::fail(error, ENOTSUP, "the disk has no self-test");
      return int(SHIM_UNSUPPORTED);
    }
    if (ataSmartTest(ata, test, false, ata_selective_selftest_args(), &values, 0))
      return shim::fail(error, *ata);
    return int(SHIM_OK);
  });
}
