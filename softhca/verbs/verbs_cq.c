/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * verbs_cq.c - completion queues and the channels that tell of them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/pages.h"
#include "device/faults.h"
#include "provider/objects.h"
#include "provider/polling.h"
#include "refusals/refusals.h"
#include "verbs/verbs_async.h"
#include "verbs/verbs_cq.h"

EXPORT struct ibv_comp_channel *
ibv_create_comp_channel(struct ibv_context *context)
{
	struct soft_channel *channel = calloc(1, sizeof(*channel));
	int fds[2];

	if (channel == NULL)
		return soft_refuse(ENOMEM);
	if (pipe2(fds, O_CLOEXEC) != 0) {
		free(channel);
		return NULL;
	}
	/* The device never waits for the user. */
	fcntl(fds[1], F_SETFL, O_NONBLOCK);
	channel->ibv.context = context;
	channel->ibv.fd = fds[0];
	channel->write_fd = fds[1];
	hca_device_lock(soft_device(context));
	soft_context(context)->users++;
	hca_device_unlock(soft_device(context));
	return &channel->ibv;
}

EXPORT int
ibv_destroy_comp_channel(struct ibv_comp_channel *ibv)
{
	struct soft_channel *channel = (struct soft_channel *)ibv;
	struct hca_device *dev = soft_device(ibv->context);
	bool busy;

	hca_device_lock(dev);
	busy = channel->users != 0;
	if (!busy)
		soft_context(ibv->context)->users--;
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_CHANNEL_BUSY);
	close(channel->ibv.fd);
	close(channel->write_fd);
	free(channel);
	return 0;
}

static struct ibv_cq *
find(struct hca_device *dev, uint32_t number)
{
	struct hca_cq *cq;

	TAILQ_FOREACH(cq, &dev->cqs, next)
		if (cq->number == number)
			return (struct ibv_cq *)((char *)cq - offsetof(struct soft_cq, hw));
	return NULL;
}

EXPORT int
ibv_get_cq_event(struct ibv_comp_channel *channel, struct ibv_cq **cq, void **cq_context)
{
	struct hca_device *dev = soft_device(channel->context);
	uint32_t number;

	do {
		if (read(channel->fd, &number, sizeof(number)) != sizeof(number))
			return -1;
		hca_device_lock(dev);
		*cq = find(dev, number);
		hca_device_unlock(dev);
		/* An event of a CQ that is gone: the kernel would have taken it back. */
	} while (*cq == NULL);
	__atomic_add_fetch(&soft_cq(*cq)->completions.events, 1, __ATOMIC_RELAXED);
	*cq_context = (*cq)->cq_context;
	return 0;
}

EXPORT void
ibv_ack_cq_events(struct ibv_cq *cq, unsigned int count)
{
	__atomic_add_fetch(&soft_cq(cq)->completions.acked, count, __ATOMIC_RELAXED);
}

static void
check_acked(const struct soft_cq *cq)
{
	struct hca_place place = {cq->hw.dev->ibv.name, "cq", cq->hw.number, 0, NULL, 0};

	soft_told_end(&cq->completions, HCA_CQ_UNACKED, &place);
	soft_told_end(&cq->async, HCA_EVENT_UNACKED, &place);
}

static bool
is_alone(const struct ibv_cq_init_attr_ex *attr)
{
	return (attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_FLAGS) != 0 &&
		(attr->flags & IBV_CREATE_CQ_ATTR_SINGLE_THREADED) != 0;
}

/* The domain that is named is a parent domain. */
static bool
has_domain(const struct ibv_cq_init_attr_ex *attr)
{
	const struct soft_pd *domain = (const struct soft_pd *)attr->parent_domain;

	return (attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD) != 0 && domain != NULL &&
		domain->of != NULL;
}

/* CQEs of 128 bytes would be no others to who polls by verbs. */
static enum hca_rule
rule_of_environment(void)
{
	uint32_t size = soft_cqe_size(NULL);

	return size != 64 && size != 128 ? HCA_RULE_CQ_CQE_SIZE : HCA_RULE_NONE;
}

