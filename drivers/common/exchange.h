/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exchange.h - a question of a secondary process to the primary one, and the answer to it: a
 * structure each, by EAL's multi-process channel.
 *
 * Any thread. EAL has one question of a name, and to one process, at a time: a second one is
 * -EEXIST.
 */
#ifndef DMAMAP_EXCHANGE_H
#define DMAMAP_EXCHANGE_H

#include <stddef.h>

/*
 * Secondary: asks, and waits for so many seconds at most. The primary gets a duplicate of fd,
 * unless that is -1. 0: *answer is set. -EIO: none came, as if the primary has not finished
 * rte_eal_init(), or one of another length. Else -errno of the channel: -ETIMEDOUT, also where
 * nobody has registered the name. Lengths: RTE_MP_MAX_PARAM_LEN at most.
 */
int dmamap_exchange_ask(const char *name, const void *question, size_t question_len, int fd,
	void *answer, size_t answer_len, unsigned int seconds);

/* Primary: answers. peer: of the handler of the question. 0 or -errno of the channel. */
int dmamap_exchange_answer(const char *name, const void *answer, size_t len, const char *peer);

#endif
