#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by raw packet queues of verbs, on the software HCA.
wire=raw
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_tests
