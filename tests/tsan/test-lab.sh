#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# ThreadSanitizer on the plugins, on rxe.
LAB_TIMEOUT=800 exec ./run lab -- tests/tsan/guest.sh
