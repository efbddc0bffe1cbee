/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns DPDK's log stream.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_log.h>

#include "logs.h"

static const char *_Atomic wanted;
static atomic_bool came;

/* Called with whole lines, since the stream is line-buffered. */
static ssize_t
pass_on(void *cookie, const char *text, size_t len)
{
	const char *words = atomic_load(&wanted);

	if (words != NULL && memmem(text, len, words, strlen(words)) != NULL)
		atomic_store(&came, true);
	return write(STDERR_FILENO, text, len);
}

void
logs_watch(void)
{
	FILE *stream = fopencookie(NULL, "w", (cookie_io_functions_t){.write = pass_on});

	if (stream == NULL)
		return;
	setvbuf(stream, NULL, _IOLBF, 1024);
	rte_openlog_stream(stream);
}

void
logs_expect(const char *text)
{
	atomic_store(&came, false);
	atomic_store(&wanted, text);
}

bool
logs_came(void)
{
	return atomic_load(&came);
}
