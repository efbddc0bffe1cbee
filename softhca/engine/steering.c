/* SPDX-License-Identifier: BSD-3-Clause */
#include "common/settings.h"
#include "device/device.h"
#include "engine/steering.h"
#include "packet/rss.h"
#include "queue/rq.h"

/* To one rule's queue. False: there is no buffer. */
static bool
give(struct hca_device *dev, const struct hca_flow *flow, struct hca_frame *frame, uint8_t *bytes)
{
	struct hca_arrival arrival = {.frame = frame, .bytes = bytes, .tag = flow->tag};

	if (flow->drop || flow->rss == NULL) {
		dev->counters.no_rule++;
		return true;
	}
	arrival.hash = hca_rss_hash(flow->rss, frame);
	return hca_rq_receive(hca_rss_queue(flow->rss, arrival.hash), &arrival);
}

/* The port takes the MTU, an Ethernet header and a tag. A greater MTU is in force at once. */
static bool
is_too_long(struct hca_device *dev, uint32_t len)
{
	uint32_t wanted = len > HCA_FRAME_MIN + 4 ? len - HCA_FRAME_MIN - 4 : 0;

	if (wanted > dev->mtu)
		dev->mtu = hca_netdev_mtu(&dev->netdev);
	return wanted > dev->mtu;
}

/* False: nobody has had it, and it shall wait for a buffer. */
static bool
steer(struct hca_device *dev, uint8_t *bytes, uint32_t len)
{
	const struct hca_flow *flow;
	struct hca_frame frame;
	bool given = false;

	if (is_too_long(dev, len)) {
		dev->counters.too_long++;
		return true;
	}
	hca_frame_parse(&frame, bytes, len);
	flow = hca_flow_match(&dev->flows, NULL, &frame);
	if (flow == NULL)
		dev->counters.no_rule++;
	while (flow != NULL) {
		if (give(dev, flow, &frame, bytes))
			given = true;
		else if (hca_settings()->pause && !given)
			return false;
		else
			dev->counters.no_buffer++;
		flow = (flow->attr->flags & IBV_FLOW_ATTR_FLAGS_DONT_TRAP) != 0 ?
			hca_flow_match(&dev->flows, flow, &frame) : hca_flow_twin(flow);
	}
	return true;
}

bool
hca_steering_run(struct hca_device *dev, int budget)
{
	bool worked = false;
	uint8_t *bytes;
	uint32_t len;

	for (; budget > 0 && dev->owned; budget--) {
		bytes = hca_wire_peek(&dev->wire, &len);
		if (bytes == NULL || !steer(dev, bytes, len))
			break;
		hca_wire_drop(&dev->wire);
		worked = true;
	}
	return worked;
}
