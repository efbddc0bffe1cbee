/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cable/wanted.h"
#include "queue/port.h"

static_assert(MLX5X_PORT_PAIRS <= 64, "a bit for each pair");

struct mlx5x_wanted {
	uint64_t pairs;
	int fd;			/* an eventfd */
};

int
mlx5x_wanted_create(struct mlx5x_wanted **out)
{
	struct mlx5x_wanted *wanted = calloc(1, sizeof(*wanted));
	int ret;

	if (wanted == NULL)
		return -ENOMEM;
	wanted->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wanted->fd < 0) {
		ret = -errno;
		free(wanted);
		return ret;
	}
	*out = wanted;
	return 0;
}

void
mlx5x_wanted_destroy(struct mlx5x_wanted *wanted)
{
	if (wanted == NULL)
		return;
	close(wanted->fd);
	free(wanted);
}

void
mlx5x_wanted_add(struct mlx5x_wanted *wanted, uint16_t index)
{
	uint64_t bit = UINT64_C(1) << index;

	/* One write until the thread takes the bit, not one a burst. */
	if (__atomic_fetch_or(&wanted->pairs, bit, __ATOMIC_ACQ_REL) & bit)
		return;
	if (eventfd_write(wanted->fd, 1) != 0)
		__atomic_fetch_and(&wanted->pairs, ~bit, __ATOMIC_RELEASE);
}

int
mlx5x_wanted_fd(const struct mlx5x_wanted *wanted)
{
	return wanted->fd;
}

bool
mlx5x_wanted_take(struct mlx5x_wanted *wanted, uint16_t *index)
{
	eventfd_t ignored;
	uint64_t pairs;

	/* Before the load, so that a later bit makes the descriptor readable again. */
	eventfd_read(wanted->fd, &ignored);
	/* Acquire; pairs with mlx5x_wanted_add(). */
	pairs = __atomic_load_n(&wanted->pairs, __ATOMIC_ACQUIRE);
	if (pairs == 0)
		return false;
	*index = __builtin_ctzll(pairs);
	__atomic_fetch_and(&wanted->pairs, ~(UINT64_C(1) << *index), __ATOMIC_ACQ_REL);
	return true;
}
