/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A ring that two processes share: one that knows nothing of DPDK writes frames into it, the other
 * one sends them out of it, without a copy. shared_ring [EAL arguments] -- FRAMES, with a port that
 * is looped to itself.
 *
 * Build: cc shared_ring.c $(pkg-config --cflags --libs librte_bus_pci_ext)
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
#include <rte_memory.h>

#include <pci_ext.h>

#define FRAME 1024
#define ETHER_TYPE 0x88b5 /* for local experiments: IEEE 802, 5.1 */
#define WAIT_S 60 /* for all frames */

/* >>> ring */
#define SLOTS 64

enum { EMPTY, FULL, SENDING };

struct slot {
	_Atomic uint32_t state; /* EMPTY: the writer's; else the sender's */
	_Atomic uint32_t len;
	uint8_t frame[2048 - 8];
};

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

/* The writer: false if the slot is not free yet. */
static bool
slot_write(struct slot *slot, const void *frame, uint32_t len)
{
	if (atomic_load_explicit(&slot->state, memory_order_acquire) != EMPTY)
		return false;
	memcpy(slot->frame, frame, len);
	atomic_store_explicit(&slot->len, len, memory_order_relaxed);
	atomic_store_explicit(&slot->state, FULL, memory_order_release);
	return true;
}

/* The sender, from here on. 0 or -errno. The device only reads. */
static int
ring_map(struct slot *ring, const char *device)
{
	const struct pci_ext_memory memory = {
		.addr = ring, .len = SLOTS * sizeof(*ring), .access = PCI_EXT_ACCESS_READ};

	if (rte_extmem_register(memory.addr, memory.len, NULL, 0, 4096) != 0)
		return -rte_errno;
	return pci_ext_dma_map(device, &memory);
}

/* The device is done with the frame. */
static void
slot_sent(void *frame, void *slot)
{
	atomic_store_explicit(&((struct slot *)slot)->state, EMPTY, memory_order_release);
}

/* The frame of the slot as a packet; NULL: there is none yet. The other process is not trusted. */
static struct rte_mbuf *
slot_take(struct slot *slot, struct rte_mbuf_ext_shared_info *users, struct rte_mempool *pool)
{
	struct rte_mbuf *packet;
	size_t len;

	if (atomic_load_explicit(&slot->state, memory_order_acquire) != FULL)
		return NULL;
	packet = rte_pktmbuf_alloc(pool);
	if (packet == NULL)
		return NULL;
	len = atomic_load_explicit(&slot->len, memory_order_relaxed);
	len = RTE_MIN(len, sizeof(slot->frame));
	atomic_store_explicit(&slot->state, SENDING, memory_order_relaxed);
	users->free_cb = slot_sent;
	users->fcb_opaque = slot;
	rte_mbuf_ext_refcnt_set(users, 1);
	rte_pktmbuf_attach_extbuf(packet, slot->frame, (uintptr_t)slot->frame, sizeof(slot->frame),
		users);
	packet->data_len = packet->pkt_len = len;
	return packet;
}

/* 0, or -errno: -EBUSY while a queue has packets of it. */
static int
ring_unmap(struct slot *ring, const char *device)
{
	const struct pci_ext_memory memory = {.addr = ring, .len = SLOTS * sizeof(*ring)};
	int ret = pci_ext_dma_unmap(device, &memory);

	if (ret == 0)
		rte_extmem_unregister(memory.addr, memory.len);
	return ret;
}
/* <<< ring */

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

static bool
start_port(uint16_t port, struct rte_mempool *pool)
{
	const struct rte_eth_conf conf = {0};

	return rte_eth_dev_configure(port, 1, 1, &conf) == 0 &&
		rte_eth_rx_queue_setup(port, 0, 256, SOCKET_ID_ANY, NULL, pool) == 0 &&
		rte_eth_tx_queue_setup(port, 0, 256, SOCKET_ID_ANY, NULL) == 0 &&
		rte_eth_dev_start(port) == 0 && rte_eth_promiscuous_enable(port) == 0;
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
	if (ret != 0 || pool == NULL || !start_port(0, pool)) {
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
