/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device_death.c - the second part of the preloaded library: the death of a device.
 *
 *   VERBS_FAULT_FATAL=N         the N-th packet sent by the process simulates an unplug of its device:
 *                               IBV_EVENT_DEVICE_FATAL is reported, async_fd stays readable, and every
 *                               call to the kernel for this device fails with EIO. Rings in memory are
 *                               unchanged. The kernel's objects are released when the device is closed.
 *
 * An epoll wait for the device's async_fd also waits for an eventfd with its data.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#include "device_death.h"

#define MAX_DEVICES 4

struct device {
	struct ibv_context *ctx;	/* NULL: unused */
	int fatal_fd;			/* readable after the device's death */
	bool dead;
	bool told;
};

static struct device devices[MAX_DEVICES];

static struct device *
find(const struct ibv_context *ctx)
{
	int i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (ctx != NULL && devices[i].ctx == ctx)
			return &devices[i];
	return NULL;
}

static bool
is_dead(const struct device *device)
{
	return device != NULL && __atomic_load_n(&device->dead, __ATOMIC_ACQUIRE);
}

static bool
is_dead_fd(int fd)
{
	int i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (is_dead(&devices[i]) && devices[i].ctx != NULL && devices[i].ctx->cmd_fd == fd)
			return true;
	return false;
}

void
device_death_watch(struct ibv_context *ctx)
{
	int i;

	for (i = 0; i < MAX_DEVICES && devices[i].ctx != NULL; i++)
		;
	if (i == MAX_DEVICES || getenv("VERBS_FAULT_FATAL") == NULL)
		return;
	devices[i] = (struct device){.ctx = ctx, .fatal_fd = eventfd(0, EFD_NONBLOCK)};
}

void
device_death_strike(struct ibv_context *ctx)
{
	struct device *device = find(ctx);

	if (device == NULL)
		return;
	__atomic_store_n(&device->dead, true, __ATOMIC_RELEASE);
	eventfd_write(device->fatal_fd, 1);
}

bool
device_death_came(struct ibv_context *ctx)
{
	return is_dead(find(ctx));
}

int
epoll_ctl(int set, int op, int fd, struct epoll_event *event)
{
	int (*real)(int, int, int, struct epoll_event *) = dlsym(RTLD_NEXT, "epoll_ctl");
	int i;

	for (i = 0; i < MAX_DEVICES; i++)
		if (devices[i].ctx != NULL && devices[i].ctx->async_fd == fd)
			real(set, op, devices[i].fatal_fd, event);
	return real(set, op, fd, event);
}

int
ibv_get_async_event(struct ibv_context *ctx, struct ibv_async_event *event)
{
	int (*real)(struct ibv_context *, struct ibv_async_event *) =
		dlsym(RTLD_NEXT, "ibv_get_async_event");
	struct device *device = find(ctx);

	if (!is_dead(device))
		return real(ctx, event);
	if (device->told) {
		errno = EIO;
		return -1;
	}
	device->told = true;
	*event = (struct ibv_async_event){.event_type = IBV_EVENT_DEVICE_FATAL};
	return 0;
}

int
ibv_close_device(struct ibv_context *ctx)
{
	int (*real)(struct ibv_context *) = dlsym(RTLD_NEXT, "ibv_close_device");
	struct device *device = find(ctx);

	if (device != NULL) {
		close(device->fatal_fd);
		*device = (struct device){0};
	}
	return real(ctx);
}

/* The two ways to call the kernel. */
int
ioctl(int fd, unsigned long request, ...)
{
	int (*real)(int, unsigned long, void *) = dlsym(RTLD_NEXT, "ioctl");
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (is_dead_fd(fd)) {
		errno = EIO;
		return -1;
	}
	return real(fd, request, arg);
}

ssize_t
write(int fd, const void *data, size_t len)
{
	static ssize_t (*real)(int, const void *, size_t);

	if (real == NULL)
		real = dlsym(RTLD_NEXT, "write");
	if (is_dead_fd(fd)) {
		errno = EIO;
		return -1;
	}
	return real(fd, data, len);
}
