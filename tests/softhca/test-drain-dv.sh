#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by the rings of mlx5: a queue that met an error comes back without another packet.
wire=dv
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_drains
