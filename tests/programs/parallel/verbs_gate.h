/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_gate.h - a gate in front of ibv_reg_mr() and ibv_dereg_mr(): registrations of one range of
 * memory, and their ends, are made to take their time, as those of gigabytes do. All other memory
 * passes. The program defines the two functions, so it has to export its symbols to the plugins.
 *
 * Any thread. Times are limits for when something is wrong; nothing is judged by them.
 */
#ifndef VERBS_GATE_H
#define VERBS_GATE_H

#include <stddef.h>

/* Whose registrations the gate is for. Before any other call. */
void verbs_gate_watch(const void *addr, size_t len);

/* From now on each takes ms longer; 0: none does. */
void verbs_gate_delay(unsigned int ms);

/* From now on each waits inside the call until the gate is opened, a minute at most. */
void verbs_gate_close(void);
void verbs_gate_open(void);

/* Wait until so many are inside at once, for seconds at most. Returns how many are. */
unsigned int verbs_gate_wait(unsigned int n, unsigned int seconds);

#endif
