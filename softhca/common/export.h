/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * export.h - the mark of what the library shows: names of libibverbs and libmlx5, which it takes
 * the place of, the few of libc by which udmabuf.c is there, and softhca_*. Everything else is
 * hidden.
 */
#ifndef SOFTHCA_EXPORT_H_
#define SOFTHCA_EXPORT_H_

#define EXPORT __attribute__((visibility("default")))

#endif
