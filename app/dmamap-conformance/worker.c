/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the life cycle of EAL and the run of a case on all devices under test.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "logs.h"
#include "suite.h"
#include "worker.h"

static struct rig_list rigs;

/* A failure on one device fails the case; it is skipped only if it is skipped on all devices. */
static void
merge(struct test *sum, const struct test *t)
{
	if (t->verdict == VERDICT_FAIL || sum->verdict == VERDICT_SKIP)
		sum->verdict = t->verdict;
	if (t->verdict == VERDICT_SKIP)
		memcpy(sum->reason, t->reason, sizeof(sum->reason));
	sum->spoilt = sum->spoilt || t->spoilt;
}

static void
run_on(const struct suite_case *c, struct rig *rig, FILE *report, struct test *sum)
{
	struct test t = {
		.rig = rig, .other = rig_list_other(&rigs, rig), .rigs = &rigs, .notes = report,
	};

	suite_run(c, &t);
	merge(sum, &t);
}

static bool
run_case(const struct suite_case *c, FILE *report)
{
	struct test sum = {.verdict = VERDICT_SKIP};
	unsigned int i;

	fprintf(report, "begin %u\n", c->number);
	fflush(report);
	for (i = 0; i < rigs.n; i++)
		if (rigs.rigs[i].selected && sum.verdict != VERDICT_FAIL)
			run_on(c, &rigs.rigs[i], report, &sum);
	if (sum.verdict == VERDICT_SKIP)
		fprintf(report, "end skip %s\n", sum.reason);
	else if (sum.verdict == VERDICT_OK && (c->needs & ENDS_PROCESS))
		fprintf(report, "leave\n");
	else
		fprintf(report, "end %s\n", sum.verdict == VERDICT_OK ? "ok" : "fail");
	fflush(report);
	return !sum.spoilt;
}

static bool
is_any_selected(void)
{
	unsigned int i;

	for (i = 0; i < rigs.n; i++)
		if (rigs.rigs[i].selected)
			return true;
	return false;
}

static int
bail(FILE *report, const char *reason)
{
	fprintf(report, "bail %s\n", reason);
	fflush(report);
	return 1;
}

static void
describe_rigs(FILE *report)
{
	unsigned int i;

	for (i = 0; i < rigs.n; i++)
		if (rigs.rigs[i].selected)
			fprintf(report, "device %s: %s, driver %s, rules of %s%s%s\n",
				rigs.rigs[i].name, rigs.rigs[i].ops->kind, rigs.rigs[i].driver,
				rigs.rigs[i].rules == RULES_VFIO ? "vfio" : "driver",
				rigs.rigs[i].peer != NULL ? ", heard by " : "",
				rigs.rigs[i].peer != NULL ? rigs.rigs[i].peer->name : "");
}

static int
run_cases(const struct args *args, FILE *report)
{
	char err[256] = "";
	unsigned int i;

	if (rte_eal_iova_mode() != RTE_IOVA_VA)
		return bail(report, "IOVA mode is PA, where foreign memory has no stable device "
			"address: use an IOMMU, or --iova-mode=va");
	pins_watch();
	rig_list_find(&rigs, args->device, args->rules);
	if (!is_any_selected())
		return bail(
			report, "no device under test: give one with an ethdev or dmadev by -a");
	if (rig_list_open(&rigs, err, sizeof(err)) != 0)
		return bail(report, err);
	describe_rigs(report);
	for (i = 0; i < args->n_cases; i++) {
		if (!run_case(&suite_cases[args->cases[i]], report) && i + 1 < args->n_cases) {
			fprintf(report, "fresh\n");
			break;
		}
	}
	return 0;
}

int
worker_run(const struct args *args, int argc, char *argv[])
{
	FILE *report = fdopen(args->report_fd, "w");
	int status;

	if (report == NULL)
		return 1;
	logs_watch();
	if (rte_eal_init(args->eal_argc, argv) < 0)
		return bail(report, "rte_eal_init() failed");
	status = run_cases(args, report);
	fflush(report);
	rig_list_close(&rigs);
	rte_eal_cleanup();
	fclose(report);
	return status;
}
