/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A file sent without a copy: packets refer to its pages, which the process and the device may only
 * read. file_send [EAL arguments] -- DEVICE FILE: DEVICE is that of port 0; what arrives at port 1,
 * which is to be connected with it, is compared with the file.
 *
 * Build: cc file_send.c $(pkg-config --cflags --libs librte_bus_pci_ext)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
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

#define CHUNK 1024 /* bytes of the file in a packet; 65,536 at most */
#define ETHER_TYPE 0x88b5 /* for local experiments: IEEE 802, 5.1 */
#define BURST 32
#define WAIT_S 60 /* for the packets of a burst */

struct header {
	struct rte_ether_hdr ether;
	rte_be16_t chunk;
};

/* >>> send */
struct file {
	struct pci_ext_memory pages; /* whole ones; what is behind the file's end is zero */
	struct rte_mbuf_ext_shared_info users; /* mbufs that refer to it */
};

static void
ignore_last_user(void *addr, void *opaque)
{
}

/* Its pages, for the device to read. flags: of mmap(). 0, or -errno. */
static int
file_map(struct file *file, int fd, size_t size, int flags, const char *device)
{
	const size_t len = RTE_ALIGN_CEIL(size, sysconf(_SC_PAGESIZE));
	void *addr = mmap(NULL, len, PROT_READ, flags, fd, 0);
	int ret;

	if (addr == MAP_FAILED)
		return -errno;
	file->pages = (struct pci_ext_memory){
		.addr = addr, .len = len, .access = PCI_EXT_ACCESS_READ};
	file->users.free_cb = ignore_last_user;
	rte_mbuf_ext_refcnt_set(&file->users, 1); /* this one */
	ret = memory_map(device, &file->pages);
	if (ret != 0)
		munmap(addr, len);
	return ret;
}

/* The last n bytes of a packet are the file's own. 0, or -ENOMEM. */
static int
file_append(struct file *file, size_t offset, uint16_t n, struct rte_mbuf *packet)
{
	struct rte_mbuf *part = rte_pktmbuf_alloc(packet->pool);
	uint8_t *data = (uint8_t *)file->pages.addr + offset;

	if (part == NULL)
		return -ENOMEM;
	rte_mbuf_ext_refcnt_update(&file->users, 1);
	rte_pktmbuf_attach_extbuf(part, data, (uintptr_t)data, n, &file->users);
	part->data_len = part->pkt_len = n;
	rte_pktmbuf_chain(packet, part);
	return 0;
}

/* 0, or -errno: -EBUSY while a queue has packets with parts of it. */
static int
file_unmap(struct file *file, const char *device)
{
	int ret = memory_unmap(device, &file->pages);

	if (ret == 0)
		munmap(file->pages.addr, file->pages.len);
	return ret;
}
/* <<< send */

/* 0, or -errno. Linux before 6.2 takes no shared mapping for an rdma device, only a copy of it. */
static int
file_open(struct file *file, const char *path, const char *device)
{
	int fd = open(path, O_RDONLY), ret;
	struct stat st;

	if (fd < 0)
		return -errno;
	ret = fstat(fd, &st) == 0 ? 0 : -errno;
	if (ret == 0)
		ret = file_map(file, fd, st.st_size, MAP_SHARED, device);
	if (ret == -EFAULT)
		ret = file_map(file, fd, st.st_size, MAP_PRIVATE, device);
	close(fd);
	return ret;
}

