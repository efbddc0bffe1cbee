/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * provider_wr.c - a send request, built by a call for each of its parts: what it is, then where its
 * bytes are. Its WQE is written when these are known, and an error is told at the end, for all.
 */
#include <errno.h>
#include <string.h>

#include "device/faults.h"
#include "provider/provider_post.h"
#include "provider/provider_ring.h"
#include "provider/provider_wr.h"
#include "refusals/refusals.h"

/* The most bytes of an inline request: those of a WQE. */
#define INLINE_ROOM 1024u

static struct soft_qp *
of(struct ibv_qp_ex *ex)
{
	return (struct soft_qp *)ex;
}

static void
start(struct ibv_qp_ex *ex)
{
	struct soft_qp *qp = of(ex);

	pthread_mutex_lock(&qp->send.lock);
	qp->builder = (struct soft_builder){.head = qp->send.head, .posted = qp->send.posted};
}

static void
roll_back(struct soft_qp *qp)
{
	qp->send.head = qp->builder.head;
	qp->send.posted = qp->builder.posted;
}

static void
abort_all(struct ibv_qp_ex *ex)
{
	roll_back(of(ex));
	pthread_mutex_unlock(&of(ex)->send.lock);
}

static int
complete(struct ibv_qp_ex *ex)
{
	struct soft_qp *qp = of(ex);
	int error = qp->builder.error;

	if (error != 0)
		roll_back(qp);
	else if (qp->send.posted != qp->builder.posted)
		soft_ring_send(qp, &qp->builder.ctrl);
	pthread_mutex_unlock(&qp->send.lock);
	return error;
}

static int
complete_nothing(struct ibv_qp_ex *ex)
{
	abort_all(ex);
	return hca_refuse(HCA_RULE_WR_STATE);
}

/* The first error counts, and a request that has one is not written. */
static void
fail(struct soft_qp *qp, int error)
{
	qp->builder.begun = false;
	if (qp->builder.error == 0)
		qp->builder.error = error;
}

static void
refuse(struct soft_qp *qp, enum hca_rule rule)
{
	fail(qp, hca_refuse(rule));
}

void
soft_wr_begin(struct ibv_qp_ex *ex, const struct ibv_send_wr *wr)
{
	struct soft_qp *qp = of(ex);

	qp->builder.begun = true;
	qp->builder.wr = *wr;
	qp->builder.at = qp->send.head;
	if (!soft_has_room(&qp->send))
		refuse(qp, HCA_RULE_WR_FULL);
	else if (hca_faults_hit(soft_device(qp->ibv.context), HCA_FAULT_POST))
		fail(qp, ENOMEM);
}

static void
begin_send(struct ibv_qp_ex *ex)
{
	struct ibv_send_wr wr = {.opcode = IBV_WR_SEND};

	soft_wr_begin(ex, &wr);
}

/* A whole WQE, whose index is not its writer's to know. */
static void
raw_wqe(struct mlx5dv_qp_ex *dv, const void *wqe)
{
	struct soft_qp *qp = (struct soft_qp *)((char *)dv - offsetof(struct soft_qp, dv));
	struct ibv_send_wr wr = {.opcode = IBV_WR_DRIVER1};

	soft_wr_begin(&qp->ex, &wr);
	if (!qp->builder.begun)
		return;
	qp->builder.begun = false;
	soft_write_raw(qp, wqe, &qp->builder.ctrl);
}

/* The device has none: no header is short enough for its longest. */
static void
begin_tso(struct ibv_qp_ex *ex, void *header, uint16_t len, uint16_t mss)
{
	refuse(of(ex), HCA_RULE_WR_TSO);
}

static void
write(struct soft_qp *qp, const struct ibv_sge *list, size_t count, unsigned int more_flags)
{
	struct ibv_send_wr wr = qp->builder.wr;

	wr.wr_id = qp->ex.wr_id;
	wr.sg_list = (struct ibv_sge *)(uintptr_t)list;
	wr.num_sge = count;
	wr.send_flags = (qp->ex.wr_flags & ~(unsigned int)IBV_SEND_INLINE) | more_flags;
	qp->builder.begun = false;
	soft_write_send(qp, &wr, &qp->builder.ctrl);
}

