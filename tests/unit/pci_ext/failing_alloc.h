/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * failing_alloc: the n-th allocation from now on fails. Linked with
 * --wrap=malloc,--wrap=calloc,--wrap=realloc. Included by one file of a program.
 */
#ifndef FAILING_ALLOC_H
#define FAILING_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

static int allocations_until_failure; /* 0: none fails */

static bool
allocation_fails(void)
{
	return allocations_until_failure != 0 && --allocations_until_failure == 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_realloc(void *p, size_t size);

void *
__wrap_malloc(size_t size)
{
	return allocation_fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	return allocation_fails() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t size)
{
	return allocation_fails() ? NULL : __real_realloc(p, size);
}

#endif /* FAILING_ALLOC_H */
