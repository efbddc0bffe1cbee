/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control.h - the thread that probes, configures, starts, uses, stops, closes, resets and removes, in
 * any order, with faults in between; and knows what each call has to answer.
 */
#ifndef LIFE_CONTROL_H_
#define LIFE_CONTROL_H_

struct life;

/* One step, of one side, as the dice fall. */
void control_step(struct life *life);

/* Removes what there is. */
void control_end(struct life *life);

#endif
