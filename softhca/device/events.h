/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * events.h - asynchronous events of a device: to every context that has it open, by a pipe whose
 * reading end is the context's async_fd; those of an object to the context that has it. The caller
 * holds the device's lock.
 */
#ifndef SOFTHCA_EVENTS_H_
#define SOFTHCA_EVENTS_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/verbs.h>

struct hca_device;

/* One listener; of a context. */
struct hca_events {
	TAILQ_ENTRY(hca_events) next;
	int fd;			/* the writing end, which never blocks */
	int reader;		/* the other one, the user's */
};

/* What goes through the pipe. */
struct hca_event {
	uint64_t type;		/* enum ibv_event_type; without padding */
	void *element;		/* of struct ibv_async_event; NULL: the port */
};

/* To the contexts of the device. */
void hca_events_send(struct hca_device *dev, const struct hca_event *event);

/* To one of them. */
void hca_events_tell(const struct hca_events *listener, const struct hca_event *event);

/* The object is gone, and with it what was not read yet. */
void hca_events_forget(const struct hca_events *listener, const void *element);

/* The port is up, or not; tells when that is a change. */
void hca_events_port(struct hca_device *dev, bool up);

#endif
