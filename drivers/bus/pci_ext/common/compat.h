/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All differences between DPDK releases, 22.11 to 26.07: every #if on a version is here.
 *
 * Up to 26.03 the lists of the PCI bus are in a private structure, a PCI device points to its
 * driver, and the ops of a bus take no bus. From 26.07 on struct rte_bus has the lists, of the base
 * types; EAL looks for a driver and passes it to the bus (DPDK commits 3e1681fe47, f282771a04,
 * 76622feba9, c9a337fe7a, add1eb0dc9).
 */
#ifndef PCI_EXT_COMPAT_H
#define PCI_EXT_COMPAT_H

#include <rte_version.h>
#include <rte_bus_pci.h>
#include <rte_lcore.h>
#include <rte_telemetry.h>
#include <rte_thread.h>

#include <bus_driver.h>
#include <bus_pci_driver.h>

#if RTE_VERSION >= RTE_VERSION_NUM(26, 7, 0, 0)

#define PCI_EXT_TO_PCI(dev) RTE_BUS_DEVICE(dev, struct rte_pci_device)

/* Parameters of the ops probe and cleanup, of plug, of find_device; and the same as arguments. */
#define PCI_EXT_BUS_PARAMS struct rte_bus *this_bus
#define PCI_EXT_BUS_ARGS this_bus
#define PCI_EXT_PLUG_PARAMS struct rte_driver *driver, struct rte_device *dev
#define PCI_EXT_PLUG_ARGS driver, dev
#define PCI_EXT_FIND_PARAMS                                                                        \
	const struct rte_bus *this_bus, const struct rte_device *start, rte_dev_cmp_t cmp,         \
		const void *data
#define PCI_EXT_FIND_ARGS(bus, start, cmp, data) bus, start, cmp, data

/* The members of struct rte_bus. */
#define PCI_EXT_PLUG probe_device
#define PCI_EXT_UNPLUG unplug_device

/* An element of the bus's list of drivers. */
typedef struct rte_driver pci_ext_listed_driver;
RTE_TAILQ_HEAD(pci_ext_driver_list, rte_driver);

static inline struct pci_ext_driver_list *
pci_ext_compat_list(struct rte_bus *bus)
{
	return (struct pci_ext_driver_list *)&bus->driver_list;
}

static inline const char *
pci_ext_compat_name(const pci_ext_listed_driver *driver)
{
	return driver->name;
}

static inline struct rte_pci_driver *
pci_ext_compat_pci_driver(pci_ext_listed_driver *driver)
{
	return RTE_BUS_DRIVER(driver, struct rte_pci_driver);
}

/*
 * The driver that has claimed a device, or NULL. EAL sets device.driver before the driver's probe,
 * and clears it after the bus has returned the failure. The PCI bus frees the interrupt handle
 * before it returns that, and before unplug_device returns.
 */
static inline const struct rte_pci_driver *
pci_ext_compat_driver(const struct rte_pci_device *pci)
{
	const struct rte_driver *driver = pci->device.driver;

	if (driver == NULL || pci->intr_handle == NULL)
		return NULL;
	return RTE_BUS_DRIVER(driver, const struct rte_pci_driver);
}

#else /* up to 26.03 */

#define PCI_EXT_TO_PCI(dev) RTE_DEV_TO_PCI(dev)

#define PCI_EXT_BUS_PARAMS void
#define PCI_EXT_BUS_ARGS
#define PCI_EXT_PLUG_PARAMS struct rte_device *dev
#define PCI_EXT_PLUG_ARGS dev
#define PCI_EXT_FIND_PARAMS const struct rte_device *start, rte_dev_cmp_t cmp, const void *data
#define PCI_EXT_FIND_ARGS(bus, start, cmp, data) start, cmp, data

#define PCI_EXT_PLUG plug
#define PCI_EXT_UNPLUG unplug

typedef struct rte_pci_driver pci_ext_listed_driver;
RTE_TAILQ_HEAD(pci_ext_device_list, rte_pci_device);
RTE_TAILQ_HEAD(pci_ext_driver_list, rte_pci_driver);

/* DPDK's struct rte_pci_bus, which its headers keep private. */
struct pci_ext_pci_bus {
	struct rte_bus bus;
	struct pci_ext_device_list device_list;
	struct pci_ext_driver_list driver_list;
};

static inline struct pci_ext_driver_list *
pci_ext_compat_list(struct rte_bus *bus)
{
	return &((struct pci_ext_pci_bus *)bus)->driver_list;
}

static inline const char *
pci_ext_compat_name(const pci_ext_listed_driver *driver)
{
	return driver->driver.name;
}

static inline struct rte_pci_driver *
pci_ext_compat_pci_driver(pci_ext_listed_driver *driver)
{
	return driver;
}

static inline const struct rte_pci_driver *
pci_ext_compat_driver(const struct rte_pci_device *pci)
{
	return pci->driver;
}

#endif

/*
 * The driver list of the PCI bus, or NULL if it is empty or not at the assumed offset: the first
 * element of a list points back at the list's head.
 */
static inline struct pci_ext_driver_list *
pci_ext_compat_drivers(struct rte_bus *bus)
{
	struct pci_ext_driver_list *list = pci_ext_compat_list(bus);
	const pci_ext_listed_driver *first = TAILQ_FIRST(list);

	return first != NULL && first->next.tqe_prev == &list->tqh_first ? list : NULL;
}

/* A control thread: not on the cores of EAL's workers. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define PCI_EXT_THREAD_RESULT uint32_t
typedef rte_thread_t pci_ext_thread;

static inline int
pci_ext_compat_thread_create(pci_ext_thread *thread, const char *name,
	PCI_EXT_THREAD_RESULT (*run)(void *arg), void *arg)
{
	return -rte_thread_create_control(thread, name, run, arg);
}

static inline void
pci_ext_compat_thread_join(pci_ext_thread thread)
{
	rte_thread_join(thread, NULL);
}
#else
#define PCI_EXT_THREAD_RESULT void *
typedef pthread_t pci_ext_thread;

static inline int
pci_ext_compat_thread_create(pci_ext_thread *thread, const char *name,
	PCI_EXT_THREAD_RESULT (*run)(void *arg), void *arg)
{
	return rte_ctrl_thread_create(thread, name, NULL, run, arg);
}

static inline void
pci_ext_compat_thread_join(pci_ext_thread thread)
{
	pthread_join(thread, NULL);
}
#endif

static inline int
pci_ext_compat_tel_add_u64(struct rte_tel_data *d, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_uint(d, name, value);
#else
	return rte_tel_data_add_dict_u64(d, name, value);
#endif
}

#endif /* PCI_EXT_COMPAT_H */
