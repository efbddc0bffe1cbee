/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the demo found, per device, and how it is printed: a table for people, JSON for machines.
 * Pure: libc and jansson only.
 */
#ifndef DMAMAP_DEMO_REPORT_H
#define DMAMAP_DEMO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct report_row {
	char name[64];
	char driver[32];	/* "" when no driver of DPDK has the device */
	char backend[32];	/* "driver", "vfio", "none" */
	bool inferred;		/* the backend is concluded, not told by the bus */
	const char *memory;	/* as --memory names it */
	uint64_t bytes;
	bool mapped;
	double map_us;		/* meaningful when mapped */
	double unmap_us;	/* negative when there was none */
	uint64_t tx;		/* packets sent or copies started from the memory */
	uint64_t rx;		/* packets received or copies completed into it */
	uint64_t verified;	/* of rx: every byte as sent, in the right place */
	const char *after_unmap;/* what came of the attempt to reach it; NULL: not tried */
	bool refused;		/* after_unmap is a refusal */
	char error[160];	/* "" or why something was refused or failed, errno name first */
	bool ok;
};

struct report {
	const struct report_row *rows;
	size_t n_rows;
	bool ok;
	char error[256];	/* about the whole run: "" or what to do */
};

/* Sets report->ok from the rows: all of them hold and one at least was mapped. */
void report_judge(struct report *report);

/* Columns are as wide as their longest cell; the last line sums up. */
void report_table(FILE *out, const struct report *report);

/* One JSON object on one line. Missing figures are null. Returns 0, or -ENOMEM. */
int report_json(FILE *out, const struct report *report);

#endif
