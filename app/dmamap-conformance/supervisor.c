/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the worker processes and the count of results.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"
#include "suite.h"
#include "supervisor.h"

#define START_SECONDS 60	/* for EAL's start and the links */
#define END_SECONDS 10

enum { EXIT_GOOD = 0, EXIT_BAD = 1, EXIT_SKIPPED = 77 };

struct supervisor {
	const struct args *args;
	int argc;
	char **argv;
	unsigned int next;		/* of args->cases: the first case of a new worker */
	bool running;			/* case next has begun */
	bool leaving;			/* and passes if the process ends well */
	unsigned int passed, failed, skipped, expected;
	bool bailed;

	pid_t pid;
	int fd;
	char line[2048];		/* an incomplete line */
	size_t len;
	struct patience patience;
};

/* EAL's arguments, "--", the suite's options, the remaining cases. */
static char **
worker_argv(const struct supervisor *s, int fd)
{
	const struct args *args = s->args;
	char **argv = calloc(args->eal_argc + args->n_cases + 8, sizeof(*argv));
	int i, n = 0;

	if (argv == NULL)
		return NULL;
	for (i = 0; i < args->eal_argc; i++)
		argv[n++] = s->argv[i];
	argv[n++] = strdup("--");
	if (asprintf(&argv[n++], "--worker=%d", fd) < 0)
		return NULL;
	if (args->device != NULL && asprintf(&argv[n++], "--device=%s", args->device) < 0)
		return NULL;
	if (args->rules != 0)
		argv[n++] = strdup(args->rules == 'v' ? "--backend=vfio" : "--backend=driver");
	for (i = s->next; i < (int)args->n_cases; i++)
		argv[n++] = strdup(suite_cases[args->cases[i]].name);
	return argv;
}

/* stdout is for TAP only: all other output goes to stderr. */
static void
become_worker(const struct supervisor *s, int fd)
{
	char **argv = worker_argv(s, fd);

	if (argv == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		_exit(127);
	execv("/proc/self/exe", argv);
	_exit(127);
}

static int
start_worker(struct supervisor *s)
{
	int fds[2];

	if (pipe(fds) != 0)
		return -errno;
	fflush(stdout);
	s->pid = fork();
	if (s->pid == 0) {
		close(fds[0]);
		become_worker(s, fds[1]);
	}
	close(fds[1]);
	s->fd = fds[0];
	s->len = 0;
	s->running = s->leaving = false;
	if (s->pid < 0)
		return -errno;
	patience_start(&s->patience, s->pid, START_SECONDS);
	return 0;
}

static void
print_result(struct supervisor *s, bool ok, const char *skip)
{
	const struct suite_case *c = &suite_cases[s->args->cases[s->next++]];
	const char *known = expect_reason(&s->args->expect, c->name);

	s->running = false;
	if (skip != NULL) {
		printf("ok %u - %s # SKIP %s\n", c->number, c->name, skip);
		s->skipped++;
	} else if (known == NULL) {
		printf("%sok %u - %s\n", ok ? "" : "not ", c->number, c->name);
		*(ok ? &s->passed : &s->failed) += 1;
	} else if (!ok) {
		printf("not ok %u - %s # TODO %s\n", c->number, c->name, known);
		s->expected++;
	} else {
		printf("not ok %u - %s\n# it was expected to fail%s%s%s but passed: remove it from "
			"the list\n", c->number, c->name, *known != '\0' ? " (" : "", known,
			*known != '\0' ? ")" : "");
		s->failed++;
	}
	fflush(stdout);
}

static void
take_line(struct supervisor *s, const char *line)
{
	if (strncmp(line, "begin ", 6) == 0) {
		s->running = true;
		patience_start(&s->patience, s->pid, s->args->timeout);
	} else if (strncmp(line, "note ", 5) == 0) {
		printf("# %s\n", line + 5);
	} else if (strncmp(line, "device ", 7) == 0) {
		if (s->next == 0)
			printf("# device %s\n", line + 7);
	} else if (strncmp(line, "end skip ", 9) == 0) {
		print_result(s, true, line + 9);
		patience_start(&s->patience, s->pid, END_SECONDS);
	} else if (strncmp(line, "end ", 4) == 0) {
		print_result(s, strcmp(line + 4, "ok") == 0, NULL);
		patience_start(&s->patience, s->pid, END_SECONDS);
	} else if (strcmp(line, "leave") == 0) {
		s->leaving = true;
		patience_start(&s->patience, s->pid, END_SECONDS);
	} else if (strncmp(line, "bail ", 5) == 0) {
		printf("Bail out! %s\n", line + 5);
		s->bailed = true;
	}
}

static void
take_lines(struct supervisor *s)
{
	char *end;

	s->line[s->len] = '\0';
	while ((end = strchr(s->line, '\n')) != NULL) {
		*end++ = '\0';
		take_line(s, s->line);
		s->len -= end - s->line;
		memmove(s->line, end, s->len + 1);
	}
	if (s->len == sizeof(s->line) - 1)
		s->len = 0;
}

/* False: the time limit was reached. */
static bool
listen_to(struct supervisor *s)
{
	struct pollfd fd = {.fd = s->fd, .events = POLLIN};
	ssize_t n = 1;

	while (n > 0) {
		if (patience_is_over(&s->patience))
			return false;
		if (poll(&fd, 1, 1000) <= 0)
			continue;
		n = read(s->fd, s->line + s->len, sizeof(s->line) - 1 - s->len);
		if (n > 0)
			s->len += n;
		take_lines(s);
	}
	return true;
}

/* Bounded too, as a worker may hang in its clean-up. */
static int
end_worker(struct supervisor *s, bool by_itself)
{
	int status = 0;

	close(s->fd);
	patience_start(&s->patience, s->pid, END_SECONDS);
	while (by_itself && !patience_is_over(&s->patience)) {
		if (waitpid(s->pid, &status, WNOHANG) == s->pid)
			return status;
		usleep(100000);
	}
	kill(s->pid, SIGKILL);
	waitpid(s->pid, &status, 0);
	return status;
}

static void
run_worker(struct supervisor *s)
{
	unsigned int before = s->next;
	bool by_itself;
	int status;

	if (start_worker(s) != 0) {
		printf("Bail out! cannot start a process\n");
		s->bailed = true;
		return;
	}
	by_itself = listen_to(s);
	status = end_worker(s, by_itself);
	if (s->running && s->leaving && by_itself && status == 0) {
		print_result(s, true, NULL);
	} else if (s->running) {
		if (by_itself)
			printf("# the process ended (signal %d, status %d) in this case\n",
				WTERMSIG(status), WEXITSTATUS(status));
		else
			printf("# timeout after %u s\n", s->args->timeout);
		print_result(s, false, NULL);
	} else if (s->next == before && !s->bailed) {
		printf("Bail out! the process ended before its first case (signal %d, status "
		       "%d%s)\n",
			WTERMSIG(status), WEXITSTATUS(status), by_itself ? "" : ", timeout");
		s->bailed = true;
	}
}

int
supervisor_run(const struct args *args, int argc, char *argv[])
{
	struct supervisor s = {.args = args, .argc = argc, .argv = argv};

	printf("TAP version 13\n1..%u\n", args->n_cases);
	while (s.next < args->n_cases && !s.bailed)
		run_worker(&s);
	printf("# %u passed, %u failed, %u skipped, %u failed as expected\n", s.passed, s.failed,
		s.skipped, s.expected);
	if (s.failed != 0 || s.bailed)
		return EXIT_BAD;
	return s.passed + s.expected == 0 ? EXIT_SKIPPED : EXIT_GOOD;
}
