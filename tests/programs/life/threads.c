/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "life.h"
#include "pci_ext.h"
#include "sanitizer.h"
#include "threads.h"

#define SLOTS 8u	/* ranges of a thread, for each device */
#define SLOT_LEN 16384u
#define POOL_BUFFERS 63

static struct worker {
	const char *name;
	void (*work)(struct worker *worker);
	struct life *life;
	struct dice dice;
	pthread_t thread;
	bool running;
	/* Of mapping threads. */
	struct region region;
	unsigned int refs[LIFE_SIDES][SLOTS];
	int socket;	/* of the telemetry thread */
} workers[];

static void *
slot_of(const struct worker *worker, unsigned int side, unsigned int slot)
{
	return RTE_PTR_ADD(worker->region.addr, (side * SLOTS + slot) * SLOT_LEN);
}

static void
note_map(struct worker *worker, const char *how, const char *device, int ret, uint64_t before)
{
	__atomic_add_fetch(&worker->life->maps, 1, __ATOMIC_RELAXED);
	if (ret != 0 && !life_may_fail(worker->life, before))
		life_complain(worker->life, "%s of %s: %s", how, device, rte_strerror(-ret));
}

static void
unmap_by_name(struct worker *worker, unsigned int side, unsigned int slot)
{
	const char *name = worker->life->sides[side].name;
	void *addr = slot_of(worker, side, slot);
	const struct pci_ext_memory memory = {addr, (uintptr_t)addr, SLOT_LEN};
	int ret = pci_ext_dma_unmap(name, &memory);

	/* Always succeeds: the range is this thread's, and no queue owns buffers in it. */
	if (ret != 0)
		life_complain(worker->life, "unmap by name of %s: %s", name, rte_strerror(-ret));
	worker->refs[side][slot]--;
}

/* The device may be present, or being probed or removed. */
static void
map_by_name(struct worker *worker)
{
	unsigned int side = dice_roll(&worker->dice, LIFE_SIDES);
	unsigned int slot = dice_roll(&worker->dice, SLOTS);
	const char *name = worker->life->sides[side].name;
	void *addr = slot_of(worker, side, slot);
	uint64_t before = life_before(worker->life);
	int ret;

	if (worker->refs[side][slot] != 0 && dice_roll(&worker->dice, 2) == 0) {
		unmap_by_name(worker, side, slot);
		return;
	}
	ret = pci_ext_dma_map(name, &(struct pci_ext_memory){
		.addr = addr, .iova = (uintptr_t)addr, .len = SLOT_LEN});
	worker->refs[side][slot] += ret == 0;
	note_map(worker, "map by name", name, ret, before);
}

static void
unmap_all(struct worker *worker)
{
	unsigned int side, slot;

	for (side = 0; side < LIFE_SIDES; side++)
		for (slot = 0; slot < SLOTS; slot++)
			while (worker->refs[side][slot] != 0)
				unmap_by_name(worker, side, slot);
}

/* In any state of its port. */
static void
map_by_device(struct worker *worker)
{
	struct side *side = &worker->life->sides[dice_roll(&worker->dice, LIFE_SIDES)];
	void *addr = slot_of(worker, 0, dice_roll(&worker->dice, SLOTS));
	uint64_t before;
	int ret;

	pthread_rwlock_rdlock(&side->device);
	if (side->dev != NULL) {
		before = life_before(worker->life);
		ret = rte_dev_dma_map(side->dev, addr, (uintptr_t)addr, SLOT_LEN) == 0 ? 0 : -rte_errno;
		note_map(worker, "map", side->name, ret, before);
		if (ret == 0 && rte_dev_dma_unmap(side->dev, addr, (uintptr_t)addr, SLOT_LEN) != 0)
			life_complain(worker->life, "unmap of %s: %s", side->name,
				rte_strerror(rte_errno));
	}
	pthread_rwlock_unlock(&side->device);
}

static int
connect_to_telemetry(void)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	char hello[1024];

	if (fd < 0)
		return -1;
	snprintf(at.sun_path, sizeof(at.sun_path), "%s/dpdk_telemetry.v2", rte_eal_get_runtime_dir());
	if (connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
	    read(fd, hello, sizeof(hello)) > 0)
		return fd;
	close(fd);
	return -1;
}

