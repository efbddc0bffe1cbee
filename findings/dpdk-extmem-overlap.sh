#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
# DPDK 22.11.11: rte_extmem_register() of memory that is registered is EEXIST only if address and length are
# those of a registration. Any other overlap is accepted: the pages that two registrations share are then
# those of the one whose list EAL meets first, and change their IOVA when that one is unregistered, while the
# other stays. So a library that registers a part of what another one has registered gets no error, and what
# it says of the IOVA of a page has no effect. The check is the same in 26.07.
#
# Expected before: EEXIST, as the contract says it of a chunk that is already registered.
#
# Needs apt on Debian 12 with the package's version in its sources, and cc; no root, no device. Output of 2026-11-30:
#   pages 0 to 3: 0
#   the same again: EEXIST
#   pages 2 to 5: 0
#   page 2: IOVA 0x102000
#   page 4: IOVA 0x902000
#   pages 0 to 3 unregistered: 0
#   page 2: IOVA 0x900000
set -euo pipefail

version=22.11.11-0+deb12u1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get -q download {libdpdk-dev,librte-eal23,librte-kvargs23,librte-telemetry23}"=$version" \
	libbsd0 libmd0 libnuma1 libfdt1 >/dev/null 2>&1
for package in ./*.deb; do
	dpkg-deb -x "$package" root
done
cat >overlap.c <<'END'
#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

#define PAGE 4096u

static char *memory;

/* IOVAs of pages of their own, from the one on that is given. */
static void
add(const char *what, unsigned int first, unsigned int n, rte_iova_t iova)
{
	rte_iova_t iovas[8];
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++)
		iovas[i] = iova + i * PAGE;
	ret = rte_extmem_register(memory + first * PAGE, n * PAGE, iovas, n, PAGE);
	printf("%s: %s\n", what, ret == 0 ? "0" : rte_errno == EEXIST ? "EEXIST" : rte_strerror(rte_errno));
}

static void
tell(unsigned int page)
{
	const struct rte_memseg *seg = rte_mem_virt2memseg(memory + page * PAGE, NULL);

	printf("page %u: IOVA %#" PRIx64 "\n", page, seg == NULL ? 0 : seg->iova);
}

int
main(int argc, char **argv)
{
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	memory = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	add("pages 0 to 3", 0, 4, 0x100000);
	add("the same again", 0, 4, 0x100000);
	add("pages 2 to 5", 2, 4, 0x900000);
	tell(2);
	tell(4);
	printf("pages 0 to 3 unregistered: %d\n", rte_extmem_unregister(memory, 4 * PAGE));
	tell(2);
	return rte_eal_cleanup();
}
END
include=root/usr/include lib=root/usr/lib/x86_64-linux-gnu
cc -O2 -march=corei7 -include "$include/x86_64-linux-gnu/dpdk/rte_config.h" -I"$include/x86_64-linux-gnu/dpdk" \
	-I"$include/dpdk" -o overlap overlap.c "$lib/librte_eal.so.23" -Wl,-rpath-link,"$lib"
LD_LIBRARY_PATH=$lib:root/lib/x86_64-linux-gnu XDG_RUNTIME_DIR=$work ./overlap -l 0 --no-huge -m 64 --no-pci --no-telemetry \
	--no-shconf 2>log | sed '/^EAL/d; /^TELEMETRY/d' | tee seen
diff - seen <<'END'
pages 0 to 3: 0
the same again: EEXIST
pages 2 to 5: 0
page 2: IOVA 0x102000
page 4: IOVA 0x902000
pages 0 to 3 unregistered: 0
page 2: IOVA 0x900000
END
