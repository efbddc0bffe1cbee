/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>

#include "observer.h"
#include "plugin.h"

#define COMMAND "/pci_ext/mappings"
#define ANSWER_SIZE 16384	/* of the telemetry socket, which has sent its greeting */

static struct {
	pthread_t thread;
	int fd;
	int error;
	atomic_bool stop;
	atomic_uint rounds;
	double iterate_ms;
	double telemetry_ms;
} observer;

static double
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec * 1e3 + (double)ts.tv_nsec / 1e6;
}

static int
connect_telemetry(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char greeting[ANSWER_SIZE];
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/dpdk_telemetry.v2",
		rte_eal_get_runtime_dir());
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
			read(fd, greeting, sizeof(greeting)) > 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool
ask_telemetry(void)
{
	char answer[ANSWER_SIZE] = "";

	return write(observer.fd, COMMAND, strlen(COMMAND)) == (ssize_t)strlen(COMMAND) &&
		read(observer.fd, answer, sizeof(answer) - 1) > 0 &&
		strstr(answer, COMMAND) != NULL;
}

static double
longer(double longest, double start)
{
	double took = now_ms() - start;

	return took > longest ? took : longest;
}

static void *
observe(void *arg)
{
	double start;

	while (!atomic_load(&observer.stop) && observer.error == 0) {
		start = now_ms();
		if (plugin_count_mappings(NULL) < 0)
			observer.error = EIO;
		observer.iterate_ms = longer(observer.iterate_ms, start);
		start = now_ms();
		if (!ask_telemetry())
			observer.error = EIO;
		observer.telemetry_ms = longer(observer.telemetry_ms, start);
		atomic_fetch_add(&observer.rounds, 1);
		usleep(1000);
	}
	return arg;
}

int
observer_start(void)
{
	observer.error = 0;
	observer.iterate_ms = observer.telemetry_ms = 0;
	atomic_store(&observer.stop, false);
	atomic_store(&observer.rounds, 0);
	if (!plugin_is_loaded())
		return -ENOSYS;
	observer.fd = connect_telemetry();
	if (observer.fd < 0)
		return -ENOTCONN;
	return -pthread_create(&observer.thread, NULL, observe, NULL);
}

bool
observer_wait(unsigned int rounds, unsigned int seconds)
{
	unsigned int from = atomic_load(&observer.rounds), i;

	for (i = 0; i < seconds * 100 && atomic_load(&observer.rounds) - from < rounds; i++)
		usleep(10000);
	return atomic_load(&observer.rounds) - from >= rounds;
}

int
observer_stop(struct observer_times *times)
{
	atomic_store(&observer.stop, true);
	pthread_join(observer.thread, NULL);
	close(observer.fd);
	*times = (struct observer_times){
		.rounds = atomic_load(&observer.rounds),
		.iterate_ms = observer.iterate_ms,
		.telemetry_ms = observer.telemetry_ms,
	};
	return -observer.error;
}
