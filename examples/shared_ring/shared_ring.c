/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring that two processes share: one that knows nothing of DPDK writes frames into it, the other
 * one sends them out of it, without a copy. shared_ring [EAL arguments] -- FRAMES, with a port that
 * is looped to itself.
 *
 * Build: cc -D_GNU_SOURCE shared_ring.c $(pkg-config --cflags --libs librte_bus_pci_ext)
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <pci_ext.h>

#include "../common/memory.h"
#include "../common/port.h"

#define FRAME 1024
#define ETHER_TYPE 0x88b5 /* for local experiments: IEEE 802, 5.1 */
#define WAIT_S 60 /* for all frames */

/* >>> ring */
#define SLOTS 64

struct slot {
	_Atomic uint32_t len; /* of the frame; 0: the slot is the writer's, else the sender's */
	uint8_t frame[2048 - 4];
};

/* The writer: false if the slot is not free yet. */
static bool
slot_write(struct slot *slot, const void *frame, uint32_t len)
{
	if (atomic_load_explicit(&slot->len, memory_order_acquire) != 0)
		return false;
	memcpy(slot->frame, frame, len);
	atomic_store_explicit(&slot->len, len, memory_order_release);
	return true;
}

/* The sender, from here on. 0 or -errno. The device only reads. */
static int
ring_map(struct slot *ring, const char *device)
{
	return memory_map(device, &(struct pci_ext_memory){
		.addr = ring, .len = SLOTS * sizeof(*ring), .access = PCI_EXT_ACCESS_READ});
}

/* The device is done with the frame. */
static void
slot_sent(void *frame, void *slot)
{
	atomic_store_explicit(&((struct slot *)slot)->len, 0, memory_order_release);
}

/*
 * The frame of the slot as a packet; NULL: there is none yet. users is the slot's own. The other
 * process is not trusted: it may write a len at any time.
 */
static struct rte_mbuf *
slot_take(struct slot *slot, struct rte_mbuf_ext_shared_info *users, struct rte_mempool *pool)
{
	const size_t len = atomic_load_explicit(&slot->len, memory_order_acquire);
	struct rte_mbuf *packet;

	if (len == 0 || rte_mbuf_ext_refcnt_read(users) != 0) /* which is being sent */
		return NULL;
	packet = rte_pktmbuf_alloc(pool);
	if (packet == NULL)
		return NULL;
	users->free_cb = slot_sent;
	users->fcb_opaque = slot;
	rte_mbuf_ext_refcnt_set(users, 1);
	rte_pktmbuf_attach_extbuf(packet, slot->frame, (uintptr_t)slot->frame,
		sizeof(slot->frame), users);
	packet->data_len = packet->pkt_len = RTE_MIN(len, sizeof(slot->frame));
	return packet;
}
/* <<< ring */

static int
ring_unmap(struct slot *ring, const char *device)
{
	return memory_unmap(device, &(struct pci_ext_memory){
		.addr = ring, .len = SLOTS * sizeof(*ring)});
}

/* A descriptor that the other process gets by fork() or SCM_RIGHTS, or -errno. */
static int
ring_create(void)
{
	int fd = memfd_create("ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, SLOTS * sizeof(struct slot)) != 0)
		return -errno;
	/* Otherwise the other process could take the memory away. */
	return fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0 ? fd : -errno;
}

static struct slot *
ring_open(int fd)
{
	return mmap(NULL, SLOTS * sizeof(struct slot), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

static void
make_frame(uint8_t frame[FRAME], uint32_t number)
{
	struct rte_ether_hdr *header = (struct rte_ether_hdr *)frame;

	memset(frame, (int)number, FRAME);
	memset(header->dst_addr.addr_bytes, 0xff, RTE_ETHER_ADDR_LEN);
	header->src_addr = (struct rte_ether_addr){{0x02, 0, 0, 0, 0, 1}};
	header->ether_type = htons(ETHER_TYPE);
}

/* The other process: it ends with this one, or when all is written. */
static void
write_frames(int fd, uint32_t frames)
{
	struct slot *ring = ring_open(fd);
	const pid_t parent = getppid();
	uint8_t frame[FRAME];
	uint32_t n = 0;

	while (ring != MAP_FAILED && n < frames && getppid() == parent) {
		make_frame(frame, n);
		if (slot_write(&ring[n % SLOTS], frame, FRAME))
			n++;
		else
			sched_yield();
	}
	_exit(n != frames);
}

/* Whether it is the frame of that number. */
static bool
is_frame(const struct rte_mbuf *packet, uint32_t number)
{
	uint8_t frame[FRAME];

	make_frame(frame, number);
	return packet->data_len >= FRAME &&
		memcmp(rte_pktmbuf_mtod(packet, void *), frame, FRAME) == 0;
}

/* How many of them have arrived, as they were written and in their order. */
static uint32_t
send_frames(struct slot *ring, struct rte_mempool *pool, uint32_t frames)
{
	const uint64_t end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
	static struct rte_mbuf_ext_shared_info users[SLOTS];
	struct rte_mbuf *packet = NULL, *received;
	uint32_t sent = 0, arrived = 0;

	while (arrived < frames && rte_get_timer_cycles() < end) {
		if (packet == NULL && sent < frames)
			packet = slot_take(&ring[sent % SLOTS], &users[sent % SLOTS], pool);
		if (packet != NULL && rte_eth_tx_burst(0, 0, &packet, 1) == 1) {
			packet = NULL;
			sent++;
		}
		rte_eth_tx_done_cleanup(0, 0, 0); /* lets go of what the device is done with */
		if (rte_eth_rx_burst(0, 0, &received, 1) == 0)
			continue;
		arrived += is_frame(received, arrived);
		rte_pktmbuf_free(received);
	}
	rte_pktmbuf_free(packet);
	return arrived;
}

static int
run(struct slot *ring, uint32_t frames)
{
	struct rte_mempool *pool =
		rte_pktmbuf_pool_create("packets", 1023, 0, 0, 2176, SOCKET_ID_ANY);
	struct rte_eth_dev_info info;
	uint32_t arrived;
	int ret;

	ret = rte_eth_dev_info_get(0, &info);
	if (ret == 0)
		ret = ring_map(ring, rte_dev_name(info.device));
	if (ret != 0 || pool == NULL || !port_start(0, pool, 0)) {
		fprintf(stderr, "no port or no ring: %s\n",
			rte_strerror(ret != 0 ? -ret : rte_errno));
		return 1;
	}
	arrived = send_frames(ring, pool, frames);
	printf("%u of %u frames of the other process have arrived\n", arrived, frames);
	rte_eth_dev_stop(0);
	ret = ring_unmap(ring, rte_dev_name(info.device));
	if (ret != 0)
		fprintf(stderr, "unmap: %s\n", rte_strerror(-ret));
	return ret != 0 || arrived != frames;
}

int
main(int argc, char **argv)
{
	const uint32_t frames = strtoul(argv[argc - 1], NULL, 0);
	int fd = ring_create(), status, ret;
	struct slot *ring = fd >= 0 ? ring_open(fd) : MAP_FAILED;
	pid_t writer;

	if (ring == MAP_FAILED)
		return 1;
	writer = fork(); /* before EAL and its threads */
	if (writer == 0)
		write_frames(fd, frames);
	if (writer < 0 || rte_eal_init(argc, argv) < 0)
		return 1;
	ret = run(ring, frames);
	ret |= rte_eal_cleanup() != 0;
	return waitpid(writer, &status, ret == 0 ? 0 : WNOHANG) == writer && status == 0 ? ret : 1;
}
