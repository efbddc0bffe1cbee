/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * main.c - dma-bufs as memory of packets: dmabuf EAL-ARGUMENTS -- DEVICE DEVARGS
 *
 * The device is a looped port of a software HCA. Prints TAP.
 *
 * dmabuf EAL-ARGUMENTS -- refused DEVICE...: maps a dma-buf for each, and prints the result.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "buffer.h"
#include "descriptors.h"
#include "loop.h"
#include "pci_ext.h"
#include "tap.h"

#define LEN ((size_t)4 << 20)
#define FRAMES 2000
#define PAIRS 10000

static int
copy_mapping(const struct pci_ext_mapping *mapping, void *copy)
{
	*(struct pci_ext_mapping *)copy = *mapping;
	return 0;
}

/* The only mapping of the device: whether it is of a dma-buf, and in that state. */
static bool
is_listed(const char *device, enum pci_ext_state state)
{
	struct pci_ext_mapping mapping = {.references = 0};

	return pci_ext_mapping_iterate(device, copy_mapping, &mapping) == 0 &&
		mapping.references == 1 && mapping.is_dmabuf && mapping.state == state;
}

static struct rte_device *
device_of(const char *device)
{
	struct rte_eth_dev_info info;
	uint16_t port;

	if (rte_eth_dev_get_port_by_name(device, &port) != 0 ||
	    rte_eth_dev_info_get(port, &info) != 0)
		return NULL;
	return info.device;
}

static int
map_from(const char *device, const struct buffer *buffer, int fd, uint64_t offset)
{
	return pci_ext_dma_map(device, &(struct pci_ext_memory){
		.addr = buffer->addr,
		.len = buffer->len,
		.is_dmabuf = 1,
		.fd = fd,
		.offset = offset,
	});
}

static int
map(const char *device, const struct buffer *buffer, int fd)
{
	return map_from(device, buffer, fd, 0);
}

static int
unmap(const char *device, const struct buffer *buffer)
{
	const struct pci_ext_memory memory = {.addr = buffer->addr, .len = buffer->len};

	return pci_ext_dma_unmap(device, &memory);
}

static void
try_wrong_ones(const char *device, const struct buffer *buffer)
{
	int plain = memfd_create("plain", MFD_CLOEXEC);

	tap_result(map(device, buffer, -1) == -EBADF, "no descriptor is EBADF");
	tap_result(map_from(device, buffer, buffer->fd, 4096) == -EINVAL,
		"more than the dma-buf has is EINVAL");
	tap_result(map(device, buffer, plain) == -EINVAL, "an empty file is EINVAL");
	tap_result(ftruncate(plain, buffer->len) == 0 && map(device, buffer, plain) == -EINVAL,
		"a file that is no dma-buf is EINVAL");
	close(plain);
}

static void
try_identity(const char *device, const struct buffer *buffer)
{
	struct rte_device *dev = device_of(device);
	struct pci_ext_answer answer = {.len = 0};

	tap_result(is_listed(device, PCI_EXT_ACTIVE), "the mapping is listed as a dma-buf's");
	tap_result(dev != NULL && pci_ext_query(dev, buffer->addr, buffer->len, &answer) == 0 &&
		answer.state == PCI_EXT_IS_MAPPED && answer.len == buffer->len, "and is mapped");
	tap_result(dev != NULL && rte_dev_dma_map(dev, buffer->addr, 0, buffer->len) != 0 &&
		rte_errno == EEXIST, "memory of the process at its addresses is EEXIST");
	tap_result(map(device, buffer, buffer->fd) == 0 && unmap(device, buffer) == 0,
		"the same dma-buf is counted");
}

static void
try_traffic(const char *device, const struct buffer *buffer, const char *when)
{
	struct loop loop;
	unsigned int n = 0;

	if (loop_start(&loop, device, buffer) == 0)
		n = loop_run(&loop, FRAMES);
	tap_result(n == FRAMES, "%u of %u frames from and to it, %s", n, FRAMES, when);
	tap_result(loop_stop(&loop) == 0, "the port is closed");
}

