/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * keyless.c - the cost of a packet whose memory has no lkey, beside one whose memory has, in bursts
 * of mlx5_ext on the software HCA in step mode. Sent from, and received into, mempools of pinned
 * buffers in memory that is registered with EAL; mapped for the device, or not. Packets from
 * unmapped memory are dropped on Tx; an unmapped buffer for Rx is rejected by a burst, and tried
 * again some bursts later.
 *
 * The driver remembers a failed look-up for a while, so there are three kinds of rows: bursts of a
 * queue that remembers (`steady`, the mean of all, including those that try again); the first burst
 * of a queue (`first`), for Tx right after the memory lost its lkey; and the first one after the
 * memory of the failure has expired (`again`), beside one with an lkey after the same pause. The
 * latter two are single bursts, and the most expensive ones.
 *
 * As in cost.c there is a function for each row, keyless_N, for callgrind. A row also has the
 * median time of its bursts (of groups of them, for the mean). Both are to be divided by `packets`:
 * packets sent or received, or bursts of a queue without a buffer to receive into.
 *
 * keyless [EAL arguments] -- [ROUNDS [ROW]]
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define BURST 32u
#define WARM_UP 64u
#define DESC 512u
#define LEN 64u
#define BUFFER 2048u
/* A starting port requires some Rx buffers with an lkey. */
#define POSTED 64u

/* Longer than a failed look-up is remembered (miss.h), and the number of such pauses. */
#define FORGOTTEN_MS 110u
#define OCCASIONS 5u
/*
 * So that the log line, for which an alarm reads /proc/self/smaps, is written: EAL spins until a
 * running alarm ends, and the spinning thread is the only one that valgrind lets run.
 */
#define LOGGED_MS 1500u
/* After a buffer without an lkey a queue tries another with the 16th burst. */
#define PAUSE 16u

enum when {
	STEADY,
	FIRST,
	AGAIN,
};

struct row {
	unsigned int mbufs;
	bool rx, key;
	enum when when;
};

static const struct row rows[] = {
	{1024, false, true, STEADY}, {1024, false, false, STEADY},
	{1024, false, false, FIRST}, {1024, false, true, AGAIN}, {1024, false, false, AGAIN},
	{65536, false, true, STEADY}, {65536, false, false, STEADY},
	{65536, false, false, FIRST}, {65536, false, true, AGAIN}, {65536, false, false, AGAIN},
	{1024, true, true, STEADY}, {1024, true, false, STEADY},
	{1024, true, false, FIRST}, {1024, true, true, AGAIN}, {1024, true, false, AGAIN},
	{65536, true, true, STEADY}, {65536, true, false, STEADY},
	{65536, true, false, FIRST}, {65536, true, true, AGAIN}, {65536, true, false, AGAIN},
};

static const char *const when_names[] = {[STEADY] = "steady", [FIRST] = "first", [AGAIN] = "again"};

typedef uint16_t (*burst_t)(uint16_t port, struct rte_mbuf **pkts);

/* Each different enough not to be merged with the others. */
#define ROW(n) \
	static __attribute__((noinline)) uint16_t \
	keyless_##n(burst_t burst, uint16_t port, struct rte_mbuf **pkts) \
	{ \
		__asm__ volatile("" : : "i"(n)); \
		return burst(port, pkts); \
	}
#define NAME(n) keyless_##n,
#define ALL(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12) m(13) m(14) m(15) \
	m(16) m(17) m(18) m(19)
ALL(ROW)
static uint16_t (*const functions[])(burst_t burst, uint16_t port, struct rte_mbuf **pkts) = {ALL(NAME)};

static void (*step)(void);
static struct rte_mempool *plain;
static unsigned int rounds = 256;

static int
failed(const char *what, int ret)
{
	fprintf(stderr, "keyless: %s: %s\n", what, rte_strerror(ret < 0 ? -ret : rte_errno));
	return -1;
}

/* A mempool and its memory. */
struct area {
	uint8_t *memory;
	size_t size;
	struct rte_mempool *pool;
};

