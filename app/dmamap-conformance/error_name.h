/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONFORMANCE_ERROR_NAME_H
#define CONFORMANCE_ERROR_NAME_H

/* "ENOENT"; "none" for 0. A static string. Any thread. */
const char *error_name(int error);

#endif
