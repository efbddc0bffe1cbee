/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks of a file as segments of packets, beside a copy into the packet. */
#define main file_send_main
int file_send_main(int argc, char **argv);
#include "../../../examples/file_send/file_send.c"

#include <rte_memcpy.h>

#include "copies.h"

#define FILE_LEN ((size_t)2 << 20)

static char path[64];
static const char *the_device;
static struct rte_mempool *pool;
static struct file file, other;
static size_t at;

/* The next bytes of the file. */
static size_t
next(size_t bytes)
{
	at = at + 2 * bytes <= file.pages.len ? at + bytes : 0;
	return at;
}

static struct rte_mbuf *
make_header(void)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);

	if (packet != NULL)
		memset(rte_pktmbuf_append(packet, sizeof(struct header)), 0xff,
			sizeof(struct header));
	return packet;
}

static struct rte_mbuf *
in_place(size_t bytes)
{
	struct rte_mbuf *packet = make_header();

	return packet != NULL && file_append(&file, next(bytes), bytes, packet) == 0 ? packet : NULL;
}

static struct rte_mbuf *
copy(size_t bytes)
{
	struct rte_mbuf *packet = make_header();

	if (packet != NULL)
		rte_memcpy(rte_pktmbuf_append(packet, bytes),
			(const uint8_t *)file.pages.addr + next(bytes), bytes);
	return packet;
}

static int
map_and_unmap(size_t bytes)
{
	int ret = file_open(&other, path, the_device);

	return ret != 0 ? ret : file_unmap(&other, the_device);
}

int
copies_file_send_open(const char *device, struct rte_mempool *packets)
{
	int fd = memfd_create("file", 0);

	if (fd < 0 || ftruncate(fd, FILE_LEN) != 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	the_device = device;
	pool = packets;
	return file_open(&file, path, device);
}

const struct copies_row copies_file_send[COPIES_ROWS] = {
	{"file_send", 64, false, in_place, copy, NULL},
	{"file_send", 1024, false, in_place, copy, NULL},
	{"file_send", 1400, false, in_place, copy, NULL},
	{"file_send", FILE_LEN, false, NULL, NULL, map_and_unmap},
};
