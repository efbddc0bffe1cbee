/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The case about pci_ext_dma_map() of a dma-buf, of udmabuf. Devices that have no dma-bufs
 * refuse, with nothing left.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error_name.h"
#include "logs.h"
#include "pci_ext.h"
#include "plugin.h"
#include "suite.h"
#include "udmabuf.h"

#define FIRST ((size_t)2)	/* page of the mapping in the dma-buf: its offset counts */
#define PAGES (FIRST + RIG_WRITE_ROOM / memory_page())
#define DESCRIPTORS 1024	/* a leak is among the first */

static struct pci_ext_memory
part_of(int fd, size_t offset, const struct span *span)
{
	return (struct pci_ext_memory){
		.addr = span->addr,
		.iova = span->iova,
		.len = span->len,
		.is_dmabuf = 1,
		.fd = fd,
		.offset = offset,
	};
}

static bool
must_call(struct test *t, int fd, size_t offset, struct span span, int error)
{
	const struct pci_ext_memory part = part_of(fd, offset, &span);

	return must_map_memory(t, &part, error);
}

static bool
is_to_be_had(struct test *t)
{
	const char *advice;
	int ret;

	if (plugin_map() == NULL) {
		test_skip(t, "pci_ext, which maps dma-bufs (pci_ext_dma_map), is not "
			"loaded");
		return false;
	}
	ret = udmabuf_probe();
	if (ret == 0)
		return true;
	advice = udmabuf_advice(-ret);
	test_skip(t, "no dma-buf: %s", advice != NULL ? advice : error_name(-ret));
	return false;
}

/* Refused by the bus, whatever the device. */
static bool
refuse_wrong_ones(struct test *t, const struct memory *memory)
{
	const size_t page = memory_page();

	return must_call(t, -1, 0, test_pages(memory, 0, 1), EBADF) &&
	       must_call(t, memory->fd, memory->len - page, test_pages(memory, 0, 2), EINVAL) &&
	       must_call(t, memory->fd, 64, test_pages(memory, 0, 1), EINVAL);
}

/* A file without a dma-buf, as large as one. */
static bool
refuse_file(struct test *t, const struct memory *memory)
{
	int fd = memfd_create("dmamap-conformance", MFD_CLOEXEC);
	bool good = fd >= 0 && ftruncate(fd, (off_t)memory->len) == 0;

	good = test_check(t, good, "memfd_create: %s", error_name(errno)) &&
		must_call(t, fd, 0, test_pages(memory, 0, 1), EINVAL);
	if (fd >= 0)
		close(fd);
	return good;
}

/* Of the range that is mapped of the dma-buf. */
static bool
refuse_others(struct test *t, const struct memory *memory, struct span span)
{
	int fd = udmabuf_create(memory->len);
	bool good;

	good = test_check(t, fd >= 0, "a second dma-buf: %s", error_name(-fd)) &&
		must_call(t, fd, FIRST * memory_page(), span, EEXIST);
	if (fd >= 0)
		close(fd);
	return good && must_call(t, memory->fd, 0, span, EEXIST) &&
		must_not_map(t, span, EEXIST, 0);
}

/* Twice mapped: both references end, and with them the device's access. */
static bool
use_and_unmap(struct test *t, struct span span)
{
	return must_read(t, span) && must_write(t, span) && must_unmap(t, span) &&
		must_read(t, span) && must_unmap(t, span) && must_not_read(t, span) &&
		must_not_unmap(t, span, ENOENT, 0);
}

static void
try_mapping(struct test *t, struct memory *memory, struct span span)
{
	if (!refuse_file(t, memory) || !refuse_others(t, memory, span) ||
			!must_call(t, memory->fd, FIRST * memory_page(), span, 0))
		return;
	close(memory->fd);
	memory->fd = -1;
	use_and_unmap(t, span);
}

/* As any memory of the process; where the kernel does not let it be pinned, it says so. */
static void
try_addresses(struct test *t, struct span span)
{
	struct outcome outcome = call_map(t->rig, &span);

	if (outcome.ret != 0) {
		test_note(t, "its addresses cannot be mapped either: %s",
			error_name(outcome.error));
		test_check(t, outcome.error == EFAULT,
			"map of its addresses: expected 0 or EFAULT, got %s",
			error_name(outcome.error));
	} else if (test_mapped(t, t->rig, span) && must_read(t, span) && must_unmap(t, span)) {
		must_not_read(t, span);
	}
}

static unsigned int
count_descriptors(const struct stat *of)
{
	unsigned int n = 0;
	struct stat file;
	int fd;

	for (fd = 0; fd < DESCRIPTORS; fd++)
		n += fstat(fd, &file) == 0 && file.st_dev == of->st_dev &&
			file.st_ino == of->st_ino;
	return n;
}

/* The bus holds one as long as it has a mapping. */
static void
check_descriptors(struct test *t, struct memory *memory, const struct stat *file)
{
	unsigned int left;

	if (memory->fd >= 0)
		close(memory->fd);
	memory->fd = -1;
	left = count_descriptors(file);
	if (t->verdict == VERDICT_OK)
		test_check(t, left == 0, "%u descriptors of the dma-buf are left", left);
}

void
case_dmabuf(struct test *t)
{
	struct pci_ext_memory part;
	struct memory *memory;
	struct outcome first;
	struct span span;
	struct stat file;

	if (!is_to_be_had(t))
		return;
	memory = test_memory_of(t, MEMORY_DMABUF, PAGES * memory_page());
	if (memory == NULL || !refuse_wrong_ones(t, memory))
		return;
	fstat(memory->fd, &file);
	span = test_pages(memory, FIRST, PAGES - FIRST);
	logs_expect("Operation not supported: ");
	part = part_of(memory->fd, FIRST * memory_page(), &span);
	first = call_map_memory(t->rig, &part);
	if (first.ret == 0 && test_mapped(t, t->rig, span))
		try_mapping(t, memory, span);
	else if (judge_map_memory(t, &part, first, ENOTSUP) && must_leave_nothing(t, span))
		try_addresses(t, span);
	check_descriptors(t, memory, &file);
}
