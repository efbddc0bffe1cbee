/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the format of the list of expected failures.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "expect.h"
#include "suite.h"

static char *
strip(char *text)
{
	size_t len;

	while (isspace((unsigned char)*text))
		text++;
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';
	return text;
}

static int
add(struct expect *expect, const char *name, const char *reason, char *err, size_t size)
{
	const struct suite_case *c = suite_find(name);

	if (c == NULL || expect->n == EXPECT_MAX) {
		snprintf(err, size, "--expect-fail: no case %s", name);
		return -EINVAL;
	}
	snprintf(expect->names[expect->n], sizeof(expect->names[0]), "%s", c->name);
	snprintf(expect->reasons[expect->n++], sizeof(expect->reasons[0]), "%s", reason);
	return 0;
}

/* "22.11" is 2211. Returns what follows it, or NULL. */
static const char *
read_release(const char *text, unsigned int *release)
{
	unsigned int year, month;
	int used = 0;

	if (sscanf(text, "%2u.%2u%n", &year, &month, &used) != 2)
		return NULL;
	*release = year * 100 + month;
	return text + used;
}

/* "22.11", "22.11-26.03", "22.11-" or "-26.03". False if it is something else. */
static bool
read_releases(const char *text, unsigned int *first, unsigned int *last)
{
	*first = 0;
	*last = UINT_MAX;
	if (*text != '-')
		text = read_release(text, first);
	if (text != NULL && *text == '\0') {
		*last = *first;
		return true;
	}
	if (text == NULL || *text++ != '-')
		return false;
	if (*text != '\0')
		text = read_release(text, last);
	return text != NULL && *text == '\0';
}

/* A name, and possibly releases of DPDK: it is a failure in these alone. */
static int
add_line(struct expect *expect, char *line, const char *reason, unsigned int release, char *err,
	size_t size)
{
	char *releases = line + strcspn(line, " \t");
	unsigned int first, last;

	if (*releases == '\0')
		return add(expect, line, reason, err, size);
	*releases++ = '\0';
	releases = strip(releases);
	if (!read_releases(releases, &first, &last) || first > last) {
		snprintf(err, size,
			"--expect-fail: %s: %s is no range of releases, such as 22.11-26.03",
			line, releases);
		return -EINVAL;
	}
	/* A name that is no case is an error in any release. */
	if (suite_find(line) != NULL && (release < first || release > last))
		return 0;
	return add(expect, line, reason, err, size);
}

static int
read_file(struct expect *expect, FILE *file, unsigned int release, char *err, size_t size)
{
	char line[512], *comment, *name;
	int ret = 0;

	while (ret == 0 && fgets(line, sizeof(line), file) != NULL) {
		comment = strchr(line, '#');
		if (comment != NULL)
			*comment++ = '\0';
		name = strip(line);
		if (*name != '\0')
			ret = add_line(expect, name, comment != NULL ? strip(comment) : "",
				release, err, size);
	}
	return ret;
}

static int
read_names(struct expect *expect, const char *text, char *err, size_t size)
{
	char copy[1024], *save = NULL, *name;
	int ret = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (name = strtok_r(copy, ",", &save); name != NULL && ret == 0;
			name = strtok_r(NULL, ",", &save))
		ret = add(expect, strip(name), "", err, size);
	return ret;
}

int
expect_read(struct expect *expect, const char *text, unsigned int release, char *err, size_t size)
{
	FILE *file = fopen(text, "r");
	int ret;

	if (file == NULL)
		return read_names(expect, text, err, size);
	ret = read_file(expect, file, release, err, size);
	fclose(file);
	return ret;
}

const char *
expect_reason(const struct expect *expect, const char *name)
{
	unsigned int i;

	for (i = 0; i < expect->n; i++)
		if (strcmp(expect->names[i], name) == 0)
			return expect->reasons[i];
	return NULL;
}
