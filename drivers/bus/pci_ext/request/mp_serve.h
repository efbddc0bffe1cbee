/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_serve: the primary process's side of mp_ask: executes the maps and unmaps of secondary
 * processes.
 */
#ifndef PCI_EXT_MP_SERVE_H
#define PCI_EXT_MP_SERVE_H

/*
 * Answer from now on, each request in a thread of its own: EAL's thread of the channel also carries
 * what its memory allocation waits for. Repeated calls are harmless. After the channel has been
 * initialised, in the primary process; without a channel (--in-memory, --no-shconf) nothing
 * happens.
 */
void pci_ext_mp_serve_start(void);

/* Answer no more; returns when no request is being executed. Calls no callback. */
void pci_ext_mp_serve_stop(void);

#endif /* PCI_EXT_MP_SERVE_H */
