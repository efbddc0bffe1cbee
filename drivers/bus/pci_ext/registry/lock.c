/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * lock: see lock.h. Owns the table lock. Called by registry and record, from any thread.
 */
#include <errno.h>

#include "registry/lock.h"

static pthread_mutex_t table = PTHREAD_MUTEX_INITIALIZER;

void
pci_ext_table_lock(void)
{
	pthread_mutex_lock(&table);
}

void
pci_ext_table_unlock(void)
{
	pthread_mutex_unlock(&table);
}

void
pci_ext_device_lock_init(struct pci_ext_device_lock *lock)
{
	lock->held = false;
	lock->waiters = 0;
	pthread_cond_init(&lock->released, NULL);
}

void
pci_ext_device_lock_destroy(struct pci_ext_device_lock *lock)
{
	pthread_cond_destroy(&lock->released);
}

bool
pci_ext_device_lock_is_mine(const struct pci_ext_device_lock *lock)
{
	return lock->held && pthread_equal(lock->holder, pthread_self());
}

int
pci_ext_device_lock_wait(struct pci_ext_device_lock *lock)
{
	if (pci_ext_device_lock_is_mine(lock))
		return -EDEADLK;
	lock->waiters++;
	pthread_cond_wait(&lock->released, &table);
	lock->waiters--;
	return PCI_EXT_AGAIN;
}

void
pci_ext_device_lock_enter(struct pci_ext_device_lock *lock)
{
	lock->held = true;
	lock->holder = pthread_self();
	pthread_mutex_unlock(&table);
}

void
pci_ext_device_lock_leave(struct pci_ext_device_lock *lock)
{
	pthread_mutex_lock(&table);
	lock->held = false;
	if (lock->waiters != 0)
		pthread_cond_broadcast(&lock->released);
}

int
pci_ext_device_lock_call(struct pci_ext_device_lock *lock, pci_ext_backend_call_t call,
	const struct pci_ext_target *target, const struct pci_ext_range *range)
{
	int ret;

	pci_ext_device_lock_enter(lock);
	ret = call(target, range);
	pci_ext_device_lock_leave(lock);
	return ret;
}
