/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_device.c - the list of devices, and what it is to have one open: contexts and the events
 * that come to them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/settings.h"
#include "engine/engine.h"
#include "provider/objects.h"
#include "refusals/refusals.h"

EXPORT struct ibv_device **
ibv_get_device_list(int *num)
{
	struct hca_device *const *devices;
	struct ibv_device **list;
	unsigned int count, i;

	devices = hca_devices(&count);
	list = calloc(count + 1, sizeof(*list));
	if (list == NULL)
		return soft_refuse(ENOMEM);
	for (i = 0; i < count; i++)
		list[i] = &devices[i]->ibv;
	if (num != NULL)
		*num = count;
	return list;
}

EXPORT void
ibv_free_device_list(struct ibv_device **list)
{
	free(list);
}

EXPORT const char *
ibv_get_device_name(struct ibv_device *device)
{
	return device->name;
}

EXPORT int
ibv_get_device_index(struct ibv_device *device)
{
	return ((struct hca_device *)device)->index;
}

static int
open_events(struct soft_context *context)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	context->verbs.context.async_fd = fds[0];
	context->events.fd = fds[1];
	context->events.reader = fds[0];
	return 0;
}

static void
close_events(struct soft_context *context)
{
	close(context->verbs.context.async_fd);
	close(context->events.fd);
}

static void
fill(struct verbs_context *verbs, struct ibv_device *device, int cmd_fd)
{
	verbs->sz = sizeof(*verbs);
	verbs->context.device = device;
	verbs->context.cmd_fd = cmd_fd;
	verbs->context.num_comp_vectors = 1;
	verbs->context.abi_compat = __VERBS_ABI_IS_EXTENDED;
	pthread_mutex_init(&verbs->context.mutex, NULL);
	soft_query_fill(verbs);
	soft_cq_fill(verbs);
	soft_domain_fill(verbs);
	soft_wq_fill(verbs);
	soft_qp_fill(verbs);
	soft_flow_fill(verbs);
	soft_provider_fill(verbs);
}

/* Before a device's lock: one open or close at a time, for the engine comes and goes with them. */
static pthread_mutex_t opening = PTHREAD_MUTEX_INITIALIZER;

/* The first context of a device starts its engine. */
static int
join(struct hca_device *dev, struct soft_context *context)
{
	int ret;

	pthread_mutex_lock(&opening);
	ret = dev->contexts == 0 ? hca_engine_start(dev) : 0;
	if (ret == 0) {
		dev->contexts++;
		hca_device_lock(dev);
		TAILQ_INSERT_TAIL(&dev->listeners, &context->events, next);
		hca_device_unlock(dev);
	}
	pthread_mutex_unlock(&opening);
	return ret;
}

static void
leave(struct hca_device *dev, struct soft_context *context)
{
	pthread_mutex_lock(&opening);
	hca_device_lock(dev);
	TAILQ_REMOVE(&dev->listeners, &context->events, next);
	hca_device_unlock(dev);
	if (--dev->contexts == 0)
		hca_engine_stop(dev);
	pthread_mutex_unlock(&opening);
}

static struct ibv_context *
open_context(struct ibv_device *device, int cmd_fd)
{
	struct soft_context *context = calloc(1, sizeof(*context));
	int ret;

	if (context == NULL)
		return soft_refuse(ENOMEM);
	fill(&context->verbs, device, cmd_fd);
	ret = open_events(context);
	if (ret != 0)
		goto err_free;
	ret = join((struct hca_device *)device, context);
	if (ret != 0)
		goto err_close_events;
	hca_trace("open_device(%s)", device->name);
	return &context->verbs.context;

err_close_events:
	close_events(context);
err_free:
	free(context);
	return soft_refuse(-ret);
}

EXPORT struct ibv_context *
ibv_open_device(struct ibv_device *device)
{
	int cmd_fd = memfd_create(device->name, MFD_CLOEXEC);
	struct ibv_context *context;
	int error;

	if (cmd_fd < 0)
		return NULL;
	/* So that import_device() knows whose it is. */
	dprintf(cmd_fd, "%s", device->name);
	context = open_context(device, cmd_fd);
	if (context == NULL) {
		error = errno;
		close(cmd_fd);
		errno = error;
	}
	return context;
}

/* DevX is not modelled. With it, the PMD would go another way altogether. */
EXPORT struct ibv_context *
mlx5dv_open_device(struct ibv_device *device, struct mlx5dv_context_attr *attr)
{
	int error;

	if (attr == NULL)
		return ibv_open_device(device);
	error = hca_refuse(hca_rule_of_dv_open(attr));
	if (error != 0)
		return soft_refuse(error);
	return attr->flags != 0 ? soft_refuse(EOPNOTSUPP) : ibv_open_device(device);
}

/* DPDK 24.11 and later opens a second context on a copy of the first one's cmd_fd. */
EXPORT struct ibv_context *
ibv_import_device(int cmd_fd)
{
	char name[IBV_SYSFS_NAME_MAX] = "";
	struct hca_device *const *devices;
	unsigned int count, i;

	if (pread(cmd_fd, name, sizeof(name) - 1, 0) <= 0)
		return soft_refuse(EINVAL);
	devices = hca_devices(&count);
	for (i = 0; i < count; i++)
		if (strcmp(devices[i]->ibv.name, name) == 0)
			return open_context(&devices[i]->ibv, cmd_fd);
	return soft_refuse(EINVAL);
}

static void
check_leaks(const struct soft_context *context)
{
	struct hca_place place = {context->verbs.context.device->name, "context", 0, 0, NULL, 0};

	if (hca_settings()->strict && context->users != 0)
		hca_violation(HCA_LEAK, &place, "%d objects left", context->users);
}

EXPORT int
ibv_close_device(struct ibv_context *ibv)
{
	struct soft_context *context = soft_context(ibv);

	hca_trace("close_device(%s)", ibv->device->name);
	check_leaks(context);
	leave(soft_device(ibv), context);
	close_events(context);
	close(ibv->cmd_fd);
	pthread_mutex_destroy(&ibv->mutex);
	free(context);
	return 0;
}

static void
print_counters(const struct hca_device *dev)
{
	const struct hca_counters *c = &dev->counters;

	fprintf(stderr,
		"softhca: %s: tx %lu packets %lu bytes %lu errors, rx %lu packets %lu bytes "
		"%lu errors, no_rule %lu, no_buffer %lu, too_long %lu, no_link %lu, verified %lu, "
		"compressed %lu\n",
		dev->ibv.name, c->tx_packets, c->tx_bytes, c->tx_errors, c->rx_packets, c->rx_bytes,
		c->rx_errors, c->no_rule, c->no_buffer, c->too_long, c->no_link, c->verified,
		c->compressed);
}

__attribute__((destructor)) static void
print_all_counters(void)
{
	struct hca_device *const *devices;
	unsigned int count, i;

	if (!hca_settings()->stats)
		return;
	devices = hca_devices(&count);
	for (i = 0; i < count; i++)
		/* Without the lock: in a child of the process nobody may be there to release it. */
		if (devices[i]->now != 0)
			print_counters(devices[i]);
}
