/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memlock: the limit of locked memory, for the backends' descriptions of their limits.
 */
#ifndef PCI_EXT_MEMLOCK_H
#define PCI_EXT_MEMLOCK_H

#include <stdio.h>
#include <sys/resource.h>

#define PCI_EXT_MEMLOCK_SIZE 32

/* Write the soft RLIMIT_MEMLOCK of the process, "65536 bytes" or "unlimited". Any thread. */
static inline void
pci_ext_memlock_format(char buf[PCI_EXT_MEMLOCK_SIZE])
{
	struct rlimit memlock;

	if (getrlimit(RLIMIT_MEMLOCK, &memlock) == 0 && memlock.rlim_cur != RLIM_INFINITY)
		snprintf(buf, PCI_EXT_MEMLOCK_SIZE, "%llu bytes",
			(unsigned long long)memlock.rlim_cur);
	else
		snprintf(buf, PCI_EXT_MEMLOCK_SIZE, "unlimited");
}

#endif /* PCI_EXT_MEMLOCK_H */
