/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bursts for iWARP at both ends of a wire: the device here holds posted requests, and delivers
 * frames, counts and completions to the other end when the test says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "datapath/credit.h"
#include "datapath/dp_verbs.h"
#include "datapath/drop.h"
#include "empty_index.h"
#include "fake_heap.h"
#include "fake_pool.h"
#include "queue/recover.h"
#include "queue/rxq.h"
#include "queue/tx_free.h"
#include "queue/txq.h"
#include "verbs_rx_fakes.h"

#define RING 64u
#define MBUFS 256u
#define ROOM 64u
#define LKEY 0x700

static uint8_t memory[MBUFS][RTE_PKTMBUF_HEADROOM + ROOM];
static struct rte_mbuf mbufs[MBUFS];
static uint64_t cache_misses;
static struct mlx5x_mr_table mrs = {.index.table = &empty_index};
static struct mlx5x_port port;
static struct mlx5x_rxq rxq;
static struct mlx5x_txq txq;
static struct rte_mbuf *rx_elts[RING], *tx_elts[RING];
static struct mlx5x_tx_run tx_runs[RING];
static struct mlx5x_grants grants;
static struct mlx5x_credits credits;
static struct mlx5x_credit_word word;
static unsigned int nb_recovered;

static struct fake_pool rx_pool, tx_pool;	/* one at each end */

/* The device. Indices only increase; requests are in order. */
static struct {
	struct ibv_send_wr sent[RING];
	struct ibv_sge sent_sge[RING], posted_sge[RING];
	uint64_t posted_id[RING], received_id[RING], done_id[RING];
	struct mlx5x_credit_word count[MLX5X_GRANTS];
	uint32_t nb_sent, nb_posted, nb_arrived, nb_received, nb_done, nb_reaped;
	uint32_t nb_counts, nb_written, nb_confirmed;
	int count_error;
} hca;
static struct ibv_qp tx_qp, rx_qp;
static struct ibv_cq tx_cq, rx_cq, count_cq;

static int
post_send(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	if (qp == &rx_qp) {
		if (hca.count_error != 0)
			return hca.count_error;
		memcpy(&hca.count[hca.nb_counts++ % MLX5X_GRANTS], (void *)wr->sg_list->addr,
			sizeof(word));
		assert_uint_in_range(hca.nb_counts - hca.nb_confirmed, 1, MLX5X_GRANTS);
		return 0;
	}
	for (; wr != NULL; wr = wr->next) {
		hca.sent[hca.nb_sent % RING] = *wr;
		hca.sent_sge[hca.nb_sent++ % RING] = *wr->sg_list;
	}
	return 0;
}

static int
post_recv(struct ibv_qp *qp, struct ibv_recv_wr *wr, struct ibv_recv_wr **bad)
{
	assert_ptr_equal(qp, &rx_qp);
	for (; wr != NULL; wr = wr->next) {
		hca.posted_id[hca.nb_posted % RING] = wr->wr_id;
		hca.posted_sge[hca.nb_posted++ % RING] = *wr->sg_list;
	}
	assert_uint_in_range(hca.nb_posted - hca.nb_received, 0, RING);
	return 0;
}

static int
poll_cq(struct ibv_cq *cq, int n, struct ibv_wc *wc)
{
	int i;

	for (i = 0; i < n; i++) {
		wc[i] = (struct ibv_wc){.status = IBV_WC_SUCCESS, .byte_len = 60};
		if (cq == &rx_cq && hca.nb_received != hca.nb_arrived)
			wc[i].wr_id = hca.received_id[hca.nb_received++ % RING];
		else if (cq == &tx_cq && hca.nb_reaped != hca.nb_done)
			wc[i].wr_id = hca.done_id[hca.nb_reaped++ % RING];
		else if (cq == &count_cq && hca.nb_confirmed != hca.nb_written)
			hca.nb_confirmed++;
		else
			break;
	}
	return i;
}

/* The next frame arrives at the other end, where a buffer must be posted. */
static bool
bring_frame(void)
{
	uint32_t i = hca.nb_arrived % RING;

	if (hca.nb_arrived == hca.nb_sent)
		return false;
	assert_int_not_equal(hca.nb_arrived, hca.nb_posted);
	assert_int_equal(hca.sent_sge[i].lkey, LKEY);
	memcpy((void *)hca.posted_sge[i].addr, (void *)hca.sent_sge[i].addr, hca.sent_sge[i].length);
	hca.received_id[i] = hca.posted_id[i];
	if (hca.sent[i].send_flags & IBV_SEND_SIGNALED)
		hca.done_id[hca.nb_done++ % RING] = hca.sent[i].wr_id;
	hca.nb_arrived++;
	return true;
}

static bool
bring_count(void)
{
	if (hca.nb_written == hca.nb_counts)
		return false;
	word = hca.count[hca.nb_written++ % MLX5X_GRANTS];
	return true;
}

