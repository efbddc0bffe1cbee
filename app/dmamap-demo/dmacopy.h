/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A DMA device that copies memory to memory: counted and verified copies, and the attempt to
 * reach unmapped memory. Main thread only; every wait is bounded.
 */
#ifndef DMAMAP_DEMO_DMACOPY_H
#define DMAMAP_DEMO_DMACOPY_H

#include <stddef.h>
#include <stdint.h>

#include "args.h"
#include "reach.h"
#include "region.h"

struct dmacopy {
	int16_t id;
	bool started;
	const struct region *region;
	const struct args *args;
	uint64_t run;			/* see struct pattern */

	uint64_t tx;			/* copies submitted */
	uint64_t rx;			/* copies completed */
	uint64_t verified;
};

/* One virtual channel, started. Returns 0 or -errno with a message in err. */
int dmacopy_start(struct dmacopy *dma, char *err, size_t err_len);

/* Stop and close. */
void dmacopy_stop(struct dmacopy *dma);

/* args->copies copies of args->packet_size bytes within the mapped region. */
void dmacopy_run(struct dmacopy *dma);

/* The region is unmapped: copy out of it, into it, and between native buffers for control. */
enum reach dmacopy_reach(struct dmacopy *dma);

#endif
