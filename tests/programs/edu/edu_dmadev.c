/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A dmadev for QEMU's "edu" device, to test by DMA which memory a mapping makes accessible.
 *
 * Owns one dmadev per edu function, named after its PCI address, with one virtual channel that
 * copies memory to memory through the device's buffer. It has no dma_map callback, so that the bus
 * maps for it through VFIO.
 *
 * The device does not report IOMMU faults, so a faulting copy completes too. Check the memory: an
 * inaccessible source reads as zeros, an inaccessible destination is unchanged. (The kernel logs a
 * line with "fault addr".)
 *
 * Threads: as for any dmadev, one thread at a time per channel. Copies run in submit, 200 ms per
 * EDU_CHUNK bytes, and are complete when it returns.
 */
#include <string.h>

#include <rte_bus_pci.h>
#include <rte_common.h>
#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_log.h>

#include <bus_pci_driver.h>
#include <rte_dmadev_pmd.h>

#include "edu.h"
#include "release.h"

RTE_LOG_REGISTER(edu_logtype, pmd.dma.edu, NOTICE)

#define EDU_LOG(level, fmt, ...)                                                                   \
	rte_log(RTE_LOG_##level, edu_logtype, "dma_edu: " fmt "\n", ##__VA_ARGS__)

#define EDU_RING_MAX 64 /* power of two */

struct edu_copy {
	rte_iova_t src;
	rte_iova_t dst;
	uint32_t len;
	enum rte_dma_status_code status;
};

struct edu_dev {
	volatile uint8_t *bar;
	/*
	 * Free running: head - done copies are to be submitted, done - tail to be reported by
	 * completed.
	 */
	uint16_t head;
	uint16_t done;
	uint16_t tail;
	uint16_t ring_size;
	struct rte_dma_stats stats;
	struct edu_copy ring[EDU_RING_MAX];
};

static int
copy_chunk(struct edu_dev *edu, rte_iova_t src, rte_iova_t dst, uint32_t len)
{
	int ret;

	ret = edu_transfer(edu->bar, src, EDU_BUFFER, len, 0);
	if (ret == 0)
		ret = edu_transfer(edu->bar, EDU_BUFFER, dst, len, EDU_DMA_TO_RAM);
	return ret;
}

static void
run_copy(struct edu_dev *edu, struct edu_copy *copy)
{
	uint32_t off, len;

	copy->status = RTE_DMA_STATUS_SUCCESSFUL;
	for (off = 0; off < copy->len; off += len) {
		len = RTE_MIN(copy->len - off, (uint32_t)EDU_CHUNK);
		if (copy_chunk(edu, copy->src + off, copy->dst + off, len) != 0) {
			copy->status = RTE_DMA_STATUS_ERROR_UNKNOWN;
			edu->stats.errors++;
			return;
		}
	}
}

static int
submit(void *dev_private, uint16_t vchan)
{
	struct edu_dev *edu = dev_private;

	for (; edu->done != edu->head; edu->done++) {
		edu->stats.submitted++;
		run_copy(edu, &edu->ring[edu->done % EDU_RING_MAX]);
	}
	return 0;
}

static uint16_t
burst_capacity(const void *dev_private, uint16_t vchan)
{
	const struct edu_dev *edu = dev_private;

	return edu->ring_size - (uint16_t)(edu->head - edu->tail);
}

static int
copy(void *dev_private, uint16_t vchan, rte_iova_t src, rte_iova_t dst, uint32_t length,
	uint64_t flags)
{
	struct edu_dev *edu = dev_private;
	uint16_t id = edu->head;

	if (burst_capacity(edu, vchan) == 0)
		return -ENOSPC;
	edu->ring[id % EDU_RING_MAX] = (struct edu_copy){.src = src, .dst = dst, .len = length};
	edu->head++;
	if (flags & RTE_DMA_OP_FLAG_SUBMIT)
		submit(edu, vchan);
	return id;
}

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
		/* The failed copy is left to completed_status. */
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

static int
start(struct rte_dma_dev *dev)
{
	struct edu_dev *edu = dev->data->dev_private;

	edu->head = edu->done = edu->tail = 0;
	return 0;
}

static int
stop(struct rte_dma_dev *dev)
{
	return 0;
}

static int
close_dev(struct rte_dma_dev *dev)
{
	return 0;
}

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

static int
init_hardware(struct edu_dev *edu, struct rte_pci_device *pci)
{
	uint32_t id;

	edu->bar = pci->mem_resource[0].addr;
	if (edu->bar == NULL)
		return -ENODEV;
	id = edu_id_read(edu->bar);
	if ((id & 0xff) != 0xed) {
		EDU_LOG(ERR, "%s: register 0 reads 0x%x, not an edu device", pci->name, id);
		return -ENODEV;
	}
	/* Without bus mastering the device's DMA is silently dropped. */
	if (rte_pci_set_bus_master(pci, true) < 0)
		return -EIO;
	return 0;
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct rte_dma_dev *dev;
	struct edu_dev *edu;
	int ret;

	/* Its exit would disable bus mastering for the primary process. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 1;
	dev = rte_dma_pmd_allocate(pci->name, pci->device.numa_node, sizeof(*edu));
	if (dev == NULL) {
		EDU_LOG(ERR, "%s: cannot allocate a dmadev", pci->name);
		return -ENOMEM;
	}
	edu = dev->data->dev_private;
	ret = init_hardware(edu, pci);
	if (ret != 0) {
		rte_dma_pmd_release(pci->name);
		return ret;
	}
	dev->device = &pci->device;
	dev->dev_ops = &edu_ops;
	dev->fp_obj->dev_private = edu;
	dev->fp_obj->copy = copy;
	dev->fp_obj->submit = submit;
	dev->fp_obj->completed = completed;
	dev->fp_obj->completed_status = completed_status;
	dev->fp_obj->burst_capacity = burst_capacity;
	dev->state = RTE_DMA_DEV_READY;
	return 0;
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

static struct rte_pci_driver edu_driver = {
	.id_table = edu_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_NEED_IOVA_AS_VA,
	.probe = probe,
	.remove = remove_dev,
};

DMAMAP_REGISTER_PCI(dma_edu, edu_driver);
RTE_PMD_REGISTER_PCI_TABLE(dma_edu, edu_ids);
RTE_PMD_REGISTER_KMOD_DEP(dma_edu, "* vfio-pci");
