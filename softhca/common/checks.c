/* SPDX-License-Identifier: BSD-3-Clause */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/checks.h"
#include "common/export.h"
#include "common/settings.h"

/* How often one check is told in full; it is counted always. */
#define TOLD_IN_FULL 5

static const char *const names[HCA_CHECKS] = {
	[HCA_FINE] = "fine",
	[HCA_SQ_DOORBELL] = "sq.doorbell",
	[HCA_SQ_UAR] = "sq.uar",
	[HCA_SQ_STATE] = "sq.state",
	[HCA_SQ_OVERWRITE] = "sq.overwrite",
	[HCA_SQ_INDEX] = "sq.index",
	[HCA_SQ_QPN] = "sq.qpn",
	[HCA_SQ_OPCODE] = "sq.opcode",
	[HCA_SQ_DS] = "sq.ds",
	[HCA_SQ_EXTENT] = "sq.extent",
	[HCA_SQ_RESERVED] = "sq.reserved",
	[HCA_SQ_INLINE] = "sq.inline",
	[HCA_SQ_INLINE_MIN] = "sq.inline_min",
	[HCA_SQ_VLAN] = "sq.vlan",
	[HCA_SQ_ZERO_SEGMENT] = "sq.zero_segment",
	[HCA_SQ_LENGTH] = "sq.length",
	[HCA_RQ_DOORBELL] = "rq.doorbell",
	[HCA_RQ_RECORD] = "rq.record",
	[HCA_RQ_ZERO_SEGMENT] = "rq.zero_segment",
	[HCA_RQ_LENGTH] = "rq.length",
	[HCA_CQ_OVERRUN] = "cq.overrun",
	[HCA_CQ_DOORBELL] = "cq.doorbell",
	[HCA_CQ_ARM] = "cq.arm",
	[HCA_CQ_FORMAT] = "cq.format",
	[HCA_CQ_UNACKED] = "cq.unacked",
	[HCA_EVENT_UNACKED] = "event.unacked",
	[HCA_KEY_UNKNOWN] = "key.unknown",
	[HCA_KEY_DEAD] = "key.dead",
	[HCA_KEY_PD] = "key.pd",
	[HCA_KEY_RANGE] = "key.range",
	[HCA_KEY_ACCESS] = "key.access",
	[HCA_KEY_IN_USE] = "key.in_use",
	[HCA_MEMORY_GONE] = "memory.gone",
	[HCA_FRAME_BYTES] = "frame.bytes",
	[HCA_FRAME_LOST] = "frame.lost",
	[HCA_FRAME_REPEATED] = "frame.repeated",
	[HCA_LEAK] = "leak",
};

/* Hardware does not mind, as far as is known: a driver that does so errs, or merely is untidy. */
static const bool minded_by_none[HCA_CHECKS] = {
	[HCA_KEY_IN_USE] = true,
	[HCA_LEAK] = true,
};

static uint64_t counts[HCA_CHECKS];

/* One of the names in a list with commas. */
static bool
is_listed(const char *list, const char *name)
{
	size_t len = strlen(name), n;

	for (;; list += n + 1) {
		n = strcspn(list, ",");
		if (n == len && memcmp(list, name, len) == 0)
			return true;
		if (list[n] == '\0')
			return false;
	}
}

static bool
is_advice(enum hca_check check)
{
	return (minded_by_none[check] && !hca_settings()->strict) ||
		is_listed(hca_settings()->allow, names[check]);
}

const char *
hca_check_name(enum hca_check check)
{
	return names[check];
}

static void
print_bytes(FILE *out, const uint8_t *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		fprintf(out, "%s%02x",
			i % 16 == 0 ? "\nsofthca:   " : i % 4 == 0 ? " " : "", bytes[i]);
}

/* One write, so that lines of several threads do not mix. */
void
hca_violation(enum hca_check check, const struct hca_place *place, const char *format, ...)
{
	uint64_t count = __atomic_add_fetch(&counts[check], 1, __ATOMIC_RELAXED);
	char text[8192];	/* the longest WQE is 63 lines */
	FILE *out;
	va_list ap;

	if (count > TOLD_IN_FULL)
		return;
	out = fmemopen(text, sizeof(text), "w");
	if (out == NULL)
		return;
	fprintf(out, "softhca: %s %s: %s %s %#x index %u: ",
		is_advice(check) ? "ADVICE" : "VIOLATION", names[check], place->device, place->what,
		place->number, place->index);
	va_start(ap, format);
	vfprintf(out, format, ap);
	va_end(ap);
	if (place->bytes != NULL)
		print_bytes(out, place->bytes, place->len);
	if (count == TOLD_IN_FULL)
		fprintf(out, "\nsofthca: further ones of %s are only counted", names[check]);
	fclose(out);
	fprintf(stderr, "%s\n", text);
}

EXPORT uint64_t
softhca_violations(const char *name)
{
	uint64_t sum = 0;
	int i;

	for (i = 0; i < HCA_CHECKS; i++)
		if (name == NULL || strcmp(name, names[i]) == 0)
			sum += __atomic_load_n(&counts[i], __ATOMIC_RELAXED);
	return sum;
}

EXPORT void
softhca_forget_violations(void)
{
	int i;

	for (i = 0; i < HCA_CHECKS; i++)
		__atomic_store_n(&counts[i], 0, __ATOMIC_RELAXED);
}

void
hca_trace(const char *format, ...)
{
	char text[512];
	va_list ap;

	if (!hca_settings()->trace)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fprintf(stderr, "softhca: %s\n", text);
}

/* True: there were some. */
static bool
print_counts(const char *title, bool advice)
{
	bool any = false;
	int i;

	for (i = 0; i < HCA_CHECKS; i++) {
		if (counts[i] == 0 || is_advice(i) != advice)
			continue;
		if (!any)
			fprintf(stderr, "softhca: %s:", title);
		fprintf(stderr, " %s %lu", names[i], (unsigned long)counts[i]);
		any = true;
	}
	if (any)
		fputc('\n', stderr);
	return any;
}

/*
 * A name that no rule has would allow nothing, unnoticed. The settings are not read yet: tests make
 * theirs later.
 */
__attribute__((constructor)) static void
check_allowed(void)
{
	const char *at = getenv("SOFTHCA_ALLOW");
	char name[64];
	size_t n;
	int i;

	for (; at != NULL && *at != '\0'; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		snprintf(name, sizeof(name), "%.*s", (int)n, at);
		for (i = 0; i < HCA_CHECKS && strcmp(names[i], name) != 0; i++)
			;
		if (i == HCA_CHECKS)
			fprintf(stderr, "softhca: SOFTHCA_ALLOW: no rule %s\n", name);
	}
}

/* Last of all: a program that broke a rule does not pass for one that worked. */
__attribute__((destructor)) static void
conclude(void)
{
	int status = hca_settings()->status;

	print_counts("advice", true);
	if (!print_counts("violations", false) || status == 0)
		return;
	fflush(NULL);
	_exit(status);
}
