/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * wire.h - the receiving end of a cable: frames that were sent and have not been received yet. One
 * thread puts, one takes; they may be the same, or of two processes. No lock.
 *
 * In memory of a file each process that has the device sees the same frames. One of them owns the
 * end: it alone takes here, and puts at the far end. The kernel knows who it is, by a lock of the
 * file (F_SETLK of fcntl(2)), which ends with the process.
 */
#ifndef SOFTHCA_WIRE_H_
#define SOFTHCA_WIRE_H_

#include <stdbool.h>
#include <stdint.h>

struct hca_wire {
	struct hca_ring *ring;
	int fd;			/* of the file; -1: memory of this process alone */
};

/* path: of the file, which is made if there is none; or NULL. 0 or -errno. */
int hca_wire_init(struct hca_wire *wire, const char *path);
void hca_wire_fini(struct hca_wire *wire);

/* Become the owner. False: another process is, or the lock fails. Once is as good as twice. */
bool hca_wire_own(struct hca_wire *wire);
void hca_wire_disown(struct hca_wire *wire);
/* A system call. */
bool hca_wire_is_owned_elsewhere(const struct hca_wire *wire);

/* Owner: whether it takes what is put. A process that died still says so. */
void hca_wire_listen(struct hca_wire *wire, bool on);
bool hca_wire_is_listened(const struct hca_wire *wire);

/* Putter: there is room for count frames of len bytes all together. */
bool hca_wire_has_room(const struct hca_wire *wire, uint32_t count, uint32_t len);
/* Putter, when there is room: where to write a frame of len bytes; then how long it became. */
uint8_t *hca_wire_reserve(struct hca_wire *wire, uint32_t len);
void hca_wire_put(struct hca_wire *wire, uint32_t len);

/* Taker: the oldest frame, or NULL. It stays until it is dropped. */
uint8_t *hca_wire_peek(struct hca_wire *wire, uint32_t *len);
void hca_wire_drop(struct hca_wire *wire);

#endif
