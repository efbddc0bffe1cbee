/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inject.h - lets the n-th call of a function by net_mlx5_ext fail, ignoring calls of others. For
 * failures that the software HCA cannot cause itself. The program that links this has to export its
 * symbols, and the plugin has to be a separate library.
 */
#ifndef NTH_INJECT_H_
#define NTH_INJECT_H_

/* Names of the functions, ended by NULL. */
extern const char *const inject_names[];

/* From now on only call n (from 1) of that function fails; NULL: none. */
void inject_order(const char *name, unsigned int n);

/* Number of failed calls since inject_order(). */
unsigned int inject_hits(void);

#endif
