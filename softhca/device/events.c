/* SPDX-License-Identifier: BSD-3-Clause */
#include <unistd.h>

#include "common/checks.h"
#include "device/device.h"
#include "device/events.h"

void
hca_events_send(struct hca_device *dev, const struct hca_event *event)
{
	struct hca_events *listener;
	ssize_t n;

	TAILQ_FOREACH(listener, &dev->listeners, next) {
		/* Who does not read loses events, as with the kernel. */
		n = write(listener->fd, event, sizeof(*event));
		(void)n;
	}
}

void
hca_events_port(struct hca_device *dev, bool up)
{
	struct hca_event event = {up ? IBV_EVENT_PORT_ACTIVE : IBV_EVENT_PORT_ERR, NULL};

	if (__atomic_exchange_n(&dev->link_down, !up, __ATOMIC_RELAXED) == !up)
		return;
	hca_trace("%s: port %s", dev->ibv.name, up ? "up" : "down");
	hca_events_send(dev, &event);
}
