/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_ibverbs.h - replaces libibverbs on the control path: one object, which every verb creates,
 * uses and destroys, and one error for the next verb. For one test program.
 */
#ifndef FAKE_IBVERBS_H_
#define FAKE_IBVERBS_H_

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>
#include <infiniband/verbs.h>
#include <rte_common.h>

#include "common/cpu.h"

#undef ibv_get_device_list
#undef ibv_reg_mr

/*
 * Result of a verb that creates an object: 0 succeeds, else NULL with this errno; NO_ERRNO: with
 * none.
 */
#define NO_ERRNO -1
static int make_error;
/* Result of a verb that returns a number: libibverbs returns a positive errno. */
static int answer;

/* Of whichever type the verb has; the first member of each is the context. */
static union {
	struct ibv_pd pd;
	struct ibv_mr mr;
	struct ibv_cq cq;
	struct ibv_qp qp;
	struct ibv_wq wq;
	struct ibv_comp_channel channel;
	struct ibv_rwq_ind_table reta;
	struct ibv_context *context;
} object;
static struct ibv_flow flow;	/* the only type with it elsewhere */

static struct verbs_context verbs;
static unsigned int made, ended;

static const char *made_by, *ended_by;	/* the called verb */

static void *
make_by(const char *verb, void *what)
{
	made_by = verb;
	if (make_error > 0)
		errno = make_error;
	if (make_error != 0)
		return NULL;
	made++;
	return what;
}

/* A failed destruction counts too: the driver could not do anything about it. */
static int
end_by(const char *verb, const void *what, const void *expected)
{
	assert_ptr_equal(what, expected);
	ended_by = verb;
	ended++;
	return answer;
}

#define MAKE(what) make_by(__func__, what)
#define END(what, expected) end_by(__func__, what, expected)

/* Two devices, and an open one. */
static struct ibv_device devices[2] = {{.name = "rxe1"}, {.name = "rxe0"}};
static struct ibv_device *device_list[] = {&devices[0], &devices[1], NULL};
static const struct ibv_device *opened;
static unsigned int lists;
static int list_error, nb_devices;

struct ibv_device **
ibv_get_device_list(int *n)
{
	if (list_error > 0)
		errno = list_error;
	if (list_error != 0)
		return NULL;
	lists++;
	*n = nb_devices;
	return device_list;
}

void
ibv_free_device_list(struct ibv_device **list)
{
	assert_ptr_equal(list, device_list);
	lists--;
}

const char *
ibv_get_device_name(struct ibv_device *device)
{
	return device->name;
}

struct ibv_context *
ibv_open_device(struct ibv_device *device)
{
	assert_int_equal(lists, 1);
	opened = device;
	return MAKE(&verbs.context);
}

int
ibv_close_device(struct ibv_context *ctx)
{
	return END(ctx, &verbs.context);
}

int
ibv_query_device(struct ibv_context *ctx, struct ibv_device_attr *attr)
{
	assert_ptr_equal(ctx, &verbs.context);
	return answer;
}

static int event_error;
static unsigned int acked;

/* A negative value, the third style. */
int
ibv_get_async_event(struct ibv_context *ctx, struct ibv_async_event *event)
{
	if (event_error > 0)
		errno = event_error;
	if (event_error != 0)
		return -1;
	event->event_type = IBV_EVENT_PORT_ERR;
	return 0;
}

void
ibv_ack_async_event(struct ibv_async_event *event)
{
	assert_int_equal(event->event_type, IBV_EVENT_PORT_ERR);
	acked++;
}

struct ibv_pd *
ibv_alloc_pd(struct ibv_context *ctx)
{
	assert_ptr_equal(ctx, &verbs.context);
	return MAKE(&object);
}

int
ibv_dealloc_pd(struct ibv_pd *pd)
{
	return END(pd, &object);
}

static struct {
	void *addr;
	size_t len;
	int access;
	int fd;	/* of a dma-buf */
	uint64_t offset;
} registered;

static void
note_registration(struct ibv_pd *pd, void *addr, size_t len, unsigned int access)
{
	assert_ptr_equal(pd, &object);
	registered.addr = addr;
	registered.len = len;
	registered.access = (int)access;
}

/* By the inline ibv_reg_mr() of the header, if the access is a constant. */
struct ibv_mr *
ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t len, int access)
{
	note_registration(pd, addr, len, access);
	return MAKE(&object);
}

/* Likewise, if it is none. */
struct ibv_mr *
ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t len, uint64_t iova, unsigned int access)
{
	assert_int_equal(iova, (uintptr_t)addr);
	note_registration(pd, addr, len, access);
	return MAKE(&object);
}

static bool wants_relaxed_ordering;

bool
mlx5x_cpu_wants_relaxed_ordering(void)
{
	return wants_relaxed_ordering;
}

struct ibv_mr *
ibv_reg_dmabuf_mr(struct ibv_pd *pd, uint64_t offset, size_t len, uint64_t iova, int fd, int access)
{
	assert_ptr_equal(pd, &object);
	registered.addr = (void *)(uintptr_t)iova;
	registered.len = len;
	registered.access = access;
	registered.fd = fd;
	registered.offset = offset;
	return MAKE(&object);
}

