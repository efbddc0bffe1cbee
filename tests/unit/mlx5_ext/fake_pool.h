/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_pool.h - mempools whose objects are a stack that tests can inspect. A test that includes it
 * registers their ops; objects never pass a cache.
 */
#ifndef TEST_FAKE_POOL_H
#define TEST_FAKE_POOL_H

#include <errno.h>
#include <string.h>

#include <rte_mbuf.h>
#include <rte_mempool.h>

#define FAKE_POOL_MAX 256u

/* With room for a private area, as every mempool of mbufs. */
struct fake_pool {
	struct rte_mempool mp;
	struct rte_pktmbuf_pool_private private;
	struct rte_mbuf *stack[FAKE_POOL_MAX];
	unsigned int nb_free, nb_puts;	/* objects in it; calls that returned some */
};

static int
fake_pool_alloc(struct rte_mempool *mp)
{
	return 0;
}

static unsigned int
fake_pool_count(const struct rte_mempool *mp)
{
	/* container_of() drops const. */
	const struct fake_pool *pool = (const void *)((const char *)mp - offsetof(struct fake_pool, mp));

	return pool->nb_free;
}

static int
fake_pool_put(struct rte_mempool *mp, void *const *objects, unsigned int n)
{
	struct fake_pool *pool = container_of(mp, struct fake_pool, mp);

	memcpy(&pool->stack[pool->nb_free], objects, n * sizeof(*objects));
	pool->nb_free += n;
	pool->nb_puts++;
	return 0;
}

/* The last one first. */
static int
fake_pool_get(struct rte_mempool *mp, void **objects, unsigned int n)
{
	struct fake_pool *pool = container_of(mp, struct fake_pool, mp);

	if (n > pool->nb_free)
		return -ENOBUFS;
	for (; n > 0; n--)
		*objects++ = pool->stack[--pool->nb_free];
	return 0;
}

static const struct rte_mempool_ops fake_pool_ops = {.name = "fake_pool", .alloc = fake_pool_alloc,
	.enqueue = fake_pool_put, .dequeue = fake_pool_get, .get_count = fake_pool_count};
RTE_MEMPOOL_REGISTER_OPS(fake_pool_ops);

/* Creates an empty one. */
static void
fake_pool_init(struct fake_pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	while (strcmp(rte_mempool_ops_table.ops[pool->mp.ops_index].name, fake_pool_ops.name) != 0)
		pool->mp.ops_index++;
	pool->mp.private_data_size = sizeof(pool->private);
}

#endif
