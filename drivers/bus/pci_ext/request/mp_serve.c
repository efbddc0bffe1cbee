/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_serve: see mp_serve.h. Owns the number of requests in progress. Called by bus_ops.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "request/dispatch.h"
#include "exchange.h"
#include "common/log.h"
#include "request/mp_message.h"
#include "request/mp_serve.h"
#include "registry/registry.h"
#include "vma.h"

PCI_EXT_LOG_REGISTER(mp_serve)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static unsigned int in_progress;		   /* under the lock */
static bool is_serving;				   /* under the lock */
static const struct pci_ext_mp_serve_all *for_all; /* constant once it serves */

struct job {
	struct pci_ext_mp_question question;
	int fd;	    /* of a dma-buf, which is the job's; or -1 */
	char *peer; /* for rte_mp_reply() */
};

static void
reply(const char *peer, int result)
{
	const struct pci_ext_mp_answer answer = {.result = result};
	int ret;

	ret = dmamap_exchange_answer(PCI_EXT_MP_CHANNEL, &answer, sizeof(answer), peer);
	if (ret != 0)
		PCI_EXT_LOG(mp_serve, WARNING, "no answer reaches a secondary process: %s",
			strerror(-ret));
}

static bool
is_present(const char *device)
{
	struct pci_ext_device info;

	return pci_ext_registry_copy_devices(device, &info, 1) != 0 && info.present;
}

/* What is at this address in the other process is here, too. */
static bool
is_same_memory(const struct pci_ext_mp_question *q)
{
	uint64_t memory;

	if (dmamap_vma_identify(q->addr, q->len, &memory) && memory == q->memory)
		return true;
	PCI_EXT_LOG(mp_serve, WARNING,
		"%s: a secondary process asks to map addr 0x%" PRIx64 " len 0x%" PRIx64
		", where it has other memory than this one",
		q->device, q->addr, q->len);
	return false;
}

static int
execute(const struct pci_ext_mp_question *q, int fd)
{
	const bool is_all = strcmp(q->device, PCI_EXT_MP_ALL) == 0;
	const struct pci_ext_target target = {.name = q->device};
	const struct pci_ext_memory memory = {
		.addr = (void *)(uintptr_t)q->addr,
		.iova = q->iova,
		.len = q->len,
		.access = (enum pci_ext_access)q->access,
		.is_dmabuf = q->is_dmabuf,
		.fd = fd,
		.offset = q->offset,
	};

	if (q->present && !is_present(q->device)) {
		PCI_EXT_LOG(mp_serve, WARNING,
			"%s: a secondary process asks to map for it, but no driver has claimed it "
			"in this one",
			q->device);
		return -ENOTSUP;
	}
	if (q->verb == PCI_EXT_MP_UNMAP)
		return is_all ? for_all->unmap(&memory, NULL, NULL)
			      : pci_ext_dispatch_unmap(&target, &memory);
	if (!q->is_dmabuf && !is_same_memory(q))
		return -EINVAL;
	return is_all ? for_all->map(&memory, NULL, NULL) : pci_ext_dispatch_map(&target, &memory);
}

static void
leave(void)
{
	pthread_mutex_lock(&lock);
	if (--in_progress == 0)
		pthread_cond_broadcast(&idle);
	pthread_mutex_unlock(&lock);
}

/* False: the process ends. */
static bool
enter(void)
{
	bool serving;

	pthread_mutex_lock(&lock);
	serving = is_serving;
	in_progress += serving;
	pthread_mutex_unlock(&lock);
	return serving;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
destroy(struct job *job)
{
	if (job == NULL)
		return;
	close_fd(job->fd);
	free(job->peer);
	free(job);
}

static void *
run(void *arg)
{
	struct job *job = arg;

	reply(job->peer, execute(&job->question, job->fd));
	destroy(job);
	leave();
	return NULL;
}

/* Entered; the thread leaves. Takes fd, whatever it returns. 0 or -errno. */
static int
start_thread(const struct pci_ext_mp_question *q, int fd, const char *peer)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_t thread;
	int ret = ENOMEM;

	if (job == NULL) {
		close_fd(fd);
	} else {
		job->question = *q;
		job->fd = fd;
		job->peer = strdup(peer);
		ret = job->peer == NULL ? ENOMEM : pthread_create(&thread, NULL, run, job);
	}
	if (ret == 0)
		pthread_detach(thread);
	else
		destroy(job);
	return -ret;
}

/*
 * The result if it is known at once; 1: a thread has been started, which answers. *fd is -1 if it
 * has been taken.
 */
static int
begin(const struct pci_ext_mp_question *q, int *fd, const char *peer)
{
	int ret;

	if (q->version != PCI_EXT_MP_VERSION || q->verb > PCI_EXT_MP_UNMAP ||
		memchr(q->device, '\0', sizeof(q->device)) == NULL)
		return -ENOTSUP;
	if (q->verb == PCI_EXT_MP_HELLO)
		return 0;
	if (!enter())
		return -ENODEV;
	ret = start_thread(q, *fd, peer);
	*fd = -1;
	if (ret == 0)
		return 1;
	leave();
	return ret;
}

/* EAL's thread of the channel. The descriptors of a message are its receiver's. */
static int
handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct pci_ext_mp_question q = {0};
	int fd = msg->num_fds > 0 ? msg->fds[0] : -1, ret = -ENOTSUP, i;

	if (msg->len_param == sizeof(q)) {
		memcpy(&q, msg->param, sizeof(q));
		ret = begin(&q, &fd, peer);
	}
	close_fd(fd);
	for (i = 1; i < msg->num_fds; i++)
		close(msg->fds[i]);
	if (ret <= 0)
		reply(peer, ret);
	return 0;
}

void
pci_ext_mp_serve_start(const struct pci_ext_mp_serve_all *all)
{
	pthread_mutex_lock(&lock);
	for_all = all;
	is_serving = true;
	pthread_mutex_unlock(&lock);
	if (rte_mp_action_register(PCI_EXT_MP_CHANNEL, handle) != 0 && rte_errno != EEXIST &&
		rte_errno != ENOTSUP)
		PCI_EXT_LOG(mp_serve, WARNING,
			"secondary processes cannot map: rte_mp_action_register: %s",
			strerror(rte_errno));
}

void
pci_ext_mp_serve_stop(void)
{
	rte_mp_action_unregister(PCI_EXT_MP_CHANNEL);
	pthread_mutex_lock(&lock);
	is_serving = false;
	while (in_progress != 0)
		pthread_cond_wait(&idle, &lock);
	pthread_mutex_unlock(&lock);
}
