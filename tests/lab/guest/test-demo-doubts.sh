#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# In the lab: dmamap-demo verifies every result. A map or an unmap that reports success without an
# effect is shown in the report. And frames of several segments are verified too.

. tests/tap.sh
. tests/lab/guest/demo.sh

demo 0 --packet-size=9014 --size=8M --memory=huge --packets=100 --copies=1
tap_is "jumbo frames are verified" "$(query '[.devices[].verified] | add')" 401

liar=$(find build/ -name libdemo_liar.so -print -quit)
tap_like "a library with false results exists" "$liar" libdemo_liar

LD_PRELOAD=$liar LIE=unmap demo 1 --packets=100 --copies=1
tap_is "unmap without effect: reported for each device" \
	"$(query '[.devices[] | select(.after_unmap == "REACHED")] | length')" 5

LD_PRELOAD=$liar LIE=map demo 1 --packets=100 --copies=1 --timeout=1
tap_is "map without effect: no packet is verified" "$(query '[.devices[].verified] | add')" 0
tap_done
