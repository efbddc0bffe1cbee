/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about other processes: a child by fork(), a secondary process of DPDK.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* Its calls act here: its mapping is a mapping of this process. */
void
case_secondary(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_MEMFD, 16 * memory_page());
	char text[128] = "";
	struct span span;
	int status;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 16);
	status = process_secondary(t->rig->name, memory, text, sizeof(text));
	if (status == PROCESS_NONE)
		test_skip(t, "no secondary process can be started: %s", text);
	else if (test_check(t, status == 0, "in a secondary process: %s", text) &&
			test_mapped(t, t->rig, span) && must_read(t, span) && must_unmap(t, span))
		must_not_read(t, span);
	/* What that process has mapped may remain in the container, unknown to this one. */
	t->spoilt = t->spoilt || t->verdict == VERDICT_FAIL;
}
