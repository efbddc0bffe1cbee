/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See gate.h.
 */
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "gate.h"
#include "unit.h"

#define PATIENCE 60 /* seconds, limit for an immediate event */

const struct pci_ext_range gate_low = {0x100, 0x100, 0x40};
const struct pci_ext_range gate_high = {0x200, 0x200, 0x40};
const struct pci_ext_range gate_inside = {0x110, 0x110, 0x10};
struct fake_space gate_space_a, gate_space_b;
struct pci_ext_target gate_a, gate_b, gate_v, gate_w;
atomic_int gate_calls;

/* Calls for this device stop here. Closed only while no other thread runs. */
static _Atomic(const char *) closed_for;
static struct pci_ext_range closed_range;
static sem_t entered, opened, waiting;

int __real_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);
int __wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex);

int
__wrap_pthread_cond_wait(pthread_cond_t *cond, pthread_mutex_t *mutex)
{
	sem_post(&waiting);
	return __real_pthread_cond_wait(cond, mutex);
}

static void
stop_at_gate(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	const char *device = closed_for;

	gate_calls++;
	if (device == NULL || strcmp(device, target->name) != 0 ||
		!pci_ext_range_is_same(&closed_range, range))
		return;
	sem_post(&entered);
	sem_wait(&opened);
}

void
gate_open(void)
{
	closed_for = NULL;
	sem_post(&opened);
}

void
gate_wait_for_waiter(void)
{
	sem_wait(&waiting);
}

int
gate_map(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	bool shared = target->dev == (struct rte_device *)&fake_shared_space;
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(target, shared ? &fake_shared : &fake_private, range,
		fake_registration(range->addr), NULL, &conflict);
}

int
gate_map_name(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	struct pci_ext_target named = {.name = target->name};
	struct pci_ext_conflict conflict;

	return pci_ext_registry_map(
		&named, NULL, range, fake_registration(range->addr), NULL, &conflict);
}

int
gate_unmap(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	struct pci_ext_conflict conflict;

	return pci_ext_registry_unmap(target->name, range, &conflict);
}

int
gate_suspend(const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int result;

	return fake_suspend(target->name, &result);
}

struct pci_ext_mapping
gate_mapping(const struct pci_ext_target *target)
{
	struct pci_ext_mapping mapping = {0};

	assert_int_equal(pci_ext_registry_copy_mappings(target->name, &mapping, 1), 1);
	return mapping;
}

static void *
run_caller(void *arg)
{
	struct caller *caller = arg;

	fake_map_error = fake_unmap_error = caller->error;
	caller->ret = caller->act(caller->target, caller->range);
	return NULL;
}

void
caller_start(struct caller *caller)
{
	assert_int_equal(pthread_create(&caller->thread, NULL, run_caller, caller), 0);
}

void
caller_start_at_gate(struct caller *caller)
{
	closed_range = *caller->range;
	closed_for = caller->target->name;
	caller_start(caller);
	sem_wait(&entered);
}

void
caller_start_waiting(struct caller *caller)
{
	caller_start(caller);
	gate_wait_for_waiter();
}

int
caller_finish(struct caller *caller)
{
	pthread_join(caller->thread, NULL);
	return caller->ret;
}

int
gate_reset(void **state)
{
	fake_reset();
	fake_hook = stop_at_gate;
	memset(&gate_space_a, 0, sizeof(gate_space_a));
	memset(&gate_space_b, 0, sizeof(gate_space_b));
	gate_a = fake_target("0000:00:0a.0", &gate_space_a);
	gate_b = fake_target("0000:00:0b.0", &gate_space_b);
	gate_v = fake_target("0000:00:12.0", &fake_shared_space);
	gate_w = fake_target("0000:00:13.0", &fake_shared_space);
	closed_for = NULL;
	sem_init(&entered, 0, 0);
	sem_init(&opened, 0, 0);
	sem_init(&waiting, 0, 0);
	gate_calls = 0;
	alarm(PATIENCE);
	return 0;
}

int
gate_cleanup(void **state)
{
	const struct pci_ext_target *const targets[] = {&gate_a, &gate_b, &gate_v, &gate_w};
	int i, held;

	for (i = 0; i < 4; i++) {
		gate_suspend(targets[i], NULL);
		pci_ext_registry_detach(targets[i]->name);
	}
	pci_ext_registry_clear();
	alarm(0);
	assert_int_equal(pci_ext_registry_copy_devices(NULL, NULL, 0), 0);
	held = gate_space_a.n + gate_space_b.n + fake_shared_space.n;
	assert_int_equal(held, 0);
	assert_int_equal(gate_space_a.violations, 0);
	assert_int_equal(gate_space_b.violations, 0);
	assert_int_equal(fake_shared_space.violations, 0);
	return 0;
}
