/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * rdma_kernel DEVICE - answers of a software rdma device that differ by kernel, a line
 * "NAME: ANSWER" each. Queue pairs are connected to themselves; iWARP, which connects by rdma_cm,
 * gives the first two answers only.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#include "../check.h"

#define HUGE_SIZE ((size_t)2 << 20)
#define TOO_LONG 8192u	/* more than any path MTU */
#define QKEY 0x11111111u
#define PATIENCE_MS 20000

struct rig {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_port_attr port;
	struct ibv_ah_attr self;
	uint8_t *mem;		/* a huge page */
	struct ibv_mr *mr;	/* of all but its first 100 bytes */
	uint64_t posted;	/* requests, which are their numbers */
};

static void
open_device(struct rig *rig, const char *name)
{
	struct ibv_device **list = ibv_get_device_list(NULL);
	int i;

	for (i = 0; list != NULL && list[i] != NULL; i++)
		if (strcmp(ibv_get_device_name(list[i]), name) == 0)
			rig->ctx = ibv_open_device(list[i]);
	check(rig->ctx != NULL, name);
	ibv_free_device_list(list);
	rig->pd = ibv_alloc_pd(rig->ctx);
	rig->cq = ibv_create_cq(rig->ctx, 16, NULL, NULL, 0);
	check(rig->pd != NULL && rig->cq != NULL, "ibv_create_cq");
	check(ibv_query_port(rig->ctx, 1, &rig->port) == 0, "ibv_query_port");
	rig->self = (struct ibv_ah_attr){.is_global = 1, .port_num = 1};
	rig->self.grh.hop_limit = 1;
	check(ibv_query_gid(rig->ctx, 1, 0, &rig->self.grh.dgid) == 0, "ibv_query_gid");
}

static const char *
odp(const struct rig *rig)
{
	struct ibv_device_attr_ex attr;

	check(ibv_query_device_ex(rig->ctx, NULL, &attr) == 0, "ibv_query_device_ex");
	return attr.odp_caps.general_caps & IBV_ODP_SUPPORT ? "yes" : "no";
}

/* Root has CAP_IPC_LOCK, which the limit does not hold for. */
static const char *
locked_memory_of_root(const struct rig *rig)
{
	struct rlimit old, none = {0, 0};
	struct ibv_mr *mr;
	int error;

	getrlimit(RLIMIT_MEMLOCK, &old);
	none.rlim_max = old.rlim_max;
	check(setrlimit(RLIMIT_MEMLOCK, &none) == 0, "setrlimit");
	mr = ibv_reg_mr(rig->pd, rig->mem, 65536, IBV_ACCESS_LOCAL_WRITE);
	error = errno;
	setrlimit(RLIMIT_MEMLOCK, &old);
	if (mr == NULL)
		return strerrorname_np(error);
	ibv_dereg_mr(mr);
	return "not limited";
}

/* A queue pair of the type, connected to itself, ready to send. */
static struct ibv_qp *
connected(const struct rig *rig, enum ibv_qp_type type)
{
	struct ibv_qp_init_attr init = {.send_cq = rig->cq, .recv_cq = rig->cq,
		.qp_type = type, .cap = {4, 4, 1, 1, 0}};
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_INIT, .port_num = 1, .qkey = QKEY};
	int is_ud = type == IBV_QPT_UD, is_rc = type == IBV_QPT_RC;
	struct ibv_qp *qp = ibv_create_qp(rig->pd, &init);

	check(qp != NULL, "ibv_create_qp");
	check(ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_PKEY_INDEX | IBV_QP_PORT |
		(is_ud ? IBV_QP_QKEY : IBV_QP_ACCESS_FLAGS)) == 0, "INIT");
	attr = (struct ibv_qp_attr){.qp_state = IBV_QPS_RTR, .path_mtu = rig->port.active_mtu,
		.dest_qp_num = qp->qp_num, .ah_attr = rig->self, .max_dest_rd_atomic = 1,
		.min_rnr_timer = 1};
	check(ibv_modify_qp(qp, &attr, IBV_QP_STATE | (is_ud ? 0 : IBV_QP_AV | IBV_QP_PATH_MTU |
		IBV_QP_DEST_QPN | IBV_QP_RQ_PSN) |
		(is_rc ? IBV_QP_MAX_DEST_RD_ATOMIC | IBV_QP_MIN_RNR_TIMER : 0)) == 0, "RTR");
	attr = (struct ibv_qp_attr){.qp_state = IBV_QPS_RTS, .timeout = 14, .retry_cnt = 7,
		.rnr_retry = 7, .max_rd_atomic = 1};
	check(ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_SQ_PSN | (is_rc ? IBV_QP_TIMEOUT |
		IBV_QP_RETRY_CNT | IBV_QP_RNR_RETRY | IBV_QP_MAX_QP_RD_ATOMIC : 0)) == 0, "RTS");
	return qp;
}

