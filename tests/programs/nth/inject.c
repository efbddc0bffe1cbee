/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the functions that interpose those of the libraries: calls from outside the plugin are
 * passed on.
 */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <infiniband/verbs.h>

#include <ethdev_driver.h>
#include <rte_alarm.h>
#include <rte_errno.h>
#include <rte_interrupts.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_mempool.h>

#include "alarms.h"
#include "compat_thread.h"
#include "inject.h"
#include "sanitizer.h"

#define PLUGIN "librte_net_mlx5_ext.so"

enum function {
	GET_DEVICE_LIST, OPEN_DEVICE, QUERY_DEVICE, QUERY_PORT, QUERY_GID, ALLOC_PD, CALLOC,
	ALIGNED_ALLOC, RTE_CALLOC, RTE_ZMALLOC, INTR_ALLOC, INTR_REGISTER, MEM_EVENT, MEMPOOL_EVENT,
	PORT_ALLOCATE, IOCTL, ALARM_SET, THREAD_CREATE, FUNCTIONS
};

const char *const inject_names[] = {
	[GET_DEVICE_LIST] = "ibv_get_device_list", [OPEN_DEVICE] = "ibv_open_device",
	[QUERY_DEVICE] = "ibv_query_device_ex", [QUERY_PORT] = "ibv_query_port",
	[QUERY_GID] = "ibv_query_gid", [ALLOC_PD] = "ibv_alloc_pd",
	[CALLOC] = "calloc", [ALIGNED_ALLOC] = "aligned_alloc",
	[RTE_CALLOC] = "rte_calloc", [RTE_ZMALLOC] = "rte_zmalloc_socket",
	[INTR_ALLOC] = "rte_intr_instance_alloc", [INTR_REGISTER] = "rte_intr_callback_register",
	[MEM_EVENT] = "rte_mem_event_callback_register",
	[MEMPOOL_EVENT] = "rte_mempool_event_callback_register",
	[PORT_ALLOCATE] = "rte_eth_dev_allocate", [IOCTL] = "ioctl",
	[ALARM_SET] = "rte_eal_alarm_set", [THREAD_CREATE] = RTE_STR(COMPAT_THREAD_CREATE),
	[FUNCTIONS] = NULL,
};

static struct {
	uintptr_t start;
	uintptr_t end;
} plugin;

/* For any thread of the plugin. */
static int ordered = FUNCTIONS;
static unsigned int at, seen, hits;

static int
find_plugin(struct dl_phdr_info *info, size_t size, void *arg)
{
	uintptr_t end;
	int i;

	if (strstr(info->dlpi_name, PLUGIN) == NULL)
		return 0;
	plugin.start = info->dlpi_addr;
	for (i = 0; i < info->dlpi_phnum; i++) {
		end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > plugin.end)
			plugin.end = end;
	}
	return 1;
}

void
inject_order(const char *name, unsigned int n)
{
	int i;

	__atomic_store_n(&ordered, FUNCTIONS, __ATOMIC_SEQ_CST);
	if (plugin.end == 0)
		dl_iterate_phdr(find_plugin, NULL);
	__atomic_store_n(&at, n, __ATOMIC_SEQ_CST);
	__atomic_store_n(&seen, 0, __ATOMIC_SEQ_CST);
	__atomic_store_n(&hits, 0, __ATOMIC_SEQ_CST);
	for (i = 0; name != NULL && i < FUNCTIONS; i++)
		if (strcmp(inject_names[i], name) == 0)
			__atomic_store_n(&ordered, i, __ATOMIC_SEQ_CST);
}

unsigned int
inject_hits(void)
{
	return __atomic_load_n(&hits, __ATOMIC_SEQ_CST);
}

static bool
is_plugin(const void *caller)
{
	return (uintptr_t)caller >= plugin.start && (uintptr_t)caller < plugin.end;
}

