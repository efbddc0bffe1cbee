/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/checks.h"
#include "engine/engine.h"
#include "rig.h"

static char folder[64];

static void
remove_folder(void)
{
	char path[128];
	int i;

	for (i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "%s/mlx5_%d/device/device", folder, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/mlx5_%d/device", folder, i);
		rmdir(path);
		snprintf(path, sizeof(path), "%s/mlx5_%d", folder, i);
		rmdir(path);
	}
	rmdir(folder);
}

void
rig_environment(int devices)
{
	char path[128];
	int i;

	snprintf(folder, sizeof(folder), "/tmp/softhca-test-XXXXXX");
	if (mkdtemp(folder) == NULL)
		exit(1);
	for (i = 0; i < devices; i++) {
		snprintf(path, sizeof(path), "%s/mlx5_%d", folder, i);
		mkdir(path, 0700);
	}
	atexit(remove_folder);
	setenv("SOFTHCA_DIR", folder, 1);
	setenv("SOFTHCA_MODE", "step", 1);
	setenv("SOFTHCA_STRICT", "1", 1);
}

void
rig_model(int device, const char *id)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/mlx5_%d/device", folder, device);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/mlx5_%d/device/device", folder, device);
	file = fopen(path, "w");
	if (file == NULL)
		exit(1);
	fprintf(file, "%s\n", id);
	fclose(file);
}

void
rig_start(struct ibv_qp *qp)
{
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_INIT, .port_num = 1};

	assert_int_equal(ibv_modify_qp(qp, &attr, IBV_QP_STATE | IBV_QP_PORT), 0);
	attr.qp_state = IBV_QPS_RTR;
	assert_int_equal(ibv_modify_qp(qp, &attr, IBV_QP_STATE), 0);
	attr.qp_state = IBV_QPS_RTS;
	assert_int_equal(ibv_modify_qp(qp, &attr, IBV_QP_STATE), 0);
}

struct ibv_flow *
rig_take_all(struct ibv_qp *qp)
{
	struct ibv_flow_attr attr = {
		.type = IBV_FLOW_ATTR_ALL_DEFAULT, .size = sizeof(attr), .port = 1};
	struct ibv_flow *flow = ibv_create_flow(qp, &attr);

	assert_non_null(flow);
	return flow;
}

static struct ibv_device *
first_device(struct ibv_device **list)
{
	assert_non_null(list);
	assert_non_null(list[0]);
	return list[0];
}

static void
open_first(struct rig *rig)
{
	struct ibv_device **list = ibv_get_device_list(NULL);

	rig->ctx = ibv_open_device(first_device(list));
	ibv_free_device_list(list);
	assert_non_null(rig->ctx);
}

int
rig_set_up(void **state)
{
	struct rig *rig = calloc(1, sizeof(*rig));
	struct ibv_qp_init_attr init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.cap = {RIG_WQES, RIG_WQES, 2, 2, 0},
	};

	assert_non_null(rig);
	open_first(rig);
	rig->pd = ibv_alloc_pd(rig->ctx);
	rig->mem = mmap(NULL, RIG_MEM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	rig->mr = ibv_reg_mr(rig->pd, rig->mem, RIG_MEM, IBV_ACCESS_LOCAL_WRITE);
	rig->send_cq = ibv_create_cq(rig->ctx, 2 * RIG_WQES - 1, NULL, NULL, 0);
	rig->recv_cq = ibv_create_cq(rig->ctx, RIG_WQES - 1, NULL, NULL, 0);
	init.send_cq = rig->send_cq;
	init.recv_cq = rig->recv_cq;
	rig->qp = ibv_create_qp(rig->pd, &init);
	assert_non_null(rig->mr);
	assert_non_null(rig->qp);
	rig_start(rig->qp);
	rig->flow = rig_take_all(rig->qp);
	*state = rig;
	return 0;
}

int
rig_tear_down(void **state)
{
	struct rig *rig = *state;

	assert_int_equal(ibv_destroy_flow(rig->flow), 0);
	assert_int_equal(ibv_destroy_qp(rig->qp), 0);
	assert_int_equal(ibv_destroy_cq(rig->recv_cq), 0);
	assert_int_equal(ibv_destroy_cq(rig->send_cq), 0);
	assert_int_equal(ibv_dereg_mr(rig->mr), 0);
	assert_int_equal(ibv_dealloc_pd(rig->pd), 0);
	assert_int_equal(ibv_close_device(rig->ctx), 0);
	munmap(rig->mem, RIG_MEM);
	free(rig);
	assert_int_equal(softhca_violations(NULL), 0);
	return 0;
}

void
rig_fill(uint8_t *at, uint8_t seed)
{
	uint32_t i;

	for (i = 0; i < RIG_FRAME; i++)
		at[i] = seed + i;
	/* An Ethernet type without a parser. */
	at[12] = 0x88;
	at[13] = 0xb5;
}

int
rig_send(struct rig *rig, uint32_t offset, uint32_t len, uint32_t key)
{
	struct ibv_sge sge = {(uintptr_t)rig->mem + offset, len, key};
	struct ibv_send_wr *bad, wr = {
		.wr_id = offset,
		.sg_list = &sge,
		.num_sge = 1,
		.opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED,
	};

	return ibv_post_send(rig->qp, &wr, &bad);
}

int
rig_recv(struct rig *rig, uint32_t offset, uint32_t len, uint32_t key)
{
	struct ibv_sge sge = {(uintptr_t)rig->mem + offset, len, key};
	struct ibv_recv_wr *bad, wr = {.wr_id = offset, .sg_list = &sge, .num_sge = 1};

	return ibv_post_recv(rig->qp, &wr, &bad);
}

struct ibv_wc
rig_wc(struct ibv_cq *cq)
{
	struct ibv_wc wc;

	assert_int_equal(ibv_poll_cq(cq, 1, &wc), 1);
	return wc;
}

void
rig_no_wc(struct ibv_cq *cq)
{
	struct ibv_wc wc;

	assert_int_equal(ibv_poll_cq(cq, 1, &wc), 0);
}

void
rig_round_trip(struct rig *rig)
{
	struct ibv_wc wc;

	rig_fill(rig->mem + RIG_SENT, 7);
	assert_int_equal(rig_recv(rig, RIG_RECEIVED, 2048, rig->mr->lkey), 0);
	assert_int_equal(rig_send(rig, RIG_SENT, RIG_FRAME, rig->mr->lkey), 0);
	rig_no_wc(rig->send_cq);
	softhca_step();
	wc = rig_wc(rig->send_cq);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_SEND);
	assert_int_equal(wc.wr_id, RIG_SENT);
	wc = rig_wc(rig->recv_cq);
	assert_int_equal(wc.status, IBV_WC_SUCCESS);
	assert_int_equal(wc.opcode, IBV_WC_RECV);
	assert_int_equal(wc.wr_id, RIG_RECEIVED);
	assert_int_equal(wc.byte_len, RIG_FRAME);
	/* Not of the QP: the tag of the rule, which has none. */
	assert_int_equal(wc.qp_num, 0);
	assert_memory_equal(rig->mem + RIG_RECEIVED, rig->mem + RIG_SENT, RIG_FRAME);
	rig_no_wc(rig->recv_cq);
}

void
rig_expect(const char *name, uint64_t times)
{
	assert_int_equal(softhca_violations(name), times);
	assert_int_equal(softhca_violations(NULL), times);
	softhca_forget_violations();
}
