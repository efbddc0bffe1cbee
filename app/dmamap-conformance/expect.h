/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Names of known failures. No DPDK in it.
 */
#ifndef CONFORMANCE_EXPECT_H
#define CONFORMANCE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#define EXPECT_MAX 128

struct expect {
	char names[EXPECT_MAX][32];
	char reasons[EXPECT_MAX][128];
	unsigned int n;
};

/*
 * text is the name of a file (a case on each line; the text after "#" is the reason), or names with
 * commas between them. Returns 0, or -EINVAL with a message in err if a name is no case or the list
 * is full.
 */
int expect_read(struct expect *expect, const char *text, char *err, size_t size);

/* The reason of a known failure; NULL if the case is not one. */
const char *expect_reason(const struct expect *expect, const char *name);

#endif
