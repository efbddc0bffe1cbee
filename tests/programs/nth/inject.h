/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * inject.h - makes a function that net_mlx5_ext calls fail: the n-th call of the plugin, whoever else
 * calls it. For what the software HCA cannot be told to fail by itself. The program that links this
 * has to export its symbols, and the plugin has to be a library of its own.
 */
#ifndef NTH_INJECT_H_
#define NTH_INJECT_H_

/* Names of the functions, with NULL at the end. */
extern const char *const inject_names[];

/* From now on call number n of that function fails, from 1, and no other; NULL: none does. */
void inject_order(const char *name, unsigned int n);

/* How many calls have failed since. */
unsigned int inject_hits(void);

#endif
