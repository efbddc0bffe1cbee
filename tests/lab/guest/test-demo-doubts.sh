#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# In the lab: dmamap-demo believes nobody. When a map or an unmap says that it worked and has done
# nothing, the report says so. And frames that come in pieces are still whole.

. tests/tap.sh
. tests/lab/guest/demo.sh

demo 0 --packet-size=9014 --size=8M --memory=huge --packets=100 --copies=1
tap_is "jumbo frames are verified" "$(query '[.devices[].verified] | add')" 401

liar=$(find build/ -name libdemo_liar.so -print -quit)
tap_like "there is a library that lies" "$liar" libdemo_liar

LD_PRELOAD=$liar LIE=unmap demo 1 --packets=100 --copies=1
tap_is "unmap does nothing: every device is caught" \
	"$(query '[.devices[] | select(.after_unmap == "REACHED")] | length')" 5

LD_PRELOAD=$liar LIE=map demo 1 --packets=100 --copies=1 --timeout=1
tap_is "map does nothing: nothing is verified" "$(query '[.devices[].verified] | add')" 0
tap_done
