/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/cpu.h"
#include "common/verbs.h"
#include "vma.h"

/* IBV_ACCESS_RELAXED_ORDERING or 0, of memory that packets are in. Constant after init. */
static unsigned int ordering;

void
mlx5x_verbs_init(void)
{
	ordering = mlx5x_cpu_wants_relaxed_ordering() ? IBV_ACCESS_RELAXED_ORDERING : 0;
	setenv("RDMAV_ALLOW_DISASSOC_DESTROY", "1", 0);
}

/* Some providers return NULL without setting errno: never report that as success. */
static int
errno_or(int fallback)
{
	return errno > 0 ? -errno : -fallback;
}

static int
set_nonblocking(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ? -errno : 0;
}

/* Opens the first device of that name. 0; -ENODEV; or -errno. */
static int
open_named(struct ibv_device **list, int n, const char *name, struct ibv_context **ctx)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strcmp(ibv_get_device_name(list[i]), name) != 0)
			continue;
		errno = 0;
		*ctx = ibv_open_device(list[i]);
		return *ctx != NULL ? 0 : errno_or(EIO);
	}
	return -ENODEV;
}

int
mlx5x_verbs_open(const char *name, struct ibv_context **ctx)
{
	struct ibv_device **list;
	int ret, n;

	errno = 0;
	list = ibv_get_device_list(&n);
	if (list == NULL)
		return errno_or(ENODEV);
	ret = open_named(list, n, name, ctx);
	ibv_free_device_list(list);
	if (ret != 0)
		return ret;
	ret = set_nonblocking((*ctx)->async_fd);
	if (ret != 0) {
		mlx5x_verbs_close(*ctx);
		*ctx = NULL;
	}
	return ret;
}

void
mlx5x_verbs_close(struct ibv_context *ctx)
{
	if (ctx != NULL)
		ibv_close_device(ctx);
}

bool
mlx5x_verbs_is_gone(struct ibv_context *ctx)
{
	struct ibv_device_attr attr;

	return ibv_query_device(ctx, &attr) == EIO;
}

int
mlx5x_verbs_next_event(struct ibv_context *ctx, enum ibv_event_type *type)
{
	struct ibv_async_event event;

	errno = 0;
	if (ibv_get_async_event(ctx, &event) != 0)
		return errno_or(EAGAIN);
	ibv_ack_async_event(&event);
	*type = event.event_type;
	return 0;
}

