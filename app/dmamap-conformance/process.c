/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Owns the start of a secondary process and what it runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memory.h>

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
process_secondary(const char *device, const struct memory *memory, char *text, size_t size)
{
	char job[256];
	int fds[2], status;
	pid_t pid;

	snprintf(job, sizeof(job), "--secondary=%s,%" PRIxPTR ",%zx,/proc/%d/fd/%d", device,
		(uintptr_t)memory->addr, memory->len, (int)getpid(), memory->fd);
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

/* What the secondary process has of the primary: in its argument. */
struct job {
	char device[64];
	uintptr_t addr;
	size_t len;
	char path[64];		/* of the memory */
};

/* The primary's memory, at the same address. */
static bool
attach_memory(FILE *out, const struct job *job)
{
	int fd = open(job->path, O_RDWR);
	void *at = (void *)job->addr;

	if (fd < 0 || mmap(at, job->len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE,
			fd, 0) != at)
		fprintf(out, "the primary's memory: %s\n", strerror(errno));
	else if (rte_extmem_attach(at, job->len) != 0)
		fprintf(out, "rte_extmem_attach: %s\n", rte_strerror(rte_errno));
	else
		return true;
	return false;
}

/* The call has to have this rte_errno, or to succeed (0). */
static bool
check_call(FILE *out, const char *name, int ret, int wanted)
{
	int error = ret < 0 ? rte_errno : 0;

	if (error != wanted)
		fprintf(out, "%s: expected rte_errno %d, got %d with rte_errno %d\n", name, wanted,
			ret, error);
	return error == wanted;
}

/* In the end it is mapped once. Where this process has other memory, the map is refused. */
static int
try_calls(FILE *out, struct rte_device *dev, const struct job *job)
{
	void *at = (void *)job->addr;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;

	if (unclaimed_error(dev, 0) != 0) {
		fprintf(out, "EAL itself refuses devices without a driver\n");
		return PROCESS_NONE;
	}
	if (!check_call(out, "map", rte_dev_dma_map(dev, at, job->addr, job->len), 0) ||
		!check_call(out, "unmap", rte_dev_dma_unmap(dev, at, job->addr, job->len), 0) ||
		!check_call(out, "map", rte_dev_dma_map(dev, at, job->addr, job->len), 0))
		return PROCESS_BAD;
	if (mmap(at, job->len / 2, PROT_READ | PROT_WRITE, flags, -1, 0) != at ||
		!check_call(out, "map of other memory",
			rte_dev_dma_map(dev, at, job->addr, job->len), EINVAL))
		return PROCESS_BAD;
	return PROCESS_GOOD;
}

int
process_be_secondary(const struct args *args, char *argv[])
{
	int fd = dup(STDOUT_FILENO);
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");
	int status = PROCESS_NONE;
	struct rte_device *dev;
	struct job job;

	if (out == NULL || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ||
		sscanf(args->secondary, "%63[^,],%" SCNxPTR ",%zx,%63s", job.device, &job.addr,
			&job.len, job.path) != 4)
		return PROCESS_NONE;
	if (rte_eal_init(args->eal_argc, argv) < 0) {
		fprintf(out, "EAL says %s\n", rte_strerror(rte_errno));
		fclose(out);
		return PROCESS_NONE;
	}
	dev = rig_device(job.device);
	if (dev == NULL)
		fprintf(out, "there is no device %s\n", job.device);
	else if (attach_memory(out, &job))
		status = try_calls(out, dev, &job);
	fclose(out);
	rte_eal_cleanup();
	return status;
}
