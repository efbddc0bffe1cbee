/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * netdev.h - the netdev of a device: one end of a veth pair, whose other end is called the same
 * with a "p" behind it. The port of the device is up when the netdev has carrier, and when the
 * cable is pulled the netdev loses it.
 */
#ifndef SOFTHCA_NETDEV_H_
#define SOFTHCA_NETDEV_H_

#include <stdbool.h>
#include <stdint.h>

#include <net/if.h>

struct hca_netdev {
	char name[IF_NAMESIZE];	/* empty: there is none, and all of the below does nothing */
	int fd;			/* a socket to ask the kernel by; -1: none */
};

/* From the folder of the device: device/net/ has an entry of its name. Never fails. */
void hca_netdev_open(struct hca_netdev *netdev, const char *folder);
void hca_netdev_close(struct hca_netdev *netdev);

/* True also when there is none, or the kernel does not answer. */
bool hca_netdev_has_carrier(const struct hca_netdev *netdev);
/* UINT32_MAX when there is none, or the kernel does not answer. */
uint32_t hca_netdev_mtu(const struct hca_netdev *netdev);
/* By the other end of the pair. */
void hca_netdev_set_carrier(const struct hca_netdev *netdev, bool on);

#endif
