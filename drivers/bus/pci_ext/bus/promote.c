/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * promote: see promote.h. Owns the rule that distinguishes DPDK's own drivers. Called by bus_ops
 * when the bus scans: in rte_eal_init() and on hot-plug.
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "bus/promote.h"

PCI_EXT_LOG_REGISTER(promote)

/* ".23.0" of "/usr/lib/librte_bus_pci.so.23.0", "" if there is none. */
static const char *
version_suffix(const char *file)
{
	const char *base = strrchr(file, '/');
	const char *so = strstr(base == NULL ? file : base, ".so.");

	return so == NULL ? "" : so + strlen(".so");
}

static bool
is_library_of_dpdk(const char *file)
{
	const char *base = strrchr(file, '/');

	base = base == NULL ? file : base + 1;
	return strncmp(base, "librte_", strlen("librte_")) == 0;
}

bool
pci_ext_promote_is_foreign(const char *driver_file, const char *bus_file)
{
	const char *version = version_suffix(bus_file);

	if (strcmp(driver_file, bus_file) == 0)
		return false;
	/* A bus without a version: DPDK is linked statically into the program. */
	if (version[0] == '\0')
		return true;
	return !is_library_of_dpdk(driver_file) ||
	       strcmp(version_suffix(driver_file), version) != 0;
}

/* The resolved name of the file that an address was loaded from. */
static bool
find_file(const void *address, char file[PATH_MAX])
{
	Dl_info info;

	return dladdr(address, &info) != 0 && info.dli_fname != NULL &&
	       realpath(info.dli_fname, file) != NULL;
}

void
pci_ext_promote_drivers(struct pci_ext_driver_list *list, const void *bus)
{
	char bus_file[PATH_MAX], driver_file[PATH_MAX];
	pci_ext_listed_driver *driver, *next, *last = NULL;

	if (!find_file(bus, bus_file))
		return;
	for (driver = TAILQ_FIRST(list); driver != NULL; driver = next) {
		next = TAILQ_NEXT(driver, next);
		if (!find_file(driver, driver_file) ||
			!pci_ext_promote_is_foreign(driver_file, bus_file))
			continue;
		if (driver != (last == NULL ? TAILQ_FIRST(list) : TAILQ_NEXT(last, next))) {
			TAILQ_REMOVE(list, driver, next);
			if (last == NULL)
				TAILQ_INSERT_HEAD(list, driver, next);
			else
				TAILQ_INSERT_AFTER(list, last, driver, next);
			PCI_EXT_LOG(promote, DEBUG,
				"driver %s (%s) moved before DPDK's own drivers",
				pci_ext_compat_name(driver), driver_file);
		}
		last = driver;
	}
}
