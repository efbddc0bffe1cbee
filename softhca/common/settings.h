/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * settings.h - what the environment asks of the model; README.md has the names. Read once, const
 * after that, any thread.
 */
#ifndef SOFTHCA_SETTINGS_H_
#define SOFTHCA_SETTINGS_H_

#include <stdbool.h>

struct hca_settings {
	const char *dir;	/* SOFTHCA_DIR: one folder per device; NULL: there are no devices */
	const char *cable;	/* SOFTHCA_CABLE: a folder; NULL: both ends are in this process */
	const char *faults;	/* SOFTHCA_FAULTS, or "" */
	const char *allow;	/* SOFTHCA_ALLOW: names of rules, with commas; or "" */
	bool step;		/* SOFTHCA_MODE=step: softhca_step() runs the queues */
	bool cross;		/* SOFTHCA_WIRE=cross: 2k is wired to 2k+1, else each to itself */
	bool empw;		/* SOFTHCA_MPW=1: the device takes enhanced multi-packet WQEs */
	bool strict;		/* SOFTHCA_STRICT=1: rules that the in-tree PMD does not keep */
	bool check;		/* SOFTHCA_CHECK=1: stamp what is received, verify what is sent */
	bool pause;		/* SOFTHCA_PAUSE=1: a frame waits for a buffer */
	bool pin;		/* SOFTHCA_PIN=1: mlock registered memory */
	bool stats;		/* SOFTHCA_STATS=1: a line of counters per device at exit */
	bool trace;		/* SOFTHCA_TRACE=1: a line per call of the control path */
	int status;		/* SOFTHCA_STATUS: of the exit after a violation; 0: as it is */
};

const struct hca_settings *hca_settings(void);

#endif
