/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cable/mender.h"
#include "cable/wanted.h"
#include "common/compat.h"
#include "common/limit.h"
#include "queue/port.h"

struct mlx5x_mender {
	struct mlx5x_port *port;
	mlx5x_mend_t mend;
	int quit;		/* an eventfd */
	mlx5x_thread thread;
};

static MLX5X_THREAD_RESULT
run(void *arg)
{
	struct mlx5x_mender *mender = arg;
	const struct mlx5x_limit limit = {.deadline = MLX5X_LIMIT_FOREVER, .wake = mender->quit};
	struct mlx5x_wanted *wanted = mender->port->wanted;
	const int fd = mlx5x_wanted_fd(wanted);
	uint16_t index;

	while (mlx5x_limit_watch(&fd, 1, &limit) == 0)
		while (mlx5x_wanted_take(wanted, &index))
			mender->mend(mender->port, index);
	return 0;
}

static void
destroy(struct mlx5x_mender *mender)
{
	if (mender->quit >= 0)
		close(mender->quit);
	free(mender);
}

int
mlx5x_mender_start(struct mlx5x_port *port, mlx5x_mend_t mend, struct mlx5x_mender **out)
{
	struct mlx5x_mender *mender = calloc(1, sizeof(*mender));
	int ret;

	if (mender == NULL)
		return -ENOMEM;
	mender->port = port;
	mender->mend = mend;
	mender->quit = eventfd(0, EFD_CLOEXEC);
	ret = mender->quit < 0 ? -errno :
		mlx5x_compat_thread_create(&mender->thread, "mlx5x-mend", run, mender);
	if (ret != 0) {
		destroy(mender);
		return ret;
	}
	*out = mender;
	return 0;
}

void
mlx5x_mender_stop(struct mlx5x_mender *mender)
{
	if (mender == NULL)
		return;
	eventfd_write(mender->quit, 1);
	mlx5x_compat_thread_join(mender->thread);
	destroy(mender);
}
