/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The cases that are known to fail, by name. No DPDK in it.
 */
#ifndef CONFORMANCE_EXPECT_H
#define CONFORMANCE_EXPECT_H

#include <stdbool.h>
#include <stddef.h>

#define EXPECT_MAX 64

struct expect {
	char names[EXPECT_MAX][32];
	char reasons[EXPECT_MAX][128];
	unsigned int n;
};

/*
 * text is a file (a name a line, "#" starts a comment, which becomes the reason) or names with
 * commas between them. Returns 0 or -errno with a message in err; every name has to be a case's.
 */
int expect_read(struct expect *expect, const char *text, char *err, size_t size);

/* The reason why it is expected to fail; NULL where it is not. */
const char *expect_reason(const struct expect *expect, const char *name);

#endif
