/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * device.h - one device with one port: its keys, queues, rules and cable. Devices are found below
 * SOFTHCA_DIR and live as long as the process.
 *
 * The device's lock protects everything in it unless a field says otherwise. The engine holds it
 * while it runs the queues, verbs while they make, change and destroy objects. Nobody holds the
 * locks of two devices.
 */
#ifndef SOFTHCA_DEVICE_H_
#define SOFTHCA_DEVICE_H_

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/verbs.h>

#include "device/model.h"
#include "device/netdev.h"
#include "device/wire.h"
#include "memory/keys.h"
#include "packet/flow.h"

#define HCA_DEVICES_MAX 16

struct hca_cq;
struct hca_events;
struct hca_qp;
struct hca_rq;
struct hca_sq;
struct hca_srq;

struct hca_counters {
	uint64_t tx_packets, tx_bytes, tx_errors;
	uint64_t rx_packets, rx_bytes, rx_errors;
	uint64_t no_rule;	/* received, and no flow rule took it, or one dropped it */
	uint64_t no_buffer;
	uint64_t too_long;	/* received, and longer than the port's MTU */
	uint64_t no_link;	/* sent with no cable, or nobody at its other end */
	uint64_t verified;	/* by the checker */
	uint64_t compressed;	/* completions that were put together */
};

struct hca_device {
	struct ibv_device ibv;		/* first: a cast */
	unsigned int index;
	const struct hca_model *model;
	bool empw;			/* const */
	union ibv_gid gid;		/* const: of the port, whatever the version of RoCE */
	/* Atomic: read by other threads without the lock. */
	bool open;
	bool link_down;
	bool fatal;			/* lost, until it is opened anew */
	int waiting;			/* threads that want the lock from the engine */
	int contexts;			/* of verbs_device.c, under a lock of its own */
	struct hca_wire wire;		/* put by the peer's engine, taken by ours */
	bool owned;			/* the end of the cable, by this process; of the engine */
	bool peer_elsewhere;		/* another process owns the far end; as of looked */

	pthread_mutex_t lock;
	struct hca_keys keys;
	TAILQ_HEAD(, hca_cq) cqs;
	TAILQ_HEAD(, hca_sq) sqs;
	TAILQ_HEAD(, hca_rq) rqs;
	TAILQ_HEAD(, hca_qp) qps;	/* with a transport */
	TAILQ_HEAD(, hca_srq) srqs;
	struct hca_flows flows;
	TAILQ_HEAD(, hca_events) listeners;
	struct hca_counters counters;
	uint32_t last_number;		/* of queues */
	uint64_t now;			/* ns; taken once per pass; 0: was never open */
	uint64_t delayed_until, faulted; /* of faults.c */
	struct hca_netdev netdev;	/* while it is open */
	uint64_t looked;		/* when, at the netdev */
	uint32_t mtu;			/* of the netdev then */
	pthread_t thread;		/* of engine.c */
	uint8_t scratch[HCA_FRAME_MAX + HCA_FRAME_PAD];	/* for a frame that goes nowhere */
};

/* Those of SOFTHCA_DIR by now, in the order of their names; count is set. Never freed. */
struct hca_device *const *hca_devices(unsigned int *count);

static inline bool
hca_device_is_fatal(const struct hca_device *dev)
{
	return __atomic_load_n(&dev->fatal, __ATOMIC_RELAXED);
}

/* Host order. */
uint64_t hca_device_guid(const struct hca_device *dev);

/* Nanoseconds of what a device's now is. */
uint64_t hca_device_clock(void);
/* What CLOCK_REALTIME was when that was clock, as it would be without steps. */
uint64_t hca_device_wallclock(uint64_t clock);

/* From a thread that is not the engine's. */
void hca_device_lock(struct hca_device *dev);
void hca_device_unlock(struct hca_device *dev);

/* Under the lock: a number that no queue of the device has had. */
uint32_t hca_device_number(struct hca_device *dev);

/*
 * The far end of the cable, for the engine that sends; NULL if nobody listens there, or another
 * process owns the near end.
 */
struct hca_wire *hca_device_wire(struct hca_device *dev);

/*
 * Engine: the near end, if no other process has it, from now on; what was sent while nobody
 * listened is dropped. Then whether another process has the far end. Repeated now and then, as
 * other processes come and go, also by dying. And the end of that.
 */
void hca_device_plug(struct hca_device *dev);
void hca_device_unplug(struct hca_device *dev);

#endif
