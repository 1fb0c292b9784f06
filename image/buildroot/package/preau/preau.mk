# The binary, from this very checkout.
PREAU_VERSION = local
PREAU_SITE = $(BR2_EXTERNAL_PREAU_PATH)/../..
PREAU_SITE_METHOD = local
PREAU_SUBDIR = firmware/preau
PREAU_LICENSE = GPL-3.0-or-later
PREAU_LICENSE_FILES = LICENSE

# QEMU's machine; another board's bays are in its own board.toml.
define PREAU_INSTALL_BOARD
	$(INSTALL) -D -m 0644 $(@D)/board/qemu/aarch64/board.toml \
		$(TARGET_DIR)/usr/share/preau/board.toml
endef
PREAU_POST_INSTALL_TARGET_HOOKS += PREAU_INSTALL_BOARD

$(eval $(cargo-package))
