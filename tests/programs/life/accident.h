/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * accident.h - what a device tells of by an event: cables that are pulled out, and its death. Events
 * come in EAL's interrupt thread. By control.
 */
#ifndef LIFE_ACCIDENT_H_
#define LIFE_ACCIDENT_H_

struct life;
struct side;

/* Before the first port. 0 or -errno. */
int accident_begin(struct life *life);

/* Both cables, if both ports are started; the side may be stopped and closed beside the event. */
void accident_pull_cables(struct life *life, struct side *side);

/* If they are out; waits for the link of each port that is started. */
void accident_plug_cables_in(struct life *life, struct side *side);

/*
 * Both devices, if both are there. Their ports are told, and may be closed right then; all that can be
 * done afterwards is to stop, close and remove.
 */
void accident_die(struct life *life, struct side *side);

#endif
