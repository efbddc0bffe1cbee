/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The whole run over all devices, phase by phase. Main thread only.
 */
#ifndef DMAMAP_DEMO_DEMO_H
#define DMAMAP_DEMO_DEMO_H

#include <stdint.h>

#include "args.h"
#include "device.h"
#include "dmacopy.h"
#include "report.h"
#include "traffic.h"

struct demo {
	const struct args *args;
	uint64_t run;			/* random: see struct pattern */
	struct device_list list;
	struct traffic traffic;
	struct port *ports;		/* of list.devices, same index; unused for other sorts */
	struct dmacopy *dmas;		/* likewise */
	char error[256];		/* why the run could not start */
};

/* The run without the report. *demo must be zeroed except args and run. */
void demo_run(struct demo *demo);

/* Fill and judge the report. The caller frees report->rows. */
void demo_report(struct demo *demo, struct report *report);

/* Close ports, free pools and memory; also after a run that failed half-way. */
void demo_destroy(struct demo *demo);

#endif
