/* SPDX-License-Identifier: BSD-3-Clause */
/* Included by every cmocka test of pci_ext: cmocka requires these four before its own header. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#endif /* UNIT_H */
