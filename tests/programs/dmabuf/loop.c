/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "deadline.h"
#include "loop.h"

#define ELEMENT 4096
#define RING 256
#define BURST 16
#define FRAME 1024
#define PATIENCE_MS 10000

static int
create_pool(struct loop *loop)
{
	const struct rte_pktmbuf_extmem area = {
		.buf_ptr = loop->buffer->addr,
		.buf_iova = (uintptr_t)loop->buffer->addr,
		.buf_len = loop->buffer->len,
		.elt_size = ELEMENT,
	};

	loop->pool = rte_pktmbuf_pool_create_extbuf("buffer", loop->buffer->len / ELEMENT, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY, &area, 1);
	return loop->pool == NULL ? -rte_errno : 0;
}

int
loop_start(struct loop *loop, const char *device, const struct buffer *buffer)
{
	struct rte_eth_conf conf = {0};
	int ret;

	*loop = (struct loop){.buffer = buffer};
	ret = rte_eth_dev_get_port_by_name(device, &loop->port);
	if (ret == 0)
		ret = create_pool(loop);
	if (ret == 0)
		ret = rte_eth_macaddr_get(loop->port, &loop->mac);
	if (ret == 0)
		ret = rte_eth_dev_configure(loop->port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(loop->port, 0, RING, SOCKET_ID_ANY, NULL, loop->pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(loop->port, 0, RING, SOCKET_ID_ANY, NULL);
	return ret == 0 ? rte_eth_dev_start(loop->port) : ret;
}

int
loop_stop(struct loop *loop)
{
	int ret = rte_eth_dev_stop(loop->port);

	if (ret == 0)
		ret = rte_eth_dev_close(loop->port);
	rte_mempool_free(loop->pool);
	return ret;
}

/* By the view: the addresses of the mbuf cannot be read. */
static void
write_frame(const struct loop *loop, struct rte_mbuf *frame, unsigned int number)
{
	void *at = buffer_look(loop->buffer, rte_pktmbuf_append(frame, FRAME));
	struct rte_ether_hdr *header = at;

	memset(at, (int)number, FRAME);
	header->dst_addr = header->src_addr = loop->mac;
	header->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_TEB);
	memcpy(header + 1, &number, sizeof(number));
}

/* Whether it is as it was written with the number that it has. */
static bool
is_frame(const struct loop *loop, const struct rte_mbuf *frame)
{
	const uint8_t *at = buffer_look(loop->buffer, rte_pktmbuf_mtod(frame, void *));
	unsigned int number, i;

	memcpy(&number, at + sizeof(struct rte_ether_hdr), sizeof(number));
	for (i = sizeof(struct rte_ether_hdr) + sizeof(number); i < FRAME; i++)
		if (at[i] != (uint8_t)number)
			return false;
	return frame->pkt_len == FRAME;
}

/* Sends the next ones; returns how many. */
static unsigned int
send_some(struct loop *loop, unsigned int first, unsigned int n)
{
	struct rte_mbuf *frames[BURST];
	unsigned int i, sent;

	n = RTE_MIN(n, (unsigned int)BURST);
	if (rte_pktmbuf_alloc_bulk(loop->pool, frames, n) != 0)
		return 0;
	for (i = 0; i < n; i++)
		write_frame(loop, frames[i], first + i);
	sent = rte_eth_tx_burst(loop->port, 0, frames, n);
	rte_pktmbuf_free_bulk(frames + sent, n - sent);
	return sent;
}

static unsigned int
receive_some(struct loop *loop)
{
	struct rte_mbuf *frames[BURST];
	unsigned int n = rte_eth_rx_burst(loop->port, 0, frames, BURST), good = 0, i;

	for (i = 0; i < n; i++)
		good += is_frame(loop, frames[i]);
	rte_pktmbuf_free_bulk(frames, n);
	return good;
}

/* So few are on their way that none is lost for want of a buffer. */
unsigned int
loop_run(struct loop *loop, unsigned int n)
{
	struct deadline end = deadline_in_ms(PATIENCE_MS);
	unsigned int sent = 0, received = 0, more;

	while (received < n && !deadline_passed(end)) {
		if (sent < n && sent - received < 2 * BURST)
			sent += send_some(loop, sent, n - sent);
		more = receive_some(loop);
		received += more;
		if (more != 0)
			end = deadline_in_ms(PATIENCE_MS);
	}
	return received;
}
