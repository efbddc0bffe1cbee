/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Is a text one JSON value (RFC 8259) and nothing else? Numbers, strings, true, false, null,
 * arrays and objects; enough for a test, slow for anything else.
 */
#ifndef TEST_JSON_CHECK_H
#define TEST_JSON_CHECK_H

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char *json_value(const char *p);

static const char *
json_string(const char *p)
{
	if (p == NULL || *p++ != '"')
		return NULL;
	for (; *p != '"'; p++) {
		if ((unsigned char)*p < 0x20)
			return NULL;
		if (*p != '\\')
			continue;
		p++;
		if (*p == 'u') {
			if (strspn(p + 1, "0123456789abcdefABCDEF") < 4)
				return NULL;
			p += 4;
		} else if (*p == '\0' || strchr("\"\\/bfnrt", *p) == NULL) {
			return NULL;
		}
	}
	return p + 1;
}

static const char *
json_number(const char *p)
{
	char *end;

	if (!isdigit((unsigned char)p[*p == '-']))
		return NULL;
	strtod(p, &end);
	return end;
}

static const char *
json_member(const char *p, bool named)
{
	if (!named)
		return json_value(p);
	p = json_string(p);
	return p != NULL && *p == ':' ? json_value(p + 1) : NULL;
}

static const char *
json_list(const char *p, char close)
{
	if (p[1] == close)
		return p + 2;
	do {
		p = json_member(p + 1, close == '}');
	} while (p != NULL && *p == ',');
	return p != NULL && *p == close ? p + 1 : NULL;
}

static const char *
json_value(const char *p)
{
	static const char *const words[] = {"true", "false", "null"};
	size_t i;

	if (*p == '{' || *p == '[')
		return json_list(p, *p == '{' ? '}' : ']');
	if (*p == '"')
		return json_string(p);
	for (i = 0; i < 3; i++)
		if (strncmp(p, words[i], strlen(words[i])) == 0)
			return p + strlen(words[i]);
	return json_number(p);
}

static inline bool
json_is_valid(const char *text)
{
	const char *end = json_value(text);

	return end != NULL && strcmp(end, "\n") == 0;
}

#endif
