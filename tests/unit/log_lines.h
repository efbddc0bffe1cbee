/* SPDX-License-Identifier: BSD-3-Clause */
/* log_lines.h - the lines of EAL's log between log_open() and log_close(). For one test program. */
#ifndef LOG_LINES_H_
#define LOG_LINES_H_

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_log.h>

static FILE *log_stream;

static inline void
log_open(void)
{
	log_stream = tmpfile();
	rte_openlog_stream(log_stream);
}

static inline void
log_close(void)
{
	rte_openlog_stream(NULL);
	fclose(log_stream);
}

/* The same, for cmocka. */
static inline int
log_tear_down(void **state)
{
	log_close();
	return 0;
}

static inline unsigned int
count_lines(void)
{
	unsigned int n = 0;
	int c;

	rewind(log_stream);
	while ((c = fgetc(log_stream)) != EOF)
		n += c == '\n';
	return n;
}

static inline bool
log_has(const char *text)
{
	char line[512];
	bool found = false;

	rewind(log_stream);
	while (fgets(line, sizeof(line), log_stream) != NULL)
		found |= strstr(line, text) != NULL;
	return found;
}

#endif