const struct mlx5x_mr_entry *
mlx5x_mr_index_search(const struct mlx5x_mr_index_table *index, uintptr_t addr)
{
	static struct mlx5x_mr_entry entry = {.len = sizeof(memory), .lkey = LKEY};

	entry.start = (uintptr_t)memory;
	return addr - entry.start < entry.len ? &entry : NULL;
}

uint16_t
mlx5x_drop_handle(struct mlx5x_txq *queue, struct rte_mbuf **pkts, uint16_t n,
	enum mlx5x_drop_reason why, int *misses)
{
	fail_msg("a packet was refused: %d", why);
	return 1;
}

void
mlx5x_tx_free_each(struct rte_mbuf **pkts, uint32_t n)
{
	while (n != 0)
		rte_pktmbuf_free(pkts[--n]);
}

void
mlx5x_recover(struct mlx5x_port *of, uint16_t index)
{
	nb_recovered++;
}

static struct ibv_context device = {.ops = {.post_send = post_send, .post_recv = post_recv,
	.poll_cq = poll_cq}};

/* Of n mbufs, starting with the first. */
static void
make_pool(struct fake_pool *pool, unsigned int first, unsigned int n)
{
	unsigned int i;

	fake_pool_init(pool);
	pool->private.mbuf_data_room_size = sizeof(memory[0]);
	for (i = first; i < first + n; i++) {
		mbufs[i] = (struct rte_mbuf){.pool = &pool->mp, .buf_addr = memory[i],
			.buf_len = sizeof(memory[i]), .refcnt = 1, .nb_segs = 1};
		pool->stack[pool->nb_free++] = &mbufs[i];
	}
}

static void
make_queues(void)
{
	memset(rx_elts, 0, sizeof(rx_elts));
	rxq = (struct mlx5x_rxq){.user.cache.misses = &cache_misses, .mrs = &mrs, .pool = &rx_pool.mp,
		.elts = rx_elts, .size = RING, .room = RING, .nb_sge = 1, .data_room = ROOM,
		.qp = &rx_qp, .cq = &rx_cq,
		.grants = &grants, .port = &port};
	txq = (struct mlx5x_txq){.user.cache.misses = &cache_misses, .mrs = &mrs, .elts = tx_elts,
		.runs.ring = tx_runs,
		.size = RING, .max_frame = 1522, .max_sge = 1, .qp = &tx_qp, .cq = &tx_cq,
		.credits = &credits, .port = &port};
	assert_int_equal(mlx5x_dp_verbs_credit.rx_attach(&rxq), 0);
	assert_int_equal(mlx5x_dp_verbs_credit.tx_attach(&txq), 0);
}

/* Both ends are connected, and the receiver has posted its buffers. */
static void
connect_ends(unsigned int nb_buffers)
{
	make_pool(&rx_pool, 0, nb_buffers);
	make_pool(&tx_pool, MBUFS / 2, MBUFS / 2);
	make_queues();
	grants.cq = &count_cq;
	mlx5x_grants_reset(&grants, RING);
	grants.qp = &rx_qp;
	mlx5x_dp_verbs_credit.rx_fill(&rxq);
	credits.word = &word;
	mlx5x_credits_start(&credits, txq.head, mlx5x_grants_connect(&grants));
}

static int
set_up(void **state)
{
	memset(&hca, 0, sizeof(hca));
	tx_qp.context = rx_qp.context = &device;
	tx_cq.context = rx_cq.context = count_cq.context = &device;
	nb_recovered = 0;
	return 0;
}

static int
tear_down(void **state)
{
	mlx5x_dp_verbs_credit.rx_detach(&rxq);
	mlx5x_dp_verbs_credit.tx_detach(&txq);
	return 0;
}

/* Sends up to n packets, numbered from *next on; returns their number. */
static uint16_t
send_some(uint32_t *next, uint16_t n)
{
	struct rte_mbuf *pkts[RING];
	uint16_t i, sent;
	uint32_t number;

	for (i = 0; i < n; i++) {
		pkts[i] = rte_pktmbuf_alloc(&tx_pool.mp);
		if (pkts[i] == NULL)
			break;
		number = *next + i;
		memcpy(rte_pktmbuf_append(pkts[i], 60), &number, sizeof(number));
	}
	n = i;
	sent = mlx5x_dp_verbs_credit.tx_burst(&txq, pkts, n);
	for (i = sent; i < n; i++)
		rte_pktmbuf_free(pkts[i]);
	*next += sent;
	return sent;
}

static uint16_t
receive_some(uint32_t *next, uint16_t n)
{
	struct rte_mbuf *pkts[RING];
	uint16_t received, i;

	received = mlx5x_dp_verbs_credit.rx_burst(&rxq, pkts, n);
	for (i = 0; i < received; i++) {
		assert_memory_equal(rte_pktmbuf_mtod(pkts[i], void *), next, sizeof(*next));
		(*next)++;
		rte_pktmbuf_free(pkts[i]);
	}
	return received;
}

