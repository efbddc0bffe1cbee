/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Reads clocks and the states of threads.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "patience.h"

#define STARVED 0.1

static double
seconds(clockid_t clock)
{
	struct timespec ts = {0, 0};

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

uint64_t
patience_ms(void)
{
	return (uint64_t)(seconds(CLOCK_THREAD_CPUTIME_ID) * 1e3);
}

static double
process_seconds(pid_t pid)
{
	clockid_t clock;

	return clock_getcpuclockid(pid, &clock) == 0 ? seconds(clock) : 0;
}

/* The state follows the name, which may contain any character. */
static bool
thread_could_run(pid_t pid, const char *tid)
{
	char path[64], text[256];
	const char *name_end;
	bool could = false;
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/stat", (int)pid, tid);
	stat = fopen(path, "r");
	if (stat == NULL)
		return false;
	if (fgets(text, sizeof(text), stat) != NULL) {
		name_end = strrchr(text, ')');
		could = name_end != NULL && strncmp(name_end, ") R", 3) == 0;
	}
	fclose(stat);
	return could;
}

static bool
could_run(pid_t pid)
{
	struct dirent *entry;
	bool could = false;
	char path[32];
	DIR *tasks;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks != NULL && !could && (entry = readdir(tasks)) != NULL)
		could = entry->d_name[0] != '.' && thread_could_run(pid, entry->d_name);
	if (tasks != NULL)
		closedir(tasks);
	return could;
}

void
patience_start(struct patience *patience, pid_t pid, unsigned int limit)
{
	*patience = (struct patience){
		.pid = pid,
		.left = limit,
		.wall = seconds(CLOCK_MONOTONIC),
		.cpu = process_seconds(pid),
	};
}

bool
patience_is_over(struct patience *patience)
{
	double wall = seconds(CLOCK_MONOTONIC), cpu = process_seconds(patience->pid);
	double passed = wall - patience->wall, had = cpu - patience->cpu;

	if (could_run(patience->pid) && had < passed)
		passed = had > passed * STARVED ? had : passed * STARVED;
	patience->left -= passed;
	patience->wall = wall;
	patience->cpu = cpu;
	return patience->left <= 0;
}
