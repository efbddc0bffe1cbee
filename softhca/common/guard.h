/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * guard.h - copies to and from memory that may be gone. A device with a live mapping does not crash
 * when the process unmaps the pages, and neither does the model: a fault during the copy ends it.
 * SIGSEGV and SIGBUS of anybody else go to the handler that was there before.
 */
#ifndef SOFTHCA_GUARD_H_
#define SOFTHCA_GUARD_H_

#include <stdbool.h>
#include <stddef.h>

/* Before guarded calls; again and again, if somebody else may put a handler of his own. */
void hca_guard_install(void);

/* memcpy(); false if some byte was not there, and then part of it may have been copied. */
bool hca_guard_copy(void *to, const void *from, size_t len);

#endif
