/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alarms.c - for programs under ThreadSanitizer, interposing EAL's functions: what EAL orders by
 * locks that are not instrumented is ordered again by one that is. An alarm runs after it was set,
 * and its cancellation returns after the alarm.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include <rte_alarm.h>

#include "alarms.h"

__attribute__((weak)) bool
alarm_set_fails(const void *caller)
{
	return false;
}

#define ALARMS 1024

static pthread_mutex_t alarm_lock = PTHREAD_MUTEX_INITIALIZER;
static struct alarm {
	rte_eal_alarm_callback callback;
	void *arg;
} alarms[ALARMS];

/* Never freed: one for each pair of a callback and a port's address. */
static struct alarm *
find_alarm(rte_eal_alarm_callback callback, void *arg)
{
	struct alarm *alarm = alarms;

	pthread_mutex_lock(&alarm_lock);
	while (alarm->callback != NULL && (alarm->callback != callback || alarm->arg != arg))
		alarm++;
	if (alarm->callback == NULL)
		*alarm = (struct alarm){callback, arg};
	pthread_mutex_unlock(&alarm_lock);
	return alarm;
}

static void
order_alarms(void)
{
	pthread_mutex_lock(&alarm_lock);
	pthread_mutex_unlock(&alarm_lock);
}

static void
run_alarm(void *arg)
{
	const struct alarm *alarm = arg;

	order_alarms();
	alarm->callback(alarm->arg);
	order_alarms();
}

int
rte_eal_alarm_set(uint64_t us, rte_eal_alarm_callback callback, void *arg)
{
	int (*real_set)(uint64_t, rte_eal_alarm_callback, void *) = dlsym(RTLD_NEXT, "rte_eal_alarm_set");
	int ret = alarm_set_fails(__builtin_return_address(0)) ? -ENOMEM : real_set(us, run_alarm,
		find_alarm(callback, arg));

	order_alarms();
	return ret;
}

/* Of the sanitizer; declared in none of its headers. */
void AnnotateIgnoreWritesBegin(const char *file, int line) __attribute__((weak));
void AnnotateIgnoreWritesEnd(const char *file, int line) __attribute__((weak));

/*
 * EAL frees what an alarm that set itself again has just allocated: under its own lock, between the
 * two points where this file orders threads.
 */
int
rte_eal_alarm_cancel(rte_eal_alarm_callback callback, void *arg)
{
	int (*real_cancel)(rte_eal_alarm_callback, void *) = dlsym(RTLD_NEXT, "rte_eal_alarm_cancel");
	int ret;

	order_alarms();
	if (AnnotateIgnoreWritesBegin != NULL)
		AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
	ret = real_cancel(run_alarm, find_alarm(callback, arg));
	if (AnnotateIgnoreWritesEnd != NULL)
		AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
	order_alarms();
	return ret;
}
