/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fake_telemetry.h - replaces DPDK's telemetry: keeps registered commands, and writes an answer as
 * text, {name=value,...} and [value,...]. For one test program.
 */
#ifndef FAKE_TELEMETRY_H_
#define FAKE_TELEMETRY_H_

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_common.h>
#include <rte_telemetry.h>

#include "compat_telemetry.h"

struct rte_tel_data {
	char text[65536];
	size_t len;
	char closing;	/* bracket that ends the answer; 0: none begun */
};

static struct {
	const char *cmd;
	telemetry_cb func;
} tel_cmds[8];

static unsigned int tel_nb_cmds;
static int tel_live;		/* allocated, neither freed nor part of another one */
static int tel_allocs_left;	/* allocations before a failure; negative: none fails */

int
rte_telemetry_register_cmd(const char *cmd, telemetry_cb func, const char *help)
{
	assert_true(tel_nb_cmds < RTE_DIM(tel_cmds));
	assert_true(help != NULL && help[0] != '\0');
	tel_cmds[tel_nb_cmds].cmd = cmd;
	tel_cmds[tel_nb_cmds++].func = func;
	return 0;
}

struct rte_tel_data *
rte_tel_data_alloc(void)
{
	if (tel_allocs_left == 0)
		return NULL;
	tel_allocs_left--;
	tel_live++;
	return calloc(1, sizeof(struct rte_tel_data));
}

void
rte_tel_data_free(struct rte_tel_data *d)
{
	tel_live -= d != NULL;
	free(d);
}

__rte_format_printf(2, 3)
static int
tel_write(struct rte_tel_data *d, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(d->text + d->len, sizeof(d->text) - d->len, format, args);
	va_end(args);
	assert_true(n >= 0 && d->len + n < sizeof(d->text));
	d->len += n;
	return 0;
}

static int
tel_begin(struct rte_tel_data *d, const char *opening, char closing)
{
	d->len = 0;
	d->closing = closing;
	return tel_write(d, "%s", opening);
}

int
rte_tel_data_start_dict(struct rte_tel_data *d)
{
	return tel_begin(d, "{", '}');
}

int
rte_tel_data_start_array(struct rte_tel_data *d, enum rte_tel_value_type type)
{
	assert_int_equal(type, RTE_TEL_INT_VAL);
	return tel_begin(d, "[", ']');
}

int
rte_tel_data_add_array_int(struct rte_tel_data *d, compat_tel_int value)
{
	assert_int_equal(d->closing, ']');
	return tel_write(d, "%" PRId64 ",", (int64_t)value);
}

int
rte_tel_data_add_dict_string(struct rte_tel_data *d, const char *name, const char *value)
{
	assert_int_equal(d->closing, '}');
	return tel_write(d, "%s=%s,", name, value);
}

int
rte_tel_data_add_dict_int(struct rte_tel_data *d, const char *name, compat_tel_int value)
{
	assert_int_equal(d->closing, '}');
	return tel_write(d, "%s=%" PRId64 ",", name, (int64_t)value);
}

int
COMPAT_TEL_ADD_UINT(struct rte_tel_data *d, const char *name, uint64_t value)
{
	assert_int_equal(d->closing, '}');
	return tel_write(d, "%s=%" PRIu64 ",", name, value);
}

/* It belongs to d from here on. */
int
rte_tel_data_add_dict_container(struct rte_tel_data *d, const char *name, struct rte_tel_data *part,
	int keep)
{
	assert_int_equal(d->closing, '}');
	assert_int_not_equal(part->closing, 0);
	assert_int_equal(keep, 0);
	tel_write(d, "%s=%s%c,", name, part->text, part->closing);
	rte_tel_data_free(part);
	return 0;
}

/* Runs the command and returns its result. If that is 0, tel_answer() is its answer. */
static struct rte_tel_data tel_data;

static inline int
tel_ask(const char *cmd, const char *params)
{
	unsigned int i;
	int ret;

	for (i = 0; i < tel_nb_cmds && strcmp(tel_cmds[i].cmd, cmd) != 0; i++)
		;
	assert_true(i < tel_nb_cmds);
	memset(&tel_data, 0, sizeof(tel_data));
	ret = tel_cmds[i].func(cmd, params, &tel_data);
	/* Nothing may be left after any result. */
	assert_int_equal(tel_live, 0);
	return ret;
}

static inline const char *
tel_answer(void)
{
	assert_int_not_equal(tel_data.closing, 0);
	if (tel_data.text[tel_data.len - 1] != tel_data.closing)
		tel_write(&tel_data, "%c", tel_data.closing);
	return tel_data.text;
}

static inline bool
tel_has(const char *text)
{
	return strstr(tel_answer(), text) != NULL;
}

static inline unsigned int
tel_count(const char *text)
{
	const char *at = tel_answer();
	unsigned int n = 0;

	for (; (at = strstr(at, text)) != NULL; at += strlen(text))
		n++;
	return n;
}

#endif
