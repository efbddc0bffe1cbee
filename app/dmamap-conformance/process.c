/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the start of a secondary process and what it runs.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "patience.h"
#include "process.h"
#include "rig.h"
#include "unclaimed.h"

#define SECONDS 45

static const struct args *noted;
static char **noted_argv;

/* EAL permutes its arguments, so the array is copied before. */
void
process_note(const struct args *args, char *argv[])
{
	noted_argv = calloc(args->eal_argc, sizeof(*noted_argv));
	if (noted_argv == NULL)
		return;
	memcpy(noted_argv, argv, args->eal_argc * sizeof(*noted_argv));
	noted = args;
}

static void
become_secondary(int fd, const char *job)
{
	char **argv = calloc(noted->eal_argc + 8, sizeof(*argv));
	int i, n = 0;

	if (argv == NULL || dup2(fd, STDOUT_FILENO) < 0)
		_exit(PROCESS_NONE);
	for (i = 0; i < noted->eal_argc; i++)
		argv[n++] = noted_argv[i];
	argv[n++] = strdup("--proc-type=secondary");
	argv[n++] = strdup("--");
	argv[n++] = strdup(job);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* persists across exec */
	execv("/proc/self/exe", argv);
	_exit(PROCESS_NONE);
}

/* Reads the output until its end. Kills the process at the time limit. */
static void
read_all(int fd, pid_t pid, char *text, size_t size)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	struct patience patience;
	size_t len = 0;
	ssize_t n = 1;

	patience_start(&patience, pid, SECONDS);
	while (len < size - 1 && n > 0) {
		if (patience_is_over(&patience))
			kill(pid, SIGKILL);
		if (poll(&poll_fd, 1, 1000) <= 0)
			continue;
		n = read(fd, text + len, size - 1 - len);
		len += n > 0 ? n : 0;
	}
	text[len] = '\0';
	text[strcspn(text, "\n")] = '\0';
}

int
process_secondary(const char *device, void *addr, size_t len, char *text, size_t size)
{
	char job[256];
	int fds[2], status;
	pid_t pid;

	snprintf(job, sizeof(job), "--secondary=%s,%" PRIxPTR ",%zx", device, (uintptr_t)addr, len);
	snprintf(text, size, "no process");
	if (noted == NULL || pipe(fds) != 0)
		return PROCESS_NONE;
	pid = fork();
	if (pid == 0)
		become_secondary(fds[1], job);
	close(fds[1]);
	if (pid > 0)
		read_all(fds[0], pid, text, size);
	close(fds[0]);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return PROCESS_NONE;
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	snprintf(text, size, "it was killed by signal %d", WTERMSIG(status));
	return PROCESS_BAD;
}

static int
try_calls(FILE *out, struct rte_device *dev, void *addr, size_t len)
{
	int wanted = unclaimed_error(dev, ENOTSUP), ret;

	rte_errno = 0;
	ret = rte_dev_dma_map(dev, addr, (uintptr_t)addr, len);
	if (ret >= 0 || rte_errno != wanted) {
		fprintf(out, "rte_dev_dma_map: expected rte_errno %d, got %d with rte_errno %d\n",
			wanted, ret, rte_errno);
		return PROCESS_BAD;
	}
	rte_errno = 0;
	ret = rte_dev_dma_unmap(dev, addr, (uintptr_t)addr, len);
	if (ret >= 0 || rte_errno != wanted) {
		fprintf(out, "rte_dev_dma_unmap: expected rte_errno %d, got %d with rte_errno %d\n",
			wanted, ret, rte_errno);
		return PROCESS_BAD;
	}
	return PROCESS_GOOD;
}

int
process_be_secondary(const struct args *args, char *argv[])
{
	int fd = dup(STDOUT_FILENO);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	struct rte_device *dev;
	char device[64];
	uintptr_t addr;
	size_t len;
	int status;

	if (out == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
		sscanf(args->secondary, "%63[^,],%" SCNxPTR ",%zx", device, &addr, &len) != 3)
		return PROCESS_NONE;
	if (rte_eal_init(args->eal_argc, argv) < 0) {
		fprintf(out, "EAL says %s\n", rte_strerror(rte_errno));
		fclose(out);
		return PROCESS_NONE;
	}
	dev = rig_device(device);
	if (dev == NULL)
		fprintf(out, "there is no device %s\n", device);
	status = dev == NULL ? PROCESS_NONE : try_calls(out, dev, (void *)addr, len);
	fclose(out);
	rte_eal_cleanup();
	return status;
}
