/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/s3/states.h"

#include "hw/fw_cfg.h"
#include "kernel/test.h"

void sleep_states_read(uint8_t states[SLEEP_STATES])
{
    struct fw_cfg_file file;

    REQUIRE_TRUE("file", fw_cfg_find("etc/system-states", &file), "etc/system-states is there");
    REQUIRE_EQ("size", file.size, SLEEP_STATES, "it has a byte for each state");
    fw_cfg_select(file.key);
    fw_cfg_read(states, SLEEP_STATES);
}
