/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * flow.h - the steering of a device: rules as ibv_create_flow() takes them, and which of them a
 * frame meets. The lowest priority value is first; among equals the rule that names more bits, then
 * the older one. The default rules of all and of multicast come after every other, and their
 * specifications are not used. Rules of one priority with the same match are one rule with several
 * destinations: each gets the frame.
 *
 * No locks: the caller holds the device's.
 */
#ifndef SOFTHCA_FLOW_H_
#define SOFTHCA_FLOW_H_

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <infiniband/verbs.h>

#include "packet/frame.h"
#include "packet/rss.h"

struct hca_flow {
	TAILQ_ENTRY(hca_flow) next;
	struct ibv_flow_attr *attr;	/* a copy, with its specs behind it */
	const struct hca_rss *rss;	/* where frames go; NULL: nowhere */
	uint32_t rank;			/* place in the order: priority and kind of rule */
	uint32_t bits;			/* how many bits the specs name */
	uint32_t match;			/* number that rules of the same priority and match share */
	uint32_t tag;			/* the CQE's flow tag, 0 if the rule has none */
	bool drop, tagged;
};

TAILQ_HEAD(hca_flows, hca_flow);

/* Of a specification of that type, as far as it is read; 0 for one that <verbs.h> does not have. */
uint32_t hca_flow_spec_size(uint32_t type);

/*
 * Puts the rule in its place. 0, -EINVAL: malformed, -EOPNOTSUPP: not modelled, -EEXIST: a rule
 * with this match has another tag or action, -ENOMEM.
 */
int hca_flow_add(struct hca_flows *flows, struct hca_flow *flow, const struct ibv_flow_attr *attr,
	const struct hca_rss *rss);
void hca_flow_remove(struct hca_flows *flows, struct hca_flow *flow);

/*
 * The first rule behind after (NULL: of all) that the frame meets; NULL if there is none. A rule
 * with IBV_FLOW_ATTR_FLAGS_DONT_TRAP lets the frame go on to the next.
 */
const struct hca_flow *hca_flow_match(const struct hca_flows *flows, const struct hca_flow *after,
	const struct hca_frame *frame);

/* The next destination of the same rule; NULL if there is none. */
const struct hca_flow *hca_flow_twin(const struct hca_flow *flow);

#endif
