#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by the rings of mlx5: each verb fails in turn.
wire=dv
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_fails
