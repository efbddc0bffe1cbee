/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of libibverbs and libmlx5 that the model does not have, by the file "symbols". EAL
 * binds every name when it loads a PMD; and the real ones must not see a context that the kernel
 * did not make.
 *
 * Their prototypes are left out, since the functions take no notice of their arguments.
 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "common/export.h"
#include "hca_symbols.h"
#include "verbs/unmodelled.h"

int
soft_unmodelled(const char *name, bool *told)
{
	if (!__atomic_exchange_n(told, true, __ATOMIC_RELAXED))
		fprintf(stderr, "softhca: %s() is not modelled\n", name);
	errno = EOPNOTSUPP;
	return EOPNOTSUPP;
}

#define REFUSES(type, name, result)                                                                \
	EXPORT type name(void);                                                                    \
	type name(void)                                                                            \
	{                                                                                          \
		static bool told;                                                                  \
		soft_unmodelled(#name, &told);                                                     \
		return result;                                                                     \
	}

#define POINTER(name) REFUSES(void *, name, NULL)
#define ERROR(name)   REFUSES(int, name, EOPNOTSUPP)
#define MINUS(name)   REFUSES(long, name, -1)
#define NOTHING(name) REFUSES(void, name, )

#define SYMBOL(form, name) form(name)

HCA_SYMBOLS(SYMBOL)
