/* SPDX-License-Identifier: BSD-3-Clause */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/checks.h"
#include "device/device.h"
#include "device/events.h"

void
hca_events_tell(const struct hca_events *listener, const struct hca_event *event)
{
	/* Who does not read loses events, as with the kernel. */
	ssize_t n = write(listener->fd, event, sizeof(*event));

	(void)n;
}

void
hca_events_send(struct hca_device *dev, const struct hca_event *event)
{
	struct hca_events *listener;

	TAILQ_FOREACH(listener, &dev->listeners, next)
		hca_events_tell(listener, event);
}

void
hca_events_forget(const struct hca_events *listener, const void *element)
{
	struct hca_event event;
	int fd, left = 0;
	char path[32];

	if (ioctl(listener->reader, FIONREAD, &left) != 0 || left == 0)
		return;
	/* Opened anew, for the user's may block, and another thread be faster. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", listener->reader);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return;
	for (; left > 0; left -= sizeof(event)) {
		if (read(fd, &event, sizeof(event)) != sizeof(event))
			break;
		if (event.element != element)
			hca_events_tell(listener, &event);
	}
	close(fd);
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
