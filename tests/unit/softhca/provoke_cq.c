/* SPDX-License-Identifier: BSD-3-Clause */
/* Refused calls of completion queues, channels, protection domains and memory regions. */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "provoke.h"
#include "udmabuf.h"

#define MODEL_CQES (1u << 22)
#define MODEL_MRS  (1u << 20)

static int
create(struct rig *rig, struct ibv_cq_init_attr_ex attr, struct mlx5dv_cq_init_attr more)
{
	return ERRNO_OF(mlx5dv_create_cq(rig->ctx, &attr, &more));
}

#define CREATES(name, more, ...)                                                                   \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return create(rig, (struct ibv_cq_init_attr_ex){__VA_ARGS__},                      \
			(struct mlx5dv_cq_init_attr)more);                                         \
	}
#define DV(...) {__VA_ARGS__}

CREATES(without_entries, {0}, .cqe = 0)
CREATES(too_large, {0}, .cqe = MODEL_CQES)
CREATES(second_vector, {0}, .cqe = 1, .comp_vector = 1)
CREATES(comp_mask, {0}, .cqe = 1, .comp_mask = 1 << 2)
CREATES(flags, {0}, .cqe = 1, .comp_mask = IBV_CQ_INIT_ATTR_MASK_FLAGS, .flags = 1 << 2)
CREATES(wc_flags, {0}, .cqe = 1, .wc_flags = 1 << 12)
CREATES(parent_domain, {0}, .cqe = 1, .comp_mask = IBV_CQ_INIT_ATTR_MASK_PD, .parent_domain = rig->pd)
CREATES(dv_comp_mask, DV(.comp_mask = 1 << 3), .cqe = 1)
CREATES(cqe_size, DV(.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_CQE_SIZE, .cqe_size = 32), .cqe = 1)
CREATES(compression, DV(.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_COMPRESSED_CQE), .cqe = 1)
CREATES(dv_flags, DV(.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_FLAGS, .flags = 2), .cqe = 1)
CREATES(padding, DV(.comp_mask = MLX5DV_CQ_INIT_ATTR_MASK_FLAGS, .flags = 1), .cqe = 1)

static int
channel_of_another_context(struct rig *rig)
{
	struct ibv_context *other = ibv_open_device(rig->ctx->device);
	struct ibv_comp_channel *channel = ibv_create_comp_channel(other);
	int error = ERRNO_OF(ibv_create_cq(rig->ctx, 1, NULL, channel, 0));

	ibv_destroy_comp_channel(channel);
	ibv_close_device(other);
	return error;
}

static int
cq_in_use(struct rig *rig)
{
	return ibv_destroy_cq(rig->send_cq);
}

static int
channel_in_use(struct rig *rig)
{
	struct ibv_comp_channel *channel = ibv_create_comp_channel(rig->ctx);
	struct ibv_cq *cq = ibv_create_cq(rig->ctx, 1, NULL, channel, 0);
	int error = ibv_destroy_comp_channel(channel);

	ibv_destroy_cq(cq);
	ibv_destroy_comp_channel(channel);
	return error;
}

static int
poll_comp_mask(struct rig *rig)
{
	struct ibv_cq_init_attr_ex init = {.cqe = 1};
	struct ibv_cq_ex *cq = ibv_create_cq_ex(rig->ctx, &init);
	struct ibv_poll_cq_attr attr = {.comp_mask = 1};
	int error = ibv_start_poll(cq, &attr);

	ibv_destroy_cq(ibv_cq_ex_to_cq(cq));
	return error;
}

const struct provocation provoke_cq[] = {
	{HCA_RULE_CQ_ENTRIES, without_entries},
	{HCA_RULE_CQ_SIZE, too_large},
	{HCA_RULE_CQ_VECTOR, second_vector},
	{HCA_RULE_CQ_CHANNEL, channel_of_another_context},
	{HCA_RULE_CQ_COMP_MASK, comp_mask},
	{HCA_RULE_CQ_FLAGS, flags},
	{HCA_RULE_CQ_WC_FLAGS, wc_flags},
	{HCA_RULE_CQ_PARENT_DOMAIN, parent_domain},
	{HCA_RULE_CQ_DV_COMP_MASK, dv_comp_mask},
	{HCA_RULE_CQ_CQE_SIZE, cqe_size},
	{HCA_RULE_CQ_COMPRESSION, compression},
	{HCA_RULE_CQ_DV_FLAGS, dv_flags},
	{HCA_RULE_CQ_PADDING, padding},
	{HCA_RULE_POLL_COMP_MASK, poll_comp_mask},
	{HCA_RULE_CQ_BUSY, cq_in_use},
	{HCA_RULE_CHANNEL_BUSY, channel_in_use},
	{HCA_RULE_NONE, NULL},
};

