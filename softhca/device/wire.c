/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring of records, each a header and a frame in one piece. A record that does not fit before the
 * ring's end begins at its start again, and a header with SKIP tells the taker so.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "device/wire.h"
#include "packet/frame.h"

#define SIZE   (2u << 20)
#define HEADER 8u
#define SKIP   UINT32_MAX

/* Fresh memory of a file is zero, and so is an empty ring. */
struct hca_ring {
	alignas(64) uint64_t head;	/* of the putter; released with the bytes before it */
	alignas(64) uint64_t tail;	/* of the taker */
	alignas(64) uint32_t listened;	/* atomic; of the owner */
	alignas(64) uint8_t bytes[SIZE];
};

static uint32_t
record_size(uint32_t len)
{
	return HEADER + ((len + HEADER - 1) & ~(HEADER - 1));
}

static int
open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return -errno;
	if (ftruncate(fd, sizeof(struct hca_ring)) == 0)
		return fd;
	close(fd);
	return -ENOSPC;
}

int
hca_wire_init(struct hca_wire *wire, const char *path)
{
	int flags = path != NULL ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	void *at;

	*wire = (struct hca_wire){.fd = path != NULL ? open_file(path) : -1};
	if (path != NULL && wire->fd < 0)
		return wire->fd;
	at = mmap(NULL, sizeof(struct hca_ring), PROT_READ | PROT_WRITE, flags, wire->fd, 0);
	if (at != MAP_FAILED) {
		wire->ring = at;
		return 0;
	}
	if (wire->fd >= 0)
		close(wire->fd);
	return -ENOMEM;
}

void
hca_wire_fini(struct hca_wire *wire)
{
	munmap(wire->ring, sizeof(struct hca_ring));
	if (wire->fd >= 0)
		close(wire->fd);
}

/* Not a lock of the open file: a child by fork() would have it too. */
static bool
ask(const struct hca_wire *wire, int command, struct flock *lock)
{
	*lock = (struct flock){.l_type = lock->l_type, .l_whence = SEEK_SET, .l_len = 1};
	return fcntl(wire->fd, command, lock) == 0;
}

bool
hca_wire_own(struct hca_wire *wire)
{
	struct flock lock = {.l_type = F_WRLCK};

	return wire->fd < 0 || ask(wire, F_SETLK, &lock);
}

void
hca_wire_disown(struct hca_wire *wire)
{
	struct flock lock = {.l_type = F_UNLCK};

	if (wire->fd >= 0)
		ask(wire, F_SETLK, &lock);
}

bool
hca_wire_is_owned_elsewhere(const struct hca_wire *wire)
{
	struct flock lock = {.l_type = F_WRLCK};

	return wire->fd >= 0 && ask(wire, F_GETLK, &lock) && lock.l_type != F_UNLCK;
}

void
hca_wire_listen(struct hca_wire *wire, bool on)
{
	__atomic_store_n(&wire->ring->listened, on, __ATOMIC_RELEASE);
}

bool
hca_wire_is_listened(const struct hca_wire *wire)
{
	return __atomic_load_n(&wire->ring->listened, __ATOMIC_ACQUIRE);
}

static uint64_t
used(const struct hca_wire *wire)
{
	/* Acquire: what the taker has read of the ring before, it has read. */
	return wire->ring->head - __atomic_load_n(&wire->ring->tail, __ATOMIC_ACQUIRE);
}

bool
hca_wire_has_room(const struct hca_wire *wire, uint32_t count, uint32_t len)
{
	/* The last frame that fits may leave the longest possible gap before the ring's end. */
	return used(wire) + len + count * 2 * HEADER + record_size(HCA_FRAME_MAX) <= SIZE;
}

static void
write_header(struct hca_wire *wire, uint64_t at, uint32_t len)
{
	memcpy(wire->ring->bytes + at % SIZE, &len, sizeof(len));
}

uint8_t *
hca_wire_reserve(struct hca_wire *wire, uint32_t len)
{
	uint64_t left = SIZE - wire->ring->head % SIZE;

	if (left < record_size(len)) {
		write_header(wire, wire->ring->head, SKIP);
		/* Release: the skip is written. Pairs with hca_wire_peek(). */
		__atomic_store_n(&wire->ring->head, wire->ring->head + left, __ATOMIC_RELEASE);
	}
	return wire->ring->bytes + wire->ring->head % SIZE + HEADER;
}

void
hca_wire_put(struct hca_wire *wire, uint32_t len)
{
	write_header(wire, wire->ring->head, len);
	/* Release: the frame is written. Pairs with hca_wire_peek(). */
	__atomic_store_n(&wire->ring->head, wire->ring->head + record_size(len), __ATOMIC_RELEASE);
}

static bool
is_empty(const struct hca_wire *wire)
{
	return wire->ring->tail == __atomic_load_n(&wire->ring->head, __ATOMIC_ACQUIRE);
}

static uint32_t
read_header(const struct hca_wire *wire)
{
	uint32_t len;

	memcpy(&len, wire->ring->bytes + wire->ring->tail % SIZE, sizeof(len));
	return len;
}

static void
advance(struct hca_wire *wire, uint64_t size)
{
	/* Release: the record has been read. Pairs with used(). */
	__atomic_store_n(&wire->ring->tail, wire->ring->tail + size, __ATOMIC_RELEASE);
}

uint8_t *
hca_wire_peek(struct hca_wire *wire, uint32_t *len)
{
	if (is_empty(wire))
		return NULL;
	if (read_header(wire) == SKIP) {
		advance(wire, SIZE - wire->ring->tail % SIZE);
		if (is_empty(wire))
			return NULL;
	}
	*len = read_header(wire);
	return wire->ring->bytes + wire->ring->tail % SIZE + HEADER;
}

void
hca_wire_drop(struct hca_wire *wire)
{
	advance(wire, record_size(read_header(wire)));
}
