/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * release: whether a plugin runs in the DPDK release that it was built for. A driver reads and
 * writes structures (struct rte_bus, rte_pci_device, rte_pci_driver, eth_dev_ops) that DPDK's ABI
 * policy does not cover: they differ between releases whose libraries have the same soname (25.11,
 * 26.03 and 26.07 are all .so.26), so the dynamic loader accepts a wrong pair.
 *
 * A header without dependencies besides EAL's, for the plugins here and for ported PMDs.
 */
#ifndef DMAMAP_RELEASE_H
#define DMAMAP_RELEASE_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_log.h>
#include <rte_version.h>

/* Of a message of dmamap_release_fits(), in bytes, with its NUL. */
#define DMAMAP_RELEASE_MESSAGE_SIZE 192

/* RTE_VER_RELEASE is the number of a release candidate, or this (config/meson.build). */
#define DMAMAP_RELEASE_FINAL 99

struct dmamap_release {
	unsigned int year;
	unsigned int month;
	unsigned int candidate;
};

/*
 * A number of the program's EAL. The plugin's own reference may be bound to a second EAL, loaded
 * for its DT_NEEDED (librte_eal.so.23 beside the program's .so.25); RTLD_DEFAULT searches the
 * program's libraries first.
 */
static inline unsigned int
dmamap_release_number(const char *function)
{
	unsigned int (*number)(void);
	void *symbol = dlsym(RTLD_DEFAULT, function);

	memcpy(&number, &symbol, sizeof(number)); /* ISO C has no cast of it */
	return symbol == NULL ? 0 : number();
}

static inline void
dmamap_release_format(char buf[24], const struct dmamap_release *release)
{
	int n = snprintf(buf, 24, "%u.%02u", release->year % 100, release->month % 100);

	if (release->candidate != DMAMAP_RELEASE_FINAL)
		snprintf(buf + n, 24 - n, "-rc%u", release->candidate);
}

/*
 * True if the program's DPDK has the year, the month and the number of the release candidate that
 * the caller was compiled with; stable updates of one release (22.11.1, 22.11.2) keep the layout.
 * False otherwise: then message, of DMAMAP_RELEASE_MESSAGE_SIZE bytes, is one line without an end
 * that names both releases and the remedy. For a plugin's constructor, which must register nothing
 * then; any thread.
 */
static inline bool
dmamap_release_fits(char *message)
{
	const struct dmamap_release built = {RTE_VER_YEAR, RTE_VER_MONTH, RTE_VER_RELEASE};
	const struct dmamap_release running = {
		.year = dmamap_release_number("rte_version_year"),
		.month = dmamap_release_number("rte_version_month"),
		.candidate = dmamap_release_number("rte_version_release"),
	};
	char ours[24], theirs[24];

	if (running.year == built.year && running.month == built.month &&
		running.candidate == built.candidate)
		return true;
	dmamap_release_format(ours, &built);
	dmamap_release_format(theirs, &running);
	snprintf(message, DMAMAP_RELEASE_MESSAGE_SIZE,
		"not loaded: built for DPDK %s, but this program runs DPDK %s, which may lay out "
		"driver structures differently; build the plugin against that DPDK",
		ours, theirs);
	return false;
}

/* The driver's name in its file, for dpdk-pmdinfo: RTE_PMD_EXPORT_NAME() has lost an argument. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 7, 0, 0)
#define DMAMAP_EXPORT_NAME(name) RTE_PMD_EXPORT_NAME(name)
#else
#define DMAMAP_EXPORT_NAME(name) RTE_PMD_EXPORT_NAME(name, __COUNTER__)
#endif

/* RTE_PMD_REGISTER_PCI() of a plugin: registers the driver in the release that it fits. */
#define DMAMAP_REGISTER_PCI(pmd_name, pci_driver)                                                  \
	RTE_INIT(dmamap_register_##pmd_name)                                                       \
	{                                                                                          \
		char refusal[DMAMAP_RELEASE_MESSAGE_SIZE];                                         \
		                                                                                   \
		(pci_driver).driver.name = RTE_STR(pmd_name);                                      \
		if (dmamap_release_fits(refusal))                                                  \
			rte_pci_register(&(pci_driver));                                           \
		else                                                                               \
			rte_log(RTE_LOG_ERR, RTE_LOGTYPE_EAL, "%s: %s\n",                          \
				RTE_STR(pmd_name), refusal);                                       \
	}                                                                                          \
	DMAMAP_EXPORT_NAME(pmd_name)

#endif /* DMAMAP_RELEASE_H */
