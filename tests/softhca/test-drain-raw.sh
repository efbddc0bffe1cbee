#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by verbs: a queue that met an error comes back without another packet.
wire=raw
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_drains
