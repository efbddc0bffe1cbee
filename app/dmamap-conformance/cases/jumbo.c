/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about a packet in one buffer of several pages. What the device does not read out of
 * several pieces of DPDK's own memory either is no matter of maps.
 */
#include <string.h>

#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "port.h"
#include "suite.h"

#define MTU 9000
#define LEN (MTU + RTE_ETHER_HDR_LEN)
#define NATIVE ((size_t)16 << 20)	/* some of its pages are apart from each other */
#define TRIES 3				/* Ethernet may lose a packet */

/* Sends the buffer as one packet; or the test has failed. */
static enum moved
send_buffer(struct test *t, struct span span)
{
	enum moved moved = REFUSED;
	struct rte_mbuf *packet;
	uint64_t seq;
	int i;

	for (i = 0; i < TRIES && moved != MOVED && moved != BROKEN; i++) {
		seq = rig_next_seq();
		packet = port_attach(t->rig, &span);
		if (!test_check(t, packet != NULL, "no mbuf"))
			break;
		port_frame(t->rig, span.addr, (uint32_t)span.len, seq);
		moved = port_round(t->rig, 0, packet, seq, (uint32_t)span.len);
	}
	return moved;
}

static bool
is_moved_in_parts(struct test *t, struct span span)
{
	struct span part = span;
	size_t off;

	for (off = 0; off < span.len; off += memory_page()) {
		part.addr = (uint8_t *)span.addr + off;
		part.iova = span.iova + off;
		part.len = RTE_MIN(span.len - off, (size_t)RIG_READ_MAX);
		if (!must_read(t, part))
			return false;
	}
	return true;
}

/* True, with a buffer of LEN bytes, if two of the pages are not adjacent in physical memory. */
static bool
find_pieces(uint8_t *native, struct span *span)
{
	const struct rte_memseg *page = rte_mem_virt2memseg(native, NULL);
	size_t size = page == NULL ? NATIVE : page->hugepage_sz, off;
	rte_iova_t before, behind;

	for (off = RTE_ALIGN(LEN, size); off + LEN <= NATIVE; off += size) {
		before = rte_mem_virt2phy(native + off - memory_page());
		behind = rte_mem_virt2phy(native + off);
		if (before == RTE_BAD_IOVA || behind == RTE_BAD_IOVA ||
				behind == before + memory_page())
			continue;
		span->addr = native + off - LEN / 2;
		span->iova = rte_malloc_virt2iova(native) + off - LEN / 2;
		span->len = LEN;
		return true;
	}
	return false;
}

/* What the device does with such a buffer of memory that nobody has to map. */
static enum pieces {
	READ,
	NOT_READ,
	UNKNOWN,	/* no such memory, or this user may not know where it is */
} of_native_pieces(struct test *t)
{
	uint8_t *native = rte_malloc("conformance", NATIVE, 2 << 20);
	enum pieces result = UNKNOWN;
	struct span span;

	if (native != NULL && find_pieces(native, &span))
		result = send_buffer(t, span) == MOVED ? READ : NOT_READ;
	rte_free(native);
	return result;
}

/* One lkey has to cover the buffer, or the IOMMU has to join the pages. */
static void
judge_lost(struct test *t, struct span span)
{
	enum pieces native;

	if (!is_moved_in_parts(t, span))
		return;
	native = of_native_pieces(t);
	if (native == NOT_READ)
		test_skip(t, "%s sends no packet of %u bytes that is in several pieces of "
			"physical memory, of DPDK's own memory neither", t->rig->driver, LEN);
	else if (native == UNKNOWN && t->rig->rules == RULES_VFIO)
		test_skip(t, "%s reads each page, but no buffer of several; DPDK's own memory is "
			"in one piece, or this user cannot know", t->rig->driver);
	else
		test_fail(t, "a packet of %u bytes in 4K pages did not arrive, though each page "
			"is read%s", LEN, native == READ ?
				", and such a packet of DPDK's own memory: no one key or mapping "
				"covers all of it" :
				": no one key or mapping covers all of it, or the device reads no "
				"buffer of several pieces of physical memory");
}

void
case_jumbo_4k_pages(struct test *t)
{
	struct rte_eth_dev_info info;
	struct memory *memory = test_memory(t, 4);
	struct span span;
	int ret;

	if (memory == NULL)
		return;
	if (rte_eth_dev_info_get(t->rig->port, &info) != 0 || info.max_mtu < MTU) {
		test_skip(t, "the maximum MTU is %u", info.max_mtu);
		return;
	}
	ret = port_set_mtu(t->rig, MTU);
	if (ret != 0)
		test_skip(t, "an MTU of %d: %s", MTU, strerror(-ret));
	span = test_pages(memory, 0, 4);
	if (ret == 0 && must_map(t, span)) {
		span.len = LEN;
		if (send_buffer(t, span) != MOVED)
			judge_lost(t, span);
		must_unmap(t, test_pages(memory, 0, 4));
	}
	ret = port_set_mtu(t->rig, RTE_ETHER_MTU);
	test_check(t, ret == 0, "restoring the MTU: %s", strerror(-ret));
}
