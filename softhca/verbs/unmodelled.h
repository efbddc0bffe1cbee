/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unmodelled.h - calls that the model does not have: they fail with EOPNOTSUPP, as with a device
 * without the feature, and the first one of each name is told on stderr. Any thread.
 */
#ifndef SOFTHCA_UNMODELLED_H_
#define SOFTHCA_UNMODELLED_H_

#include <stdbool.h>

/* told: of this name. errno becomes EOPNOTSUPP, which is returned. */
int soft_unmodelled(const char *name, bool *told);

#endif