static int
open_dv(struct rig *rig, struct mlx5dv_context_attr attr)
{
	return ERRNO_OF(mlx5dv_open_device(rig->ctx->device, &attr));
}

static int
open_comp_mask(struct rig *rig)
{
	return open_dv(rig, (struct mlx5dv_context_attr){.comp_mask = 1 << 1});
}

static int
open_flags(struct rig *rig)
{
	return open_dv(rig, (struct mlx5dv_context_attr){.flags = 1 << 1});
}

static int
rt_values(struct rig *rig)
{
	struct ibv_values_ex values = {.comp_mask = 1 << 1};

	return ibv_query_rt_values_ex(rig->ctx, &values);
}

const struct provocation provoke_context[] = {
	{HCA_RULE_DV_OPEN_COMP_MASK, open_comp_mask},
	{HCA_RULE_DV_OPEN_FLAGS, open_flags},
	{HCA_RULE_RT_VALUES_COMP_MASK, rt_values},
	{HCA_RULE_NONE, NULL},
};

static int
pd_in_use(struct rig *rig)
{
	return ibv_dealloc_pd(rig->pd);
}

static int
td_comp_mask(struct rig *rig)
{
	struct ibv_td_init_attr attr = {.comp_mask = 1};

	return ERRNO_OF(ibv_alloc_td(rig->ctx, &attr));
}

static int
domain_without_pd(struct rig *rig)
{
	struct ibv_parent_domain_init_attr attr = {0};

	return ERRNO_OF(ibv_alloc_parent_domain(rig->ctx, &attr));
}

static int
domain_comp_mask(struct rig *rig)
{
	struct ibv_parent_domain_init_attr attr = {.pd = rig->pd, .comp_mask = 1 << 5};

	return ERRNO_OF(ibv_alloc_parent_domain(rig->ctx, &attr));
}

/* A thread domain, a parent domain and a CQ of it; what is deallocated too early. */
enum early { TD, PD, DOMAIN };

static int
dealloc(struct rig *rig, enum early what)
{
	struct ibv_td_init_attr td_attr = {0};
	struct ibv_td *td = ibv_alloc_td(rig->ctx, &td_attr);
	struct ibv_pd *pd = ibv_alloc_pd(rig->ctx);
	struct ibv_parent_domain_init_attr attr = {.pd = pd, .td = td};
	struct ibv_pd *domain = ibv_alloc_parent_domain(rig->ctx, &attr);
	struct ibv_cq_init_attr_ex cq_attr = {
		.cqe = 1, .comp_mask = IBV_CQ_INIT_ATTR_MASK_PD, .parent_domain = domain};
	struct ibv_cq_ex *cq = ibv_create_cq_ex(rig->ctx, &cq_attr);
	int error = what == TD ? ibv_dealloc_td(td) : ibv_dealloc_pd(what == PD ? pd : domain);

	ibv_destroy_cq(ibv_cq_ex_to_cq(cq));
	ibv_dealloc_pd(domain);
	ibv_dealloc_pd(pd);
	ibv_dealloc_td(td);
	return error;
}

static int
td_in_use(struct rig *rig)
{
	return dealloc(rig, TD);
}

static int
pd_with_domain(struct rig *rig)
{
	return dealloc(rig, PD);
}

static int
domain_in_use(struct rig *rig)
{
	return dealloc(rig, DOMAIN);
}

const struct provocation provoke_domain[] = {
	{HCA_RULE_TD_COMP_MASK, td_comp_mask},
	{HCA_RULE_TD_BUSY, td_in_use},
	{HCA_RULE_PARENT_DOMAIN_NO_PD, domain_without_pd},
	{HCA_RULE_PARENT_DOMAIN_COMP_MASK, domain_comp_mask},
	{HCA_RULE_PARENT_DOMAIN_BUSY, domain_in_use},
	{HCA_RULE_PD_DOMAINS, pd_with_domain},
	{HCA_RULE_NONE, NULL},
};

static int
reg(struct rig *rig, uintptr_t addr, size_t len, unsigned int access)
{
	return ERRNO_OF(ibv_reg_mr_iova2(rig->pd, (void *)addr, len, addr, access));
}

#define REGISTERS(name, addr, len, access)                                                         \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return reg(rig, addr, len, access);                                                \
	}

REGISTERS(no_bytes, (uintptr_t)rig->mem, 0, 0)
REGISTERS(beyond_the_end, UINTPTR_MAX - 4095, 8192, 0)
REGISTERS(remote_alone, (uintptr_t)rig->mem, 1, IBV_ACCESS_REMOTE_WRITE)
REGISTERS(unknown_access, (uintptr_t)rig->mem, 1, 1 << 12)
REGISTERS(flush, (uintptr_t)rig->mem, 1, 1 << 8)
REGISTERS(on_demand, (uintptr_t)rig->mem, 1, IBV_ACCESS_ON_DEMAND)
REGISTERS(implicit, (uintptr_t)rig->mem, SIZE_MAX, IBV_ACCESS_ON_DEMAND)

