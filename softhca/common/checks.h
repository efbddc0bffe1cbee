/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * checks.h - the rules of the rings and keys, each with a name, and what happens when one is
 * broken: the violation is printed with its place and bytes, and counted. What the hardware would
 * do about it (an error completion, as a rule) is the caller's part.
 *
 * All functions: any thread. The program's exit status becomes SOFTHCA_STATUS after a violation. It
 * does not after mere advice: a rule that hardware does not mind (unless SOFTHCA_STRICT), or one
 * that SOFTHCA_ALLOW names.
 */
#ifndef SOFTHCA_CHECKS_H_
#define SOFTHCA_CHECKS_H_

#include <stddef.h>
#include <stdint.h>

enum hca_check {
	HCA_FINE,
	/* The doorbell of a send queue. */
	HCA_SQ_DOORBELL,  /* the index went backwards, or more was posted than the ring holds */
	HCA_SQ_UAR,	  /* what was written is not the start of the last WQE */
	HCA_SQ_STATE,	  /* rung while the queue was not ready to send */
	HCA_SQ_OVERWRITE, /* WQEs written over that no completion has released yet */
	/* A send WQE. */
	HCA_SQ_INDEX, /* its index is not its place */
	HCA_SQ_QPN,   /* it is of another queue */
	HCA_SQ_OPCODE,
	HCA_SQ_DS,	     /* its size does not fit its content */
	HCA_SQ_EXTENT,	     /* it ends beyond the doorbell's index */
	HCA_SQ_RESERVED,     /* a reserved field is not zero */
	HCA_SQ_INLINE,	     /* more inline data than the WQE, or than the queue, has room for */
	HCA_SQ_INLINE_MIN,   /* fewer bytes in the Ethernet segment than the device requires */
	HCA_SQ_VLAN,	     /* a tag to be inserted by a device that does not */
	HCA_SQ_ZERO_SEGMENT, /* a data segment of no bytes */
	HCA_SQ_LENGTH,	     /* a frame too short or too long for Ethernet */
	/* A receive queue. */
	HCA_RQ_DOORBELL,     /* the index went backwards, or more was posted than the ring holds */
	HCA_RQ_RECORD,	     /* strict: reserved bits of the doorbell record are not zero */
	HCA_RQ_ZERO_SEGMENT, /* a data segment of no bytes that does not end the list either */
	HCA_RQ_LENGTH,	     /* a frame longer than the buffers of its WQE */
	/* A completion queue. */
	HCA_CQ_OVERRUN,	 /* no free entry for a completion */
	HCA_CQ_DOORBELL, /* strict: the consumer index is no possible one */
	HCA_CQ_ARM,	 /* the arm doorbell is of another queue; strict: or arms nothing */
	HCA_CQ_FORMAT,	 /* polled by verbs, to which compressed completions are one frame */
	HCA_CQ_UNACKED,	 /* destroyed with events not acknowledged: libibverbs waits for ever */
	/* An asynchronous event, of a queue. */
	HCA_EVENT_UNACKED, /* its queue is destroyed before it is acknowledged: the same */
	/* A key and its memory. */
	HCA_KEY_UNKNOWN, /* never given out */
	HCA_KEY_DEAD,	 /* of a region that is deregistered */
	HCA_KEY_PD,	 /* of another protection domain than the queue */
	HCA_KEY_RANGE,	 /* the bytes are not all inside the region */
	HCA_KEY_ACCESS,	 /* the region may not be written to */
	HCA_KEY_IN_USE,	 /* deregistered while a posted WQE names it */
	HCA_MEMORY_GONE, /* a live region has lost its pages */
	/* What is forwarded, with SOFTHCA_CHECK. */
	HCA_FRAME_BYTES,    /* changed on the way */
	HCA_FRAME_LOST,	    /* one before it never came */
	HCA_FRAME_REPEATED, /* it, or one after it, came before */
	/* Objects left when their device was closed. Strict only. */
	HCA_LEAK,
	HCA_CHECKS
};

/* Where it was. bytes is what was found there, or NULL. */
struct hca_place {
	const char *device;	/* "mlx5_0" */
	const char *what;	/* "sq", "rq", "cq", "mr" */
	uint32_t number;	/* of the queue, or the key */
	uint32_t index;		/* of the WQE or CQE */
	const void *bytes;
	size_t len;
};

/* Counts and, the first few times for each check, prints. */
void hca_violation(enum hca_check check, const struct hca_place *place, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

const char *hca_check_name(enum hca_check check);

/* For tests, by dlsym(): violations so far of the check of that name; of all for NULL. */
uint64_t softhca_violations(const char *name);
/* They were meant: as if there had been none. */
void softhca_forget_violations(void);

/* A line to stderr, "softhca: ...", if SOFTHCA_TRACE asks for it. */
void hca_trace(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
