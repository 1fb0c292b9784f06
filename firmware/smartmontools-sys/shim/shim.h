/* What Rust sees of smartmontools. Plain C: no exception, no C++ type and no
 * ownership but that of shim_device crosses this line. Text is UTF-8 as far as
 * disks and the library's database keep to ASCII, always ends in a zero byte,
 * and is cut to its field. Everything else is raw pages as the disk sent them,
 * to be read on the Rust side.
 *
 * Every function takes the library's one lock and gives it up while the kernel,
 * or a replay's callback, works on a command. A shim_device must not be used by
 * two threads at once. */
#ifndef PREAU_SMART_SHIM_H
#define PREAU_SMART_SHIM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a call came to. */
enum shim_status {
  SHIM_OK = 0,
  SHIM_FAILED = 1,         /* the library or the device said no; see shim_error */
  SHIM_UNSUPPORTED = 2,    /* the device or the bridge before it cannot do this */
  SHIM_UNKNOWN_BRIDGE = 3, /* a USB bridge that the database does not have */
  SHIM_EXCEPTION = 4,      /* C++ threw */
  SHIM_WRONG_BUS = 5       /* an ATA call for an NVMe device, and the like */
};

enum shim_bus { SHIM_BUS_ATA = 1, SHIM_BUS_SCSI = 2, SHIM_BUS_NVME = 3 };

typedef struct shim_error {
  int32_t number; /* errno, or 0 */
  char message[512];
} shim_error;

typedef struct shim_device shim_device;

/* Must have returned SHIM_OK once before anything else is called. */
int shim_start(shim_error *error);

/* ---- finding and opening ---- */

typedef struct shim_found {
  char path[128];
  char type[32];
} shim_found;

/* Fills up to `room` entries and sets `count` to how many there are. */
int shim_scan(shim_found *found, size_t room, size_t *count, shim_error *error);

/* `type` as smartctl's -d takes it, or null to find out. */
int shim_open(const char *path, const char *type, shim_device **device, shim_error *error);
int shim_close(shim_device *device, shim_error *error);
int shim_device_bus(const shim_device *device);
/* As the library calls it after opening: "sat" for a SATA disk behind SCSI. */
int shim_device_type(const shim_device *device, char *text, size_t room);

/* ---- ATA ---- */

typedef struct shim_ata_identity {
  uint8_t page[512];
  char model[48];
  char serial[32];
  char firmware[16];
  char family[128];  /* empty if the database does not know the model */
  char warning[512]; /* the database's word on faulty firmware, mostly empty */
  uint64_t capacity; /* bytes, 0 if unknown */
  uint32_t logical_sector;
  uint32_t physical_sector;
  int32_t rotation; /* 0 not reported, 1 solid state, else per minute */
  int32_t form;     /* word 168 */
  uint64_t wwn;     /* 0 if none */
  int32_t packet;   /* 1 for CD drives and their like */
  int32_t smart_supported; /* 1, 0, or -1: the disk does not say */
  int32_t smart_enabled;
} shim_ata_identity;

int shim_ata_identify(shim_device *device, shim_ata_identity *identity, shim_error *error);
int shim_ata_power_mode(shim_device *device, uint8_t *mode, shim_error *error);
int shim_ata_enable_smart(shim_device *device, shim_error *error);
/* `failing` is 1 if the disk says that it will fail. */
int shim_ata_smart_status(shim_device *device, int32_t *failing, shim_error *error);

enum shim_attribute_state {
  SHIM_ATTRIBUTE_UNKNOWN = 0, /* no normalised value or no threshold */
  SHIM_ATTRIBUTE_OK = 1,
  SHIM_ATTRIBUTE_FAILED_PAST = 2,
  SHIM_ATTRIBUTE_FAILING_NOW = 3
};

typedef struct shim_ata_attribute {
  uint8_t id;
  uint8_t state;
  uint16_t flags;
  int16_t value, worst, threshold; /* -1 if it has no meaning for this disk */
  uint64_t raw;
  char name[64];
  char raw_text[64];
} shim_ata_attribute;

typedef struct shim_ata_smart {
  uint8_t values[512];
  uint8_t thresholds[512];
  uint8_t has_thresholds;
  uint8_t wrong_checksum; /* a page's sum was wrong: do not trust it alone */
  uint8_t pending_id;     /* the attribute that counts pending sectors, or 0 */
  uint8_t uncorrectable_id;
  int16_t temperature;   /* degrees Celsius, 0 if no attribute tells */
  int64_t on_minutes;    /* powered on for so long, -1 if no attribute tells */
  int64_t power_cycles;  /* -1 if no attribute tells */
  size_t count;
  shim_ata_attribute attributes[30];
} shim_ata_smart;

/* Uses the database's entry for the disk: shim_ata_identify must have run. */
int shim_ata_read_smart(shim_device *device, shim_ata_smart *smart, shim_error *error);

