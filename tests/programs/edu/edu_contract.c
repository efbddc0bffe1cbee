/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract of pci_ext.h on real VFIO, with DMA by the edu device as the proof. For the lab:
 *   edu_contract -l 0 -a 0000:00:14.0 -a 0000:00:12.0 -a 0000:00:15.0 -d librte_dma_edu.so
 * 12.0 is another device on vfio-pci, 15.0 one on its kernel driver. Expects a dma_entry_limit
 * between 1100 and 2000. TAP on stdout; exit status 0 when all is well.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <rte_dev.h>
#include <rte_dmadev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include <pci_ext.h>

#define EDU    "0000:00:14.0"
#define OTHER  "0000:00:12.0"
#define KERNEL "0000:00:15.0"
#define PAGE   4096
#define PAGES  4096

static uint8_t *mem; /* PAGES pages, registered but for the last two */
static int16_t dma = -1;
static int n_cases, n_failed;

static void
report(bool ok, const char *what)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++n_cases, what);
	fflush(stdout);
	n_failed += !ok;
}

static struct rte_device *
find_device(const char *name)
{
	struct rte_dev_iterator it;
	struct rte_device *dev, *found = NULL;

	RTE_DEV_FOREACH (dev, "bus=pci", &it)
		if (strcmp(rte_dev_name(dev), name) == 0)
			found = dev;
	return found;
}

static int
map(const char *name, void *addr, uint64_t iova, size_t len)
{
	rte_errno = 0;
	return rte_dev_dma_map(find_device(name), addr, iova, len);
}

static int
unmap(const char *name, void *addr, uint64_t iova, size_t len)
{
	rte_errno = 0;
	return rte_dev_dma_unmap(find_device(name), addr, iova, len);
}

static bool
is_refused(int ret, int error)
{
	return ret < 0 && rte_errno == error;
}

static bool
start_dma(void)
{
	const struct rte_dma_conf conf = {.nb_vchans = 1};
	const struct rte_dma_vchan_conf vchan = {.direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = 4};

	dma = rte_dma_get_dev_id_by_name(EDU);
	return dma >= 0 && rte_dma_configure(dma, &conf) == 0 &&
	       rte_dma_vchan_setup(dma, 0, &vchan) == 0 && rte_dma_start(dma) == 0;
}

/* Whether the device copies half a page within one page of ours, that it sees at iova. */
static bool
copies(uint8_t *page, uint64_t iova)
{
	static uint8_t start;
	uint16_t last;
	bool error = false;
	int i;

	start++;
	for (i = 0; i < PAGE / 2; i++)
		page[i] = start + 3 * i;
	memset(page + PAGE / 2, 0, PAGE / 2);
	if (rte_dma_copy(dma, 0, iova, iova + PAGE / 2, PAGE / 2, RTE_DMA_OP_FLAG_SUBMIT) < 0)
		return false;
	while (rte_dma_completed(dma, 0, 1, &last, &error) == 0 && !error)
		;
	return memcmp(page, page + PAGE / 2, PAGE / 2) == 0;
}

static void
check_map_and_unmap(void)
{
	report(!copies(mem, (uintptr_t)mem), "memory that is not mapped is out of reach");
	report(map(EDU, mem, 0, 4 * PAGE) == 0, "iova 0 is taken");
	report(copies(mem + PAGE, (uintptr_t)mem + PAGE), "and means the address");
	report(map(EDU, mem, RTE_BAD_IOVA, 4 * PAGE) == 0, "RTE_BAD_IOVA is the same mapping");
	report(unmap(EDU, mem, (uintptr_t)mem, 4 * PAGE) == 0 && copies(mem, (uintptr_t)mem),
		"after one of two unmaps it works");
	report(unmap(EDU, mem, 0, 4 * PAGE) == 0 && !copies(mem, (uintptr_t)mem),
		"after the second it does not");
	report(is_refused(unmap(EDU, mem, 0, 4 * PAGE), ENOENT), "a third is ENOENT");
}

static void
check_errors(void)
{
	uint8_t *hole = mem + 64 * PAGE, *read_only = mem + 72 * PAGE;
	uint8_t *native = rte_malloc(NULL, 2 * PAGE, PAGE);

	munmap(hole + PAGE, PAGE);
	mprotect(read_only, PAGE, PROT_READ);
	report(is_refused(map(EDU, mem + 16, 0, PAGE), EINVAL), "unaligned is EINVAL");
	report(is_refused(map(EDU, mem, 0, PAGE + 16), EINVAL), "half a page is EINVAL");
	report(is_refused(map(EDU, mem, 0, (size_t)PAGES * PAGE), EINVAL),
		"an end beyond what is registered is EINVAL");
	report(is_refused(map(EDU, mem, 0, SIZE_MAX - PAGE + 1), EINVAL), "a wrap is EINVAL");
	report(is_refused(map(EDU, mem, 0xfee00000, PAGE), EINVAL), "a reserved IOVA is EINVAL");
	report(is_refused(map(EDU, hole, 0, 4 * PAGE), EFAULT), "a hole is EFAULT");
	report(is_refused(map(EDU, read_only, 0, PAGE), EFAULT), "read-only memory is EFAULT");
	report(is_refused(map(EDU, native, 0, PAGE), EEXIST), "memory of EAL is EEXIST");
	report(unmap(EDU, native, 0, PAGE) < 0 && copies(native, (uintptr_t)native),
		"and cannot be unmapped");
	report(is_refused(map(KERNEL, mem, 0, PAGE), ENOTSUP), "a kernel driver's is ENOTSUP");
	rte_free(native);
	mprotect(read_only, PAGE, PROT_READ | PROT_WRITE);
	if (mmap(hole + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    -1, 0) == MAP_FAILED)
		abort();
	report(map(EDU, hole, 0, 4 * PAGE) == 0 && copies(hole + PAGE, (uintptr_t)hole + PAGE) &&
			unmap(EDU, hole, 0, 4 * PAGE) == 0,
		"what failed has left nothing behind");
}

