/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the format of the list of expected failures.
 */
#include <ctype.h>
#include <errno.h>
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

static int
read_file(struct expect *expect, FILE *file, char *err, size_t size)
{
	char line[512], *comment, *name;
	int ret = 0;

	while (ret == 0 && fgets(line, sizeof(line), file) != NULL) {
		comment = strchr(line, '#');
		if (comment != NULL)
			*comment++ = '\0';
		name = strip(line);
		if (*name != '\0')
			ret = add(expect, name, comment != NULL ? strip(comment) : "", err, size);
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
expect_read(struct expect *expect, const char *text, char *err, size_t size)
{
	FILE *file = fopen(text, "r");
	int ret;

	if (file == NULL)
		return read_names(expect, text, err, size);
	ret = read_file(expect, file, err, size);
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
