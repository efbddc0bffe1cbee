/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/checks.h"
#include "common/pages.h"
#include "common/settings.h"
#include "device/device.h"
#include "device/events.h"
#include "device/faults.h"
#include "queue/cq.h"

#define CQE_SIZE    64u
#define OWN_INVALID (MLX5_CQE_INVALID << 4)
/* What the hardware keeps of an index. */
#define INDEX_MASK  0xffffffu

int
hca_cq_init(struct hca_cq *cq, struct hca_device *dev, uint32_t entries)
{
	uint32_t i;

	*cq = (struct hca_cq){
		.dev = dev,
		.entries = entries,
		.told = HCA_CQ_NOT_TOLD,
		.event_fd = -1,
	};
	cq->ring = hca_pages_alloc(entries * CQE_SIZE);
	cq->dbrec = hca_pages_alloc(HCA_PAGE);
	cq->uar = hca_pages_alloc(HCA_PAGE);
	cq->opcodes = malloc(entries);
	if (cq->ring == NULL || cq->dbrec == NULL || cq->uar == NULL || cq->opcodes == NULL) {
		hca_cq_fini(cq);
		return -ENOMEM;
	}
	for (i = 0; i < entries; i++)
		cq->ring[i * CQE_SIZE + CQE_SIZE - 1] = OWN_INVALID;
	return 0;
}

void
hca_cq_fini(struct hca_cq *cq)
{
	hca_pages_free(cq->ring, cq->entries * CQE_SIZE);
	hca_pages_free(cq->dbrec, HCA_PAGE);
	hca_pages_free(cq->uar, HCA_PAGE);
	free(cq->opcodes);
}

struct mlx5_cqe64 *
hca_cq_entry(struct hca_cq *cq, uint32_t index)
{
	return (struct mlx5_cqe64 *)(cq->ring + (size_t)(index & (cq->entries - 1)) * CQE_SIZE);
}

static struct hca_place
here(const struct hca_cq *cq)
{
	return (struct hca_place){cq->dev->ibv.name, "cq", cq->number, cq->written, NULL, 0};
}

/*
 * The in-tree PMD keeps 16 bits of a send CQ's consumer index, so that in general only the index
 * modulo twice the ring can be relied on.
 */
static uint32_t
outstanding(const struct hca_cq *cq, uint32_t consumed)
{
	uint32_t mask = hca_settings()->strict ? INDEX_MASK : 2 * cq->entries - 1;

	return (cq->written - consumed) & mask;
}

static void
check_consumer(struct hca_cq *cq, uint32_t consumed)
{
	uint32_t step = (consumed - cq->consumed) & INDEX_MASK;
	struct hca_place place = here(cq);

	if (step > ((cq->written - cq->consumed) & INDEX_MASK) || (consumed & ~INDEX_MASK) != 0)
		hca_violation(HCA_CQ_DOORBELL, &place, "consumer index %#x after %#x", consumed,
			cq->consumed);
	cq->consumed = consumed;
}

/* No way back from here but a new CQ. */
static void
overrun(struct hca_cq *cq, uint32_t consumed)
{
	struct hca_event event = {IBV_EVENT_CQ_ERR, cq->user};
	struct hca_place place = here(cq);

	hca_violation(HCA_CQ_OVERRUN, &place, "%u entries, consumer index %#x", cq->entries,
		consumed);
	if (!cq->overrun)
		hca_events_tell(cq->listener, &event);
	cq->overrun = true;
}

struct mlx5_cqe64 *
hca_cq_reserve(struct hca_cq *cq)
{
	/* Acquire: the consumer has read the entries it gives back. */
	uint32_t consumed = be32toh(__atomic_load_n(&cq->dbrec[0], __ATOMIC_ACQUIRE));
	struct mlx5_cqe64 *cqe;

	if (hca_settings()->strict)
		check_consumer(cq, consumed);
	if (outstanding(cq, consumed) >= cq->entries) {
		overrun(cq, consumed);
		return NULL;
	}
	cqe = hca_cq_entry(cq, cq->written);
	/* All but the owner byte, which the user may be looking at. */
	memset(cqe, 0, CQE_SIZE - 1);
	return cqe;
}

