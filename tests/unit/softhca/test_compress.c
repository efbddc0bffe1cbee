/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Compressed completions against a consumer that is written as those of the drivers are: it steps
 * through the queue entry by entry, and makes what it has read invalid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/checks.h"
#include "common/settings.h"
#include "device/device.h"
#include "device/events.h"
#include "device/faults.h"
#include "queue/compress.h"

#define ENTRIES 128u
#define INVALID (MLX5_CQE_INVALID << 4)

/* What a completion says: kind is all that has to be equal. */
struct said {
	uint32_t kind, hash, len;
	uint16_t wqe;
	uint8_t opcode;
};

struct queue {
	struct hca_cq hw;
	uint32_t ci;
	uint16_t wqe;
	bool strides;		/* of a striding queue */
	uint32_t titles, longest;
	struct said said[ENTRIES];
	uint32_t head, tail;	/* of said */
};

static struct hca_device device = {.ibv = {.name = "mlx5_0"}};

/* What the queue needs of the rest of the model, and does not use here. */
const struct hca_settings *
hca_settings(void)
{
	static const struct hca_settings settings = {.strict = true};

	return &settings;
}

void
hca_violation(enum hca_check check, const struct hca_place *place, const char *format, ...)
{
	fail_msg("rule %d", check);
}

void
hca_events_tell(const struct hca_events *listener, const struct hca_event *event)
{
	fail();
}

static bool delayed;

bool
hca_faults_delays(struct hca_device *dev, bool one_more)
{
	return delayed;
}

static void
create(struct queue *queue, uint8_t format)
{
	*queue = (struct queue){0};
	assert_int_equal(hca_cq_init(&queue->hw, &device, ENTRIES), 0);
	hca_compress_init(&queue->hw, format);
	queue->strides = format == MLX5DV_CQE_RES_FORMAT_CSUM_STRIDX;
}

/* As the device's queues do. */
static void
complete(struct queue *queue, struct said said)
{
	struct mlx5_cqe64 *cqe = hca_cq_reserve(&queue->hw);

	assert_non_null(cqe);
	/* Or every third stride. */
	said.wqe = queue->wqe++ * (queue->strides ? 3 : 1);
	cqe->wqe_counter = htobe16(said.wqe);
	cqe->byte_cnt = htobe32(said.len);
	cqe->sop_drop_qpn = htobe32(said.kind);
	memcpy((uint8_t *)cqe + 12, &said.hash, sizeof(said.hash));
	cqe->timestamp = htobe64(queue->head + 1);
	hca_cq_publish(&queue->hw, said.opcode);
	queue->said[queue->head++ % ENTRIES] = said;
}

static struct mlx5_cqe64 *
entry(const struct queue *queue, uint32_t index)
{
	return (struct mlx5_cqe64 *)queue->hw.ring + index % ENTRIES;
}

static void
is_next(struct queue *queue, struct said said)
{
	const struct said *wanted = &queue->said[queue->tail++ % ENTRIES];

	assert_int_equal(said.kind, wanted->kind);
	/* For the stride's sake that of the others is not told. */
	if (!queue->strides)
		assert_int_equal(said.hash, wanted->hash);
	assert_int_equal(said.len, wanted->len);
	assert_int_equal(said.wqe, wanted->wqe);
	assert_int_equal(said.opcode, wanted->opcode);
}

static struct said
read_entry(const struct mlx5_cqe64 *cqe)
{
	struct said said = {
		.kind = be32toh(cqe->sop_drop_qpn),
		.len = be32toh(cqe->byte_cnt),
		.wqe = be16toh(cqe->wqe_counter),
		.opcode = cqe->op_own >> 4,
	};

	memcpy(&said.hash, (const uint8_t *)cqe + 12, sizeof(said.hash));
	return said;
}

/* The array is read anew at the second entry, and then at every eighth. */
static void
read_title(struct queue *queue, const struct mlx5_cqe64 *title)
{
	const uint32_t n = be32toh(title->byte_cnt), first = queue->ci;
	struct said said = read_entry(title);
	uint32_t array[16], i;

	assert_uint_in_range(n, 3, HCA_COMPRESSED_MAX);
	assert_true(first % ENTRIES + n <= ENTRIES);
	queue->titles++;
	queue->longest = n > queue->longest ? n : queue->longest;
	memcpy(array, entry(queue, first + 1), sizeof(array));
	for (i = 0; i < n; i++) {
		if (i != 0 && i % 8 == 0)
			memcpy(array, entry(queue, first + i), sizeof(array));
		if (queue->strides)
			said.wqe = be16toh(array[i % 8 * 2] >> 16);
		else
			said.hash = array[i % 8 * 2];
		said.len = be32toh(array[i % 8 * 2 + 1]);
		is_next(queue, said);
		said.wqe++;	/* unless it is said */
	}
	for (i = 0; i < n; i++)
		entry(queue, first + i)->op_own = INVALID;
	queue->ci += n;
}

