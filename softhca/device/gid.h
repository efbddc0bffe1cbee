/* SPDX-License-Identifier: BSD-3-Clause */
/* gid.h - the sizes of a port's tables of addresses and partition keys. */
#ifndef SOFTHCA_GID_H_
#define SOFTHCA_GID_H_

#define SOFT_GIDS  2
#define SOFT_PKEYS 1
/* Entries of the table of addresses; the others are empty. */
#define SOFT_GIDS_MAX 256
/* As the device tells, of which a port of Ethernet has one. */
#define SOFT_PKEYS_MAX 128

#endif
