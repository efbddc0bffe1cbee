/* SPDX-License-Identifier: BSD-3-Clause */
/* What a backend says of a refusal. */
#ifndef EXPLAINED_H
#define EXPLAINED_H

#include <stdio.h>
#include <string.h>

#include "backend/backend.h"

/* Until the next call. */
static inline const char *
explained(const struct pci_ext_backend *backend, const struct pci_ext_range *range, int error)
{
	static char text[1024];
	FILE *out;

	memset(text, 0, sizeof(text));
	out = fmemopen(text, sizeof(text) - 1, "w");
	backend->explain(range, error, out);
	fclose(out);
	return text;
}

#endif /* EXPLAINED_H */
