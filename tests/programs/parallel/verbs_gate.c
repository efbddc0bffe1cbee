/* SPDX-License-Identifier: BSD-3-Clause */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <infiniband/verbs.h>

#include "verbs_gate.h"

#define HELD_SECONDS 60

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uintptr_t base;
static size_t size;
static unsigned int delay_ms;
static unsigned int inside;
static bool closed;
static __thread bool within;	/* a function of the library that calls another interposed one */

static struct timespec
in_seconds(unsigned int seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += seconds;
	return ts;
}

void
verbs_gate_watch(const void *addr, size_t len)
{
	pthread_mutex_lock(&lock);
	base = (uintptr_t)addr;
	size = len;
	pthread_mutex_unlock(&lock);
}

void
verbs_gate_delay(unsigned int ms)
{
	pthread_mutex_lock(&lock);
	delay_ms = ms;
	pthread_mutex_unlock(&lock);
}

static void
set_closed(bool to)
{
	pthread_mutex_lock(&lock);
	closed = to;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

void
verbs_gate_close(void)
{
	set_closed(true);
}

void
verbs_gate_open(void)
{
	set_closed(false);
}

unsigned int
verbs_gate_wait(unsigned int n, unsigned int seconds)
{
	struct timespec end = in_seconds(seconds);
	int ret = 0;

	pthread_mutex_lock(&lock);
	while (inside < n && ret == 0)
		ret = pthread_cond_timedwait(&changed, &lock, &end);
	n = inside;
	pthread_mutex_unlock(&lock);
	return n;
}

/* Whether this call enters the gate; then leave() has to follow. */
static bool
enter(const void *addr)
{
	struct timespec end = in_seconds(HELD_SECONDS);
	unsigned int ms;
	int ret = 0;

	pthread_mutex_lock(&lock);
	if (within || (uintptr_t)addr - base >= size) {
		pthread_mutex_unlock(&lock);
		return false;
	}
	within = true;
	inside++;
	pthread_cond_broadcast(&changed);
	while (closed && ret == 0)
		ret = pthread_cond_timedwait(&changed, &lock, &end);
	ms = delay_ms;
	pthread_mutex_unlock(&lock);
	usleep(ms * 1000);
	return true;
}

static void
leave(void)
{
	within = false;
	pthread_mutex_lock(&lock);
	inside--;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

/* From the preloaded library, or from libibverbs, which a plugin loads into its own local scope. */
static void *
find(const char *name)
{
	void *verbs, *next = dlsym(RTLD_NEXT, name);

	if (next != NULL)
		return next;
	verbs = dlopen("libibverbs.so.1", RTLD_NOW | RTLD_NOLOAD);
	return verbs == NULL ? NULL : dlsym(verbs, name);
}

#undef ibv_reg_mr
struct ibv_mr *
ibv_reg_mr(struct ibv_pd *pd, void *addr, size_t len, int access)
{
	struct ibv_mr *(*next)(struct ibv_pd *, void *, size_t, int) =
		(struct ibv_mr *(*)(struct ibv_pd *, void *, size_t, int))(uintptr_t)find("ibv_reg_mr");
	bool entered = enter(addr);
	struct ibv_mr *mr = next(pd, addr, len, access);

	if (entered)
		leave();
	return mr;
}

struct ibv_mr *
ibv_reg_mr_iova2(struct ibv_pd *pd, void *addr, size_t len, uint64_t iova, unsigned int access)
{
	struct ibv_mr *(*next)(struct ibv_pd *, void *, size_t, uint64_t, unsigned int) =
		(struct ibv_mr *(*)(struct ibv_pd *, void *, size_t, uint64_t, unsigned int))
		(uintptr_t)find("ibv_reg_mr_iova2");
	bool entered = enter(addr);
	struct ibv_mr *mr = next(pd, addr, len, iova, access);

	if (entered)
		leave();
	return mr;
}

int
ibv_dereg_mr(struct ibv_mr *mr)
{
	int (*next)(struct ibv_mr *) = (int (*)(struct ibv_mr *))(uintptr_t)find("ibv_dereg_mr");
	bool entered = enter(mr->addr);
	int ret = next(mr);

	if (entered)
		leave();
	return ret;
}
