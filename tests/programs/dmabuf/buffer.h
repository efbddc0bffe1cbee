/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * buffer.h - memory without a CPU address of the application's: a dma-buf, and addresses without
 * memory that are registered with EAL in its place. One thread.
 */
#ifndef DMABUF_BUFFER_H
#define DMABUF_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#define BUFFER_NAME "dmabuf"	/* in the names of its descriptors, whoever makes them */

struct buffer {
	int fd;
	size_t len;
	uint8_t *addr;	/* PROT_NONE */
	uint8_t *view;	/* the test's own, by which the owner of such memory would see it */
};

/* By udmabuf: 0, or -errno, and then there is nothing; -ENOENT: there is no /dev/udmabuf. */
int buffer_create(struct buffer *buffer, size_t len);
/* Nothing may be mapped. */
void buffer_destroy(struct buffer *buffer);

/* Where the memory is, for the test, that an mbuf has at addr. */
static inline uint8_t *
buffer_look(const struct buffer *buffer, const void *addr)
{
	return buffer->view + ((const uint8_t *)addr - buffer->addr);
}

#endif
