/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_dmabuf.c - regions of dma-bufs, as of udmabuf or of another device: what the descriptor is
 * mapped to here, the model reaches.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/magic.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "refusals/refusals.h"
#include "verbs/verbs_mr.h"

#ifndef DMA_BUF_MAGIC
#define DMA_BUF_MAGIC 0x444d4142
#endif

#define ACCESS                                                                                     \
	(IBV_ACCESS_LOCAL_WRITE | IBV_ACCESS_REMOTE_READ | IBV_ACCESS_REMOTE_WRITE |               \
		IBV_ACCESS_REMOTE_ATOMIC | IBV_ACCESS_RELAXED_ORDERING)
#define REMOTE_WRITES (IBV_ACCESS_REMOTE_WRITE | IBV_ACCESS_REMOTE_ATOMIC)

static enum hca_rule
rule_of_call(uint64_t offset, size_t len, uint64_t iova, unsigned int access)
{
	if (((offset ^ iova) & (HCA_PAGE - 1)) != 0)
		return HCA_RULE_DMABUF_OFFSET;
	if ((access & ~(unsigned int)ACCESS) != 0)
		return HCA_RULE_DMABUF_ACCESS;
	if ((access & REMOTE_WRITES) != 0 && (access & IBV_ACCESS_LOCAL_WRITE) == 0)
		return HCA_RULE_MR_REMOTE;
	return offset + len < offset ? HCA_RULE_DMABUF_WRAPS : HCA_RULE_NONE;
}

static enum hca_rule
rule_of_file(int fd, uint64_t end, size_t len)
{
	struct statfs fs;
	off_t size;

	if (fstatfs(fd, &fs) != 0)
		return HCA_RULE_DMABUF_NO_FILE;
	if (fs.f_type != DMA_BUF_MAGIC)
		return HCA_RULE_DMABUF_OTHER_FILE;
	size = lseek(fd, 0, SEEK_END);
	lseek(fd, 0, SEEK_SET);
	if (size < 0 || (uint64_t)size < end)
		return HCA_RULE_DMABUF_END;
	return len == 0 ? HCA_RULE_DMABUF_EMPTY : HCA_RULE_NONE;
}

/* The whole pages of the range. False: the one who made the dma-buf does not let it be mapped. */
static bool
map(struct soft_mr *mr, int fd, uint64_t offset, bool write)
{
	uint64_t start = offset & ~(uint64_t)(HCA_PAGE - 1);

	mr->map_len = offset + mr->ibv.length - start;
	mr->map = mmap(NULL, mr->map_len, PROT_READ | (write ? PROT_WRITE : 0), MAP_SHARED, fd,
		start);
	return mr->map != MAP_FAILED;
}

EXPORT struct ibv_mr *
ibv_reg_dmabuf_mr(struct ibv_pd *pd, uint64_t offset, size_t len, uint64_t iova, int fd, int access)
{
	struct soft_mr *mr;
	int error;

	error = hca_refuse(rule_of_call(offset, len, iova, access));
	if (error == 0)
		error = hca_refuse(rule_of_file(fd, offset + len, len));
	if (error != 0)
		return soft_refuse(error);
	mr = soft_mr_new(pd, (void *)(uintptr_t)offset, len);
	if (mr == NULL)
		return NULL;
	if (!map(mr, fd, offset, (access & IBV_ACCESS_LOCAL_WRITE) != 0)) {
		/* Hardware would reach it all the same. */
		free(mr);
		return soft_refuse(EOPNOTSUPP);
	}
	error = soft_mr_add_key(mr, iova, (uint8_t *)mr->map + offset % HCA_PAGE, access);
	if (error != 0) {
		munmap(mr->map, mr->map_len);
		free(mr);
		return soft_refuse(error);
	}
	hca_trace("reg_dmabuf_mr(fd %d, %#lx, %#zx, access %#x): key %#x", fd, offset, len, access,
		mr->ibv.lkey);
	return &mr->ibv;
}
