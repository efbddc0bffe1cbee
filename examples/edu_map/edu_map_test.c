/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The contract of dma_map on the driver beside it, with DMA as the proof. For the lab, with and
 * without librte_bus_pci_ext.so: a driver counts and refuses by itself.
 *   edu_map_test -l 0 -a 0000:00:14.0 -d librte_dma_edu_map.so [-d librte_bus_pci_ext.so]
 * TAP on stdout; exit status 0 when all is well.
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

#define EDU   "0000:00:14.0"
#define PAGE  4096
#define PAGES 64
#define PIECE 256

static uint8_t *mem; /* PAGES pages, registered */
static struct rte_device *dev;
static int16_t dma = -1;
static int n_cases, n_failed;

static void
report(bool ok, const char *what)
{
	printf("%sok %d - %s\n", ok ? "" : "not ", ++n_cases, what);
	fflush(stdout);
	n_failed += !ok;
}

static int
map(void *addr, uint64_t iova, size_t len)
{
	rte_errno = 0;
	return rte_dev_dma_map(dev, addr, iova, len);
}

static int
unmap(void *addr, size_t len)
{
	rte_errno = 0;
	return rte_dev_dma_unmap(dev, addr, (uintptr_t)addr, len);
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
	const struct rte_dma_vchan_conf vchan = {.direction = RTE_DMA_DIR_MEM_TO_MEM, .nb_desc = 8};

	dma = rte_dma_get_dev_id_by_name(EDU);
	return dma >= 0 && rte_dma_configure(dma, &conf) == 0 &&
	       rte_dma_vchan_setup(dma, 0, &vchan) == 0 && rte_dma_start(dma) == 0;
}

static bool
find_device(void)
{
	struct rte_dev_iterator it;
	struct rte_device *d;

	dev = NULL;
	RTE_DEV_FOREACH (d, "bus=pci", &it)
		if (strcmp(rte_dev_name(d), EDU) == 0)
			dev = d;
	return dev != NULL;
}

static enum rte_dma_status_code
poll_one(void)
{
	enum rte_dma_status_code status = RTE_DMA_STATUS_NOT_ATTEMPTED;
	uint16_t last;

	rte_dma_completed_status(dma, 0, 1, &last, &status);
	return status;
}

/* Whether the device copies the bytes; and if not, that it is the driver who says so. */
static bool
copies(uint8_t *from, uint8_t *to)
{
	static uint8_t start;
	enum rte_dma_status_code status;
	bool arrived;
	int i;

	start++;
	for (i = 0; i < PIECE; i++)
		from[i] = start + 3 * i;
	memset(to, 0, PIECE);
	if (rte_dma_copy(dma, 0, (uintptr_t)from, (uintptr_t)to, PIECE, RTE_DMA_OP_FLAG_SUBMIT) < 0)
		return false;
	status = poll_one();
	arrived = memcmp(from, to, PIECE) == 0;
	if (arrived != (status == RTE_DMA_STATUS_SUCCESSFUL))
		printf("# status %d, but the data has %sarrived\n", status, arrived ? "" : "not ");
	return arrived;
}

/* Kilobytes locked for this process: the kernel's own account of what is mapped. */
static long
locked_kb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[128];
	long kb = -1;

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "VmLck: %ld", &kb) == 1)
			break;
	if (f != NULL)
		fclose(f);
	return kb;
}

static void
check_contract(void)
{
	uint8_t *odd = mem + 8 * PAGE + 100;
	long before;

	report(!copies(mem, mem + PIECE), "memory that is not mapped is out of reach");
	before = locked_kb(); /* after the first use of the pool of EAL, which counts too */
	report(map(mem, 0, 4 * PAGE) == 0 && copies(mem, mem + 2 * PAGE), "mapped, it is not");
	report(map(mem, RTE_BAD_IOVA, 4 * PAGE) == 0 && unmap(mem, 4 * PAGE) == 0 &&
			copies(mem, mem + PAGE),
		"an equal mapping is counted");
	report(is_refused(map(mem + PAGE, 0, 8 * PAGE), EEXIST), "an overlap is EEXIST");
	report(is_refused(map(mem + 32 * PAGE, 0x200000, PAGE), EINVAL), "another IOVA is EINVAL");
	report(is_refused(unmap(mem, PAGE), EINVAL), "half an unmap is EINVAL");
	report(is_refused(unmap(mem + PAGE, PAGE), EINVAL), "an inner one too");
	report(is_refused(unmap(mem + 32 * PAGE, PAGE), ENOENT), "one of nothing is ENOENT");
	report(copies(mem, mem + 3 * PAGE), "after all that it is intact");
	report(map(odd, 0, 1000) == 0 && copies(odd, odd + 700) && unmap(odd, 1000) == 0,
		"any byte range can be mapped");
	report(unmap(mem, 4 * PAGE) == 0 && !copies(mem, mem + PAGE),
		"unmapped, it is out of reach");
	report(is_refused(unmap(mem, 4 * PAGE), ENOENT), "a second unmap is ENOENT");
	report(locked_kb() == before, "the kernel has nothing pinned that it had not before");
}

