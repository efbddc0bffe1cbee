/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_heap.h - EAL's heap in a program without rte_eal_init(): that of libc. For one test program.
 */
#ifndef UNIT_FAKE_HEAP_H
#define UNIT_FAKE_HEAP_H

#include <stdlib.h>

#include <rte_malloc.h>

void *
rte_calloc(const char *type, size_t num, size_t size, unsigned int align)
{
	return calloc(num, size);
}

void
rte_free(void *block)
{
	free(block);
}

#endif
