/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trouble.h - calls that fail on order: verbs of the software HCA, and functions that the driver calls.
 * While there is trouble, calls of all threads may fail. By control alone.
 */
#ifndef LIFE_TROUBLE_H_
#define LIFE_TROUBLE_H_

#include <stdbool.h>

struct life;

/* May be nested. */
void trouble_enter(struct life *life);
void trouble_leave(struct life *life);

/* For one step of three a call is ordered to fail. True: so the step may fail; end tells of the same. */
bool trouble_order(struct life *life);
void trouble_end(struct life *life, bool ordered);

#endif