static int
make_area(struct area *area, unsigned int mbufs)
{
	struct rte_pktmbuf_extmem memory = {
		.buf_iova = RTE_BAD_IOVA, .buf_len = (size_t)mbufs * BUFFER, .elt_size = BUFFER};

	area->size = memory.buf_len;
	area->memory = mmap(NULL, area->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		0);
	if (area->memory == MAP_FAILED ||
	    rte_extmem_register(area->memory, area->size, NULL, 0, 4096) != 0)
		return failed("external memory", 0);
	memory.buf_ptr = area->memory;
	/* Without a cache all buffers are used in turn. */
	area->pool = rte_pktmbuf_pool_create_extbuf("pinned", mbufs, 0, 0, BUFFER, 0, &memory, 1);
	return area->pool != NULL ? 0 : failed("pool", 0);
}

static void
end_area(struct area *area)
{
	rte_mempool_free(area->pool);
	rte_extmem_unregister(area->memory, area->size);
	munmap(area->memory, area->size);
}

/* Bytes of it that have an lkey. */
static size_t
mapped_of(const struct area *area, const struct row *row)
{
	if (row->key)
		return area->size;
	return row->rx ? (size_t)POSTED * BUFFER : 0;
}

static int
map(uint16_t port, const struct area *area, size_t len, bool is_map)
{
	struct rte_eth_dev_info info;
	int ret;

	if (len == 0)
		return 0;
	if (rte_eth_dev_info_get(port, &info) != 0)
		return failed("info", 0);
	ret = is_map ? rte_dev_dma_map(info.device, area->memory, (uintptr_t)area->memory, len) :
		rte_dev_dma_unmap(info.device, area->memory, (uintptr_t)area->memory, len);
	return ret == 0 ? 0 : failed(is_map ? "map" : "unmap", 0);
}

static int
start_port(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = {0};
	int ret;

	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, DESC, 0, NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, DESC, 0, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret == 0)
		ret = rte_eth_promiscuous_enable(port);
	return ret == 0 ? 0 : failed("start", ret);
}

static uint16_t
send_burst(uint16_t port, struct rte_mbuf **pkts)
{
	return rte_eth_tx_burst(port, 0, pkts, BURST);
}

static uint16_t
receive_burst(uint16_t port, struct rte_mbuf **pkts)
{
	return rte_eth_rx_burst(port, 0, pkts, BURST);
}

/* A frame of each buffer: without a cache, from all over the mempool. */
static int
make_packets(struct rte_mempool *pool, struct rte_mbuf **pkts)
{
	uint8_t *frame;
	unsigned int i;

	if (rte_pktmbuf_alloc_bulk(pool, pkts, BURST) != 0)
		return failed("mbufs", -ENOMEM);
	for (i = 0; i < BURST; i++) {
		frame = (uint8_t *)rte_pktmbuf_append(pkts[i], LEN);
		memset(frame, 0, LEN);
		frame[0] = 2;
		frame[12] = 0x88;
		frame[13] = 0xb5;
	}
	return 0;
}

/* Of each group of bursts; for Rx without an lkey, every 16th burst costs more. */
#define GROUP PAUSE
#define MAX_GROUPS 256u
/* Of a burst that is not measured. */
#define NO_GROUP UINT_MAX

static uint64_t cycles[MAX_GROUPS];

static uint16_t
measure(unsigned int number, unsigned int group, burst_t burst, uint16_t port,
	struct rte_mbuf **pkts)
{
	uint64_t before;
	uint16_t n;

	if (group == NO_GROUP)
		return burst(port, pkts);
	if (rows[number].when == AGAIN)
		rte_delay_us_sleep(FORGOTTEN_MS * 1000);
	before = rte_rdtsc();
	n = functions[number](burst, port, pkts);
	cycles[group] += rte_rdtsc() - before;
	return n;
}

static unsigned int
group_of(unsigned int round)
{
	return round < WARM_UP ? NO_GROUP : (round - WARM_UP) / GROUP;
}

/*
 * Send, let the device work, receive: one of them is measured. Packets without an lkey do not
 * arrive.
 */
