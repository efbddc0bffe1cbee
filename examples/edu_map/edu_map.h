/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * edu_map: a probed edu function, shared by edu_map.c (dmadev ops) and dma.c (mapping).
 */
#ifndef EDU_MAP_EDU_MAP_H
#define EDU_MAP_EDU_MAP_H

#include <rte_dmadev.h>
#include <rte_log.h>

#include "table.h"

#define EDU_RING_MAX 64 /* power of two */
#define EDU_SGES     4	/* SGEs of a buffer, one per mapping that it crosses */

/* >>> ring */
struct edu_sge {
	uint64_t address; /* the device's; looked up when the copy is enqueued, as in a WQE */
	uint32_t len;
};

struct edu_copy {
	struct edu_range src; /* only for owns() */
	struct edu_range dst;
	struct edu_sge src_sges[EDU_SGES];
	struct edu_sge dst_sges[EDU_SGES];
	enum rte_dma_status_code status; /* not SUCCESSFUL: not passed to the device */
};

struct edu_dev {
	struct edu_table table;
	volatile uint8_t *bar;
	/* Free running. The device owns copies [done, head); [tail, done) are to be polled. */
	uint16_t head;
	uint16_t done;
	uint16_t tail;
	uint16_t ring_size;
	struct rte_dma_stats stats;
	struct edu_copy ring[EDU_RING_MAX];
};
/* <<< ring */

struct rte_pci_device;

/* dma.c: the callbacks of struct rte_pci_driver, and implicit mappings. */
int edu_dma_map(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
int edu_dma_unmap(struct rte_pci_device *pci, void *addr, uint64_t iova, size_t len);
int edu_dma_start(struct edu_dev *edu, const char *name);
void edu_dma_stop(struct edu_dev *edu, const char *name);
/* Outside the gate: maps the range if EAL owns it. 0: look up again; -EFAULT: not EAL's; -errno. */
int edu_dma_cover(struct edu_dev *edu, const struct edu_range *range);

/* edu_map.c: the state of a function; NULL: closed. */
struct edu_dev *edu_dev_find(const struct rte_pci_device *pci);

extern int edu_map_logtype;

#define EDU_LOG(level, fmt, ...)                                                                   \
	rte_log(RTE_LOG_##level, edu_map_logtype, "dma_edu_map: " fmt "\n", ##__VA_ARGS__)

#endif /* EDU_MAP_EDU_MAP_H */
