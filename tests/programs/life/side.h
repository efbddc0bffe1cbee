/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * side.h - calls of ethdev and of hot-plug for one function and its port; each checks the result.
 * Calls that the state does not allow are left out, unless DPDK leaves the rejection to the driver.
 * For control only, which takes the side's locks where other threads use it.
 */
#ifndef LIFE_SIDE_H_
#define LIFE_SIDE_H_

#include <stdbool.h>

struct life;
struct side;

void side_probe(struct life *life, struct side *side);
void side_remove(struct life *life, struct side *side);
void side_close(struct life *life, struct side *side);
void side_configure(struct life *life, struct side *side);
void side_set_up(struct life *life, struct side *side);
void side_start(struct life *life, struct side *side);
void side_stop(struct life *life, struct side *side);
void side_reset(struct life *life, struct side *side);
void side_set_all(struct life *life, struct side *side);

/* All queues that are configured are set up. */
bool side_has_all_queues(const struct side *side);

/* The port was closed by another thread. */
void side_forget_port(struct side *side);

#endif