static bool
fails(enum function function, const void *caller)
{
	if (__atomic_load_n(&ordered, __ATOMIC_SEQ_CST) != (int)function || !is_plugin(caller))
		return false;
	if (__atomic_add_fetch(&seen, 1, __ATOMIC_SEQ_CST) != __atomic_load_n(&at, __ATOMIC_SEQ_CST))
		return false;
	__atomic_add_fetch(&hits, 1, __ATOMIC_SEQ_CST);
	errno = ENOMEM;
	rte_errno = ENOMEM;
	return true;
}

#define CALLER __builtin_return_address(0)
#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

struct ibv_device **
ibv_get_device_list(int *n)
{
	if (fails(GET_DEVICE_LIST, CALLER))
		return NULL;
	return NEXT(struct ibv_device **(*)(int *), "ibv_get_device_list")(n);
}

static int (*query_device)(struct ibv_context *, const struct ibv_query_device_ex_input *,
	struct ibv_device_attr_ex *, size_t);
static int (*query_port)(struct ibv_context *, uint8_t, struct ibv_port_attr *, size_t);

static int
faulty_query_device(struct ibv_context *ctx, const struct ibv_query_device_ex_input *in,
	struct ibv_device_attr_ex *attr, size_t size)
{
	return fails(QUERY_DEVICE, CALLER) ? EIO : query_device(ctx, in, attr, size);
}

static int
faulty_query_port(struct ibv_context *ctx, uint8_t port, struct ibv_port_attr *attr, size_t size)
{
	return fails(QUERY_PORT, CALLER) ? EIO : query_port(ctx, port, attr, size);
}

/* These two are inline functions that call through the context. */
static void
replace_queries(struct ibv_context *ctx)
{
	struct verbs_context *verbs = verbs_get_ctx(ctx);

	if (verbs == NULL || verbs->query_device_ex == NULL || verbs->query_port == NULL)
		return;
	query_device = verbs->query_device_ex;
	query_port = verbs->query_port;
	verbs->query_device_ex = faulty_query_device;
	verbs->query_port = faulty_query_port;
}

struct ibv_context *
ibv_open_device(struct ibv_device *device)
{
	struct ibv_context *ctx;

	if (fails(OPEN_DEVICE, CALLER))
		return NULL;
	ctx = NEXT(struct ibv_context *(*)(struct ibv_device *), "ibv_open_device")(device);
	if (ctx != NULL)
		replace_queries(ctx);
	return ctx;
}

int
ibv_query_gid(struct ibv_context *ctx, uint8_t port, int index, union ibv_gid *gid)
{
	if (fails(QUERY_GID, CALLER))
		return -1;
	return NEXT(int (*)(struct ibv_context *, uint8_t, int, union ibv_gid *), "ibv_query_gid")(ctx,
		port, index, gid);
}

struct ibv_pd *
ibv_alloc_pd(struct ibv_context *ctx)
{
	if (fails(ALLOC_PD, CALLER))
		return NULL;
	return NEXT(struct ibv_pd *(*)(struct ibv_context *), "ibv_alloc_pd")(ctx);
}

/*
 * libc exports its allocators under these names too, so no look-up, which would allocate, is
 * necessary. Not with ThreadSanitizer: a thread allocates before ThreadSanitizer knows it.
 */
#if !SANITIZER_THREAD
#if SANITIZER_ADDRESS
#define REAL_CALLOC __interceptor_calloc
#define REAL_ALIGNED_ALLOC __interceptor_memalign
#else
#define REAL_CALLOC __libc_calloc
#define REAL_ALIGNED_ALLOC __libc_memalign
#endif
void *REAL_CALLOC(size_t n, size_t size);
void *REAL_ALIGNED_ALLOC(size_t align, size_t size);

void *
calloc(size_t n, size_t size)
{
	return fails(CALLOC, CALLER) ? NULL : REAL_CALLOC(n, size);
}

void *
aligned_alloc(size_t align, size_t size)
{
	return fails(ALIGNED_ALLOC, CALLER) ? NULL : REAL_ALIGNED_ALLOC(align, size);
}
#endif

