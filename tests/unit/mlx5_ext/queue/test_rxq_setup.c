/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rxq.c, from set-up to release: the layout of the ring, its buffers, and their release. test_rxq.c
 * has the burst's part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdlib.h>

#include <cmocka.h>
#include <ethdev_driver.h>
#include <rte_malloc.h>

#include "log_lines.h"
#include "mr/implicit.h"
#include "queue/rxq.h"
#include "queue/wire.h"

#define ROOM 2048

int mlx5x_logtype;

static struct mlx5x_mr_table table;
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev = {.data = &data};
static struct mlx5x_port port;
static void *queues[2];

static struct {
	struct rte_mempool pool;
	struct rte_pktmbuf_pool_private private __rte_cache_aligned;
} pool;

/* The elements of the pool, each behind its header. */
#define ELEMENTS 3
static uint8_t elements[ELEMENTS][RTE_CACHE_LINE_SIZE + sizeof(struct rte_mbuf) +
	RTE_PKTMBUF_HEADROOM + ROOM] __rte_cache_aligned;
static struct rte_mbuf_ext_shared_info shinfo;

/* EAL is not initialized here. */
static int allocs_left, live;

static void *
allocate(size_t size)
{
	if (allocs_left == 0)
		return NULL;
	allocs_left--;
	live++;
	return calloc(1, size);
}

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	assert_true(socket == 1 || socket == SOCKET_ID_ANY);
	return allocate(size);
}

void *
rte_calloc(const char *type, size_t n, size_t size, unsigned int align)
{
	return allocate(n * size);
}

void
rte_free(void *memory)
{
	live -= memory != NULL;
	free(memory);
}

uint64_t
rte_get_tsc_hz(void)
{
	return UINT64_C(100000000000);
}

static int pool_answer;

int
mlx5x_implicit_pool(const struct mlx5x_implicit *i, struct rte_mempool *which)
{
	assert_ptr_equal(i, &port.implicit);
	assert_ptr_equal(which, &pool.pool);
	return pool_answer;
}

int
mlx5x_implicit_buffer(const struct mlx5x_implicit *i, struct rte_mempool *which,
	const struct mlx5x_range *buffer, struct mlx5x_range *failed)
{
	return -EFAULT;
}

static uint32_t
rx_discard(struct mlx5x_rxq *rxq)
{
	return 5;
}

static const struct mlx5x_datapath dp = {.rx_discard = rx_discard};
static const struct mlx5x_wire wire = {.dp = &dp};

static int
set_up(void **state)
{
	pool.pool = (struct rte_mempool){.name = "pool", .private_data_size = sizeof(pool.private)};
	pool.private.mbuf_data_room_size = ROOM + RTE_PKTMBUF_HEADROOM;
	data = (struct rte_eth_dev_data){
		.name = "port", .port_id = 7, .dev_private = &port, .rx_queues = queues, .mtu = 1500};
	port = (struct mlx5x_port){
		.dev = &dev, .mrs = &table, .wire = &wire, .caps.max_sge = 5};
	dev.process_private = (void *)(uintptr_t)&wire;
	queues[0] = queues[1] = NULL;
	allocs_left = -1;
	live = pool_answer = 0;
	log_open();
	return 0;
}

static int
tear_down(void **state)
{
	log_close();
	mlx5x_rxq_release(&dev, 1);
	assert_null(queues[1]);
	assert_int_equal(live, 0);
	return 0;
}

/* By an application that requests these offloads for the queue. */
static int
ask_for(uint16_t nb_desc, uint64_t offloads)
{
	const struct rte_eth_rxconf conf = {.offloads = offloads};

	return mlx5x_rxq_setup(&dev, 1, nb_desc, 1, &conf, &pool.pool);
}

static struct mlx5x_rxq *
make(uint16_t nb_desc, uint64_t offloads)
{
	assert_int_equal(ask_for(nb_desc, offloads), 0);
	return queues[1];
}

