/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * steering.h - from the cable to the queues that the flow rules of the device name.
 */
#ifndef SOFTHCA_STEERING_H_
#define SOFTHCA_STEERING_H_

#include <stdbool.h>

struct hca_device;

/* Up to budget frames; true if there were some. The caller holds the device's lock. */
bool hca_steering_run(struct hca_device *dev, int budget);

#endif
