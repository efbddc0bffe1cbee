/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preloaded: lets EAL name another release, OTHER_RELEASE=YEAR.MONTH[-rcN]; and at exit prints the
 * file that the PCI bus's dma_map is in, as "dma_map: FILE".
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bus_driver.h>
#include <rte_common.h>
#include <rte_version.h>

struct release {
	unsigned int year, month, candidate;
};

static struct release
other(void)
{
	struct release release = {RTE_VER_YEAR, RTE_VER_MONTH, 99};
	const char *name = getenv("OTHER_RELEASE");

	if (name != NULL)
		sscanf(name, "%u.%u-rc%u", &release.year, &release.month, &release.candidate);
	return release;
}

unsigned int
rte_version_year(void)
{
	return other().year;
}

unsigned int
rte_version_month(void)
{
	return other().month;
}

unsigned int
rte_version_release(void)
{
	return other().candidate;
}

__attribute__((destructor)) static void
print_bus(void)
{
	struct rte_bus *(*find)(const char *);
	void *symbol = dlsym(RTLD_DEFAULT, "rte_bus_find_by_name");
	const struct rte_bus *bus;
	Dl_info info;

	memcpy(&find, &symbol, sizeof(find));
	bus = symbol == NULL ? NULL : find("pci");
	if (bus != NULL && dladdr((const void *)(uintptr_t)bus->dma_map, &info) != 0)
		printf("dma_map: %s\n", info.dli_fname);
}