void *
rte_calloc(const char *type, size_t n, size_t size, unsigned int align)
{
	if (fails(RTE_CALLOC, CALLER))
		return NULL;
	return NEXT(void *(*)(const char *, size_t, size_t, unsigned int), "rte_calloc")(type, n, size,
		align);
}

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	if (fails(RTE_ZMALLOC, CALLER))
		return NULL;
	return NEXT(void *(*)(const char *, size_t, unsigned int, int), "rte_zmalloc_socket")(type,
		size, align, socket);
}

/* After a failure for its own socket a port asks for memory of any socket: that fails too. */
void *
rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	if (__atomic_load_n(&ordered, __ATOMIC_SEQ_CST) == RTE_ZMALLOC && inject_hits() != 0 &&
	    is_plugin(CALLER))
		return NULL;
	return NEXT(void *(*)(const char *, size_t, unsigned int), "rte_zmalloc")(type, size, align);
}

struct rte_intr_handle *
rte_intr_instance_alloc(uint32_t flags)
{
	if (fails(INTR_ALLOC, CALLER))
		return NULL;
	return NEXT(struct rte_intr_handle *(*)(uint32_t), "rte_intr_instance_alloc")(flags);
}

int
rte_intr_callback_register(const struct rte_intr_handle *handle, rte_intr_callback_fn callback,
	void *arg)
{
	if (fails(INTR_REGISTER, CALLER))
		return -ENOMEM;
	return NEXT(int (*)(const struct rte_intr_handle *, rte_intr_callback_fn, void *),
		"rte_intr_callback_register")(handle, callback, arg);
}

int
rte_mem_event_callback_register(const char *name, rte_mem_event_callback_t callback, void *arg)
{
	if (fails(MEM_EVENT, CALLER))
		return -1;
	return NEXT(int (*)(const char *, rte_mem_event_callback_t, void *),
		"rte_mem_event_callback_register")(name, callback, arg);
}

int
rte_mempool_event_callback_register(rte_mempool_event_callback *callback, void *arg)
{
	if (fails(MEMPOOL_EVENT, CALLER))
		return -1;
	return NEXT(int (*)(rte_mempool_event_callback *, void *),
		"rte_mempool_event_callback_register")(callback, arg);
}

struct rte_eth_dev *
rte_eth_dev_allocate(const char *name)
{
	if (fails(PORT_ALLOCATE, CALLER))
		return NULL;
	return NEXT(struct rte_eth_dev *(*)(const char *), "rte_eth_dev_allocate")(name);
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (fails(IOCTL, CALLER))
		return -1;
	return NEXT(int (*)(int, unsigned long, ...), "ioctl")(fd, request, arg);
}

#if !SANITIZER_THREAD
int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback callback, void *arg)
{
	if (fails(ALARM_SET, CALLER))
		return -ENOMEM;
	return NEXT(int (*)(uint64_t, rte_eal_alarm_callback, void *), "rte_eal_alarm_set")(us,
		callback, arg);
}
#else
bool
alarm_set_fails(const void *caller)
{
	return fails(ALARM_SET, caller);
}

/* Orders a device's event after inject_order() by a lock that ThreadSanitizer knows. */
int
ibv_get_async_event(struct ibv_context *ctx, struct ibv_async_event *event)
{
	int ret = NEXT(int (*)(struct ibv_context *, struct ibv_async_event *),
		"ibv_get_async_event")(ctx, event);

	__atomic_load_n(&ordered, __ATOMIC_SEQ_CST);
	return ret;
}
#endif

int
COMPAT_THREAD_CREATE(COMPAT_THREAD_PARAMS)
{
	if (fails(THREAD_CREATE, CALLER))
		return COMPAT_THREAD_ERROR;
	return NEXT(int (*)(COMPAT_THREAD_PARAMS), RTE_STR(COMPAT_THREAD_CREATE))(COMPAT_THREAD_ARGS);
}