int
ibv_dereg_mr(struct ibv_mr *mr)
{
	return END(mr, &object);
}

struct ibv_comp_channel *
ibv_create_comp_channel(struct ibv_context *ctx)
{
	assert_ptr_equal(ctx, &verbs.context);
	return MAKE(&object);
}

int
ibv_destroy_comp_channel(struct ibv_comp_channel *channel)
{
	return END(channel, &object);
}

static unsigned int nb_cq_events, acked_cq_events;
static struct ibv_cq event_cq;

int
ibv_get_cq_event(struct ibv_comp_channel *channel, struct ibv_cq **cq, void **context)
{
	assert_ptr_equal(channel, &object);
	if (nb_cq_events == 0)
		return -1;
	nb_cq_events--;
	*cq = &event_cq;
	return 0;
}

void
ibv_ack_cq_events(struct ibv_cq *cq, unsigned int n)
{
	assert_ptr_equal(cq, &event_cq);
	acked_cq_events += n;
}

static struct ibv_comp_channel *cq_channel;
static int cq_entries, solicited;

struct ibv_cq *
ibv_create_cq(struct ibv_context *ctx, int entries, void *context, struct ibv_comp_channel *channel,
	int vector)
{
	assert_ptr_equal(ctx, &verbs.context);
	assert_true(vector >= 0 && vector < ctx->num_comp_vectors);
	cq_entries = entries;
	cq_channel = channel;
	return MAKE(&object);
}

int
ibv_destroy_cq(struct ibv_cq *cq)
{
	return END(cq, &object);
}

static int
req_notify_cq(struct ibv_cq *cq, int solicited_only)
{
	assert_ptr_equal(cq, &object);
	solicited = solicited_only;
	return answer;
}

struct ibv_qp *
ibv_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init)
{
	assert_ptr_equal(pd, &object);
	assert_non_null(init);
	return MAKE(&object);
}

int
ibv_destroy_qp(struct ibv_qp *qp)
{
	return END(qp, &object);
}

static int modified_mask;

int
ibv_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask)
{
	assert_ptr_equal(qp, &object);
	assert_int_equal(attr->qp_state, IBV_QPS_RTS);
	modified_mask = mask;
	return answer;
}

/* From here on functions that callers of libibverbs call through the context. */
static struct ibv_wq *
create_wq(struct ibv_context *ctx, struct ibv_wq_init_attr *init)
{
	assert_ptr_equal(ctx, &verbs.context);
	assert_non_null(init);
	return MAKE(&object);
}

static int
destroy_wq(struct ibv_wq *wq)
{
	return END(wq, &object);
}

static struct ibv_wq_attr wq_attr;

static int
modify_wq(struct ibv_wq *wq, struct ibv_wq_attr *attr)
{
	assert_ptr_equal(wq, &object);
	wq_attr = *attr;
	return answer;
}

static struct ibv_rwq_ind_table_init_attr reta_init;

static struct ibv_rwq_ind_table *
create_reta(struct ibv_context *ctx, struct ibv_rwq_ind_table_init_attr *init)
{
	assert_ptr_equal(ctx, &verbs.context);
	reta_init = *init;
	return MAKE(&object);
}

static int
destroy_reta(struct ibv_rwq_ind_table *reta)
{
	return END(reta, &object);
}

static struct ibv_qp_init_attr_ex qp_init;

static struct ibv_qp *
create_qp_ex(struct ibv_context *ctx, struct ibv_qp_init_attr_ex *init)
{
	assert_ptr_equal(ctx, &verbs.context);
	qp_init = *init;
	return MAKE(&object);
}

static struct ibv_flow_attr *flow_attr;

static struct ibv_flow *
create_flow(struct ibv_qp *qp, struct ibv_flow_attr *attr)
{
	assert_ptr_equal(qp, &object);
	flow_attr = attr;
	return MAKE(&flow);
}

static int
destroy_flow(struct ibv_flow *which)
{
	return END(which, &flow);
}

static inline void
fake_ibverbs_reset(void)
{
	verbs = (struct verbs_context){
		.sz = sizeof(verbs),
		.create_wq = create_wq,
		.destroy_wq = destroy_wq,
		.modify_wq = modify_wq,
		.create_rwq_ind_table = create_reta,
		.destroy_rwq_ind_table = destroy_reta,
		.create_qp_ex = create_qp_ex,
		.ibv_create_flow = create_flow,
		.ibv_destroy_flow = destroy_flow,
		.context = {
			.ops = {.req_notify_cq = req_notify_cq},
			.async_fd = -1,
			.num_comp_vectors = 1,
			.abi_compat = __VERBS_ABI_IS_EXTENDED,
		},
	};
	memset(&object, 0, sizeof(object));
	object.context = flow.context = &verbs.context;
	make_error = answer = list_error = event_error = 0;
	nb_devices = RTE_DIM(devices);
	made = ended = acked = acked_cq_events = nb_cq_events = 0;
	opened = NULL;
}

#endif
