/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about other processes: a child by fork(), a secondary process of DPDK.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_memzone.h>

#include "process.h"
#include "suite.h"

/* The child's write must not give the pages that the device accesses to the child. */
static bool
fork_and_wait(struct test *t, const struct span *span)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		*(volatile uint8_t *)span->addr = 0x55;
		_exit(0);
	}
	return test_check(
		t, pid > 0 && waitpid(pid, &status, 0) == pid, "fork: %s", strerror(errno));
}

void
case_fork(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (must_map(t, span) && must_read(t, span) && fork_and_wait(t, &span) &&
			must_read(t, span) && must_unmap(t, span))
		must_not_read(t, span);
}

/* Memory for the secondary process to map: both processes share it. */
static const struct rte_memzone *
shared_zone(struct test *t)
{
	const struct rte_memzone *zone = rte_memzone_lookup("conformance");

	if (zone == NULL)
		zone = rte_memzone_reserve_aligned(
			"conformance", 1 << 16, SOCKET_ID_ANY, 0, 1 << 16);
	test_check(t, zone != NULL, "rte_memzone_reserve: %s", rte_strerror(rte_errno));
	return zone;
}

void
case_secondary(struct test *t)
{
	const struct rte_memzone *zone = shared_zone(t);
	char text[128] = "";
	int status;

	if (zone == NULL)
		return;
	status = process_secondary(t->rig->name, zone->addr, zone->len, text, sizeof(text));
	if (status == PROCESS_NONE)
		test_skip(t, "no secondary process can be started: %s", text);
	else
		test_check(t, status == 0, "in a secondary process: %s", text);
}
