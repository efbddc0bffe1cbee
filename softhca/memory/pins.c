/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The counts are in a table of open addressing: page number, count. A page whose last pin goes
 * keeps its place with a count of zero until the table grows next.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/pages.h"
#include "memory/pins.h"

struct pin {
	uintptr_t page;		/* number; 0: free */
	uint32_t count;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct pin *pins;
static size_t size, used;	/* size: a power of two */

/* By system calls of our own: the address sanitizer makes mlock() do nothing. */
static int
lock_page(uintptr_t page)
{
	return syscall(SYS_mlock, page * HCA_PAGE, (size_t)HCA_PAGE);
}

static void
unlock_page(uintptr_t page)
{
	syscall(SYS_munlock, page * HCA_PAGE, (size_t)HCA_PAGE);
}

static struct pin *
find(struct pin *table, size_t table_size, uintptr_t page)
{
	size_t at = page * 0x9fb21c651e98df25u >> 20;

	while (table[at & (table_size - 1)].page != 0 && table[at & (table_size - 1)].page != page)
		at++;
	return &table[at & (table_size - 1)];
}

static int
grow(void)
{
	size_t bigger = size != 0 ? size * 2 : 4096, i;
	struct pin *table = calloc(bigger, sizeof(*table));

	if (table == NULL)
		return -ENOMEM;
	used = 0;
	for (i = 0; i < size; i++)
		if (pins[i].count != 0) {
			*find(table, bigger, pins[i].page) = pins[i];
			used++;
		}
	free(pins);
	pins = table;
	size = bigger;
	return 0;
}

static void
release(uintptr_t page)
{
	struct pin *pin = find(pins, size, page);

	/* Pages that are gone meanwhile are not locked any more either. */
	if (--pin->count == 0)
		unlock_page(page);
}

static int
acquire(uintptr_t page)
{
	struct pin *pin;

	if (used >= size / 2 && grow() != 0)
		return -ENOMEM;
	pin = find(pins, size, page);
	if (pin->count == 0 && lock_page(page) != 0)
		return -ENOMEM;
	if (pin->page == 0)
		used++;
	pin->page = page;
	pin->count++;
	return 0;
}

int
hca_pins_add(void *addr, size_t len)
{
	uintptr_t first = (uintptr_t)addr / HCA_PAGE;
	uintptr_t last = ((uintptr_t)addr + (len - 1)) / HCA_PAGE, page;
	int ret = 0;

	pthread_mutex_lock(&lock);
	for (page = first; page <= last && ret == 0; page++)
		ret = acquire(page);
	if (ret != 0)
		/* page is one behind the one that failed. */
		for (page--; page-- > first;)
			release(page);
	pthread_mutex_unlock(&lock);
	return ret;
}

void
hca_pins_remove(void *addr, size_t len)
{
	uintptr_t first = (uintptr_t)addr / HCA_PAGE;
	uintptr_t last = ((uintptr_t)addr + (len - 1)) / HCA_PAGE, page;

	pthread_mutex_lock(&lock);
	for (page = first; page <= last; page++)
		release(page);
	pthread_mutex_unlock(&lock);
}