static void
try_hotplug(const char *device, const char *devargs, const struct buffer *buffer)
{
	tap_result(rte_eal_hotplug_remove("pci", device) == 0 &&
		is_listed(device, PCI_EXT_PENDING), "it is pending while the device is away");
	tap_result(rte_eal_hotplug_add("pci", device, devargs) == 0 &&
		is_listed(device, PCI_EXT_ACTIVE), "and mapped again when it is back");
	try_traffic(device, buffer, "after that");
}

static void
try_many(const char *device, const struct buffer *buffer, int fd)
{
	const int before = count_descriptors("");
	int i, copy, after = 0, most = 0, ret = 0;

	for (i = 0; i < PAIRS && ret == 0; i++) {
		copy = dup(fd);
		ret = map(device, buffer, copy);
		close(copy);
		after = i % 100 == 0 ? count_descriptors("") : after;
		most = after > most ? after : most;
		if (ret == 0)
			ret = unmap(device, buffer);
	}
	after = count_descriptors("");
	tap_result(ret == 0, "%d pairs of map and unmap: %s", i, rte_strerror(-ret));
	tap_result(after == before && most == before + 1,
		"%d descriptors before, %d with a mapping, %d after", before, most, after);
}

/* For a device that comes when the caller's descriptor is closed. */
static void
try_devices_to_come(const char *device, const char *devargs, const struct buffer *buffer)
{
	const struct pci_ext_memory plain = {.addr = buffer->addr, .len = buffer->len};
	struct pci_ext_memory memory = plain;

	memory.is_dmabuf = 1;
	memory.fd = dup(buffer->fd);
	rte_eal_hotplug_remove("pci", device);
	tap_result(pci_ext_dma_map_all(&memory, NULL, NULL) == 0, "it is for all that come");
	close(memory.fd);
	tap_result(rte_eal_hotplug_add("pci", device, devargs) == 0 &&
		is_listed(device, PCI_EXT_ACTIVE), "and mapped for one that comes");
	tap_result(pci_ext_dma_map_all(&plain, NULL, NULL) == -EEXIST,
		"memory of the process there is EEXIST");
	try_traffic(device, buffer, "of the one that has come");
	tap_result(pci_ext_dma_unmap_all(&plain, NULL, NULL) == 0 &&
		!is_listed(device, PCI_EXT_ACTIVE), "no device has it any more");
}

static void
try_all(const char *device, const char *devargs)
{
	struct buffer buffer;
	int fd;

	if (!tap_result(buffer_create(&buffer, LEN) == 0, "a dma-buf"))
		return;
	try_wrong_ones(device, &buffer);
	tap_result(map(device, &buffer, buffer.fd) == 0, "it is mapped");
	try_identity(device, &buffer);
	fd = dup(buffer.fd); /* the same dma-buf, for later */
	close(buffer.fd);
	buffer.fd = fd;
	try_traffic(device, &buffer, "with the descriptor closed");
	try_hotplug(device, devargs, &buffer);
	tap_result(unmap(device, &buffer) == 0, "it is unmapped");
	tap_result(unmap(device, &buffer) == -ENOENT, "once");
	try_many(device, &buffer, buffer.fd);
	try_devices_to_come(device, devargs, &buffer);
	buffer_destroy(&buffer);
	tap_result(count_descriptors(BUFFER_NAME) == 0, "no descriptor is left");
}

/* A result a line. */
static void
try_each(char **devices)
{
	struct buffer buffer;
	int ret;

	ret = buffer_create(&buffer, LEN);
	if (ret != 0) {
		printf("no udmabuf: %s\n", rte_strerror(-ret));
		return;
	}
	for (; *devices != NULL; devices++) {
		ret = map(*devices, &buffer, buffer.fd);
		printf("%s: %s\n", *devices, ret == 0 ? "mapped" : strerrorname_np(-ret));
		if (ret == 0)
			unmap(*devices, &buffer);
	}
	buffer_destroy(&buffer);
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);

	if (used < 0 || argc - used < 3) {
		fprintf(stderr, "usage: dmabuf [EAL arguments] -- DEVICE DEVARGS | refused DEVICE...\n");
		return 2;
	}
	argv += used + 1;
	if (strcmp(argv[0], "refused") == 0) {
		try_each(argv + 1);
	} else {
		try_all(argv[0], argv[1]);
		tap_done();
	}
	return rte_eal_cleanup() != 0 || tap_failed != 0;
}