uint8_t
hca_cq_opcode(const struct hca_cq *cq, uint32_t index)
{
	return cq->opcodes[index & (cq->entries - 1)];
}

void
hca_cq_show(struct hca_cq *cq, uint8_t format, uint32_t n)
{
	struct mlx5_cqe64 *cqe = hca_cq_entry(cq, cq->shown);
	uint8_t owner = (cq->shown & cq->entries) != 0;

	owner |= hca_cq_opcode(cq, cq->shown) << 4 | format << 2;
	/* Release: the entry is whole, and so are the buffers that it is about. */
	__atomic_store_n(&cqe->op_own, owner, __ATOMIC_RELEASE);
	cq->shown += n;
}

static void
show_all(struct hca_cq *cq)
{
	while (cq->shown != cq->written)
		if (cq->compress == NULL || cq->compress(cq) == 0)
			hca_cq_show(cq, 0, 1);
}

void
hca_cq_publish(struct hca_cq *cq, uint8_t opcode)
{
	cq->opcodes[cq->written & (cq->entries - 1)] = opcode;
	cq->written++;
	/* More may come in this pass, and are put together at its end. */
	if (!hca_faults_delays(cq->dev, true) && cq->compress == NULL)
		show_all(cq);
}

void
hca_cq_fail(struct hca_cq *cq, const struct hca_failure *failure)
{
	struct mlx5_err_cqe *cqe = (struct mlx5_err_cqe *)hca_cq_reserve(cq);

	if (cqe == NULL)
		return;
	cqe->srqn = htobe32(failure->shared != 0 ? failure->shared : failure->queue);
	cqe->syndrome = failure->syndrome;
	cqe->s_wqe_opcode_qpn = htobe32((uint32_t)failure->wqe_opcode << 24 | failure->queue);
	cqe->wqe_counter = htobe16(failure->index);
	hca_cq_publish(cq, failure->opcode);
}

/*
 * The doorbell: sequence << 28 | command << 24 | consumer index, then the CQ's number. The sequence
 * number of an event that was sent does not arm again: the user counts on with each event.
 */
static void
take_arm(struct hca_cq *cq)
{
	uint64_t *doorbell = (uint64_t *)(cq->uar + MLX5_CQ_DOORBELL);
	struct hca_place place = here(cq);
	uint32_t words[2];
	uint64_t value;

	if (__atomic_load_n(doorbell, __ATOMIC_RELAXED) == 0)
		return;
	value = __atomic_exchange_n(doorbell, 0, __ATOMIC_ACQUIRE);
	memcpy(words, &value, sizeof(words));
	cq->sequence = be32toh(words[0]) >> 28 & 3;
	if (be32toh(words[1]) != cq->number ||
	    (hca_settings()->strict && cq->sequence == cq->told)) {
		place.bytes = words;
		place.len = sizeof(words);
		hca_violation(HCA_CQ_ARM, &place, "of cq %#x, sequence %u after an event of %u",
			be32toh(words[1]), cq->sequence, cq->told);
		return;
	}
	cq->armed = true;
	cq->armed_at = be32toh(words[0]) & INDEX_MASK;
}

bool
hca_cq_run(struct hca_cq *cq)
{
	bool worked = false;
	ssize_t n;

	if (cq->shown != cq->written && !hca_faults_delays(cq->dev, false)) {
		show_all(cq);
		worked = true;
	}
	if (cq->event_fd < 0)
		return worked;
	take_arm(cq);
	if (!cq->armed || ((cq->shown - cq->armed_at) & (2 * cq->entries - 1)) == 0)
		return worked;
	cq->armed = false;
	cq->told = cq->sequence;
	/* A pipe of 16,384 places; a user who lets it fill up misses events, as with the kernel. */
	n = write(cq->event_fd, &cq->number, sizeof(cq->number));
	(void)n;
	return true;
}
