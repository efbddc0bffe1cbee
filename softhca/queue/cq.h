/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * cq.h - the device's side of a completion queue: a ring of 64-byte entries that it writes and
 * hands over by the owner bit, the consumer's doorbell record, and the arm doorbell.
 *
 * No locks: the caller holds the device's. ring, dbrec and uar are shared with the user.
 */
#ifndef SOFTHCA_CQ_H_
#define SOFTHCA_CQ_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/mlx5dv.h>

struct hca_device;
struct hca_events;

#define HCA_CQ_NOT_TOLD 0xff

struct hca_cq {
	TAILQ_ENTRY(hca_cq) next;	/* of the device */
	struct hca_device *dev;
	void *user;			/* what events call it; the caller's to set */
	struct hca_events *listener;	/* who is told of them; the caller's too */
	uint8_t *ring;
	uint32_t *dbrec;		/* [0] consumer index, [1] arm; big endian */
	uint8_t *uar;			/* a page of its own; the doorbell is at MLX5_CQ_DOORBELL */
	uint8_t *opcodes;		/* of entries written and not yet shown */
	uint32_t number, entries;
	uint32_t written, shown;	/* indexes, not wrapped; shown may lag */
	uint32_t consumed;		/* strict: the last consumer index seen */
	bool armed, overrun;
	/* Of compress.c: the format, or 0; and what shows the next completions that are written as
	 * one, and returns their number, or 0 if they have too little in common; or NULL. */
	uint8_t compresses;
	uint32_t (*compress)(struct hca_cq *cq);
	uint32_t armed_at;		/* the consumer index when it was armed */
	uint8_t sequence, told;		/* of arming: the last; the last event's, or NOT_TOLD */
	int event_fd;			/* where the number goes, when armed; -1: nowhere */
};

/* entries: a power of two. 0 or -ENOMEM. */
int hca_cq_init(struct hca_cq *cq, struct hca_device *dev, uint32_t entries);
/* Also of one that init refused. */
void hca_cq_fini(struct hca_cq *cq);

/* The next entry to write, zeroed; NULL after an overrun, a violation and an event. */
struct mlx5_cqe64 *hca_cq_reserve(struct hca_cq *cq);
/* Hands it over as one of that opcode. */
void hca_cq_publish(struct hca_cq *cq, uint8_t opcode);

struct hca_failure {
	uint8_t opcode;		/* MLX5_CQE_REQ_ERR, MLX5_CQE_RESP_ERR */
	uint8_t syndrome;
	uint32_t queue;
	uint32_t shared;	/* the SRQ that the WQE is of, or 0 */
	uint16_t index;		/* of the WQE */
	uint8_t wqe_opcode;
};

/* An error completion, unless the CQ is overrun. */
void hca_cq_fail(struct hca_cq *cq, const struct hca_failure *failure);

/* For compress.c, of completions that are written and not shown: an entry, and what it is of. */
struct mlx5_cqe64 *hca_cq_entry(struct hca_cq *cq, uint32_t index);
uint8_t hca_cq_opcode(const struct hca_cq *cq, uint32_t index);
/* Hands over the next entry, with that format, and n - 1 that nobody is to look at. */
void hca_cq_show(struct hca_cq *cq, uint8_t format, uint32_t n);

/* Shows what was delayed and is due, and tells the channel if it is armed. True: did some. */
bool hca_cq_run(struct hca_cq *cq);

#endif