static void
check_errors(void)
{
	uint8_t *hole = mem + 16 * PAGE;
	long before = locked_kb();

	munmap(hole + PAGE, PAGE);
	report(is_refused(map(hole, 0, 4 * PAGE), EFAULT), "a hole is EFAULT");
	if (mmap(hole + PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		    -1, 0) == MAP_FAILED)
		abort();
	mprotect(hole, PAGE, PROT_READ);
	report(is_refused(map(hole, 0, PAGE), EFAULT), "read-only memory is EFAULT");
	mprotect(hole, PAGE, PROT_READ | PROT_WRITE);
	report(locked_kb() == before && map(hole, 0, 4 * PAGE) == 0 &&
			copies(hole + PAGE, hole + 2 * PAGE) && unmap(hole, 4 * PAGE) == 0,
		"what failed has left nothing behind");
}

static void
check_data_path(void)
{
	uint8_t *native = rte_zmalloc(NULL, 2 * PIECE, 0);
	uint8_t *a = mem + 20 * PAGE, *b = mem + 21 * PAGE;

	report(copies(native, native + PIECE), "memory of EAL needs no dma_map");
	report(is_refused(unmap(native, PIECE), ENOENT), "and cannot be unmapped");
	report(map(a, 0, PAGE) == 0 && map(b, 0, PAGE) == 0 && copies(b - PIECE / 2, native) &&
			copies(native, b - PIECE / 2),
		"a buffer across two mappings");
	report(rte_dma_copy(dma, 0, (uintptr_t)mem, (uintptr_t)a, PIECE, 0) >= 0 &&
			rte_dma_copy(dma, 0, (uintptr_t)b, (uintptr_t)a, PIECE, 0) >= 0,
		"a bad copy and a good one");
	report(is_refused(unmap(a, PAGE), EBUSY) && is_refused(unmap(b, PAGE), EBUSY),
		"what the queue owns is EBUSY");
	report(rte_dma_submit(dma, 0) == 0 && poll_one() == RTE_DMA_STATUS_INVALID_SRC_ADDR &&
			poll_one() == RTE_DMA_STATUS_SUCCESSFUL && memcmp(a, b, PIECE) == 0,
		"the bad one costs one copy");
	report(rte_dma_copy(dma, 0, (uintptr_t)b, (uintptr_t)a, PIECE, 0) >= 0 &&
			is_refused(unmap(a, PAGE), EBUSY) && rte_dma_stop(dma) == 0 &&
			unmap(a, PAGE) == 0 && unmap(b, PAGE) == 0 && rte_dma_start(dma) == 0,
		"after a stop the queue owns nothing");
	rte_free(native);
}

/* With pci_ext the mapping comes back with the device, without it it does not: told by with_ext. */
static void
check_hotplug(bool with_ext)
{
	long before = locked_kb();

	report(map(mem, 0, 16 * PAGE) == 0, "a mapping");
	report(rte_dma_stop(dma) == 0 && rte_dev_remove(dev) == 0 && locked_kb() < before,
		"remove ends it");
	report(rte_dev_probe(EDU) == 0 && find_device() && start_dma(), "the device is back");
	report(copies(mem, mem + PAGE) == with_ext,
		with_ext ? "and so is the mapping" : "the mapping is not");
	report(with_ext || map(mem, 0, 16 * PAGE) == 0, "map it anew");
	report(unmap(mem, 16 * PAGE) == 0 && !copies(mem, mem + PAGE), "unmap it");
}

/* A close ends what is mapped. pci_ext says 0 to the unmap, as what is wanted is so. */
static void
check_close(bool with_ext)
{
	long before = locked_kb();
	int ret;

	report(map(mem, 0, 16 * PAGE) == 0, "a mapping");
	report(rte_dma_stop(dma) == 0 && rte_dma_close(dma) == 0 && locked_kb() <= before,
		"close ends it");
	ret = unmap(mem, 16 * PAGE);
	report(with_ext ? ret == 0 : is_refused(ret, ENOENT), "an unmap after that");
	report(is_refused(map(mem, 0, PAGE), EINVAL), "a map after that is EINVAL");
}

int
main(int argc, char **argv)
{
	bool with_ext = false;
	int i;

	for (i = 1; i < argc; i++)
		with_ext = with_ext || strcmp(argv[i], "librte_bus_pci_ext.so") == 0;
	if (rte_eal_init(argc, argv) < 0)
		return 1;
	mem = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (mem == MAP_FAILED || !find_device() || !start_dma() ||
		rte_extmem_register(mem, PAGES * PAGE, NULL, 0, PAGE) != 0) {
		fprintf(stderr, "no memory, or no device %s\n", EDU);
		return 1;
	}
	check_contract();
	check_errors();
	check_data_path();
	check_hotplug(with_ext);
	check_close(with_ext);
	printf("1..%d\n", n_cases);
	return rte_eal_cleanup() != 0 || n_failed != 0;
}
