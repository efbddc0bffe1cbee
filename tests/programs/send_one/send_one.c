/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * send_one [KEY] - for test-soft.sh: sends a frame by verbs on each rdma device, which comes back.
 * KEY is added to its lkey, which makes it invalid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#include "../check.h"

#define FRAME 1514u	/* the longest by the default MTU */

struct port {
	struct ibv_context *ctx;
	struct ibv_pd *pd;
	struct ibv_cq *cq;
	struct ibv_qp *qp;
	struct ibv_mr *mr;
	uint8_t mem[2 * 2048];	/* sent from the first half, received into the second */
};

static void
start(struct port *port)
{
	struct ibv_flow_attr flow = {
		.type = IBV_FLOW_ATTR_ALL_DEFAULT, .size = sizeof(flow), .port = 1};
	struct ibv_qp_attr attr = {.qp_state = IBV_QPS_INIT, .port_num = 1};

	check(ibv_modify_qp(port->qp, &attr, IBV_QP_STATE | IBV_QP_PORT) == 0, "INIT");
	attr.qp_state = IBV_QPS_RTR;
	check(ibv_modify_qp(port->qp, &attr, IBV_QP_STATE) == 0, "RTR");
	attr.qp_state = IBV_QPS_RTS;
	check(ibv_modify_qp(port->qp, &attr, IBV_QP_STATE) == 0, "RTS");
	check(ibv_create_flow(port->qp, &flow) != NULL, "ibv_create_flow");
}

static void
set_up(struct port *port, struct ibv_device *device)
{
	struct ibv_qp_init_attr init = {.qp_type = IBV_QPT_RAW_PACKET, .cap = {4, 4, 1, 1, 0}};

	port->ctx = ibv_open_device(device);
	check(port->ctx != NULL, "ibv_open_device");
	port->pd = ibv_alloc_pd(port->ctx);
	port->cq = ibv_create_cq(port->ctx, 8, NULL, NULL, 0);
	check(port->pd != NULL && port->cq != NULL, "ibv_create_cq");
	port->mr = ibv_reg_mr(port->pd, port->mem, sizeof(port->mem), IBV_ACCESS_LOCAL_WRITE);
	check(port->mr != NULL, "ibv_reg_mr");
	init.send_cq = init.recv_cq = port->cq;
	port->qp = ibv_create_qp(port->pd, &init);
	check(port->qp != NULL, "ibv_create_qp");
	start(port);
}

static void
post_recv(struct port *port)
{
	struct ibv_sge sge = {(uintptr_t)port->mem + 2048, 2048, port->mr->lkey};
	struct ibv_recv_wr *bad, wr = {.sg_list = &sge, .num_sge = 1};

	check(ibv_post_recv(port->qp, &wr, &bad) == 0, "ibv_post_recv");
}

static void
post_send(struct port *port, uint32_t key)
{
	struct ibv_sge sge = {(uintptr_t)port->mem, FRAME, port->mr->lkey + key};
	struct ibv_send_wr *bad, wr = {.sg_list = &sge, .num_sge = 1, .opcode = IBV_WR_SEND,
		.send_flags = IBV_SEND_SIGNALED};

	memset(port->mem, 0xa5, FRAME);
	check(ibv_post_send(port->qp, &wr, &bad) == 0, "ibv_post_send");
}

/* Status of the next completion, within a second or so. */
static const char *
wait_for_one(struct port *port)
{
	struct ibv_wc wc;
	int tries;

	for (tries = 0; tries < 10000; tries++) {
		if (ibv_poll_cq(port->cq, 1, &wc) == 1)
			return ibv_wc_status_str(wc.status);
		usleep(100);
	}
	return "none";
}

int
main(int argc, char **argv)
{
	uint32_t key = argc > 1 ? strtoul(argv[1], NULL, 0) : 0;
	struct ibv_device **list = ibv_get_device_list(NULL);
	static struct port ports[8];
	int i, n;

	check(list != NULL, "ibv_get_device_list");
	for (n = 0; n < 8 && list[n] != NULL; n++) {
		set_up(&ports[n], list[n]);
		post_recv(&ports[n]);
	}
	for (i = 0; i < n; i++) {
		post_send(&ports[i], key);
		printf("%s: %s\n", list[i]->name, wait_for_one(&ports[i]));
	}
	ibv_free_device_list(list);
	/* Looped or crossed, each port receives one. */
	for (i = 0; i < n && key == 0; i++) {
		check(strcmp(wait_for_one(&ports[i]), "success") == 0, "receive");
		check(memcmp(ports[i].mem, ports[i].mem + 2048, FRAME) == 0, "data");
	}
	return 0;
}
