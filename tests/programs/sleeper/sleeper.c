/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_interrupts.h>
#include <rte_lcore.h>

#include "deadline.h"
#include "sleeper.h"

#define BURST 32
#define TIMEOUT_MS 1000
#define LATE_MS 100	/* an event may come together with the timeout */

static void
count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELEASE);
}

static uint16_t
poll_once(struct sleeper *sleeper)
{
	struct rte_mbuf *packets[BURST];
	uint16_t n;

	n = rte_eth_rx_burst(sleeper->port, sleeper->queue, packets, BURST);
	rte_pktmbuf_free_bulk(packets, n);
	count(&sleeper->received, n);
	return n;
}

static void
expect_success(struct sleeper *sleeper, int ret)
{
	count(&sleeper->errors, ret != 0);
}

static bool
wait_for_event(int ms)
{
	struct rte_epoll_event event;

	return rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, ms) > 0;
}

static void
sleep_until_event(struct sleeper *sleeper)
{
	bool woken = wait_for_event(TIMEOUT_MS);
	uint16_t n = poll_once(sleeper);

	if (!woken && n != 0)
		woken = wait_for_event(LATE_MS);
	expect_success(sleeper, rte_eth_dev_rx_intr_disable(sleeper->port, sleeper->queue));
	if (woken) {
		count(&sleeper->wakeups, 1);
		count(&sleeper->spurious, n == 0);
	} else {
		count(&sleeper->timeouts, 1);
		count(&sleeper->missed, n != 0);
	}
}

static MLX5X_THREAD_RESULT
run(void *arg)
{
	struct sleeper *sleeper = arg;

	pthread_getcpuclockid(pthread_self(), &sleeper->clock);
	expect_success(sleeper, rte_eth_dev_rx_intr_ctl_q(sleeper->port, sleeper->queue,
		RTE_EPOLL_PER_THREAD, RTE_INTR_EVENT_ADD, NULL));
	while (!__atomic_load_n(&sleeper->stop, __ATOMIC_ACQUIRE)) {
		while (poll_once(sleeper) != 0)
			;
		expect_success(sleeper, rte_eth_dev_rx_intr_enable(sleeper->port, sleeper->queue));
		__atomic_store_n(&sleeper->ready, true, __ATOMIC_RELEASE);
		/* Packets that arrived before it was armed raise no event. */
		if (poll_once(sleeper) != 0)
			count(&sleeper->caught, 1);
		else
			sleep_until_event(sleeper);
	}
	return 0;
}

int
sleeper_start(struct sleeper *sleeper)
{
	int ret;

	sleeper->stop = false;
	sleeper->ready = false;
	ret = mlx5x_compat_thread_create(&sleeper->thread, "sleeper", run, sleeper);
	while (ret == 0 && !__atomic_load_n(&sleeper->ready, __ATOMIC_ACQUIRE))
		rte_delay_us_sleep(100);
	return ret;
}

void
sleeper_ask_to_stop(struct sleeper *sleeper)
{
	__atomic_store_n(&sleeper->stop, true, __ATOMIC_RELEASE);
}

void
sleeper_join(struct sleeper *sleeper, uint64_t sent, int ms)
{
	struct deadline end = deadline_in_ms(ms);

	mlx5x_compat_thread_join(sleeper->thread);
	while (sleeper->received < sent && !deadline_passed(end))
		poll_once(sleeper);
	expect_success(sleeper, rte_eth_dev_rx_intr_disable(sleeper->port, sleeper->queue));
}

double
sleeper_cpu_ms(const struct sleeper *sleeper)
{
	struct timespec t = {0};

	clock_gettime(sleeper->clock, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}
