/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_ask: see mp_ask.h. Owns the lock of the channel, and whether the primary process serves it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "exchange.h"
#include "common/log.h"
#include "request/mp_ask.h"
#include "request/mp_message.h"
#include "request/reason.h"
#include "vma.h"

PCI_EXT_LOG_REGISTER(mp_ask)

#define NO_FD	(-1)
#define HELLO_S 5
/* To register a terabyte takes a minute or more. */
#define ANSWER_S 300

static pthread_mutex_t channel = PTHREAD_MUTEX_INITIALIZER;
static bool is_served; /* under the lock */

static struct pci_ext_mp_question
question(const struct pci_ext_target *target, enum pci_ext_mp_verb verb,
	const struct pci_ext_memory *memory)
{
	struct pci_ext_mp_question q = {
		.version = PCI_EXT_MP_VERSION,
		.verb = verb,
		.present = target->dev != NULL,
		.addr = (uintptr_t)memory->addr,
		.iova = memory->iova,
		.len = memory->len,
		.access = memory->access,
		.is_dmabuf = memory->is_dmabuf != 0,
		.offset = memory->offset,
	};

	snprintf(q.device, sizeof(q.device), "%s", target->name);
	return q;
}

/* Under the lock. fd, or -1, goes with it. The result in the answer, or -errno of the channel. */
static int
ask(const struct pci_ext_mp_question *q, int fd, unsigned int seconds)
{
	struct pci_ext_mp_answer answer;
	int ret;

	ret = dmamap_exchange_ask(
		PCI_EXT_MP_CHANNEL, q, sizeof(*q), fd, &answer, sizeof(answer), seconds);
	if (ret == -EIO) /* not of this version */
		return -ENOTSUP;
	return ret != 0 ? ret : answer.result;
}

/* Under the lock. A primary without pci_ext does not answer, so that is asked first, once. */
static int
greet(const struct pci_ext_target *target)
{
	struct pci_ext_mp_question q =
		question(target, PCI_EXT_MP_HELLO, &(struct pci_ext_memory){0});
	int ret;

	if (is_served)
		return 0;
	ret = ask(&q, NO_FD, HELLO_S);
	is_served = ret == 0;
	if (ret == 0)
		return 0;
	PCI_EXT_LOG(mp_ask, WARNING,
		"%s: the primary process, which has to map for this one, does not (%s): load the "
		"same librte_bus_pci_ext.so there",
		target->name, strerror(-ret));
	return -ENOTSUP;
}

static int
greet_and_ask(const struct pci_ext_target *target, const struct pci_ext_mp_question *q, int fd)
{
	int ret;

	pthread_mutex_lock(&channel);
	ret = greet(target);
	if (ret == 0) {
		ret = ask(q, fd, ANSWER_S);
		if (ret == -ETIMEDOUT)
			is_served = false;
	}
	pthread_mutex_unlock(&channel);
	return ret;
}

/* What the primary process can find again: the memory at addr, or a descriptor. 0, or -errno. */
static int
identify(const struct pci_ext_target *target, struct pci_ext_mp_question *q, int fd)
{
	if (q->is_dmabuf && fcntl(fd, F_GETFD) >= 0)
		return 0;
	if (q->is_dmabuf) {
		PCI_EXT_LOG(mp_ask, WARNING, "%s: descriptor %d of a dma-buf is not open",
			target->name, fd);
		return -EBADF;
	}
	if (dmamap_vma_identify(q->addr, q->len, &q->memory))
		return 0;
	PCI_EXT_LOG(mp_ask, WARNING,
		"%s: addr 0x%" PRIx64 " len 0x%" PRIx64
		" is not shared memory: the primary process cannot map it for this one",
		target->name, q->addr, q->len);
	return -EINVAL;
}

int
pci_ext_mp_ask_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_mp_question q = question(target, PCI_EXT_MP_MAP, memory);
	int ret;

	ret = identify(target, &q, memory->fd);
	if (ret != 0)
		return ret;
	ret = greet_and_ask(target, &q, q.is_dmabuf ? memory->fd : NO_FD);
	if (ret != 0)
		PCI_EXT_LOG(mp_ask, WARNING,
			"%s: map " PCI_EXT_RANGE_FMT
			" by the primary process: %s; its log says more",
			target->name, q.addr, q.iova, q.len, strerror(-ret));
	return ret;
}

int
pci_ext_mp_ask_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct pci_ext_mp_question q = question(target, PCI_EXT_MP_UNMAP, memory);

	return greet_and_ask(target, &q, NO_FD);
}