static struct soft_cq *
create(struct ibv_context *context, const struct ibv_cq_init_attr_ex *attr)
{
	struct hca_device *dev = soft_device(context);
	struct ibv_comp_channel *channel = attr->channel;
	struct soft_cq *cq;
	int error;

	error = hca_refuse(hca_rule_of_cq(context, attr, dev->model, has_domain(attr)));
	if (error == 0)
		error = hca_refuse(rule_of_environment());
	if (error != 0)
		return soft_refuse(error);
	if (!hca_pages_suffice("MLX_CQ_ALLOC_TYPE") || hca_faults_hit(dev, HCA_FAULT_CREATE_CQ))
		return soft_refuse(ENOMEM);
	cq = calloc(1, sizeof(*cq));
	if (cq == NULL || hca_cq_init(&cq->hw, dev, soft_power_of_two(attr->cqe + 1)) != 0) {
		free(cq);
		return soft_refuse(ENOMEM);
	}
	cq->hw.user = cq;
	cq->hw.listener = &soft_context(context)->events;
	cq->ibv.context = context;
	cq->ibv.channel = channel;
	cq->ibv.cq_context = attr->cq_context;
	cq->ibv.cqe = cq->hw.entries - 1;
	if ((attr->comp_mask & IBV_CQ_INIT_ATTR_MASK_PD) != 0)
		cq->domain = (struct soft_pd *)attr->parent_domain;
	pthread_mutex_init(&cq->lock, NULL);
	TAILQ_INIT(&cq->rings);
	TAILQ_INIT(&cq->shares);
	hca_device_lock(dev);
	cq->hw.number = cq->ibv.handle = hca_device_number(dev);
	if (channel != NULL) {
		cq->hw.event_fd = ((struct soft_channel *)channel)->write_fd;
		((struct soft_channel *)channel)->users++;
	}
	if (cq->domain != NULL)
		cq->domain->domains++;
	TAILQ_INSERT_TAIL(&dev->cqs, &cq->hw, next);
	soft_context(context)->users++;
	hca_device_unlock(dev);
	hca_trace("create_cq(%u): %#x, %u entries", attr->cqe, cq->hw.number, cq->hw.entries);
	return cq;
}

struct ibv_cq_ex *
soft_cq_create(struct ibv_context *context, const struct ibv_cq_init_attr_ex *attr)
{
	struct soft_cq *cq = create(context, attr);

	if (cq == NULL)
		return NULL;
	soft_polling_fill(cq, attr->wc_flags, is_alone(attr));
	return &cq->ibv;
}

EXPORT struct ibv_cq *
ibv_create_cq(struct ibv_context *context, int cqe, void *user, struct ibv_comp_channel *channel,
	int vector)
{
	struct ibv_cq_init_attr_ex attr = {
		.cqe = cqe,
		.cq_context = user,
		.channel = channel,
		.comp_vector = vector,
	};

	return (struct ibv_cq *)create(context, &attr);
}

EXPORT int
ibv_destroy_cq(struct ibv_cq *ibv)
{
	struct hca_device *dev = soft_device(ibv->context);
	struct soft_cq *cq = soft_cq(ibv);
	bool busy;

	hca_trace("destroy_cq(%#x)", cq->hw.number);
	hca_device_lock(dev);
	busy = cq->users != 0;
	if (!busy) {
		TAILQ_REMOVE(&dev->cqs, &cq->hw, next);
		hca_events_forget(cq->hw.listener, cq);
		if (ibv->channel != NULL)
			((struct soft_channel *)ibv->channel)->users--;
		if (cq->domain != NULL)
			cq->domain->domains--;
		soft_context(ibv->context)->users--;
	}
	hca_device_unlock(dev);
	if (busy)
		return hca_refuse(HCA_RULE_CQ_BUSY);
	check_acked(cq);
	hca_cq_fini(&cq->hw);
	pthread_mutex_destroy(&cq->lock);
	free(cq);
	return 0;
}

static struct ibv_cq_ex *
create_cq_ex(struct ibv_context *context, struct ibv_cq_init_attr_ex *attr)
{
	return soft_cq_create(context, attr);
}

void
soft_cq_fill(struct verbs_context *verbs)
{
	verbs->create_cq_ex = create_cq_ex;
}
