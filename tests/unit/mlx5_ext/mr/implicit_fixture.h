/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * implicit_fixture.h - a made-up heap, and two mempools, one of them with pinned buffers, over the
 * table of mr_fixture.h. For one test program.
 */
#ifndef IMPLICIT_FIXTURE_H_
#define IMPLICIT_FIXTURE_H_

#include <string.h>

#include <cmocka.h>
#include <ethdev_driver.h>

#include "mr/heap.h"
#include "mr/implicit.h"
#include "mr_fixture.h"

/* The heap, of pages; there is no heap before and behind it. Page 9 is not in use. */
#define PAGE 4096u
#define HEAP ((uintptr_t)memory)
#define HEAP_LEN sizeof(memory)

static uint8_t memory[10 * PAGE] __attribute__((aligned(PAGE)));

/* The first page behind the heap is registered with EAL, the next ones are unknown to it. */
#define REGISTERED (HEAP + HEAP_LEN)
#define UNKNOWN (REGISTERED + PAGE)

static unsigned int mbuf_walks;
static bool is_misleading;	/* heap_unit() returns another unit than that of the address */

bool
mlx5x_heap_has(uintptr_t addr)
{
	return addr - HEAP < HEAP_LEN;
}

bool
mlx5x_heap_knows(const struct mlx5x_range *range)
{
	return mlx5x_range_touches(range, HEAP, HEAP_LEN + PAGE);
}

int
mlx5x_heap_unit(uintptr_t addr, struct mlx5x_range *unit)
{
	if (!mlx5x_heap_has(addr)) {
		*unit = addr < HEAP ? (struct mlx5x_range){0, HEAP} :
			(struct mlx5x_range){HEAP + HEAP_LEN, SIZE_MAX - HEAP - HEAP_LEN};
		return -ENOENT;
	}
	if (is_misleading) {
		*unit = (struct mlx5x_range){HEAP, PAGE};
		return 0;
	}
	*unit = (struct mlx5x_range){addr / PAGE * PAGE, PAGE};
	return unit->start == HEAP + 9 * PAGE ? -EFAULT : 0;
}

/* Replaces EAL's function, and counts calls. */
uint32_t
rte_mempool_obj_iter(struct rte_mempool *pool, rte_mempool_obj_cb_t *function, void *arg)
{
	struct rte_mempool_objhdr *object;
	uint32_t n = 0;

	mbuf_walks++;
	STAILQ_FOREACH(object, &pool->elt_list, next)
		function(pool, arg, &object[1], n++);
	return n;
}

#define CHUNKS 2
#define MBUFS 8

static struct mlx5x_implicit implicit = {.name = "fake", .mrs = &table};

/* A mempool with chunks in the heap; and one of pinned buffers, with its mbufs. */
struct fake_pool {
	struct rte_mempool pool;
	struct rte_pktmbuf_pool_private private __rte_cache_aligned;
	struct rte_mempool_memhdr chunks[CHUNKS];
	struct {
		uint8_t pad[RTE_CACHE_LINE_SIZE - sizeof(struct rte_mempool_objhdr)];
		struct rte_mempool_objhdr header;
		struct rte_mbuf mbuf;
	} mbufs[MBUFS];
};

static struct fake_pool normal, pinned;

static inline void
make_pool(struct fake_pool *fake, uint32_t flags)
{
	memset(fake, 0, sizeof(*fake));
	STAILQ_INIT(&fake->pool.mem_list);
	STAILQ_INIT(&fake->pool.elt_list);
	fake->pool.private_data_size = sizeof(fake->private);
	fake->private.flags = flags;
	assert_ptr_equal(rte_mempool_get_priv(&fake->pool), &fake->private);
}

static inline void
add_chunk(struct fake_pool *fake, unsigned int i, uintptr_t start, size_t len)
{
	fake->chunks[i].addr = (void *)start;
	fake->chunks[i].len = len;
	STAILQ_INSERT_TAIL(&fake->pool.mem_list, &fake->chunks[i], next);
	fake->pool.nb_mem_chunks++;
}

static inline void
add_mbuf(struct fake_pool *fake, unsigned int i, uintptr_t start, uint16_t len)
{
	struct rte_mbuf *mbuf = &fake->mbufs[i].mbuf;

	assert_ptr_equal(&(&fake->mbufs[i].header)[1], mbuf);
	mbuf->buf_addr = (void *)start;
	mbuf->buf_len = len;
	mbuf->pool = &fake->pool;
	STAILQ_INSERT_TAIL(&fake->pool.elt_list, &fake->mbufs[i].header, next);
}

static inline int
begin(void **state)
{
	implicit.mode = MLX5X_IMPLICIT_MEMPOOL;
	make_pool(&normal, 0);
	make_pool(&pinned, RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF);
	add_chunk(&normal, 0, HEAP + PAGE / 2, 2 * PAGE);
	add_chunk(&normal, 1, HEAP + 5 * PAGE, PAGE / 2);
	mbuf_walks = 0;
	is_misleading = false;
	if (set_up(state) != 0)
		return -1;
	table.cut.max_size = SIZE_MAX;
	return 0;
}

#endif