int
mlx5x_verbs_alloc_pd(struct ibv_context *ctx, struct ibv_pd **pd)
{
	errno = 0;
	*pd = ibv_alloc_pd(ctx);
	return *pd != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_dealloc_pd(struct ibv_pd *pd)
{
	if (pd != NULL)
		ibv_dealloc_pd(pd);
}

/* True if every page of the range is mapped in this process. */
static bool
is_backed(const void *addr, size_t len)
{
	uintptr_t page = sysconf(_SC_PAGESIZE), at = (uintptr_t)addr & ~(page - 1), n;
	size_t left = len + ((uintptr_t)addr - at);
	unsigned char resident[256];

	for (; left > 0; at += n, left -= n) {
		n = left < sizeof(resident) * page ? left : sizeof(resident) * page;
		if (mincore((void *)at, n, resident) != 0 && errno == ENOMEM)
			return false;
	}
	return true;
}

static bool
is_pinnable(const void *addr, size_t len, bool writes)
{
	char text[DMAMAP_VMA_TEXT];

	dmamap_vma_explain((uintptr_t)addr, len, writes, text);
	return text[0] == '\0';
}

/*
 * Where the mlx4 or mlx5 PMD is loaded, libibverbs is in fork mode (ibv_fork_init()) and calls
 * madvise(2) too, with errors of its own: MADV_DONTFORK of a hole is ENOMEM; MADV_DOFORK of a BAR,
 * after the kernel's EFAULT, EINVAL; a process at vm.max_map_count, EAGAIN. The contract has EFAULT
 * for memory, and ENOMEM for limits.
 */
static int
registration_error(int error, const void *addr, size_t len, bool writes)
{
	if (error == -EAGAIN)
		return -ENOMEM;
	if ((error == -ENOMEM && !is_backed(addr, len)) ||
	    (error == -EINVAL && !is_pinnable(addr, len, writes)))
		return -EFAULT;
	return error;
}

/* Of flags there is none for local reads, which are always allowed. */
static int
access_flags(bool writes)
{
	return (writes ? IBV_ACCESS_LOCAL_WRITE : 0) | ordering;
}

int
mlx5x_verbs_reg_mr(struct ibv_pd *pd, void *addr, size_t len, bool writes, struct ibv_mr **mr)
{
	errno = 0;
	*mr = ibv_reg_mr(pd, addr, len, access_flags(writes));
	return *mr != NULL ? 0 : registration_error(errno_or(ENOMEM), addr, len, writes);
}

/*
 * Drivers of the kernel return its internal ENOTSUPP, too, such as that of a GPU for memory that it
 * exports for other uses.
 */
#define KERNEL_ENOTSUPP 524

int
mlx5x_verbs_reg_dmabuf_mr(struct ibv_pd *pd, int fd, uint64_t offset, void *addr, size_t len,
	bool writes, struct ibv_mr **mr)
{
	int ret;

	errno = 0;
	*mr = ibv_reg_dmabuf_mr(pd, offset, len, (uintptr_t)addr, fd, access_flags(writes));
	ret = *mr != NULL ? 0 : errno_or(ENOMEM);
	/* EPROTONOSUPPORT: the kernel has no such method (ib_uverbs_cmd_verbs()). */
	return ret == -KERNEL_ENOTSUPP || ret == -EPROTONOSUPPORT ? -EOPNOTSUPP : ret;
}

int
mlx5x_verbs_reg_word(struct ibv_pd *pd, void *addr, size_t len, struct ibv_mr **mr)
{
	errno = 0;
	*mr = ibv_reg_mr(pd, addr, len, IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_WRITE);
	return *mr != NULL ? 0 : errno_or(ENOMEM);
}

int
mlx5x_verbs_dereg_mr(struct ibv_mr *mr)
{
	return mr != NULL ? -ibv_dereg_mr(mr) : 0;
}

int
mlx5x_verbs_create_channel(struct ibv_context *ctx, struct ibv_comp_channel **channel)
{
	int ret;

	errno = 0;
	*channel = ibv_create_comp_channel(ctx);
	if (*channel == NULL)
		return errno_or(ENOMEM);
	ret = set_nonblocking((*channel)->fd);
	if (ret != 0) {
		mlx5x_verbs_destroy_channel(*channel);
		*channel = NULL;
	}
	return ret;
}

void
mlx5x_verbs_destroy_channel(struct ibv_comp_channel *channel)
{
	if (channel != NULL)
		ibv_destroy_comp_channel(channel);
}

void
mlx5x_verbs_drop_cq_events(struct ibv_comp_channel *channel)
{
	struct ibv_cq *cq;
	void *context;

	while (ibv_get_cq_event(channel, &cq, &context) == 0)
		ibv_ack_cq_events(cq, 1);
}

int
mlx5x_verbs_create_cq(struct ibv_context *ctx, int entries, struct ibv_comp_channel *channel,
	struct ibv_cq **cq)
{
	errno = 0;
	*cq = ibv_create_cq(ctx, entries, NULL, channel, 0);
	return *cq != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_destroy_cq(struct ibv_cq *cq)
{
	if (cq != NULL)
		ibv_destroy_cq(cq);
}

int
mlx5x_verbs_arm_cq(struct ibv_cq *cq)
{
	return -ibv_req_notify_cq(cq, 0);
}

int
mlx5x_verbs_create_qp(struct ibv_pd *pd, struct ibv_qp_init_attr *init, struct ibv_qp **qp)
{
	errno = 0;
	*qp = ibv_create_qp(pd, init);
	return *qp != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_destroy_qp(struct ibv_qp *qp)
{
	if (qp != NULL)
		ibv_destroy_qp(qp);
}

int
mlx5x_verbs_modify_qp(struct ibv_qp *qp, struct ibv_qp_attr *attr, int mask)
{
	return -ibv_modify_qp(qp, attr, mask);
}

int
mlx5x_verbs_create_wq(struct ibv_context *ctx, struct ibv_wq_init_attr *init, struct ibv_wq **wq)
{
	errno = 0;
	*wq = ibv_create_wq(ctx, init);
	return *wq != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_destroy_wq(struct ibv_wq *wq)
{
	if (wq != NULL)
		ibv_destroy_wq(wq);
}

int
mlx5x_verbs_modify_wq(struct ibv_wq *wq, enum ibv_wq_state state)
{
	struct ibv_wq_attr attr = {.attr_mask = IBV_WQ_ATTR_STATE, .wq_state = state};

	return -ibv_modify_wq(wq, &attr);
}

int
mlx5x_verbs_create_reta(struct ibv_context *ctx, struct ibv_wq **wqs, uint32_t log2_n,
	struct ibv_rwq_ind_table **reta)
{
	struct ibv_rwq_ind_table_init_attr init = {.log_ind_tbl_size = log2_n, .ind_tbl = wqs};

	errno = 0;
	*reta = ibv_create_rwq_ind_table(ctx, &init);
	return *reta != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_destroy_reta(struct ibv_rwq_ind_table *reta)
{
	if (reta != NULL)
		ibv_destroy_rwq_ind_table(reta);
}

int
mlx5x_verbs_create_hash_qp(struct ibv_pd *pd, struct ibv_rwq_ind_table *reta,
	const struct ibv_rx_hash_conf *hash, struct ibv_qp **qp)
{
	struct ibv_qp_init_attr_ex init = {
		.qp_type = IBV_QPT_RAW_PACKET,
		.comp_mask = IBV_QP_INIT_ATTR_PD | IBV_QP_INIT_ATTR_IND_TABLE |
			IBV_QP_INIT_ATTR_RX_HASH,
		.pd = pd,
		.rwq_ind_tbl = reta,
		.rx_hash_conf = *hash,
	};

	errno = 0;
	*qp = ibv_create_qp_ex(pd->context, &init);
	return *qp != NULL ? 0 : errno_or(ENOMEM);
}

int
mlx5x_verbs_create_flow(struct ibv_qp *qp, struct ibv_flow_attr *attr, struct ibv_flow **flow)
{
	errno = 0;
	*flow = ibv_create_flow(qp, attr);
	return *flow != NULL ? 0 : errno_or(ENOMEM);
}

void
mlx5x_verbs_destroy_flow(struct ibv_flow *flow)
{
	if (flow != NULL)
		ibv_destroy_flow(flow);
}
