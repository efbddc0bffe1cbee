/* SPDX-License-Identifier: BSD-3-Clause */
/* pools.c: when it logs a line. The fakes replace EAL's functions of the same name. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mempool.h>

#include "backend/container.h"
#include "common/memory.h"
#include "bus/pools.h"
#include "unit.h"

static rte_mempool_event_callback *on_event;
static int fake_register_error, fake_alarm_result, fake_fd;
static bool is_noiommu;
static uint64_t known_from; /* EAL knows all memory from here on */

int
rte_mempool_event_callback_register(rte_mempool_event_callback *func, void *arg)
{
	rte_errno = fake_register_error;
	if (fake_register_error != 0)
		return -1;
	on_event = func;
	return 0;
}

static struct {
	rte_eal_alarm_callback call;
	void *arg;
	uint64_t us;
} alarms[4];
static unsigned int nb_alarms;

int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback call, void *arg)
{
	if (fake_alarm_result != 0)
		return fake_alarm_result;
	alarms[nb_alarms].call = call;
	alarms[nb_alarms].arg = arg;
	alarms[nb_alarms++].us = us;
	return 0;
}

bool
pci_ext_memory_is_unknown(uint64_t addr, uint64_t len)
{
	return addr < known_from && len <= known_from - addr;
}

int
pci_ext_container_find(void)
{
	return fake_fd;
}

bool
pci_ext_container_is_noiommu(int fd)
{
	return is_noiommu;
}

static struct rte_mempool_memhdr chunks[2] = {
	{.addr = (void *)0x10000, .len = 0x1000}, {.addr = (void *)0x30000, .len = 0x2345}};
static struct rte_mempool pool;
static FILE *log_stream;

static int
set_up(void **state)
{
	size_t i;

	fake_register_error = fake_alarm_result = 0;
	fake_fd = 5;
	is_noiommu = false;
	known_from = 0x100000;
	nb_alarms = 0;
	memset(&pool, 0, sizeof(pool));
	strcpy(pool.name, "mine");
	STAILQ_INIT(&pool.mem_list);
	for (i = 0; i < RTE_DIM(chunks); i++)
		STAILQ_INSERT_TAIL(&pool.mem_list, &chunks[i], next);
	pool.nb_mem_chunks = RTE_DIM(chunks);
	pci_ext_pools_watch();
	log_stream = tmpfile();
	return log_stream == NULL ? -1 : rte_openlog_stream(log_stream);
}

static int
tear_down(void **state)
{
	rte_openlog_stream(NULL);
	fclose(log_stream);
	return 0;
}

/* All alarms go off. Returns the lines of the log since then; the last one is in *line. */
static unsigned int
let_look(char *line, int size)
{
	unsigned int i, n = 0;

	rewind(log_stream);
	for (i = 0; i < nb_alarms; i++)
		alarms[i].call(alarms[i].arg);
	nb_alarms = 0;
	rewind(log_stream);
	while (fgets(line, size, log_stream) != NULL)
		n++;
	return n;
}

static void
a_pool_unknown_to_eal_has_one_line(void **state)
{
	char line[400];

	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(nb_alarms, 1);
	assert_int_equal(alarms[0].us, 1000000);
	/* The pool may be read by nobody but its own thread now. */
	memset(&pool, 0xff, sizeof(pool));
	assert_int_equal(let_look(line, sizeof(line)), 1);
	assert_non_null(strstr(line, "mempool 'mine'"));
	assert_non_null(strstr(line, "0x1000 bytes at 0x10000"));
	assert_non_null(strstr(line, "rte_extmem_register"));
}

static void
one_unknown_chunk_is_enough(void **state)
{
	char line[400];

	known_from = 0x20000;
	STAILQ_REMOVE_HEAD(&pool.mem_list, next);
	STAILQ_INSERT_TAIL(&pool.mem_list, &chunks[0], next);
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(let_look(line, sizeof(line)), 1);
	assert_non_null(strstr(line, "0x1000 bytes at 0x10000"));
}

static void
memory_registered_meanwhile_has_none(void **state)
{
	char line[400];

	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	known_from = 0;
	assert_int_equal(let_look(line, sizeof(line)), 0);
	/* Nor has a pool whose memory was known from the beginning. */
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(nb_alarms, 0);
}

static void
a_pool_freed_meanwhile_has_none(void **state)
{
	char line[400];

	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	on_event(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
	assert_int_equal(let_look(line, sizeof(line)), 0);
	on_event(RTE_MEMPOOL_EVENT_DESTROY, &pool, NULL);
}

static void
a_pool_for_no_device_has_none(void **state)
{
	pool.flags = RTE_MEMPOOL_F_NON_IO;
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(nb_alarms, 0);
}

static void
without_an_iommu_there_is_none(void **state)
{
	char line[400];

	is_noiommu = true;
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(let_look(line, sizeof(line)), 0);
	/* A container that EAL does not give away has an IOMMU, in all likelihood. */
	fake_fd = -1;
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(let_look(line, sizeof(line)), 1);
}

static void
without_an_alarm_nothing_is_kept(void **state)
{
	fake_alarm_result = -ENOMEM;
	on_event(RTE_MEMPOOL_EVENT_READY, &pool, NULL);
	assert_int_equal(nb_alarms, 0);
}

static void
a_failure_to_watch_is_logged_once_it_is_one(void **state)
{
	char line[400];

	fake_register_error = EEXIST;
	pci_ext_pools_watch();
	assert_int_equal(let_look(line, sizeof(line)), 0);
	fake_register_error = ENOMEM;
	pci_ext_pools_watch();
	rewind(log_stream);
	assert_non_null(fgets(line, sizeof(line), log_stream));
	assert_non_null(strstr(line, "go unnoticed"));
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_pool_unknown_to_eal_has_one_line),
		CASE(one_unknown_chunk_is_enough),
		CASE(memory_registered_meanwhile_has_none),
		CASE(a_pool_freed_meanwhile_has_none),
		CASE(a_pool_for_no_device_has_none),
		CASE(without_an_iommu_there_is_none),
		CASE(without_an_alarm_nothing_is_kept),
		CASE(a_failure_to_watch_is_logged_once_it_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
