/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DEVICE_DEATH_H_
#define DEVICE_DEATH_H_

#include <stdbool.h>

#include <infiniband/verbs.h>

/* The context has been opened; it may die if the environment requests it. */
void device_death_watch(struct ibv_context *ctx);

/* Kills the device. Any thread. */
void device_death_strike(struct ibv_context *ctx);

bool device_death_came(struct ibv_context *ctx);

#endif
