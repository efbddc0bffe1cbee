/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What DPDK logs: passed on to stderr, and searched for words. Any thread may log; the search is
 * for the main thread.
 */
#ifndef CONFORMANCE_LOGS_H
#define CONFORMANCE_LOGS_H

#include <stdbool.h>

/* Before EAL starts. */
void logs_watch(void);

/* Look for the text in the lines from now on. */
void logs_expect(const char *text);

/* It has come. */
bool logs_came(void);

#endif
