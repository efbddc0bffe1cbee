/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checker.h - the witness of forwarding, on with SOFTHCA_CHECK: each frame that a receive queue
 * delivers is stamped in its last 16 bytes with the queue, a sequence number and a digest of the
 * frame. When a frame with a stamp is sent, by whichever queue, it must be the next one of its
 * receive queue, with all its bytes. Frames without a stamp pass unseen.
 *
 * So a program must forward what it receives unchanged and in order (testpmd's io mode). Checksums
 * in the frame no longer hold.
 */
#ifndef SOFTHCA_CHECKER_H_
#define SOFTHCA_CHECKER_H_

#include <stdint.h>

struct hca_device;

/* Of one receive queue. All zero: not begun. */
struct hca_checker {
	uint32_t lane;		/* the queue since its last reset; never twice in a process */
	uint32_t sequence;
};

/*
 * The queue is reset, or gone: what it delivered is not looked for any more. A program may make new
 * frames in old buffers, stamps and all.
 */
void hca_checker_end(struct hca_checker *checker);

/* bytes is a whole frame, queue the number of the receive queue. */
void hca_checker_stamp(struct hca_checker *checker, const struct hca_device *dev, uint32_t queue,
	uint8_t *bytes, uint32_t len);
/* queue is the number of the send queue. */
void hca_checker_verify(struct hca_device *dev, uint32_t queue, const uint8_t *bytes, uint32_t len);

#endif
