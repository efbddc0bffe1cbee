/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * credit_fixture.h - a receiving end whose device writes its counts byte by byte, and the count
 * word of the sending end. For one test program.
 */
#ifndef CREDIT_FIXTURE_H_
#define CREDIT_FIXTURE_H_

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "datapath/credit.h"

/* The receiver's device: sent counts, in order, to be written byte by byte. */
static struct mlx5x_credit_word counts[MLX5X_GRANTS];
static unsigned int nb_posted, nb_written, nb_polled, nb_refused;
static unsigned int nb_bytes;		/* bytes written of the present one */
static unsigned int nb_lagging;		/* written, not yet completed: 0 or 1 */
static enum ibv_wc_status status;
static struct ibv_send_wr last_wr;
static int post_error, poll_error;

static inline int
post_send(struct ibv_qp *qp, struct ibv_send_wr *wr, struct ibv_send_wr **bad)
{
	last_wr = *wr;
	if (post_error != 0)
		return post_error;
	if (nb_posted - nb_polled == MLX5X_GRANTS) {
		nb_refused++;
		return ENOMEM;
	}
	assert_int_equal(wr->num_sge, 1);
	assert_int_equal(wr->sg_list->length, sizeof(counts[0]));
	memcpy(&counts[nb_posted++ % MLX5X_GRANTS], (void *)(uintptr_t)wr->sg_list->addr,
		sizeof(counts[0]));
	return 0;
}

static inline int
poll_cq(struct ibv_cq *cq, int n, struct ibv_wc *wc)
{
	int i;

	if (poll_error != 0)
		return poll_error;
	for (i = 0; i < n && nb_polled != nb_written - nb_lagging; i++, nb_polled++)
		wc[i].status = status;
	return i;
}

static struct ibv_context device = {.ops = {.post_send = post_send, .poll_cq = poll_cq}};
static struct ibv_qp qp = {.context = &device};
static struct ibv_cq cq = {.context = &device};
static struct mlx5x_grants grants;
static struct mlx5x_credit_word word;
static struct mlx5x_credits credits;

static inline int
set_up(void **state)
{
	nb_posted = nb_written = nb_polled = nb_refused = nb_bytes = nb_lagging = 0;
	status = IBV_WC_SUCCESS;
	post_error = poll_error = 0;
	last_wr = (struct ibv_send_wr){0};
	memset(&grants, 0x55, sizeof(grants));
	grants.cq = &cq;
	credits = (struct mlx5x_credits){.word = &word};
	return 0;
}

/* Writes n bytes of the pending counts; false: there are no more. */
static inline bool
write_counts(unsigned int n, void *to)
{
	for (; n > 0; n--) {
		if (nb_written == nb_posted)
			return false;
		nb_lagging = 0;
		((uint8_t *)to)[nb_bytes] = ((uint8_t *)&counts[nb_written % MLX5X_GRANTS])[nb_bytes];
		if (++nb_bytes == sizeof(counts[0])) {
			nb_bytes = 0;
			nb_written++;
			nb_lagging = 1;
		}
	}
	return true;
}

static inline unsigned int
some(unsigned int n)
{
	return (unsigned int)random() % n;
}

#endif
