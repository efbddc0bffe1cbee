/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Driver-specific DMA mapping on DPDK's PCI bus: the public contract.
 *
 * With librte_bus_pci_ext.so loaded, rte_dev_dma_map() and rte_dev_dma_unmap() of every PCI device
 * follow this contract. An application needs no other call: it registers its memory with
 * rte_extmem_register() and maps it for each device that accesses it. The in-tree bus has the same
 * entry points without the guarantees.
 *
 * Backends
 * --------
 * A mapping is made by the first backend that serves the device:
 *   driver  the device's driver has both callbacks, rte_pci_driver.dma_map and dma_unmap
 *   iommufd the device is on vfio-pci, a driver has claimed it, and EAL's default container is
 *           /dev/iommu, as no DPDK release has it yet. What is said of vfio applies to it too.
 *   vfio    the device is on vfio-pci and a driver has claimed it: VFIO's default container
 *   none    any other device, for instance one that is bound to its kernel driver; or one whose
 *           IOMMU group the application has bound to a VFIO container of its own, where
 *           rte_vfio_container_dma_map() maps (rte_vfio_container_group_bind(), before its probe)
 *
 * Units
 * -----
 * addr is a virtual address of this process, iova the device's address for it, len is in bytes. In
 * IOVA-as-VA mode an iova of 0 or RTE_BAD_IOVA means addr (testpmd passes 0). A mapping is
 * identified by (device, addr, iova, len) with the resulting iova. The driver backend accepts any
 * byte range; vfio requires addr, iova and len to be multiples of the page size.
 *
 * Results
 * -------
 * 0, or a negative errno; rte_errno is then the same value, positive. A failed call changes
 * nothing. Ranges never wrap. A struct rte_device must not be NULL: EAL dereferences it before the
 * bus is called.
 *
 *   EINVAL   the device is on vfio-pci without a driver, or is being unplugged;
 *            addr + len or iova + len wraps; part of the range is not registered with EAL;
 *            not aligned to the page (vfio only), or an IOVA that the IOMMU does not offer;
 *            unmap with another length, of an inner address, or across several mappings
 *   ENOTSUP  no backend serves the device (EINVAL from DPDK 26.07 on if no driver has claimed it,
 *            which EAL checks before the bus); in a secondary process, the primary has no pci_ext
 *            of this version, or no driver there has claimed the device; len is 0 (EAL's own check)
 *   EEXIST   map overlaps a live mapping, which stays: in addr on the same device for driver, in
 *            iova on any device for vfio, where EAL's own memory counts as mapped
 *   EFAULT   the memory is not backed, or not with the required permission
 *   ENOMEM   out of memory, or a limit; the log line names the limit, and what is used of it.
 *            iommufd has no limit of mappings, and counts memory for all processes of a user
 *   ENOENT   unmap of a range without a mapping
 *   EBUSY    unmap while a queue of the device owns buffers in the range (driver only): stop or
 *            drain the queue and retry. vfio does not know the queues: unmap returns 0, and the
 *            IOMMU rejects later accesses of the device. Also a map that would end a stale mapping
 *            (below) in which a queue owns buffers.
 *   EDEADLK  called from a driver's own dma_map or dma_unmap, for the same device
 *   others   as returned by the driver or the kernel; EIO where they return none
 *
 * A driver whose port was closed, and its mappings with it, returns ENOENT for an unmap; the call
 * is reported as success: the mapping no longer exists.
 *
 * After unmap has returned 0 the device cannot access the memory, and the mapping is not restored
 * by itself. Two cases are beyond the control of map and unmap:
 * - Memory that EAL or the driver maps by itself: EAL its own memory and its heaps on vfio,
 *   mlx5_ext EAL memory that holds packets. A map of it is EEXIST, as it is or may become mapped at
 *   any time. A driver that registers memory by itself and does not report it (in-tree net_mlx5)
 *   can undo an unmap.
 * - VFIO without an IOMMU (enable_unsafe_noiommu_mode): a device can access all memory at all
 *   times. Maps and unmaps are recorded and counted, so that a program need not distinguish; a
 *   WARNING is logged once.
 *
 * Mapped memory that changes
 * --------------------------
 * A mapping is of pages, not of addresses: the pages that were there when the range was mapped are
 * pinned until it is unmapped, and are what the device accesses, whatever happens to the addresses.
 *
 *   munmap()    the device keeps the pages, also with other memory at the address. A map of it is
 *               counted, and is not of the new memory, unless that has been registered since (see
 *               below). unmap works, and returns the pages.
 *   mremap()    the device has at the old address the pages that the program has at the new one;
 *               unmap at the old address
 *   madvise()   MADV_DONTNEED of private memory, MADV_REMOVE of shared: the program gets new pages,
 *               the device keeps the old ones
 *   mprotect()  restricts the program alone: the device continues to read and write
 *   fork()      the device shares private memory with the parent, whoever writes first; the child
 *               has a copy as of fork(). Shared memory remains shared by all three. A child must
 *               not call map or unmap: it has the parent's device, and may end its mappings.
 *
 * This is the same for vfio, iommufd and, on SoftRoCE, mlx5_ext, with one exception: mlx5_ext in a
 * process where libibverbs is in fork mode (ibv_fork_init(), which DPDK's mlx4 and mlx5 PMDs call).
 * There a child does not have the memory, nor anything else in its pages: an access is SIGSEGV.
 * A driver for devices with on-demand paging may follow the addresses instead, and pin nothing.
 *
 * Stale mappings
 * --------------
 * Unmap memory before it is unregistered or freed. Otherwise the device continues to access the old
 * pages, and the mapping is stale: EAL no longer knows its memory, or other memory has been
 * registered at its address. A stale mapping
 * - is never reused: a map of its range, or of an overlapping one, first ends it, for all devices
 *   that share it and with all its references, also if the map then fails; then it maps the new
 *   memory with one reference. A log line reports it. For another device that shared it the
 *   lists show it, and pci_ext_query() calls it stale, until that device maps or unmaps the range;
 *   the unmap is 0;
 * - can be unmapped like any other, once per reference: by pci_ext_dma_unmap() at once, by
 *   rte_dev_dma_unmap() when its first byte is registered again, since EAL rejects unregistered
 *   addresses with EINVAL;
 * - is not mapped again when its device is plugged in, but dropped with a log line.
 * EAL's memory events report the end of EAL's own memory and of heap memory. With --legacy-mem
 * there are none, and heap memory that was removed and added again at the same address is taken for
 * the old memory.
 *
 * Hot-plug
 * --------
 * Mappings belong to the device's name. On unplug they are unmapped: those of a driver before its
 * remove callback, those of vfio after it, so that a port that was not stopped does not fault. They
 * are mapped again when a driver next claims the device. Mappings unmapped meanwhile are not
 * restored, and stale ones are dropped with a log line. rte_eal_cleanup() ends all mappings, in the
 * same order.
 *
 * Secondary processes
 * -------------------
 * map and unmap in a secondary process are executed by the primary one, with all that is said here
 * of it; the mapping is the primary's, and stays when the secondary ends. The memory has to be
 * shared, and the primary to have the same memory at the same address, as it is with EAL's own and
 * with memory of rte_extmem_attach(): otherwise map is EINVAL. Of a dma-buf the primary gets the
 * descriptor, and needs to know the addresses alone. ETIMEDOUT without an answer within
 * minutes: the primary may still execute the call. Not from a callback under a lock of EAL, which
 * the processes share. The read-only calls and telemetry of the primary alone know of mappings.
 *
 * Threads
 * -------
 * Any thread may call at any time, with traffic running, but not from a signal handler. Concurrent
 * calls have the results of some serial order.
 *
 * map and unmap may sleep: in the driver or the kernel, and until an earlier map or unmap for the
 * same device has returned. Devices on vfio, which share a container, count as one device in this,
 * and a call for all devices as one for each. They wait for no other call. Plug, unplug and
 * rte_eal_cleanup() count as such a call for each mapping of the device. The read-only calls,
 * pci_ext_mapping_iterate(), pci_ext_device_query(), pci_ext_query() and telemetry, wait for none
 * of them.
 *
 * An unplug waits for the calls in progress. A map by rte_device after its start is EINVAL.
 *
 * Callbacks of EAL (of memory events, mempool events, alarms) may map and unmap, with one exception
 * that no lock here can resolve: a callback under a lock of EAL, as memory events are, must not
 * call for a device whose driver may be waiting for that lock in its dma_map or dma_unmap. In-tree
 * net_mlx5 calls rte_malloc() and rte_free() in both, so map and unmap for it outside of memory
 * events, or ensure that no other thread does so for the same device meanwhile. vfio, and drivers
 * that do not allocate from EAL there, are not affected.
 *
 * Do not call from a driver's own dma_map or dma_unmap: for the same device it is EDEADLK, and two
 * devices that call for each other deadlock.
 */
#ifndef PCI_EXT_H
#define PCI_EXT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * For a driver, in rte_pci_driver.drv_flags: it logs each refusal of its dma_map and dma_unmap
 * itself, with the range and the reason, so that no second line is needed here. DPDK's own flags
 * begin at the other end, and its PCI bus ignores this one.
 */
#define PCI_EXT_DRV_LOGS_REFUSALS 0x80000000

struct rte_device;

#define PCI_EXT_NAME_SIZE 32 /* of a device or a backend, with its terminating zero */

/* What a device may do with mapped memory. */
enum pci_ext_access {
	PCI_EXT_ACCESS_READ_WRITE, /* as with rte_dev_dma_map() */
	PCI_EXT_ACCESS_READ,	   /* transmit it, not receive into it */
};

/*
 * The memory of a call, so much of it as matters, the rest being zero:
 * (struct pci_ext_memory){.addr = addr, .len = len} is that of rte_dev_dma_map(). An unmap looks at
 * addr, iova and len alone.
 */
struct pci_ext_memory {
	void *addr;
	uint64_t iova; /* 0 in IOVA-as-VA mode: addr */
	size_t len;    /* bytes */
	enum pci_ext_access access;
	int is_dmabuf;	 /* 1: it is [offset, offset + len) of the dma-buf fd; 0: at addr */
	int fd;		 /* needed during the call only; stays the caller's */
	uint64_t offset; /* bytes */
};

enum pci_ext_state {
	PCI_EXT_PENDING, /* requested; device absent, or rejected by the backend */
	PCI_EXT_ACTIVE,	 /* mapped by a backend */
	PCI_EXT_BUSY,	 /* being mapped (counted as pending), or being unmapped (as active) */
};

/* One mapping, as of the call that returned it. */
struct pci_ext_mapping {
	char device[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "" if none is known */
	uint64_t addr;
	uint64_t iova;
	uint64_t len;	     /* bytes */
	uint32_t references; /* number of unmaps that end it */
	enum pci_ext_state state;
	uint64_t age;  /* seconds in this state */
	int is_dmabuf; /* 1: of a dma-buf; 0: of memory of the process */
	enum pci_ext_access access;
};

/* One device, as of the call that returned it. */
struct pci_ext_device {
	char name[PCI_EXT_NAME_SIZE];
	char backend[PCI_EXT_NAME_SIZE]; /* "driver", "iommufd", "vfio", or "" if none serves it */
	int present;			 /* 1: a driver has claimed it; 0: not */
	uint64_t active;		 /* mappings */
	uint64_t pending;
	uint64_t active_bytes;
};

/*
 * Mapping by device name, also before probe
 * -----------------------------------------
 * map and unmap for a device given by its PCI address ("0000:03:00.0" or "03:00.0"). If a driver
 * has claimed the device, they act as rte_dev_dma_map() and rte_dev_dma_unmap(), and share their
 * references. Otherwise the range is recorded as PENDING and mapped when the device is probed. A
 * map that overlaps another PENDING range in addr is EEXIST; if the backend rejects the range at
 * probe, the reason is logged and the range stays PENDING; a later map of it tries the backend
 * again, and is one more reference if it succeeds. A PENDING range whose memory has been
 * unregistered by then is dropped, whatever is registered there now.
 *
 * After rte_eal_init(). Any thread; may sleep. EINVAL also if device is not a PCI address, or len
 * is 0.
 */
int pci_ext_dma_map(const char *device, const struct pci_ext_memory *memory);
int pci_ext_dma_unmap(const char *device, const struct pci_ext_memory *memory);

/*
 * Memory without a CPU address: dma-bufs
 * --------------------------------------
 * With is_dmabuf every map here is of the bytes [offset, offset + len) of a dma-buf, such as memory
 * of a GPU that its driver has exported. It is a mapping like any other, with all that is said here
 * of them: by name, also before probe, and again after hot-plug; for several devices, and for those
 * to come. unmap, or rte_dev_dma_unmap(), ends it, once per reference.
 *
 * addr   is what the application calls this memory: the buf_addr of its mbufs. The range must be
 *        the application's alone and be registered with EAL, which does not touch it: an mmap() of
 *        PROT_NONE and MAP_NORESERVE is enough, where the CPU is not to access the memory, or
 *        cannot; or an mmap() of the dma-buf. A pool there is one of
 *        rte_pktmbuf_pool_create_extbuf(). addr and offset are at the same place in their pages.
 * fd     is needed during the call only, and stays the caller's: the bus keeps a duplicate with
 *        FD_CLOEXEC for each mapping, active or pending, and one for a range of map_all, which it
 *        closes with it. The kernel keeps the memory as long as it is mapped, whoever closes what.
 *
 * The same range of the same dma-buf at the same offset again is counted; whether it is the same
 * tells the file, not the descriptor. Beyond those of other memory the results are:
 *
 *   EBADF    fd is not open
 *   EINVAL   the dma-buf ends before offset + len; addr and offset are not at the same place in
 *            their pages; the file is no dma-buf, which the kernel tells when the device is there
 *   EEXIST   the range is mapped of another dma-buf, from another offset, or of memory of the
 *            process, and the reverse: rte_dev_dma_map() of a range that a dma-buf is mapped at
 *   EMFILE   RLIMIT_NOFILE, by the duplicate
 *   ENOTSUP  the driver has no dma_map_memory (pci_ext_driver.h); its device, the kernel's driver
 *            of it or that of the memory cannot; on vfio and iommufd, which map memory of the
 *            process: if the dma-buf is made of such memory, as by udmabuf, map that; the
 *            addresses of an mmap() of a dma-buf need not have pages that can be pinned (EFAULT;
 *            those of udmabuf on Linux 6.12). The log line tells which
 *
 * If a driver without dma-bufs serves the device that a PENDING range was waiting for, this is
 * logged, and it stays PENDING. Limits of locked memory do not apply. What accesses packets by CPU
 * needs an addr that it can read: such as an inlining driver, or a checksum in software.
 *
 * For a call of DPDK to sit on, such as the rte_extmem_register_dmabuf() that has been proposed:
 * that is to find fd and offset by addr, and rte_dev_dma_map() then is this call.
 *
 * Memory that the device may only read
 * ------------------------------------
 * With PCI_EXT_ACCESS_READ the memory can be what the process itself may only read, such as the
 * pages of a file that are mapped with PROT_READ: packets are transmitted out of it without a copy.
 * It is a mapping like any other, with all that is said here of them, and unmap, or
 * rte_dev_dma_unmap(), ends it. A dma-buf can be mapped so, too.
 *
 * A device that writes there nevertheless, as it receives a packet, is stopped by the IOMMU, or by
 * the rdma device with an error of the queue. On VFIO without an IOMMU nothing stops it.
 *
 * Memory with PROT_WRITE can be mapped for reading, too. Of memory with PROT_READ alone a shared
 * mapping of a file is pinned as it is, and what is written to the file is sent; but rdma of Linux
 * before 6.2 refuses it: EFAULT. Of a private one the kernel pins a copy, in which the file no
 * longer changes; except for vfio before Linux 6.2, which pins the file's own pages.
 *
 * Beyond those of other maps the results are:
 *
 *   EEXIST   the range is mapped with another access, on vfio and iommufd for any device
 *   EINVAL   access is none of the enum
 *   ENOTSUP  with PCI_EXT_ACCESS_READ: the driver has no dma_map_memory (pci_ext_driver.h); on
 *            vfio, where EAL's own calls are used (its container is not known, or not of type 1)
 */

/*
 * Mapping for several devices
 * ---------------------------
 * map_list: pci_ext_dma_map() for each of the n devices, in parallel, for all of them or for none:
 * if one refuses, what the others have mapped is unmapped. results[i], if results is not NULL, is
 * what the map of devices[i] has returned, whether it was undone or not. Returns 0, or the first
 * error in the order of the list. A device that is named twice has two references.
 *
 * unmap_list: pci_ext_dma_unmap() for each, in parallel, whatever the others return. Returns 0, or
 * the first error; results tells for which devices to repeat it.
 *
 * A device that no backend serves refuses; of one that is not there the range is PENDING. A device
 * does not let go of what is to be undone if a queue of it owns buffers there already: this is
 * logged at level ERR, and the mapping stays; pci_ext_dma_unmap() ends it later.
 *
 * Any thread; may sleep. -EINVAL, if one is not a PCI address, and -ENOMEM, with nothing done and
 * no results; -EDEADLK from a driver's own dma_map or dma_unmap, whichever devices are meant. In a
 * secondary process the primary executes each call.
 */
int pci_ext_dma_map_list(const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[]);
int pci_ext_dma_unmap_list(const char *const devices[], unsigned int n,
	const struct pci_ext_memory *memory, int results[]);

/* Called for each device, in no order, before the call returns; it may call any function here. */
typedef void (*pci_ext_report_t)(const char *device, int result, void *arg);

/*
 * map_all: for each device that a driver has claimed and a backend serves, for all of them or for
 * none, in parallel; and for each that is plugged in later, as a range that was mapped by its name
 * before (above). If the backend of such a device refuses, that is logged, and the range is PENDING
 * there; if the device has a range that overlaps, that is logged, and it does not have this one.
 * report, if not NULL, is told what the map of each device that is there has returned, whether it
 * was undone or not; of none if the call only counts. A second map of the same range, addr, iova
 * and len alike, adds a reference to it, or is -EEXIST if it is of another access or dma-buf; if
 * other memory is there by now, it is mapped anew, as that call says, with one reference.
 *
 * unmap_all: ends a reference, and with the last one the mapping of each device, and of those to
 * come. Returns 0; -ENOENT if there is no such range; or the first error: for the devices that
 * returned one (EBUSY) it is still mapped, and the call is to be repeated. Until then map_all of
 * the range is EBUSY.
 *
 * After a map_all that has failed unmap_all is -ENOENT, unless a device has not let go of what was
 * to be undone: then it ends that, as any other, and only then may the memory be unregistered. Nor
 * if a queue owns buffers in a stale mapping of the range, which map_all reports as EBUSY: it may
 * be called again then, too.
 *
 * The references of single maps are beside these: unmap_all ends what map_all has made. But unmap
 * before memory is unregistered: if the mapping of a device was ended as stale, and the device has
 * one of its own of the same range since, unmap_all takes that for its own.
 *
 * Calls run one at a time, and wait for those for any device. Any thread. rte_eal_cleanup() ends
 * the ranges. -EINVAL as for a single map; -EDEADLK as above. In a secondary process the primary
 * executes the call for its devices, and report is not called: the primary's log has the results.
 */
int pci_ext_dma_map_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);
int pci_ext_dma_unmap_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);

/*
 * Whether something is known that pci_ext_dma_map() would refuse now, without doing it: 0, or its
 * error, with the reason in a log line at level INFO (--log-level=bus.pci_ext*:info). Found is what
 * can be found without pinning: all checks of this bus, other mappings, EAL's own, permissions and
 * holes of the memory, RLIMIT_MEMLOCK, and on vfio with an IOMMU of type 1 its windows and the
 * number of mappings. Not what the device or its driver alone knows, as whether a file is a dma-buf
 * that it can reach, nor what else is in the way of a map that would end a stale mapping first. 0
 * also for a device that is not there. Any thread; may sleep, as map does, and reads
 * /proc/self/maps. -ENOTSUP in a secondary process.
 */
int pci_ext_dma_map_check(const char *device, const struct pci_ext_memory *memory);

/*
 * Call act for each mapping of a device, or of all devices (device NULL), ordered by device and
 * address, as of the time of the call. act may call any function here; *mapping is valid until it
 * returns; a result other than 0 ends the iteration.
 * Returns 0, the last result of act, or -EINVAL or -ENOMEM with rte_errno set.
 */
typedef int (*pci_ext_mapping_act_t)(const struct pci_ext_mapping *mapping, void *arg);
int pci_ext_mapping_iterate(const char *device, pci_ext_mapping_act_t act, void *arg);

/*
 * The backend that serves a device, and the amount of its mappings.
 * Returns 0; -ENOENT if no driver has claimed the device and it has no mapping, active or pending;
 * -EINVAL if device is not a PCI address. rte_errno is set on failure.
 */
int pci_ext_device_query(const char *device, struct pci_ext_device *info);

enum pci_ext_answer_state {
	PCI_EXT_IS_UNMAPPED, /* not even the first byte is mapped */
	PCI_EXT_IS_PARTLY,   /* the first bytes are mapped, not all */
	PCI_EXT_IS_STALE,    /* what follows len bytes is mapped as memory that was there before:
				"Stale mappings" */
	PCI_EXT_IS_UNKNOWN,  /* it begins in EAL's memory, which the driver may map by itself;
				"driver" only */
	PCI_EXT_IS_MAPPED,
};

enum pci_ext_maker {
	PCI_EXT_BY_NOBODY,
	PCI_EXT_BY_CALL, /* rte_dev_dma_map() or pci_ext_dma_map() for this device */
	PCI_EXT_BY_EAL,	 /* EAL by itself: its own memory, or a heap's, on vfio */
};

struct pci_ext_answer {
	enum pci_ext_answer_state state;
	enum pci_ext_maker by; /* of the first byte's mapping */
	const char *backend;   /* of the device: "driver", "iommufd", "vfio", or ""; constant */
	uint64_t iova;	       /* of the first byte; 0 if by is nobody */
	uint64_t len;	       /* bytes up to the first that is not MAPPED, at most all */
	/* READ: the device may only read some of these bytes; the program cannot receive there. */
	enum pci_ext_access access;
};

/*
 * Is [addr, addr + len) mapped for the device? Several mappings that adjoin count as one, whatever
 * their IOVAs; of one address at several IOVAs the answer is one of them. As of some time during
 * the call, for each mapping: what a map that has returned has mapped, and nothing that an unmap
 * that has returned has ended.
 *
 * For assertions in the data path: it takes no lock, allocates nothing and does not wait for a map
 * or unmap, whichever runs, except in its first call in the process, which may sleep. From that
 * call on maps and unmaps keep what it reads, which costs each a copy of 2.5 KiB (and where many
 * overlap, as of one address at thousands of IOVAs, a copy of all these). Any thread.
 *
 * During the call the device must remain plugged in, and no thread may register or unregister the
 * range with EAL, or add it to a heap or remove it. Returns 0; -EINVAL if device is NULL, or the
 * range is empty or wraps; -ENODEV if no driver has claimed the device, or it is no PCI device;
 * -ENOTSUP in a secondary process; -ENOMEM out of memory, until a later map or unmap for the device
 * has succeeded. rte_errno is set on failure.
 */
int pci_ext_query(const struct rte_device *device, const void *addr, size_t len,
	struct pci_ext_answer *answer);

#ifdef __cplusplus
}
#endif

#endif /* PCI_EXT_H */
