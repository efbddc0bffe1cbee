/* SPDX-License-Identifier: BSD-3-Clause */
/* fake_mp_serve.h - a fake of mp_serve.c for test_bus_ops.c, which notes its calls. */
#ifndef FAKE_MP_SERVE_H
#define FAKE_MP_SERVE_H

#include "request/mp_serve.h"

void
pci_ext_mp_serve_start(void)
{
	note('s', "");
}

void
pci_ext_mp_serve_stop(void)
{
	note('S', "");
}

#endif