static void
no_more_than_granted_are_sent(void **state)
{
	uint32_t next = 0;

	connect_ends(MBUFS / 2);
	assert_int_equal(hca.nb_posted, RING);
	mlx5x_credits_start(&credits, txq.head, 5);
	assert_int_equal(send_some(&next, 32), 5);
	assert_int_equal(send_some(&next, 32), 0);
	word.granted = rte_cpu_to_be_32(7);
	word.check = ~word.granted;
	assert_int_equal(send_some(&next, 32), 2);
	assert_int_equal(txq.stats.packets, 7);
	assert_int_equal(nb_recovered, 0);
}

static void
posted_buffers_are_granted(void **state)
{
	uint32_t sent = 0, received = 0;

	connect_ends(MBUFS / 2);
	assert_int_equal(send_some(&sent, 64), RING);
	assert_int_equal(send_some(&sent, 32), 0);
	while (bring_frame())
		;
	assert_int_equal(receive_some(&received, 16), 16);
	assert_int_equal(hca.nb_posted, RING + 16);
	assert_int_equal(hca.nb_counts, 1);
	assert_int_equal(send_some(&sent, 32), 0);
	assert_true(bring_count());
	assert_int_equal(send_some(&sent, 32), 16);
}

static void
a_count_that_cannot_be_sent_is_an_error_of_rx(void **state)
{
	uint32_t sent = 0, received = 0;

	connect_ends(MBUFS / 2);
	assert_int_equal(send_some(&sent, 32), 32);
	while (bring_frame())
		;
	hca.count_error = EINVAL;
	assert_int_equal(receive_some(&received, 32), 32);
	assert_true(rxq.failed);
	assert_int_equal(nb_recovered, 1);
	assert_false(txq.failed);
}

/*
 * siw passes the memory of requests without a completion to TCP, which may read it after the
 * completion of a later request.
 */
static void
each_frame_is_completed_for_itself(void **state)
{
	uint32_t sent = 0;
	unsigned int i;

	connect_ends(MBUFS / 2);
	assert_int_equal(send_some(&sent, 5), 5);
	assert_int_equal(send_some(&sent, 43), 43);
	for (i = 0; i < 48; i++) {
		assert_true(hca.sent[i].send_flags & IBV_SEND_SIGNALED);
		assert_true(bring_frame());
	}
	/* One poll reaps all completions, more than a burst sends. */
	mlx5x_dp_verbs_credit.tx_reap(&txq);
	assert_int_equal(txq.done, 48);
}

/* In any order of events; sometimes with fewer buffers than slots. */
static void
all_frames_arrive_in_order(void **state)
{
	uint32_t sent, received;
	unsigned int run, n;

	for (run = 0; run < 40; run++) {
		srandom(run);
		set_up(NULL);
		connect_ends(run % 2 != 0 ? MBUFS / 2 : 1 + run);
		for (sent = received = n = 0; received < 3000 && n < 200000; n++) {
			switch (random() % 4) {
			case 0:
				send_some(&sent, 1 + random() % 32);
				break;
			case 1:
				receive_some(&received, 1 + random() % 32);
				break;
			case 2:
				bring_frame();
				break;
			default:
				bring_count();
			}
		}
		assert_uint_in_range(received, 3000, 4000);
		assert_int_equal(nb_recovered, 0);
		tear_down(NULL);
	}
}

static void
check_table(const struct mlx5x_datapath *dp)
{
	assert_true(dp->rx_burst && dp->rx_attach && dp->rx_detach && dp->rx_fill && dp->rx_arm &&
		dp->rx_is_done && dp->rx_discard);
	assert_true(dp->tx_burst && dp->tx_attach && dp->tx_detach && dp->tx_reap &&
		dp->tx_discard);
	assert_int_equal(dp->rx_software != 0, dp->rx_burst_software != NULL);
	assert_int_equal(dp->tx_software != 0, dp->tx_burst_software != NULL);
}

/* Of all wires by verbs, whose tables are in one file. */
static void
tables_have_all_functions(void **state)
{
	check_table(&mlx5x_dp_verbs);
	check_table(&mlx5x_dp_verbs_numbered);
	check_table(&mlx5x_dp_verbs_credit);
	check_table(&mlx5x_dp_verbs_raw);
	/* The wires of a cable offer the same. */
	assert_int_equal(mlx5x_dp_verbs_numbered.rx_software, mlx5x_dp_verbs.rx_software);
	assert_int_equal(mlx5x_dp_verbs_numbered.tx_software, mlx5x_dp_verbs.tx_software);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(no_more_than_granted_are_sent),
		CASE(posted_buffers_are_granted),
		CASE(a_count_that_cannot_be_sent_is_an_error_of_rx),
		CASE(each_frame_is_completed_for_itself),
		cmocka_unit_test(all_frames_arrive_in_order),
		cmocka_unit_test(tables_have_all_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
