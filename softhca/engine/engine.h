/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * engine.h - what runs the queues: a thread per open device, or with SOFTHCA_MODE=step whoever
 * calls softhca_step().
 */
#ifndef SOFTHCA_ENGINE_H_
#define SOFTHCA_ENGINE_H_

struct hca_device;

/* From the first context of the device to the last. Without its lock. 0 or -errno. */
int hca_engine_start(struct hca_device *dev);
void hca_engine_stop(struct hca_device *dev);

/*
 * For tests, by dlsym(): runs all queues of all open devices, device by device and queue by queue
 * in the order of their making, until nothing moves. One thread at a time.
 */
void softhca_step(void);

#endif
