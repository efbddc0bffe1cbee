/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_gate.h - a gate in front of ibv_reg_mr() and ibv_dereg_mr(): calls for one range of memory
 * are delayed, as those for gigabytes are. Others pass. The program defines the two functions, so
 * it has to export its symbols to the plugins.
 *
 * Any thread. Times are limits for failures; no result depends on them.
 */
#ifndef VERBS_GATE_H
#define VERBS_GATE_H

#include <stddef.h>

/* Sets the range. Before any other call. */
void verbs_gate_watch(const void *addr, size_t len);

/* From now on each call is delayed by ms; 0: none. */
void verbs_gate_delay(unsigned int ms);

/* From now on each call waits inside until the gate is opened, a minute at most. */
void verbs_gate_close(void);
void verbs_gate_open(void);

/* Waits until n calls are inside concurrently, for seconds at most. Returns their number. */
unsigned int verbs_gate_wait(unsigned int n, unsigned int seconds);

#endif
