/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * telemetry.c - the telemetry commands /mlx5_ext/list and /mlx5_ext/mr,<port>. Reads copies only,
 * and holds a reference to the device meanwhile; runs in telemetry's threads.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/compat.h"
#include "device/device.h"
#include "ethdev/telemetry.h"

/* Telemetry truncates an answer at 16 KiB; a region takes about 150 bytes. */
#define REGIONS_PER_ANSWER 64

static int
list_ports(const char *cmd, const char *params, struct rte_tel_data *d)
{
	uint16_t ids[RTE_MAX_ETHPORTS];
	unsigned int n, i;

	rte_tel_data_start_array(d, RTE_TEL_INT_VAL);
	n = mlx5x_device_list_ports(ids, RTE_DIM(ids));
	for (i = 0; i < n; i++)
		rte_tel_data_add_array_int(d, ids[i]);
	return 0;
}

static void
add_hex(struct rte_tel_data *d, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	rte_tel_data_add_dict_string(d, name, text);
}

static void
add_region(struct rte_tel_data *regions, const struct mlx5x_mr_info *info, unsigned int number)
{
	struct rte_tel_data *d = rte_tel_data_alloc();
	char name[16];

	if (d == NULL)
		return;
	rte_tel_data_start_dict(d);
	add_hex(d, "addr", info->range.start);
	mlx5x_compat_tel_add_u64(d, "len", info->range.len);
	add_hex(d, "iova", info->iova);
	add_hex(d, "lkey", info->lkey);
	mlx5x_compat_tel_add_u64(d, "mrs", info->nb_mrs);
	mlx5x_compat_tel_add_u64(d, "references", info->refs);
	rte_tel_data_add_dict_string(d, "kind", info->implicit ? "implicit" :
		info->of_dmabuf ? "dma-buf" : "mapped");
	snprintf(name, sizeof(name), "%u", number);
	rte_tel_data_add_dict_container(regions, name, d, 0);
}

static void
add_regions(struct rte_tel_data *d, struct mlx5x_device *device)
{
	struct rte_tel_data *regions = rte_tel_data_alloc();
	struct mlx5x_mr_info *list = calloc(REGIONS_PER_ANSWER, sizeof(*list));
	size_t n, i;

	if (regions == NULL || list == NULL) {
		rte_tel_data_free(regions);
		free(list);
		return;
	}
	rte_tel_data_start_dict(regions);
	n = mlx5x_mr_list(device->mrs, list, REGIONS_PER_ANSWER);
	for (i = 0; i < n; i++)
		add_region(regions, &list[i], i);
	rte_tel_data_add_dict_container(d, "regions", regions, 0);
	free(list);
}

/* The device of the port, with a reference; NULL: not a number, or not a port of this driver. */
static struct mlx5x_device *
named_device(const char *params, struct mlx5x_holder *holder)
{
	unsigned long port_id;
	char *end;

	if (params == NULL || params[0] == '\0')
		return NULL;
	port_id = strtoul(params, &end, 10);
	/* Before truncation to 16 bits. */
	if (*end != '\0' || port_id >= RTE_MAX_ETHPORTS)
		return NULL;
	return mlx5x_device_of_port(port_id, holder);
}

static void
add_usage(struct rte_tel_data *d, struct mlx5x_device *device)
{
	struct mlx5x_mr_usage usage;

	mlx5x_mr_get_usage(device->mrs, &usage);
	rte_tel_data_add_dict_string(d, "rdma_device", device->found.rdma);
	mlx5x_compat_tel_add_u64(d, "max_mr", device->caps.max_mr);
	mlx5x_compat_tel_add_u64(d, "device_mrs", usage.device_mrs);
	mlx5x_compat_tel_add_u64(d, "mapped_regions", usage.mapped_regions);
	mlx5x_compat_tel_add_u64(d, "mapped_bytes", usage.mapped_bytes);
	mlx5x_compat_tel_add_u64(d, "implicit_regions", usage.implicit_regions);
	mlx5x_compat_tel_add_u64(d, "implicit_bytes", usage.implicit_bytes);
	mlx5x_compat_tel_add_u64(d, "pinned_bytes", usage.pinned_bytes);
}

static int
show_mr(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct mlx5x_holder holder;
	struct mlx5x_device *device = named_device(params, &holder);

	if (device == NULL)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	add_usage(d, device);
	add_regions(d, device);
	mlx5x_hold_let_go(&holder);
	return 0;
}

void
mlx5x_telemetry_register(void)
{
	rte_telemetry_register_cmd("/mlx5_ext/list", list_ports,
		"Ports of net_mlx5_ext. No parameters");
	rte_telemetry_register_cmd("/mlx5_ext/mr", show_mr,
		"Memory regions of a port, the first 64 of them. Parameters: int port_id");
}