static int
another_offset(struct rig *rig)
{
	return ERRNO_OF(ibv_reg_mr_iova2(rig->pd, rig->mem, 1, (uintptr_t)rig->mem + 1, 0));
}

static int
no_pages(struct rig *rig)
{
	void *mem = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error = reg(rig, (uintptr_t)mem, 4096, 0);

	munmap(mem, 4096);
	return error;
}

/* Root may lock what it wants. */
static int
beyond_the_limit(struct rig *rig)
{
	struct rlimit before, limit;
	void *mem = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uid_t user = geteuid();
	int error;

	if (getrlimit(RLIMIT_MEMLOCK, &before) != 0 || (user == 0 && seteuid(65534) != 0))
		return NOT_REFUSED;
	limit = before;
	limit.rlim_cur = 4096;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	error = reg(rig, (uintptr_t)mem, 1 << 20, 0);
	setrlimit(RLIMIT_MEMLOCK, &before);
	if (user == 0 && seteuid(0) != 0)
		return NOT_REFUSED;
	munmap(mem, 1 << 20);
	return error;
}

static int
too_many(struct rig *rig)
{
	struct ibv_mr **mrs = calloc(MODEL_MRS, sizeof(*mrs));
	uint32_t n = 0;
	int error;

	/* The rig has one. */
	while (n < MODEL_MRS && (mrs[n] = ibv_reg_mr(rig->pd, rig->mem, 1, 0)) != NULL)
		n++;
	error = errno;
	while (n > 0)
		ibv_dereg_mr(mrs[--n]);
	free(mrs);
	return error;
}

/* Of a dma-buf of two pages. */
static int
reg_dmabuf(struct rig *rig, uint64_t offset, size_t len, uint64_t iova, unsigned int access)
{
	int fd = udmabuf_create(8192);
	int error = ERRNO_OF(ibv_reg_dmabuf_mr(rig->pd, offset, len, iova, fd, access));

	close(fd);
	return error;
}

#define DMABUFS(name, ...)                                                                         \
	static int name(struct rig *rig)                                                           \
	{                                                                                          \
		return reg_dmabuf(rig, __VA_ARGS__);                                               \
	}

DMABUFS(dmabuf_offset, 0, 4096, 1, 0)
DMABUFS(dmabuf_access, 0, 4096, 0, IBV_ACCESS_MW_BIND)
DMABUFS(dmabuf_wraps, UINT64_MAX - 4095, 8192, 0, 0)
DMABUFS(dmabuf_end, 4096, 4097, 0, 0)
DMABUFS(dmabuf_empty, 0, 0, 0, 0)

static int
dmabuf_no_file(struct rig *rig)
{
	return ERRNO_OF(ibv_reg_dmabuf_mr(rig->pd, 0, 4096, 0, -1, 0));
}

static int
dmabuf_other_file(struct rig *rig)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);
	int error = ERRNO_OF(ibv_reg_dmabuf_mr(rig->pd, 0, 4096, 0, fd, 0));

	close(fd);
	return error;
}

const struct provocation provoke_mr[] = {
	{HCA_RULE_PD_BUSY, pd_in_use},
	{HCA_RULE_MR_EMPTY, no_bytes},
	{HCA_RULE_MR_WRAPS, beyond_the_end},
	{HCA_RULE_MR_OFFSET, another_offset},
	{HCA_RULE_MR_REMOTE, remote_alone},
	{HCA_RULE_MR_ACCESS, unknown_access},
	{HCA_RULE_MR_FLUSH, flush},
	{HCA_RULE_MR_ON_DEMAND, on_demand},
	{HCA_RULE_MR_IMPLICIT, implicit},
	{HCA_RULE_MR_PAGES, no_pages},
	{HCA_RULE_MR_LOCKED, beyond_the_limit},
	{HCA_RULE_MR_LIMIT, too_many},
	{HCA_RULE_DMABUF_OFFSET, dmabuf_offset},
	{HCA_RULE_DMABUF_ACCESS, dmabuf_access},
	{HCA_RULE_DMABUF_WRAPS, dmabuf_wraps},
	{HCA_RULE_DMABUF_NO_FILE, dmabuf_no_file},
	{HCA_RULE_DMABUF_OTHER_FILE, dmabuf_other_file},
	{HCA_RULE_DMABUF_END, dmabuf_end},
	{HCA_RULE_DMABUF_EMPTY, dmabuf_empty},
	{HCA_RULE_NONE, NULL},
};
