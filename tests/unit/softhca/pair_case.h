/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pair_case.h - for cmocka: each case of a program has the rig, which is its state, and a pair of
 * the type that the case is for. Behind cmocka.h.
 */
#ifndef PAIR_CASE_H_
#define PAIR_CASE_H_

#include "pair.h"

/* That of the case that runs. */
extern struct pair pair;

/* What else is set up for each case of the program, which sets it before it runs them; or NULL. */
extern void (*pair_case_more)(void);

int pair_case_rc(void **state);
int pair_case_uc(void **state);
int pair_case_ud(void **state);
int pair_case_end(void **state);

#define RC(name) cmocka_unit_test_setup_teardown(name, pair_case_rc, pair_case_end)
#define UC(name) cmocka_unit_test_setup_teardown(name, pair_case_uc, pair_case_end)
#define UD(name) cmocka_unit_test_setup_teardown(name, pair_case_ud, pair_case_end)

#endif