static int
run_round(unsigned int number, unsigned int group, uint16_t port, struct rte_mempool *pool, bool key)
{
	const struct row *row = &rows[number];
	struct rte_mbuf *pkts[BURST];
	uint16_t n;

	if (make_packets(row->rx ? plain : pool, pkts) != 0)
		return -1;
	n = row->rx ? send_burst(port, pkts) : measure(number, group, send_burst, port, pkts);
	if (n != BURST)
		return failed("send", -EIO);
	step();
	n = row->rx ? measure(number, group, receive_burst, port, pkts) : receive_burst(port, pkts);
	if (n != (key ? BURST : 0))
		return failed("receive", -EIO);
	rte_pktmbuf_free_bulk(pkts, n);
	return 0;
}

/* Nothing is sent, so that bursts only allocate buffers. */
static int
run_refusals(unsigned int number, uint16_t port)
{
	struct rte_mbuf *pkts[BURST];
	unsigned int round;

	for (round = 0; round < WARM_UP + rounds; round++)
		if (measure(number, group_of(round), receive_burst, port, pkts) != 0)
			return failed("receive", -EIO);
	return 0;
}

static int
run_rounds(unsigned int number, uint16_t port, struct rte_mempool *pool)
{
	unsigned int round;
	int ret = 0;

	if (rows[number].rx && !rows[number].key)
		return run_refusals(number, port);
	for (round = 0; round < WARM_UP + rounds && ret == 0; round++)
		ret = run_round(number, group_of(round), port, pool, rows[number].key);
	return ret;
}

static int
get_counter(const char *name, uint16_t port, uint64_t *value)
{
	uint64_t id;

	if (rte_eth_xstats_get_id_by_name(port, name, &id) != 0 ||
	    rte_eth_xstats_get_by_id(port, &id, value, 1) != 1)
		return failed(name, -ENOENT);
	return 0;
}

/* One burst that tries a buffer. */
static int
run_refusal(unsigned int number, unsigned int group, uint16_t port)
{
	static const char name[] = "rx_unmapped_buffers";
	struct rte_mbuf *pkts[BURST];
	uint64_t before, after;

	if (get_counter(name, port, &before) != 0)
		return -1;
	if (measure(number, group, receive_burst, port, pkts) != 0)
		return failed("receive", -EIO);
	if (get_counter(name, port, &after) != 0)
		return -1;
	return after == before + 1 ? 0 : failed("a burst that must try one buffer", -ERANGE);
}

/* The previous burst has tried a buffer; this one tries the next. */
static int
run_pause(uint16_t port)
{
	struct rte_mbuf *pkts[BURST];
	unsigned int i;

	for (i = 1; i < PAUSE; i++)
		if (receive_burst(port, pkts) != 0)
			return failed("receive", -EIO);
	return 0;
}

/* Of a newly set-up queue; sent with an lkey before. */
static int
run_first(unsigned int number, unsigned int group, uint16_t port, const struct area *area)
{
	if (rows[number].rx)
		return run_refusal(number, group, port);
	if (map(port, area, area->size, true) != 0 ||
	    run_round(number, NO_GROUP, port, area->pool, true) != 0 ||
	    run_round(number, NO_GROUP, port, area->pool, true) != 0 ||
	    map(port, area, area->size, false) != 0)
		return -1;
	/* The free of those is not measured. */
	if (rte_eth_tx_done_cleanup(port, 0, 0) < 0)
		return failed("tx_done_cleanup", -EIO);
	return run_round(number, group, port, area->pool, false);
}

static int
run_again(unsigned int number, unsigned int group, uint16_t port, const struct area *area)
{
	const struct row *row = &rows[number];

	if (row->key || !row->rx)
		return run_round(number, group, port, area->pool, row->key);
	return run_pause(port) == 0 ? run_refusal(number, group, port) : -1;
}

