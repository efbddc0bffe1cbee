/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * telemetry: the commands /pci_ext/info, /pci_ext/devices, /pci_ext/mappings and /pci_ext/query.
 *
 * Reads copies only, or what query reads without a lock. Runs in telemetry's own threads.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "common/compat.h"
#include "request/dispatch.h"
#include "common/name.h"
#include "query/published.h"
#include "query/query.h"
#include "registry/registry.h"
#include "registry/snapshot.h"
#include "telemetry.h"

/*
 * Telemetry truncates an answer at 16 KiB, and a mapping takes about 200 bytes. Entries are
 * numbered: a key must not contain the ':' and '.' of a PCI address.
 */
#define ENTRIES_PER_ANSWER 64

static struct rte_tel_data *
new_dict(void)
{
	struct rte_tel_data *d = rte_tel_data_alloc();

	if (d != NULL)
		rte_tel_data_start_dict(d);
	return d;
}

static void
add_hex(struct rte_tel_data *d, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "0x%" PRIx64, value);
	rte_tel_data_add_dict_string(d, name, text);
}

static void
add_backend(struct rte_tel_data *d, const char *backend)
{
	rte_tel_data_add_dict_string(d, "backend", backend[0] == '\0' ? "none" : backend);
}

/* The number of refused calls by errno name. */
static struct rte_tel_data *
new_refusals(void)
{
	struct rte_tel_data *d = new_dict();
	const char *name;
	uint64_t n;
	int error;

	for (error = 1; d != NULL && error < PCI_EXT_DISPATCH_ERRORS; error++) {
		n = pci_ext_dispatch_results(error);
		if (n == 0)
			continue;
		name = strerrorname_np(error);
		pci_ext_compat_tel_add_u64(d, name == NULL ? "other" : name, n);
	}
	return d;
}

static int
show_info(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct pci_ext_registry_totals totals;
	struct rte_tel_data *refusals = new_refusals();

	if (refusals == NULL)
		return -ENOMEM;
	pci_ext_registry_count(&totals);
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "version", PCI_EXT_VERSION);
	pci_ext_compat_tel_add_u64(d, "devices", totals.devices);
	pci_ext_compat_tel_add_u64(d, "active", totals.active);
	pci_ext_compat_tel_add_u64(d, "pending", totals.pending);
	pci_ext_compat_tel_add_u64(d, "active_bytes", totals.active_bytes);
	pci_ext_compat_tel_add_u64(d, "calls_done", pci_ext_dispatch_results(0));
	rte_tel_data_add_dict_container(d, "calls_refused", refusals, 0);
	return 0;
}

static struct rte_tel_data *
new_device(const struct pci_ext_device *device)
{
	struct rte_tel_data *d = new_dict();

	if (d == NULL)
		return NULL;
	rte_tel_data_add_dict_string(d, "name", device->name);
	add_backend(d, device->backend);
	rte_tel_data_add_dict_int(d, "present", device->present);
	pci_ext_compat_tel_add_u64(d, "active", device->active);
	pci_ext_compat_tel_add_u64(d, "pending", device->pending);
	pci_ext_compat_tel_add_u64(d, "active_bytes", device->active_bytes);
	return d;
}

static int
show_devices(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct pci_ext_device *devices;
	struct rte_tel_data *entry;
	char number[24];
	size_t n, i;

	if (pci_ext_snapshot_devices(&devices, &n) != 0)
		return -ENOMEM;
	rte_tel_data_start_dict(d);
	pci_ext_compat_tel_add_u64(d, "total", n);
	for (i = 0; i < n && i < ENTRIES_PER_ANSWER; i++) {
		entry = new_device(&devices[i]);
		snprintf(number, sizeof(number), "%zu", i);
		if (entry != NULL)
			rte_tel_data_add_dict_container(d, number, entry, 0);
	}
	free(devices);
	return 0;
}

static const char *const states[] = {
	[PCI_EXT_PENDING] = "pending",
	[PCI_EXT_ACTIVE] = "active",
	[PCI_EXT_BUSY] = "busy",
};

static struct rte_tel_data *
new_mapping(const struct pci_ext_mapping *mapping)
{
	struct rte_tel_data *d = new_dict();

	if (d == NULL)
		return NULL;
	rte_tel_data_add_dict_string(d, "device", mapping->device);
	add_backend(d, mapping->backend);
	add_hex(d, "addr", mapping->addr);
	add_hex(d, "iova", mapping->iova);
	add_hex(d, "len", mapping->len);
	pci_ext_compat_tel_add_u64(d, "references", mapping->references);
	rte_tel_data_add_dict_string(d, "state", states[mapping->state]);
	pci_ext_compat_tel_add_u64(d, "age_s", mapping->age);
	if (mapping->is_dmabuf)
		rte_tel_data_add_dict_int(d, "dmabuf", 1);
	if (mapping->access == PCI_EXT_ACCESS_READ)
		rte_tel_data_add_dict_int(d, "read_only", 1);
	return d;
}

