/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Provokes refusals of rte_dev_dma_map() and shows the log line of each:
 *   refusals EAL-ARGUMENTS -- DEVICE CASE...
 * prints for each case "CASE: ERRNO, LINES line(s): TEXT", where ERRNO is a name or 0, and TEXT the
 * lines without their ends. A step that must not fail ends the program.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include <rte_eal.h>
#include <rte_log.h>

#include "../check.h"
#include "device.h"
#include "rig.h"

static int
case_unregistered(struct rig *rig)
{
	return rig_map(rig, 0, rig->len + rig->page);
}

static int
case_overlap(struct rig *rig)
{
	int error;

	check(rig_map(rig, 0, 2 * rig->page) == 0, "the first map");
	error = rig_map(rig, rig->page, 2 * rig->page);
	check(rig_unmap(rig, 0, 2 * rig->page) == 0, "unmap");
	return error;
}

static int
case_part(struct rig *rig)
{
	int error;

	check(rig_map(rig, 0, rig->len) == 0, "the first map");
	error = rig_unmap(rig, 0, rig->page);
	check(rig_unmap(rig, 0, rig->len) == 0, "unmap");
	return error;
}

static int
case_high_iova(struct rig *rig)
{
	return rig_map_at(rig, UINT64_C(1) << 50);
}

static int
case_unaligned(struct rig *rig)
{
	return rig_map(rig, 16, rig->page);
}

static int
case_plain(struct rig *rig)
{
	return rig_map(rig, 0, rig->len);
}

/* As an ordinary user whose limit is used up. The process has its capability no more. */
static int
case_memlock(struct rig *rig)
{
	static const struct rlimit limit = {4096, 4096};
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	check(syscall(SYS_capget, &header, data) == 0, "capget");
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	data[0].permitted &= ~(1u << CAP_IPC_LOCK);
	check(syscall(SYS_capset, &header, data) == 0, "capset");
	check(setrlimit(RLIMIT_MEMLOCK, &limit) == 0, "setrlimit");
	return rig_map(rig, 0, rig->len);
}

static const struct {
	const char *name;
	rig_case run;
} cases[] = {
	{"plain", case_plain},
	{"unregistered", case_unregistered},
	{"overlap", case_overlap},
	{"part", case_part},
	{"high-iova", case_high_iova},
	{"unaligned", case_unaligned},
	{"hole", case_hole},
	{"guard-page", case_guard_page},
	{"read-only", case_read_only},
	{"read-only-shared", case_read_only_shared},
	{"end-of-file", case_end_of_file},
	{"device-memory", case_device_memory},
	{"stale", case_stale},
	{"heap-without-iovas", case_heap_without_iovas},
	{"heap-page", case_heap_page},
	{"reserved", case_reserved},
	{"foreign", case_foreign},
	{"gone", case_gone},
	{"unmap-of-nothing", case_unmap_of_nothing},
	{"memlock", case_memlock},
};

static int
run_case(const char *device, const char *name)
{
	struct rig rig = {.dev = find_device(device)};
	unsigned int i;
	int error;

	if (strcmp(name, "own-container") == 0)
		return case_own_container(device);
	for (i = 0; i < RTE_DIM(cases) && strcmp(cases[i].name, name) != 0; i++)
		;
	errno = ENOENT;
	check(i < RTE_DIM(cases), name);
	check(rig.dev != NULL, device);
	rig_make_memory(&rig);
	error = cases[i].run(&rig);
	rig_free_memory(&rig);
	return error;
}

static void
show_case(const char *device, const char *name)
{
	unsigned int lines = 0;
	char *text = NULL, *at;
	size_t size;
	FILE *log = open_memstream(&text, &size);
	int error;

	check(log != NULL, "open_memstream");
	rte_openlog_stream(log);
	error = run_case(device, name);
	rte_openlog_stream(NULL);
	fclose(log);
	for (at = text; (at = strchr(at, '\n')) != NULL; lines++)
		*at = ' ';
	printf("%s: %s, %u line(s): %s\n", name, error == ENOTSUP ? "ENOTSUP" :
		error == 0 ? "0" : strerrorname_np(error), lines, text);
	free(text);
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv), i;

	if (args < 0 || args + 2 >= argc) {
		fprintf(stderr, "usage: refusals EAL-ARGUMENTS -- DEVICE CASE...\n");
		return 2;
	}
	for (i = args + 2; i < argc; i++)
		show_case(argv[args + 1], argv[i]);
	return rte_eal_cleanup();
}
