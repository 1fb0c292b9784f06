// SCSI: identity, the informational exceptions that stand for SMART, log pages.
#include "internal.hpp"
#include "sg_unaligned.h"

#include <cerrno>
#include <cstring>

namespace {

template <class Work> int with_scsi(shim_device *device, shim_error *error, Work work) {
  return shim::guarded(error, [=] {
    scsi_device *scsi = device->device->to_scsi();
    if (!scsi)
      return shim::wrong_bus(error);
    scsi->clear_err();
    return int(work(scsi));
  });
}

// 0: the library finds out whether MODE SENSE(6) or (10) is understood.
const int mode_sense_length = 0;

void read_serial(scsi_device *scsi, shim_scsi_identity *to) {
  uint8_t page[256] = {};
  if (scsiInquiryVpd(scsi, SCSI_VPD_UNIT_SERIAL_NUMBER, page, 252))
    return;
  const int length = page[3] < 248 ? page[3] : 248;
  char text[256] = {};
  scsi_format_id_string(text, page + 4, length);
  shim::copy(to->serial, sizeof(to->serial), text);
}

void read_unit_id(scsi_device *scsi, shim_scsi_identity *to) {
  uint8_t page[256] = {};
  if (scsiInquiryVpd(scsi, SCSI_VPD_DEVICE_IDENTIFICATION, page, 252))
    return;
  const int length = page[3] < 248 ? page[3] : 248;
  char text[256] = {};
  int transport = -1;
  scsi_decode_lu_dev_id(page + 4, length, text, sizeof(text), &transport);
  shim::copy(to->unit_id, sizeof(to->unit_id), text);
}

bool has_log_page(const uint8_t *pages, uint8_t wanted) {
  const int count = sg_get_unaligned_be16(pages + 2);
  for (int i = 0; i < count && i < 248; i++)
    if ((pages[4 + i] & 0x3f) == wanted)
      return true;
  return false;
}

} // namespace

extern "C" int shim_scsi_identify(shim_device *device, shim_scsi_identity *to,
                                  shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    memset(to, 0, sizeof(*to));
    uint8_t inquiry[96] = {};
    const int result = scsiStdInquiry(scsi, inquiry, 36);
    if (result)
      return shim::fail_scsi(error, *scsi, result);
    to->peripheral_type = inquiry[0] & 0x1f;
    scsi_format_id_string(to->vendor, inquiry + 8, 8);
    scsi_format_id_string(to->product, inquiry + 16, 16);
    scsi_format_id_string(to->revision, inquiry + 32, 4);
    // None of the rest is required of a disk: what is absent stays empty.
    read_serial(scsi, to);
    read_unit_id(scsi, to);
    scsi_readcap_resp capacity;
    memset(&capacity, 0, sizeof(capacity));
    to->capacity = scsiGetSize(scsi, scsi->use_rcap16(), &capacity);
    to->logical_sector = capacity.lb_size;
    to->physical_sector = capacity.lb_size << capacity.lb_p_pb_exp;
    int form = 0, zones = 0;
    const int rotation = scsiGetRPM(scsi, mode_sense_length, &form, &zones);
    to->rotation = rotation > 0 ? rotation : 0;
    to->form = form;
    return int(SHIM_OK);
  });
}

extern "C" int shim_scsi_read_health(shim_device *device, shim_scsi_health *to,
                                     shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    memset(to, 0, sizeof(*to));
    scsi_iec_mode_page page;
    const int missing = scsiFetchIECmpage(scsi, &page, mode_sense_length);
    to->reports_exceptions = !missing;
    uint8_t pages[252] = {};
    const bool listed = !scsiLogSense(scsi, SUPPORTED_LPAGES, 0, pages, sizeof(pages), 0);
    const bool has_exceptions = listed && has_log_page(pages, IE_LPAGE);
    const bool has_temperature = listed && has_log_page(pages, TEMPERATURE_LPAGE);
    uint8_t temperature = 0, trip = 0;
    const int result = scsiCheckIE(scsi, has_exceptions, has_temperature, &to->asc, &to->ascq,
                                   &temperature, &trip);
    if (result)
      return shim::fail_scsi(error, *scsi, result);
    // The library's 0 is "the page had none".
    to->temperature = temperature ? temperature : 255;
    to->trip_temperature = trip ? trip : 255;
    char text[128];
    shim::copy(to->exception, sizeof(to->exception),
               scsiGetIEString(to->asc, to->ascq, text, sizeof(text)));
    return int(SHIM_OK);
  });
}

extern "C" int shim_scsi_sense(shim_device *device, uint8_t *key, uint8_t *asc, uint8_t *ascq,
                               int32_t *progress, shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    scsi_sense_disect sense;
    memset(&sense, 0, sizeof(sense));
    const int result = scsiRequestSense(scsi, &sense);
    if (result)
      return shim::fail_scsi(error, *scsi, result);
    *key = sense.sense_key;
    *asc = sense.asc;
    *ascq = sense.ascq;
    *progress = sense.progress;
    return int(SHIM_OK);
  });
}

extern "C" int shim_scsi_log(shim_device *device, uint8_t page, uint8_t subpage, uint8_t *data,
                             size_t size, shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    memset(data, 0, size);
    const int result = scsiLogSense(scsi, page, subpage, data, int(size), 0);
    if (result)
      return shim::fail_scsi(error, *scsi, result);
    if ((data[0] & 0x3f) != page)
      return shim::fail(error, EIO, "the disk sent another log page");
    return int(SHIM_OK);
  });
}

extern "C" int shim_scsi_grown_defects(shim_device *device, uint32_t *count, shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    // Only the header is asked for: it holds the list's length.
    uint8_t header[8] = {};
    const int index_format = 4;
    const int result = scsiReadDefect10(scsi, 0, 1, index_format, header, 4);
    if (result)
      return shim::fail_scsi(error, *scsi, result);
    const bool grown = (header[1] & 0x08) != 0;
    const int format = header[1] & 0x7;
    const int entry = format == 0 ? 4 : 8;
    *count = grown ? sg_get_unaligned_be16(header + 2) / entry : 0;
    return int(SHIM_OK);
  });
}

extern "C" int shim_scsi_self_test(shim_device *device, uint8_t test, shim_error *error) {
  return with_scsi(device, error, [=](scsi_device *scsi) {
    const int result = scsiSendDiagnostic(scsi, test, nullptr, 0);
    return result ? shim::fail_scsi(error, *scsi, result) : int(SHIM_OK);
  });
}
