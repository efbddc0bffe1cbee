/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fleet.h - the devices: their calls, plug and unplug, and what they can reach. A port or a dmadev
 * that pci_ext maps for is one; a dmadev, or a port that is mapped by its driver, moves data too
 * (rig.h of dmamap-conformance). One thread.
 */
#ifndef SEQUENCES_FLEET_H
#define SEQUENCES_FLEET_H

#include <stdbool.h>

#include "model.h"
#include "rig.h"

struct fleet {
	struct rig_list list;
	bool vfio;	/* all of them are */
};

/* 0 or -errno, with a message in err. */
int fleet_open(struct fleet *fleet, char *err, size_t size);
void fleet_close(struct fleet *fleet);

bool fleet_moves_data(const struct fleet *fleet, unsigned int device);
bool fleet_is_healthy(struct fleet *fleet);

/* 0 or -errno, with a message in err. */
int fleet_unplug(struct fleet *fleet, unsigned int device, char *err, size_t size);
int fleet_plug(struct fleet *fleet, unsigned int device, char *err, size_t size);

/*
 * The calls: 0, the errno, or -1 if the result and rte_errno do not agree. iova as it is passed.
 * unmap: frees what the port has sent, if it is EBUSY by that.
 */
int fleet_map(struct fleet *fleet, unsigned int device, const struct range *range, bool by_name);
int fleet_unmap(struct fleet *fleet, unsigned int device, const struct range *range, bool by_name);

/* The device reads len bytes at iova that the program has just written at addr. */
enum moved fleet_read(struct fleet *fleet, unsigned int device, const struct range *range);

#endif
