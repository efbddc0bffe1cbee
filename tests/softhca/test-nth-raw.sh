#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by raw packet queues of verbs: each verb fails in turn.
wire=raw
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_fails
