include $(sort $(wildcard $(BR2_EXTERNAL_PREAU_PATH)/package/*/*.mk))