/* A number in any base of C, and nothing else. */
static bool
parse_number(const char *text, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	return errno == 0 && isdigit((unsigned char)text[0]) && *end == '\0';
}

/* Parse "[device][,first]": a name, "" for all devices, and the index of the first mapping. */
static int
parse_params(const char *params, char name[PCI_EXT_NAME_SIZE], size_t *first)
{
	char device[PCI_EXT_NAME_SIZE] = "";
	const char *comma;
	uint64_t number;

	name[0] = '\0';
	*first = 0;
	if (params == NULL || params[0] == '\0')
		return 0;
	comma = strchr(params, ',');
	if (comma != NULL) {
		if (!parse_number(comma + 1, &number))
			return -EINVAL;
		*first = number;
	}
	snprintf(device, sizeof(device), "%.*s",
		comma == NULL ? (int)strlen(params) : (int)(comma - params), params);
	return device[0] == '\0' ? 0 : pci_ext_name_parse(device, name);
}

static int
show_mappings(const char *cmd, const char *params, struct rte_tel_data *d)
{
	char name[PCI_EXT_NAME_SIZE], number[24];
	struct pci_ext_mapping *mappings;
	struct rte_tel_data *entry;
	size_t n, i, first;

	if (parse_params(params, name, &first) != 0)
		return -EINVAL;
	if (pci_ext_snapshot_mappings(name[0] == '\0' ? NULL : name, &mappings, &n) != 0)
		return -ENOMEM;
	rte_tel_data_start_dict(d);
	pci_ext_compat_tel_add_u64(d, "total", n);
	for (i = first; i < n && i - first < ENTRIES_PER_ANSWER; i++) {
		entry = new_mapping(&mappings[i]);
		snprintf(number, sizeof(number), "%zu", i);
		if (entry != NULL)
			rte_tel_data_add_dict_container(d, number, entry, 0);
	}
	free(mappings);
	return 0;
}

/* Parse "device,addr,len". */
static int
parse_range(const char *params, char name[PCI_EXT_NAME_SIZE], uint64_t *addr, uint64_t *len)
{
	char device[PCI_EXT_NAME_SIZE], first[32], bytes[32], rest;

	if (params == NULL ||
		sscanf(params, "%31[^,],%31[^,],%31[^,]%c", device, first, bytes, &rest) != 3 ||
		!parse_number(first, addr) || !parse_number(bytes, len) ||
		!pci_ext_range_fits(*addr, *len))
		return -EINVAL;
	return pci_ext_name_parse(device, name);
}

static const char *const answers[] = {
	[PCI_EXT_IS_UNMAPPED] = "unmapped",
	[PCI_EXT_IS_PARTLY] = "partly mapped",
	[PCI_EXT_IS_STALE] = "stale",
	[PCI_EXT_IS_UNKNOWN] = "unknown: the driver may map it by itself",
	[PCI_EXT_IS_MAPPED] = "mapped",
};

static const char *const makers[] = {
	[PCI_EXT_BY_NOBODY] = "nobody",
	[PCI_EXT_BY_CALL] = "rte_dev_dma_map",
	[PCI_EXT_BY_EAL] = "EAL",
};

static int
show_query(const char *cmd, const char *params, struct rte_tel_data *d)
{
	char name[PCI_EXT_NAME_SIZE];
	const struct pci_ext_published *device;
	struct pci_ext_answer answer;
	uint64_t addr, len;

	if (parse_range(params, name, &addr, &len) != 0)
		return -EINVAL;
	if (pci_ext_published_start() != 0)
		return -ENOMEM;
	device = pci_ext_published_name(name);
	if (device == NULL)
		return -ENODEV;
	if (pci_ext_query_range(device, addr, len, &answer) != 0)
		return -ENOMEM;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "state", answers[answer.state]);
	rte_tel_data_add_dict_string(d, "by", makers[answer.by]);
	add_backend(d, answer.backend);
	add_hex(d, "iova", answer.iova);
	pci_ext_compat_tel_add_u64(d, "mapped_bytes", answer.len);
	if (answer.access == PCI_EXT_ACCESS_READ)
		rte_tel_data_add_dict_int(d, "read_only", 1);
	if (answer.len != len)
		add_hex(d, "gap", addr + answer.len);
	return 0;
}

void
pci_ext_telemetry_register(void)
{
	rte_telemetry_register_cmd("/pci_ext/info", show_info,
		"Totals of the DMA mappings of PCI devices. No parameters");
	rte_telemetry_register_cmd("/pci_ext/devices", show_devices,
		"PCI devices with their backend and the amount of mappings. No parameters");
	rte_telemetry_register_cmd("/pci_ext/mappings", show_mappings,
		"DMA mappings, 64 at a time. Parameters: [device][,index of the first]");
	rte_telemetry_register_cmd("/pci_ext/query", show_query,
		"Whether a range of the process is mapped for a device. Parameters: "
		"device,addr,len");
}
