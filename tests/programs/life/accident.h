/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * accident.h - events of a device: pulled cables, and the death of a device. Events run in EAL's
 * interrupt thread. For the control thread.
 */
#ifndef LIFE_ACCIDENT_H_
#define LIFE_ACCIDENT_H_

struct life;
struct side;

/* Call before the first port. Returns 0 or -errno. */
int accident_begin(struct life *life);

/* Pulls both cables, if both ports are started; the side may be stopped and closed concurrently. */
void accident_pull_cables(struct life *life, struct side *side);

/* Connects pulled cables, and waits for the link of each started port. */
void accident_plug_cables_in(struct life *life, struct side *side);

/*
 * Kills both devices, if both are present. Their ports get an RMV event, and may be closed in its
 * callback; after that only stop, close and remove are possible.
 */
void accident_die(struct life *life, struct side *side);

#endif
