/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * memlock.h - the limit of locked memory, and how much of it is used: what a log line says of an
 * ENOMEM.
 *
 * The kernel compares RLIMIT_MEMLOCK with two counters separately: VFIO's type 1 adds to VmLck
 * (vfio_lock_acct()), rdma to VmPin (ib_umem_get()), as iommufd does; neither has an effect on a
 * process with CAP_IPC_LOCK.
 */
#ifndef DMAMAP_MEMLOCK_H
#define DMAMAP_MEMLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define DMAMAP_MEMLOCK_SIZE 128

#define DMAMAP_MEMLOCK_CAP_IPC_LOCK 14 /* linux/capability.h */

/* A line of /proc/self/status, "VmLck:" for instance, as a number of this base. 0: no such line. */
static inline unsigned long long
dmamap_memlock_status(const char *field, int base)
{
	FILE *f = fopen("/proc/self/status", "r");
	unsigned long long value = 0;
	char line[256];

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			value = strtoull(line + strlen(field), NULL, base);
	fclose(f);
	return value;
}

/* Whether the kernel lets the process lock so many bytes more. counter as below. Any thread. */
static inline bool
dmamap_memlock_allows(const char *counter, uint64_t len)
{
	const unsigned long long caps = dmamap_memlock_status("CapEff:", 16);
	unsigned long long used;
	struct rlimit limit;

	if ((caps >> DMAMAP_MEMLOCK_CAP_IPC_LOCK & 1) != 0 ||
		getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
		return true;
	used = dmamap_memlock_status(counter, 10) * 1024;
	return used <= limit.rlim_cur && len <= limit.rlim_cur - used;
}

/*
 * Write the soft limit and the use of it: "RLIMIT_MEMLOCK (ulimit -l) is 65536 bytes, 61440 of them
 * used". counter: "VmLck:" or "VmPin:". Any thread.
 */
static inline void
dmamap_memlock_format(const char *counter, char buf[DMAMAP_MEMLOCK_SIZE])
{
	const unsigned long long caps = dmamap_memlock_status("CapEff:", 16);
	struct rlimit limit;
	const char *exempt = "";

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
		snprintf(buf, DMAMAP_MEMLOCK_SIZE, "RLIMIT_MEMLOCK (ulimit -l) is unlimited");
		return;
	}
	if ((caps >> DMAMAP_MEMLOCK_CAP_IPC_LOCK & 1) != 0)
		exempt = ", which CAP_IPC_LOCK lifts";
	snprintf(buf, DMAMAP_MEMLOCK_SIZE,
		"RLIMIT_MEMLOCK (ulimit -l) is %llu bytes, %llu of them used%s",
		(unsigned long long)limit.rlim_cur, dmamap_memlock_status(counter, 10) * 1024,
		exempt);
}

#endif
