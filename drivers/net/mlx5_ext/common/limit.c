/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <poll.h>
#include <time.h>

#include "common/limit.h"

uint64_t
mlx5x_limit_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000) + now.tv_nsec / 1000000;
}

int
mlx5x_limit_left(const struct mlx5x_limit *limit)
{
	uint64_t now = mlx5x_limit_now();

	if (limit->deadline == MLX5X_LIMIT_FOREVER)
		return -1;
	return now < limit->deadline ? (int)(limit->deadline - now) : 0;
}

/* fds[0] is the limit's wake descriptor. */
static int
wait_on(struct pollfd *fds, unsigned int n, const struct mlx5x_limit *limit)
{
	int ret;

	do {
		ret = poll(fds, n, mlx5x_limit_left(limit));
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return -errno;
	if (fds[0].revents != 0)
		return -ECANCELED;
	return ret > 0 ? 0 : -ETIMEDOUT;
}

int
mlx5x_limit_wait(int fd, short events, const struct mlx5x_limit *limit)
{
	struct pollfd fds[] = {{.fd = limit->wake, .events = POLLIN}, {.fd = fd, .events = events}};

	return wait_on(fds, 2, limit);
}

int
mlx5x_limit_pause(const struct mlx5x_limit *limit)
{
	return mlx5x_limit_wait(-1, 0, limit);
}

int
mlx5x_limit_watch(const int *fds, unsigned int n, const struct mlx5x_limit *limit)
{
	struct pollfd polled[1 + MLX5X_LIMIT_WATCHED] = {{.fd = limit->wake, .events = POLLIN}};
	unsigned int i;
	int ret;

	for (i = 0; i < n; i++)
		polled[1 + i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
	ret = wait_on(polled, 1 + n, limit);
	if (ret != 0)
		return ret;
	for (i = 0; i < n - 1 && polled[1 + i].revents == 0; i++)
		;
	return i;
}
