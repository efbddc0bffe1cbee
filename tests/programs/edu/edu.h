/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The registers of QEMU's "edu" device (docs/specs/edu.txt in QEMU), and the function that runs its
 * DMA engine. Included only by the dmadev driver beside it.
 *
 * The engine moves bytes between guest memory and a buffer of 4 KiB inside the device. It reports
 * no IOMMU fault: a faulting read returns zeros, a faulting write has no effect. A transfer takes
 * 100 ms of guest time.
 */
#ifndef EDU_H
#define EDU_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#include <rte_io.h>

#define EDU_VENDOR_ID 0x1234
#define EDU_DEVICE_ID 0x11e8

#define EDU_REG_ID	0x00 /* 0xRRrr00ed: version */
#define EDU_REG_DMA_SRC 0x80
#define EDU_REG_DMA_DST 0x88
#define EDU_REG_DMA_LEN 0x90
#define EDU_REG_DMA_CMD 0x98

#define EDU_DMA_START  0x1
#define EDU_DMA_TO_RAM 0x2

#define EDU_BUFFER 0x40000 /* address of the device's own buffer for the engine */
/* Less than the buffer has: QEMU 7.2 does not survive every transfer. */
#define EDU_CHUNK 2048

#define EDU_POLL_US    1000
#define EDU_TIMEOUT_US 5000000

static inline uint32_t
edu_id_read(const volatile uint8_t *bar)
{
	return rte_read32(bar + EDU_REG_ID);
}

/*
 * Runs a transfer of len <= EDU_CHUNK bytes, and sleeps until it is complete. One thread per
 * device. Returns 0, or -ETIMEDOUT if the engine does not finish.
 */
static inline int
edu_transfer(volatile uint8_t *bar, uint64_t src, uint64_t dst, uint64_t len, uint64_t direction)
{
	int waited;

	rte_write64(src, bar + EDU_REG_DMA_SRC);
	rte_write64(dst, bar + EDU_REG_DMA_DST);
	rte_write64(len, bar + EDU_REG_DMA_LEN);
	rte_write64(EDU_DMA_START | direction, bar + EDU_REG_DMA_CMD);
	for (waited = 0; waited < EDU_TIMEOUT_US; waited += EDU_POLL_US) {
		if ((rte_read64(bar + EDU_REG_DMA_CMD) & EDU_DMA_START) == 0)
			return 0;
		usleep(EDU_POLL_US);
	}
	return -ETIMEDOUT;
}

#endif /* EDU_H */
