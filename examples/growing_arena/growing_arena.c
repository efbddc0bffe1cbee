/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An arena of the application that grows while devices come: each piece is mapped for every device,
 * those to come included. growing_arena [EAL arguments] -- DEVICE, which is plugged in half-way.
 *
 * Build: cc growing_arena.c $(pkg-config --cflags --libs librte_bus_pci_ext)
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_memory.h>

#include <pci_ext.h>

#define PIECE ((size_t)2 << 20)
#define PIECES 4

/* >>> arena */
/* Addresses for all of it; the memory of a piece comes with arena_grow(). */
static uint8_t *arena;
static size_t arena_size;

static void
tell_refusal(const char *device, int result, void *arg)
{
	if (result != 0)
		fprintf(stderr, "%s: %s\n", device, rte_strerror(-result));
}

/* 0, or -errno: the memory stays registered as long as a device has it. */
static int
give_back(void *piece)
{
	const struct pci_ext_memory memory = {.addr = piece, .len = PIECE};
	int ret = pci_ext_dma_unmap_all(&memory, tell_refusal, NULL);

	if (ret != 0 && ret != -ENOENT)
		return ret;
	rte_extmem_unregister(piece, PIECE);
	madvise(piece, PIECE, MADV_DONTNEED);
	mprotect(piece, PIECE, PROT_NONE);
	return 0;
}

/* 0, or -errno: no device has the piece, or give_back() is to be called until it returns 0. */
static int
arena_grow(void)
{
	void *piece = arena + arena_size;
	const struct pci_ext_memory memory = {.addr = piece, .len = PIECE}; /* iova: the address */
	int ret;

	if (mprotect(piece, PIECE, PROT_READ | PROT_WRITE) != 0)
		return -errno;
	if (rte_extmem_register(piece, PIECE, NULL, 0, 4096) != 0)
		return -rte_errno;
	ret = pci_ext_dma_map_all(&memory, tell_refusal, NULL);
	if (ret != 0)
		give_back(piece);
	else
		arena_size += PIECE;
	return ret;
}

/* 0, or -errno; -EBUSY while a queue owns buffers in the last piece. */
static int
arena_shrink(void)
{
	int ret = give_back(arena + arena_size - PIECE);

	if (ret == 0)
		arena_size -= PIECE;
	return ret;
}
/* <<< arena */

/* Whether every port's device can access the arena. */
static bool
is_mapped_everywhere(void)
{
	struct rte_eth_dev_info info;
	struct pci_ext_answer answer;
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		if (rte_eth_dev_info_get(port, &info) != 0 ||
				pci_ext_query(info.device, arena, arena_size, &answer) != 0 ||
				answer.state != PCI_EXT_IS_MAPPED)
			return false;
		printf("port %u: %zu KiB, by %s\n", port, (size_t)answer.len / 1024,
			answer.backend);
	}
	return true;
}

int
main(int argc, char **argv)
{
	int args = rte_eal_init(argc, argv), i;
	bool done = args >= 0 && args + 1 < argc;

	if (!done)
		fprintf(stderr, "usage: growing_arena [EAL arguments] -- DEVICE[,devargs]\n");
	arena = mmap(NULL, PIECES * PIECE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	done = done && arena != MAP_FAILED;
	for (i = 0; i < PIECES && done; i++) {
		if (i == PIECES / 2)
			done = rte_dev_probe(argv[args + 1]) == 0 && rte_eth_dev_count_avail() > 1;
		done = done && arena_grow() == 0 && is_mapped_everywhere();
	}
	while (arena_size != 0 && done)
		done = arena_shrink() == 0;
	return rte_eal_cleanup() != 0 || !done;
}
