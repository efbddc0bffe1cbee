/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Maps of a secondary process, of memory for reading alone and of a dma-buf, on a real channel of
 * EAL: secondary [EAL arguments]. The devices are absent, so that the ranges are pending, and what
 * is in the place of a dma-buf is not looked at.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_memory.h>

#include "descriptors.h"
#include "pci_ext.h"
#include "tap.h"

#define LEN	 ((size_t)64 << 10)
#define DMABUF	 "test of dma-bufs"
#define MAX_ARGS 64

static const char *const devices[] = {"0000:7f:1e.0", "0000:7f:1f.0"};

/* Memory, and addresses for a dma-buf behind it. */
static struct pci_ext_memory
memory_at(void *addr)
{
	return (struct pci_ext_memory){.addr = addr, .len = LEN, .access = PCI_EXT_ACCESS_READ};
}

static struct pci_ext_memory
dmabuf_at(void *addr, int fd)
{
	return (struct pci_ext_memory){
		.addr = (uint8_t *)addr + LEN, .len = LEN, .is_dmabuf = 1, .fd = fd};
}

static int
make_file(const char *name)
{
	int fd = memfd_create(name, 0);

	return fd < 0 || ftruncate(fd, 2 * LEN) != 0 ? -1 : fd;
}

/* Of the primary process's devices, of which there is none that is served. */
static bool
ask_for_all(void *addr, int fd)
{
	const struct pci_ext_memory dmabuf = dmabuf_at(addr, fd), memory = memory_at(addr);
	struct pci_ext_memory plain = dmabuf;

	plain.is_dmabuf = 0;
	return pci_ext_dma_map_all(&memory, NULL, NULL) == 0 &&
		pci_ext_dma_map_all(&dmabuf, NULL, NULL) == 0 &&
		pci_ext_dma_map_all(&plain, NULL, NULL) == -EEXIST &&
		pci_ext_dma_unmap_all(&memory, NULL, NULL) == 0 &&
		pci_ext_dma_unmap_all(&dmabuf, NULL, NULL) == 0 &&
		pci_ext_dma_unmap_all(&dmabuf, NULL, NULL) == -ENOENT;
}

/* The secondary process. The number of the step that has failed, or 0. */
static int
ask(void *addr, const char *path)
{
	struct pci_ext_memory memory = memory_at(addr);
	struct pci_ext_memory dmabuf = dmabuf_at(addr, make_file(DMABUF));
	const struct pci_ext_memory other = dmabuf_at(addr, make_file("another"));
	int fd = open(path, O_RDWR);

	if (mmap(addr, 2 * LEN, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) !=
			addr || rte_extmem_attach(addr, 2 * LEN) != 0)
		return 1;
	if (pci_ext_dma_map_list(devices, 2, &memory, NULL) != 0 ||
			pci_ext_dma_unmap(devices[1], &memory) != 0)
		return 2;
	memory.access = PCI_EXT_ACCESS_READ_WRITE;
	if (pci_ext_dma_map(devices[0], &memory) != -EEXIST)
		return 3;
	if (pci_ext_dma_map(devices[0], &dmabuf) != 0 || pci_ext_dma_map(devices[0], &dmabuf) != 0)
		return 4;
	if (pci_ext_dma_map(devices[0], &other) != -EEXIST)
		return 5;
	if (pci_ext_dma_unmap(devices[0], &dmabuf) != 0)
		return 6;
	dmabuf.fd = -1;
	if (pci_ext_dma_map(devices[0], &dmabuf) != -EBADF)
		return 7;
	dmabuf = dmabuf_at(addr, other.fd);
	dmabuf.offset = 2 * LEN;
	if (pci_ext_dma_map(devices[1], &dmabuf) != -EINVAL)
		return 8;
	return ask_for_all(addr, other.fd) ? 0 : 9;
}

/* The same program with the same arguments of EAL. Its exit status, or -1. */
static int
run_secondary(int argc, char *const *eal_args, void *addr, int fd)
{
	char at[32], path[64], *argv[MAX_ARGS + 5];
	int i, n = 0, status;
	pid_t pid;

	for (i = 0; i < argc && i < MAX_ARGS; i++)
		argv[n++] = eal_args[i];
	snprintf(at, sizeof(at), "%p", addr);
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)getpid(), fd);
	argv[n++] = strdup("--proc-type=secondary");
	argv[n++] = strdup("--");
	argv[n++] = at;
	argv[n++] = path;
	argv[n] = NULL;
	pid = fork();
	if (pid == 0) {
		execv("/proc/self/exe", argv);
		_exit(99);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
		WEXITSTATUS(status) : -1;
}

/* What there is of memory and of dma-bufs, with one reference each. */
static int
add(const struct pci_ext_mapping *mapping, void *arg)
{
	int *found = arg;

	found[0] += mapping->references == 1 && mapping->access == PCI_EXT_ACCESS_READ &&
		!mapping->is_dmabuf;
	found[1] += mapping->references == 1 && mapping->is_dmabuf;
	return 0;
}

static void
run_primary(int argc, char *const *eal_args)
{
	int fd = make_file("memory"), found[2] = {0, 0};
	void *addr = mmap(NULL, 2 * LEN, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	const struct pci_ext_memory memory = memory_at(addr), dmabuf = dmabuf_at(addr, -1);

	tap_result(addr != MAP_FAILED && rte_extmem_register(addr, 2 * LEN, NULL, 0, 4096) == 0,
		"memory");
	tap_result(run_secondary(argc, eal_args, addr, fd) == 0, "the secondary process");
	pci_ext_mapping_iterate(NULL, add, found);
	tap_result(found[0] == 1, "its memory is mapped for reading");
	tap_result(found[1] == 1, "its dma-buf is mapped");
	tap_result(count_descriptors(DMABUF) == 1, "by a descriptor of the primary process");
	tap_result(count_descriptors("another") == 0, "and none of what was refused is left");
	tap_result(pci_ext_dma_unmap(devices[0], &memory) == 0 &&
		pci_ext_dma_unmap(devices[0], &dmabuf) == 0, "they are unmapped");
	tap_result(count_descriptors(DMABUF) == 0, "no descriptor is left");
}

int
main(int argc, char **argv)
{
	char *eal_args[MAX_ARGS];
	int args, step;

	if (argc > MAX_ARGS)
		return 1;
	memcpy(eal_args, argv, argc * sizeof(*argv)); /* EAL changes the order */
	args = rte_eal_init(argc, argv);
	if (args < 0)
		return 98;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY) {
		step = ask((void *)(uintptr_t)strtoull(argv[args + 1], NULL, 0), argv[args + 2]);
		if (step != 0)
			fprintf(stderr, "the secondary process: step %d\n", step);
		return rte_eal_cleanup() != 0 ? 97 : step;
	}
	run_primary(argc, eal_args);
	return !tap_done() + (rte_eal_cleanup() != 0);
}
