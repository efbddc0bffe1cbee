/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "error_name.h"

const char *
error_name(int error)
{
	const char *name = error == ENOTSUP ? "ENOTSUP" : strerrorname_np(error);

	return error == 0 ? "none" : name != NULL ? name : "no errno";
}
