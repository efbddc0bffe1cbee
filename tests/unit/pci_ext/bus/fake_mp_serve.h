/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_mp_serve.h - a fake of mp_serve.c for test_bus_ops.c, which notes its calls. */
#ifndef FAKE_MP_SERVE_H
#define FAKE_MP_SERVE_H

#include "request/mp_serve.h"
#include "standing/standing.h"

int
pci_ext_standing_map(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return 0;
}

int
pci_ext_standing_unmap(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	return 0;
}

void
pci_ext_mp_serve_start(const struct pci_ext_mp_serve_all *all)
{
	assert_ptr_equal(all->map, pci_ext_standing_map);
	assert_ptr_equal(all->unmap, pci_ext_standing_unmap);
	note('s', "");
}

void
pci_ext_mp_serve_stop(void)
{
	note('S', "");
}

#endif