/* 512 bytes each, with the database's corrections for faulty firmware. */
int shim_ata_error_log(shim_device *device, uint8_t *page, shim_error *error);
int shim_ata_self_test_log(shim_device *device, uint8_t *page, shim_error *error);
int shim_ata_extended_self_test_log(shim_device *device, uint8_t *page, shim_error *error);
int shim_ata_sct_status(shim_device *device, uint8_t *page, shim_error *error);
/* General purpose log `log`, `sectors` pages from `page` on. */
int shim_ata_read_log(shim_device *device, uint8_t log, uint32_t page, uint32_t sectors,
                      uint8_t *data, shim_error *error);

/* 1 short, 2 extended, 127 abort: EXECUTE OFF-LINE IMMEDIATE's own numbers. */
int shim_ata_self_test(shim_device *device, uint8_t test, shim_error *error);

/* ---- NVMe ---- */

/* `controller` and `namespace_page` hold 4096 bytes each; the second is zero
 * where the device answers for all of its namespaces at once. */
int shim_nvme_identify(shim_device *device, uint8_t *controller, uint8_t *namespace_page,
                       uint32_t *nsid, shim_error *error);
int shim_nvme_health_log(shim_device *device, uint8_t *page512, shim_error *error);
int shim_nvme_self_test_log(shim_device *device, uint8_t *page564, shim_error *error);
/* 1 short, 2 extended, 15 abort. */
int shim_nvme_self_test(shim_device *device, uint8_t test, shim_error *error);

/* ---- SCSI ---- */

typedef struct shim_scsi_identity {
  char vendor[16];
  char product[24];
  char revision[8];
  char serial[256];
  char unit_id[80]; /* "0x5000c500…", empty if none */
  uint64_t capacity;
  uint32_t logical_sector;
  uint32_t physical_sector;
  int32_t rotation; /* as for ATA */
  int32_t form;     /* as for ATA */
  int32_t peripheral_type;
} shim_scsi_identity;

int shim_scsi_identify(shim_device *device, shim_scsi_identity *identity, shim_error *error);

typedef struct shim_scsi_health {
  uint8_t reports_exceptions; /* the mode page is there: silence means health */
  uint8_t asc, ascq;
  uint8_t temperature, trip_temperature; /* 255 if unknown */
  char exception[128];                   /* empty: nothing to report */
} shim_scsi_health;

int shim_scsi_read_health(shim_device *device, shim_scsi_health *health, shim_error *error);
/* Sense of REQUEST SENSE, which moves no disk. `progress` is -1 or 0 to 65535. */
int shim_scsi_sense(shim_device *device, uint8_t *key, uint8_t *asc, uint8_t *ascq,
                    int32_t *progress, shim_error *error);
int shim_scsi_log(shim_device *device, uint8_t page, uint8_t subpage, uint8_t *data, size_t size,
                  shim_error *error);
/* Entries in the grown defect list. */
int shim_scsi_grown_defects(shim_device *device, uint32_t *count, shim_error *error);
/* 1 short, 2 extended, 4 abort: SEND DIAGNOSTIC's own numbers. */
int shim_scsi_self_test(shim_device *device, uint8_t test, shim_error *error);

/* ---- a disk that is a callback ---- */

enum shim_direction { SHIM_NO_DATA = 0, SHIM_DATA_IN = 1, SHIM_DATA_OUT = 2 };

typedef struct shim_ata_command {
  uint8_t command;
  uint8_t device;
  uint8_t direction;
  uint8_t extended; /* a 48-bit command */
  uint16_t features;
  uint16_t count;
  uint64_t lba;
  uint8_t *data;
  size_t size;
} shim_ata_command;

typedef struct shim_ata_result {
  uint8_t has_registers;
  uint8_t error, status, device;
  uint16_t count;
  uint64_t lba;
} shim_ata_result;

typedef struct shim_nvme_command {
  uint8_t opcode;
  uint8_t direction;
  uint32_t nsid;
  uint32_t cdw[6]; /* command words 10 to 15 */
  uint8_t *data;
  size_t size;
} shim_nvme_command;

typedef struct shim_nvme_result {
  uint32_t result;
  uint16_t status; /* not 0: the command failed with this */
} shim_nvme_result;

typedef struct shim_scsi_command {
  const uint8_t *command;
  size_t command_size;
  uint8_t direction;
  uint8_t *data;
  size_t size;
} shim_scsi_command;

typedef struct shim_scsi_result {
  uint8_t status; /* 2: CHECK CONDITION, with the three below */
  uint8_t key, asc, ascq;
} shim_scsi_result;

/* What a callback returns: 0, a positive errno, or this. The call then throws
 * through the library. */
#define SHIM_CALLBACK_PANICKED (-1)

typedef struct shim_replay {
  void *context; /* outlives the device */
  int (*ata)(void *context, const shim_ata_command *, shim_ata_result *);
  int (*nvme)(void *context, const shim_nvme_command *, shim_nvme_result *);
  int (*scsi)(void *context, const shim_scsi_command *, shim_scsi_result *);
} shim_replay;

int shim_open_replay(const char *name, int bus, const shim_replay *replay, shim_device **device,
                     shim_error *error);

#ifdef __cplusplus
}
#endif

#endif
