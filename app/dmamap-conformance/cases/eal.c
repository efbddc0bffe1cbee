/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about EAL's own memory, which devices access without a map: the end of one mapping must not
 * end another.
 */
#include <stdatomic.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "error_name.h"
#include "port.h"
#include "suite.h"
#include "watch.h"

#define FRAME 512
#define HEAR_MS 10000
#define POOL_SIZE 1023
#define TRIES 3			/* Ethernet may lose a frame */
#define GROWTH ((size_t)6 << 20)	/* exceeds the free heap, so EAL allocates */

/* Sends from EAL's heap: the driver may register the memory around it too. */
static bool
send_native(struct test *t, struct rig *rig, void *native)
{
	struct span span = {native, rte_malloc_virt2iova(native), FRAME};

	return must_read_on(t, rig, span);
}

static struct rte_mempool *
make_pool(struct test *t)
{
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *pool;

	snprintf(name, sizeof(name), "case_%jd", (intmax_t)rig_next_seq());
	pool = rte_pktmbuf_pool_create(
		name, POOL_SIZE, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	test_check(t, pool != NULL, "no pool: %s", rte_strerror(rte_errno));
	return pool;
}

static void
hear_one(struct test *t, unsigned int number)
{
	struct rig *sender = watch_hears(t->rig);
	enum moved moved;
	int tries = 0;

	do
		moved = sender == NULL ? BROKEN : watch_catch(sender, t->rig, NULL, FRAME);
	while (moved == REFUSED && ++tries < TRIES);
	test_check(t, moved == MOVED,
		"frame %u into buffers still in use did not arrive", number);
}

/* Uses each posted buffer: a round takes two frames. */
static void
hear_ring(struct test *t, int64_t errors, const char *after)
{
	unsigned int i;

	for (i = 0; i < t->rig->n_rxd && t->verdict == VERDICT_OK; i++)
		hear_one(t, i + 1);
	test_check(t, port_errors(t->rig) == errors, "after %s error counters grew by %jd", after,
		(intmax_t)(port_errors(t->rig) - errors));
}

/* Restarts the port with the pool, and checks that data moves. */
static bool
receive_into(struct test *t, struct rte_mempool *pool)
{
	int ret = port_receive_into(t->rig, pool);

	return test_check(t, ret == 0 && port_hears(t->rig, HEAR_MS),
		"the port does not receive into a pool of DPDK's memory: %s",
		strerror(-ret));
}

static void
receive_as_before(struct test *t)
{
	test_check(t, port_receive_as_before(t->rig),
		"the port does not start again on its own pool");
}

static void
free_pool(struct test *t, struct rte_mempool *used)
{
	struct rte_mempool *freed = make_pool(t);
	int64_t errors;

	if (freed == NULL || !receive_into(t, used)) {
		rte_mempool_free(freed);
		return;
	}
	errors = port_errors(t->rig);
	rte_mempool_free(freed);
	hear_ring(t, errors, "another pool was freed");
}

void
case_pool_freed(struct test *t)
{
	void *native = rte_malloc("conformance", memory_page(), (unsigned int)memory_page());
	struct rte_mempool *used = NULL;

	if (test_check(t, native != NULL, "rte_malloc failed") && send_native(t, t->rig, native))
		used = make_pool(t);
	if (used != NULL)
		free_pool(t, used);
	/* The restart returns the queues' buffers to the pool. */
	receive_as_before(t);
	rte_mempool_free(used);
	rte_free(native);
}

static atomic_uint given_back;

static void
on_memory(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	if (event == RTE_MEM_EVENT_FREE)
		atomic_fetch_add(&given_back, 1);
}

/* Neighbours in memory, as EAL allocates at ascending addresses: freed, in use, freed. */
enum { BELOW, STAYS, ABOVE, PIECES };

static bool
allocate(struct test *t, void *pieces[PIECES])
{
	unsigned int i;

	for (i = 0; i < PIECES; i++) {
		pieces[i] = rte_malloc("conformance", i == STAYS ? RIG_WRITE_ROOM : GROWTH,
			(unsigned int)memory_page());
		if (!test_check(t, pieces[i] != NULL, "rte_malloc failed"))
			return false;
	}
	return true;
}

static void
give_back(struct test *t, void *pieces[PIECES])
{
	unsigned int before = atomic_load(&given_back);
	int64_t errors = port_errors(t->rig);

	rte_free(pieces[BELOW]);
	rte_free(pieces[ABOVE]);
	pieces[BELOW] = pieces[ABOVE] = NULL;
	if (atomic_load(&given_back) == before)
		test_skip(t, "EAL returned no memory to the system");
	else
		hear_ring(t, errors, "memory was freed");
}

/*
 * Sends from the outer two first, so that a driver that registers surrounding memory may have all
 * three in one MR.
 */
static void
shrink_heap(struct test *t, void *pieces[PIECES])
{
	struct span room = {pieces[STAYS], rte_malloc_virt2iova(pieces[STAYS]), RIG_WRITE_ROOM};
	struct rte_mempool *pool;

	if (!send_native(t, t->rig, pieces[BELOW]) || !send_native(t, t->rig, pieces[ABOVE]))
		return;
	pool = port_pool_on(&room);
	if (test_check(t, pool != NULL, "no pool: %s", rte_strerror(rte_errno)) &&
		receive_into(t, pool))
		give_back(t, pieces);
	receive_as_before(t);
	rte_mempool_free(pool);
}

void
case_heap_shrinks(struct test *t)
{
	void *pieces[PIECES] = {NULL};
	unsigned int i;

	if (rte_mem_event_callback_register("case", on_memory, NULL) != 0) {
		test_skip(t, "EAL's memory never changes here (no hugepages, or --legacy-mem)");
		return;
	}
	if (allocate(t, pieces))
		shrink_heap(t, pieces);
	for (i = 0; i < PIECES; i++)
		rte_free(pieces[i]);
	rte_mem_event_callback_unregister("case", NULL);
}

static void
judge_native_map(struct test *t, struct span span, bool reached)
{
	struct outcome outcome = call_map(t->rig, &span);

	if (outcome.ret != 0) {
		test_check(t, outcome.ret < 0 && outcome.error == EEXIST,
			"map of memory from rte_malloc(): "
			"expected 0 or EEXIST, got %d with rte_errno %d (%s)",
			outcome.ret, outcome.error, error_name(outcome.error));
		if (reached)
			must_read(t, span);
		return;
	}
	/* If EAL has mapped it too, the unmap below ends EAL's mapping. */
	t->spoilt = t->spoilt || reached;
	if (must_read(t, span) && must_unmap(t, span))
		must_not_read(t, span);
}

/*
 * Either the device can access it without a map, and map fails, as no unmap could end that mapping;
 * or it is treated as any other memory.
 */
void
case_native_map(struct test *t)
{
	size_t len = memory_page();
	void *native = rte_malloc("conformance", len, (unsigned int)len);
	struct span span = {native, 0, len};

	if (!test_check(t, native != NULL, "rte_malloc of %zu bytes failed", len))
		return;
	span.iova = rte_malloc_virt2iova(native);
	judge_native_map(t, span, rig_read(t->rig, &span) == MOVED);
	rte_free(native);
}
