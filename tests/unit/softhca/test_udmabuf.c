/* SPDX-License-Identifier: BSD-3-Clause */
/* Dma-bufs of /dev/udmabuf: by the kernel where there is one for us, else by its stand-in. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <linux/udmabuf.h>

#include <cmocka.h>

#include "udmabuf.h"

#define PAGE 4096u
#define DMA_BUF_MAGIC 0x444d4142

static long
magic_of(int fd)
{
	struct statfs fs;

	assert_int_equal(fstatfs(fd, &fs), 0);
	return (long)fs.f_type;
}

static int
memfd_of(size_t len, int seals)
{
	int fd = memfd_create("memory", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

/* The errno of UDMABUF_CREATE, or 0. */
static int
create_error(struct udmabuf_create create)
{
	int device = open("/dev/udmabuf", O_RDWR | O_CLOEXEC), fd, error;

	assert_true(device >= 0);
	fd = ioctl(device, UDMABUF_CREATE, &create);
	error = errno;
	close(device);
	if (fd < 0)
		return error;
	close(fd);
	return 0;
}

static void
a_dma_buf_is_told_from_a_memfd(void **state)
{
	int fd = udmabuf_create(2 * PAGE), memfd = memfd_of(2 * PAGE, F_SEAL_SHRINK);

	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(lseek(fd, 0, SEEK_END), 2 * PAGE);
	assert_int_equal(magic_of(fd), DMA_BUF_MAGIC);
	assert_int_not_equal(magic_of(memfd), DMA_BUF_MAGIC);
	close(memfd);
	close(fd);
}

static void
it_has_the_pages_of_its_memfd(void **state)
{
	int memfd = memfd_of(PAGE, F_SEAL_SHRINK), device = open("/dev/udmabuf", O_RDWR), fd;
	struct udmabuf_create create = {.memfd = (unsigned int)memfd, .size = PAGE};
	const int prot = PROT_READ | PROT_WRITE;
	char *a, *b;

	assert_true(device >= 0);
	fd = ioctl(device, UDMABUF_CREATE, &create);
	assert_true(fd >= 0);
	close(device);
	a = mmap(NULL, PAGE, prot, MAP_SHARED, memfd, 0);
	close(memfd);
	b = mmap(NULL, PAGE, prot, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(a != MAP_FAILED && b != MAP_FAILED);
	a[17] = 42;
	assert_int_equal(b[17], 42);
	munmap(a, PAGE);
	munmap(b, PAGE);
}

static void
what_the_kernel_refuses_is_refused(void **state)
{
	unsigned int good = (unsigned int)memfd_of(PAGE, F_SEAL_SHRINK);
	unsigned int shrinks = (unsigned int)memfd_of(PAGE, F_SEAL_GROW);
	unsigned int fixed = (unsigned int)memfd_of(PAGE, F_SEAL_SHRINK | F_SEAL_WRITE);
	int plain = open("/proc/self/exe", O_RDONLY);

	assert_int_equal(create_error((struct udmabuf_create){.memfd = good, .size = PAGE}), 0);
	assert_int_equal(create_error((struct udmabuf_create){good, 0, 1, PAGE - 1}), EINVAL);
	assert_int_equal(create_error((struct udmabuf_create){good, 0, 1, PAGE}), EINVAL);
	assert_int_equal(create_error((struct udmabuf_create){good, 0, 0, 0}), EINVAL);
	assert_int_equal(create_error((struct udmabuf_create){shrinks, 0, 0, PAGE}), EINVAL);
	assert_int_equal(create_error((struct udmabuf_create){fixed, 0, 0, PAGE}), EINVAL);
	assert_int_equal(create_error((struct udmabuf_create){~0u, 0, 0, PAGE}), EBADFD);
	assert_int_equal(create_error((struct udmabuf_create){(unsigned int)plain, 0, 0, PAGE}),
		EBADFD);
	close(plain);
	close((int)fixed);
	close((int)shrinks);
	close((int)good);
}

/* All other files and requests are the kernel's. */
static void
other_calls_go_through(void **state)
{
	char name[] = "/tmp/test_udmabuf.XXXXXX";
	int fd = mkstemp(name), waiting = -1, pipes[2];

	assert_true(fd >= 0);
	close(fd);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_int_equal(fd, -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(name), 0);
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "abc", 3), 3);
	close(fd);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(pipe(pipes), 0);
	assert_int_equal(write(pipes[1], "abcd", 4), 4);
	assert_int_equal(ioctl(pipes[0], FIONREAD, &waiting), 0);
	assert_int_equal(waiting, 4);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(open("/nonexistent/file", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_dma_buf_is_told_from_a_memfd),
		cmocka_unit_test(it_has_the_pages_of_its_memfd),
		cmocka_unit_test(what_the_kernel_refuses_is_refused),
		cmocka_unit_test(other_calls_go_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
