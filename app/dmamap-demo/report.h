/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The results of the demo, per device, and their output: a table, or JSON for programs. Pure: libc
 * and jansson only.
 */
#ifndef DMAMAP_DEMO_REPORT_H
#define DMAMAP_DEMO_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct report_row {
	char name[64];
	char driver[32];	/* "" if no driver of DPDK has claimed the device */
	char backend[32];	/* "driver", "iommufd", "vfio", "none" */
	bool inferred;		/* the backend is inferred, not reported by the bus */
	const char *memory;	/* as --memory names it */
	uint64_t bytes;
	bool mapped;
	int refusal;		/* the errno of the map, positive; 0: mapped, or not tried */
	bool no_dmabufs;	/* a backend serves it, which refuses dma-bufs as such */
	bool unclaimed_vfio;	/* on vfio-pci, and no driver of DPDK has claimed it */
	double map_us;		/* meaningful when mapped */
	double unmap_us;	/* negative without an unmap */
	uint64_t tx;		/* packets sent or copies started from the memory */
	uint64_t rx;		/* packets received or copies completed into it */
	uint64_t verified;	/* of rx: every byte as sent, in the right place */
	const char *after_unmap;/* result of the access after unmap; NULL: not tried */
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

/* Sets report->ok from the rows: all of them are ok and at least one was mapped. */
void report_judge(struct report *report);

/* Columns are as wide as their longest cell; the last line has the totals. */
void report_table(FILE *out, const struct report *report);

/* One JSON object on one line. Missing values are null. Returns 0, or -ENOMEM. */
int report_json(FILE *out, const struct report *report);

#endif
