/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate: for tests of registry during a call of the backend. The fake backend stops at a gate for
 * one device and range; a call in its own thread is a struct caller. The tests wait for events: a
 * caller has arrived at the gate, or waits for a device lock (pthread_cond_wait() is wrapped to
 * report that). So no test depends on time; a call that waits by mistake never ends, and alarm()
 * ends the test then.
 */
#ifndef GATE_H
#define GATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "fake_backend.h"
#include "registry/registry.h"

extern struct fake_space gate_space_a, gate_space_b;
extern struct pci_ext_target gate_a, gate_b; /* devices of the private backend */
extern struct pci_ext_target gate_v, gate_w; /* of the shared one */
extern const struct pci_ext_range gate_low, gate_high, gate_inside; /* the last one in the first */
extern atomic_int gate_calls;					    /* of backends */

/* Set-up and tear-down of a test. */
int gate_reset(void **state);
int gate_cleanup(void **state);

/* Lets the call at the gate continue; no other call stops there. */
void gate_open(void);
/* Until a thread waits for a device lock. */
void gate_wait_for_waiter(void);

/*
 * The calls, in this thread; gate_suspend ignores range, and returns the number of suspended
 * mappings.
 */
int gate_map(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_map_name(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_unmap(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_suspend(const struct pci_ext_target *target, const struct pci_ext_range *range);
/* The mapping of a device that has exactly one. */
struct pci_ext_mapping gate_mapping(const struct pci_ext_target *target);

/* A call in its own thread. */
struct caller {
	int (*act)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	const struct pci_ext_target *target;
	const struct pci_ext_range *range;
	int error; /* result of the backend */
	pthread_t thread;
	int ret;
};

#define CALLER(what, who, where, ...)                                                              \
	{                                                                                          \
		.act = gate_##what, .target = who, .range = where, __VA_ARGS__                     \
	}

void caller_start(struct caller *caller);
/* As above, until it is at the gate; until it waits for a device lock. */
void caller_start_at_gate(struct caller *caller);
void caller_start_waiting(struct caller *caller);
/* Result of its call. */
int caller_finish(struct caller *caller);

#endif /* GATE_H */
