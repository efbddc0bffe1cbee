/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A dmadev for QEMU's "edu" device with dma_map callbacks: the worked example of doc/porting.rst.
 *
 * Like the driver of tests/programs/edu, but its DMA addresses are below 256 MiB, as the DMA engine
 * has 28 address bits by default (hw.h). Addresses in rte_dma_copy() are those of the process; a
 * table translates them to addresses of the device.
 *
 * Threads: as any dmadev, one thread at a time per channel. Copies run in submit, 200 ms for each
 * EDU_CHUNK bytes, and are complete when it returns.
 */
#include <errno.h>
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_common.h>
#include <rte_eal.h>

#include <bus_pci_driver.h>
#include <rte_dmadev_pmd.h>

#include "edu.h"
#include "edu_map.h"
#include "release.h"

RTE_LOG_REGISTER(edu_map_logtype, pmd.dma.edu_map, NOTICE)

/* >>> gather */
/* Inside the gate. Fills SGEs for the whole buffer, one per mapping that it crosses. */
static bool
gather(struct edu_table *table, const struct edu_range *buf, struct edu_sge sges[EDU_SGES])
{
	uintptr_t addr = buf->start;
	size_t left = buf->len, off, n;
	const struct edu_map *map;
	unsigned int i;

	for (i = 0; left != 0 && i < EDU_SGES; i++) {
		map = edu_table_find(table, addr);
		if (map == NULL)
			return false;
		off = addr - map->range.start;
		n = RTE_MIN(left, map->range.len - off); /* do not exceed the end of the mapping */
		sges[i] = (struct edu_sge){map->address + off, n};
		addr += n;
		left -= n;
	}
	return left == 0;
}

/* Looks up both buffers; returns the status of the copy. */
static enum rte_dma_status_code
fill(struct edu_dev *edu, struct edu_copy *copy)
{
	if (!gather(&edu->table, &copy->src, copy->src_sges))
		return RTE_DMA_STATUS_INVALID_SRC_ADDR;
	if (!gather(&edu->table, &copy->dst, copy->dst_sges))
		return RTE_DMA_STATUS_INVALID_DST_ADDR;
	return RTE_DMA_STATUS_SUCCESSFUL;
}
/* <<< gather */

static uint16_t
burst_capacity(const void *dev_private, uint16_t vchan)
{
	const struct edu_dev *edu = dev_private;

	return edu->ring_size - (uint16_t)(edu->head - edu->tail);
}

/* >>> enqueue */
/* False if the gate is closed: nothing is enqueued, and the caller tries again. */
static bool
enqueue(struct edu_dev *edu, const struct edu_copy *wanted)
{
	struct edu_copy *copy = &edu->ring[edu->head % EDU_RING_MAX];

	if (!mlx5x_gate_enter(&edu->table.gate))
		return false;
	*copy = *wanted;
	copy->status = fill(edu, copy);
	edu->head++; /* from here on the device owns it */
	mlx5x_gate_leave(&edu->table.gate);
	return true;
}

/* The slow path of a miss: maps memory of EAL and looks both buffers up again. */
static void
refill(struct edu_dev *edu, struct edu_copy *copy)
{
	if (copy->status == RTE_DMA_STATUS_SUCCESSFUL)
		return;
	edu_dma_cover(edu, &copy->src);
	edu_dma_cover(edu, &copy->dst);
	while (!mlx5x_gate_enter(&edu->table.gate))
		rte_pause();
	copy->status = fill(edu, copy);
	mlx5x_gate_leave(&edu->table.gate);
}
/* <<< enqueue */

static int
transfer(struct edu_dev *edu, const struct edu_sge *src, const struct edu_sge *dst, uint32_t len)
{
	int ret;

	ret = edu_transfer(edu->bar, src->address, EDU_BUFFER, len, 0);
	if (ret == 0)
		ret = edu_transfer(edu->bar, EDU_BUFFER, dst->address, len, EDU_DMA_TO_RAM);
	return ret;
}

/* Skips len bytes, at most the length of the first SGE; returns the SGE to continue with. */
static struct edu_sge *
advance(struct edu_sge *sge, uint32_t len)
{
	sge->address += len;
	sge->len -= len;
	return sge->len == 0 ? sge + 1 : sge;
}

