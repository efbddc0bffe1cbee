/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * trouble.h - failures on demand: verbs of the software HCA, and functions that the driver calls.
 * Meanwhile calls of all threads may fail. For control only.
 */
#ifndef LIFE_TROUBLE_H_
#define LIFE_TROUBLE_H_

#include <stdbool.h>

struct life;

/* May be nested. */
void trouble_enter(struct life *life);
void trouble_leave(struct life *life);

/*
 * Requests the failure of a call for one step of three. True: the step may fail; the end reports
 * the same.
 */
bool trouble_order(struct life *life);
void trouble_end(struct life *life, bool ordered);

#endif
