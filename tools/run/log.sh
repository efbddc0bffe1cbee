# SPDX-License-Identifier: BSD-3-Clause
# Messages of ./run to the user.

log_name=run
# shellcheck source=lab/log.sh
. "${BASH_SOURCE[0]%/*}/../../lab/log.sh"