static uint64_t
bytes_of(const struct ibv_sge *list, size_t count)
{
	uint64_t bytes = 0;
	size_t i;

	for (i = 0; i < count; i++)
		bytes += list[i].length;
	return bytes;
}

static void
set_sge_list(struct ibv_qp_ex *ex, size_t count, const struct ibv_sge *list)
{
	struct soft_qp *qp = of(ex);

	if (!qp->builder.begun)
		return;
	if (count > qp->send_size.sge)
		refuse(qp, HCA_RULE_WR_SGE);
	else if (bytes_of(list, count) < soft_inline_min(qp))
		refuse(qp, HCA_RULE_WR_HEADER);
	else
		write(qp, list, count, 0);
}

/* A QP for inline data alone may have no segments, and takes one here. */
static void
set_sge(struct ibv_qp_ex *ex, uint32_t key, uint64_t addr, uint32_t len)
{
	struct ibv_sge sge = {addr, len, key};
	struct soft_qp *qp = of(ex);

	if (!qp->builder.begun)
		return;
	if (len < soft_inline_min(qp))
		refuse(qp, HCA_RULE_WR_HEADER);
	else
		write(qp, &sge, 1, 0);
}

/* list's bytes at room, which has that many; their number, or SIZE_MAX: they are more. */
static size_t
flatten(const struct ibv_data_buf *list, size_t count, uint8_t *room, size_t size)
{
	size_t used = 0, i;

	for (i = 0; i < count; i++) {
		if (list[i].length > size - used)
			return SIZE_MAX;
		if (list[i].length != 0)
			memcpy(room + used, list[i].addr, list[i].length);
		used += list[i].length;
	}
	return used;
}

static void
set_inline(struct soft_qp *qp, size_t count, const struct ibv_data_buf *list, enum hca_rule excess)
{
	uint32_t header = soft_inline_min(qp);
	uint8_t room[INLINE_ROOM];
	struct ibv_sge sge = {.addr = (uintptr_t)room};
	size_t most = qp->send_size.max_inline + header, len;

	if (!qp->builder.begun)
		return;
	len = flatten(list, count, room, most < sizeof(room) ? most : sizeof(room));
	if (len == SIZE_MAX) {
		refuse(qp, excess);
	} else if (len < header) {
		refuse(qp, HCA_RULE_WR_HEADER);
	} else {
		sge.length = len;
		write(qp, &sge, 1, IBV_SEND_INLINE);
	}
}

static void
set_inline_data(struct ibv_qp_ex *ex, void *addr, size_t len)
{
	struct ibv_data_buf data = {addr, len};

	set_inline(of(ex), 1, &data, HCA_RULE_WR_INLINE);
}

/* Of a raw packet QP it differs from the other in its errno. */
static void
set_inline_data_list(struct ibv_qp_ex *ex, size_t count, const struct ibv_data_buf *list)
{
	bool raw = ex->qp_base.qp_type == IBV_QPT_RAW_PACKET;

	set_inline(of(ex), count, list, raw ? HCA_RULE_WR_INLINE_LIST : HCA_RULE_WR_INLINE);
}

void
soft_wr_fill(struct soft_qp *qp)
{
	struct ibv_qp_ex *ex = &qp->ex;

	qp->extended = true;
	qp->dv.wr_raw_wqe = raw_wqe;
	ex->wr_start = start;
	ex->wr_abort = abort_all;
	ex->wr_send = begin_send;
	ex->wr_set_sge = set_sge;
	ex->wr_set_sge_list = set_sge_list;
	ex->wr_set_inline_data = set_inline_data;
	ex->wr_set_inline_data_list = set_inline_data_list;
	if (qp->ibv.qp_type == IBV_QPT_RAW_PACKET)
		ex->wr_send_tso = begin_tso;
	soft_wr_allow(qp, false);
}

void
soft_wr_allow(struct soft_qp *qp, bool may)
{
	if (qp->extended)
		qp->ex.wr_complete = may ? complete : complete_nothing;
}