static void
run_copy(struct edu_dev *edu, struct edu_copy *copy)
{
	struct edu_sge *src = copy->src_sges, *dst = copy->dst_sges;
	size_t left;
	uint32_t n;

	if (copy->status != RTE_DMA_STATUS_SUCCESSFUL) {
		edu->stats.errors++;
		return;
	}
	for (left = copy->src.len; left != 0; left -= n) {
		n = RTE_MIN(RTE_MIN(src->len, dst->len), (uint32_t)EDU_CHUNK);
		if (transfer(edu, src, dst, n) != 0) {
			copy->status = RTE_DMA_STATUS_ERROR_UNKNOWN;
			edu->stats.errors++;
			return;
		}
		src = advance(src, n);
		dst = advance(dst, n);
	}
}

static int
submit(void *dev_private, uint16_t vchan)
{
	struct edu_dev *edu = dev_private;
	uint16_t done;

	for (done = edu->done; done != edu->head; done++) {
		edu->stats.submitted++;
		run_copy(edu, &edu->ring[done % EDU_RING_MAX]);
		/* Release; pairs with the acquire in owns(): not owned any more. */
		__atomic_store_n(&edu->done, done + 1, __ATOMIC_RELEASE);
	}
	return 0;
}

static int
copy(void *dev_private, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	uint64_t flags)
{
	const struct edu_copy wanted = {.src = {src, length}, .dst = {dst, length}};
	struct edu_dev *edu = dev_private;
	uint16_t id = edu->head;

	if (burst_capacity(edu, vchan) == 0 || !enqueue(edu, &wanted))
		return -ENOSPC;
	refill(edu, &edu->ring[id % EDU_RING_MAX]);
	if (flags & RTE_DMA_OP_FLAG_SUBMIT)
		submit(edu, vchan);
	return id;
}

/* >>> owns */
static bool
owns(struct edu_table *table, const struct edu_range *range)
{
	struct edu_dev *edu = container_of(table, struct edu_dev, table);
	uint16_t i = __atomic_load_n(&edu->done, __ATOMIC_ACQUIRE);
	const struct edu_copy *copy;

	for (; i != edu->head; i++) {
		copy = &edu->ring[i % EDU_RING_MAX];
		if (copy->status == RTE_DMA_STATUS_SUCCESSFUL &&
			(edu_range_touches(range, copy->src.start, copy->src.len) ||
				edu_range_touches(range, copy->dst.start, copy->dst.len)))
			return true;
	}
	return false;
}
/* <<< owns */

static uint16_t
completed_status(void *dev_private, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
	enum rte_dma_status_code *status)
{
	struct edu_dev *edu = dev_private;
	uint16_t n;

	for (n = 0; n < nb_cpls && edu->tail != edu->done; n++, edu->tail++)
		status[n] = edu->ring[edu->tail % EDU_RING_MAX].status;
	*last_idx = edu->tail - 1;
	edu->stats.completed += n;
	return n;
}

static uint16_t
completed(void *dev_private, uint16_t vchan, const uint16_t nb_cpls, uint16_t *last_idx,
	bool *has_error)
{
	struct edu_dev *edu = dev_private;
	uint16_t n;

	*has_error = false;
	for (n = 0; n < nb_cpls && edu->tail != edu->done; n++, edu->tail++) {
		/* The failed copy stays in the ring, for completed_status. */
		if (edu->ring[edu->tail % EDU_RING_MAX].status != RTE_DMA_STATUS_SUCCESSFUL) {
			*has_error = true;
			break;
		}
	}
	*last_idx = edu->tail - 1;
	edu->stats.completed += n;
	return n;
}

static int
info_get(const struct rte_dma_dev *dev, struct rte_dma_info *info, uint32_t info_sz)
{
	info->dev_capa = RTE_DMA_CAPA_MEM_TO_MEM | RTE_DMA_CAPA_OPS_COPY;
	info->max_vchans = 1;
	info->max_desc = EDU_RING_MAX;
	info->min_desc = 1;
	return 0;
}

static int
configure(struct rte_dma_dev *dev, const struct rte_dma_conf *conf, uint32_t conf_sz)
{
	return 0;
}

static int
vchan_setup(struct rte_dma_dev *dev, uint16_t vchan, const struct rte_dma_vchan_conf *conf,
	uint32_t conf_sz)
{
	struct edu_dev *edu = dev->data->dev_private;

	edu->ring_size = conf->nb_desc;
	return 0;
}

/* >>> stop */
/* Discards copies that are not submitted: no queue owns a buffer after stop. */
static int
stop(struct rte_dma_dev *dev)
{
	struct edu_dev *edu = dev->data->dev_private;

	mlx5x_gate_close(&edu->table.gate);
	edu->head = edu->done = edu->tail = 0;
	mlx5x_gate_open(&edu->table.gate);
	return 0;
}
/* <<< stop */

static int
start(struct rte_dma_dev *dev)
{
	return 0;
}

