/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A device under test and the means to make it move data: the suite's oracle. A rig is an ethdev
 * port connected to a port of this process (maybe itself), or a dmadev. Main thread only; every
 * wait is bounded.
 */
#ifndef CONFORMANCE_RIG_H
#define CONFORMANCE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_dev.h>
#include <rte_ether.h>
#include <rte_mempool.h>

#define RIG_MAX 16
#define RIG_NAME 64
#define RIG_QUEUES 2
#define RIG_READ_MAX 1024	/* bytes of a usual read */

/* Memory as passed to the device. */
struct span {
	void *addr;
	uint64_t iova;
	size_t len;
};

enum moved {
	MOVED,		/* all bytes, unchanged */
	DAMAGED,	/* some of the bytes */
	ELSEWHERE,	/* all, but not into the buffers that the port was given */
	REFUSED,	/* none, and the device keeps working */
	BROKEN,		/* none, and other data is not moved either */
};

enum rules {
	RULES_DRIVER,	/* the driver's own callback: byte ranges, conflicts by VA, EBUSY */
	RULES_VFIO,	/* a shared container: whole pages, conflicts by IOVA */
};

struct rig;

struct rig_ops {
	const char *kind;
	int (*open)(struct rig *rig, char *err, size_t size);
	void (*close)(struct rig *rig);
	/* Stops and starts it: queues return the buffers that they own. Returns 0 or -errno. */
	int (*restart)(struct rig *rig);
	/* The program writes piece seq: marked bytes that get() recognises. */
	void (*put)(const struct rig *rig, void *at, uint32_t len, uint64_t seq);
	/* The device reads the span, RIG_READ_MAX bytes at most, as piece seq was put there. */
	enum moved (*get)(struct rig *rig, const struct span *span, uint64_t seq);
	/* The device writes into the span, RIG_WRITE_ROOM bytes at least. */
	enum moved (*write)(struct rig *rig, const struct span *span);
	/* Data moves from and to DPDK's memory. */
	bool (*healthy)(struct rig *rig);
};

#define RIG_WRITE_ROOM ((size_t)2 << 20)

struct rig {
	char name[RIG_NAME];
	char devargs[512];		/* for rte_dev_probe() */
	char driver[32];
	struct rte_device *dev;
	const struct rig_ops *ops;
	enum rules rules;
	bool selected;			/* under test, not only a helper */
	bool opened;

	/* ethdev */
	uint16_t port;
	uint16_t n_queues;
	uint16_t n_rxd;
	uint16_t n_txd;
	uint32_t mtu;
	bool started;
	bool stalls;			/* a rejected packet has stopped its queue before */
	bool keeps;			/* has kept posted buffers over stop and queue set-up */
	struct rte_ether_addr mac;
	struct rte_mempool *pool;	/* in DPDK's memory, for both directions */
	struct rte_mempool *rx_pool;	/* of Rx queue 0 as last set up */
	struct rig *peer;		/* receives its frames */

	/* dmadev */
	int16_t dma;
	uint8_t *source;		/* in DPDK's memory */
	uint8_t *target;
};

struct rig_list {
	struct rig rigs[RIG_MAX];
	unsigned int n;
};

/* Puts a new piece at the start of the span, RIG_READ_MAX bytes at most, and gets it. */
enum moved rig_read(struct rig *rig, const struct span *span);

/*
 * A dmadev: enqueues a copy from the span without submitting it. Returns a negative errno if that
 * fails.
 */
int rig_dma_hold(struct rig *rig, const struct span *span);

extern const struct rig_ops rig_eth_ops;
extern const struct rig_ops rig_dma_ops;

/*
 * Finds all devices with a port or a dmadev; name (or NULL: all) selects those under test. rules
 * applies to devices that pci_ext does not know: 'd', 'v', or 0 to go by the kernel driver.
 */
void rig_list_find(struct rig_list *list, const char *name, char rules);

/* Opens all and finds their peers. Returns 0 or a negative errno, with a message in err. */
int rig_list_open(struct rig_list *list, char *err, size_t size);
void rig_list_close(struct rig_list *list);

/* Another open device under the same rules, or NULL. */
struct rig *rig_list_other(struct rig_list *list, const struct rig *rig);

/* Remove the device from the process; probe and open it again. Return 0 or -errno. */
int rig_unplug(struct rig_list *list, struct rig *rig);
int rig_plug(struct rig_list *list, struct rig *rig, char *err, size_t size);

/* The PCI device of that name, or NULL if no driver has it. */
struct rte_device *rig_device(const char *name);

/* A number that no piece of data has had. */
uint64_t rig_next_seq(void);

#endif
