/* SPDX-License-Identifier: BSD-3-Clause */
/* dmabuf.c, with memfds, which have an inode each as dma-bufs do. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/dmabuf.h"
#include "descriptors.h"
#include "unit.h"

#define NAME "dmabuf test"
#define SIZE 0x4000

static int fd;

static int
reset(void **state)
{
	fd = memfd_create(NAME, 0);
	return fd < 0 || ftruncate(fd, SIZE) != 0;
}

static int
cleanup(void **state)
{
	close(fd);
	return count_descriptors(NAME);
}

static void
it_has_a_descriptor_of_its_own(void **state)
{
	struct pci_ext_dmabuf *dmabuf;

	assert_int_equal(pci_ext_dmabuf_create(fd, 0x1000, 0x1000, &dmabuf), 0);
	assert_int_not_equal(dmabuf->fd, fd);
	assert_int_equal(dmabuf->offset, 0x1000);
	assert_int_equal(fcntl(dmabuf->fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(count_descriptors(NAME), 2);
	close(fd);
	assert_int_equal(ftruncate(dmabuf->fd, SIZE), 0);
	pci_ext_dmabuf_destroy(dmabuf);
	assert_int_equal(count_descriptors(NAME), 0);
	pci_ext_dmabuf_destroy(NULL);
}

/* Which daemon(3) replaces, and others who take them to be open. */
static void
it_is_none_of_stdio(void **state)
{
	int kept = dup(STDIN_FILENO);
	struct pci_ext_dmabuf *dmabuf;

	close(STDIN_FILENO);
	assert_int_equal(pci_ext_dmabuf_create(fd, 0, 1, &dmabuf), 0);
	if (kept >= 0) {
		dup2(kept, STDIN_FILENO);
		close(kept);
	}
	assert_true(dmabuf->fd > STDERR_FILENO);
	pci_ext_dmabuf_destroy(dmabuf);
}

static void
what_is_not_in_the_file_is_einval(void **state)
{
	static const struct {
		uint64_t offset, len;
	} ranges[] = {
		{0, SIZE + 1},
		{SIZE, 1},
		{SIZE + 1, 1},
		{1, UINT64_MAX},
		{UINT64_MAX, 1},
		{UINT64_MAX, UINT64_MAX},
	};
	struct pci_ext_dmabuf *dmabuf;
	size_t i;

	for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		assert_int_equal(
			pci_ext_dmabuf_create(fd, ranges[i].offset, ranges[i].len, &dmabuf),
			-EINVAL);
	assert_int_equal(pci_ext_dmabuf_create(fd, 0, SIZE, &dmabuf), 0);
	pci_ext_dmabuf_destroy(dmabuf);
	assert_int_equal(pci_ext_dmabuf_create(fd, SIZE - 1, 1, &dmabuf), 0);
	pci_ext_dmabuf_destroy(dmabuf);
}

static void
a_closed_descriptor_is_ebadf(void **state)
{
	struct pci_ext_dmabuf *dmabuf;

	close(fd);
	assert_int_equal(pci_ext_dmabuf_create(fd, 0, 1, &dmabuf), -EBADF);
	assert_int_equal(pci_ext_dmabuf_create(-1, 0, 1, &dmabuf), -EBADF);
}

static void
too_many_descriptors_are_emfile(void **state)
{
	struct rlimit before, low;
	struct pci_ext_dmabuf *dmabuf;
	int ret;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	low = before;
	low.rlim_cur = 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
	ret = pci_ext_dmabuf_create(fd, 0, 1, &dmabuf);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(ret, -EMFILE);
}

static void
the_file_and_the_offset_identify_it(void **state)
{
	struct pci_ext_dmabuf *one, *same, *later, *other;
	int again = dup(fd), another = memfd_create(NAME, 0);

	assert_int_equal(ftruncate(another, SIZE), 0);
	assert_int_equal(pci_ext_dmabuf_create(fd, 0x1000, 1, &one), 0);
	assert_int_equal(pci_ext_dmabuf_create(again, 0x1000, 0x2000, &same), 0);
	assert_int_equal(pci_ext_dmabuf_create(fd, 0x2000, 1, &later), 0);
	assert_int_equal(pci_ext_dmabuf_create(another, 0x1000, 1, &other), 0);
	close(again);
	close(another);
	assert_true(pci_ext_dmabuf_is_same(one, one));
	assert_true(pci_ext_dmabuf_is_same(one, same));
	assert_false(pci_ext_dmabuf_is_same(one, later));
	assert_false(pci_ext_dmabuf_is_same(one, other));
	assert_false(pci_ext_dmabuf_is_same(one, NULL));
	assert_false(pci_ext_dmabuf_is_same(NULL, one));
	assert_true(pci_ext_dmabuf_is_same(NULL, NULL));
	pci_ext_dmabuf_destroy(one);
	pci_ext_dmabuf_destroy(same);
	pci_ext_dmabuf_destroy(later);
	pci_ext_dmabuf_destroy(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, reset, cleanup)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(it_has_a_descriptor_of_its_own),
		TEST(it_is_none_of_stdio),
		TEST(what_is_not_in_the_file_is_einval),
		TEST(a_closed_descriptor_is_ebadf),
		TEST(too_many_descriptors_are_emfile),
		TEST(the_file_and_the_offset_identify_it),
	};

	return cmocka_run_group_tests_name("dmabuf", tests, NULL, NULL);
}