static struct rte_mbuf *
make_packet(struct rte_mempool *pool, struct file *file, uint16_t chunk)
{
	struct rte_mbuf *packet = rte_pktmbuf_alloc(pool);
	struct header *header = packet == NULL ? NULL :
		(struct header *)rte_pktmbuf_append(packet, sizeof(*header));

	if (header == NULL) {
		rte_pktmbuf_free(packet);
		return NULL;
	}
	memset(header->ether.dst_addr.addr_bytes, 0xff, RTE_ETHER_ADDR_LEN);
	rte_eth_macaddr_get(0, &header->ether.src_addr);
	header->ether.ether_type = rte_cpu_to_be_16(ETHER_TYPE);
	header->chunk = rte_cpu_to_be_16(chunk);
	if (file_append(file, (size_t)chunk * CHUNK, CHUNK, packet) == 0)
		return packet;
	rte_pktmbuf_free(packet);
	return NULL;
}

/* Whether it is a chunk of the file, unchanged. */
static bool
is_chunk(const struct rte_mbuf *packet, const struct file *file)
{
	const struct header *header = rte_pktmbuf_mtod(packet, const struct header *);
	const size_t offset = (size_t)rte_be_to_cpu_16(header->chunk) * CHUNK;

	return packet->data_len >= sizeof(*header) + CHUNK && offset < file->pages.len &&
		header->ether.ether_type == rte_cpu_to_be_16(ETHER_TYPE) &&
		memcmp(header + 1, (const uint8_t *)file->pages.addr + offset, CHUNK) == 0;
}

/* Bytes that have arrived unchanged of n chunks from first on. */
static size_t
send_burst(struct rte_mempool *pool, struct file *file, uint32_t first, uint32_t n)
{
	const uint64_t end = rte_get_timer_cycles() + WAIT_S * rte_get_timer_hz();
	struct rte_mbuf *sent[BURST], *received[BURST];
	uint32_t made = 0, gone = 0, arrived = 0, i, nb;

	while (made < n && (sent[made] = make_packet(pool, file, first + made)) != NULL)
		made++;
	while (arrived < made && rte_get_timer_cycles() < end) {
		gone += rte_eth_tx_burst(0, 0, sent + gone, made - gone);
		nb = rte_eth_rx_burst(1, 0, received, BURST);
		for (i = 0; i < nb; i++)
			arrived += is_chunk(received[i], file);
		rte_pktmbuf_free_bulk(received, nb);
	}
	rte_pktmbuf_free_bulk(sent + gone, made - gone);
	return (size_t)arrived * CHUNK;
}

static size_t
send_file(struct file *file, struct rte_mempool *pool)
{
	const uint32_t chunks = file->pages.len / CHUNK;
	size_t arrived = 0;
	uint32_t at;

	for (at = 0; at < chunks && arrived == (size_t)at * CHUNK; at += BURST)
		arrived += send_burst(pool, file, at, RTE_MIN(chunks - at, (uint32_t)BURST));
	return arrived;
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv), ret;
	struct rte_mempool *pool;
	struct file file = {0};
	size_t arrived;

	if (args < 0 || args + 2 >= argc || rte_eth_dev_count_avail() < 2) {
		fprintf(stderr, "usage: file_send [EAL arguments, two ports] -- DEVICE FILE\n");
		return 1;
	}
	pool = rte_pktmbuf_pool_create("packets", 4095, 0, 0, 2176, SOCKET_ID_ANY);
	ret = file_open(&file, argv[args + 2], argv[args + 1]);
	if (ret != 0 || pool == NULL || !port_start(1, pool, 0) ||
			!port_start(0, pool, RTE_ETH_TX_OFFLOAD_MULTI_SEGS)) {
		fprintf(stderr, "%s: %s\n", argv[args + 1],
			rte_strerror(ret != 0 ? -ret : rte_errno));
		return 1;
	}
	arrived = send_file(&file, pool);
	printf("%zu of %zu bytes have arrived\n", arrived, file.pages.len);
	rte_eth_dev_stop(0);
	ret = file_unmap(&file, argv[args + 1]);
	if (ret != 0)
		fprintf(stderr, "unmap: %s\n", rte_strerror(-ret));
	rte_eth_dev_stop(1);
	return rte_eal_cleanup() != 0 || ret != 0 || arrived != file.pages.len;
}
