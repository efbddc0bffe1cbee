/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/settings.h"

static struct hca_settings settings;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool
is(const char *name, const char *value)
{
	const char *got = getenv(name);

	return got != NULL && strcmp(got, value) == 0;
}

static void
read_environment(void)
{
	const char *faults = getenv("SOFTHCA_FAULTS"), *status = getenv("SOFTHCA_STATUS");
	const char *allow = getenv("SOFTHCA_ALLOW");

	settings = (struct hca_settings){
		.dir = getenv("SOFTHCA_DIR"),
		.cable = getenv("SOFTHCA_CABLE"),
		.faults = faults != NULL ? faults : "",
		.allow = allow != NULL ? allow : "",
		.step = is("SOFTHCA_MODE", "step"),
		.cross = is("SOFTHCA_WIRE", "cross"),
		.empw = is("SOFTHCA_MPW", "1"),
		.strict = is("SOFTHCA_STRICT", "1"),
		.check = is("SOFTHCA_CHECK", "1"),
		.pause = is("SOFTHCA_PAUSE", "1"),
		.pin = is("SOFTHCA_PIN", "1"),
		.stats = is("SOFTHCA_STATS", "1"),
		.trace = is("SOFTHCA_TRACE", "1"),
		.status = status != NULL ? atoi(status) : 0,
	};
}

const struct hca_settings *
hca_settings(void)
{
	pthread_once(&once, read_environment);
	return &settings;
}
