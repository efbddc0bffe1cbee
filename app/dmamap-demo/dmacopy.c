/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the calls of dmadev.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_dmadev.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "deadline.h"
#include "dmacopy.h"
#include "pattern.h"

#define RING_SIZE 64
#define BLANK 0x2e

int
dmacopy_start(struct dmacopy *dma, char *err, size_t err_len)
{
	const struct rte_dma_conf conf = {.nb_vchans = 1};
	struct rte_dma_vchan_conf vchan = {.direction = RTE_DMA_DIR_MEM_TO_MEM};
	const char *what = "rte_dma_info_get";
	struct rte_dma_info info;
	int ret;

	ret = rte_dma_info_get(dma->id, &info);
	if (ret != 0)
		goto err_say;
	what = "rte_dma_configure";
	ret = rte_dma_configure(dma->id, &conf);
	if (ret != 0)
		goto err_say;
	what = "rte_dma_vchan_setup";
	vchan.nb_desc = RTE_MAX((uint16_t)RING_SIZE, info.min_desc);
	vchan.nb_desc = RTE_MIN(vchan.nb_desc, info.max_desc);
	ret = rte_dma_vchan_setup(dma->id, 0, &vchan);
	if (ret != 0)
		goto err_say;
	what = "rte_dma_start";
	ret = rte_dma_start(dma->id);
	if (ret != 0)
		goto err_say;
	dma->started = true;
	return 0;

err_say:
	snprintf(err, err_len, "%s: %s", what, rte_strerror(-ret));
	return ret;
}

void
dmacopy_stop(struct dmacopy *dma)
{
	if (dma->started) {
		rte_dma_stop(dma->id);
		rte_dma_close(dma->id);
	}
	dma->started = false;
}

/* Wait for the one copy in progress. */
static int
wait_copy(const struct dmacopy *dma)
{
	struct deadline deadline = deadline_in_ms(dma->args->timeout_ms);
	enum rte_dma_status_code status;
	bool failed = false;
	uint16_t last;

	while (rte_dma_completed(dma->id, 0, 1, &last, &failed) == 0) {
		if (failed) {
			rte_dma_completed_status(dma->id, 0, 1, &last, &status);
			return -EIO;
		}
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		rte_delay_us_sleep(100);
	}
	return 0;
}

static int
copy(struct dmacopy *dma, rte_iova_t from, rte_iova_t to, uint32_t len)
{
	int ret = rte_dma_copy(dma->id, 0, from, to, len, RTE_DMA_OP_FLAG_SUBMIT);

	return ret < 0 ? ret : wait_copy(dma);
}

/* Slot i of the region; no slot crosses a discontinuity of the device addresses. */
static size_t
slot_offset(const struct region *region, uint32_t len, uint64_t i)
{
	size_t chunk_len = region->chunks[0].len;
	size_t per_chunk = chunk_len / len;

	i %= per_chunk * region->n_chunks;
	return i / per_chunk * chunk_len + i % per_chunk * len;
}

/* A large step, coprime to any power of two: both ends of the region are used. */
static bool
copy_one(struct dmacopy *dma, uint32_t seq)
{
	const struct pattern pattern = {
		.run = dma->run, .seq = seq, .sender = (uint16_t)dma->id, .kind = PATTERN_DATA,
	};
	uint32_t len = dma->args->packet_size;
	size_t from = slot_offset(dma->region, len, (uint64_t)seq * 2 * 7919);
	size_t to = slot_offset(dma->region, len, (uint64_t)seq * 2 * 7919 + 1);
	uint8_t *target = (uint8_t *)dma->region->addr + to;
	size_t left;

	pattern_fill((uint8_t *)dma->region->addr + from, len, &pattern);
	memset(target, BLANK, len);
	dma->tx++;
	if (copy(dma, region_iova(dma->region, from, &left), region_iova(dma->region, to, &left),
			len) != 0)
		return false;
	dma->rx++;
	if (pattern_equal(target, len, &pattern))
		dma->verified++;
	return true;
}

void
dmacopy_run(struct dmacopy *dma)
{
	uint32_t seq;

	for (seq = 0; seq < dma->args->copies; seq++)
		if (!copy_one(dma, seq))
			break;
	if (dma->verified != dma->args->copies)
		fprintf(stderr, "dmamap-demo: DMA device %d: started %" PRIu64 " of %" PRIu32
			" copies, completed %" PRIu64 ", verified %" PRIu64 "\n", dma->id, dma->tx,
			dma->args->copies, dma->rx, dma->verified);
}

struct buffers {
	uint8_t *source;	/* native, len bytes */
	uint8_t *target;	/* native, len bytes */
	uint8_t *inside;	/* at the start of the region */
	size_t len;
};

static bool
control_works(struct dmacopy *dma, const struct buffers *b, uint32_t seq)
{
	const struct pattern control = {
		.run = dma->run, .seq = seq, .sender = (uint16_t)dma->id, .kind = PATTERN_CONTROL,
	};

	pattern_fill(b->source, b->len, &control);
	memset(b->target, BLANK, b->len);
	return copy(dma, rte_malloc_virt2iova(b->source), rte_malloc_virt2iova(b->target),
		b->len) == 0 && pattern_equal(b->target, b->len, &control);
}

static bool
is_blank(const uint8_t *buf, size_t len)
{
	return buf[0] == BLANK && memcmp(buf, buf + 1, len - 1) == 0;
}

/* An error reported by the device is ignored: the memory shows whether the copy had an effect. */
static enum reach
try_both_ways(struct dmacopy *dma, const struct buffers *b)
{
	const struct pattern secret = {
		.run = dma->run, .seq = 0, .sender = (uint16_t)dma->id, .kind = PATTERN_SECRET,
	};
	size_t left;
	rte_iova_t inside = region_iova(dma->region, 0, &left);

	pattern_fill(b->inside, b->len, &secret);
	memset(b->target, BLANK, b->len);
	copy(dma, inside, rte_malloc_virt2iova(b->target), b->len);
	if (pattern_leaks(b->target, b->len, &secret))
		return REACH_REACHED;

	memset(b->inside, BLANK, b->len);
	copy(dma, rte_malloc_virt2iova(b->source), inside, b->len);
	return is_blank(b->inside, b->len) ? REACH_UNTOUCHED : REACH_REACHED;
}

enum reach
dmacopy_reach(struct dmacopy *dma)
{
	enum reach reach = REACH_UNPROVEN;
	struct buffers b = {.inside = dma->region->addr, .len = dma->args->packet_size};

	b.source = rte_malloc("dmacopy", b.len, RTE_CACHE_LINE_SIZE);
	b.target = rte_malloc("dmacopy", b.len, RTE_CACHE_LINE_SIZE);
	if (b.source != NULL && b.target != NULL && control_works(dma, &b, 1)) {
		reach = try_both_ways(dma, &b);
		if (reach != REACH_REACHED && !control_works(dma, &b, 2))
			reach = REACH_UNPROVEN;
	}
	rte_free(b.target);
	rte_free(b.source);
	return reach;
}