/* The status of the request of this number, or "none". */
static const char *
completion(const struct rig *rig, uint64_t number)
{
	struct ibv_wc wc;
	int ms;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		while (ibv_poll_cq(rig->cq, 1, &wc) == 1)
			if (wc.wr_id == number)
				return ibv_wc_status_str(wc.status);
		usleep(1000);
	}
	return "none";
}

/* The number of the request. */
static uint64_t
post_recv(struct rig *rig, struct ibv_qp *qp, const uint8_t *addr, uint32_t len)
{
	struct ibv_sge sge = {(uintptr_t)addr, len, rig->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.wr_id = ++rig->posted, .sg_list = &sge, .num_sge = 1};

	check(ibv_post_recv(qp, &wr, &bad) == 0, "ibv_post_recv");
	return wr.wr_id;
}

/* 0, or the error. Its number is rig->posted. */
static int
post_send(struct rig *rig, struct ibv_qp *qp, const uint8_t *addr, uint32_t len, uint32_t wrong)
{
	struct ibv_sge sge = {(uintptr_t)addr, len, rig->mr->lkey + wrong};
	struct ibv_send_wr *bad, wr = {.wr_id = ++rig->posted, .sg_list = &sge, .num_sge = 1,
		.opcode = IBV_WR_SEND, .send_flags = IBV_SEND_SIGNALED};
	struct ibv_ah_attr self = rig->self;

	if (qp->qp_type == IBV_QPT_UD) {
		wr.wr.ud.ah = ibv_create_ah(rig->pd, &self);
		check(wr.wr.ud.ah != NULL, "ibv_create_ah");
		wr.wr.ud.remote_qpn = qp->qp_num;
		wr.wr.ud.remote_qkey = QKEY;
	}
	return ibv_post_send(qp, &wr, &bad);
}

/* What the sender is told: an error of the post, or the status of the completion. */
static const char *
send_one(struct rig *rig, struct ibv_qp *qp, const uint8_t *addr, uint32_t len, uint32_t wrong)
{
	int ret = post_send(rig, qp, addr, len, wrong);

	return ret != 0 ? strerrorname_np(ret) : completion(rig, rig->posted);
}

static const char *
send_wrong_lkey(struct rig *rig, enum ibv_qp_type type)
{
	struct ibv_qp *qp = connected(rig, type);
	const char *status;

	post_recv(rig, qp, rig->mem + 4096, 4096);
	status = send_one(rig, qp, rig->mem + 128, 64, 1);
	ibv_destroy_qp(qp);
	return status;
}

static const char *
send_too_long(struct rig *rig)
{
	struct ibv_qp *qp = connected(rig, IBV_QPT_UD);
	const char *status = send_one(rig, qp, rig->mem + 128, TOO_LONG, 0);

	ibv_destroy_qp(qp);
	return status;
}

/* By an MR that begins in the midst of a huge page: each byte must be that of its address. */
static const char *
send_from_huge_page(struct rig *rig)
{
	uint8_t *from = rig->mem + HUGE_SIZE / 2 + 1234, *to = rig->mem + 777;
	struct ibv_qp *qp = connected(rig, IBV_QPT_RC);
	const char *status;
	uint64_t received;
	size_t i;

	for (i = 0; i < 4096; i++)
		from[i] = i * 7 + i / 256;
	received = post_recv(rig, qp, to, 4096);
	check(post_send(rig, qp, from, 4096, 0) == 0, "ibv_post_send");
	status = completion(rig, received);
	ibv_destroy_qp(qp);
	if (strcmp(status, "success") != 0)
		return status;
	return memcmp(from, to, 4096) == 0 ? "right" : "wrong";
}

int
main(int argc, char **argv)
{
	static struct rig rig;

	check(argc == 2, "usage: rdma_kernel DEVICE");
	open_device(&rig, argv[1]);
	rig.mem = mmap(NULL, HUGE_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	check(rig.mem != MAP_FAILED, "a huge page");
	memset(rig.mem, 0, HUGE_SIZE);
	printf("on-demand paging: %s\n", odp(&rig));
	printf("limit of locked memory for root: %s\n", locked_memory_of_root(&rig));
	if (rig.ctx->device->transport_type == IBV_TRANSPORT_IWARP)
		return 0;
	rig.mr = ibv_reg_mr(rig.pd, rig.mem + 100, HUGE_SIZE - 100, IBV_ACCESS_LOCAL_WRITE);
	check(rig.mr != NULL, "ibv_reg_mr");
	printf("data by an MR within a huge page: %s\n", send_from_huge_page(&rig));
	printf("wrong lkey, UC: %s\n", send_wrong_lkey(&rig, IBV_QPT_UC));
	printf("wrong lkey, RC: %s\n", send_wrong_lkey(&rig, IBV_QPT_RC));
	printf("UD message beyond the MTU: %s\n", send_too_long(&rig));
	return 0;
}