static void
a_queue_is_as_requested(void **state)
{
	struct rte_eth_rxq_info info = {0};
	struct mlx5x_rxq *rxq;

	data.dev_conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM;
	rxq = make(100, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_ptr_equal(rxq->mrs, &table);
	assert_ptr_equal(rxq->dp, &dp);
	assert_ptr_equal(rxq->port, &port);
	assert_int_equal(rxq->port_id, 7);
	assert_int_equal(rxq->index, 1);
	assert_int_equal(rxq->size, 128);
	assert_int_equal(rxq->data_room, ROOM);
	assert_ptr_equal(rxq->user.cache.misses, &rxq->stats.cache_misses);
	/* No burst enters before the queue is started. */
	assert_false(mlx5x_gate_enter(&rxq->user.gate));
	mlx5x_rxq_info(&dev, 1, &info);
	assert_ptr_equal(info.mp, &pool.pool);
	assert_int_equal(info.nb_desc, 100);
	assert_int_equal(info.rx_buf_size, ROOM);
	assert_int_equal(info.scattered_rx, 0);
	assert_int_equal(info.conf.offloads,
		RTE_ETH_RX_OFFLOAD_CHECKSUM | RTE_ETH_RX_OFFLOAD_SCATTER);
	/* No frame waits for a buffer on this wire. */
	assert_int_equal(info.conf.rx_drop_en, 1);
	assert_int_equal(info.conf.rx_deferred_start, 0);
	rxq->deferred = true;
	mlx5x_rxq_info(&dev, 1, &info);
	assert_int_equal(info.conf.rx_deferred_start, 1);
}

static void
buffers_without_data_room_are_rejected(void **state)
{
	pool.private.mbuf_data_room_size = RTE_PKTMBUF_HEADROOM;
	assert_int_equal(ask_for(64, 0), -EINVAL);
	assert_true(log_has("port: pool 'pool' has buffers of 128 bytes, no more than"));
	assert_null(queues[1]);
	allocs_left = 0;
	pool.private.mbuf_data_room_size++;
	assert_int_equal(ask_for(64, 0), -ENOMEM);
	assert_null(queues[1]);
}

static struct rte_mbuf *
element(unsigned int i)
{
	return (struct rte_mbuf *)&elements[i][RTE_CACHE_LINE_SIZE];
}

/* As rte_pktmbuf_pool_create(), or rte_pktmbuf_pool_create_extbuf(), makes them. */
static void
fill_pool(bool pinned)
{
	struct rte_mbuf *mbuf;
	unsigned int i;

	pool.pool.elt_size = sizeof(*mbuf) + RTE_PKTMBUF_HEADROOM + ROOM;
	pool.private.flags = pinned ? RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF : 0;
	STAILQ_INIT(&pool.pool.elt_list);
	for (i = 0; i < ELEMENTS; i++) {
		mbuf = element(i);
		*mbuf = (struct rte_mbuf){
			.buf_addr = pinned ? (void *)(uintptr_t)(0x100000 * (i + 1)) : mbuf + 1,
			.buf_len = RTE_PKTMBUF_HEADROOM + ROOM, .shinfo = pinned ? &shinfo : NULL};
		STAILQ_INSERT_TAIL(&pool.pool.elt_list, rte_mempool_get_header(mbuf), next);
	}
}

/* Set-up fails with this line, and has done nothing. */
static void
is_refused(const char *line)
{
	unsigned int lines = count_lines();

	assert_int_equal(ask_for(64, 0), -EINVAL);
	assert_int_equal(count_lines(), lines + 1);
	assert_true(log_has(line));
	assert_null(queues[1]);
	assert_int_equal(live, 0);
}

static void
is_accepted(void)
{
	assert_int_equal(ask_for(64, 0), 0);
	mlx5x_rxq_release(&dev, 1);
	assert_int_equal(count_lines(), 0);
}

/* Made by hand: the first free of such an mbuf would end the process. */
static void
pinned_buffers_need_shared_info(void **state)
{
	fill_pool(true);
	is_accepted();
	element(ELEMENTS - 1)->shinfo = NULL;
	is_refused("port: pool 'pool' has RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF, but its mbuf at ");
	assert_true(log_has(" has no shinfo, which a free needs: rte_pktmbuf_pool_create_extbuf()"));
}

static void
pinned_buffers_are_as_large_as_the_pool_says(void **state)
{
	fill_pool(true);
	element(1)->buf_len--;
	is_refused("port: pool 'pool' has a data room of 2176 bytes, but its mbuf at ");
	assert_true(log_has(" has a buffer of 2175, beyond which the device would write: "));
}

/* The elements have no room for a private area of the mbufs, which initialization has left. */
static void
elements_have_room_for_the_data(void **state)
{
	fill_pool(false);
	is_accepted();
	element(0)->buf_addr = (char *)(element(0) + 1) + 64;
	is_refused(" has a buffer of 2112, beyond which");
	element(0)->buf_addr = element(0) + 1;
	pool.pool.elt_size--;
	is_refused(" has a buffer of 2175, beyond which");
}

/* Of a pool whose mbufs nobody has initialized. */
static void
an_mbuf_has_a_buffer(void **state)
{
	fill_pool(false);
	element(0)->buf_addr = NULL;
	is_refused(" has a buffer of 0, beyond which");
}

/* In use: it is a clone, or has attached memory. Or its buffer is elsewhere, without the flag. */
static void
an_attached_mbuf_tells_nothing(void **state)
{
	fill_pool(false);
	element(0)->buf_addr = (void *)0x100000;
	element(0)->buf_len = 1;
	is_accepted();
	element(0)->buf_addr = element(1) + 1;
	is_accepted();
}

/* Sets up a queue for frames of this MTU; -errno on failure. */
static int
segments_for(struct mlx5x_rxq *rxq, uint16_t mtu)
{
	int ret;

	data.mtu = mtu;
	ret = mlx5x_rxq_prepare(rxq);
	mlx5x_rxq_drain(rxq);
	return ret == 0 ? rxq->nb_sge : ret;
}

static void
a_frame_uses_the_necessary_buffers(void **state)
{
	struct rte_eth_rxq_info info = {0};
	struct mlx5x_rxq *rxq = make(64, RTE_ETH_RX_OFFLOAD_SCATTER);

	assert_int_equal(segments_for(rxq, ROOM - MLX5X_FRAME_OVERHEAD), 1);
	assert_int_equal(segments_for(rxq, ROOM - MLX5X_FRAME_OVERHEAD + 1), 2);
	mlx5x_rxq_info(&dev, 1, &info);
	assert_int_equal(info.scattered_rx, 1);
	assert_int_equal(segments_for(rxq, 5 * ROOM - MLX5X_FRAME_OVERHEAD), 5);
	assert_int_equal(count_lines(), 0);
	assert_int_equal(segments_for(rxq, 5 * ROOM - MLX5X_FRAME_OVERHEAD + 1), -EINVAL);
	assert_true(log_has("a frame of 10241 bytes needs 6 buffers of pool 'pool', the device takes 5"));
}

static void
without_scatter_a_frame_lies_in_one(void **state)
{
	struct mlx5x_rxq *rxq = make(64, 0);

	assert_int_equal(segments_for(rxq, ROOM - MLX5X_FRAME_OVERHEAD), 1);
	assert_int_equal(segments_for(rxq, ROOM - MLX5X_FRAME_OVERHEAD + 1), -EINVAL);
	assert_true(log_has("a frame of 2049 bytes does not fit a buffer of 2048 of pool 'pool': "
		"larger buffers, a smaller MTU, or RTE_ETH_RX_OFFLOAD_SCATTER"));
	assert_int_equal(live, 1);
	allocs_left = 0;
	assert_int_equal(segments_for(rxq, 1500), -ENOMEM);
}

static void
a_queue_starts_without_failures(void **state)
{
	struct mlx5x_rxq *rxq = make(64, 0);

	rxq->ci = rxq->pi = 9;
	rxq->failed = rxq->tx_failed = rxq->missed = true;
	rxq->miss.pause = 3;
	assert_int_equal(mlx5x_rxq_prepare(rxq), 0);
	assert_true(rxq->ci == 0 && rxq->pi == 0);
	assert_false(rxq->failed || rxq->tx_failed || rxq->missed);
	assert_int_equal(rxq->miss.pause, 0);
	mlx5x_rxq_drain(rxq);
	mlx5x_rxq_drain(rxq);
}

static void
its_pool_is_registered(void **state)
{
	struct mlx5x_rxq *rxq = make(64, 0);

	assert_int_equal(mlx5x_rxq_cover(rxq), 0);
	pool_answer = -ENOMEM;
	assert_int_equal(mlx5x_rxq_cover(rxq), -ENOMEM);
}

/* Received and not returned by a burst. */
static void
a_rewind_counts_lost_packets(void **state)
{
	struct mlx5x_rxq *rxq = make(64, 0);

	rxq->ci = 100;
	rxq->pi = 164;
	mlx5x_rxq_rewind(rxq);
	assert_true(rxq->ci == 0 && rxq->pi == 0);
	assert_int_equal(rxq->stats.lost, 5);
	/* They are not missed, too. */
	assert_int_equal(rxq->next_number, 5);
	mlx5x_rxq_rewind(rxq);
	assert_int_equal(rxq->stats.lost, 10);
}

/* It has room for more frames than are in use. */
static void
a_shorter_ring_returns_its_buffers(void **state)
{
	struct rte_mbuf mbuf = {.buf_len = 1, .nb_segs = 1}, kept = {.buf_len = 1, .nb_segs = 1};
	struct mlx5x_rxq *rxq = make(64, 0);

	assert_int_equal(mlx5x_rxq_prepare(rxq), 0);
	/* Holds a reference, so that a free only counts. */
	rte_mbuf_refcnt_set(&mbuf, 2);
	rte_mbuf_refcnt_set(&kept, 2);
	rxq->elts[15] = &kept;
	rxq->elts[16] = &mbuf;
	rxq->size = 16;
	mlx5x_rxq_rewind(rxq);
	assert_ptr_equal(rxq->elts[15], &kept);
	assert_null(rxq->elts[16]);
	assert_int_equal(rte_mbuf_refcnt_read(&mbuf), 1);
	assert_int_equal(rte_mbuf_refcnt_read(&kept), 2);
	mlx5x_rxq_drain(rxq);
	assert_int_equal(rte_mbuf_refcnt_read(&kept), 1);
	/* The next start uses all of it again. */
	assert_int_equal(mlx5x_rxq_prepare(rxq), 0);
	assert_int_equal(rxq->size, 64);
	mlx5x_rxq_drain(rxq);
}

static void
further_rings_belong_to_the_queue(void **state)
{
	struct mlx5x_rxq *rxq = make(100, RTE_ETH_RX_OFFLOAD_SCATTER), *rings[3], *same;
	uint16_t i;

	assert_null(mlx5x_rxq_more(rxq));
	for (i = 0; i < 3; i++)
		assert_int_equal(mlx5x_rxq_add_ring(rxq, 3 + 2 * i, 64 >> i, &rings[i]), 0);
	assert_ptr_equal(mlx5x_rxq_more(rxq), rings[0]);
	assert_ptr_equal(mlx5x_rxq_more(rings[0]), rings[1]);
	assert_ptr_equal(mlx5x_rxq_more(rings[1]), rings[2]);
	assert_null(mlx5x_rxq_more(rings[2]));
	assert_int_equal(mlx5x_rxq_add_ring(rxq, 5, 64, &same), 0);
	assert_ptr_equal(same, rings[1]);
	assert_int_equal(rings[1]->room, 32);
	assert_int_equal(rings[1]->index, 5);
	assert_ptr_equal(rings[1]->owner, rxq);
	assert_ptr_equal(rings[1]->pool, &pool.pool);
	assert_int_equal(rings[1]->data_room, ROOM);
	assert_int_equal(rings[1]->offloads, RTE_ETH_RX_OFFLOAD_SCATTER);
	assert_false(mlx5x_gate_enter(&rings[1]->user.gate));
	allocs_left = 0;
	assert_int_equal(mlx5x_rxq_add_ring(rxq, 9, 32, &same), -ENOMEM);
	assert_null(mlx5x_rxq_more(rings[2]));
}

static bool
owns(struct mlx5x_rxq *rxq, uintptr_t start, size_t len)
{
	const struct mlx5x_range range = {start, len};

	return rxq->user.owns(&rxq->user, &range);
}

/* The last slot of a ring with two buffers each. */
static void
a_buffer_is_owned_until_it_is_drained(void **state)
{
	struct rte_mbuf mbuf = {.buf_addr = (void *)0x10000, .buf_len = 0x800, .nb_segs = 1};
	struct mlx5x_rxq *rxq = make(64, RTE_ETH_RX_OFFLOAD_SCATTER);

	assert_false(owns(rxq, 0, SIZE_MAX));
	data.mtu = ROOM;
	assert_int_equal(mlx5x_rxq_prepare(rxq), 0);
	assert_int_equal(rxq->nb_sge, 2);
	assert_false(owns(rxq, 0, SIZE_MAX));
	/* Holds a reference, so that a free only counts. */
	rte_mbuf_refcnt_set(&mbuf, 2);
	rxq->elts[127] = &mbuf;
	assert_true(owns(rxq, 0x107ff, 1));
	assert_true(owns(rxq, 0xf000, 0x1001));
	assert_false(owns(rxq, 0x10800, 0x1000));
	assert_false(owns(rxq, 0xf000, 0x1000));
	mlx5x_rxq_drain(rxq);
	assert_int_equal(rte_mbuf_refcnt_read(&mbuf), 1);
	assert_false(owns(rxq, 0, SIZE_MAX));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_queue_is_as_requested),
		CASE(buffers_without_data_room_are_rejected),
		CASE(pinned_buffers_need_shared_info),
		CASE(pinned_buffers_are_as_large_as_the_pool_says),
		CASE(elements_have_room_for_the_data),
		CASE(an_mbuf_has_a_buffer),
		CASE(an_attached_mbuf_tells_nothing),
		CASE(a_frame_uses_the_necessary_buffers),
		CASE(without_scatter_a_frame_lies_in_one),
		CASE(a_queue_starts_without_failures),
		CASE(its_pool_is_registered),
		CASE(a_rewind_counts_lost_packets),
		CASE(a_shorter_ring_returns_its_buffers),
		CASE(further_rings_belong_to_the_queue),
		CASE(a_buffer_is_owned_until_it_is_drained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