/* >>> close */
/* Called by the application or by remove: ends all mappings that are left. */
static int
close_dev(struct rte_dma_dev *dev)
{
	struct edu_dev *edu = dev->data->dev_private;

	edu_dma_stop(edu, dev->data->dev_name);
	edu_table_fini(&edu->table);
	return 0;
}
/* <<< close */

static int
stats_get(const struct rte_dma_dev *dev, uint16_t vchan, struct rte_dma_stats *stats,
	uint32_t stats_sz)
{
	const struct edu_dev *edu = dev->data->dev_private;

	*stats = edu->stats;
	return 0;
}

static int
stats_reset(struct rte_dma_dev *dev, uint16_t vchan)
{
	struct edu_dev *edu = dev->data->dev_private;

	memset(&edu->stats, 0, sizeof(edu->stats));
	return 0;
}

static const struct rte_dma_dev_ops edu_ops = {
	.dev_info_get = info_get,
	.dev_configure = configure,
	.dev_start = start,
	.dev_stop = stop,
	.dev_close = close_dev,
	.vchan_setup = vchan_setup,
	.stats_get = stats_get,
	.stats_reset = stats_reset,
};

struct edu_dev *
edu_dev_find(const struct rte_pci_device *pci)
{
	int id = rte_dma_get_dev_id_by_name(pci->name);

	return id < 0 ? NULL : rte_dma_fp_objs[id].dev_private;
}

static int
init_hardware(struct edu_dev *edu, struct rte_pci_device *pci)
{
	edu->bar = pci->mem_resource[0].addr;
	if (edu->bar == NULL || (edu_id_read(edu->bar) & 0xff) != 0xed) {
		EDU_LOG(ERR, "%s: not an edu device", pci->name);
		return -ENODEV;
	}
	if (edu_hw_init() != 0) {
		EDU_LOG(ERR, "%s: no VFIO container: bind it to vfio-pci", pci->name);
		return -ENODEV;
	}
	/* Without it the device's DMA has no effect, and no error. */
	return rte_pci_set_bus_master(pci, true) < 0 ? -EIO : 0;
}

static void
announce(struct rte_dma_dev *dev, struct edu_dev *edu, struct rte_pci_device *pci)
{
	dev->device = &pci->device;
	dev->dev_ops = &edu_ops;
	dev->fp_obj->dev_private = edu;
	dev->fp_obj->copy = copy;
	dev->fp_obj->submit = submit;
	dev->fp_obj->completed = completed;
	dev->fp_obj->completed_status = completed_status;
	dev->fp_obj->burst_capacity = burst_capacity;
	dev->state = RTE_DMA_DEV_READY;
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct rte_dma_dev *dev;
	struct edu_dev *edu;
	int ret;

	/* The exit of a secondary process would disable bus mastering for the primary. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 1;
	dev = rte_dma_pmd_allocate(pci->name, pci->device.numa_node, sizeof(*edu));
	if (dev == NULL)
		return -ENOMEM;
	edu = dev->data->dev_private;
	edu_table_init(&edu->table, owns);
	ret = init_hardware(edu, pci);
	if (ret == 0)
		ret = edu_dma_start(edu, dev->data->dev_name);
	if (ret == 0)
		announce(dev, edu, pci);
	else
		rte_dma_pmd_release(pci->name);
	return ret;
}

static int
remove_dev(struct rte_pci_device *pci)
{
	int id = rte_dma_get_dev_id_by_name(pci->name);
	int ret;

	rte_pci_set_bus_master(pci, false);
	if (id < 0) /* closed by the application */
		return 0;
	ret = rte_dma_pmd_release(pci->name);
	if (ret != -EBUSY)
		return ret;
	rte_dma_stop(id);
	return rte_dma_pmd_release(pci->name);
}

static const struct rte_pci_id edu_ids[] = {
	{RTE_PCI_DEVICE(EDU_VENDOR_ID, EDU_DEVICE_ID)},
	{.vendor_id = 0},
};

/* >>> driver */
static struct rte_pci_driver edu_map_driver = {
	.id_table = edu_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_NEED_IOVA_AS_VA,
	.probe = probe,
	.remove = remove_dev,
	.dma_map = edu_dma_map,
	.dma_unmap = edu_dma_unmap,
};

DMAMAP_REGISTER_PCI(dma_edu_map, edu_map_driver);
/* <<< driver */
RTE_PMD_REGISTER_PCI_TABLE(dma_edu_map, edu_ids);
RTE_PMD_REGISTER_KMOD_DEP(dma_edu_map, "* vfio-pci");
