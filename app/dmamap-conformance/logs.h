/* SPDX-License-Identifier: BSD-3-Clause
 *
 * DPDK's log: passed on to stderr, and searched for a text. Any thread may log; the search is for
 * the main thread.
 */
#ifndef CONFORMANCE_LOGS_H
#define CONFORMANCE_LOGS_H

#include <stdbool.h>

/* Call before rte_eal_init(). */
void logs_watch(void);

/* Search the lines from now on for the text. */
void logs_expect(const char *text);

/* The text has been logged. */
bool logs_came(void);

#endif
