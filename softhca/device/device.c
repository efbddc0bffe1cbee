/* SPDX-License-Identifier: BSD-3-Clause */
#include <dirent.h>
#include <endian.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/settings.h"
#include "device/device.h"

/* As net_mlx5 is told by query_device; the conformance suite goes as far as 65,536. */
#define REGIONS_MAX (1u << 20)

/* An even number of places, so that each one's peer has one too. */
static struct hca_device *devices[HCA_DEVICES_MAX];
static unsigned int devices_count;
static pthread_mutex_t devices_lock = PTHREAD_MUTEX_INITIALIZER;

/* False: a name is too long. */
static bool
set_names(struct ibv_device *ibv, const char *name)
{
	const char *dir = hca_settings()->dir;

	ibv->node_type = IBV_NODE_CA;
	ibv->transport_type = IBV_TRANSPORT_IB;
	snprintf(ibv->dev_name, sizeof(ibv->dev_name), "uverbs%u", devices_count);
	/* As long as ibdev_path fits, this does. */
	snprintf(ibv->dev_path, sizeof(ibv->dev_path), "%.200s/../infiniband_verbs/uverbs%u", dir,
		devices_count);
	return snprintf(ibv->name, sizeof(ibv->name), "%s", name) < (int)sizeof(ibv->name) &&
		snprintf(ibv->ibdev_path, sizeof(ibv->ibdev_path), "%s/%s", dir, name) <
			(int)sizeof(ibv->ibdev_path);
}

/* Of the PCI function; 0 if there is none, as for tests. */
static uint16_t
read_id(const char *ibdev_path)
{
	char path[IBV_SYSFS_PATH_MAX + 32];
	unsigned int id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/device/device", ibdev_path);
	file = fopen(path, "r");
	if (file == NULL)
		return 0;
	if (fscanf(file, "%x", &id) != 1)
		id = 0;
	fclose(file);
	return id;
}

/* In a file if there is a folder for it: then other processes may have the other end. */
static int
init_wire(struct hca_device *dev)
{
	const char *cable = hca_settings()->cable;
	char path[PATH_MAX];
	int ret;

	if (cable == NULL)
		return hca_wire_init(&dev->wire, NULL);
	snprintf(path, sizeof(path), "%s/%s", cable, dev->ibv.name);
	ret = hca_wire_init(&dev->wire, path);
	if (ret != 0)
		fprintf(stderr, "softhca: %s: the cable's %s: %s\n", dev->ibv.name, path,
			strerror(-ret));
	return ret;
}

uint64_t
hca_device_guid(const struct hca_device *dev)
{
	/* 02:50:00:00:00:00 and on, the MAC address that soft gives the netdev. */
	return 0x025000fffe000000ull + dev->index;
}

/*
 * Link-local. One bit of it tells local ones from global ones, the other way round than a GUID's.
 */
static void
set_gid(struct hca_device *dev)
{
	dev->gid.global.subnet_prefix = htobe64(0xfe80ull << 48);
	dev->gid.global.interface_id = htobe64(hca_device_guid(dev) ^ 1ull << 57);
}

static void
add(const char *name)
{
	struct hca_device *dev = calloc(1, sizeof(*dev));

	if (dev == NULL || !set_names(&dev->ibv, name) || init_wire(dev) != 0) {
		free(dev);
		return;
	}
	dev->index = devices_count;
	set_gid(dev);
	dev->model = hca_model_find(read_id(dev->ibv.ibdev_path));
	dev->empw = hca_settings()->empw && dev->model->empw;
	dev->last_number = 0x100;
	pthread_mutex_init(&dev->lock, NULL);
	hca_keys_init(&dev->keys, REGIONS_MAX);
	TAILQ_INIT(&dev->cqs);
	TAILQ_INIT(&dev->sqs);
	TAILQ_INIT(&dev->rqs);
	TAILQ_INIT(&dev->qps);
	TAILQ_INIT(&dev->srqs);
	TAILQ_INIT(&dev->flows);
	TAILQ_INIT(&dev->listeners);
	/* Release: it is whole. Pairs with hca_device_wire(), which takes no lock. */
	__atomic_store_n(&devices[devices_count++], dev, __ATOMIC_RELEASE);
}

static bool
is_known(const char *name)
{
	unsigned int i;

	for (i = 0; i < devices_count; i++)
		if (strcmp(devices[i]->ibv.name, name) == 0)
			return true;
	return false;
}

struct hca_device *const *
hca_devices(unsigned int *count)
{
	const char *dir = hca_settings()->dir;
	struct dirent **entries = NULL;
	int n, i;

	pthread_mutex_lock(&devices_lock);
	n = dir != NULL ? scandir(dir, &entries, NULL, alphasort) : 0;
	for (i = 0; i < n; i++) {
		if (entries[i]->d_name[0] != '.' && !is_known(entries[i]->d_name) &&
		    devices_count < HCA_DEVICES_MAX)
			add(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	*count = devices_count;
	pthread_mutex_unlock(&devices_lock);
	return devices;
}

uint64_t
hca_device_clock(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

uint64_t
hca_device_wallclock(uint64_t clock)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return clock - hca_device_clock() + now.tv_sec * 1000000000ull + now.tv_nsec;
}

void
hca_device_lock(struct hca_device *dev)
{
	/* The engine takes the lock again as soon as it has dropped it, unless somebody waits. */
	__atomic_add_fetch(&dev->waiting, 1, __ATOMIC_RELAXED);
	pthread_mutex_lock(&dev->lock);
	__atomic_sub_fetch(&dev->waiting, 1, __ATOMIC_RELAXED);
}

void
hca_device_unlock(struct hca_device *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

uint32_t
hca_device_number(struct hca_device *dev)
{
	return ++dev->last_number & 0xffffff;
}

static struct hca_device *
peer_of(const struct hca_device *dev)
{
	unsigned int at = hca_settings()->cross ? dev->index ^ 1 : dev->index;

	return __atomic_load_n(&devices[at], __ATOMIC_ACQUIRE);
}

static bool
is_open(const struct hca_device *dev)
{
	return __atomic_load_n(&dev->open, __ATOMIC_ACQUIRE);
}

static bool
is_down(const struct hca_device *dev)
{
	return __atomic_load_n(&dev->link_down, __ATOMIC_RELAXED);
}

struct hca_wire *
hca_device_wire(struct hca_device *dev)
{
	struct hca_device *peer = peer_of(dev);

	if (peer == NULL || !dev->owned || is_down(dev))
		return NULL;
	/* Of this process, its state is known at once. */
	if (dev->peer_elsewhere)
		return hca_wire_is_listened(&peer->wire) ? &peer->wire : NULL;
	return is_open(peer) && !is_down(peer) ? &peer->wire : NULL;
}

static void
take_near_end(struct hca_device *dev)
{
	uint32_t len;

	dev->owned = hca_wire_own(&dev->wire);
	while (dev->owned && hca_wire_peek(&dev->wire, &len) != NULL)
		hca_wire_drop(&dev->wire);
}

void
hca_device_plug(struct hca_device *dev)
{
	struct hca_device *peer = peer_of(dev);

	if (!dev->owned)
		take_near_end(dev);
	if (dev->owned)
		hca_wire_listen(&dev->wire, !is_down(dev));
	dev->peer_elsewhere = peer != NULL && peer != dev &&
		hca_wire_is_owned_elsewhere(&peer->wire);
}

void
hca_device_unplug(struct hca_device *dev)
{
	if (!dev->owned)
		return;
	hca_wire_listen(&dev->wire, false);
	hca_wire_disown(&dev->wire);
	dev->owned = false;
}
