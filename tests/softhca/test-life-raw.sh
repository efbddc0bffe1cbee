#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# mlx5_ext by verbs: its ports live and end in every way there is.
wire=raw
# shellcheck source=tests/softhca/wire.bash
. tests/softhca/wire.bash

wire_lives
