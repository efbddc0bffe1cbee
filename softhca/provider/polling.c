/* SPDX-License-Identifier: BSD-3-Clause */
#include <endian.h>

#include <infiniband/mlx5dv.h>

#include "provider/completion.h"
#include "provider/polling.h"
#include "provider/provider.h"
#include "refusals/refusals.h"

static struct soft_cq *
of(struct ibv_cq_ex *cq)
{
	return soft_cq(ibv_cq_ex_to_cq(cq));
}

static void
lock(struct soft_cq *cq)
{
	if (!cq->alone)
		pthread_mutex_lock(&cq->lock);
}

static void
unlock(struct soft_cq *cq)
{
	if (!cq->alone)
		pthread_mutex_unlock(&cq->lock);
}

static int
next(struct soft_cq *cq)
{
	struct ibv_wc wc;

	cq->current = soft_next_completion(cq, &wc);
	if (cq->current == NULL)
		return ENOENT;
	cq->ibv.status = wc.status;
	cq->ibv.wr_id = wc.wr_id;
	cq->opcode = wc.opcode;
	return 0;
}

static int
start_poll(struct ibv_cq_ex *ibv, struct ibv_poll_cq_attr *attr)
{
	struct soft_cq *cq = of(ibv);
	int error;

	if (attr->comp_mask != 0)
		return hca_refuse(HCA_RULE_POLL_COMP_MASK);
	lock(cq);
	error = next(cq);
	if (error != 0)
		unlock(cq);
	return error;
}

static int
next_poll(struct ibv_cq_ex *ibv)
{
	return next(of(ibv));
}

static void
end_poll(struct ibv_cq_ex *ibv)
{
	struct soft_cq *cq = of(ibv);

	soft_tell_consumed(cq);
	unlock(cq);
}

static enum ibv_wc_opcode
read_opcode(struct ibv_cq_ex *ibv)
{
	return of(ibv)->opcode;
}

static uint32_t
read_vendor_err(struct ibv_cq_ex *ibv)
{
	return ((struct mlx5_err_cqe *)of(ibv)->current)->vendor_err_synd;
}

static unsigned int
read_wc_flags(struct ibv_cq_ex *ibv)
{
	return soft_wc_flags(of(ibv)->current);
}

static uint32_t
read_byte_len(struct ibv_cq_ex *ibv)
{
	return be32toh(of(ibv)->current->byte_cnt);
}

static __be32
read_imm_data(struct ibv_cq_ex *ibv)
{
	return of(ibv)->current->imm_inval_pkey;
}

/* The QP's number, and the tag. */
static uint32_t
read_number(struct ibv_cq_ex *ibv)
{
	return soft_wc_number(of(ibv)->current);
}

static uint32_t
read_src_qp(struct ibv_cq_ex *ibv)
{
	return be32toh(of(ibv)->current->flags_rqpn) & 0xffffff;
}

static uint32_t
read_slid(struct ibv_cq_ex *ibv)
{
	return be16toh(of(ibv)->current->slid);
}

static uint8_t
read_sl(struct ibv_cq_ex *ibv)
{
	return be32toh(of(ibv)->current->flags_rqpn) >> 24 & 0xf;
}

static uint8_t
read_dlid_path_bits(struct ibv_cq_ex *ibv)
{
	return of(ibv)->current->ml_path & 0x7f;
}

static uint64_t
read_completion_ts(struct ibv_cq_ex *ibv)
{
	return be64toh(of(ibv)->current->timestamp);
}

static uint64_t
read_wallclock(struct ibv_cq_ex *ibv)
{
	return hca_device_wallclock(read_completion_ts(ibv));
}

static uint16_t
read_cvlan(struct ibv_cq_ex *ibv)
{
	return be16toh(of(ibv)->current->vlan_info);
}

static void
read_tm_info(struct ibv_cq_ex *ibv, struct ibv_wc_tm_info *info)
{
	struct mlx5_cqe64 *cqe = of(ibv)->current;

	info->tag = be64toh(cqe->tmh.tag);
	info->priv = be32toh(cqe->tmh.app_ctx);
}

void
soft_polling_fill(struct soft_cq *cq, uint64_t wc_flags, bool alone)
{
	struct ibv_cq_ex *ex = &cq->ibv;

#define READS(flag, name, function)                                                                \
	ex->name = (wc_flags & IBV_WC_EX_WITH_##flag) != 0 ? function : NULL

	cq->alone = alone;
	ex->start_poll = start_poll;
	ex->next_poll = next_poll;
	ex->end_poll = end_poll;
	ex->read_opcode = read_opcode;
	ex->read_vendor_err = read_vendor_err;
	ex->read_wc_flags = read_wc_flags;
	READS(BYTE_LEN, read_byte_len, read_byte_len);
	READS(IMM, read_imm_data, read_imm_data);
	READS(QP_NUM, read_qp_num, read_number);
	READS(SRC_QP, read_src_qp, read_src_qp);
	READS(SLID, read_slid, read_slid);
	READS(SL, read_sl, read_sl);
	READS(DLID_PATH_BITS, read_dlid_path_bits, read_dlid_path_bits);
	READS(COMPLETION_TIMESTAMP, read_completion_ts, read_completion_ts);
	READS(COMPLETION_TIMESTAMP_WALLCLOCK, read_completion_wallclock_ns, read_wallclock);
	READS(CVLAN, read_cvlan, read_cvlan);
	READS(FLOW_TAG, read_flow_tag, read_number);
	READS(TM_INFO, read_tm_info, read_tm_info);
#undef READS
}
