/* SPDX-License-Identifier: BSD-3-Clause */
/* alarms.h - control of alarms for programs linked with alarms.c. */
#ifndef TSAN_ALARMS_H_
#define TSAN_ALARMS_H_

#include <stdbool.h>

/*
 * Whether rte_eal_alarm_set(), called from there, has to return -ENOMEM. Without it no call fails.
 */
bool alarm_set_fails(const void *caller);

#endif
