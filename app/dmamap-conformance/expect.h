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
 * commas between them. In a file, releases of DPDK may follow a case, as "22.11-26.03", "26.07-" or
 * "-26.03", both ends included: in others it is no failure. release is 2211 for 22.11. Returns 0,
 * or -EINVAL with a message in err if a name is no case, releases are none, or the list is full.
 */
int expect_read(struct expect *expect, const char *text, unsigned int release, char *err,
	size_t size);

/* The reason of a known failure; NULL if the case is not one. */
const char *expect_reason(const struct expect *expect, const char *name);

#endif
