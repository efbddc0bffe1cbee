#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# As test-rxe-drain-rc.sh, by siw.
[ -n "${siw_address_0:-}" ] || exec tests/lab/guest/siw "$0"
exec tests/lab/guest/test-rxe-drain-rc.sh