static void
ask_telemetry(struct worker *worker)
{
	static const char *const questions[] = {
		"/mlx5_ext/list", "/mlx5_ext/mr,0", "/mlx5_ext/mr,1", "/mlx5_ext/mr,2", "/pci_ext/info",
		"/pci_ext/devices", "/pci_ext/mappings",
	};
	const char *question = questions[dice_roll(&worker->dice, RTE_DIM(questions))];
	static char answer[32768];
	ssize_t n;

	if (worker->socket < 0)
		worker->socket = connect_to_telemetry();
	n = -1;
	if (worker->socket >= 0 && write(worker->socket, question, strlen(question)) > 0)
		n = read(worker->socket, answer, sizeof(answer));
	if (n <= 0 || answer[0] != '{')
		life_complain(worker->life, "telemetry does not answer %s", question);
	__atomic_add_fetch(&worker->life->questions, 1, __ATOMIC_RELAXED);
}

/* As a monitor does: while the port is started, stopped and used, but not during removal. */
static void
read_statistics(struct worker *worker)
{
	struct side *side = &worker->life->sides[dice_roll(&worker->dice, LIFE_SIDES)];
	struct rte_eth_xstat xstats[256];
	struct rte_eth_stats stats;

	pthread_rwlock_rdlock(&side->port);
	if (side->has_port) {
		if (rte_eth_stats_get(side->id, &stats) != 0 ||
		    rte_eth_xstats_get(side->id, xstats, RTE_DIM(xstats)) <= 0)
			life_complain(worker->life, "%s has no statistics", side->name);
	}
	pthread_rwlock_unlock(&side->port);
	__atomic_add_fetch(&worker->life->questions, 1, __ATOMIC_RELAXED);
}

/* Each port gets the mempool events. */
static __rte_unused void
make_pool(struct worker *worker)
{
	struct rte_mempool *pool = rte_pktmbuf_pool_create("come and go", POOL_BUFFERS, 0, 0, 1024,
		SOCKET_ID_ANY);

	if (pool == NULL)
		life_complain(worker->life, "no mempool: %s", rte_strerror(rte_errno));
	rte_mempool_free(pool);
}

static struct worker workers[] = {
	{.name = "by name", .work = map_by_name},
	{.name = "by name, second thread", .work = map_by_name},
	{.name = "by device", .work = map_by_device},
	{.name = "telemetry", .work = ask_telemetry, .socket = -1},
	{.name = "statistics", .work = read_statistics},
	/*
	 * ThreadSanitizer does not see the lock of EAL's heap, so it reports a race on memory that
	 * one thread frees and another allocates.
	 */
#if !SANITIZER_THREAD
	{.name = "mempools", .work = make_pool},
#endif
};

static void *
run(void *arg)
{
	struct worker *worker = arg;

	while (!life_is_over(worker->life)) {
		worker->work(worker);
		/* Leaves CPU time to the control thread. */
		usleep(dice_roll(&worker->dice, 200));
	}
	unmap_all(worker);
	return NULL;
}

bool
threads_start(struct life *life)
{
	struct worker *worker;
	char err[256];

	for (worker = workers; worker < &workers[RTE_DIM(workers)]; worker++) {
		worker->life = life;
		worker->dice.state = life->seed + (worker - workers) + 1;
		if (region_create(&worker->region, MEMKIND_ANON, LIFE_SIDES * SLOTS * SLOT_LEN, err,
				sizeof(err)) != 0) {
			life_complain(life, "%s", err);
			return false;
		}
		worker->running = pthread_create(&worker->thread, NULL, run, worker) == 0;
		if (!worker->running) {
			life_complain(life, "no thread");
			return false;
		}
	}
	return true;
}

void
threads_join(struct life *life)
{
	struct worker *worker;

	for (worker = workers; worker < &workers[RTE_DIM(workers)]; worker++) {
		if (worker->running)
			pthread_join(worker->thread, NULL);
		region_destroy(&worker->region);
		if (worker->socket > 0)
			close(worker->socket);
	}
}
