/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * copies.c - the rows of copies.h, in functions that callgrind counts: place_N and copy_N of row N
 * run `rounds` times 32 frames, with their burst, or once per round. On the software HCA in step
 * mode, whose part is not counted. copies [EAL arguments] -- [ROUNDS [ROW]]
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_memcpy.h>

#include "copies.h"

#define BURST 32u
#define MAX ((size_t)4 << 20) /* bytes of a row */

static void (*step)(void);
static struct rte_mempool *pool;
static unsigned int rounds = 20;
static int only = -1; /* row */
static uint8_t *from, *to; /* of a copy of all bytes */

static void __attribute__((noreturn))
end(const char *what, int ret)
{
	fprintf(stderr, "copies: %s: %s\n", what, rte_strerror(ret < 0 ? -ret : rte_errno));
	exit(1);
}

typedef struct rte_mbuf *(*make_t)(size_t bytes);

/* A burst of frames that are sent, or have been received. */
static inline void __attribute__((always_inline))
burst(const struct copies_row *row, make_t make)
{
	struct rte_mbuf *frames[BURST];
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		frames[i] = make(row->bytes);
		if (frames[i] == NULL)
			end(row->example, -ENOMEM);
	}
	if (row->is_received)
		rte_pktmbuf_free_bulk(frames, BURST);
	else if (rte_eth_tx_burst(0, 0, frames, BURST) != BURST)
		end("a burst", -EAGAIN);
}

static inline void __attribute__((always_inline))
place(const struct copies_row *row)
{
	int ret = 0;

	if (row->once != NULL)
		ret = row->once(row->bytes);
	else
		burst(row, row->in_place);
	if (ret != 0)
		end(row->example, ret);
}

static inline void __attribute__((always_inline))
copy(const struct copies_row *row)
{
	if (row->once != NULL)
		rte_memcpy(to, from, row->bytes);
	else
		burst(row, row->copy);
}

/* Each different enough not to be merged with the others. */
#define ROW(n) \
	static __attribute__((noinline)) void \
	place_##n(const struct copies_row *row) \
	{ \
		__asm__ volatile("" : : "i"(n)); \
		place(row); \
	} \
	static __attribute__((noinline)) void \
	copy_##n(const struct copies_row *row) \
	{ \
		__asm__ volatile("" : : "i"(n)); \
		copy(row); \
	}
#define PLACE(n) place_##n,
#define COPY(n) copy_##n,
#define ALL(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12)
ALL(ROW)
static void (*const places[])(const struct copies_row *row) = {ALL(PLACE)};
static void (*const copies[])(const struct copies_row *row) = {ALL(COPY)};

/* What has been sent is taken back, and comes back by the loop. */
static void
clear(void)
{
	struct rte_mbuf *frames[BURST];
	uint16_t n;

	step();
	rte_eth_tx_done_cleanup(0, 0, 0);
	while ((n = rte_eth_rx_burst(0, 0, frames, BURST)) != 0)
		rte_pktmbuf_free_bulk(frames, n);
}

static void
run(const struct copies_row *row, unsigned int number)
{
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		places[number](row);
		clear();
	}
	for (i = 0; i < rounds; i++) {
		copies[number](row);
		clear();
	}
	printf("{\"row\":%u,\"example\":\"%s\",\"bytes\":%zu,\"once\":%s,\"times\":%u}\n", number,
		row->example, row->bytes, row->once != NULL ? "true" : "false",
		row->once != NULL ? rounds : rounds * BURST);
}

static bool
start_port(void)
{
	const struct rte_eth_conf conf = {.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS};

	return rte_eth_dev_configure(0, 1, 1, &conf) == 0 &&
		rte_eth_rx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL, pool) == 0 &&
		rte_eth_tx_queue_setup(0, 0, 256, SOCKET_ID_ANY, NULL) == 0 &&
		rte_eth_dev_start(0) == 0;
}

static void
run_all(const char *device)
{
	static const struct {
		const struct copies_row *rows;
		int (*open)(const char *device, struct rte_mempool *pool);
	} examples[] = {
		{copies_file_send, copies_file_send_open},
		{copies_shared_ring, copies_shared_ring_open},
		{copies_growing_arena, copies_growing_arena_open},
		{copies_dmabuf_rx, copies_dmabuf_rx_open},
	};
	unsigned int e, i, n = 0;
	int ret;

	for (e = 0; e < RTE_DIM(examples); e++) {
		ret = examples[e].open(device, pool);
		if (ret != 0)
			end(examples[e].rows[0].example, ret);
		for (i = 0; i < COPIES_ROWS && examples[e].rows[i].example != NULL; i++, n++)
			if (only < 0 || (unsigned int)only == n)
				run(&examples[e].rows[i], n);
	}
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv);
	struct rte_eth_dev_info info;

	if (args < 0 || rte_eth_dev_info_get(0, &info) != 0)
		return 1;
	if (args + 1 < argc)
		rounds = strtoul(argv[args + 1], NULL, 0);
	if (args + 2 < argc)
		only = atoi(argv[args + 2]);
	step = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "softhca_step");
	pool = rte_pktmbuf_pool_create("packets", 2047, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM, 0);
	from = calloc(1, MAX);
	to = calloc(1, MAX);
	if (step == NULL || pool == NULL || from == NULL || to == NULL || !start_port())
		end("start", 0);
	run_all(rte_dev_name(info.device));
	free(from);
	free(to);
	return 0;
}
