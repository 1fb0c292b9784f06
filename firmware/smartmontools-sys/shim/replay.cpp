// Disks that are a callback: a recording, or a disk invented by a test, answers
// commands where a real disk's driver would.
#include "internal.hpp"

#include <cerrno>
#include <cstring>

namespace {

// A callback that panicked becomes an exception, which takes the way out through
// the library's own frames and is caught at the shim's edge like any other.
bool answered(smart_device &device, int result) {
  if (result == SHIM_CALLBACK_PANICKED)
    throw std::runtime_error("the replayed disk panicked");
  return result == 0 || device.set_err(result);
}

class replayed : virtual public smart_device {
public:
  explicit replayed(const shim_replay &disk)
      : smart_device(never_called), replay(disk), opened(false) {}
  bool is_open() const override { return opened; }
  bool open() override { return opened = true; }
  bool close() override {
    opened = false;
    return true;
  }

protected:
  const shim_replay replay;

private:
  bool opened;
};

// "::smi()": the member of that name would be asked before it is set.
class replayed_ata : public ata_device, public replayed {
public:
  replayed_ata(const char *name, const shim_replay &disk)
      : smart_device(::smi(), name, "replay", "replay"), replayed(disk) {}

  bool ata_pass_through(const ata_cmd_in &in, ata_cmd_out &out) override {
    const ata_in_regs_48bit &registers = in.in_regs;
    shim_ata_command command;
    memset(&command, 0, sizeof(command));
    command.command = registers.command;
    command.device = registers.device;
    command.direction = in.direction == ata_cmd_in::data_in    ? SHIM_DATA_IN
                        : in.direction == ata_cmd_in::data_out ? SHIM_DATA_OUT
                                                               : SHIM_NO_DATA;
    command.extended = registers.is_48bit_cmd();
    command.features = registers.features_16;
    command.count = registers.sector_count_16;
    command.lba = registers.lba_48;
    command.data = static_cast<uint8_t *>(in.buffer);
    command.size = in.size;
    shim_ata_result result;
    memset(&result, 0, sizeof(result));
    if (!answered(*this, ask(command, result)))
      return false;
    if (result.has_registers)
      fill(out.out_regs, result);
    return true;
  }

private:
  int ask(const shim_ata_command &command, shim_ata_result &result) {
    shim::Away away;
    return replay.ata(replay.context, &command, &result);
  }

  static void fill(ata_out_regs_48bit &registers, const shim_ata_result &result) {
    registers.error = result.error;
    registers.status = result.status;
    registers.device = result.device;
    registers.sector_count_16 = result.count;
    registers.lba_48 = result.lba;
  }
};

class replayed_nvme : public nvme_device, public replayed {
public:
  replayed_nvme(const char *name, const shim_replay &disk)
      : smart_device(::smi(), name, "replay", "replay"), nvme_device(1), replayed(disk) {}

  bool nvme_pass_through(const nvme_cmd_in &in, nvme_cmd_out &out) override {
    shim_nvme_command command;
    memset(&command, 0, sizeof(command));
    command.opcode = in.opcode;
    command.direction = in.direction() & nvme_cmd_in::data_in    ? SHIM_DATA_IN
                        : in.direction() & nvme_cmd_in::data_out ? SHIM_DATA_OUT
                                                                 : SHIM_NO_DATA;
    command.nsid = in.nsid;
    const uint32_t words[6] = {in.cdw10, in.cdw11, in.cdw12, in.cdw13, in.cdw14, in.cdw15};
    memcpy(command.cdw, words, sizeof(words));
    command.data = static_cast<uint8_t *>(in.buffer);
    command.size = in.size;
    shim_nvme_result result;
    memset(&result, 0, sizeof(result));
    if (!answered(*this, ask(command, result)))
      return false;
    if (result.status)
      return set_nvme_err(out, result.status);
    out.result = result.result;
    return true;
  }

private:
  int ask(const shim_nvme_command &command, shim_nvme_result &result) {
    shim::Away away;
    return replay.nvme(replay.context, &command, &result);
  }
};

class replayed_scsi : public scsi_device, public replayed {
public:
  replayed_scsi(const char *name, const shim_replay &disk)
      : smart_device(::smi(), name, "replay", "replay"), replayed(disk) {}

  bool scsi_pass_through(scsi_cmnd_io *io) override {
    shim_scsi_command command;
    memset(&command, 0, sizeof(command));
    command.command = io->cmnd;
    command.command_size = io->cmnd_len;
    command.direction = uint8_t(io->dxfer_dir);
    command.data = io->dxferp;
    command.size = io->dxfer_len;
    shim_scsi_result result;
    memset(&result, 0, sizeof(result));
    if (!answered(*this, ask(command, result)))
      return false;
    io->scsi_status = result.status;
    io->resid = 0;
    io->resp_sense_len = 0;
    if (result.status == SCSI_STATUS_CHECK_CONDITION && io->sensep && io->max_sense_len >= 14) {
      // Fixed format, the oldest and plainest.
      memset(io->sensep, 0, io->max_sense_len);
      io->sensep[0] = 0x70;
      io->sensep[2] = result.key;
      io->sensep[7] = 6;
      io->sensep[12] = result.asc;
      io->sensep[13] = result.ascq;
      io->resp_sense_len = 14;
    }
    return true;
  }

private:
  int ask(const shim_scsi_command &command, shim_scsi_result &result) {
    shim::Away away;
    return replay.scsi(replay.context, &command, &result);
  }
};

smart_device *make(const char *name, int bus, const shim_replay &replay) {
  switch (bus) {
  case SHIM_BUS_ATA:
    return new replayed_ata(name, replay);
  case SHIM_BUS_NVME:
    return new replayed_nvme(name, replay);
  default:
    return new replayed_scsi(name, replay);
  }
}

} // namespace

extern "C" int shim_open_replay(const char *name, int bus, const shim_replay *replay,
                                shim_device **device, shim_error *error) {
  return shim::guarded(error, [=] {
    smart_device_auto_ptr opened(make(name, bus, *replay));
    if (!opened->open())
      return shim::fail(error, *opened);
    *device = new shim_device(opened.get());
    opened.release();
    return int(SHIM_OK);
  });
}
