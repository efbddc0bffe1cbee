/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the calls of dmadev. The memory decides: a copy reported as failed equals a copy without
 * effect.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_dmadev.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "bytes.h"
#include "rig.h"

#define RING 64
#define BLANK 0x2e
#define COPY_US 5000000
#define POLL_US 100
#define PIECE 256u	/* bytes of a copy */

static int
start(struct rig *rig, const char **what)
{
	const struct rte_dma_conf conf = {.nb_vchans = 1};
	struct rte_dma_vchan_conf vchan = {.direction = RTE_DMA_DIR_MEM_TO_MEM};
	struct rte_dma_info info;
	int ret;

	*what = "rte_dma_info_get";
	ret = rte_dma_info_get(rig->dma, &info);
	if (ret != 0)
		return ret;
	*what = "rte_dma_configure";
	ret = rte_dma_configure(rig->dma, &conf);
	if (ret != 0)
		return ret;
	*what = "rte_dma_vchan_setup";
	vchan.nb_desc = RTE_MIN(RTE_MAX((uint16_t)RING, info.min_desc), info.max_desc);
	ret = rte_dma_vchan_setup(rig->dma, 0, &vchan);
	if (ret != 0)
		return ret;
	*what = "rte_dma_start";
	return rte_dma_start(rig->dma);
}

static void
dma_close(struct rig *rig)
{
	if (rig->started)
		rte_dma_stop(rig->dma);
	rig->started = false;
	rte_free(rig->source);
	rte_free(rig->target);
	rig->source = rig->target = NULL;
}

static int
dma_open(struct rig *rig, char *err, size_t size)
{
	const char *what;
	int ret;

	ret = start(rig, &what);
	if (ret != 0) {
		snprintf(err, size, "%s: %s: %s", rig->name, what, rte_strerror(-ret));
		return ret;
	}
	rig->started = true;
	rig->source = rte_malloc("conformance", RIG_READ_MAX, RTE_CACHE_LINE_SIZE);
	rig->target = rte_malloc("conformance", RIG_READ_MAX, RTE_CACHE_LINE_SIZE);
	if (rig->source != NULL && rig->target != NULL)
		return 0;
	snprintf(err, size, "%s: no memory", rig->name);
	dma_close(rig);
	return -ENOMEM;
}

static int
dma_restart(struct rig *rig)
{
	const char *what;
	int ret = rte_dma_stop(rig->dma);

	return ret != 0 ? ret : start(rig, &what);
}

/* Retries while the queue is full or its driver is changing mappings (ENOSPC). */
static int
enqueue(const struct rig *rig, uint64_t from, uint64_t to, uint32_t len)
{
	unsigned int us;
	int ret;

	for (us = 0; us < COPY_US; us += POLL_US) {
		ret = rte_dma_copy(rig->dma, 0, from, to, len, RTE_DMA_OP_FLAG_SUBMIT);
		if (ret != -ENOSPC)
			return ret;
		rte_delay_us_sleep(POLL_US);
	}
	return -ETIMEDOUT;
}

static int
copy(struct rig *rig, uint64_t from, uint64_t to, uint32_t len)
{
	enum rte_dma_status_code status;
	bool failed = false;
	uint16_t last;
	unsigned int us;
	int ret;

	ret = enqueue(rig, from, to, len);
	if (ret < 0)
		return ret;
	for (us = 0; us < COPY_US; us += POLL_US) {
		if (rte_dma_completed(rig->dma, 0, 1, &last, &failed) != 0)
			return 0;
		if (failed) {
			rte_dma_completed_status(rig->dma, 0, 1, &last, &status);
			return -EIO;
		}
		rte_delay_us_sleep(POLL_US);
	}
	return -ETIMEDOUT;
}

static enum moved
judge(const uint8_t *at, uint32_t len, uint64_t seq)
{
	if (bytes_equal(at, len, seq))
		return MOVED;
	return bytes_leak(at, len, seq) ? DAMAGED : REFUSED;
}

static bool
dma_healthy(struct rig *rig)
{
	uint64_t seq = rig_next_seq();

	if (!rig->started)
		return false;
	bytes_fill(rig->source, PIECE, seq);
	memset(rig->target, BLANK, PIECE);
	return copy(rig, rte_malloc_virt2iova(rig->source), rte_malloc_virt2iova(rig->target),
		PIECE) == 0 && bytes_equal(rig->target, PIECE, seq);
}

static void
dma_put(const struct rig *rig, void *at, uint32_t len, uint64_t seq)
{
	bytes_fill(at, len, seq);
}

static enum moved
dma_get(struct rig *rig, const struct span *span, uint64_t seq)
{
	uint32_t len = (uint32_t)span->len;

	memset(rig->target, BLANK, len);
	if (copy(rig, span->iova, rte_malloc_virt2iova(rig->target), len) == -ETIMEDOUT)
		return BROKEN;
	return judge(rig->target, len, seq);
}

/* The start and the end of the span, which the program itself need not be able to write. */
static enum moved
dma_write(struct rig *rig, const struct span *span)
{
	uint64_t seq = rig_next_seq();
	size_t off = span->len - PIECE;
	uint8_t *end = (uint8_t *)span->addr + off;
	enum moved moved;

	bytes_fill(rig->source, PIECE, seq);
	copy(rig, rte_malloc_virt2iova(rig->source), span->iova, PIECE);
	copy(rig, rte_malloc_virt2iova(rig->source), span->iova + off, PIECE);
	moved = judge(span->addr, PIECE, seq);
	return moved == judge(end, PIECE, seq) ? moved : DAMAGED;
}

int
rig_dma_hold(struct rig *rig, const struct span *span)
{
	return rte_dma_copy(rig->dma, 0, span->iova, rte_malloc_virt2iova(rig->target), PIECE, 0);
}

const struct rig_ops rig_dma_ops = {
	.kind = "dmadev",
	.open = dma_open,
	.close = dma_close,
	.restart = dma_restart,
	.put = dma_put,
	.get = dma_get,
	.write = dma_write,
	.healthy = dma_healthy,
};
