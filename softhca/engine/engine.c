/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <time.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/guard.h"
#include "common/settings.h"
#include "device/device.h"
#include "device/events.h"
#include "device/faults.h"
#include "engine/engine.h"
#include "engine/steering.h"
#include "queue/cq.h"
#include "queue/rq.h"
#include "queue/sq.h"

/* WQEs of a queue, and frames of a cable, before the others have their turn. */
#define BUDGET	     64
/* Passes without work: so many at full speed, then so many that yield, then sleep between two. */
#define PASSES_BUSY  256
#define PASSES_YIELD 256
#define SLEEP_NS     20000

/* How often the netdev and the ends of the cable are looked at. */
#define LOOK_NS	     20000000

/* The port follows the netdev, and other processes have come or gone. */
static void
look(struct hca_device *dev)
{
	if (dev->now - dev->looked < LOOK_NS)
		return;
	dev->looked = dev->now;
	hca_device_plug(dev);
	if (dev->netdev.fd < 0)
		return;
	hca_events_port(dev, hca_netdev_has_carrier(&dev->netdev));
	dev->mtu = hca_netdev_mtu(&dev->netdev);
}

/* The cable is pulled out, or plugged in: the netdev notices too. */
static void
plug(struct hca_device *dev, bool in)
{
	hca_netdev_set_carrier(&dev->netdev, in);
	hca_events_port(dev, in);
}

/* The device is lost: every queue is in error, and nothing moves any more. */
static void
lose(struct hca_device *dev)
{
	struct hca_event event = {IBV_EVENT_DEVICE_FATAL, NULL};
	struct hca_sq *sq;
	struct hca_rq *rq;

	hca_trace("%s: fatal error", dev->ibv.name);
	__atomic_store_n(&dev->fatal, true, __ATOMIC_RELAXED);
	TAILQ_FOREACH(sq, &dev->sqs, next)
		hca_sq_set_state(sq, HCA_ERROR);
	TAILQ_FOREACH(rq, &dev->rqs, next)
		hca_rq_set_state(rq, HCA_ERROR);
	hca_events_send(dev, &event);
}

/* Faults whose time has come. */
static void
fail(struct hca_device *dev)
{
	if (hca_faults_is_due(dev, HCA_FAULT_PORT_DOWN))
		plug(dev, false);
	if (hca_faults_is_due(dev, HCA_FAULT_PORT_UP))
		plug(dev, true);
	if (hca_faults_is_due(dev, HCA_FAULT_FATAL))
		lose(dev);
	dev->faulted = dev->now;
}

/* Everything once. True: something moved. */
static bool
pass(struct hca_device *dev)
{
	bool worked = false;
	struct hca_cq *cq;
	struct hca_sq *sq;
	struct hca_rq *rq;

	dev->now = hca_device_clock();
	fail(dev);
	look(dev);
	TAILQ_FOREACH(sq, &dev->sqs, next)
		worked |= hca_sq_run(sq, BUDGET);
	worked |= hca_steering_run(dev, BUDGET);
	TAILQ_FOREACH(rq, &dev->rqs, next)
		worked |= hca_rq_run(rq);
	TAILQ_FOREACH(cq, &dev->cqs, next)
		worked |= hca_cq_run(cq);
	return worked;
}

/* Nobody tells when a doorbell is rung: look often at first, then ever more seldom. */
static void
rest(unsigned int idle)
{
	const struct timespec nap = {.tv_nsec = SLEEP_NS};

	if (idle < PASSES_BUSY)
		return;
	if (idle < PASSES_BUSY + PASSES_YIELD)
		sched_yield();
	else
		nanosleep(&nap, NULL);
}

/* Where the process might run when it began: EAL pins its threads, and ours would inherit that. */
static cpu_set_t everywhere;

__attribute__((constructor)) static void
remember_cpus(void)
{
	sched_getaffinity(0, sizeof(everywhere), &everywhere);
}

static void *
run(void *arg)
{
	struct hca_device *dev = arg;
	unsigned int idle = 0;

	pthread_setname_np(pthread_self(), "softhca");
	hca_guard_install();
	pthread_setaffinity_np(pthread_self(), sizeof(everywhere), &everywhere);
	prctl(PR_SET_TIMERSLACK, 1);
	while (__atomic_load_n(&dev->open, __ATOMIC_ACQUIRE)) {
		while (__atomic_load_n(&dev->waiting, __ATOMIC_RELAXED) != 0)
			sched_yield();
		pthread_mutex_lock(&dev->lock);
		idle = pass(dev) ? 0 : idle + 1;
		pthread_mutex_unlock(&dev->lock);
		rest(idle);
	}
	return NULL;
}

int
hca_engine_start(struct hca_device *dev)
{
	int ret;

	__atomic_store_n(&dev->fatal, false, __ATOMIC_RELAXED);
	hca_netdev_open(&dev->netdev, dev->ibv.ibdev_path);
	__atomic_store_n(&dev->link_down, !hca_netdev_has_carrier(&dev->netdev), __ATOMIC_RELAXED);
	dev->mtu = hca_netdev_mtu(&dev->netdev);
	dev->faulted = dev->looked = dev->now = hca_device_clock();
	hca_device_plug(dev);
	__atomic_store_n(&dev->open, true, __ATOMIC_RELEASE);
	if (hca_settings()->step)
		return 0;
	ret = pthread_create(&dev->thread, NULL, run, dev);
	if (ret != 0) {
		__atomic_store_n(&dev->open, false, __ATOMIC_RELEASE);
		hca_device_unplug(dev);
		hca_netdev_close(&dev->netdev);
	}
	return -ret;
}

void
hca_engine_stop(struct hca_device *dev)
{
	__atomic_store_n(&dev->open, false, __ATOMIC_RELEASE);
	if (!hca_settings()->step)
		pthread_join(dev->thread, NULL);
	hca_device_unplug(dev);
	hca_netdev_close(&dev->netdev);
}

static bool
step_all(void)
{
	struct hca_device *const *devices;
	unsigned int count, i;
	bool worked = false;

	devices = hca_devices(&count);
	for (i = 0; i < count; i++) {
		if (!__atomic_load_n(&devices[i]->open, __ATOMIC_ACQUIRE))
			continue;
		hca_device_lock(devices[i]);
		worked |= pass(devices[i]);
		hca_device_unlock(devices[i]);
	}
	return worked;
}

EXPORT void
softhca_step(void)
{
	hca_guard_install();
	while (step_all())
		;
}
