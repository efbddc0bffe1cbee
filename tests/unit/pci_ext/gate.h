/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * gate: for tests of registry while a backend is at work. The fake backend stops at a gate for one
 * device and range; a call in a thread of its own is a struct caller. What happens meanwhile goes
 * by events: a caller has come to the gate, or waits for a device lock (pthread_cond_wait() is
 * wrapped and tells). So nothing takes time; what should not wait but does never ends, and alarm()
 * ends the test then.
 */
#ifndef GATE_H
#define GATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "fake_backend.h"
#include "registry.h"

extern struct fake_space gate_space_a, gate_space_b;
extern struct pci_ext_target gate_a, gate_b; /* devices of the private backend */
extern struct pci_ext_target gate_v, gate_w; /* of the shared one */
extern const struct pci_ext_range gate_low, gate_high, gate_inside; /* the last one in the first */
extern atomic_int gate_calls;					    /* of backends */

/* Set-up and tear-down of a test. */
int gate_reset(void **state);
int gate_cleanup(void **state);

/* Who is at the gate goes on; nobody else stops there. */
void gate_open(void);
/* Until somebody waits for a device lock. */
void gate_wait_for_waiter(void);

/* The calls, in this thread; range of gate_suspend is not looked at, it returns how many it suspended. */
int gate_map(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_map_name(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_unmap(const struct pci_ext_target *target, const struct pci_ext_range *range);
int gate_suspend(const struct pci_ext_target *target, const struct pci_ext_range *range);
/* The mapping of a device, which has just one. */
struct pci_ext_mapping gate_mapping(const struct pci_ext_target *target);

/* One call in a thread of its own. */
struct caller {
	int (*act)(const struct pci_ext_target *target, const struct pci_ext_range *range);
	const struct pci_ext_target *target;
	const struct pci_ext_range *range;
	int error; /* of the backend */
	pthread_t thread;
	int ret;
};

#define CALLER(what, who, where, ...)                                                              \
	{                                                                                          \
		.act = gate_##what, .target = who, .range = where, __VA_ARGS__                     \
	}

void caller_start(struct caller *caller);
/* The same, until it is at the gate; until it waits for a device lock. */
void caller_start_at_gate(struct caller *caller);
void caller_start_waiting(struct caller *caller);
/* What its call returned. */
int caller_finish(struct caller *caller);

#endif /* GATE_H */
