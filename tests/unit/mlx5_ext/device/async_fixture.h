/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * async_fixture.h - a device with its port, EAL's interrupts with one source, and an application
 * that may act in an event. For one test program.
 */
#ifndef ASYNC_FIXTURE_H_
#define ASYNC_FIXTURE_H_

#include <errno.h>
#include <sys/eventfd.h>

#include <cmocka.h>
#include <rte_interrupts.h>

#include "common/counter.h"
#include "common/verbs.h"
#include "device/async.h"
#include "device/device.h"
#include "device/netdev.h"
#include "device/netwatch.h"
#include "log_lines.h"

int mlx5x_logtype;

#define SERIAL 77

static struct ibv_context context;
static struct mlx5x_device device;

struct mlx5x_port {
	struct mlx5x_hold hold;
};

static struct mlx5x_port port;

/* EAL's interrupts: one source. */
static rte_intr_callback_fn callback;
static void *callback_arg;
static unsigned int pending, synced, instances;
static int register_error, watched_fd;

/* The netdev of a software device, and the messages about netdevs. */
static unsigned int netdev_index;
static int netwatch, netwatch_error;
static bool is_gone;
static bool no_memory;
static char instance;

struct rte_intr_handle *
rte_intr_instance_alloc(uint32_t flags)
{
	if (no_memory)
		return NULL;
	instances++;
	return (struct rte_intr_handle *)&instance;
}

void
rte_intr_instance_free(struct rte_intr_handle *handle)
{
	assert_ptr_equal(handle, &instance);
	instances--;
}

int
rte_intr_fd_set(struct rte_intr_handle *handle, int fd)
{
	watched_fd = fd;
	return 0;
}

int
rte_intr_type_set(struct rte_intr_handle *handle, enum rte_intr_handle_type type)
{
	return 0;
}

int
rte_intr_callback_register(const struct rte_intr_handle *handle, rte_intr_callback_fn cb, void *arg)
{
	if (register_error != 0)
		return register_error;
	assert_true(watched_fd == context.async_fd || netwatch >= 0);
	callback = cb;
	callback_arg = arg;
	return 0;
}

int
rte_intr_callback_unregister_pending(const struct rte_intr_handle *handle, rte_intr_callback_fn cb,
	void *arg, rte_intr_unregister_callback_fn done)
{
	assert_ptr_equal(arg, callback_arg);
	pending++;
	return 1;
}

int
rte_intr_callback_unregister_sync(const struct rte_intr_handle *handle, rte_intr_callback_fn cb,
	void *arg)
{
	synced++;
	return 1;
}

unsigned int
mlx5x_netdev_index(const char *netdev)
{
	return netdev_index;
}

int
mlx5x_netwatch_open(int *fd)
{
	if (netwatch_error != 0)
		return netwatch_error;
	*fd = netwatch = eventfd(0, EFD_NONBLOCK);
	return 0;
}

bool
mlx5x_netwatch_is_gone(int fd, unsigned int index)
{
	eventfd_t ignored;

	assert_int_equal(fd, netwatch);
	assert_int_equal(index, netdev_index);
	eventfd_read(fd, &ignored);
	return is_gone;
}

static bool in_interrupt_thread;

int
rte_thread_is_intr(void)
{
	return in_interrupt_thread;
}

/* The device: it exists, with a port or without, until it is removed. */
static bool there, has_port;
static unsigned int left;

struct mlx5x_device *
mlx5x_device_numbered(uintptr_t serial, struct mlx5x_holder *holder)
{
	assert_int_equal(serial, SERIAL);
	return there && mlx5x_hold_take(&device.hold, holder) ? &device : NULL;
}

struct mlx5x_port *
mlx5x_device_port(struct mlx5x_device *of, struct mlx5x_holder *holder)
{
	*holder = (struct mlx5x_holder){0};
	return has_port && mlx5x_hold_take(&port.hold, holder) ? &port : NULL;
}

static enum ibv_event_type events[8];
static unsigned int nb_events, next_event;

int
mlx5x_verbs_next_event(struct ibv_context *ctx, enum ibv_event_type *type)
{
	assert_ptr_equal(ctx, &context);
	if (next_event == nb_events)
		return -EAGAIN;
	*type = events[next_event++];
	return 0;
}

static unsigned int deaths, links, removals;
static void (*application)(void);	/* its action upon an event */

/* It runs with a hold of the port only. */
static inline void
call_application(void)
{
	assert_true(LIST_EMPTY(&device.hold.holders));
	if (application != NULL)
		application();
}

static inline void
leave(struct mlx5x_device *of)
{
	assert_true(mlx5x_flag_read(&of->dead));
	mlx5x_hold_end(&of->hold);
	mlx5x_async_stop(of);
	left++;
}

static inline void
link_changed(struct mlx5x_port *of)
{
	assert_false(LIST_EMPTY(&of->hold.holders));
	links++;
	call_application();
}

/* Two events of ethdev; the port may be closed in the first one. */
static inline void
died(struct mlx5x_port *of, const struct mlx5x_holder *holder)
{
	deaths++;
	link_changed(of);
	if (!mlx5x_hold_has(holder))
		return;
	removals++;
	call_application();
}

static const struct mlx5x_async_handlers handlers = {
	.link_changed = link_changed, .died = died, .died_alone = leave,
};

static inline void
come(enum ibv_event_type type)
{
	events[nb_events++] = type;
}

/* As EAL's thread does. */
static inline void
interrupt(void)
{
	in_interrupt_thread = true;
	callback(callback_arg);
	in_interrupt_thread = false;
}

static inline int
set_up(void **state)
{
	context.async_fd = 42;
	watched_fd = netwatch = -1;
	netdev_index = 9;
	netwatch_error = 0;
	is_gone = false;
	device = (struct mlx5x_device){
		.name = "0000:03:00.0", .serial = SERIAL, .ctx = &context, .found.rdma = "rxe0"};
	port = (struct mlx5x_port){0};
	there = has_port = true;
	pending = synced = left = nb_events = next_event = deaths = links = removals = 0;
	register_error = 0;
	instances = 0;
	no_memory = false;
	application = NULL;
	log_open();
	return mlx5x_async_start(&device, &handlers);
}

static inline int
tear_down(void **state)
{
	log_close();
	return 0;
}

#endif