static void
check_conflicts(void)
{
	const uint64_t low = 0x200000;

	report(map(EDU, mem, 0, 2 * PAGE) == 0 && map(EDU, mem, low, 2 * PAGE) == 0 &&
			copies(mem, low) && copies(mem, (uintptr_t)mem),
		"one memory at two IOVAs");
	report(is_refused(map(EDU, mem + 8 * PAGE, low, PAGE), EEXIST), "an IOVA taken is EEXIST");
	report(is_refused(map(OTHER, mem + 8 * PAGE, low, PAGE), EEXIST), "for any device");
	report(is_refused(map(EDU, mem, 0, 4 * PAGE), EEXIST), "an overlap is EEXIST");
	report(is_refused(unmap(EDU, mem, 0, PAGE), EINVAL), "half an unmap is EINVAL");
	report(is_refused(unmap(EDU, mem + PAGE, 0, PAGE), EINVAL), "so is an inner one");
	report(copies(mem, low) && copies(mem + PAGE, (uintptr_t)mem + PAGE), "all that is intact");
	report(unmap(EDU, mem, low, 2 * PAGE) == 0 && !copies(mem, low), "one IOVA goes");
	report(map(OTHER, mem, 0, 2 * PAGE) == 0 && unmap(OTHER, mem, 0, 2 * PAGE) == 0 &&
			copies(mem, (uintptr_t)mem),
		"another device's unmap does not take ours away");
	report(map(OTHER, mem, 0, 2 * PAGE) == 0 && unmap(EDU, mem, 0, 2 * PAGE) == 0 &&
			unmap(OTHER, mem, 0, 2 * PAGE) == 0 && !copies(mem, (uintptr_t)mem),
		"the last one's does");
}

/* Every other page, so that nothing can be merged, until the kernel's limit. */
static void
check_limit(void)
{
	bool ok = true;
	int n, i;

	for (n = 0; n < PAGES / 2 - 1; n++)
		if (map(EDU, mem + 2 * n * PAGE, 0, PAGE) != 0)
			break;
	report(rte_errno == ENOMEM && n > 1000, "the limit is ENOMEM, beyond EAL's 256");
	printf("# %d mappings\n", n);
	report(copies(mem + 2 * (n - 1) * PAGE, (uintptr_t)mem + 2 * (n - 1) * PAGE),
		"the last of them works");
	for (i = 0; i < n; i++)
		ok = ok && unmap(EDU, mem + 2 * (i * 7 % n) * PAGE, 0, PAGE) == 0;
	report(ok, "all of them can be unmapped");
	report(map(EDU, mem, 0, PAGE) == 0 && unmap(EDU, mem, 0, PAGE) == 0, "and it maps again");
}

static bool
replug(void)
{
	rte_dma_stop(dma);
	rte_dma_close(dma);
	return rte_dev_remove(find_device(EDU)) == 0;
}

static void
check_hotplug(void)
{
	uint8_t *second =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pci_ext_device info;

	rte_extmem_register(second, PAGE, NULL, 0, PAGE);
	report(map(EDU, mem, 0, PAGE) == 0 && map(EDU, second, 0, PAGE) == 0, "two mappings");
	report(replug() && pci_ext_device_query(EDU, &info) == 0 && info.pending == 2 &&
			info.active == 0,
		"unplugged, both are pending");
	rte_extmem_unregister(second, PAGE);
	report(pci_ext_dma_map(EDU, mem + PAGE, 0, PAGE) == 0, "a third, by name");
	report(rte_dev_probe(EDU) == 0 && start_dma(), "plugged in again");
	report(pci_ext_device_query(EDU, &info) == 0 && info.pending == 0 && info.active == 2,
		"two are active, that of unregistered memory is dropped");
	report(copies(mem, (uintptr_t)mem) && copies(mem + PAGE, (uintptr_t)mem + PAGE) &&
			!copies(second, (uintptr_t)second),
		"the device agrees");
	report(unmap(EDU, mem, 0, PAGE) == 0 && pci_ext_dma_unmap(EDU, mem + PAGE, 0, PAGE) == 0,
		"both can be unmapped");
}

int
main(int argc, char **argv)
{
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mem = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (mem == MAP_FAILED || !start_dma() ||
		rte_extmem_register(mem, (size_t)(PAGES - 2) * PAGE, NULL, 0, PAGE) != 0) {
		fprintf(stderr, "no memory, or no device %s\n", EDU);
		return 1;
	}
	check_map_and_unmap();
	check_errors();
	check_conflicts();
	check_limit();
	check_hotplug();
	printf("1..%d\n", n_cases);
	rte_dma_stop(dma);
	return rte_eal_cleanup() != 0 || n_failed != 0;
}
