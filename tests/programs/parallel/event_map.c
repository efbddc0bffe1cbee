/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * event_map.c - two threads that deadlock if a lock is held during a driver's callback:
 *	event_map [EAL arguments] -- ALLOCATING OTHER
 * One maps for ALLOCATING, whose driver allocates from EAL's heap in dma_map; there it waits until
 * the other thread is in a memory event, in which EAL holds the lock of that heap, and maps for
 * OTHER. The same with unmap. Prints TAP; a watchdog ends a deadlock.
 *
 * Requires hugepages: without them there are no memory events.
 */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "device.h"
#include "tap.h"

#define PAGE 4096
#define RANGE (16 * PAGE)
#define GROWTH ((size_t)16 << 20)	/* exceeds the free heap */
#define LIMIT_S 30
#define WATCHDOG_S 60

typedef int (*call_t)(struct rte_device *dev, void *addr, uint64_t iova, size_t len);

static struct {
	struct rte_device *allocating;
	struct rte_device *other;
	uint8_t *memory;	/* separate ranges */
	call_t call;
	int ret;		/* of ALLOCATING's call */
	int other_ret;
	int events;
	sem_t in_driver;
	sem_t in_event;
} world;

static __thread bool is_mapper;

static bool
wait_for(sem_t *semaphore)
{
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += LIMIT_S;
	return sem_timedwait(semaphore, &end) == 0;
}

/* Once per call: the driver is about to take the lock of EAL's heap. */
static void
come_by(void)
{
	if (!is_mapper)
		return;
	is_mapper = false;
	sem_post(&world.in_driver);
	wait_for(&world.in_event);
}

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	void *(*next)(const char *, size_t, unsigned int, int) = (void *(*)(const char *, size_t,
		unsigned int, int))(uintptr_t)dlsym(RTLD_NEXT, "rte_zmalloc_socket");

	come_by();
	return next(type, size, align, socket);
}

void *
rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	void *(*next)(const char *, size_t, unsigned int, int) = (void *(*)(const char *, size_t,
		unsigned int, int))(uintptr_t)dlsym(RTLD_NEXT, "rte_malloc_socket");

	come_by();
	return next(type, size, align, socket);
}

void
rte_free(void *memory)
{
	void (*next)(void *) = (void (*)(void *))(uintptr_t)dlsym(RTLD_NEXT, "rte_free");

	come_by();
	next(memory);
}

static void *
call_allocating(void *arg)
{
	is_mapper = true;
	world.ret = world.call(world.allocating, world.memory, (uintptr_t)world.memory, RANGE);
	is_mapper = false;
	return arg;
}

static void
on_memory(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	uint8_t *range = world.memory + 2 * RANGE;

	if (event != RTE_MEM_EVENT_ALLOC || world.call == NULL || world.events++ != 0)
		return;
	sem_post(&world.in_event);
	world.other_ret = world.call(world.other, range, (uintptr_t)range, RANGE);
}

static void
bite(int signal)
{
	static const char text[] = "not ok - deadlock between two locks\n";

	/* The plan is wrong then anyway. */
	_exit(write(STDOUT_FILENO, text, sizeof(text) - 1) > 0 ? 1 : 2);
}

/*
 * Returns whether both calls returned 0. The memory by which the heap has grown is not freed: a
 * heap that shrinks during net_mlx5's unmap makes that deadlock with itself (22.11).
 */
static bool
cross(call_t call, void **memory)
{
	pthread_t mapper;
	bool met;

	sem_init(&world.in_driver, 0, 0);
	sem_init(&world.in_event, 0, 0);
	world.events = 0;
	world.other_ret = world.ret = -1;
	world.call = call;
	if (pthread_create(&mapper, NULL, call_allocating, NULL) != 0)
		return false;
	met = wait_for(&world.in_driver);
	if (met)
		*memory = rte_malloc("event_map", GROWTH, 0);
	pthread_join(mapper, NULL);
	world.call = NULL;
	printf("# the driver %s EAL's heap, %d events, results %d and %d\n", met ? "used" : "did not use",
		world.events, world.ret, world.other_ret);
	return met && *memory != NULL && world.events > 0 && world.ret == 0 && world.other_ret == 0;
}

static bool
set_up(char *names[])
{
	world.allocating = find_device(names[0]);
	world.other = find_device(names[1]);
	world.memory = mmap(NULL, 4 * RANGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (world.allocating == NULL || world.other == NULL || world.memory == MAP_FAILED)
		return false;
	memset(world.memory, 1, 4 * RANGE);
	return rte_extmem_register(world.memory, 4 * RANGE, NULL, 0, PAGE) == 0 &&
		rte_mem_event_callback_register("event_map", on_memory, NULL) == 0;
}

int
main(int argc, char **argv)
{
	int skip = rte_eal_init(argc, argv);
	void *grown[2] = {NULL, NULL};
	bool mapped, unmapped;

	if (skip < 0 || argc - skip != 3 || !set_up(argv + skip + 1)) {
		fprintf(stderr, "event_map: no devices, or no memory events: %s\n", rte_strerror(rte_errno));
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, bite);
	alarm(WATCHDOG_S);
	mapped = cross(rte_dev_dma_map, &grown[0]);
	tap_result(mapped, "an allocating map beside a map in a memory event");
	unmapped = mapped && cross(rte_dev_dma_unmap, &grown[1]);
	tap_result(unmapped, "the same with unmap");
	tap_done();
	rte_free(grown[0]);
	rte_free(grown[1]);
	return rte_eal_cleanup() != 0 || !mapped || !unmapped;
}