static int
run_agains(unsigned int number, uint16_t port, const struct area *area)
{
	unsigned int i;
	int ret;

	ret = rows[number].key ? run_round(number, NO_GROUP, port, area->pool, true) :
		run_first(number, NO_GROUP, port, area);
	for (i = 0; i < OCCASIONS && ret == 0; i++)
		ret = run_again(number, i, port, area);
	return ret;
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void
print_row(unsigned int number, uint16_t port)
{
	const struct row *row = &rows[number];
	unsigned int packets = row->rx && !row->key ? 1 : BURST;
	unsigned int groups = row->when == STEADY ? rounds / GROUP : OCCASIONS;
	unsigned int bursts = row->when == STEADY ? GROUP : 1;
	double median;

	qsort(cycles, groups, sizeof(cycles[0]), by_value);
	median = (double)cycles[groups / 2] / (bursts * packets);
	printf("{\"row\":\"keyless_%u\",\"op\":\"%s\",\"mbufs\":%u,\"key\":%s,\"when\":\"%s\","
		"\"packets\":%u,\"cycles\":%.1f,\"us\":%.3f}\n", number, row->rx ? "rx" : "tx",
		row->mbufs, row->key ? "true" : "false", when_names[row->when],
		groups * bursts * packets, median, median * 1e6 / rte_get_tsc_hz());
}

/* The event that a row measures must have happened, as many times as there were packets. */
static int
check_counters(unsigned int number, uint16_t port)
{
	const struct row *row = &rows[number];
	uint64_t value, least = (WARM_UP + rounds) / (row->rx ? PAUSE : 1) * (row->rx ? 1 : BURST);
	const char *name = row->rx ? "rx_unmapped_buffers" : "tx_unmapped_packets";

	if (row->key || row->when != STEADY)
		return 0;
	if (get_counter(name, port, &value) != 0)
		return -1;
	return value >= least ? 0 : failed(name, -ERANGE);
}

static int
run_kind(unsigned int number, unsigned int occasion, uint16_t port, const struct area *area)
{
	switch (rows[number].when) {
	case FIRST:
		return run_first(number, occasion, port, area);
	case AGAIN:
		return run_agains(number, port, area);
	default:
		return run_rounds(number, port, area->pool);
	}
}

/* With its own mempool, and the port set up again. */
static int
run_occasion(unsigned int number, unsigned int occasion, uint16_t port)
{
	const struct row *row = &rows[number];
	struct area area;
	size_t mapped;
	int ret;

	if (make_area(&area, row->mbufs) != 0)
		return -1;
	mapped = mapped_of(&area, row);
	ret = map(port, &area, mapped, true);
	if (ret == 0)
		ret = start_port(port, row->rx ? area.pool : plain);
	if (ret == 0)
		ret = run_kind(number, occasion, port, &area);
	if (ret == 0)
		ret = check_counters(number, port);
	if (!row->key)
		rte_delay_us_sleep(LOGGED_MS * 1000);
	rte_eth_dev_stop(port);
	rte_eth_xstats_reset(port);
	if (ret == 0)
		ret = map(port, &area, mapped, false);
	end_area(&area);
	return ret;
}

static int
run_row(unsigned int number, uint16_t port)
{
	unsigned int i, n = rows[number].when == FIRST ? OCCASIONS : 1;
	int ret = 0;

	memset(cycles, 0, sizeof(cycles));
	for (i = 0; i < n && ret == 0; i++)
		ret = run_occasion(number, i, port);
	if (ret == 0)
		print_row(number, port);
	return ret;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv);
	unsigned int i, first = 0, last = RTE_DIM(rows) - 1;

	if (n < 0)
		return EXIT_FAILURE;
	if (argc > n + 1)
		rounds = strtoul(argv[n + 1], NULL, 10);
	rounds = RTE_MIN(RTE_MAX(rounds / GROUP, 1u), MAX_GROUPS) * GROUP;
	if (argc > n + 2)
		first = last = RTE_MIN(strtoul(argv[n + 2], NULL, 10), last);
	step = (void (*)(void))(uintptr_t)dlsym(RTLD_DEFAULT, "softhca_step");
	if (step == NULL) {
		fprintf(stderr, "keyless: requires the software HCA (./run bench cost)\n");
		return EXIT_FAILURE;
	}
	plain = rte_pktmbuf_pool_create("plain", 4095, 0, 0, RTE_PKTMBUF_HEADROOM + 2048, 0);
	if (plain == NULL) {
		failed("pool", 0);
		return EXIT_FAILURE;
	}
	for (i = first; i <= last; i++)
		if (run_row(i, 0) != 0)
			return EXIT_FAILURE;
	rte_eth_dev_close(0);
	return EXIT_SUCCESS;
}
