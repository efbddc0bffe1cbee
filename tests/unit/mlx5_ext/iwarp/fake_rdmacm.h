/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_rdmacm.h - a librdmacm that counts its ids, channels and events, and returns the results in
 * the test's script. For one test program.
 */
#ifndef FAKE_RDMACM_H_
#define FAKE_RDMACM_H_

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <rdma/rdma_cma.h>
#include <rte_common.h>

#define TCP_PORT 4791

static struct ibv_device device = {.name = "siw0"}, other_device = {.name = "siw1"};
static struct ibv_context verbs, other_verbs;

/* An id has an event queue of its own or that of its listener, as in librdmacm. */
static struct rdma_cm_event events[8];
static unsigned int nb_events, nb_taken, nb_acked;
static int nb_channels, nb_ids;
static int calls_left, error;	/* so many calls succeed, then one fails; -1: all succeed */
static struct ibv_context *bound_to;
static struct sockaddr_storage source, target;
static struct rdma_conn_param told;
static int nb_rejects, listen_backlog, timeouts[2];
static char order[16];		/* released objects: i, c */
static int stuck[2] = {-1, -1};	/* a pipe: rdma_connect() does not return before it is readable */
static pthread_barrier_t is_stuck;	/* and signals this before */

/* Results of the device: the address, the route, the connection. */
static struct answer {
	enum rdma_cm_event_type event;
	int status;
	const void *data;
	uint8_t len;
	bool silent;
} answers[3];

static inline bool
works(void)
{
	if (calls_left < 0 || calls_left-- > 0)
		return true;
	errno = error;
	return false;
}

static inline void
push_event(struct rdma_cm_id *id, const struct answer *what)
{
	assert_uint_in_range(nb_events, 0, RTE_DIM(events) - 1);
	events[nb_events++] = (struct rdma_cm_event){
		.id = id,
		.event = what->event,
		.status = what->status,
		.param.conn = {.private_data = what->data, .private_data_len = what->len},
	};
}

/* It is readable when there is an event. */
static inline int
answer_step(struct rdma_cm_id *id, int step)
{
	if (!works())
		return -1;
	if (answers[step].silent)
		return 0;
	push_event(id, &answers[step]);
	return eventfd_write(id->channel->fd, 1);
}

struct rdma_event_channel *
rdma_create_event_channel(void)
{
	struct rdma_event_channel *channel;

	if (!works())
		return NULL;
	channel = malloc(sizeof(*channel));
	channel->fd = eventfd(0, EFD_SEMAPHORE);
	nb_channels++;
	return channel;
}

void
rdma_destroy_event_channel(struct rdma_event_channel *channel)
{
	close(channel->fd);
	free(channel);
	nb_channels--;
	strcat(order, "c");
}

static inline struct rdma_cm_id *
make_id(struct rdma_event_channel *channel)
{
	struct rdma_cm_id *id = calloc(1, sizeof(*id));

	id->channel = channel;
	nb_ids++;
	return id;
}

int
rdma_create_id(struct rdma_event_channel *channel, struct rdma_cm_id **id, void *context,
	enum rdma_port_space ps)
{
	if (!works())
		return -1;
	assert_int_equal(ps, RDMA_PS_TCP);
	*id = make_id(channel);
	return 0;
}

/* It would wait for ever if an event of the id was not acknowledged. */
int
rdma_destroy_id(struct rdma_cm_id *id)
{
	assert_int_equal(nb_acked, nb_taken);
	free(id);
	nb_ids--;
	strcat(order, "i");
	return 0;
}

int
rdma_bind_addr(struct rdma_cm_id *id, struct sockaddr *addr)
{
	if (!works())
		return -1;
	source = *(struct sockaddr_storage *)addr;
	id->verbs = bound_to;
	return 0;
}

int
rdma_listen(struct rdma_cm_id *id, int backlog)
{
	if (!works())
		return -1;
	listen_backlog = backlog;
	return 0;
}

__be16
rdma_get_src_port(struct rdma_cm_id *id)
{
	return htons(TCP_PORT);
}

int
rdma_get_cm_event(struct rdma_event_channel *channel, struct rdma_cm_event **event)
{
	eventfd_t value;

	/* No thread may be blocked here. */
	assert_true(fcntl(channel->fd, F_GETFL) & O_NONBLOCK);
	if (eventfd_read(channel->fd, &value) != 0 || !works())
		return -1;
	*event = &events[nb_taken++];
	return 0;
}

int
rdma_ack_cm_event(struct rdma_cm_event *event)
{
	assert_ptr_equal(event, &events[nb_acked++]);
	event->param.conn.private_data = NULL;
	return 0;
}

int
rdma_resolve_addr(struct rdma_cm_id *id, struct sockaddr *src, struct sockaddr *dst, int timeout_ms)
{
	source = *(struct sockaddr_storage *)src;
	target = *(struct sockaddr_storage *)dst;
	timeouts[0] = timeout_ms;
	return answer_step(id, 0);
}

int
rdma_resolve_route(struct rdma_cm_id *id, int timeout_ms)
{
	timeouts[1] = timeout_ms;
	return answer_step(id, 1);
}

int
rdma_connect(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	static char byte;

	told = *param;
	/*
	 * As in librdmacm, it is a system call that a cancelled thread does not return from. No
	 * variables of this function on the stack: AddressSanitizer does not notice that it was
	 * left.
	 */
	if (stuck[0] >= 0) {
		pthread_barrier_wait(&is_stuck);
		if (read(stuck[0], &byte, 1) != 1)
			return -1;
	}
	return answer_step(id, 2);
}

int
rdma_accept(struct rdma_cm_id *id, struct rdma_conn_param *param)
{
	told = *param;
	return works() ? 0 : -1;
}

int
rdma_reject(struct rdma_cm_id *id, const void *data, uint8_t len)
{
	nb_rejects++;
	return 0;
}

/* The kernel blocks rdma_connect() until there is a byte in the pipe. */
static inline void
rdmacm_get_stuck(void)
{
	assert_int_equal(pipe(stuck), 0);
	pthread_barrier_init(&is_stuck, NULL, 2);
}

static inline void
rdmacm_get_free(void)
{
	close(stuck[0]);
	close(stuck[1]);
	stuck[0] = -1;
	pthread_barrier_destroy(&is_stuck);
}

static inline void
rdmacm_reset(void)
{
	verbs.device = &device;
	other_verbs.device = &other_device;
	bound_to = &verbs;
	nb_events = nb_taken = nb_acked = 0;
	nb_channels = nb_ids = 0;
	nb_rejects = listen_backlog = 0;
	calls_left = -1;
	error = EIO;
	order[0] = '\0';
}

#endif
