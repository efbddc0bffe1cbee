/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * reason.h - why memory cannot be registered, for log lines: the kernel returns one errno for many
 * causes.
 */
#ifndef MLX5X_REASON_H_
#define MLX5X_REASON_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes, with the terminating zero. */
#define MLX5X_REASON_SIZE 512

/*
 * Writes the name of a negative errno of a registration, and what is known beyond it: for -ENOMEM
 * the limits and their present use; for -EFAULT the first part of the range that the device cannot
 * read, or write if it writes (vma.h). Takes milliseconds; no lock may be held. Any thread.
 */
void mlx5x_reason_write(int error, uintptr_t addr, size_t len, bool writes,
	char buf[MLX5X_REASON_SIZE]);

#endif
