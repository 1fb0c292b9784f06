# U-Boot: start the first slot of `slot_order` that loads. An updater may give a
# slot a number of tries (slot_a_left=3): each start takes one off, and a slot
# with none left is passed over. Without such a number nothing is written, so
# that a box in daily use never wears the place where U-Boot keeps its variables.
test -n "${slot_order}" || setenv slot_order "a b"
test -n "${fdt_addr}" || setenv fdt_addr ${fdtcontroladdr}

for slot in ${slot_order}; do
    setenv may_start yes
    if env exists slot_${slot}_left; then
        # The name of the variable is only known here: build the commands, then run them.
        setenv has_try "test \${slot_${slot}_left} -gt 0"
        setenv take_try "setexpr slot_${slot}_left \${slot_${slot}_left} - 1; saveenv"
        if run has_try; then run take_try; else setenv may_start no; fi
    fi
    setenv kernel_file /${slot}/kernel
    setenv initrd_file /${slot}/initrd
    setenv bootargs "root=PARTLABEL=root-${slot} preau.slot=${slot} @COMMAND_LINE@"
    if test ${may_start} = yes; then
        if load ${devtype} ${devnum}:${distro_bootpart} ${kernel_addr_r} ${kernel_file}; then
            if load ${devtype} ${devnum}:${distro_bootpart} ${ramdisk_addr_r} ${initrd_file}; then
                booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
            fi
        fi
        echo "Slot ${slot} does not start."
    fi
done

# No slot started. Forget the tries rather than give up, and begin again.
for slot in ${slot_order}; do
    env exists slot_${slot}_left && env delete slot_${slot}_left && saveenv
done
sleep 10
reset
