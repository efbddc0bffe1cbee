/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#include <ethdev_driver.h>
#include <rte_interrupts.h>

#include "common/verbs.h"
#include "ethdev/rx_intr.h"
#include "queue/rxq.h"

#define NB_QUEUES 3

/* The fake neighbours: channels are event descriptors, and calls for one are recorded. */
static char history[16];
static int arm_error;

void
mlx5x_verbs_drop_cq_events(struct ibv_comp_channel *channel)
{
	eventfd_t value;

	eventfd_read(channel->fd, &value);
	strcat(history, "d");
}

static int
arm(struct mlx5x_rxq *rxq)
{
	strcat(history, "a");
	return arm_error;
}

static const struct mlx5x_datapath datapath = {.rx_arm = arm};
static struct ibv_comp_channel channels[NB_QUEUES];
static struct ibv_cq cq;
static struct mlx5x_rxq rxqs[NB_QUEUES];
static void *queues[NB_QUEUES];
static struct rte_eth_dev_data data;
static struct rte_eth_dev dev;

static int
set_up(void **state)
{
	int i;

	history[0] = '\0';
	arm_error = 0;
	for (i = 0; i < NB_QUEUES; i++) {
		channels[i].fd = eventfd(0, EFD_NONBLOCK);
		rxqs[i] = (struct mlx5x_rxq){
			.channel = &channels[i], .cq = &cq, .dp = &datapath};
		queues[i] = &rxqs[i];
	}
	data = (struct rte_eth_dev_data){.rx_queues = queues, .nb_rx_queues = NB_QUEUES};
	dev = (struct rte_eth_dev){.data = &data};
	dev.intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	return dev.intr_handle != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	int i;

	mlx5x_rx_intr_stop(&dev);
	rte_intr_instance_free(dev.intr_handle);
	for (i = 0; i < NB_QUEUES; i++)
		close(channels[i].fd);
	return 0;
}

/* As rte_eth_dev_rx_intr_ctl_q() does. */
static int
add_to_epoll(int index, void *tag)
{
	int vec = rte_intr_vec_list_index_get(dev.intr_handle, index);

	return vec < 0 ? -1 : rte_intr_rx_ctl(dev.intr_handle, RTE_EPOLL_PER_THREAD,
		RTE_INTR_EVENT_ADD, vec, tag);
}

static void
each_queue_wakes_for_itself(void **state)
{
	struct rte_epoll_event event;
	int i;

	assert_int_equal(mlx5x_rx_intr_start(&dev), 0);
	for (i = 0; i < NB_QUEUES; i++)
		assert_int_equal(add_to_epoll(i, &rxqs[i]), 0);
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 0);
	eventfd_write(channels[1].fd, 1);
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 1);
	assert_ptr_equal(event.epdata.data, &rxqs[1]);
}

static void
after_stop_no_thread_waits(void **state)
{
	struct rte_epoll_event event;

	assert_int_equal(mlx5x_rx_intr_start(&dev), 0);
	assert_int_equal(add_to_epoll(0, NULL), 0);
	mlx5x_rx_intr_stop(&dev);
	eventfd_write(channels[0].fd, 1);
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 0);
	assert_int_not_equal(add_to_epoll(0, NULL), 0);
	mlx5x_rx_intr_stop(&dev);
	/* And once more. */
	assert_int_equal(mlx5x_rx_intr_start(&dev), 0);
	assert_int_equal(add_to_epoll(0, NULL), 0);
	assert_int_equal(rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 0), 1);
}

static void
enable_forgets_old_events_and_then_arms(void **state)
{
	assert_int_equal(mlx5x_rx_intr_enable(&dev, 1), 0);
	assert_string_equal(history, "da");
	assert_int_equal(mlx5x_rx_intr_disable(&dev, 1), 0);
	assert_string_equal(history, "dad");
}

/* Not one that a port with fewer pairs has left. */
static void
all_rings_of_a_queue_are_armed(void **state)
{
	struct mlx5x_rxq rings[3] = {
		{.dp = &datapath, .cq = &cq, .more = &rings[1]},
		{.dp = &datapath, .more = &rings[2]},
		{.dp = &datapath, .cq = &cq},
	};

	rxqs[1].more = &rings[0];
	assert_int_equal(mlx5x_rx_intr_enable(&dev, 1), 0);
	assert_string_equal(history, "daaa");
	arm_error = -EIO;
	assert_int_equal(mlx5x_rx_intr_enable(&dev, 1), -EIO);
}

static void
arming_may_fail(void **state)
{
	arm_error = -EIO;
	assert_int_equal(mlx5x_rx_intr_enable(&dev, 0), -EIO);
}

static void
without_a_channel_it_is_einval(void **state)
{
	rxqs[0].channel = NULL;
	assert_int_equal(mlx5x_rx_intr_enable(&dev, 0), -EINVAL);
	assert_int_equal(mlx5x_rx_intr_disable(&dev, 0), -EINVAL);
	assert_string_equal(history, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_queue_wakes_for_itself, set_up, tear_down),
		cmocka_unit_test_setup_teardown(after_stop_no_thread_waits, set_up, tear_down),
		cmocka_unit_test_setup_teardown(enable_forgets_old_events_and_then_arms, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(all_rings_of_a_queue_are_armed, set_up, tear_down),
		cmocka_unit_test_setup_teardown(arming_may_fail, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_channel_it_is_einval, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
