/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Driver-specific DMA mapping on DPDK's PCI bus: the public contract.
 *
 * With librte_bus_pci_ext.so loaded, rte_dev_dma_map() and rte_dev_dma_unmap() of every PCI device
 * behave as told here. An application needs no other call: it registers its memory with
 * rte_extmem_register() and maps it for each device that shall reach it. The in-tree bus has the
 * same entry points without the guarantees.
 *
 * Backends
 * --------
 * A mapping is made by the first of these that serves the device:
 *   driver  the device's driver has both callbacks, rte_pci_driver.dma_map and dma_unmap
 *   vfio    the device is on vfio-pci and a driver has claimed it: VFIO's default container
 *   none    everything else, for instance a device that is still on its kernel driver
 *
 * Units
 * -----
 * addr is an address of this process, iova the address by which the device sees it, len is in
 * bytes. Where EAL runs in IOVA-as-VA mode, an iova of 0 or RTE_BAD_IOVA means addr itself (testpmd
 * passes 0). A mapping is named by (device, addr, iova, len) with the iova that came of this.
 * The driver backend takes any byte range; vfio wants addr, iova and len in pages.
 *
 * Results
 * -------
 * 0, or a negative errno; rte_errno is then always the same value, positive. A call that fails has
 * changed nothing. Ranges never wrap. A struct rte_device must not be NULL: EAL looks into it
 * before anybody here is asked.
 *
 *   EINVAL   no driver has claimed a device that is on vfio-pci, or it is being unplugged;
 *            addr + len or iova + len wraps; part of the range is not known to EAL;
 *            not aligned to the page (vfio only), or an IOVA that the IOMMU does not offer;
 *            unmap with another length, of an inner address, or across several mappings
 *   ENOTSUP  no backend serves the device; a secondary process (in this version);
 *            len is 0 (EAL's own check)
 *   EEXIST   map overlaps a live mapping, which stays: in addr on the same device for driver, in
 *            iova on any device for vfio, where memory of EAL itself counts as mapped
 *   EFAULT   the memory is not backed, or not with the permission that is needed
 *   ENOMEM   no memory, or a limit; a log line names the limit and its present value
 *   ENOENT   unmap of nothing
 *   EBUSY    unmap while a queue of the device owns buffers in the range (driver only): stop or
 *            drain the queue, then again. On vfio the bus cannot know: the result is 0, and the
 *            IOMMU refuses what the device tries later. Also map, when it would end a stale
 *            mapping (below) in which a queue owns buffers.
 *   EDEADLK  called from a driver's own dma_map or dma_unmap, for the same device
 *   others   as the driver or the kernel gave them; EIO where they gave none
 *
 * A driver whose port was closed, and its mappings with it, answers ENOENT to an unmap; the caller
 * gets 0, since what was wanted is so.
 *
 * After unmap has returned 0 the device cannot reach the memory, and nothing brings the mapping
 * back by itself. Two things are not in the power of a map and an unmap:
 * - Memory that EAL or the driver maps by itself, as EAL does with its own memory and with heaps on
 *   vfio, and mlx5_ext with memory of EAL that packets are in. To map it is EEXIST, as it is mapped
 *   or may be at any time. A driver that registers by itself and does not say so (in-tree net_mlx5)
 *   can undo an unmap.
 * - VFIO without an IOMMU (enable_unsafe_noiommu_mode): a device reaches all memory at all times.
 *   Maps and unmaps are kept and counted, for a program need not know; a WARNING is logged once.
 *
 * Memory that goes
 * ----------------
 * Unmap memory before it is unregistered or freed. Otherwise the device goes on reaching the old
 * pages, and the mapping is stale: its memory is not known to EAL any more, or other memory has
 * been registered there since. A stale mapping
 * - is never counted on: who maps this range, or one that overlaps it, has it ended first, for all
 *   devices that share it and with all its references, and then makes a mapping of the new memory
 *   with one reference. A log line tells;
 * - can be unmapped like any other, as often as it was mapped: by pci_ext_dma_unmap() at once, by
 *   rte_dev_dma_unmap() when its first byte is registered again, since EAL refuses unknown ones
 *   with EINVAL;
 * - is not mapped again when its device comes, but dropped with a log line.
 * That EAL's own memory, or that of a heap, has gone is told by EAL's memory events. With
 * --legacy-mem there are none, and a heap's memory that was removed, and added again at the same
 * address, is taken for the old one.
 *
 * Hot-plug
 * --------
 * Mappings belong to the device's name. When it is unplugged they are unmapped, those of a driver
 * before it is removed, those of vfio after that, so that a port that nobody has stopped does not
 * fault. They are mapped again when a driver claims the device the next time. What is unmapped
 * meanwhile stays away, and what has become stale is dropped with a log line. rte_eal_cleanup()
 * ends all of them, in the same order.
 *
 * Threads
 * -------
 * Any thread may call at any time, with traffic running, but not from a signal handler. Results are
 * as if calls had been made one after the other.
 *
 * map and unmap may sleep: in the driver or the kernel, and until an earlier call of this kind for
 * the same device is done; devices on vfio, which share a container, wait for each other. They
 * never wait for a call for another device. Plug, unplug and rte_eal_cleanup() are such calls for
 * each mapping of the device. What only looks, pci_ext_mapping_iterate(), pci_ext_device_query()
 * and telemetry, waits for none of them.
 *
 * An unplug waits for the calls that are under way. A map by rte_device that comes after it has
 * begun is EINVAL.
 *
 * Callbacks of EAL (of memory events, mempool events, alarms) may map and unmap, but for one thing
 * that no lock of ours can mend: in a callback under a lock of EAL, as memory events are, do not
 * call for a device whose driver may be waiting for that lock in its dma_map or dma_unmap. In-tree
 * net_mlx5 calls rte_malloc() and rte_free() in both, so map and unmap for it outside of memory
 * events, or see to it that no other thread does so for the same device meanwhile. With vfio, and
 * with a driver that takes no memory from EAL there, this cannot happen.
 *
 * Do not call from a driver's own dma_map or dma_unmap: for the same device it is EDEADLK, and for
 * two devices that do so for each other a deadlock.
 */
#ifndef PCI_EXT_H
#define PCI_EXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PCI_EXT_NAME_SIZE 32 /* of a device or a backend, with its terminating zero */

enum pci_ext_state {
	PCI_EXT_PENDING, /* wished for a device that is not there, or that could not take it */
	PCI_EXT_ACTIVE,	 /* a backend holds it */
	PCI_EXT_BUSY, /* the backend is mapping it (counted as pending), or unmapping (as active) */
};

/* One mapping, as it was at the time of the call that gave it. */
struct pci_ext_mapping {
	char device[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "" when there is none yet */
	uint64_t addr;
	uint64_t iova;
	uint64_t len;	     /* bytes */
	uint32_t references; /* as many unmaps end it */
	enum pci_ext_state state;
	uint64_t age; /* seconds in this state */
};

/* One device, likewise. */
struct pci_ext_device {
	char name[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "driver", "vfio", or "" when nothing serves it */
	int present;			 /* a driver has claimed it */
	uint64_t active;		 /* mappings */
	uint64_t pending;
	uint64_t active_bytes;
};

/*
 * By the name of a device, also before it is there
 * ------------------------------------------------
 * The same two calls for a device given by its PCI address ("0000:03:00.0" or "03:00.0"). If a
 * driver has claimed the device, they do what rte_dev_dma_map() and rte_dev_dma_unmap() do, and
 * share their references. If not, the range is kept as PENDING and mapped when the device is
 * probed; then a map overlapping another in addr is EEXIST, and what the backend has against the
 * range is logged when the device comes, and leaves it PENDING. A PENDING range whose memory has
 * been unregistered by then is dropped, whatever is registered there now.
 *
 * After rte_eal_init(). Any thread; may sleep. EINVAL also when device is not a PCI address.
 */
int pci_ext_dma_map(const char *device, void *addr, uint64_t iova, size_t len);
int pci_ext_dma_unmap(const char *device, void *addr, uint64_t iova, size_t len);

/*
 * Call act for each mapping of a device, or of all devices (device NULL), by device and address, as
 * they were at the time of the call. act may call any function here; the mapping is valid until it
 * returns; when it returns something else than 0, that ends the walk.
 * Returns 0, what act returned, or -EINVAL or -ENOMEM with rte_errno set.
 */
typedef int (*pci_ext_mapping_act_t)(const struct pci_ext_mapping *mapping, void *arg);
int pci_ext_mapping_iterate(const char *device, pci_ext_mapping_act_t act, void *arg);

/*
 * What is known of a device: which backend serves it, and how much it has mapped.
 * Returns 0; -ENOENT when no driver has claimed it and nothing is wished for it; -EINVAL.
 */
int pci_ext_device_query(const char *device, struct pci_ext_device *info);

#ifdef __cplusplus
}
#endif

#endif /* PCI_EXT_H */
