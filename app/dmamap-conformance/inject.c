/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the functions that interpose those of the libraries. libc's allocators are not interposed
 * under a sanitizer, which has its own.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include <rte_malloc.h>

#include "inject.h"
#include "sanitizer.h"

static __thread unsigned int armed;	/* of enum inject_set */
static __thread unsigned int left;	/* calls left until the failure */
static __thread const char *hit;
static size_t truncate_len;
static unsigned int truncated;

void
inject_arm(unsigned int set, unsigned int n)
{
	hit = NULL;
	left = n;
	armed = set;
}

const char *
inject_disarm(void)
{
	armed = 0;
	return hit;
}

void
inject_truncate(size_t len)
{
	truncate_len = len;
	truncated = 0;
}

unsigned int
inject_truncated(void)
{
	return truncated;
}

static bool
shall_fail(unsigned int set, const char *name)
{
	if ((armed & set) == 0 || left == 0 || --left > 0)
		return false;
	hit = name;
	errno = ENOMEM;
	return true;
}

#define NEXT(type, name) ((type)(uintptr_t)dlsym(RTLD_NEXT, name))

int
ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, ...);
	va_list ap;
	void *arg;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (shall_fail(INJECT_CALLS, "ioctl"))
		return -1;
	if (next == NULL)
		next = NEXT(int (*)(int, unsigned long, ...), "ioctl");
	return next(fd, request, arg);
}

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	static void *(*next)(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

	if (shall_fail(INJECT_CALLS, "mmap"))
		return MAP_FAILED;
	if (next == NULL)
		next = NEXT(void *(*)(void *, size_t, int, int, int, off_t), "mmap");
	return next(addr, len, prot, flags, fd, offset);
}

/* Declared here, as the suite must not depend on the header of libibverbs. */
void *ibv_reg_mr(void *pd, void *addr, size_t len, int access);
void *ibv_reg_mr_iova2(void *pd, void *addr, size_t len, uint64_t iova, unsigned int access);

static size_t
cut(size_t len)
{
	if (truncate_len == 0 || len <= truncate_len)
		return len;
	truncated++;
	return truncate_len;
}

/*
 * RTLD_NEXT finds a preloaded replacement of libibverbs, but not libibverbs itself, which a plugin
 * loads into its own local scope.
 */
static void *
find_verbs(const char *name)
{
	void *verbs, *next = dlsym(RTLD_NEXT, name);

	if (next != NULL)
		return next;
	verbs = dlopen("libibverbs.so.1", RTLD_NOW | RTLD_NOLOAD);
	return verbs == NULL ? NULL : dlsym(verbs, name);
}

void *
ibv_reg_mr(void *pd, void *addr, size_t len, int access)
{
	static void *(*next)(void *pd, void *addr, size_t len, int access);

	if (shall_fail(INJECT_CALLS, "ibv_reg_mr"))
		return NULL;
	if (next == NULL)
		next = (void *(*)(void *, void *, size_t, int))(uintptr_t)find_verbs("ibv_reg_mr");
	return next(pd, addr, cut(len), access);
}

void *
ibv_reg_mr_iova2(void *pd, void *addr, size_t len, uint64_t iova, unsigned int access)
{
	static void *(*next)(void *pd, void *addr, size_t len, uint64_t iova, unsigned int access);

	if (shall_fail(INJECT_CALLS, "ibv_reg_mr_iova2"))
		return NULL;
	if (next == NULL)
		next = (void *(*)(void *, void *, size_t, uint64_t, unsigned int))(uintptr_t)
			find_verbs("ibv_reg_mr_iova2");
	return next(pd, addr, cut(len), iova, access);
}

void *
rte_malloc(const char *type, size_t size, unsigned int align)
{
	static void *(*next)(const char *type, size_t size, unsigned int align);

	if (shall_fail(INJECT_MEMORY, "rte_malloc"))
		return NULL;
	if (next == NULL)
		next = NEXT(void *(*)(const char *, size_t, unsigned int), "rte_malloc");
	return next(type, size, align);
}

void *
rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	static void *(*next)(const char *type, size_t size, unsigned int align);

	if (shall_fail(INJECT_MEMORY, "rte_zmalloc"))
		return NULL;
	if (next == NULL)
		next = NEXT(void *(*)(const char *, size_t, unsigned int), "rte_zmalloc");
	return next(type, size, align);
}

#if !SANITIZER_ADDRESS && !SANITIZER_THREAD && defined(__GLIBC__)
/*
 * libc exports its allocators under these names too, so no look-up is necessary while allocating.
 */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

void *
malloc(size_t size)
{
	return shall_fail(INJECT_MEMORY, "malloc") ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return shall_fail(INJECT_MEMORY, "calloc") ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return shall_fail(INJECT_MEMORY, "realloc") ? NULL : __libc_realloc(old, size);
}
#endif