/* All that there is. */
static void
consume(struct queue *queue)
{
	const struct mlx5_cqe64 *cqe;

	hca_cq_run(&queue->hw);
	while (queue->tail != queue->head) {
		cqe = entry(queue, queue->ci);
		assert_int_not_equal(cqe->op_own >> 4, MLX5_CQE_INVALID);
		assert_int_equal(cqe->op_own & 1, (queue->ci & ENTRIES) != 0);
		if ((cqe->op_own >> 2 & 3) == HCA_CQE_COMPRESSED) {
			read_title(queue, cqe);
		} else {
			is_next(queue, read_entry(cqe));
			queue->ci++;
		}
	}
	queue->hw.dbrec[0] = htobe32(queue->ci & 0xffffff);
}

static void
finish(struct queue *queue)
{
	hca_cq_fini(&queue->hw);
}

/* n alike, at each place in the ring where they do not go across its end; titles of them are made. */
static void
alike(uint32_t n, uint32_t titles)
{
	struct queue queue;
	uint32_t round, i;
	bool crosses;

	create(&queue, MLX5DV_CQE_RES_FORMAT_HASH);
	for (round = 0; round < 2 * ENTRIES; round++) {
		queue.titles = 0;
		crosses = queue.ci % ENTRIES + n > ENTRIES;
		for (i = 0; i < n; i++)
			complete(&queue, (struct said){.hash = rand(), .len = 60 + i,
				.opcode = MLX5_CQE_RESP_SEND});
		consume(&queue);
		if (!crosses)
			assert_int_equal(queue.titles, titles);
	}
	finish(&queue);
}

static void
numbers(void **state)
{
	static const struct {
		uint32_t n, titles;
	} cases[] = {{1, 0}, {2, 0}, {3, 1}, {7, 1}, {8, 1}, {9, 1}, {10, 1}, {16, 1}, {17, 1},
		{63, 1}, {64, 1}, {65, 1}, {66, 1}, {67, 2}, {128, 2}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		alike(cases[i].n, cases[i].titles);
}

/* A kind of its own, and an error between. */
static void
different_ones_stay_apart(void **state)
{
	struct queue queue;
	uint32_t i;

	create(&queue, MLX5DV_CQE_RES_FORMAT_HASH);
	for (i = 0; i < 12; i++)
		complete(&queue, (struct said){.kind = i % 2, .len = 60,
			.opcode = MLX5_CQE_RESP_SEND});
	consume(&queue);
	assert_int_equal(queue.titles, 0);
	for (i = 0; i < 9; i++)
		complete(&queue, (struct said){.len = 60,
			.opcode = i == 4 ? MLX5_CQE_RESP_ERR : MLX5_CQE_RESP_SEND});
	consume(&queue);
	assert_int_equal(queue.titles, 2);
	assert_int_equal(queue.longest, 4);
	finish(&queue);
}

/* Held back by a fault, they come at once then. */
static void
delayed_ones(void **state)
{
	struct queue queue;
	uint32_t i;

	create(&queue, MLX5DV_CQE_RES_FORMAT_HASH);
	delayed = true;
	for (i = 0; i < 40; i++) {
		complete(&queue, (struct said){.len = 60, .opcode = MLX5_CQE_RESP_SEND});
		hca_cq_run(&queue.hw);
	}
	assert_int_equal(queue.hw.shown, 0);
	delayed = false;
	consume(&queue);
	assert_int_equal(queue.titles, 1);
	assert_int_equal(queue.longest, 40);
	finish(&queue);
}

static void
at_random(uint8_t format)
{
	struct queue queue;
	uint32_t kind = 0, round, n;

	srand(7);
	create(&queue, format);
	for (round = 0; round < 20000; round++) {
		for (n = rand() % ENTRIES; n != 0; n--) {
			kind = rand() % 16 != 0 ? kind : (uint32_t)rand() % 3;
			complete(&queue, (struct said){.kind = kind, .hash = rand(),
				.len = rand() % 1500,
				.opcode = rand() % 64 != 0 ? MLX5_CQE_RESP_SEND :
					MLX5_CQE_RESP_ERR});
		}
		consume(&queue);
	}
	assert_true(queue.titles > round);
	assert_int_equal(queue.longest, HCA_COMPRESSED_MAX);
	finish(&queue);
}

static void
hashes_at_random(void **state)
{
	at_random(MLX5DV_CQE_RES_FORMAT_HASH);
}

static void
strides_at_random(void **state)
{
	at_random(MLX5DV_CQE_RES_FORMAT_CSUM_STRIDX);
}

/* It is no frame, and stays alone. */
static void
a_filler_stays_apart(void **state)
{
	struct queue queue;
	uint32_t i;

	create(&queue, MLX5DV_CQE_RES_FORMAT_CSUM_STRIDX);
	for (i = 0; i < 9; i++)
		complete(&queue, (struct said){.len = i == 4 ? 1u << 31 : 60,
			.opcode = MLX5_CQE_RESP_SEND});
	consume(&queue);
	assert_int_equal(queue.titles, 2);
	assert_int_equal(queue.longest, 4);
	finish(&queue);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(different_ones_stay_apart),
		cmocka_unit_test(delayed_ones),
		cmocka_unit_test(hashes_at_random),
		cmocka_unit_test(strides_at_random),
		cmocka_unit_test(a_filler_stays_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
