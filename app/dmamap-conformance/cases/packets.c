/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Cases about ports: the memory of packets, and the buffers that queues own.
 */
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>

#include "error_name.h"
#include "port.h"
#include "suite.h"

#define PACKETS 64

void
case_restart(struct test *t)
{
	struct memory *memory = test_memory(t, 4);
	struct span span;
	int ret;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, 4);
	if (!must_map(t, span) || !must_read(t, span))
		return;
	ret = t->rig->ops->restart(t->rig);
	if (!test_check(t, ret == 0, "stop and start: %s", strerror(-ret)) || !must_read(t, span))
		return;
	if (t->rig->ops == &rig_eth_ops) {
		ret = port_receive_into(t->rig, NULL);
		test_check(t, ret == 0 && t->rig->ops->healthy(t->rig),
			"stop, queue set-up and start: %s",
			strerror(-ret));
	}
	if (t->verdict == VERDICT_OK && must_read(t, span))
		must_unmap(t, span);
}

/* Called while an Rx queue owns buffers in the memory, which is mapped as span. */
typedef void (*posted_body)(struct test *t, struct memory *memory, struct span span);

/* After the body the queue returns its buffers; then the memory can be unmapped and mapped. */
static void
with_posted_memory(struct test *t, posted_body body)
{
	struct memory *memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	struct rte_mempool *pool;
	struct span span;
	int ret;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	pool = port_pool_on(&span);
	if (!test_check(t, pool != NULL, "no pool: %s", rte_strerror(rte_errno)))
		return;
	if (must_map(t, span)) {
		ret = port_receive_into(t->rig, pool);
		if (test_check(t, ret == 0, "start with a pool on mapped memory: %s",
				strerror(-ret)))
			body(t, memory, span);
	}
	test_check(t, port_receive_as_before(t->rig),
		"the port does not start again on its own pool");
	if (t->n_mappings > 0 && must_unmap(t, span) && must_map(t, span) && must_read(t, span))
		must_unmap(t, span);
	rte_mempool_free(pool);
}

/* D refuses the unmap; V unmaps, and no packet arrives in the range any more. */
static void
unmap_posted(struct test *t, struct memory *memory, struct span span)
{
	/* Else there would be nothing in flight. */
	if (!test_check(t, port_cycle(t->rig),
			"no frame arrives in buffers of the pool on mapped memory"))
		return;
	if (t->rig->rules == RULES_DRIVER) {
		must_not_unmap(t, span, EBUSY, 0);
		return;
	}
	if (!must_unmap(t, span))
		return;
	memset(span.addr, 0x2e, span.len);
	test_check(t, port_flood(t->rig, PACKETS), "the connected port does not send");
	port_drain();
	rte_delay_us_sleep(100000);
	test_check(t, ((uint8_t *)span.addr)[0] == 0x2e &&
		memcmp(span.addr, (uint8_t *)span.addr + 1, span.len - 1) == 0,
		"the device wrote packets into unmapped memory");
	/* For a driver that keeps the buffers when it restarts. */
	must_map(t, span);
}

void
case_in_flight(struct test *t)
{
	with_posted_memory(t, unmap_posted);
}

/*
 * An error of the program, as in other_memory_there, with posted buffers besides: they keep their
 * lkey, and the map fails until the queue stops.
 */
static void
map_posted_again(struct test *t, struct memory *memory, struct span span)
{
	struct outcome outcome;

	if (!test_check(t, memory_unregister(memory) == 0 && memory_register(memory) == 0,
			"the memory cannot be registered again"))
		return;
	outcome = call_map(t->rig, &span);
	test_check(t, outcome.ret < 0 && (outcome.error == EBUSY || outcome.error == EEXIST),
		"map of memory that was registered again while a queue owns buffers in it: "
		"expected EBUSY or EEXIST, got %d with rte_errno %d (%s)",
		outcome.ret, outcome.error, error_name(outcome.error));
	test_check(t, port_hears(t->rig, 10000), "no data moves after the map");
}

void
case_other_memory_posted(struct test *t)
{
	with_posted_memory(t, map_posted_again);
}

