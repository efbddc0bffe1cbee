/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * control.h - the thread that probes, configures, starts, uses, stops, closes, resets and removes
 * in random order, with faults in between, and knows the required result of each call.
 */
#ifndef LIFE_CONTROL_H_
#define LIFE_CONTROL_H_

struct life;

/* One random step of one side. */
void control_step(struct life *life);

/* Removes all devices. */
void control_end(struct life *life);

#endif
