# SPDX-License-Identifier: BSD-3-Clause
# The downloads of ./run, and of the lab that it calls, are in one folder outside of the checkout.

cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/dpdk-dmamap
export DMALAB_CACHE=$cache
# shellcheck source=lab/cache.sh
. "${BASH_SOURCE[0]%/*}/../../lab/cache.sh"
