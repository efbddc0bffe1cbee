/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * alarms.h - what a program may have a say in, if it is linked with alarms.c.
 */
#ifndef TSAN_ALARMS_H_
#define TSAN_ALARMS_H_

#include <stdbool.h>

/* Whether rte_eal_alarm_set(), called from there, is to answer -ENOMEM. Without it none does. */
bool alarm_set_fails(const void *caller);

#endif
