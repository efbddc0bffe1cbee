/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_serve: the primary process's side of mp_ask: executes the maps and unmaps of secondary
 * processes.
 */
#ifndef PCI_EXT_MP_SERVE_H
#define PCI_EXT_MP_SERVE_H

#include "pci_ext.h"

/* What executes the requests for all devices: the calls of standing, which is above this. */
struct pci_ext_mp_serve_all {
	int (*map)(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);
	int (*unmap)(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg);
};

/*
 * Answer from now on, each request in a thread of its own: EAL's thread of the channel also carries
 * what its memory allocation waits for. Repeated calls are harmless. After the channel has been
 * initialised, in the primary process; all is constant, and stays the caller's; without a channel
 * (--in-memory, --no-shconf) nothing happens.
 */
void pci_ext_mp_serve_start(const struct pci_ext_mp_serve_all *all);

/* Answer no more; returns when no request is being executed. Calls no callback. */
void pci_ext_mp_serve_stop(void);

#endif /* PCI_EXT_MP_SERVE_H */
