/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <ethdev_pci.h>
#include <rte_devargs.h>

#define LOG_COMPONENT "probe"
#include "common/compat.h"
#include "common/log.h"
#include "common/verbs.h"
#include "device/device.h"
#include "device/open.h"
#include "device/pmdinfo.h"
#include "dma.h"
#include "ethdev/ethdev.h"
#include "ethdev/lifecycle.h"
#include "ethdev/mp.h"
#include "ethdev/secondary.h"
#include "ethdev/telemetry.h"
#include "pci_ext_driver.h"
#include "queue/port.h"
#include "release.h"

RTE_LOG_REGISTER(mlx5x_logtype, pmd.net.mlx5_ext, NOTICE);

#define VENDOR_MELLANOX 0x15b3
#define CLASS_ETHERNET 0x020000

static int
init(struct rte_eth_dev *dev)
{
	struct mlx5x_port *port = dev->data->dev_private;
	struct rte_pci_device *pci = MLX5X_PCI_DEV(dev);
	int ret;

	ret = mlx5x_port_open(port, dev, mlx5x_device_at(&pci->addr), pci->device.devargs->args);
	if (ret != 0)
		return ret;
	ret = mlx5x_ethdev_init(dev);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot create its port: %s", pci->name, strerror(-ret));
		mlx5x_port_close(port);
		return ret;
	}
	ret = mlx5x_mp_serve();
	if (ret != 0)
		MLX5X_LOG(WARNING, "%s: secondary processes see no registrations: %s", pci->name,
			strerror(-ret));
	mlx5x_port_publish(port);
	MLX5X_LOG(INFO, "%s: port %u on rdma device %s, netdev %s", pci->name,
		dev->data->port_id, port->found.rdma, port->found.netdev);
	return 0;
}

/*
 * Only functions that the user names: with a software rdma device those that are allow-listed,
 * hardware only with driver=mlx5_ext, as the in-tree driver remains the default there.
 */
static bool
is_claimed(const struct rte_pci_device *pci)
{
	const struct rte_devargs *devargs = pci->device.devargs;
	struct mlx5x_discovery found;

	if (devargs == NULL || devargs->policy != RTE_DEV_ALLOWED)
		return false;
	if (mlx5x_discover(pci->name, &found) != 0) {
		if (mlx5x_devargs_name_us(devargs->args))
			MLX5X_LOG(ERR, "%s: driver=mlx5_ext, but it has no rdma device "
				"(see: rdma link show)", pci->name);
		return false;
	}
	if (found.software && pci->id.vendor_id != VENDOR_MELLANOX)
		return true;
	return mlx5x_devargs_name_us(devargs->args);
}

/* Secondary process: what counts is the driver of the port in the primary one. */
static int
attach(struct rte_pci_device *pci)
{
	struct mlx5x_discovery found;

	return mlx5x_discover(pci->name, &found) == 0 ? mlx5x_secondary_attach(pci) : 1;
}

static int
probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct mlx5x_device *device;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return attach(pci);
	if (!is_claimed(pci))
		return 1;
	ret = mlx5x_device_open(&pci->addr, pci->name, &mlx5x_port_events, &device);
	if (ret != 0)
		return ret;
	ret = rte_eth_dev_pci_generic_probe(pci, sizeof(struct mlx5x_port), init);
	if (ret != 0)
		mlx5x_device_close(device);
	return ret;
}

static int
close_port(struct rte_eth_dev *dev)
{
	return dev->dev_ops->dev_close(dev);
}

static int
remove_port(struct rte_pci_device *pci)
{
	struct mlx5x_device *device;
	int ret;

	/* The application may have closed the port already. */
	ret = rte_eth_dev_pci_generic_remove(pci, close_port);
	if (ret != 0)
		return ret;
	device = mlx5x_device_at(&pci->addr);
	if (device != NULL)
		mlx5x_device_close(device);
	return 0;
}

#define TABLE_ENTRY(device) {RTE_PCI_DEVICE(VENDOR_MELLANOX, device)},

static const struct rte_pci_id ids[] = {
	MLX5X_PMDINFO_DEVICES(TABLE_ENTRY)
	{
		.class_id = CLASS_ETHERNET,
		.vendor_id = RTE_PCI_ANY_ID,
		.device_id = RTE_PCI_ANY_ID,
		.subsystem_vendor_id = RTE_PCI_ANY_ID,
		.subsystem_device_id = RTE_PCI_ANY_ID,
	},
	{.vendor_id = 0},
};

static struct pci_ext_driver driver = {
	.pci = {
		.driver.name = "net_mlx5_ext",
		.id_table = ids,
		.probe = probe,
		.remove = remove_port,
		.dma_map = mlx5x_dma_map,
		.dma_unmap = mlx5x_dma_unmap,
		.drv_flags = RTE_PCI_DRV_INTR_LSC | RTE_PCI_DRV_INTR_RMV |
			PCI_EXT_DRV_LOGS_REFUSALS | PCI_EXT_DRV_EXTENDED,
	},
	.size = sizeof(driver),
	.dma_map_memory = mlx5x_dma_map_memory,
};

RTE_INIT(load)
{
	char refusal[DMAMAP_RELEASE_MESSAGE_SIZE];

	if (!dmamap_release_fits(refusal)) {
		MLX5X_LOG(ERR, "%s", refusal);
		return;
	}
	mlx5x_verbs_init();
	mlx5x_telemetry_register();
	rte_pci_register(&driver.pci);
}

DMAMAP_EXPORT_NAME(net_mlx5_ext);
RTE_PMD_REGISTER_KMOD_DEP(net_mlx5_ext, "* rdma_rxe | mlx5_core & mlx5_ib");
RTE_PMD_REGISTER_PARAM_STRING(net_mlx5_ext, MLX5X_DEVARGS_HELP);

/* Only for dpdk-pmdinfo, which reads it from the file. */
__attribute__((used)) static const char pmdinfo[] = MLX5X_PMDINFO;
