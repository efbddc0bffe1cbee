/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <ethdev_driver.h>

#define LOG_COMPONENT "acceptor"
#include "common/compat.h"
#include "common/counter.h"
#include "common/log.h"
#include "iwarp/acceptor.h"
#include "iwarp/cm.h"
#include "iwarp/iwarp_rx.h"
#include "queue/pair.h"

struct mlx5x_acceptor {
	bool stopping;
	uint16_t nb_rxs;	/* only grows */
	struct mlx5x_iwarp_rx *rxs[MLX5X_PORT_PAIRS];
	struct pollfd fds[1 + MLX5X_PORT_PAIRS];	/* an eventfd, then each listener */
	mlx5x_thread thread;
};

static MLX5X_THREAD_RESULT
run(void *arg)
{
	struct mlx5x_acceptor *acceptor = arg;
	eventfd_t ignored;
	uint16_t i, n;

	while (!mlx5x_flag_read(&acceptor->stopping)) {
		/* Acquire; pairs with the release in append(). */
		n = __atomic_load_n(&acceptor->nb_rxs, __ATOMIC_ACQUIRE);
		if (poll(acceptor->fds, 1 + n, -1) < 0)
			continue;
		if (acceptor->fds[0].revents != 0)
			eventfd_read(acceptor->fds[0].fd, &ignored);
		for (i = 0; i < n; i++)
			if (acceptor->fds[1 + i].revents != 0)
				mlx5x_iwarp_rx_accept(acceptor->rxs[i]);
	}
	return 0;
}

static void
append(struct mlx5x_acceptor *acceptor, struct mlx5x_iwarp_rx *rx)
{
	uint16_t n = acceptor->nb_rxs;

	acceptor->rxs[n] = rx;
	acceptor->fds[1 + n] = (struct pollfd){
		.fd = mlx5x_cm_fd(rx->listener),
		.events = POLLIN,
	};
	/* Release; pairs with the acquire in run(). */
	__atomic_store_n(&acceptor->nb_rxs, n + 1, __ATOMIC_RELEASE);
}

void
mlx5x_acceptor_add(struct mlx5x_acceptor *acceptor, struct mlx5x_iwarp_rx *rx)
{
	uint16_t i;

	for (i = 0; i < acceptor->nb_rxs; i++)
		if (acceptor->rxs[i] == rx)
			return;
	append(acceptor, rx);
	eventfd_write(acceptor->fds[0].fd, 1);
}

static void
destroy(struct mlx5x_acceptor *acceptor)
{
	if (acceptor->fds[0].fd >= 0)
		close(acceptor->fds[0].fd);
	free(acceptor);
}

int
mlx5x_acceptor_start(struct mlx5x_port *port, struct mlx5x_pair *pairs, uint16_t nb_pairs)
{
	struct mlx5x_acceptor *acceptor = calloc(1, sizeof(*acceptor));
	uint16_t i;
	int ret;

	if (acceptor == NULL)
		return -ENOMEM;
	for (i = 0; i < nb_pairs; i++)
		if (pairs[i].iwarp_rx != NULL)
			append(acceptor, pairs[i].iwarp_rx);
	acceptor->fds[0] = (struct pollfd){.fd = eventfd(0, EFD_CLOEXEC), .events = POLLIN};
	ret = acceptor->fds[0].fd < 0 ? -errno :
		mlx5x_compat_thread_create(&acceptor->thread, "mlx5x-accept", run, acceptor);
	if (ret != 0) {
		MLX5X_LOG(ERR, "%s: cannot create the thread that accepts connections: %s",
			port->dev->data->name, strerror(-ret));
		destroy(acceptor);
		return ret;
	}
	port->acceptor = acceptor;
	return 0;
}

void
mlx5x_acceptor_stop(struct mlx5x_port *port)
{
	struct mlx5x_acceptor *acceptor = port->acceptor;

	if (acceptor == NULL)
		return;
	mlx5x_flag_set(&acceptor->stopping, true);
	eventfd_write(acceptor->fds[0].fd, 1);
	mlx5x_compat_thread_join(acceptor->thread);
	destroy(acceptor);
	port->acceptor = NULL;
}