void
case_pinned_pool(struct test *t)
{
	struct memory *memory = test_memory_of(t, MEMORY_ANON, RIG_WRITE_ROOM);
	struct pins mapped, running;
	struct rte_mempool *pool;
	struct rte_mbuf *packet;
	struct span span;
	int i;

	if (memory == NULL)
		return;
	span = test_pages(memory, 0, memory->len / memory_page());
	if (!must_map(t, span) || !must_write(t, span))
		return;
	mapped = pins_read();
	pool = port_pool_on(&span);
	if (!test_check(t, pool != NULL, "no pool: %s", rte_strerror(rte_errno)))
		return;
	for (i = 0; i < PACKETS && t->verdict == VERDICT_OK; i++) {
		uint64_t seq = rig_next_seq();
		char *data;

		packet = rte_pktmbuf_alloc(pool);
		data = packet == NULL ? NULL : rte_pktmbuf_append(packet, 512);
		if (!test_check(t, data != NULL, "the pool is empty"))
			break;
		port_frame(t->rig, data, 512, seq);
		test_check(t, port_round(t->rig, 0, packet, seq, 512) == MOVED,
			"packet %d from the pool did not arrive", i);
	}
	running = pins_read();
	test_check(t, pins_growth(&mapped, &running) < (long)(span.len >> 10), "%ld kB more were "
		"pinned: mapped memory is pinned once", pins_growth(&mapped, &running));
	/* Sent packets may still be in the ring. */
	test_check(t, port_receive_as_before(t->rig), "the port does not start again");
	must_unmap(t, span);
	rte_mempool_free(pool);
}

/* Replaces a direct mbuf by an indirect one, which holds the reference to it. */
static struct rte_mbuf *
indirect(struct rte_mbuf *direct, struct rte_mempool *pool)
{
	struct rte_mbuf *clone = rte_pktmbuf_clone(direct, pool);

	rte_pktmbuf_free(direct);
	return clone;
}

/*
 * A frame of three segments: a clone of native memory, attached memory, a clone of attached memory.
 */
static struct rte_mbuf *
build_chain(struct test *t, struct span a, struct span b, uint64_t seq)
{
	uint8_t frame[768];
	struct rte_mbuf *head = rte_pktmbuf_alloc(t->rig->pool);
	struct rte_mbuf *middle, *tail;
	char *data = head == NULL ? NULL : rte_pktmbuf_append(head, 256);

	port_frame(t->rig, frame, sizeof(frame), seq);
	a.len = b.len = 256;
	middle = port_attach(t->rig, &a);
	tail = port_attach(t->rig, &b);
	if (tail != NULL)
		tail = indirect(tail, t->rig->pool);
	if (head != NULL)
		head = indirect(head, t->rig->pool);
	if (head == NULL || data == NULL || middle == NULL || tail == NULL) {
		rte_pktmbuf_free(head);
		rte_pktmbuf_free(middle);
		rte_pktmbuf_free(tail);
		return NULL;
	}
	memcpy(data, frame, 256);
	memcpy(a.addr, frame + 256, 256);
	memcpy(b.addr, frame + 512, 256);
	rte_pktmbuf_chain(head, middle);
	rte_pktmbuf_chain(head, tail);
	return head;
}

void
case_attach_extbuf(struct test *t)
{
	struct memory *memory = test_memory(t, 8);
	struct rte_eth_dev_info info;
	struct rte_mbuf *packet;
	uint64_t seq;
	int i;

	if (memory == NULL)
		return;
	if (rte_eth_dev_info_get(t->rig->port, &info) != 0 ||
			(info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) == 0) {
		test_skip(t, "the port sends no packets of several segments");
		return;
	}
	if (!must_map(t, test_pages(memory, 0, 1)) || !must_map(t, test_pages(memory, 4, 1)))
		return;
	for (i = 0; i < PACKETS && t->verdict == VERDICT_OK; i++) {
		seq = rig_next_seq();
		packet = build_chain(t, test_pages(memory, 0, 1), test_pages(memory, 4, 1), seq);
		if (test_check(t, packet != NULL, "no mbuf"))
			test_check(t, port_round(t->rig, 0, packet, seq, 768) == MOVED,
				"packet %d of three segments did not arrive", i);
	}
	if (must_unmap(t, test_pages(memory, 0, 1)))
		must_unmap(t, test_pages(memory, 4, 1));
}
